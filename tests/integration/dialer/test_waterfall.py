"""The waterfall against the slow way: every lead asked about by itself, at several hours, for several purposes."""

import inspect
import random
from collections import Counter
from dataclasses import fields
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from campaigns.merging import Order
from campaigns.models import Campaign, CampaignLead, Contact, ContactPhone, Lead
from campaigns.selectors.crowd import read_members
from campaigns.services import merging, work
from campaigns.services.merging import MergeRefused
from compliance.crowd import kinds
from compliance.crowd.sorting import sort_crowd
from compliance.crowd.steps import EARLIEST, STEP_OF, Step, held_at
from compliance.explaining import explain_fully
from compliance.models import (
    ConsentRecord,
    ContactLedger,
    ContactOutcome,
    DebtWish,
    DebtWishEnd,
    EmergencyArea,
    LiftRequest,
    LineRecord,
    Override,
    ReassignedCheck,
    RelationshipRecord,
    SellerRegistration,
    Suppression,
    SuppressionLift,
)
from compliance.rules import engine
from compliance.rules.codes import CODES
from compliance.rules.decision import Decision
from compliance.rules.facts import ContactFacts
from dialer.services import offers
from dialer.why.waterfall import OWN_WORDS, crowd_of, requests_about, waterfall
from tests.factories.world import (
    CALLER_ID,
    SELLER,
    World,
    add_attempt,
    agree_to_be_called,
    load_registry,
    load_state_list,
)

LEADS = 300
NUMBER = "+14075550123"  # of the fixture's lead
PLACES = [
    ("Orlando", "FL", "32801", "407"),
    ("Tampa", "Florida", "33602", "813"),
    ("Pensacola", "FL", "", "850"),
    ("Chicago", "IL", "60601", "312"),
    ("", "TX", "79901", "915"),
    ("El Paso", "TX", "", "915"),
    ("Portland", "OR", "97201", "503"),
    ("Phoenix", "AZ", "85001", "928"),
    ("New Orleans", "LA", "70112", "504"),
    ("Seattle", "WA", "98101", "206"),
    ("Boston", "MA", "", "617"),
    ("San Juan", "PR", "00901", "787"),
    ("", "", "", "212"),
    ("", "Nowhere", "00000", "646"),
    ("Brooklyn", "NY", "11201", "718"),
    ("Albany", "NY", "12207", "518"),
    ("Denver", "CO", "80202", "303"),
    ("Oklahoma City", "OK", "73102", "405"),
]
ODD_NUMBERS = [
    CALLER_ID,
    "+18005550123",
    "+14165550123",
    "+12505550123",
    "+442071838750",
    "+16715551234",
    "+12425550123",
    "+5215512345678",
    "+14079761234",  # charged to the caller, though its area code is Orlando's
    "+14075551212",
    "+19005550123",
    "+15005550123",
]
NIGHT = datetime(2026, 11, 24, 3, 30, tzinfo=ZoneInfo("UTC"))
SUNDAY = datetime(2026, 11, 22, 17, 5, tzinfo=ZoneInfo("UTC"))
EARLY = datetime(2026, 11, 23, 13, 20, tzinfo=ZoneInfo("UTC"))


class Maker:
    """Makes people of every kind."""

    def __init__(self, world: World, now: datetime) -> None:
        self.world, self.now, self.draw = world, now, random.Random(7)
        self.numbers: list[str] = []
        self.decisions = 0

    def maybe(self, share: float) -> bool:
        return self.draw.random() < share

    def ago(self, *, days: float) -> datetime:
        return self.now - timedelta(days=days)

    def age(self, *limits: int) -> timedelta:
        """Return an age, often right at a limit in days."""
        near = self.draw.choice(
            [
                timedelta(0),
                timedelta(seconds=1),
                timedelta(hours=-2),
                timedelta(hours=5),
                timedelta(minutes=-50),
            ]
        )
        return timedelta(days=self.draw.choice(limits)) + near

    def person(self) -> None:
        city, state, code, area = self.draw.choice(PLACES)
        contact = Contact.objects.create(
            first_name="Bo",
            last_name="Lee",
            city=city,
            state=state,
            postal_code=code,
            country=self.draw.choice(["", "", "", "USA", "Canada", "Mexico"]) if self.maybe(0.1) else "",
            stated_zone=self.draw.choice(["America/Chicago", "Mars/Phobos"]) if self.maybe(0.1) else "",
            crm_do_not_call=self.maybe(0.04),
            created_at=self.now,
            changed_at=self.now,
        )
        Lead.objects.create(lead_list=self.world.lead_list, contact=contact, added_at=self.now)
        for position in range(self.draw.choice([0, 1, 1, 1, 2, 3])):
            self.phone(contact, area, position)
        if self.maybe(0.93):
            self.lead(contact)
        if self.maybe(0.2):
            self.relationship(contact)

    def phone(self, contact: Contact, area: str, position: int) -> None:
        number = f"+1{area}{self.draw.randrange(200, 1000)}{self.draw.randrange(10_000):04}"
        if self.maybe(0.08):
            number = self.draw.choice(ODD_NUMBERS)
        elif self.maybe(0.1):
            number = f"+1{self.draw.choice(PLACES)[3]}5550{self.draw.randrange(1000):03}"
        elif self.maybe(0.05) and self.numbers:
            number = self.draw.choice(self.numbers)
        if contact.phones.filter(number=number).exists():
            return
        ContactPhone.objects.create(
            contact=contact,
            number=number,
            raw=number,
            kind="work" if self.maybe(0.1) else "main",
            position=position,
        )
        if number in self.numbers:
            return
        self.numbers.append(number)
        person = f"contact:{contact.pk}"
        if self.maybe(0.1):
            self.suppression(number, person)
        if self.maybe(0.5):
            self.line(number)
        if self.maybe(0.4):
            self.consent(number, person)
        if self.maybe(0.15):
            self.reassigned(number)
        if self.maybe(0.25):
            self.attempts(number, person)
        if self.maybe(0.05):
            self.override(number, person)
        if self.maybe(0.1):
            self.wish(number, person)

    def lead(self, contact: Contact) -> None:
        state = self.draw.choice(["ready"] * 8 + ["finished"])
        is_callback = state == "ready" and self.maybe(0.1)
        CampaignLead.objects.create(
            campaign=self.world.campaign,
            contact=contact,
            state=state,
            reason=self.draw.choice(["Not interested", "Wrong number"]) if state == "finished" else "",
            next_try_at=self.now + timedelta(hours=self.draw.choice([0, 0, 0, -5, 3, 9, 30])),
            is_callback=is_callback,
            callback_for=self.world.ana if is_callback and self.maybe(0.5) else None,
            callback_asked_at=self.ago(days=self.draw.choice([0.01, 1, 3, 8])) if is_callback else None,
            debt_ref=self.draw.choice(["", "A-1", "a-1", "B 2", "C"]),
            added_at=self.now,
        )

    def suppression(self, number: str, person: str) -> None:
        for _ in range(self.draw.choice([1, 1, 2])):
            scope = self.draw.choice(["seller", "seller", "everyone", "campaign"])
            row, _ = Suppression.objects.get_or_create(
                number=number,
                seller="" if scope == "everyone" else self.draw.choice([SELLER, "Another"]),
                scope=scope,
                kind=self.draw.choice(["do_not_call", "revoked", "wrong_number", "litigator"]),
                channels=self.draw.choice([[], ["sms"], ["live_preview"]]),
                campaign_ref=self.draw.choice([f"campaign:{self.world.campaign.pk}", "campaign:99"])
                if scope == "campaign"
                else "",
                person_ref=self.draw.choice(["", person, "contact:999999", "lead:1"]),
                reason="asked",
                heard_on="phone",
                recorded_by="test",
                at=self.ago(days=self.draw.uniform(1, 400)),
            )
            if self.maybe(0.3) and not SuppressionLift.objects.filter(suppression=row).exists():
                self.lift(row, number, person)

    def lift(self, row: Suppression, number: str, person: str) -> None:
        consent = self.consent(number, person)
        LiftRequest.objects.create(
            suppression=row, consent=consent, reason="x", requested_by="a", at=self.now
        )
        SuppressionLift.objects.create(
            suppression=row, consent=consent, requested_by="a", approved_by="b", reason="x", at=self.now
        )

    def consent(self, number: str, person: str) -> ConsentRecord:
        count = ConsentRecord.objects.count()
        digest = f"{count:064x}"
        given = self.ago(days=self.draw.choice([-1, 0.01, 5, 100, 300]))
        until = given + timedelta(days=self.draw.choice([5, 5.2, 100, 100.3, 1000]))
        return ConsentRecord.objects.create(
            number=number if self.maybe(0.9) else "+12125550999",
            person_ref=self.draw.choice([person, person, "", "contact:999999", "lead:1"]),
            kind=self.draw.choice(["conversation", "pec", "pewc"]),
            sellers=self.draw.choice([[SELLER], [SELLER], [], ["Another"]]),
            obtained_by=self.draw.choice([SELLER, "Vendor"]),
            given_at=given,
            valid_until=until if self.maybe(0.4) else None,
            purposes=self.draw.choice([[], ["survey"], ["telemarketing"]]),
            channels=self.draw.choice([[], [], ["sms"]]),
            text_shown="I agree",
            text_sha256="0" * 64,
            signature=self.draw.choice(["checkbox", ""]),
            authorises_automation=self.maybe(0.7),
            not_a_condition=self.maybe(0.7),
            agrees_to_be_called=self.maybe(0.5),
            source="form",
            **({"asked_how": "form", "asked_words": "Call me", "asked_at": given} if self.maybe(0.8) else {}),
            recorded_by="test",
            recorded_at=self.now,
            fingerprint=digest,
            position=count + 2,
            prev_hash="1" * 64,
            row_hash=digest,
        )

    def line(self, number: str) -> None:
        account = self.draw.choice(["acme", "zeta"]) if self.maybe(0.1) else ""
        LineRecord.objects.create(
            number=number,
            type=self.draw.choice(["wireless", "landline_res", "landline_biz", "voip"]),
            checked_at=self.now - self.age(1, 15, 30, 44, 45, 46, 90),
            ported_at=self.ago(days=self.draw.choice([1, 200])) if self.maybe(0.2) else None,
            protected="911 centre" if self.maybe(0.03) else "",
            account=account,
            recorded_by="test",
            recorded_at=self.now,
        )

    def reassigned(self, number: str) -> None:
        for _ in range(self.draw.choice([1, 2])):
            ReassignedCheck.objects.create(
                number=number,
                since=self.ago(days=self.draw.choice([4, 5, 99, 100, 101, 400])).date(),
                answer=self.draw.choice(["no", "no", "yes", "no_data"]),
                checked_at=self.now - self.age(1, 15, 30, 31, 45, 60),
                recorded_by="test",
            )

    def relationship(self, contact: Contact) -> None:
        today = self.now.date()
        RelationshipRecord.objects.create(
            person_ref=f"contact:{contact.pk}",
            seller=self.draw.choice([SELLER, SELLER, "Another"]),
            source=self.draw.choice(["CRM", "orders"]),
            last_purchase_on=today - timedelta(days=self.draw.choice([5, 179, 180, 545, 548, 700])),
            last_inquiry_on=today - timedelta(days=self.draw.choice([5, 89, 92, 200]))
            if self.maybe(0.5)
            else None,
            customer=self.maybe(0.4),
            personal=self.maybe(0.05),
            recorded_by="test",
            at=self.now,
        )

    def attempts(self, number: str, person: str) -> None:
        for _ in range(self.draw.choice([1, 2, 3, 4, 8])):
            at = self.now - self.draw.choice(
                [
                    timedelta(hours=1),
                    timedelta(hours=23, minutes=59),
                    timedelta(hours=24),
                    timedelta(days=3),
                    timedelta(days=7),
                ]
            )
            self.decisions += 1
            ContactLedger.objects.create(
                decision_id=self.decisions,
                number=number,
                person_ref=self.draw.choice([person, "", "contact:1"]),
                channel=self.draw.choice(["live_preview", "sms"]),
                purpose=self.world.campaign.purpose,
                seller=SELLER,
                campaign_ref=f"campaign:{self.world.campaign.pk}",
                attempt_ref="x",
                caller_id="+12125550100",
                subject=self.draw.choice(["", "debt", "debt:a-1", "debt:a-1", "debt:b 2", "campaign:9"]),
                with_consent=self.maybe(0.5),
                at=at,
            )
            if self.maybe(0.6):
                connected = self.maybe(0.5)
                ContactOutcome.objects.create(
                    decision_id=self.decisions,
                    connected=connected,
                    conversation=connected and self.maybe(0.5),
                    abandoned=False,
                    machine=connected and self.maybe(0.2),
                    at=at,
                )

    def wish(self, number: str, person: str) -> None:
        hours = self.draw.choice([None, (time(9), time(17)), (time(18), time(12)), (time(0), time(8, 30))])
        wish = DebtWish.objects.create(
            number=number,
            person_ref=self.draw.choice([person, "", "contact:1"]),
            not_from=hours and hours[0],
            not_until=hours and hours[1],
            not_days=self.draw.choice([[], [0, 1], [6]]),
            not_here=hours is None or self.maybe(0.2),
            raw_words="not then",
            heard_on="phone",
            recorded_by="test",
            at=self.now,
        )
        if self.maybe(0.2):
            DebtWishEnd.objects.create(wish=wish, raw_words="any time", recorded_by="test", at=self.now)

    def override(self, number: str, person: str) -> None:
        Override.objects.create(
            code=self.draw.choice(["DNC_NATIONAL", "FREQ_STATE", "MOBILE_BAN", "RND_RISK", "CONSENT_PEWC"]),
            number=self.draw.choice([number, ""]),
            person_ref=person,
            campaign_ref=self.draw.choice(["", f"campaign:{self.world.campaign.pk}"]),
            reason="x",
            by="sol",
            at=self.ago(days=1),
            until=self.now + timedelta(hours=self.draw.choice([-1, 2, 100])),
        )


def fill(world: World, now: datetime, **declared: str) -> Maker:
    """Make the people, registries, an emergency, and registrations that lack two states; `declared` of the campaign."""
    Campaign.objects.filter(pk=world.campaign.pk).update(**declared)
    world.campaign.refresh_from_db()
    maker = Maker(world, now)
    for _ in range(LEADS):
        maker.person()
    load_registry(now, maker.draw.sample([one for one in maker.numbers if one.startswith("+1")], 60))
    load_state_list(now, "FL", [one for one in maker.numbers if one.startswith("+1407")][:5])
    SellerRegistration.objects.filter(state__in=["WA", "OK"]).delete()
    EmergencyArea.objects.create(
        state="LA",
        area="Orleans",
        zips=["701"],
        since=maker.ago(days=2),
        declared_by="Governor",
        recorded_by="t",
        recorded_at=now,
    )
    return maker


def slow(world: World, now: datetime) -> dict[tuple[int, str], tuple[Step, str, str]]:
    """Ask the gate about every number of every person."""
    found = {}
    channel = offers.channel_of(world.campaign)
    own = offers.campaign_facts(world.campaign, channel, now=now)
    leads = {lead.contact_id: lead for lead in CampaignLead.objects.order_by("id")}
    for contact in Contact.objects.prefetch_related("phones").order_by("id"):
        item = work.item_of(contact, leads.get(contact.pk))
        requests = [
            offers.request_for(world.campaign, item, phone, own=own, channel=channel, attempt_ref="why")
            for phone in item.phones
        ]
        for phone, answer in zip(item.phones, explain_fully(requests, now=now), strict=True):
            check_earliest(answer.decision)
            held = held_at(answer.decision, zone=answer.zone, now=now)
            found[contact.pk, str(phone.number)] = (*held, answer.zone)
    return found


def check_earliest(decision: Decision) -> None:
    """Hold the table of steps that rules deny at to what they do."""
    for rule, verdict in zip(engine.RULES, decision.verdicts, strict=True):
        assert not verdict.code or STEP_OF[verdict.code] >= EARLIEST.get(rule.__name__, Step.DIALABLE), (
            verdict
        )


def test_rules_with_an_earliest_step_name_no_code_of_an_earlier_one() -> None:
    rules = {rule.__name__: rule for rule in engine.RULES}

    for name, earliest in EARLIEST.items():
        source = inspect.getsource(rules[name])
        named = {code for code in CODES if f'"{code}"' in source}
        assert all(STEP_OF[code] >= earliest for code in named), (name, named)


@pytest.mark.slow_test
@pytest.mark.parametrize(
    ("declared", "at"),
    [
        ({"purpose": "telemarketing"}, None),
        pytest.param({"purpose": "telemarketing"}, NIGHT, marks=pytest.mark.slow_lane),
        ({"purpose": "telemarketing", "mode": "progressive"}, SUNDAY),
        pytest.param({"purpose": "telemarketing", "mode": "progressive"}, None, marks=pytest.mark.slow_lane),
        pytest.param(
            {"purpose": "telemarketing", "audience": "businesses"}, EARLY, marks=pytest.mark.slow_lane
        ),
        pytest.param(
            {"purpose": "telemarketing", "audience": "supplies", "mode": "progressive"},
            None,
            marks=pytest.mark.slow_lane,
        ),
        pytest.param({"purpose": "charity", "made_by": "nonprofit"}, None, marks=pytest.mark.slow_lane),
        pytest.param(
            {"purpose": "charity", "made_by": "fundraiser", "mode": "progressive"},
            None,
            marks=pytest.mark.slow_lane,
        ),
        ({"purpose": "survey"}, EARLY),
        pytest.param({"purpose": "debt"}, None, marks=pytest.mark.slow_lane),
        pytest.param({"purpose": "debt", "mode": "progressive"}, None, marks=pytest.mark.slow_lane),
    ],
)
def test_it_counts_what_asking_about_every_lead_gives(
    world: World, now: datetime, declared: dict[str, str], at: datetime | None
) -> None:
    now = at or now
    fill(world, now, **declared)
    assert merge_some(now)

    truth = slow(world, now)
    members = read_members(world.campaign.pk, with_debts=declared["purpose"] == "debt")
    crowd = crowd_of(members, np.ones(len(members.numbers), bool))
    found = sort_crowd(crowd, requests_about(world.campaign, crowd, now), now=now)

    fast = {
        (int(crowd.persons[line]), f"+{crowd.numbers[line]}"): (
            Step(int(found.steps[line])),
            found.codes[found.reasons[line]],
            found.zones[found.likely[line]],
        )
        for line in range(len(crowd))
    }
    assert {key: (fast[key], truth[key]) for key in truth if fast[key] != truth[key]} == {}
    assert len({step for step, _, _ in truth.values()}) >= 5  # the people are of every kind
    check_counts(world, truth, now)


def merge_some(now: datetime) -> int:
    """Make one person of some pairs, whatever is on record about either; return how many."""
    ids = list(Contact.objects.order_by("id").values_list("pk", flat=True))
    merged = 0
    for place in range(0, len(ids) - 1, 7):
        try:
            order = Order(survivor=ids[place], merged=[ids[place + 1]], values={})
            merging.merge(order, by="mia", now=now - timedelta(minutes=1))
        except MergeRefused:
            continue
        merged += 1
    return merged


def check_counts(world: World, truth: dict[tuple[int, str], tuple[Step, str, str]], now: datetime) -> None:
    """Count leads step by step from the truth about their numbers, and compare with the waterfall."""
    leads = {lead.contact_id: lead for lead in CampaignLead.objects.order_by("id")}
    lost: Counter[Step] = Counter()
    for contact in Contact.objects.prefetch_related("phones").order_by("id"):
        lead = leads.get(contact.pk)
        if lead is None or lead.state == "finished":
            continue
        phones = sorted(contact.phones.all(), key=lambda phone: (phone.position, phone.pk))
        best = max(
            (truth[contact.pk, phone.number] for phone in phones),
            key=lambda each: each[0],
            default=(Step.DIALABLE, "", ""),
        )
        lost[lead_step(world.campaign, lead, best, now)] += 1
    found = waterfall(world.campaign.pk, now=now)

    left = sum(lost.values())
    assert [step.leads for step in found.steps[:2]] == [Contact.objects.count(), left]
    for step, count in zip(list(Step)[:-1], found.steps[2:], strict=True):
        left -= lost[step]
        assert (count.leads, count.lost) == (left, lost[step]), count.name
        assert sum(reason.leads for reason in count.reasons) <= count.lost


def lead_step(campaign: Campaign, lead: CampaignLead, best: tuple[Step, str, str], now: datetime) -> Step:
    step, _, zone = best
    here = ZoneInfo(zone or "UTC")
    if step > Step.TODAY and campaign.mode == "progressive" and lead.callback_for_id is not None:
        return Step.TODAY  # promised by one agent: the dialer calls for whoever is free
    if step > Step.TODAY and lead.next_try_at.astimezone(here).date() > now.astimezone(here).date():
        return Step.TODAY
    if step > Step.NOW and lead.next_try_at > now:
        return Step.NOW
    return step


def test_every_refusal_belongs_to_a_step_and_every_fact_to_a_part() -> None:
    facts = {each.name for each in fields(ContactFacts) if each.init}

    assert set(STEP_OF) == set(CODES)
    assert facts <= kinds.SAME | set(kinds.PART_OF)  # the same for a whole campaign, or part of a kind


def test_a_call_one_agent_promised_is_not_counted_where_the_dialer_calls_for_whoever_is_free(
    lead: CampaignLead, world: World, now: datetime
) -> None:
    CampaignLead.objects.update(is_callback=True, callback_asked_at=now, callback_for=world.ana)
    before = waterfall(world.campaign.pk, now=now)
    Campaign.objects.update(mode="progressive")
    agree_to_be_called(NUMBER, now=now)

    found = waterfall(world.campaign.pk, now=now)

    assert (before.callable_today, before.callable_now) == (1, 1)
    assert (found.steps[-3].leads, found.callable_today, found.callable_now) == (1, 0, 0)
    assert [reason.text for reason in found.steps[-2].reasons] == [OWN_WORDS["PROMISED"]]


def test_a_number_with_a_call_under_way_is_not_counted_as_callable_now(
    lead: CampaignLead, world: World, now: datetime
) -> None:
    other = Contact.objects.create(first_name="Al", last_name="Lee", created_at=now, changed_at=now)
    theirs = CampaignLead.objects.create(
        campaign=world.campaign, contact=other, state="finished", next_try_at=now, added_at=now
    )
    add_attempt(theirs, NUMBER, state="reserved", now=now)

    found = waterfall(world.campaign.pk, now=now)

    assert (found.callable_today, found.callable_now) == (1, 0)
    assert [reason.text for reason in found.steps[-1].reasons] == [OWN_WORDS["NUMBER_BUSY"]]


def test_a_draft_counts_the_people_it_would_take(world: World, now: datetime) -> None:
    Maker(world, now).person()
    CampaignLead.objects.all().delete()
    Campaign.objects.update(state="draft")

    found = waterfall(world.campaign.pk, now=now)

    assert [step.leads for step in found.steps[:2]] == [1, 1]


def test_an_empty_campaign_counts_nobody(world: World, now: datetime) -> None:
    found = waterfall(world.campaign.pk, now=now)

    assert {step.leads for step in found.steps} == {0}


@pytest.mark.slow_lane
def test_the_queries_do_not_grow_with_the_people(
    world: World, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    fill(world, now)

    with django_assert_max_num_queries(60):
        waterfall(world.campaign.pk, now=now)
