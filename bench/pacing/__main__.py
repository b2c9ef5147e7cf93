"""Measure the pacers: python -m bench.pacing [--quick] [--family goals|grid|happenings] [--seeds 10] [--hours 8] [--only standard-25].

Prints a table for each scenario and, at the end, one line of JSON. Every pacer meets the same callers and agents in a seed. `--tuned`
also plays the adaptive methods with the settings that turn out best on the very same days among those that abandon no larger a share
than the predictive pacer, or than the cap: no campaign can be set so well, since nobody knows its day beforehand.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any, Final

import numpy as np

from bench.pacing.markov import MarkovModel, optimum
from bench.pacing.rivals import METHODS, SETTINGS, AdaptivePacer, RatioPacer
from bench.pacing.scenarios import families
from dialer.intervals import share
from dialer.pacing import PredictivePacer, ProgressivePacer
from dialer.pacing.snapshot import Pacer
from dialer.simulation.engine import Simulation
from dialer.simulation.results import Result
from dialer.simulation.scenario import HOUR, Scenario

CAP: Final = 0.03
ENOUGH: Final = 300  # live answers, from which on a seed's share is held to the cap
PACERS: dict[str, Callable[[], Pacer]] = {
    "predictive": PredictivePacer,
    "progressive": ProgressivePacer,
    "ratio 1.5": partial(RatioPacer, 1.5),
    "ratio 2": partial(RatioPacer, 2.0),
    "ratio 3": partial(RatioPacer, 3.0),
    "adaptive hard": partial(AdaptivePacer, "hard_limit"),
    "adaptive average": partial(AdaptivePacer, "average"),
    "adaptive tapered": partial(AdaptivePacer, "tapered"),
}
HEAD = ("pacer", "talk", "bound", "of it", "abandoned", "worst seed", "wait", "p95", "dials", "ms", "p99 ms")


def summary(pacer: str, results: Sequence[Result], best: float | None) -> dict[str, Any]:
    """Return one pacer's figures over the seeds; `best` is the Markov optimum, where there is one, else zero idle is."""

    def mean(name: str) -> float:
        return float(np.mean([getattr(result, name) for result in results]))

    lost, live = sum(result.abandoned for result in results), sum(result.persons for result in results)
    bound = best if best is not None else mean("bound")
    found = share(lost, live)
    return {
        "pacer": pacer, "talk": mean("utilization"), "bound": bound, "of it": mean("utilization") / bound,
        "abandoned": lost / max(1, live), "interval": (found.low, found.high),
        "worst seed": max(result.abandonment for result in results),
        "broke in": sum(result.abandonment > CAP and result.persons >= ENOUGH for result in results),
        "wait": mean("wait_mean"), "p95": mean("wait_p95"), "dials": mean("dials") / max(1.0, mean("handled")),
        "ms": mean("decision_ms_mean"), "p99 ms": mean("decision_ms_p99"), "answers": live,
    }  # fmt: skip


def row(found: dict[str, Any]) -> str:
    """Return a line of the table."""
    low, high = found["interval"]
    return (
        f"| {found['pacer']:<16} | {found['talk']:.4f} | {found['bound']:.4f} | {found['of it']:.4f} "
        f"| {found['abandoned']:.2%} ({low:.2%} to {high:.2%}) | {found['worst seed']:.2%} | {found['wait']:.1f} s "
        f"| {found['p95']:.1f} s | {found['dials']:.1f} | {found['ms']:.2f} | {found['p99 ms']:.2f} |"
    )


def play(scenario: Scenario, pacer: Callable[[], Pacer], seed: int) -> Result:
    """Play one day."""
    return Simulation(scenario, pacer(), seed).run()


def measure(
    scenario: Scenario, seeds: int, pacers: Sequence[str], pool: ProcessPoolExecutor, *, tuned: bool = False
) -> list[dict[str, Any]]:
    """Run every pacer on a scenario, print the table, and return its figures."""
    best = optimum(MarkovModel(agents=scenario.agents)) if scenario.name.startswith("markov") else None
    print(f"\n{scenario.name}: {seeds} seeds, {scenario.seconds / HOUR:g} h\n", flush=True)
    print("| " + " | ".join(HEAD) + " |\n" + "|---" * len(HEAD) + "|")
    table: list[dict[str, Any]] = []

    def played(name: str, pacer: Callable[[], Pacer]) -> dict[str, Any]:
        results = list(pool.map(partial(play, scenario, pacer), range(1, seeds + 1)))
        return summary(name, results, best)

    def show(found: dict[str, Any]) -> None:
        table.append(found)
        print(row(found), flush=True)

    for name in pacers:
        show(played(name, PACERS[name]))
    if tuned:
        bearable = max([CAP, *(line["abandoned"] for line in table if line["pacer"] == "predictive")])
        for method in METHODS:
            show(in_hindsight(method, bearable, played))
    return table


def in_hindsight(
    method: str, bearable: float, played: Callable[[str, Callable[[], Pacer]], dict[str, Any]]
) -> dict[str, Any]:
    """Return an adaptive method's figures with the settings that bring most talk at a bearable share abandoned, else least abandoned."""
    tried = [
        played(
            f"{method} {limit:g}/{highest:g}/{intensity:+g}",
            partial(AdaptivePacer, method, drop_limit=limit, highest=highest, intensity=intensity),
        )
        for limit, highest, intensity in SETTINGS
    ]
    within = [found for found in tried if found["abandoned"] <= bearable]
    return max(within, key=lambda it: it["talk"]) if within else min(tried, key=lambda it: it["abandoned"])


def main(arguments: Sequence[str]) -> int:
    """Measure what was asked for, and return 1 if the predictive pacer broke the cap in a seed with enough answers."""
    parser = argparse.ArgumentParser(prog="bench.pacing", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small scenarios, one seed, under a minute")
    parser.add_argument("--family", default="goals", help="goals, grid, happenings, or all")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--hours", type=float, help="instead of each scenario's own length")
    parser.add_argument("--only", default="", help="scenarios by name, with commas")
    parser.add_argument("--pacers", default=",".join(PACERS), help="pacers by name, with commas")
    parser.add_argument(
        "--tuned", action="store_true", help="also the adaptive methods at their best in hindsight"
    )
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args(arguments)
    if asked.quick:
        asked.seeds, asked.hours, asked.only = 1, 1.0, asked.only or "standard-5,standard-10,markov-5"
    only = [name for name in asked.only.split(",") if name]
    every = families(asked.hours)
    known = [one for name, days in every.items() if only or asked.family in ("all", name) for one in days]
    if unknown := {*only} - {one.name for one in known} | {*asked.pacers.split(",")} - {*PACERS}:
        names = [one.name for one in known]
        parser.error(f"not known: {sorted(unknown)}; scenarios {names}, pacers {[*PACERS]}")
    if not known:
        parser.error(f"no family {asked.family!r}: {[*every, 'all']}")
    chosen = [one for one in known if not only or one.name in only]
    with ProcessPoolExecutor(asked.processes) as pool:
        tables = {
            one.name: measure(one, asked.seeds, asked.pacers.split(","), pool, tuned=asked.tuned)
            for one in chosen
        }
    broke = [
        name
        for name, table in tables.items()
        for line in table
        if line["pacer"] == "predictive" and line["broke in"]
    ]
    print(json.dumps({"bench": "pacing", "seeds": asked.seeds, "broke_cap": broke, "tables": tables}))
    return 1 if broke else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
