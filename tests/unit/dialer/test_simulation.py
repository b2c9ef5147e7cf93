"""The simulator against closed forms of queueing theory, and against its own promises."""

import math
from dataclasses import replace

import pytest

from dialer.pacing import PacingSnapshot, ProgressivePacer
from dialer.simulation.engine import Simulation
from dialer.simulation.scenario import Inbound, Length, Scenario, exponential, standard


class Silent:
    """Starts no calls, so that inbound callers are alone with the agents."""

    def calls_to_place(self, s: PacingSnapshot) -> int:
        return 0


def erlang_b(offered: float, servers: int) -> float:
    """Return the share of callers turned away, by Erlang's recursion (1917)."""
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = offered * blocked / (server + offered * blocked)
    return blocked


def erlang_c(offered: float, servers: int) -> float:
    """Return the share of callers who wait."""
    blocked = erlang_b(offered, servers)
    return servers * blocked / (servers - offered * (1 - blocked))


def queue(agents: int, offered: float, **inbound: object) -> Scenario:
    """Return a day of inbound calls of 30 s on average, long enough for tight averages."""
    settings = {"rate": offered / 30, "talk": exponential(30.0), "wrap": Length(0.0), **inbound}
    return Scenario(
        agents=agents, seconds=200_000.0, tick=600.0, log_in_over=0.0, pause_every=None, history_attempts=0,
        inbound=Inbound(**settings), cps=1.0,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.slow_test
@pytest.mark.parametrize(("agents", "offered"), [(2, 1.0), (5, 4.0), (10, 7.0)])
def test_callers_who_do_not_wait_are_lost_as_erlang_b_says(agents: int, offered: float) -> None:
    result = Simulation(queue(agents, offered, patience=Length(0.0)), Silent(), seed=3).run()

    lost = result.inbound_lost / result.inbound
    expected = erlang_b(offered, agents)
    assert lost == pytest.approx(expected, abs=6 * math.sqrt(expected / result.inbound))


@pytest.mark.slow_test
@pytest.mark.parametrize(("agents", "offered"), [(2, 1.0), (5, 3.5), (10, 7.0)])
def test_patient_callers_wait_as_often_and_as_long_as_erlang_c_says(agents: int, offered: float) -> None:
    simulation = Simulation(queue(agents, offered, patience=None), Silent(), seed=4)

    simulation.run()

    waits = simulation.tally.inbound_waits
    share = sum(wait > 0 for wait in waits) / len(waits)
    assert share == pytest.approx(erlang_c(offered, agents), rel=0.08)
    expected = erlang_c(offered, agents) * 30 / (agents - offered)
    assert sum(waits) / len(waits) == pytest.approx(expected, rel=0.15)


@pytest.mark.slow_test
def test_the_same_seed_gives_the_same_day() -> None:
    scenario = standard(5, seconds=1800.0)

    first, second = (Simulation(scenario, ProgressivePacer(), seed=5).run() for _ in range(2))

    assert replace(first, decision_ms_mean=0.0, decision_ms_p99=0.0) == replace(
        second, decision_ms_mean=0.0, decision_ms_p99=0.0
    )


@pytest.mark.slow_test
def test_nobody_is_abandoned_one_to_one_when_no_agent_leaves() -> None:
    scenario = standard(10, seconds=3600.0, pause_every=None)

    result = Simulation(scenario, ProgressivePacer(), seed=6).run()

    assert result.persons > 150
    assert result.abandoned == 0


def test_a_list_ends() -> None:
    scenario = standard(5, seconds=900.0, numbers=40)

    result = Simulation(scenario, ProgressivePacer(), seed=7).run()

    assert result.dials == 40


def test_the_carrier_takes_no_more_than_its_calls_a_second() -> None:
    class Greedy:
        def calls_to_place(self, s: PacingSnapshot) -> int:
            return 1000

    result = Simulation(standard(5, seconds=60.0, cps=2.0), Greedy(), seed=8).run()

    assert result.dials <= 2 * 61


def test_no_more_lines_are_used_than_there_are() -> None:
    most = 0

    class Greedy:
        def calls_to_place(self, s: PacingSnapshot) -> int:
            nonlocal most
            used = s.calls_ringing, s.calls_in_amd, s.calls_waiting, s.agents_talking
            most = max(most, sum(map(len, used)))
            return 1000

    Simulation(standard(5, seconds=300.0, max_lines=12), Greedy(), seed=9).run()

    assert 8 <= most <= 12


@pytest.mark.parametrize("changes", [{"person": 0.9}, {"busy": -0.1}, {"agents": 0}, {"cps": 0.0}])
def test_a_scenario_that_cannot_be_is_refused(changes: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="standard"):
        Scenario(**changes)  # type: ignore[arg-type]
