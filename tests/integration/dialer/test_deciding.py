"""The time an agent has for a card: shown, taken again, and over."""

from datetime import datetime, timedelta

import pytest

from campaigns.models import Campaign, CampaignLead
from dialer import selectors
from dialer.agentflow import AgentState
from dialer.models import AgentSession, Call
from dialer.services import deciding, dialing, offers, states
from tests.factories.world import World, add_lead, agree_to_be_called
from tests.integration.dialer.conftest import sign_on

pytestmark = pytest.mark.django_db
TIME = timedelta(seconds=30)


@pytest.fixture
def deciding_on(world: World, lead: CampaignLead, now: datetime) -> AgentSession:
    """Return Ana's session with a card she has 30 seconds for."""
    Campaign.objects.update(preview_seconds=30)
    return sign_on(world, now=now)


def end(world: World, session: AgentSession, now: datetime) -> str | None:
    session.refresh_from_db()
    return deciding.end_time(user_id=world.ana.pk, version=session.version, phone_id=None, now=now)


def test_without_a_limit_no_time_runs(at_work: AgentSession, world: World, now: datetime) -> None:
    assert at_work.decide_by is None
    with pytest.raises(states.NotAllowed, match="No time runs"):
        end(world, at_work, now + TIME)


def test_the_card_goes_back_and_the_agent_is_not_ready(
    deciding_on: AgentSession, world: World, lead: CampaignLead, now: datetime
) -> None:
    assert deciding_on.decide_by == now + TIME

    assert end(world, deciding_on, now + TIME) is None

    deciding_on.refresh_from_db()
    lead.refresh_from_db()
    assert (deciding_on.state, deciding_on.campaign_lead_id) == (AgentState.NOT_READY, None)
    assert "was over" in deciding_on.reason
    assert (lead.state, lead.next_try_at, lead.attempts) == ("ready", now + TIME, 0)
    assert not Call.objects.exists()


def test_a_window_whose_clock_is_ahead_changes_nothing(
    deciding_on: AgentSession, world: World, now: datetime
) -> None:
    with pytest.raises(states.NotAllowed, match="time left"):
        end(world, deciding_on, now + TIME - timedelta(seconds=2))

    deciding_on.refresh_from_db()
    assert deciding_on.state == AgentState.PREVIEW


def test_more_time_is_the_same_time_again(deciding_on: AgentSession, world: World, now: datetime) -> None:
    later = now + timedelta(seconds=25)

    deciding.take_more_time(user_id=world.ana.pk, version=deciding_on.version, now=later)

    deciding_on.refresh_from_db()
    assert deciding_on.decide_by == later + TIME


def test_it_dials_by_itself_where_the_rules_let_the_dialer_call(
    world: World, lead: CampaignLead, now: datetime
) -> None:
    Campaign.objects.update(preview_seconds=30, preview_then="dial")
    agree_to_be_called("+14075550123", now=now)
    session = sign_on(world, now=now)

    assert end(world, session, now + TIME) is None

    call = Call.objects.get()
    assert call.attempt.channel == "live_predictive"
    session.refresh_from_db()
    assert (session.state, session.decide_by) == (AgentState.ON_CALL, None)


def test_where_they_refuse_that_the_agent_decides(world: World, lead: CampaignLead, now: datetime) -> None:
    Campaign.objects.update(preview_seconds=30, preview_then="dial")
    session = sign_on(world, now=now)

    sentence = end(world, session, now + TIME)

    session.refresh_from_db()
    assert sentence is not None
    assert sentence.startswith("It does not dial this card by itself; you decide.")
    assert (session.state, session.decide_by, session.reason) == (AgentState.PREVIEW, None, sentence)
    assert not Call.objects.exists()
    assert (
        dialing.reserve(user_id=world.ana.pk, version=session.version, phone_id=None, now=now + TIME) is None
    )
    assert Call.objects.get().attempt.channel == "live_preview"


def test_cards_of_a_campaign_that_calls_by_itself_have_no_time(
    world: World, lead: CampaignLead, now: datetime
) -> None:
    Campaign.objects.update(preview_seconds=30, mode="progressive")
    session = sign_on(world, now=now)

    assert offers.offer_next(session_id=session.pk, by_hand=True, now=now)

    session.refresh_from_db()
    assert (session.state, session.decide_by) == (AgentState.PREVIEW, None)


def test_the_desk_is_told(deciding_on: AgentSession, world: World, now: datetime) -> None:
    add_lead(world, "+14075550124")

    view = selectors.live_session(world.ana.pk)

    assert view is not None
    assert (view.decide_by, view.dials_by_itself) == (now + TIME, False)
