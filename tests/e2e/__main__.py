"""`make e2e`: 20 robot agents on the leads of both CRMs against the sandbox; the last line is JSON; 0 only if nothing was lost.

Nothing lost among few calls says little: a third of the leads must have been tried.
The clock starts a few minutes before 20:00 in New York, so that a dozen states close while the robots work and others are
closed already. Worker and relay are killed and started again on the way.
"""

import argparse
import asyncio
import json
import random
import shutil
import statistics
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from config import embedded
from tests.e2e import office, robots, scene, stack, truth

WANTED = {"salesforce": ["All Open Leads"], "hubspot": ["Autumn outreach", "Renewals due"]}
FEW = {"salesforce": ["Renewals due"], "hubspot": ["Renewals due"]}
SPEED = 20.0
WORK_WITHIN_SECONDS = 900  # four times what a run takes here: the machine, not the product, sets the pace
SYNC_WITHIN_SECONDS = 150
IDLE_SECONDS = {
    "preview": 6,
    "progressive": 25,
    "power": 25,
    "predictive": 25,
}  # all of them: nothing more to do; the pacer may have to start first


async def work(
    running: stack.Stack, campaign_id: int, names: list[str], options: argparse.Namespace
) -> list[robots.Agent]:
    """Let the robots work until there is nothing more to do; kill processes on the way."""
    orders = robots.Orders()
    agents = [
        robots.Agent(running.url, name, [campaign_id], random.Random(f"{options.seed}-{name}"), options.speed)
        for name in names
    ]
    tasks = [asyncio.create_task(agent.work(orders)) for agent in agents]
    began = time.monotonic()
    kills = [] if options.calm else [(15, "worker"), (30, "relay"), (45, "worker"), (60, "pacer")]
    while time.monotonic() - began < options.seconds:
        await asyncio.sleep(1)
        for task in tasks:
            if task.done() and task.exception():
                raise task.exception()  # type: ignore[misc]  # just seen not to be None
        if kills and time.monotonic() - began > kills[0][0]:
            name = kills.pop(0)[1]
            running.kill(name)
            running.start(name)
        if not kills and all(
            agent.idle_since and time.monotonic() - agent.idle_since > IDLE_SECONDS[options.mode]
            for agent in agents
        ):
            break
    orders.stop.set()
    await asyncio.gather(*tasks)
    return agents


def wait_for_sync(database_url: str) -> None:
    """Wait until nothing is due to a CRM any more."""
    deadline = time.monotonic() + SYNC_WITHIN_SECONDS
    open_items = """
        SELECT (SELECT count(*) FROM core_outboxmessage)
             + (SELECT count(*) FROM crm_sync_syncqueueitem WHERE state IN ('waiting', 'in_flight'))
             + (SELECT count(*) FROM dialer_call WHERE state <> 'ended')"""
    while truth.scalar(database_url, open_items) and time.monotonic() < deadline:
        time.sleep(0.5)


def report(running: stack.Stack, agents: list[robots.Agent], began: float) -> dict[str, Any]:
    """Compare all records and return the figures."""
    database_url = running.env["DATABASE_URL"]
    calls = [
        call
        for call in truth.read_json(f"{running.sandbox('carrier')}/_sandbox/calls")["calls"]
        if call["to"].startswith("+")
    ]
    ours = truth.records(database_url)
    in_crm = truth.activities(running.sandbox("salesforce"), running.sandbox("hubspot"))
    found = truth.compare(calls=calls, activities=in_crm, ours=ours)
    outside = truth.outside_hours(calls, {record.number: record.postal_code for record in ours})
    for kind, sentences in {**found, "outside hours": outside}.items():
        for sentence in sentences[:20]:
            print(f"{kind}: {sentence}")
    held_back = truth.scalar(
        database_url,
        "SELECT count(*) FROM campaigns_campaignlead WHERE reason LIKE 'Not called%' AND campaign_id > 1",
    )
    clicks = [seconds for agent in agents for seconds in agent.click_to_ringing]
    logged = [activity for activity in in_crm if activity["external_id"].startswith(truth.CALL)]
    lags = _crm_lags(logged, ours)
    for fault in [fault for agent in agents for fault in agent.faults][:20]:
        print(f"fault: {fault}")
    return {
        "leads": truth.scalar(
            database_url, "SELECT count(*) FROM campaigns_campaignlead WHERE campaign_id > 1"
        ),
        "attempts": len(calls),
        "abandoned": truth.scalar(database_url, "SELECT count(*) FROM dialer_call WHERE abandoned"),
        "answered": sum(record.answered for record in ours),
        "dispositions": sum(bool(record.disposition) for record in ours),
        "logged_in_crm": len(logged),
        "other_in_crm": len(in_crm) - len(logged),
        "lost": len(found["lost"]),
        "duplicates": len(found["duplicates"]),
        "calls_outside_hours": len(outside),
        "answers_of_500": sum(len(agent.faults) for agent in agents),
        "held_back_by_the_gate": held_back,
        "click_to_ringing_p50_ms": round(scene.quantile(clicks, 0.5) * 1000),
        "click_to_ringing_p95_ms": round(scene.quantile(clicks, 0.95) * 1000),
        "end_of_call_to_crm_p50_ms": round(statistics.median(lags) * 1000) if lags else None,
        "end_of_call_to_crm_p95_ms": round(scene.quantile(lags, 0.95) * 1000) if lags else None,
        "seconds": round(time.monotonic() - began),
    }


def _crm_lags(in_crm: list[dict[str, str]], ours: list[truth.Record]) -> list[float]:
    ended = {f"-{record.call_id}": record.ended_at for record in ours}
    lags = []
    for activity in in_crm:
        end = ended.get(f"-{activity['external_id'].rsplit('-', 1)[-1]}")
        if end is not None:
            created = activity["created_at"].replace("Z", "+00:00").replace("+0000", "+00:00")
            lags.append(max(0.0, (datetime.fromisoformat(created) - end).total_seconds()))
    return lags


def main() -> int:
    """Play the story and return an exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e")
    parser.add_argument("--robots", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--speed", type=float, default=SPEED, help="simulated seconds of ringing and talk a second"
    )
    parser.add_argument(
        "--few", action="store_true", help="80 leads instead of 600, for latencies at a human pace"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=WORK_WITHIN_SECONDS,
        help="stop the robots then, in mid-call too: for latencies",
    )
    parser.add_argument("--mode", default="preview", choices=list(IDLE_SECONDS))
    parser.add_argument("--calm", action="store_true", help="kill no process")
    parser.add_argument("--start", default="19:52", help="time in New York at the start")
    options = parser.parse_args()
    began = time.monotonic()
    folder = Path(embedded.data_folder("e2e"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    hour, minute = map(int, options.start.split(":"))
    extra = {
        "SANDBOX_SPEED": str(options.speed),
        "SANDBOX_SEED": str(options.seed),
        "SANDBOX_CPS": "40",
        "SANDBOX_HUBSPOT_TEN_SECOND_LIMIT": "190",
    }
    with stack.running(folder, clock_offset=scene.clock_offset(hour, minute), extra=extra) as running:
        scene.allow_many_dials(running)

        async def story() -> list[robots.Agent]:
            names = await office.add_agents(running.url, options.robots)
            wanted = FEW if options.few else WANTED
            await office.import_lists(running.url, wanted)
            if options.mode != "preview":
                scene.record_consents(running, folder)
            campaign_id = await office.start_campaign(
                running.url,
                [name for lists in wanted.values() for name in lists],
                names,
                options.mode,
                name="Robots at work",
                detection="off" if options.mode == "preview" else "hang_up",
            )
            print(f"set up after {time.monotonic() - began:.0f} s; robots begin", flush=True)
            return await work(running, campaign_id, names, options)

        agents = asyncio.run(story())
        print(
            f"robots done after {time.monotonic() - began:.0f} s, {sum(len(a.refusals) for a in agents)} refusals in words",
            flush=True,
        )
        wait_for_sync(running.env["DATABASE_URL"])
        figures = report(running, agents, began)
    print(json.dumps(figures))
    wrong = ("lost", "duplicates", "calls_outside_hours", "answers_of_500")
    if figures["attempts"] * 3 < figures["leads"]:
        print("Fewer than a third of the leads were tried.", file=sys.stderr)
        return 1  # what never happened cannot go wrong
    return 1 if any(figures[name] for name in wrong) else 0


if __name__ == "__main__":
    sys.exit(main())
