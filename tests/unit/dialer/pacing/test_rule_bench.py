"""The bench that takes the predictive pacer apart: it plays what it says it plays."""

import math

import pytest

from bench.pacing.rule import RulePacer, at_cap, day
from dialer.simulation.engine import Simulation
from dialer.simulation.scenario import standard

SHORT = standard(3, seconds=300.0)


@pytest.mark.parametrize(
    ("points", "share"),
    [
        ([(0.02, 0.70), (0.04, 0.72)], 0.71),
        ([(0.01, 0.60), (0.02, 0.70), (0.04, 0.72), (0.09, 0.8)], 0.71),
        ([(0.04, 0.72), (0.05, 0.73)], math.nan),
        ([], math.nan),
    ],
)
def test_what_is_reached_at_the_cap_is_read_between_the_points_around_it(
    points: list[tuple[float, float]], share: float
) -> None:
    assert at_cap(points) == pytest.approx(share, nan_ok=True)


def test_a_fixed_tolerance_stays_and_no_guard_holds() -> None:
    pacer = RulePacer(tolerance=0.2)

    Simulation(SHORT, pacer, 1).run()

    assert pacer.spending.tolerance == 0.2
    assert pacer.reasons is not None
    assert pacer.reasons.allowed == pacer.reasons.wanted


def test_a_level_that_is_told_is_not_learned() -> None:
    pacer = RulePacer(tolerance=0.2)
    pacer.tell_level(lambda: 0.5)

    Simulation(SHORT, pacer, 1).run()

    assert pacer.answers.level == 0.5


def test_a_day_is_the_same_each_time() -> None:
    settings = {"tolerance": None, "is_known": True, "is_guarded": True}

    assert day(SHORT, 1, **settings) == day(SHORT, 1, **settings)  # type: ignore[arg-type]  # of one kind each
