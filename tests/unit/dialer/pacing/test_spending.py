"""The tolerance: what it costs is learned from the forecast, and what is left of the budget decides what may be spent."""

import pytest

from dialer.pacing.guard import Guard
from dialer.pacing.spending import HIGHEST, Spending
from tests.unit.dialer.pacing.making import snapshot


def spending(*, answers: float = 0.0, lost: float = 0.0) -> Spending:
    """Return a plan that has started calls with so many expected answers and abandonments."""
    plan = Spending(Guard())
    plan.update(snapshot(now=0.0, agents_talking=[30.0] * 20, live_answered=1000.0), 90.0)
    for _ in range(20):
        plan.spend(answers / 20, lost / 20, is_free=True)
    return plan


def tolerance(plan: Spending, **changes: object) -> float:
    """Return the tolerance after a second of work."""
    plan.update(
        snapshot(**{"now": 1.0, "agents_talking": [30.0] * 20, "live_answered": 1000.0, **changes}), 90.0
    )
    return plan.tolerance


def test_calls_that_risk_more_at_the_same_tolerance_lower_it() -> None:
    assert tolerance(spending(answers=100.0, lost=4.0)) < tolerance(spending(answers=100.0, lost=1.0))


def test_calls_the_guard_held_back_teach_nothing_of_the_tolerance() -> None:
    held, idle = spending(), spending()

    held.spend(100.0, 0.0, is_free=False)

    assert tolerance(held) == tolerance(idle)


def test_more_abandoned_than_foreseen_lowers_the_tolerance() -> None:
    as_foreseen, worse = spending(), spending()
    as_foreseen.spend(0.0, 10.0, is_free=False)

    assert tolerance(worse, abandoned=10.0) < tolerance(as_foreseen, abandoned=10.0)


def test_a_day_without_abandonment_is_not_taken_for_a_day_without_risk() -> None:
    plan = spending()
    plan.spend(0.0, 10_000.0, is_free=False)

    assert tolerance(plan) <= 2.01 * tolerance(spending())


def test_the_tolerance_falls_before_the_guard_must_hold() -> None:
    rich, near = (tolerance(spending(), abandoned=lost) for lost in (0.0, 29.0))

    assert near < rich / 2


@pytest.mark.parametrize(
    "changes", [{}, {"abandoned": 900.0}, {"live_answered": 0.0}, {"target_abandon_rate": 0.0}]
)
def test_the_tolerance_is_a_chance_whatever_happened(changes: dict[str, float]) -> None:
    assert 0 <= tolerance(spending(), **changes) <= HIGHEST


def test_with_the_shift_over_the_tolerance_stays_a_chance() -> None:
    assert 0 <= tolerance(spending(), now=40_000.0) <= HIGHEST
