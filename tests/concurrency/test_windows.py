"""Real threads: windows that take over at once, agents who come back while another takes the call, people who wait for few agents."""

from datetime import datetime, timedelta

import pytest

from accounts.roles import Role
from campaigns.models import CampaignAgent, CampaignLead
from carriers.twiml import JoinConference, Plan
from core import db
from dialer.callflow import CallNews
from dialer.locks import lock_call, lock_session
from dialer.models import AgentSession, Call, CallEvent
from dialer.services import agents, answering, dialing, legs, states
from tests.concurrency.test_dialing import at_once, carrier, ready_session, world
from tests.factories.world import World, add_lead, person
from tests.fakes.carrier import FakeCarrier

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow_test]
__all__ = ["carrier", "world"]  # fixtures
WINDOWS = [f"window{index:02d}" for index in range(6)]


def agent(world: World, name: str, now: datetime, *, number: str = "") -> AgentSession:
    """Return an agent who is ready, or looks at the card of `number`."""
    someone = person(name, Role.AGENT)
    CampaignAgent.objects.create(campaign=world.campaign, user=someone)
    if number:
        add_lead(world, number)
    session_id = ready_session(world, someone.pk, now)
    agents.set_ready(user_id=someone.pk, now=now)
    return AgentSession.objects.get(pk=session_id)


def interrupted(session: AgentSession, now: datetime) -> Call:
    """Let an agent talk to the person of their card, and lose their line."""
    dialing.reserve(user_id=session.user_id, version=session.version, phone_id=None, now=now)
    call = Call.objects.get(session=session)
    dialing.place(attempt_id=call.attempt_id, now=now)
    for news in (CallNews.ANSWERED, CallNews.JOINED):
        with db.use_case():
            states.advance_call(lock_call(call.pk), news, now=now, source="test")
    with db.use_case():
        locked = lock_session(session.pk)
        legs.leg_is_down(locked, leg_ref=locked.leg_ref, now=now)
    call.refresh_from_db()
    assert call.state == "interrupted"
    return call


def test_of_windows_that_take_over_at_once_one_works_the_desk_and_one_is_rung(
    world: World, carrier: FakeCarrier, now: datetime
) -> None:
    session = agent(world, "ben", now)
    rung = len(carrier.connected)

    def take(index: int) -> None:
        agents.take_over(user_id=session.user_id, tab=WINDOWS[index], now=now)
        legs.phone_ready(user_id=session.user_id, tab=WINDOWS[index], now=now)

    failed = [result for result in at_once(len(WINDOWS), take) if result is not None]
    legs.connect_next_leg(session_id=session.pk, now=now)
    legs.connect_next_leg(session_id=session.pk, now=now)

    session.refresh_from_db()
    assert failed == []
    assert session.tab in WINDOWS
    assert session.next_tab == session.tab
    assert len(carrier.connected) == rung + 1


def test_two_windows_that_press_dial_while_one_takes_over_make_one_call(world: World, now: datetime) -> None:
    session = agent(world, "ben", now, number="+14075550131")
    agents.take_over(user_id=session.user_id, tab=WINDOWS[0], now=now)
    session.refresh_from_db()

    def press(index: int) -> None:
        if index == 0:
            agents.take_over(user_id=session.user_id, tab=WINDOWS[1], now=now)
            return
        agents.require_tab(user_id=session.user_id, tab=WINDOWS[index % 2])
        shown = AgentSession.objects.get(pk=session.pk).version
        dialing.reserve(user_id=session.user_id, version=shown, phone_id=None, now=now)

    at_once(5, press)

    session.refresh_from_db()
    assert Call.objects.count() <= 1
    assert session.tab == WINDOWS[1]
    assert (session.state == "on_call") == (Call.objects.count() == 1)


def test_an_agent_who_comes_back_in_the_instant_of_the_hand_over_does_not_double_the_call(
    world: World, carrier: FakeCarrier, now: datetime
) -> None:
    ben = agent(world, "ben", now, number="+14075550131")
    call = interrupted(ben, now)
    cleo = agent(world, "cleo", now)
    at = now + timedelta(seconds=20)
    legs.connect_leg(session_id=ben.pk, now=at)

    def work(index: int) -> object:
        if index:
            return answering.what_now(attempt_id=call.attempt_id, now=at)
        with db.use_case():
            session = lock_session(ben.pk)
            return legs.leg_is_up(session, leg_ref=session.leg_ref, now=at)

    at_once(4, work)

    call.refresh_from_db()
    holders = list(AgentSession.objects.filter(call=call).values_list("pk", flat=True))
    lead = CampaignLead.objects.get(pk=call.attempt.campaign_lead_id)
    assert holders == [call.session_id]
    assert call.session_id in (ben.pk, cleo.pk)
    assert lead.held_by_id == call.agent_id
    assert CallEvent.objects.filter(call=call, event="handed_over").count() <= 1


def test_people_who_wait_for_few_agents_get_one_each(world: World, now: datetime) -> None:
    lost = [
        interrupted(agent(world, f"lost{index}", now, number=f"+14075550{131 + index}"), now)
        for index in range(4)
    ]
    free = {agent(world, f"free{index}", now).conference_name for index in range(2)}
    at = now + timedelta(seconds=20)

    def ask(index: int) -> Plan:
        return answering.what_now(attempt_id=lost[index % 4].attempt_id, now=at)

    plans = at_once(8, ask)

    rooms = {plan.name for plan in plans if isinstance(plan, JoinConference)}
    assert [plan for plan in plans if isinstance(plan, Exception)] == []
    assert rooms == free
    assert CallEvent.objects.filter(event="handed_over").count() == 2


def test_an_agent_who_dials_while_a_call_is_handed_to_them_has_one_of_the_two(
    world: World, now: datetime
) -> None:
    call = interrupted(agent(world, "ben", now, number="+14075550131"), now)
    cleo = agent(world, "cleo", now, number="+14075550132")
    at = now + timedelta(seconds=20)

    def work(index: int) -> object:
        if index:
            return dialing.reserve(user_id=cleo.user_id, version=cleo.version, phone_id=None, now=at)
        return answering.what_now(attempt_id=call.attempt_id, now=at)

    at_once(2, work)

    cleo.refresh_from_db()
    theirs = list(Call.objects.filter(session=cleo).values_list("pk", flat=True))
    assert cleo.state == "on_call"
    assert theirs == [cleo.call_id]
