"""Calls a second from end to end: `make bench-calls`; the last line is JSON.

Robot agents wait for calls of the dialer (progressive), all processes, PostgreSQL, the stand-in carrier and the robots on the cores of one
machine; nobody is killed and nothing gets lost. What each process used up is told, so that the product's own share can be read.
"""

import argparse
import asyncio
import json
import os
import random
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from tests.e2e import robots, scene, stack, truth
from tests.load import floor

GOAL_CALLS_A_SECOND = 25
PAST_ANSWERS = 3000
LEADS_FOR_A_CALL = 1.6  # some may not be called, by law
CALLS = """
    SELECT count(*) FILTER (WHERE a.placed_at >= %(begin)s AND a.placed_at < %(end)s) AS placed,
           count(*) FILTER (WHERE c.bridged_at >= %(begin)s AND c.bridged_at < %(end)s) AS bridged,
           count(*) FILTER (WHERE c.disposed_at >= %(begin)s AND c.disposed_at < %(end)s) AS with_result,
           count(*) FILTER (WHERE c.abandoned AND c.answered_at >= %(begin)s AND c.answered_at < %(end)s) AS abandoned,
           count(*) FILTER (WHERE c.outcome = 'not_placed' AND c.ended_at >= %(begin)s AND c.ended_at < %(end)s) AS not_placed
    FROM dialer_call c JOIN dialer_dialattempt a ON a.id = c.attempt_id"""
BRIDGING = """
    SELECT extract(epoch FROM bridged_at - answered_at) * 1000 FROM dialer_call
    WHERE bridged_at IS NOT NULL AND answered_at >= %(begin)s AND answered_at < %(end)s"""
APPLYING = """
    SELECT extract(epoch FROM applied_at - received_at) * 1000 FROM carriers_carrierinbox
    WHERE received_at >= %(begin)s AND received_at < %(end)s AND applied_at IS NOT NULL"""


async def play(running: stack.Stack, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Set up, warm up, measure."""
    rng = random.Random(options.seed)
    floor.tell_carrier(running, "population", {"scenario": "standard"})
    leads = round(options.expected * (options.warm_up + options.seconds) * LEADS_FOR_A_CALL)
    plan = floor.Plan(mode="progressive", leads=leads)
    names, campaigns = await floor.set_up(running, folder, [plan], options.robots, rng)
    agents = [
        robots.Agent(
            running.url,
            name,
            [campaigns[plan.mode]],
            random.Random(f"{options.seed}-{name}"),
            options.speed,
            thinks=options.thinks,
            looks_every=120.0,
        )
        for name in names
    ]
    scene.record_weeks_without_a_fault(running, live=PAST_ANSWERS)
    orders = robots.Orders()
    tasks = await floor.begin_together(agents, orders)
    await asyncio.sleep(options.warm_up)
    floor.raise_what_broke(tasks)
    offset = float(running.env["PARLEY_CLOCK_OFFSET_SECONDS"])
    used, begin = floor.processor_seconds(running, folder), time.time() + offset
    await asyncio.sleep(options.seconds)
    floor.raise_what_broke(tasks)
    after, end = floor.processor_seconds(running, folder), time.time() + offset
    span = {"begin": datetime.fromtimestamp(begin, UTC), "end": datetime.fromtimestamp(end, UTC)}
    found = await asyncio.to_thread(_figures, running, span)
    orders.stop.set()
    await asyncio.gather(*tasks)
    placed = int(found["placed"])
    shares = {name: round((after[name] - used[name]) / (end - begin), 3) for name in used}
    return {
        "robots": len(agents),
        "speed": options.speed,
        "seconds": round(end - begin),
        "calls_a_second": round(placed / (end - begin), 2),
        "goal_calls_a_second": GOAL_CALLS_A_SECOND,
        **found,
        "stopped_for_abandoned_calls": floor.stopped_for_abandoned_calls(running),
        "cores_used": round(sum(shares.values()), 2),
        "cores_used_by": shares,
        "product_processor_ms_a_call": _each(shares, placed / (end - begin)),
        "requests_of_robots_a_second": round(
            sum(agent.pages for agent in agents) / (time.time() + offset - begin), 1
        ),
        "answers_of_500": sum(len(agent.faults) for agent in agents),
        "load": os.getloadavg()[0],
    }


def _each(shares: dict[str, float], rate: float) -> float | None:
    """Return the processor milliseconds a call cost all but the stand-in and the robots."""
    ours = sum(share for name, share in shares.items() if name not in ("robots", "carrier"))
    return round(ours / rate * 1000, 1) if rate else None


def _figures(running: stack.Stack, span: dict[str, datetime]) -> dict[str, Any]:
    log = truth.read_json(f"{running.sandbox('carrier')}/_sandbox/webhooks")["webhooks"]
    took: dict[bool, list[float]] = {True: [], False: []}
    for each in log:
        if span["begin"] <= datetime.fromisoformat(each["created_at"]) < span["end"] and each["finished_at"]:
            took[each["kind"] == "twiml"].append(float(each["took_ms"]))
    with psycopg.connect(running.env["DATABASE_URL"]) as connection:
        cursor = connection.execute(CALLS, span)
        row = cursor.fetchone()
        assert row is not None
        assert cursor.description is not None
        counts = {column.name: int(value) for column, value in zip(cursor.description, row, strict=True)}
        bridging, applying = (
            [float(value) for (value,) in connection.execute(query, span)] for query in (BRIDGING, APPLYING)
        )
    return {
        **counts,
        "webhooks": len(took[True]) + len(took[False]),
        **_quantiles("webhook_twiml", took[True]),
        **_quantiles("webhook_news", took[False]),
        **_quantiles("received_to_applied", applying),
        **_quantiles("answer_to_bridged", bridging),
    }


def _quantiles(name: str, values: list[float]) -> dict[str, int]:
    return {f"{name}_p{round(share * 100)}_ms": round(scene.quantile(values, share)) for share in (0.5, 0.99)}


def main() -> None:
    """Measure and print."""
    parser = floor.options("bench_calls", robots=300, speed=1.0, thinks=8.0)
    parser.add_argument("--warm-up", type=float, default=45.0, help="seconds before measuring")
    parser.add_argument("--seconds", type=float, default=120.0, help="seconds of measuring")
    parser.add_argument("--expected", type=float, default=30.0, help="calls a second to have people for")
    options = parser.parse_args()
    extra = floor.pace(options, carrier_takes=100, we_place=40)
    with floor.stage("bench-calls", start="14:00", extra=extra) as (running, folder):
        found = asyncio.run(play(running, folder, options))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
