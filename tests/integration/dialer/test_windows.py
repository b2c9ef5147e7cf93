"""The desk in several windows: the newest works it, the voice follows without a break, the others act no more; and who is there."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import TestCase

from campaigns.models import Campaign
from carriers.protocol import CarrierError
from core.errors import AppError
from dialer import jobs as names
from dialer import selectors
from dialer.models import AgentSession, Call
from dialer.presence import may_take_a_call
from dialer.services import agents, legs, offers, states
from tests.factories.world import World, add_lead
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.conftest import sign_on
from tests.integration.dialer.test_calls import answered, call, session_of
from tests.integration.dialer.test_lost_line import drop, join_agent, left

__all__ = ["call"]  # a fixture
Jobs = list[tuple[str, dict[str, Any]]]
FIRST, SECOND, THIRD = "aaaaaaaa", "bbbbbbbb", "cccccccc"


@pytest.fixture
def talking(call: Call, world: World, now: datetime) -> Call:
    """Return a call in which the agent's voice is in their first window."""
    AgentSession.objects.update(tab=FIRST, leg_tab=FIRST)
    answered(call, now)
    return call


def take_over(world: World, tab: str, now: datetime) -> AgentSession:
    agents.take_over(user_id=world.ana.pk, tab=tab, now=now)
    legs.phone_ready(user_id=world.ana.pk, tab=tab, now=now)
    return AgentSession.objects.get(ended_at__isnull=True)


def moved(world: World, tab: str, now: datetime) -> AgentSession:
    """Take the desk over in a window, and let its phone answer."""
    session = take_over(world, tab, now)
    legs.connect_next_leg(session_id=session.pk, now=now)
    session.refresh_from_db()
    join_agent(session, session.next_leg_ref, now)
    return session


def test_the_newest_window_works_the_desk_and_the_call_goes_on(
    talking: Call, world: World, now: datetime
) -> None:
    session = take_over(world, SECOND, now)

    talking.refresh_from_db()
    assert (session.tab, session.leg_tab, session.leg_state) == (SECOND, FIRST, "up")
    assert talking.state == "connected"


def test_the_voice_moves_before_the_old_leg_is_let_go(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime, sent_jobs: Jobs
) -> None:
    old = session_of(talking).leg_ref

    with TestCase.captureOnCommitCallbacks(execute=True):
        session = moved(world, SECOND, now)
    legs.let_go(session_id=session.pk)

    talking.refresh_from_db()
    session.refresh_from_db()
    assert carrier.connected[-1].identity == f"agent_{world.ana.pk}_{SECOND}"
    assert (session.leg_tab, session.leg_state, session.next_tab) == (SECOND, "up", "")
    assert (names.LET_GO_LEG, {"session_id": session.pk}) in sent_jobs
    assert carrier.let_go == [(session.conference_name, old)]
    assert carrier.hung_up == [old]
    assert (talking.state, talking.interruptions) == ("connected", 0)
    assert session.former_leg_ref == ""


def test_the_old_legs_end_is_no_news(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    old = session_of(talking).leg_ref
    session = moved(world, SECOND, now)

    drop(session, now, leg=old)

    talking.refresh_from_db()
    assert (session.leg_state, talking.state) == ("up", "connected")


def test_a_leg_that_could_not_be_let_go_is_tried_again(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    session = moved(world, SECOND, now)
    carrier.fail_next = CarrierError("no route", kind="retryable")
    legs.let_go(session_id=session.pk)

    legs.sweep(now=now + timedelta(days=2))

    session.refresh_from_db()
    assert session.former_leg_ref == ""
    assert len(carrier.hung_up) == 1


def test_a_window_whose_phone_does_not_answer_leaves_the_voice_where_it_is(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    session = take_over(world, SECOND, now)
    before = session.leg_ref
    legs.connect_next_leg(session_id=session.pk, now=now)
    session.refresh_from_db()

    drop(session, now, leg=session.next_leg_ref)

    talking.refresh_from_db()
    assert (session.leg_ref, session.leg_state, session.next_tab) == (before, "up", "")
    assert "your voice stays in the other one" in session.reason
    assert talking.state == "connected"


def test_a_ring_the_carrier_refuses_leaves_the_voice_where_it_is(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    session = take_over(world, SECOND, now)
    carrier.fail_next = CarrierError("busy", kind="retryable")

    legs.connect_next_leg(session_id=session.pk, now=now)

    session.refresh_from_db()
    assert (session.leg_state, session.next_tab) == ("up", "")


def test_a_reload_that_kills_the_old_leg_first_keeps_the_person(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    session = take_over(world, SECOND, now)
    legs.connect_next_leg(session_id=session.pk, now=now)
    session.refresh_from_db()
    new = session.next_leg_ref
    left(talking)
    waiting = talking.state

    join_agent(session, new, now)

    assert waiting == "interrupted"
    assert (session.leg_ref, session.leg_state, session.leg_tab) == (new, "up", SECOND)


def test_a_third_window_takes_over_while_the_second_rings(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    session = take_over(world, SECOND, now)
    legs.connect_next_leg(session_id=session.pk, now=now)
    second = AgentSession.objects.get(pk=session.pk).next_leg_ref

    session = moved(world, THIRD, now)

    assert session.leg_tab == THIRD
    assert session.leg_ref != second
    assert session.leg_state == "up"


def test_only_the_window_that_works_the_desk_may_act(talking: Call, world: World, now: datetime) -> None:
    take_over(world, SECOND, now)

    with pytest.raises(states.NotAllowed, match="Another window works this desk"):
        agents.require_tab(user_id=world.ana.pk, tab=FIRST)

    agents.require_tab(user_id=world.ana.pk, tab=SECOND)


def test_the_old_window_can_take_the_desk_back(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    moved(world, SECOND, now)

    session = moved(world, FIRST, now)

    talking.refresh_from_db()
    assert (session.tab, session.leg_tab, session.leg_state) == (FIRST, FIRST, "up")
    assert talking.state == "connected"


def test_the_phone_of_a_window_that_was_taken_over_is_not_rung(
    talking: Call, world: World, now: datetime
) -> None:
    take_over(world, SECOND, now)
    version = AgentSession.objects.get().version

    legs.phone_ready(user_id=world.ana.pk, tab=FIRST, now=now)

    assert AgentSession.objects.get().version == version


@pytest.mark.parametrize("tab", ["", "short", "x" * 33, "aaaa-bbbb", "'; DROP TABLE"])
def test_a_window_without_a_proper_name_takes_nothing_over(
    at_work: AgentSession, world: World, now: datetime, tab: str
) -> None:
    with pytest.raises(AppError):
        agents.take_over(user_id=world.ana.pk, tab=tab, now=now)


def test_signed_off_there_is_nothing_to_take_over(world: World, now: datetime) -> None:
    agents.take_over(user_id=world.ana.pk, tab=FIRST, now=now)
    legs.phone_ready(user_id=world.ana.pk, tab=FIRST, now=now)

    assert not AgentSession.objects.exists()


def test_a_lost_ring_is_repeated_and_one_nobody_answers_is_given_up(
    world: World, carrier: FakeCarrier, now: datetime
) -> None:
    agents.sign_on(user_id=world.ana.pk, campaign_id=world.campaign.pk, now=now)

    legs.sweep(now=now + timedelta(seconds=21))
    rung = len(carrier.connected)
    legs.sweep(now=now + timedelta(seconds=46))

    session = AgentSession.objects.get()
    assert rung == 1
    assert (session.leg_state, session.reason) == ("lost", "Your phone did not answer. Press Reconnect.")


# -- who is there -----------------------------------------------------------------------------------------------------


def test_a_beat_is_written_every_few_seconds_only_and_only_for_the_window_that_works_the_desk(
    at_work: AgentSession, world: World, now: datetime
) -> None:
    def seen_after(seconds: float, tab: str = "") -> float:
        agents.beat(user_id=world.ana.pk, tab=tab, now=now + timedelta(seconds=seconds))
        return (AgentSession.objects.get().seen_at - now).total_seconds()

    assert [seen_after(3), seen_after(10), seen_after(15), seen_after(30, "aaaaaaaa")] == [0, 10, 10, 10]


@pytest.mark.parametrize(("seconds", "counted"), [(29, 1), (31, 0)])
def test_no_card_and_no_call_for_an_agent_who_is_away(
    world: World, now: datetime, seconds: int, counted: int
) -> None:
    session = sign_on(world, now=now)
    lead = add_lead(world)
    at = now + timedelta(seconds=seconds)

    offered = offers.offer_next(session_id=session.pk, now=at)
    Campaign.objects.update(mode="progressive")
    AgentSession.objects.update(state="ready", campaign_lead=None)

    lead.refresh_from_db()
    assert offered == bool(counted)
    assert (lead.state == "held") == bool(counted)
    free = AgentSession.objects.filter(may_take_a_call(at), campaign=world.campaign, state="ready")
    assert free.count() == counted


def test_an_agent_who_is_away_keeps_the_card_for_a_while_and_the_call_for_good(
    at_work: AgentSession, world: World, now: datetime
) -> None:
    at: Callable[[int], datetime] = lambda seconds: now + timedelta(seconds=seconds)  # noqa: E731
    away = agents.sweep_away(now=at(60))

    gone = agents.sweep_away(now=at(80))

    assert (away, gone) == (0, 1)
    assert AgentSession.objects.get(pk=at_work.pk).state == "offline"


def test_the_floor_tells_since_when_an_agent_is_away(at_work: AgentSession, now: datetime) -> None:
    [here] = selectors.floor(now=now + timedelta(seconds=20))
    [away] = selectors.floor(now=now + timedelta(seconds=40))

    assert (here.is_away, away.is_away) == (False, True)
    assert away.seen_at == now
