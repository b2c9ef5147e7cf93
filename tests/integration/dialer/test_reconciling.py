"""News that a lost webhook did not bring, from the carrier's own list: joins, holds, ends, agents' legs."""

from datetime import datetime, timedelta

import pytest

from carriers.events import CarrierNews
from carriers.protocol import CarrierError
from dialer.models import AgentSession, Call, CallEvent
from dialer.services import agents, calls, controls, legs, reconciling
from dialer.urls_out import call_callbacks, conference_events_url
from tests.factories.world import World
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.test_calls import answered, call, post, session_of, status

__all__ = ["call"]  # a fixture
CLOCK = timedelta(seconds=5)  # the webhooks' clock is so far ahead of `now`


@pytest.fixture
def picked_up(call: Call, now: datetime) -> Call:
    """Return a call that was answered, with an agent, whose "participant joined" never came."""
    post(call_callbacks(call.attempt_id).status_url, status(call, "in-progress", 1))
    calls.sweep_webhooks(now=now + timedelta(minutes=1))
    call.refresh_from_db()
    assert (call.state, call.answered_at, call.bridged_at) == ("answered", now + CLOCK, None)
    return call


def is_listed(carrier: FakeCarrier, call: Call, news: CarrierNews = CarrierNews.ANSWERED) -> None:
    """Let the carrier's list say how the call stands."""
    carrier.listed = [each for each in carrier.listed if each.ref != call.carrier_ref]
    carrier.list_call(
        ref=str(call.carrier_ref),
        to=call.number,
        caller_id=call.caller_id,
        news=news,
        created_at=call.created_at,
        duration_seconds=7 if news is CarrierNews.COMPLETED else None,
    )


def is_joined(carrier: FakeCarrier, call: Call, at: datetime, *, held: bool = False) -> None:
    """Let the carrier's list have the person in their agent's conference."""
    carrier.join(session_of(call).conference_name, str(call.carrier_ref), at=at, held=held)


def reconciled(call: Call, at: datetime) -> Call:
    reconciling.reconcile(now=at)
    call.refresh_from_db()
    return call


def test_a_lost_join_is_read_from_the_carriers_list_within_seconds(
    picked_up: Call, carrier: FakeCarrier, now: datetime
) -> None:
    is_listed(carrier, picked_up)
    is_joined(carrier, picked_up, now + CLOCK)

    found = reconciled(picked_up, now + CLOCK + timedelta(seconds=4))

    assert found.state == "connected"
    assert session_of(found).state == "on_call"


def test_a_person_whose_join_was_not_told_heard_the_agent_when_the_list_says_so(
    picked_up: Call, carrier: FakeCarrier, now: datetime
) -> None:
    is_listed(carrier, picked_up)
    is_joined(carrier, picked_up, now + CLOCK)

    found = reconciled(picked_up, now + timedelta(minutes=1))

    # A whole second later than the list, which counts seconds: in time all the same.
    assert (found.bridged_at, found.abandoned) == (now + CLOCK + timedelta(seconds=1), False)


def test_a_join_the_list_has_too_late_counts_as_abandoned(
    picked_up: Call, carrier: FakeCarrier, now: datetime
) -> None:
    is_listed(carrier, picked_up)
    is_joined(carrier, picked_up, now + CLOCK + timedelta(seconds=2))

    found = reconciled(picked_up, now + timedelta(minutes=1))

    assert (found.state, found.abandoned) == ("connected", True)


def test_a_join_before_the_answer_by_the_carriers_clock_is_at_the_answer(
    picked_up: Call, carrier: FakeCarrier, now: datetime
) -> None:
    is_listed(carrier, picked_up)
    is_joined(carrier, picked_up, now)

    found = reconciled(picked_up, now + timedelta(minutes=1))

    assert found.bridged_at == found.answered_at


def test_a_person_who_is_in_no_conference_is_not_shown_as_connected(
    picked_up: Call, carrier: FakeCarrier, now: datetime
) -> None:
    is_listed(carrier, picked_up)

    assert reconciled(picked_up, now + timedelta(minutes=1)).state == "answered"


def test_a_person_who_is_alone_in_the_conference_is_not_shown_as_connected(
    picked_up: Call, carrier: FakeCarrier, now: datetime
) -> None:
    is_listed(carrier, picked_up)
    carrier.join(session_of(picked_up).conference_name, str(picked_up.carrier_ref), at=now, has_begun=False)

    assert reconciled(picked_up, now + timedelta(minutes=1)).state == "answered"


def test_an_agents_line_that_ended_unheard_is_found_when_their_person_does_not_reach_them(
    picked_up: Call, carrier: FakeCarrier, now: datetime
) -> None:
    is_listed(carrier, picked_up)
    leg = session_of(picked_up).leg_ref
    carrier.list_call(
        ref=leg, to="client:agent", caller_id=picked_up.caller_id, news=CarrierNews.COMPLETED, created_at=now
    )

    reconciling.reconcile(now=now + timedelta(minutes=1))

    session = session_of(picked_up)
    assert (session.leg_state, session.leg_ref, session.former_leg_ref) == ("connecting", "", leg)


@pytest.mark.parametrize(("held", "state"), [(True, "on_hold"), (False, "connected")])
def test_holding_follows_the_carriers_list(
    call: Call, carrier: FakeCarrier, now: datetime, held: bool, state: str
) -> None:
    answered(call, now)
    if not held:
        Call.objects.filter(pk=call.pk).update(state="on_hold", held_since=now)
    is_listed(carrier, call)
    is_joined(carrier, call, now, held=held)

    found = reconciled(call, now + timedelta(minutes=1))

    assert (found.state, found.held_since is not None) == (state, held)


def test_a_quiet_conversation_is_asked_about_every_half_minute_only(
    call: Call, carrier: FakeCarrier, now: datetime
) -> None:
    answered(call, now)
    is_listed(carrier, call)
    is_joined(carrier, call, now)

    asked = [reconciling.reconcile(now=now + timedelta(seconds=second)) for second in range(60, 120, 3)]

    assert sum(asked) == 2


def test_an_end_that_was_not_told_frees_an_agent_who_hung_up_within_seconds(
    call: Call, carrier: FakeCarrier, world: World, now: datetime
) -> None:
    answered(call, now)
    pressed = now + timedelta(seconds=10)
    controls.ask(user_id=world.ana.pk, action="hang_up", now=pressed)
    controls.control(call_id=call.pk, action="hang_up")
    is_listed(carrier, call, CarrierNews.COMPLETED)

    found = reconciled(call, pressed + timedelta(seconds=4))

    assert (found.outcome, session_of(found).state) == ("answered", "wrap_up")
    assert carrier.hung_up == [found.carrier_ref]


def test_an_end_that_was_not_told_is_found_within_seconds_of_the_person_leaving_the_conference(
    call: Call, carrier: FakeCarrier, now: datetime
) -> None:
    answered(call, now)
    params = {
        "CallSid": str(call.carrier_ref),
        "StatusCallbackEvent": "participant-leave",
        "ConferenceSid": "CF1",
    }
    post(conference_events_url(int(call.session_id or 0)), params)
    calls.sweep_webhooks(now=now + timedelta(minutes=1))
    is_listed(carrier, call, CarrierNews.COMPLETED)

    found = reconciled(call, now + CLOCK + timedelta(seconds=4))

    assert (found.outcome, session_of(found).state) == ("answered", "wrap_up")


def test_a_call_the_carrier_does_not_answer_about_is_hung_up_again(
    call: Call, carrier: FakeCarrier, world: World, now: datetime
) -> None:
    answered(call, now)
    controls.ask(user_id=world.ana.pk, action="hang_up", now=now)
    carrier.fail_next = CarrierError("The carrier did not answer in time.", kind="unknown")

    reconciling.reconcile(now=now + timedelta(minutes=1))

    assert carrier.hung_up == [call.carrier_ref]


def test_a_call_that_is_under_way_and_just_heard_of_is_not_asked_about(
    call: Call, carrier: FakeCarrier, now: datetime
) -> None:
    events = CallEvent.objects.filter(call=call).count()

    asked = reconciling.reconcile(now=now + timedelta(seconds=20))

    assert (asked, CallEvent.objects.filter(call=call).count()) == (0, events)


@pytest.mark.parametrize(
    ("news", "leg_state"),
    [
        (CarrierNews.ANSWERED, "up"),
        (CarrierNews.COMPLETED, "lost"),
        (CarrierNews.NO_ANSWER, "lost"),
        (CarrierNews.RINGING, "connecting"),
    ],
)
def test_an_agents_leg_whose_news_were_lost_is_settled_by_the_list(
    world: World, carrier: FakeCarrier, now: datetime, news: CarrierNews, leg_state: str
) -> None:
    session_id = agents.sign_on(user_id=world.ana.pk, campaign_id=world.campaign.pk, now=now)
    legs.connect_leg(session_id=session_id, now=now)
    leg = AgentSession.objects.get(pk=session_id).leg_ref
    carrier.list_call(ref=leg, to="client:agent", caller_id="+14075550100", news=news, created_at=now)

    reconciling.reconcile(now=now + timedelta(seconds=7))

    session = AgentSession.objects.get(pk=session_id)
    assert session.leg_state == leg_state
