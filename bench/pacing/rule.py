"""What each part of the predictive pacer costs: python -m bench.pacing.rule [--agents 5] [--seeds 10] [--hours 8].

The same days are played by the rule alone and with its parts put back one after the other, in the simulator itself:

1. `known`: the level of answers is told, the tolerance is fixed, no guard holds anything;
2. `estimated`: the level is learned as the pacer learns it;
3. `planned`: the tolerance is the plan's, still without a guard, though the plan keeps off it;
4. `whole`: the pacer as it dials.

The first two are played at several tolerances, and what they reach at exactly the cap is read off the straight line between the two
around it. A seed's share moves by 0.02 when anything changes, so that a difference of 0.005 wants tens of days of a small team.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Final

import numpy as np

from dialer.pacing import PacingSnapshot, PredictivePacer
from dialer.pacing.guard import Guard
from dialer.pacing.spending import Spending
from dialer.simulation.engine import Simulation
from dialer.simulation.scenario import HOUR, Scenario, standard

CAP: Final = 0.03
TOLERANCES: Final = "0.01,0.015,0.02,0.03"
Day = tuple[float, int, int]  # share of zero idle, calls abandoned, calls answered by a person


class _NoGuard(Guard):
    """Lets through whatever is wanted; still counts, since the plan asks it."""

    def admit(
        self, s: PacingSnapshot, wanted: int, budget: float | None = None, totals: Sequence[float] = ()
    ) -> int:
        """Return all."""
        return wanted


class _Fixed(Spending):
    """Spends without a plan."""

    fixed = 0.0

    def update(self, s: PacingSnapshot, cycle: float, chance: float = 1.0) -> None:
        """Take a snapshot in, and leave the tolerance as it is."""
        super().update(s, cycle, chance)
        self.tolerance = self.fixed


class RulePacer(PredictivePacer):
    """The pacer without some of its parts."""

    def __init__(self, *, tolerance: float | None = None, is_guarded: bool = False) -> None:
        super().__init__()
        if not is_guarded:
            self.guard = _NoGuard()
        self.spending = Spending(self.guard)
        if tolerance is not None:
            self.spending = _Fixed(self.guard)
            self.spending.fixed = tolerance

    def tell_level(self, level: Callable[[], float]) -> None:
        """From now on, have the level told in place of learning it."""

        def passed(seconds: float, ringing: list[float], staff: int, scores: Sequence[float] = ()) -> None:
            self.answers.level = level()

        self.answers.passed = passed  # type: ignore[method-assign]  # of this pacer alone


def day(scenario: Scenario, seed: int, *, tolerance: float | None, is_known: bool, is_guarded: bool) -> Day:
    """Play one day and return its figures."""
    pacer = RulePacer(tolerance=tolerance, is_guarded=is_guarded)
    played = Simulation(scenario, pacer, seed)
    if is_known:
        pacer.tell_level(lambda: played.person_share(played.now) / scenario.person)
    found = played.run()
    return found.utilization / found.bound, found.abandoned, found.persons


def summary(days: Sequence[Day]) -> tuple[float, float, float]:
    """Return the mean share of zero idle, its error, and the share abandoned."""
    shares = [share for share, _, _ in days]
    error = float(np.std(shares, ddof=1)) / len(shares) ** 0.5 if len(shares) > 1 else float("nan")
    lost, answered = sum(lost for _, lost, _ in days), sum(answered for _, _, answered in days)
    return float(np.mean(shares)), error, lost / max(1, answered)


def at_cap(points: Sequence[tuple[float, float]]) -> float:
    """Return the share at the cap on the line between the points of (abandoned, share) around it; nan where it is not between any."""
    below = max((point for point in points if point[0] <= CAP), default=None)
    above = min((point for point in points if point[0] > CAP), default=None)
    if below is None or above is None:
        return float("nan")
    (x, y), (x2, y2) = below, above
    return y + (CAP - x) * (y2 - y) / (x2 - x)


def main(arguments: Sequence[str]) -> int:
    """Play what was asked for and print a table."""
    parser = argparse.ArgumentParser(prog="bench.pacing.rule", description=__doc__)
    parser.add_argument("--agents", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--tolerances", default=TOLERANCES, help="of the first two, with commas")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args(arguments)
    scenario = standard(asked.agents, seconds=asked.hours * HOUR)
    seeds = range(asked.first, asked.first + asked.seeds)
    tolerances = [float(text) for text in asked.tolerances.split(",")]
    print(f"{scenario.name}: {asked.seeds} seeds, {asked.hours:g} h\n")
    print("| what is given | tolerance | share of zero idle | abandoned |\n|---|---|---|---|")
    with ProcessPoolExecutor(asked.processes) as pool:

        def show(
            name: str, tolerance: float | None, *, is_known: bool, is_guarded: bool
        ) -> tuple[float, float]:
            one = partial(day, scenario, tolerance=tolerance, is_known=is_known, is_guarded=is_guarded)
            mean, error, lost = summary(list(pool.map(one, seeds)))
            fixed = "the plan’s" if tolerance is None else f"{tolerance:g}"
            print(f"| {name} | {fixed} | {mean:.4f} ± {error:.4f} | {lost:.2%} |", flush=True)
            return lost, mean

        for name, is_known in (("known", True), ("estimated", False)):
            points = [show(name, each, is_known=is_known, is_guarded=False) for each in tolerances]
            print(f"| {name} | at {CAP:.1%} | {at_cap(points):.4f} | {CAP:.1%} |", flush=True)
        show("planned", None, is_known=False, is_guarded=False)
        show("whole", None, is_known=False, is_guarded=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
