"""`make e2e-predictive`: the real loop against its simulation; the last line is JSON, 0 only if both shares lie in the band.

Robot agents take the calls of a predictive campaign, with all processes and the stand-in carrier at a fast clock. Afterwards the simulator
plays the same: its standard population, so many agents, ringing and talk faster by the same factor, and the delays that were measured. The
band is what its seeds come to, three deviations to either side.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from dialer.pacing import PredictivePacer
from dialer.simulation.engine import Simulation
from dialer.simulation.results import Result
from dialer.simulation.scenario import Length, Lengths, Mixture, Scenario, between, standard
from tests.e2e import robots, scene, stack, truth
from tests.load import floor

SEEDS = 8
WARM_UP = 0.1  # of the time
PAST_ANSWERS = 400  # in the compliance window before, as the simulator has it
DIALS_TO_SPARE = 1.6
LENGTHS = (
    "person_ring", "machine_ring", "busy_ring", "invalid_ring", "greeting", "person_verdict", "machine_verdict",
    "machine_talk", "talk",
)  # fmt: skip
TALKED = """
    SELECT coalesce(sum(extract(epoch FROM least(coalesce(ended_at, %(end)s), %(end)s) - greatest(bridged_at, %(begin)s))), 0)
    FROM dialer_call WHERE bridged_at < %(end)s AND coalesce(ended_at, %(end)s) > %(begin)s"""
ANSWERED = """
    SELECT count(*) FILTER (WHERE answered_by <> 'machine' OR session_id IS NOT NULL), count(*) FILTER (WHERE abandoned),
        count(*) FILTER (WHERE session_id IS NOT NULL), count(*)
    FROM dialer_call WHERE answered_at >= %(begin)s AND answered_at < %(end)s"""
PLACING = """
    SELECT coalesce(avg(extract(epoch FROM c.ringing_at - a.reserved_at)), 0)
    FROM dialer_call c JOIN dialer_dialattempt a ON a.id = c.attempt_id WHERE c.ringing_at BETWEEN %(begin)s AND %(end)s"""
WRITING = """
    SELECT coalesce(avg(extract(epoch FROM disposed_at - ended_at)), 0)
    FROM dialer_call WHERE bridged_at IS NOT NULL AND disposed_at BETWEEN %(begin)s AND %(end)s AND ended_at <= disposed_at"""


def faster(length: Lengths, speed: float) -> Lengths:
    """Return a length in so much shorter seconds."""
    if isinstance(length, Mixture):
        return Mixture(
            tuple(
                (share, replace(part, mean=part.mean / speed, least=part.least / speed))
                for share, part in length.parts
            )
        )
    return replace(length, mean=length.mean / speed, least=length.least / speed)


def as_played(options: argparse.Namespace, *, placing: float, writing: float) -> Scenario:
    """Return the simulator's scenario of what was played, in seconds of the wall; the two delays are means as measured."""
    plain = standard(options.robots)
    lengths: dict[str, Any] = {name: faster(getattr(plain, name), options.speed) for name in LENGTHS}
    ring = lengths["person_ring"]
    lengths["person_ring"] = replace(ring, least=ring.least + placing)
    shortest = 0.2 * options.thinks / options.speed
    wrap = (
        between(shortest, max(shortest * 1.01, 2 * writing - shortest))
        if writing > shortest
        else Length(writing)
    )
    return replace(
        plain, **lengths, wrap=wrap, ring_timeout=plain.ring_timeout / options.speed, seconds=options.hours * 3600 / options.speed,
        log_in_over=0.0, pause_every=None, swing=0.0, noise=0.0, cps=40.0, history_handled=PAST_ANSWERS,
    )  # fmt: skip


def simulate(scenario: Scenario) -> list[Result]:
    """Return what the seeds come to."""
    return [Simulation(scenario, PredictivePacer(), seed).run() for seed in range(1, SEEDS + 1)]


def band(values: Sequence[float]) -> tuple[float, float]:
    """Return three deviations to either side of the mean, not below 0."""
    middle, spread = statistics.mean(values), statistics.stdev(values)
    return max(0.0, middle - 3 * spread), middle + 3 * spread


async def play(
    running: stack.Stack, folder: Path, options: argparse.Namespace, leads: int
) -> dict[str, float]:
    """Let the robots work, and return what was measured after the warm-up."""
    floor.tell_carrier(running, "population", {"scenario": "standard", "answer_by_hour": [1.0] * 24})
    plan = floor.Plan(mode="predictive", leads=leads, detection="hang_up")
    rng = random.Random(options.seed)
    names, campaigns = await floor.set_up(running, folder, [plan], options.robots, rng)
    scene.record_weeks_without_a_fault(running, live=PAST_ANSWERS)
    agents = [
        robots.Agent(
            running.url, name, [campaigns[plan.mode]], random.Random(f"{options.seed}-{name}"), options.speed,
            thinks=options.thinks, looks_every=120.0, talks=(6000.0, 6000.0), holds=0.0,
        )
        for name in names
    ]  # fmt: skip
    orders = robots.Orders()
    tasks = await floor.begin_together(agents, orders)
    whole = options.hours * 3600 / options.speed
    await asyncio.sleep(whole * WARM_UP)
    begin = time.time()
    await asyncio.sleep(whole * (1 - WARM_UP))
    floor.raise_what_broke(tasks)
    found = await asyncio.to_thread(_measured, running, begin, time.time(), len(agents))
    orders.stop.set()
    await asyncio.gather(*tasks)
    return {**found, "answers_of_500": sum(len(agent.faults) for agent in agents)}


def _measured(running: stack.Stack, begin: float, end: float, agents: int) -> dict[str, float]:
    offset = float(running.env["PARLEY_CLOCK_OFFSET_SECONDS"])
    span = {name: datetime.fromtimestamp(at + offset, UTC) for name, at in (("begin", begin), ("end", end))}
    with psycopg.connect(running.env["DATABASE_URL"]) as connection:
        (talked,), (placing,), (writing,), counts = (
            connection.execute(query, span).fetchone() or (0,)
            for query in (TALKED, PLACING, WRITING, ANSWERED)
        )
    answered, abandoned, bridged, picked_up = counts
    return {
        "utilization": float(talked) / ((end - begin) * agents),
        "abandonment": abandoned / answered if answered else 0.0,
        "answered": answered,
        "picked_up": picked_up,
        "to_agents": bridged,
        "abandoned": abandoned,
        "placing_seconds": float(placing),
        "writing_seconds": float(writing),
    }


def main() -> int:
    """Play, simulate, compare; return an exit code."""
    parser = floor.options("predictive", robots=50, speed=4.0, thinks=20.0)
    parser.add_argument("--hours", type=float, default=10.0, help="simulated hours")
    options = parser.parse_args()
    guess = Simulation(
        as_played(options, placing=0.3, writing=0.7 * options.thinks / options.speed), PredictivePacer(), 1
    ).run()
    with floor.stage(
        "predictive", start="11:00", extra=floor.pace(options, carrier_takes=100, we_place=40)
    ) as (running, folder):
        found = asyncio.run(play(running, folder, options, round(guess.dials * DIALS_TO_SPARE)))
        left = truth.scalar(
            running.env["DATABASE_URL"],
            "SELECT count(*) FROM campaigns_campaignlead WHERE state = 'ready' AND attempts = 0",
        )
    played = simulate(as_played(options, placing=found["placing_seconds"], writing=found["writing_seconds"]))
    bands = {name: band([getattr(each, name) for each in played]) for name in ("utilization", "abandonment")}
    outside = [name for name, (low, high) in bands.items() if not low <= found[name] <= high]
    print(
        json.dumps(
            {
                "robots": options.robots, "speed": options.speed, "hours": options.hours,
                **{name: round(value, 4) for name, value in found.items()},
                **{f"{name}_band": [round(each, 4) for each in ends] for name, ends in bands.items()},
                "outside": outside, "leads_left": left, "load": os.getloadavg()[0],
            }
        )
    )  # fmt: skip
    return 1 if outside or not left or found["answers_of_500"] else 0


if __name__ == "__main__":
    sys.exit(main())
