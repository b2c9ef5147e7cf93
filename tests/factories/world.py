"""A small world in one call: people, a list, a running preview campaign, a registry copy."""

from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta

from accounts.models import User
from accounts.roles import Role
from campaigns.models import (
    Campaign,
    CampaignAgent,
    CampaignLead,
    Contact,
    ContactPhone,
    Disposition,
    DispositionSet,
    Lead,
    LeadList,
    Script,
    ScriptVersion,
)
from campaigns.services import versions
from campaigns.services.campaigns import frozen, setup_of
from campaigns.services.standard_messages import ensure_standard
from carriers.models import CallerNumber
from compliance.models import CallerAuthority, OpenClearance, SellerRegistration
from compliance.rules.decision import Bound
from compliance.rules.facts import Channel, ConsentKind, Purpose, ReassignedAnswer
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.services import (
    Cleared,
    ContactRequest,
    NewConsent,
    Source,
    clear_to_contact,
    consume_clearance,
    grant_consent,
    import_dnc,
    record_reassigned_check,
)
from core import db
from core.types import PhoneNumber
from dialer.models import DialAttempt

SELLER = "Northwind Home Energy"
CALLER_ID = "+14075550100"
LISTED = "+14075550199"  # on the national registry

RESULTS = [
    ("interested", "Interested", "conversion", None),
    ("not_interested", "Not interested", "contact", None),
    ("callback", "Callback", "callback", None),
    ("left_message", "Left a message", "no_contact", 1440),
    ("no_answer", "No answer", "no_contact", 240),
    ("busy", "Busy", "no_contact", 30),
    ("wrong_number", "Wrong number", "wrong_number", None),
    ("failed", "Failed", "no_contact", 1440),
    ("do_not_call", "Do not call", "do_not_call", None),
]


@dataclass
class World:
    """What the tests need to name."""

    ana: User
    sol: User
    mia: User
    nil: User
    campaign: Campaign
    lead_list: LeadList
    now: datetime


def person(username: str, role: Role) -> User:
    """Add a person who can sign in with the password of all tests."""
    return User.objects.create_user(
        username=username,
        password="a-password-for-tests",
        email=f"{username}@parley.example",
        first_name=username.title(),
        role=role,
    )


def load_registry(now: datetime, numbers: list[str] | None = None, *, as_of: date | None = None) -> None:
    """Load a registry copy for the seller."""
    with db.use_case():
        import_dnc(
            lines=numbers or [LISTED],
            name="national",
            seller=SELLER,
            san="12345",
            as_of=as_of or (now - timedelta(days=3)).date(),
            file_sha256="0" * 64,
            actor="test",
            now=now,
        )


def give_papers(now: datetime, *, seller: str = SELLER, caller_id: str = CALLER_ID) -> None:
    """Give the seller what every state asks for: registrations, a proven caller ID. Made in one go: many tests want them."""
    stamp = {"recorded_by": "test", "recorded_at": now}
    SellerRegistration.objects.bulk_create(
        (
            SellerRegistration(
                seller=seller,
                state=state,
                certificate=f"{state}-1",
                valid_from=(now - timedelta(days=365)).date(),
                **stamp,
            )
            for state in STATE_NAMES
        ),
        ignore_conflicts=True,
    )
    caller = CallerAuthority(
        number=caller_id,
        seller=seller,
        authority="contract 1",
        takes_requests=True,
        tested_on=(now - timedelta(days=3)).date(),
        **stamp,
    )
    CallerAuthority.objects.bulk_create([caller], ignore_conflicts=True)


def load_state_list(
    now: datetime, state: str = "FL", numbers: list[str] | None = None, *, seller: str = SELLER
) -> None:
    """Load a copy of a state-run list for the seller; without numbers, one that no test calls."""
    with db.use_case():
        import_dnc(
            lines=numbers or ["+14075550198"],
            name=state,
            seller=seller,
            san="12345",
            as_of=(now - timedelta(days=3)).date(),
            file_sha256="0" * 64,
            actor="test",
            now=now,
        )


def make_world(now: datetime) -> World:
    """Build it."""
    load_registry(now)
    load_state_list(now)
    give_papers(now)
    CallerNumber.objects.create(number=CALLER_ID, label="Orlando")
    results = DispositionSet.objects.create(name="Standard sales")
    for code, label in (("machine", "Answering machine"), ("hung_up", "Hung up"), ("abandoned", "Abandoned")):
        Disposition.objects.create(
            disposition_set=results,
            code=code,
            label=label,
            category="no_contact",
            automatic=True,
            position=99,
            retry_minutes=240,
        )
    for index, (code, label, category, retry) in enumerate(RESULTS):
        Disposition.objects.create(
            disposition_set=results,
            code=code,
            label=label,
            category=category,
            hotkey=str(index + 1),
            position=index,
            retry_minutes=retry,
        )
    script = Script.objects.create(name="Solar")
    version = ScriptVersion.objects.create(
        script=script,
        number=1,
        body="Hello {first_name}, this is {agent_name} for {seller}.\n\nIs {company} …",
        created_at=now,
        created_by="mia",
    )
    ana = person("ana", Role.AGENT)
    lead_list = LeadList.objects.create(name="Spring", created_at=now)
    campaign = Campaign.objects.create(
        name="Spring solar",
        version=1,
        purpose="telemarketing",
        state=Campaign.State.RUNNING,
        state_changed_at=now,
        seller=SELLER,
        caller_id=CALLER_ID,
        script_version=version,
        disposition_set=results,
        window_opens=time(9),
        window_closes=time(20),
        created_at=now,
    )
    campaign.lists.add(lead_list)
    with db.use_case():
        ensure_standard(seller=SELLER, caller_id=CALLER_ID, purpose=Purpose.TELEMARKETING, now=now)
        versions.append(campaign, frozen(setup_of(campaign)), by_name="mia", now=now)
    CampaignAgent.objects.create(campaign=campaign, user=ana)
    return World(
        ana=ana,
        sol=person("sol", Role.SUPERVISOR),
        mia=person("mia", Role.MANAGER),
        nil=person("nil", Role.COMPLIANCE),
        campaign=campaign,
        lead_list=lead_list,
        now=now,
    )


def add_lead(world: World, number: str = "+14075550123", **changes: object) -> CampaignLead:
    """Add a person in Orlando with one number to the list and the campaign."""
    values: dict[str, object] = {
        "first_name": "Maria",
        "last_name": "Alvarez",
        "company": "Alvarez Roofing",
        "city": "Orlando",
        "state": "FL",
        "postal_code": "32801",
        "external_ref": f"salesforce:1:00Q{number[-4:]}",
    }
    contact = Contact.objects.create(**{**values, **changes}, created_at=world.now, changed_at=world.now)
    ContactPhone.objects.create(contact=contact, number=number, raw=number, kind="main")
    Lead.objects.create(lead_list=world.lead_list, contact=contact, added_at=world.now)
    return CampaignLead.objects.create(
        campaign=world.campaign, contact=contact, next_try_at=world.now, added_at=world.now
    )


def bound_of(decision_id: int) -> Bound:
    """Return what the decision's clearance is good for; of no clearance, something."""
    row = OpenClearance.objects.filter(decision_id=decision_id).first()
    names = [each.name for each in fields(Bound)]
    return Bound(**{name: getattr(row, name) if row else "none" for name in names})


def clear_number(number: str, *, now: datetime) -> int:
    """Ask the gate for leave to call a number in Orlando; return the decision's id."""
    request = ContactRequest(
        number=PhoneNumber(number),
        channel=Channel.LIVE_PREVIEW,
        purpose=Purpose.TELEMARKETING,
        seller=SELLER,
        campaign_ref="campaign:0",
        person_ref=f"contact:{number}",
        attempt_ref=f"attempt:{number}",
        caller_id=PhoneNumber(CALLER_ID),
        ring_seconds=25,
        postal_code="32801",
        state="FL",
        city="Orlando",
    )
    with db.use_case():
        [answer] = clear_to_contact([request], now=now)
    assert isinstance(answer, Cleared), answer.decision.sentence
    return answer.decision_id


def add_attempt(lead: CampaignLead, number: str, *, state: str, now: datetime) -> DialAttempt:
    """Add an attempt that was cleared, as the database demands, and is in this state."""
    decision_id = clear_number(number, now=now)
    if state != "reserved":
        with db.use_case():
            consume_clearance(decision_id=decision_id, bound=bound_of(decision_id), now=now)
    return DialAttempt.objects.create(
        campaign_lead=lead,
        number=number,
        caller_id=CALLER_ID,
        decision_id=decision_id,
        channel=Channel.LIVE_PREVIEW,
        state=state,
        state_at=now,
        reserved_at=now,
    )


def agree_to_be_called(number: str, *, now: datetime, channels: frozenset[Channel] = frozenset()) -> None:
    """Give the written consent that calls of a dialer need in Florida, asked of the reassigned-numbers database since."""
    given_at = now - timedelta(days=30)
    with db.use_case():
        grant_consent(
            NewConsent(
                number=PhoneNumber(number),
                kind=ConsentKind.PEWC,
                obtained_by=SELLER,
                given_at=given_at,
                source=Source.FORM,
                sellers=frozenset({SELLER}),
                text_shown=f"I agree that {SELLER} may call me with an automated system. I need not agree in order to buy.",
                page_url="https://northwind.example/energy-check",
                language="en",
                signature="typed name",
                authorises_automation=True,
                not_a_condition=True,
                channels=channels,
                agrees_to_be_called=True,
            ),
            recorded_by="test",
            now=now,
        )
        record_reassigned_check(
            number=PhoneNumber(number),
            since=given_at.date(),
            answer=ReassignedAnswer.NO,
            checked_at=now,
            database_version="test",
            actor="test",
            now=now,
        )
