"""`make chaos-calls`: robot agents make calls while web, worker, pacer, relay and the Redis-protocol server are killed with SIGKILL,
and webhooks are lost, doubled and reordered. The last line is JSON; 0 only if every call ended as the carrier's record says, and
nothing was dialed twice, lost, stuck or placed without a verdict.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from tests.e2e import robots, scene, stack
from tests.load import floor
from tests.load.chaos import judge
from tests.load.chaos.kills import Killer

LOST, DOUBLED, REORDERED = 0.05, 0.10, 0.20
# Callbacks nobody waits for. A request for TwiML that is lost, the carrier sends three times more (the #rc=3 of its address).
CALLBACKS = ("call ", "conference ", "amd ")
ENDED = "processes_ended_by_themselves"
FINISH_WITHIN_SECONDS = 240.0
SHARE_OF_PROGRESSIVE = 0.4
LEADS_FOR_A_CALL = 1.7  # some may not be called, by law


def set_faults(running: stack.Stack) -> None:
    """Let the carrier lose, double and reorder webhooks."""
    for kind in CALLBACKS:
        floor.tell_carrier(running, "faults", {"kind": "webhook_lost", "rate": LOST, "match": kind})
    floor.tell_carrier(running, "faults", {"kind": "webhook_duplicate", "rate": DOUBLED})
    floor.tell_carrier(running, "faults", {"kind": "webhook_reorder", "rate": REORDERED})


async def play(
    running: stack.Stack, folder: Path, options: argparse.Namespace
) -> tuple[list[robots.Agent], Killer, float]:
    """Set up, let robots work under fire until there were enough calls, let them finish; returns also the seconds of fire."""
    rng = random.Random(options.seed)
    leads = round(options.n * LEADS_FOR_A_CALL) + 20
    plans = [
        floor.Plan(mode="preview", leads=leads),
        floor.Plan(mode="progressive", leads=round(leads * SHARE_OF_PROGRESSIVE)),
    ]
    names, campaigns = await floor.set_up(running, folder, plans, options.robots, rng)
    by_dialer = round(len(names) * SHARE_OF_PROGRESSIVE)
    agents = [
        robots.Agent(
            running.url,
            name,
            [campaigns["progressive"], campaigns["preview"]] if index < by_dialer else [campaigns["preview"]],
            random.Random(f"{options.seed}-{name}"),
            options.speed,
            thinks=options.thinks,
        )
        for index, name in enumerate(names)
    ]
    orders, ceasefire = robots.Orders(), asyncio.Event()
    tasks = await floor.at_work(agents, orders)
    await floor.until(lambda: all(agent.pages for agent in agents), 120)
    print("robots at work; kills begin", flush=True)
    set_faults(running)
    killer = Killer(running, float(running.env["PARLEY_CLOCK_OFFSET_SECONDS"]), rng, options.gap)
    began = time.monotonic()
    fire = asyncio.create_task(killer.work(ceasefire))

    def enough() -> bool:
        floor.raise_what_broke([*tasks, fire])
        return len(floor.calls_at_carrier(running)) >= int(options.n)

    await floor.until(enough, options.seconds, every=2.0)
    seconds = time.monotonic() - began
    orders.last_call.set()
    ceasefire.set()
    await fire
    print(f"last call after {seconds:.0f} s; {len(killer.kills)} kills", flush=True)
    await floor.until(lambda: all(agent.is_done for agent in agents), FINISH_WITHIN_SECONDS)
    await floor.until(lambda: judge.is_quiet(running.env["DATABASE_URL"]), FINISH_WITHIN_SECONDS)
    orders.stop.set()
    await asyncio.gather(*tasks)
    return agents, killer, seconds


def report(
    running: stack.Stack, folder: Path, agents: list[robots.Agent], killer: Killer, seconds: float
) -> dict[str, Any]:
    """Print what is wrong and return the figures."""
    database_url, kills = running.env["DATABASE_URL"], killer.kills
    calls = floor.calls_at_carrier(running)
    wrongs = judge.wrongs(database_url, calls, agents)
    wrongs[ENDED] = [f"{name} ended by itself and was started again" for name in killer.ended_by_themselves]
    for kind, sentences in wrongs.items():
        for sentence in sentences[:20]:
            print(f"{kind}: {sentence}")
    ends = judge.late_ends(database_url, calls)
    works, settled = (
        [value for kill in kills if (value := getattr(kill, name)) is not None]
        for name in ("works", "settled")
    )
    return {
        "calls": len(calls),
        "robots": len(agents),
        **{kind: len(sentences) for kind, sentences in wrongs.items()},
        "kills": {name: sum(kill.name == name for kill in kills) for name in sorted({k.name for k in kills})},
        "recovered": len(works),
        "recover_p50_s": scene.quantile(works, 0.5),
        "recover_p95_s": scene.quantile(works, 0.95),
        "settled_p50_s": scene.quantile(settled, 0.5),
        "settled_p95_s": scene.quantile(settled, 0.95),
        "end_known_p50_s": round(scene.quantile(ends, 0.5), 2),
        "end_known_p99_s": round(scene.quantile(ends, 0.99), 2),
        "joined_and_not_known": judge.joined_unknown_to_us(database_url, calls),
        **judge.counts(database_url),
        "stopped_for_abandoned_calls": floor.stopped_for_abandoned_calls(running),
        "refusals_in_words": sum(len(agent.refusals) for agent in agents),
        "seconds": round(seconds),
        "processor_seconds": floor.processor_seconds(running, folder),
    }


def main() -> int:
    """Play and judge; returns an exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.chaos")
    parser.add_argument("--n", type=int, default=2000, help="calls to make")
    parser.add_argument("--robots", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--speed", type=float, default=3.0, help="simulated seconds of ringing and talk a second"
    )
    parser.add_argument(
        "--thinks", type=float, default=6.0, help="simulated seconds a robot looks at a card or result"
    )
    parser.add_argument("--gap", type=float, default=12.0, help="seconds from recovery to the next kill")
    parser.add_argument("--seconds", type=float, default=1200.0, help="give up after")
    options = parser.parse_args()
    extra = {
        "SANDBOX_SPEED": str(options.speed),
        "SANDBOX_SEED": str(options.seed),
        "SANDBOX_CPS": "40",
        "PARLEY_CARRIER_CPS": "20",
    }
    with floor.stage("chaos", start="14:00", extra=extra) as (running, folder):
        agents, killer, seconds = asyncio.run(play(running, folder, options))
        figures = report(running, folder, agents, killer, seconds)
    print(json.dumps(figures))
    unrecovered = [kill for kill in killer.kills if kill.works is None]
    # The last kill may have met the end of the run.
    wrong = [name for name in (*judge.KINDS, ENDED) if figures[name]]
    return 1 if wrong or figures["calls"] < options.n or len(unrecovered) > 1 else 0


if __name__ == "__main__":
    sys.exit(main())
