"""The pacers' decisions in single situations."""

import time

import numpy as np
import pytest

from dialer.pacing import CallOutcome, Held, PowerPacer, PredictivePacer, ProgressivePacer
from dialer.pacing.answers import Answers
from dialer.pacing.scores import Scores
from tests.unit.dialer.pacing.making import snapshot


def test_progressive_calls_once_for_each_free_agent() -> None:
    assert ProgressivePacer().calls_to_place(snapshot(agents_idle=[9.0, 4.0, 1.0], calls_in_amd=[1.0])) == 2


def test_power_calls_its_ratio_while_the_budget_bears_it() -> None:
    rich, poor = (snapshot(agents_idle=[1.0] * 4, live_answered=live) for live in (3000.0, 10.0))

    assert PowerPacer(2.5).calls_to_place(rich) == 10
    assert PowerPacer(2.5).calls_to_place(poor) == 4


@pytest.mark.parametrize("ratio", [0.5, 11.0, float("nan")])
def test_a_ratio_that_makes_no_sense_is_refused(ratio: float) -> None:
    with pytest.raises(ValueError, match="1 to 10"):
        PowerPacer(ratio)


def test_predictive_calls_ahead_of_agents_in_wrap_up() -> None:
    busy = {"live_answered": 5000.0, "abandoned": 50.0}
    soon = snapshot(agents_wrapup=[14.0] * 12, **busy)
    late = snapshot(agents_talking=[400.0] * 12, **busy)

    assert PredictivePacer().calls_to_place(soon) > PredictivePacer().calls_to_place(late)


def test_the_clock_may_begin_anywhere() -> None:
    late = 1.7e9
    agents = {"agents_wrapup": [10.0] * 10, "live_answered": 4000.0, "abandoned": 40.0}

    shifted = PredictivePacer().calls_to_place(
        snapshot(now=600.0 + late, shift_end=28_800.0 + late, **agents)
    )

    assert shifted == PredictivePacer().calls_to_place(snapshot(**agents)) > 0


def test_predictive_calls_less_once_the_list_answers_more() -> None:
    pacers = PredictivePacer(), PredictivePacer()
    for pacer, often in zip(pacers, (20, 2), strict=True):
        for index in range(600):
            result, ring = ("human", 9.0) if index % often == 0 else ("no_answer", 22.0)
            pacer.observe(CallOutcome("attempt", -600.0 + index, result=result, ring_s=ring))

    cold, warm = (
        pacer.calls_to_place(snapshot(agents_idle=[2.0] * 3, live_answered=5000.0)) for pacer in pacers
    )

    assert warm < cold


def test_predictive_with_the_budget_spent_calls_one_to_one() -> None:
    spent = snapshot(agents_idle=[2.0] * 3, agents_wrapup=[20.0] * 9, live_answered=1000.0, abandoned=30.0)

    assert PredictivePacer().calls_to_place(spent) == 3


def test_predictive_starts_nothing_when_nobody_works() -> None:
    assert PredictivePacer().calls_to_place(snapshot(live_answered=5000.0)) == 0


def test_predictive_calls_less_when_the_next_numbers_are_likely_to_answer() -> None:
    pacers = PredictivePacer(), PredictivePacer()
    rng = np.random.default_rng(1)
    for pacer in pacers:
        for index in range(1000):
            score = 0.1 if index % 2 else 0.5
            result = "human" if rng.random() < score else "no_answer"
            pacer.observe(CallOutcome("attempt", -1000.0 + index, result=result, ring_s=9.0, score=score))

    unlikely, likely = (
        pacer.calls_to_place(snapshot(agents_idle=[2.0] * 2, live_answered=5000.0, next_scores=[score] * 64))
        for pacer, score in zip(pacers, (0.1, 0.5), strict=True)
    )

    assert likely < unlikely


def test_the_slope_of_noisy_scores_is_learned() -> None:
    rng, scores = np.random.default_rng(2), Scores()
    for _ in range(4000):
        score = float(rng.uniform(0.05, 0.6))
        scores.add(score, bool(rng.random() < 0.3))

    low, high = scores.factors([0.1, 0.5])

    assert high / low < 1.5


def test_a_list_called_in_the_order_of_its_scores_is_not_counted_twice() -> None:
    told, untold = Answers(), Answers()
    for index in range(2000):
        score, often = ((0.1, 20), (0.5, 4))[index % 2]
        result, ring = ("human", 9.0) if index % often < 2 else ("no_answer", 22.0)
        for answers in (told, untold):
            answers.add(result, ring, score, is_history=True)

    # Now only the best are called, one each second, and half of them answer after 9 s.
    ringing = [*map(float, range(9)), *map(float, range(9, 22, 2))]
    for second in range(900):
        result, ring = ("human", 9.0) if second % 2 else ("no_answer", 22.0)
        told.passed(1.0, ringing, 5, [0.5] * len(ringing))
        untold.passed(1.0, ringing, 5)
        for answers in (told, untold):
            answers.add(result, ring, 0.5)

    assert told.level == pytest.approx(1.0, abs=0.15)
    assert untold.level > 1.3


@pytest.mark.slow_test
def test_a_decision_for_500_agents_takes_little() -> None:
    pacer, times = PredictivePacer(), []
    many = {
        "agents_idle": [1.0] * 10,
        "agents_talking": list(np.linspace(0, 600, 400)),
        "agents_wrapup": [5.0] * 90,
    }

    for second in range(200):
        given = snapshot(
            now=600.0 + second, calls_ringing=[float(n % 22) for n in range(300)], live_answered=9e4, **many
        )
        began = time.process_time()
        pacer.calls_to_place(given)
        times.append(time.process_time() - began)

    assert float(np.mean(times)) < 0.002
    assert float(np.quantile(times, 0.99)) < 0.010


@pytest.mark.parametrize("make", [PowerPacer, PredictivePacer, ProgressivePacer])
def test_before_the_first_decision_there_are_no_reasons(make: type) -> None:
    assert make().reasons is None


def test_progressive_says_how_many_it_called_and_that_it_has_no_forecast() -> None:
    pacer = ProgressivePacer()

    pacer.calls_to_place(snapshot(agents_idle=[9.0, 4.0]))

    found = pacer.reasons
    assert found is not None
    assert (found.wanted, found.allowed, found.held, found.budget) == (2, 2, Held.NOTHING, None)


@pytest.mark.parametrize(
    ("abandoned", "why"), [(29.5, Held.ONE_TO_ONE), (28.0, Held.BOUND), (0.0, Held.NOTHING)]
)
def test_power_says_which_guard_held_it(abandoned: float, why: Held) -> None:
    pacer = PowerPacer(3.0)

    allowed = pacer.calls_to_place(snapshot(agents_idle=[1.0] * 4, live_answered=1000.0, abandoned=abandoned))

    found = pacer.reasons
    assert found is not None
    assert (found.wanted, found.allowed, found.held) == (12, allowed, why)
    assert found.budget == 30 - abandoned


def test_predictive_says_what_it_expects_and_bears() -> None:
    pacer = PredictivePacer()

    allowed = pacer.calls_to_place(
        snapshot(agents_idle=[1.0], agents_wrapup=[14.0] * 6, calls_ringing=[4.0] * 5, live_answered=5000.0)
    )

    found = pacer.reasons
    assert found is not None
    assert found.at == 600.0
    assert found.allowed == allowed
    assert found.agents_free is not None
    assert 1 < found.agents_free < 7
    assert found.answers is not None
    assert 0 < found.answers < 5
    assert found.tolerance is not None
    assert 0 < found.tolerance < 1
    assert found.budget is not None
    assert found.budget > 0
