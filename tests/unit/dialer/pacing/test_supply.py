"""How many numbers a list still gives: those ready, and those that become ready."""

import pytest

from dialer.pacing import CallOutcome, PredictivePacer
from dialer.pacing.supply import Supply
from dialer.simulation.engine import Simulation
from dialer.simulation.scenario import HOUR, standard
from tests.unit.dialer.pacing.making import snapshot


def called(supply: Supply, count: int) -> None:
    """Tell of so many attempts without an answer."""
    for second in range(count):
        supply.observe(CallOutcome("attempt", 600.0 + second, result="no_answer", ring_s=22.0))


def test_a_list_of_which_nothing_is_known_yet_is_taken_to_grow_as_it_is_called() -> None:
    found = Supply().numbers(snapshot(list_remaining=20), 3600.0, 0.2)

    assert found == pytest.approx(20 + 0.2 * 3600)


def test_a_list_that_only_gets_shorter_gives_what_is_ready() -> None:
    supply = Supply()
    supply.numbers(snapshot(now=600.0, list_remaining=320), 3600.0, 0.2)
    called(supply, 296)

    found = supply.numbers(snapshot(now=2400.0, list_remaining=20, calls_ringing=[5.0] * 4), 3600.0, 0.2)

    assert found == pytest.approx(24, abs=0.1)


def test_numbers_that_became_ready_are_expected_to_go_on_doing_so() -> None:
    supply = Supply()
    supply.numbers(snapshot(now=600.0, list_remaining=20), 3600.0, 0.2)
    called(supply, 480)

    found = supply.numbers(snapshot(now=4080.0, list_remaining=20), 3600.0, 0.2)

    assert found == pytest.approx(20 + 480 / 3480 * 3600)


def test_attempts_before_the_run_are_no_growth() -> None:
    supply = Supply()
    supply.numbers(snapshot(now=600.0, list_remaining=20), 3600.0, 0.2)
    for second in range(400):
        supply.observe(CallOutcome("attempt", -1.0 - second, result="no_answer", ring_s=22.0))

    assert supply.numbers(snapshot(now=6000.0, list_remaining=20), 3600.0, 0.2) == pytest.approx(20, abs=0.1)


@pytest.mark.slow_lane
def test_a_list_that_ends_soon_does_not_break_the_cap() -> None:
    day = standard(5, seconds=HOUR, numbers=325)

    found = Simulation(day, PredictivePacer(), 1).run()

    assert found.dials == 325
    assert found.abandoned <= 0.03 * found.persons
