"""The dialing loop: what it starts in each mode, what it drops to, what it learns, and what it keeps of it."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from campaigns import cards
from campaigns.models import Campaign, CampaignAgent, CampaignLead
from campaigns.services import modes
from carriers.models import CallerNumber
from compliance.gathering import policy_for
from core import db
from dialer.callflow import CallNews
from dialer.locks import lock_call, lock_session
from dialer.models import AgentSession, AnsweredDay, Call, CallEvent, PacerState, PacingSample
from dialer.outcome_reads import Cursor, Told, history
from dialer.pacing_reads import Look, look
from dialer.services import agents, dialing, legs, pacing_record, states
from dialer.services.paced import ENOUGH_LINES, Paced
from dialer.services.pacing import Pacing
from dialer.standing import Standing
from tests.factories.world import World, add_lead, agree_to_be_called, person
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.conftest import sign_on, tick

PEOPLE = 12


@pytest.fixture
def floor(world: World, now: datetime) -> World:
    """Return the world with three agents ready and twelve people who agreed to be called by a dialer."""
    Campaign.objects.update(mode="predictive", started_at=now - timedelta(days=3))
    world.campaign.refresh_from_db()
    sign_on(world, now=now)
    for name in ("ben", "cem"):
        join_in(world, name, now)
    for index in range(PEOPLE):
        number = f"+1407555{101 + index:04d}"
        add_lead(world, number)
        agree_to_be_called(number, now=now)
    return world


def join_in(world: World, name: str, now: datetime) -> AgentSession:
    """Add an agent who is ready."""
    someone = person(name, Role.AGENT)
    CampaignAgent.objects.create(campaign=world.campaign, user=someone)
    session_id = agents.sign_on(user_id=someone.pk, campaign_id=world.campaign.pk, now=now)
    legs.connect_leg(session_id=session_id, now=now)
    with db.use_case():
        session = lock_session(session_id)
        legs.leg_is_up(session, leg_ref=session.leg_ref, now=now)
    agents.set_ready(user_id=someone.pk, now=now)
    return AgentSession.objects.get(pk=session_id)


def earn_budget(world: World, now: datetime, *, live: int = 4000, abandoned: int = 0) -> None:
    AnsweredDay.objects.create(campaign=world.campaign, day=now.date(), live=live, abandoned=abandoned)


def advance(call: Call, *news: CallNews, now: datetime) -> Call:
    for one in news:
        with db.use_case():
            states.advance_call(lock_call(call.pk), one, now=now, source="test")
    call.refresh_from_db()
    return call


def running() -> cards.RunningCampaign:
    [found] = cards.running_campaigns()
    return found


def stand(now: datetime) -> tuple[str, str]:
    tick(now=now)
    state = PacerState.objects.get()
    return state.standing, state.mode


@pytest.mark.parametrize(("mode", "calls"), [("progressive", 3), ("power", 6)])
def test_each_mode_starts_its_calls(floor: World, now: datetime, mode: str, calls: int) -> None:
    Campaign.objects.update(mode=mode)
    earn_budget(floor, now)

    assert tick(now=now) == calls
    assert PacerState.objects.get().standing == Standing.DIALING


def test_predictive_starts_more_calls_than_agents_are_free_and_says_why(floor: World, now: datetime) -> None:
    earn_budget(floor, now)

    started = tick(now=now)

    sample = PacingSample.objects.get()
    assert started > 3
    assert (sample.mode, sample.at_work, sample.idle, sample.started) == ("predictive", 3, 3, started)
    assert sample.budget is not None
    assert sample.budget > 1
    assert sample.tolerance is not None


@pytest.mark.parametrize("mode", ["power", "predictive"])
def test_without_a_budget_both_dial_one_to_one_and_say_so(floor: World, now: datetime, mode: str) -> None:
    Campaign.objects.update(mode=mode)

    assert tick(now=now) == 3
    state = PacerState.objects.get()
    assert (state.standing, state.mode) == (Standing.CAP_NEAR, "progressive")
    assert "could break the cap" in state.words


def test_with_two_agents_it_dials_one_to_one_whatever_the_budget(floor: World, now: datetime) -> None:
    earn_budget(floor, now)
    agents.set_not_ready(user_id=floor.ana.pk, reason="break", now=now)

    assert tick(now=now) == 2
    assert (PacerState.objects.get().standing, PacerState.objects.get().mode) == ("few_agents", "progressive")


def test_a_campaigns_own_cap_counts_where_it_is_lower(floor: World, now: datetime) -> None:
    Campaign.objects.update(abandon_percent="0.1")
    earn_budget(floor, now, live=1000, abandoned=1)

    assert stand(now)[0] == Standing.CAP_NEAR


def test_calls_are_seen_as_old_as_they_are(ended: list[Call], now: datetime) -> None:
    later = now + timedelta(seconds=20)

    [seen] = look([running()], wrongly_hung_up={}, now=later).values()

    assert (seen.ringing, seen.answered, seen.under_way) == ([20.0], [12.0], 2)
    assert sorted(seen.idle) == [20.0, 20.0, 20.0]


def test_calls_abandoned_are_counted_before_they_end(ended: list[Call], now: datetime) -> None:
    Call.objects.filter(pk=ended[1].pk).update(abandoned=True)

    [seen] = look([running()], wrongly_hung_up={}, now=now).values()

    assert (seen.under_way, seen.abandoned_now) == (1, 1)
    assert (seen.tightest(0.03).live, seen.tightest(0.03).abandoned) == (1.0, 1.0)


def test_a_contradiction_is_an_alarm_and_dials_one_to_one(floor: World, now: datetime) -> None:
    paced = Paced(running(), now=now)
    seen = Look(campaign=running(), idle=[3.0, -1.0, 2.0], ringing=[1.0], leads_ready=50)

    wanted = paced.decide(seen, policy_for(now), lines_left=ENOUGH_LINES, one_to_one=False, now=now)

    assert wanted == 2
    assert "agents_idle holds -1.0" in paced.contradiction


def test_after_a_contradiction_the_pacer_is_asked_again(floor: World, now: datetime) -> None:
    earn_budget(floor, now)
    paced = Paced(running(), now=now)
    wrong = Look(campaign=running(), idle=[-1.0], leads_ready=50)
    paced.decide(wrong, policy_for(now), lines_left=ENOUGH_LINES, one_to_one=False, now=now)

    right = Look(campaign=running(), idle=[1.0], leads_ready=50)
    paced.decide(right, policy_for(now), lines_left=ENOUGH_LINES, one_to_one=False, now=now)

    assert paced.contradiction == ""


# -- named states -----------------------------------------------------------------------------------------------------


def _no_agents(world: World, now: datetime) -> None:
    for session in AgentSession.objects.select_related("user"):
        agents.set_not_ready(user_id=session.user_id, reason="break", now=now)
        agents.leave(user_id=session.user_id, now=now)


def _nobody_ready(world: World, now: datetime) -> None:
    for session in AgentSession.objects.all():
        agents.set_not_ready(user_id=session.user_id, reason="break", now=now)


def _list_short(world: World, now: datetime) -> None:
    CampaignLead.objects.update(next_try_at=now + timedelta(hours=2))


def _list_done(world: World, now: datetime) -> None:
    CampaignLead.objects.update(state="finished", held_by=None, held_at=None)


def _outside_hours(world: World, now: datetime) -> None:
    Campaign.objects.update(window_opens=time(1), window_closes=time(1, 30))


def _no_caller_id(world: World, now: datetime) -> None:
    CallerNumber.objects.update(active=False)


def _nothing(world: World, now: datetime) -> None:
    earn_budget(world, now)


@pytest.mark.parametrize(
    ("happens", "standing"),
    [
        (_nothing, "dialing"),
        (_no_agents, "no_agents"),
        (_nobody_ready, "nobody_ready"),
        (_list_short, "list_short"),
        (_list_done, "list_done"),
        (_outside_hours, "outside_hours"),
        (_no_caller_id, "set_up_missing"),
    ],
)
def test_each_cause_is_named(floor: World, now: datetime, happens: Any, standing: str) -> None:
    happens(floor, now)

    assert stand(now)[0] == standing


def test_a_state_keeps_its_since_until_it_is_another_one(floor: World, now: datetime) -> None:
    CampaignLead.objects.update(next_try_at=now + timedelta(hours=2))

    tick(now=now)
    tick(now=now + timedelta(seconds=9))
    same = PacerState.objects.get()
    _list_done(floor, now)
    tick(now=now + timedelta(seconds=12))
    other = PacerState.objects.get()

    assert (same.since, same.seen_at) == (now, now + timedelta(seconds=9))
    assert (other.standing, other.since) == ("list_done", now + timedelta(seconds=12))


# -- modes while it runs ----------------------------------------------------------------------------------------------


def test_going_to_preview_leaves_an_agent_for_each_call_under_way(floor: World, now: datetime) -> None:
    Campaign.objects.update(mode="progressive")
    AgentSession.objects.exclude(user=floor.ana).update(state="not_ready")
    tick(now=now)

    modes.change_mode(campaign_id=floor.campaign.pk, mode="preview", by_name="sol", now=now)
    kept_waiting = tick(now=now)
    call = Call.objects.get()
    advance(call, CallNews.PLACED, CallNews.BUSY, now=now)
    shown = tick(now=now)

    assert (kept_waiting, shown) == (0, 1)
    assert AgentSession.objects.get(user=floor.ana).state == "preview"


def test_a_running_process_follows_a_change_of_mode_at_once(floor: World, now: datetime) -> None:
    earn_budget(floor, now)
    Campaign.objects.update(mode="preview")
    pacing = Pacing()
    AgentSession.objects.update(state="not_ready")
    pacing.round(now=now)

    AgentSession.objects.update(state="ready")
    modes.change_mode(campaign_id=floor.campaign.pk, mode="power", by_name="sol", now=now)

    assert pacing.round(now=now + timedelta(seconds=1)) == 6


# -- what it learns ---------------------------------------------------------------------------------------------------


@pytest.fixture
def ended(floor: World, carrier: FakeCarrier, now: datetime) -> list[Call]:
    """Return three calls: one busy, one answered and joined, one that rings."""
    Campaign.objects.update(mode="progressive")
    tick(now=now)
    calls = list(Call.objects.order_by("pk"))
    for call in calls:
        dialing.place(attempt_id=call.attempt_id, now=now)
    advance(calls[0], CallNews.BUSY, now=now + timedelta(seconds=4))
    advance(calls[1], CallNews.ANSWERED, now=now + timedelta(seconds=8))
    advance(calls[1], CallNews.JOINED, now=now + timedelta(seconds=9))
    return calls


def kinds(told: list[Told]) -> list[tuple[int, str, str]]:
    return [(one.call_id, one.kind, one.result) for one in told]


def test_each_outcome_is_told_when_it_is_known_and_with_its_ring_time(
    ended: list[Call], now: datetime
) -> None:
    cursor = Cursor()
    cursor.begin()

    told = cursor.read([ended[0].campaign_id], now=now)

    assert kinds(told) == [(ended[0].pk, "attempt", "busy"), (ended[1].pk, "attempt", "answered")]
    assert [round(one.ring_seconds) for one in told] == [4, 8]
    assert cursor.read([ended[0].campaign_id], now=now) == []


def test_an_event_whose_transaction_ends_late_is_read_all_the_same(ended: list[Call], now: datetime) -> None:
    cursor = Cursor()
    cursor.begin()
    cursor.read([ended[0].campaign_id], now=now)
    newest = CallEvent.objects.latest("pk").pk
    about = {"call": ended[2], "at": now, "from_state": "ringing", "to_state": "ended", "source": "test"}
    Call.objects.filter(pk=ended[2].pk).update(state="ended", outcome="no_answer", ended_at=now)
    CallEvent.objects.create(pk=newest + 5, event="hint", **{**about, "to_state": "ringing"})

    before = cursor.read([ended[0].campaign_id], now=now)
    CallEvent.objects.create(pk=newest + 3, event="no_answer", **about)
    after = cursor.read([ended[0].campaign_id], now=now)

    assert (kinds(before), kinds(after)) == ([], [(ended[2].pk, "attempt", "no_answer")])


def test_who_takes_over_knows_what_the_other_was_told(ended: list[Call], now: datetime) -> None:
    advance(ended[1], CallNews.COMPLETED, now=now + timedelta(seconds=60))
    advance(ended[2], CallNews.NO_ANSWER, now=now + timedelta(seconds=25))
    cursor = Cursor()
    cursor.begin()

    assert set(kinds(history(ended[0].campaign_id))) == set(
        kinds(cursor.read([ended[0].campaign_id], now=now))
    )


def test_an_outcome_told_twice_is_learned_once(floor: World, now: datetime) -> None:
    once, twice = Paced(running(), now=now), Paced(running(), now=now)
    told = [
        Told(
            campaign_id=floor.campaign.pk,
            call_id=number,
            kind="attempt",
            at=now,
            result="human",
            ring_seconds=3.0,
        )
        for number in range(40)
    ]
    seen = Look(campaign=running(), idle=[1.0] * 5, leads_ready=100)

    once.observe(told)
    twice.observe(told)
    twice.observe(told)
    answers = [
        paced.decide(seen, policy_for(now), lines_left=ENOUGH_LINES, one_to_one=False, now=now)
        for paced in (once, twice)
    ]

    assert answers[0] == answers[1]
    assert once.reasons == twice.reasons


# -- what it keeps ----------------------------------------------------------------------------------------------------


def test_a_decision_a_second_is_kept_and_a_day_later_deleted(floor: World, now: datetime) -> None:
    pacing = Pacing()
    for tenths in range(0, 30, 5):
        pacing.round(now=now + timedelta(seconds=tenths / 10))

    kept = PacingSample.objects.count()
    pacing_record.purge(now=now + timedelta(hours=23))
    still = PacingSample.objects.count()
    pacing_record.purge(now=now + timedelta(hours=24, seconds=5))

    assert kept <= 4
    assert (still, PacingSample.objects.count()) == (kept, 0)


def test_a_round_asks_as_many_questions_for_ten_campaigns_as_for_one(world: World, now: datetime) -> None:
    Campaign.objects.update(mode="predictive", started_at=now)
    one, pacing = Pacing(), Pacing()
    one.round(now=now)
    with CaptureQueriesContext(
        connection,
    ) as single:
        one.round(now=now + timedelta(seconds=1))
    base = Campaign.objects.get()
    for number in range(9):
        base.pk, base.name = None, f"Campaign {number}"
        base.save(force_insert=True)
    pacing.round(now=now + timedelta(seconds=2))

    with CaptureQueriesContext(connection) as many:
        pacing.round(now=now + timedelta(seconds=3))

    assert len(pacing.mine) == 10
    assert len(many) == len(single)
