"""The pacers whatever happens: the guard's invariant against adversaries, the same answers twice, an answer to everything."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.pacing import CallOutcome, PacingSnapshot, PowerPacer, PredictivePacer, ProgressivePacer
from dialer.pacing.guard import Guard, at_hand, under_way
from tests.examples import examples
from tests.unit.dialer.pacing.making import snapshot

MAKERS = [PredictivePacer, lambda: PowerPacer(8.0), ProgressivePacer]
AGES = st.lists(st.floats(-1, 4000), max_size=12)  # a call that leaves within the second is not yet begun


@st.composite
def snapshots(draw: Any, /, **changes: Any) -> PacingSnapshot:
    """Return a campaign in any state that can be."""
    live = draw(st.floats(0, 5000))
    settings = {
        "agents_idle": draw(AGES), "agents_talking": draw(AGES), "agents_inbound": draw(AGES), "agents_wrapup": draw(AGES),
        "calls_ringing": draw(AGES), "calls_in_amd": draw(AGES), "calls_waiting": draw(AGES), "inbound_waiting": draw(AGES),
        "live_answered": live, "abandoned": draw(st.floats(0, 1)) * live, "target_abandon_rate": draw(st.floats(0, 1)),
        "cps_cap": draw(st.floats(0.1, 300)), "max_lines": draw(st.integers(0, 2000)),
        "list_remaining": draw(st.integers(0, 10**9)), "inbound_rate_forecast": draw(st.floats(0, 5)),
        "ring_timeout_s": draw(st.floats(15, 60)), "connect_deadline_s": draw(st.floats(0, 60)),
        "next_scores": draw(st.lists(st.floats(0, 1), max_size=8)),
    }  # fmt: skip
    return snapshot(**{**settings, **changes})


@st.composite
def outcomes(draw: Any) -> CallOutcome:
    """Return anything that may become of a call."""
    seconds = st.floats(0, 3000)
    return CallOutcome(
        draw(st.sampled_from(["attempt", "abandoned", "handled"])), draw(st.floats(-5000, 5000)),
        result=draw(st.sampled_from(["human", "machine", "answered", "no_answer", "busy", "invalid"])),
        ring_s=draw(seconds), score=draw(st.floats(0, 1)), wait_s=draw(seconds), talk_s=draw(seconds), wrap_s=draw(seconds),
        inbound=draw(st.booleans()), party=draw(st.sampled_from(["human", "machine"])),
    )  # fmt: skip


def told(pacer: Any, outcome: CallOutcome) -> None:
    """Tell a pacer of an outcome, if it listens."""
    getattr(pacer, "observe", lambda _: None)(outcome)


@pytest.mark.parametrize("make", MAKERS)
@settings(max_examples=examples(60))
@given(story=st.lists(st.one_of(snapshots(), outcomes()), max_size=12))
def test_every_snapshot_has_an_answer_and_the_same_story_the_same_answers(
    make: Any, story: list[Any]
) -> None:
    first, second = make(), make()
    now = 0.0

    for part in story:
        now += 1.0
        if isinstance(part, CallOutcome):
            told(first, part)
            told(second, part)
            continue
        here = replace(part, now=now)
        asked = first.calls_to_place(here)
        assert asked == second.calls_to_place(here)
        assert isinstance(asked, int)
        assert asked >= 0


@pytest.mark.parametrize("make", MAKERS)
@settings(max_examples=examples(60))
@given(before=st.lists(outcomes(), max_size=30), here=snapshots())
def test_with_the_budget_spent_nothing_is_started_beyond_the_free_agents(
    make: Any, before: list[CallOutcome], here: PacingSnapshot
) -> None:
    pacer = make()
    for outcome in before:
        told(pacer, outcome)
    cap = min(0.03, here.target_abandon_rate)
    spent = replace(here, abandoned=max(here.abandoned, cap * here.live_answered - 0.999))

    asked = pacer.calls_to_place(spent)

    assert asked <= max(0, at_hand(spent) - under_way(spent))


@settings(max_examples=examples(200))
@given(told_of=st.lists(outcomes(), max_size=40), here=snapshots(), wanted=st.integers(0, 500))
def test_the_guard_lets_no_more_through_than_the_budget_bears(
    told_of: list[CallOutcome], here: PacingSnapshot, wanted: int
) -> None:
    guard = Guard()
    for outcome in told_of:
        guard.observe(outcome)

    admitted = guard.admit(here, wanted)

    over = under_way(here) + admitted - at_hand(here)
    assert 0 <= admitted <= wanted
    assert admitted == 0 or over <= guard.over_dial(guard.budget(here))


@settings(max_examples=examples(150))
@given(budget=st.floats(-50, 500), more=st.floats(0, 100), drops=st.integers(0, 50))
def test_a_larger_budget_never_bears_less_and_more_drops_never_bear_more(
    budget: float, more: float, drops: int
) -> None:
    calm, shaken = Guard(), Guard()
    for guard in (calm, shaken):
        for second in range(100):
            guard.observe(CallOutcome("attempt", float(second), result="no_answer"))
    for _ in range(drops):
        shaken.observe(CallOutcome("abandoned", 100.0))

    assert calm.over_dial(budget) <= calm.over_dial(budget + more)
    assert shaken.over_dial(budget) <= calm.over_dial(budget)


@settings(max_examples=examples(150))
@given(
    foretold=st.lists(st.floats(0, 1), max_size=60), ended=st.integers(0, 60), drops=st.integers(0, 20),
    budget=st.floats(-5, 200), more=st.floats(0, 50), steps=st.lists(st.floats(0, 1), max_size=40),
)  # fmt: skip
def test_a_forecast_bears_nothing_unproved_never_more_after_drops_and_never_less_with_a_larger_budget(
    foretold: list[float], ended: int, drops: int, budget: float, more: float, steps: list[float]
) -> None:
    guard, totals = Guard(), [0.0, *itertools.accumulate(steps)]
    for index, lost in enumerate(foretold):
        guard.foresee(snapshot(calls_ringing=[1.0] * index), 1, lost)
    for second in range(min(ended, len(foretold))):
        guard.observe(CallOutcome("attempt", float(second), result="no_answer"))
    before, richer = guard.borne(budget, totals), guard.borne(budget + more, totals)
    for _ in range(drops):
        guard.observe(CallOutcome("abandoned", 100.0))

    assert 0 <= guard.borne(budget, totals) <= before <= richer <= len(steps)
    assert before == 0 or (budget >= 1 and ended > 0 and sum(foretold) >= 0.99)


@pytest.mark.parametrize("make", MAKERS)
@settings(max_examples=examples(60), deadline=None)
@given(
    choices=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), min_size=20, max_size=80)
)
def test_an_adversary_gains_no_more_than_what_was_under_way_when_the_budget_ended(
    make: Any, choices: list[tuple[int, int, bool]]
) -> None:
    """The adversary says which ringing calls people answer and when agents are done; each answer without an agent is abandoned.

    Abandoned calls never exceed the budget at the last placement by more than the over-dialed calls then under way.
    """
    pacer, ringing, idle, busy = make(), 0, 3, 0
    live, lost, bound = 100.0, 0.0, 3.0
    for second, (answers, done, fails) in enumerate(choices):
        here = snapshot(
            now=float(second), agents_idle=[1.0] * idle, agents_talking=[30.0] * busy, calls_ringing=[5.0] * ringing,
            live_answered=live, abandoned=lost,
        )  # fmt: skip
        placed = pacer.calls_to_place(here)
        ringing += placed
        if placed:
            # Worst case of what has been let through: every over-dialed call abandoned.
            bound = max(0.03 * live, lost + max(0, ringing - idle))
        for _ in range(min(answers, ringing)):
            ringing, live = ringing - 1, live + 1
            told(pacer, CallOutcome("attempt", second + 0.5, result="human", ring_s=5.0))
            if idle:
                idle, busy = idle - 1, busy + 1
            else:
                lost += 1
                told(pacer, CallOutcome("abandoned", second + 0.5, wait_s=2.0))
        if fails and ringing:
            ringing -= 1
            told(pacer, CallOutcome("attempt", second + 0.5, result="no_answer", ring_s=22.0))
        freed = min(done, busy)
        idle, busy = idle + freed, busy - freed

        assert lost <= bound + 1e-9


@pytest.mark.parametrize("make", MAKERS)
@settings(max_examples=examples(60), deadline=None)
@given(live=st.floats(0, 3000), idle=st.integers(0, 5), rounds=st.integers(1, 12))
def test_a_campaign_whose_every_call_is_answered_with_no_agent_left_keeps_the_cap(
    make: Any, live: float, idle: int, rounds: int
) -> None:
    pacer, lost = make(), 0.0
    for second in range(rounds):
        here = snapshot(now=float(second), agents_idle=[1.0] * idle, live_answered=live, abandoned=lost)
        placed = pacer.calls_to_place(here)
        live += placed
        for index in range(placed):
            told(pacer, CallOutcome("attempt", second + 0.5, result="human", ring_s=5.0))
            if index >= idle:
                lost += 1
                told(pacer, CallOutcome("abandoned", second + 0.9, wait_s=2.0))

        assert lost <= 0.03 * live + 1e-9
