"""The guard of the cap on abandoned calls, number by number."""

import math

import pytest

from dialer.pacing import CallOutcome
from dialer.pacing.guard import Guard, _at_most, _bearable
from tests.unit.dialer.pacing.making import snapshot


def test_a_campaign_without_answers_goes_one_to_one() -> None:
    admitted = Guard().admit(snapshot(agents_idle=[5.0, 3.0, 1.0], calls_ringing=[2.0]), wanted=20)

    assert admitted == 2


def test_before_anything_is_known_no_more_is_over_dialed_than_could_all_be_abandoned() -> None:
    admitted = Guard().admit(snapshot(agents_idle=[5.0], live_answered=200.0), wanted=20)

    assert admitted == 1 + 6


@pytest.mark.parametrize(("abandoned", "admitted"), [(5.0, 2), (5.1, 1), (6.0, 1), (60.0, 1)])
def test_one_to_one_begins_when_one_more_could_break_the_cap(abandoned: float, admitted: int) -> None:
    guard = Guard()

    found = guard.admit(snapshot(agents_idle=[5.0], live_answered=200.0, abandoned=abandoned), wanted=20)

    assert found == admitted


def test_calls_seldom_abandoned_leave_room_for_more() -> None:
    guard = Guard()
    before = guard.over_dial(10.0)

    for second in range(500):
        guard.observe(CallOutcome("attempt", float(second), result="no_answer", ring_s=22.0))

    assert guard.over_dial(10.0) > 3 * before


def test_abandoned_calls_take_the_room_back() -> None:
    guard = Guard()
    for second in range(500):
        guard.observe(CallOutcome("attempt", float(second), result="no_answer", ring_s=22.0))
    before = guard.over_dial(10.0)

    for second in range(50):
        guard.observe(CallOutcome("abandoned", 500.0 + second, wait_s=3.0))

    assert guard.over_dial(10.0) < before / 3


def test_the_cap_is_never_above_the_law() -> None:
    found = Guard().admit(snapshot(live_answered=100.0, abandoned=4.0, target_abandon_rate=0.1), wanted=20)

    assert found == 0


def test_a_lower_cap_binds_earlier() -> None:
    here = snapshot(live_answered=200.0, abandoned=3.0)
    there = snapshot(live_answered=200.0, abandoned=3.0, target_abandon_rate=0.01)

    assert Guard().admit(here, wanted=20) == 3
    assert Guard().admit(there, wanted=20) == 0


def test_where_machines_reach_agents_dropped_calls_are_counted_upwards() -> None:
    guard = Guard()
    for second in range(100):
        guard.observe(
            CallOutcome(
                "handled", float(second), talk_s=20.0, party="machine" if second % 4 == 0 else "human"
            )
        )

    budget = guard.budget(snapshot(live_answered=1000.0, abandoned=16.0))

    assert budget == pytest.approx(30 - 16 - 2 * (16 * 25 / 101) ** 0.5)


def test_no_more_people_are_supposed_abandoned_than_calls_were_dropped() -> None:
    guard = Guard()
    guard.run(snapshot(live_answered=1000.0))
    for second in range(100):
        party = "machine" if second % 20 == 0 else "human"
        guard.observe(CallOutcome("handled", float(second), talk_s=20.0, party=party))
    for _ in range(10):
        guard.observe(CallOutcome("abandoned", 100.0, wait_s=3.0))

    budget = guard.budget(snapshot(live_answered=1000.0, abandoned=9.5))

    assert budget == pytest.approx(30 - 10)


@pytest.mark.parametrize(("expected", "most"), [(0.0, 0), (0.05, 1), (0.2, 2), (1.0, 5), (42.0, 63)])
def test_a_thousandth_is_what_chance_may_go_beyond(expected: float, most: int) -> None:
    found = int(_at_most(expected))

    assert found == most
    assert 1 - sum(math.exp(-expected) * expected**n / math.factorial(n) for n in range(found + 1)) < 0.00136


def test_what_a_budget_bears_never_falls_where_counting_ends() -> None:
    borne = [_bearable(budget / 4) for budget in range(4, 600)]

    assert borne == sorted(borne)


def test_waiting_inbound_callers_are_owed_an_agent_first() -> None:
    found = Guard().admit(snapshot(agents_idle=[1.0, 1.0], inbound_waiting=[4.0]), wanted=20)

    assert found == 1


@pytest.mark.parametrize("over", [3, 20, 200, 800])
def test_the_budget_said_to_be_needed_bears_the_calls(over: int) -> None:
    guard = Guard()
    for second in range(3000):
        guard.observe(CallOutcome("attempt", float(second), result="no_answer", ring_s=22.0))

    needed, expected = guard.needed(over)

    assert guard.over_dial(needed + 0.01) >= over
    assert expected < needed


def told_by_a_forecast(*, dropped: int) -> Guard:
    """Return a guard after 1,000 calls of which a forecast expected 20 to be abandoned."""
    guard = Guard()
    for second in range(1000):
        guard.foresee(snapshot(), 1, 0.02)
        guard.observe(CallOutcome("attempt", float(second), result="no_answer", ring_s=22.0))
    for _ in range(dropped):
        guard.observe(CallOutcome("abandoned", 1000.0, wait_s=3.0))
    return guard


TOTALS = [0.1 * count for count in range(101)]  # of which each adds a tenth of an abandoned call


def test_a_forecast_that_came_true_lets_more_through_than_the_worst_case() -> None:
    here = snapshot(live_answered=400.0, calls_ringing=[5.0] * 200)

    admitted = [told_by_a_forecast(dropped=20).admit(here, 100, None, TOTALS[:upto]) for upto in (0, 101)]

    assert admitted[0] == 0
    assert 20 < admitted[1] < 60


def test_a_forecast_that_was_too_low_lets_less_through() -> None:
    calm, wrong = (told_by_a_forecast(dropped=dropped).borne(12.0, TOTALS) for dropped in (20, 80))

    assert 0 < wrong < calm / 2


def test_a_forecast_nothing_is_known_of_lets_nothing_through() -> None:
    guard = Guard()
    guard.foresee(snapshot(), 500, 100.0)

    assert guard.borne(50.0, TOTALS) == 0


@pytest.mark.parametrize("budget", [-3.0, 0.0, 0.999])
def test_no_forecast_widens_a_budget_under_one_call(budget: float) -> None:
    assert told_by_a_forecast(dropped=0).borne(budget, [0.0] * 50) == 0


def test_calls_that_never_started_do_not_vouch_for_a_forecast() -> None:
    guard = Guard()
    for second in range(100):
        guard.foresee(snapshot(), 10, 0.2)
        guard.observe(CallOutcome("attempt", float(second), result="no_answer", ring_s=22.0))

    assert guard.borne(50.0, TOTALS) <= told_by_a_forecast(dropped=0).borne(50.0, TOTALS)
