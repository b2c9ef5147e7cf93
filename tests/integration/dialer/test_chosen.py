"""Click-to-dial: somebody chosen in the CRM gets the card and the call, by the gate; everything else is refused with its reason."""

from datetime import datetime

import pytest

from accounts.roles import Role
from campaigns.models import Campaign, CampaignLead
from campaigns.services import work
from campaigns.services.chosen import NotChosen
from compliance.models import ComplianceDecision
from compliance.services import suppress
from core import db
from core.errors import NotFound
from core.types import PhoneNumber
from dialer.models import AgentSession, Call
from dialer.services import agents, chosen, dialing
from tests.factories.world import World, add_lead, person
from tests.integration.dialer.conftest import sign_on

OTHER = "+14075550177"


@pytest.fixture
def other(world: World, lead: CampaignLead) -> CampaignLead:
    """Return somebody beside the lead whose card lies before Ana."""
    return add_lead(world, OTHER, first_name="Otto")


def press(world: World, now: datetime, ref: str = "salesforce:1:00Q0177", number: str = "") -> str | None:
    return chosen.dial(user_id=world.ana.pk, external_ref=ref, number=number, now=now)


def test_the_chosen_person_is_dialed_and_the_card_before_goes_back(
    world: World, lead: CampaignLead, other: CampaignLead, now: datetime
) -> None:
    session = sign_on(world, now=now)
    assert session.campaign_lead_id == lead.pk

    assert press(world, now) is None

    session.refresh_from_db()
    lead.refresh_from_db()
    call = Call.objects.get()
    assert (session.state, session.campaign_lead_id, call.number) == ("on_call", other.pk, OTHER)
    assert (lead.state, lead.next_try_at) == ("ready", now)
    assert ComplianceDecision.objects.get(pk=call.attempt.decision_id).outcome == "allow"


@pytest.mark.parametrize("number", ["(407) 555-0177", "+1 407 555 0177", "4075550177"])
def test_a_number_alone_finds_the_person(
    number: str, world: World, lead: CampaignLead, other: CampaignLead, now: datetime
) -> None:
    sign_on(world, now=now)

    assert press(world, now, ref="", number=number) is None
    assert Call.objects.get().number == OTHER


def test_a_pause_ends_with_the_call(world: World, other: CampaignLead, now: datetime) -> None:
    sign_on(world, now=now)
    agents.set_not_ready(user_id=world.ana.pk, reason="break", now=now)

    assert press(world, now) is None
    assert AgentSession.objects.get().state == "on_call"


def test_the_card_that_lies_there_already_is_dialed(world: World, lead: CampaignLead, now: datetime) -> None:
    sign_on(world, now=now)

    assert press(world, now, ref="salesforce:1:00Q0123") is None
    assert Call.objects.get().number == "+14075550123"


def test_the_gate_refuses_and_says_why(
    world: World, lead: CampaignLead, other: CampaignLead, now: datetime
) -> None:
    sign_on(world, now=now)
    with db.use_case():
        suppress(
            number=PhoneNumber(OTHER),
            seller=world.campaign.seller,
            reason="stop",
            raw_words="stop",
            heard_on="call",
            actor="ana",
            now=now,
        )

    said = press(world, now)

    assert said
    assert not Call.objects.exists()
    other.refresh_from_db()
    assert other.state == "finished"


def test_who_is_nowhere_in_the_campaign_is_not_called(
    world: World, lead: CampaignLead, now: datetime
) -> None:
    sign_on(world, now=now)

    for ref, number in (("salesforce:1:00QNOBODY", ""), ("", "+14075550999"), ("rest:9:x", "")):
        with pytest.raises(NotChosen, match="is on no list of “Spring solar”"):
            press(world, now, ref=ref, number=number)
    for number in ("nonsense", "12", "+1 407", "０４０７"):
        with pytest.raises((NotChosen, dialing.CannotDial)):
            press(world, now, ref="", number=number)
    assert not Call.objects.exists()


def test_a_number_of_two_people_needs_the_record(
    world: World, lead: CampaignLead, other: CampaignLead, now: datetime
) -> None:
    sign_on(world, now=now)
    add_lead(world, OTHER, first_name="Twin", external_ref="salesforce:1:00QTWIN")

    with pytest.raises(NotChosen, match="Open the record of the one you mean"):
        press(world, now, ref="", number=OTHER)
    assert press(world, now) is None


def test_a_number_that_is_not_the_persons_is_refused(
    world: World, lead: CampaignLead, other: CampaignLead, now: datetime
) -> None:
    sign_on(world, now=now)

    with pytest.raises(NotChosen, match="not among those we have"):
        press(world, now, number="+14075550123")
    assert AgentSession.objects.get().campaign_lead_id == lead.pk


def test_others_people_stay_theirs(
    world: World, lead: CampaignLead, other: CampaignLead, now: datetime
) -> None:
    sign_on(world, now=now)
    ben = person("benno", Role.AGENT)
    with db.use_case():
        work.hold(campaign_lead_id=other.pk, user_id=ben.pk, now=now)

    with pytest.raises(NotChosen, match="Another agent has this person"):
        press(world, now)
    CampaignLead.objects.filter(pk=other.pk).update(
        state="ready", held_by=None, held_at=None, callback_for=ben, is_callback=True
    )
    with pytest.raises(NotChosen, match="promised to call"):
        press(world, now)
    CampaignLead.objects.filter(pk=other.pk).update(
        state="finished", callback_for=None, is_callback=False, reason="Converted."
    )
    with pytest.raises(NotChosen, match="Nothing more is to be done"):
        press(world, now)


def test_an_agent_who_cannot_dial_is_told_what_to_do(
    world: World, lead: CampaignLead, other: CampaignLead, now: datetime
) -> None:
    with pytest.raises(NotFound, match="Open the desk"):
        press(world, now)
    sign_on(world, now=now)
    AgentSession.objects.update(leg_state="lost")
    with pytest.raises(dialing.CannotDial, match="Reconnect"):
        press(world, now)
    AgentSession.objects.update(leg_state="up")
    Campaign.objects.update(mode="predictive")
    with pytest.raises(dialing.CannotDial, match="dials by itself"):
        press(world, now)
    Campaign.objects.update(mode="preview")
    assert press(world, now) is None
    with pytest.raises(dialing.CannotDial, match="You are in a call"):
        press(world, now)
    assert Call.objects.count() == 1
