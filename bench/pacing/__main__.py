"""Measure the pacers: python -m bench.pacing [--quick] [--seeds 10] [--hours 8] [--only standard-25,markov-5].

Prints a table for each scenario and, at the end, one line of JSON. Every pacer meets the same callers and agents in a seed.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bench.pacing.markov import MarkovModel, optimum
from bench.pacing.rivals import AdaptivePacer, RatioPacer
from dialer.intervals import share
from dialer.pacing import PredictivePacer, ProgressivePacer
from dialer.pacing.snapshot import Pacer
from dialer.simulation.engine import Simulation
from dialer.simulation.results import Result
from dialer.simulation.scenario import HOUR, Scenario, markov, standard

PACERS: dict[str, Callable[[], Pacer]] = {
    "predictive": PredictivePacer,
    "progressive": ProgressivePacer,
    "ratio 1.5": lambda: RatioPacer(1.5),
    "ratio 2": lambda: RatioPacer(2.0),
    "ratio 3": lambda: RatioPacer(3.0),
    "adaptive hard": lambda: AdaptivePacer("hard_limit"),
    "adaptive average": lambda: AdaptivePacer("average"),
    "adaptive tapered": lambda: AdaptivePacer("tapered"),
}
HEAD = ("pacer", "talk", "bound", "of it", "abandoned", "worst seed", "wait", "p95", "dials", "ms", "p99 ms")


def scenarios(hours: float | None) -> list[Scenario]:
    """Return what is measured: large teams for fewer hours, since their answers are as many."""
    lengths = {3: 8.0, 5: 8.0, 10: 8.0, 25: 8.0, 100: 4.0, 500: 1.0}
    days = [standard(agents, seconds=(hours or most) * HOUR) for agents, most in lengths.items()]
    return days + [markov(agents, seconds=(hours or 8.0) * HOUR) for agents in (5, 10, 20, 30)]


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


def measure(scenario: Scenario, seeds: int, pacers: Sequence[str]) -> list[dict[str, Any]]:
    """Run every pacer on a scenario, print the table, and return its figures."""
    best = optimum(MarkovModel(agents=scenario.agents)) if scenario.name.startswith("markov") else None
    print(f"\n{scenario.name}: {seeds} seeds, {scenario.seconds / HOUR:g} h\n", flush=True)
    print("| " + " | ".join(HEAD) + " |\n" + "|---" * len(HEAD) + "|")
    table = []
    for name in pacers:
        results = [Simulation(scenario, PACERS[name](), seed).run() for seed in range(1, seeds + 1)]
        table.append(summary(name, results, best))
        print(row(table[-1]), flush=True)
    return table


def main(arguments: Sequence[str]) -> int:
    """Measure what was asked for, and return 1 if the predictive pacer broke the cap in a seed with enough answers."""
    parser = argparse.ArgumentParser(prog="bench.pacing", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two small scenarios, one seed, under a minute")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--hours", type=float, help="instead of each scenario's own length")
    parser.add_argument("--only", default="", help="scenarios by name, with commas")
    parser.add_argument("--pacers", default=",".join(PACERS), help="pacers by name, with commas")
    asked = parser.parse_args(arguments)
    if asked.quick:
        asked.seeds, asked.hours, asked.only = 1, 1.0, asked.only or "standard-5,standard-10,markov-5"
    only = [name for name in asked.only.split(",") if name]
    known = scenarios(asked.hours)
    unknown = {*only} - {one.name for one in known} | {*asked.pacers.split(",")} - {*PACERS}
    if unknown:
        parser.error(
            f"not known: {sorted(unknown)}; scenarios {[one.name for one in known]}, pacers {[*PACERS]}"
        )
    chosen = [one for one in known if not only or one.name in only]
    tables = {one.name: measure(one, asked.seeds, asked.pacers.split(",")) for one in chosen}
    broke = [
        name
        for name, table in tables.items()
        for line in table
        if line["pacer"] == "predictive"
        and line["worst seed"] > 0.03
        and line["answers"] >= 300 * asked.seeds
    ]
    print(json.dumps({"bench": "pacing", "seeds": asked.seeds, "broke_cap": broke, "tables": tables}))
    return 1 if broke else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
