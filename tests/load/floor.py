"""A floor of robots for the measurements of calls: made-up people, campaigns, agents at work, and what each process used up."""

import argparse
import asyncio
import contextlib
import json
import os
import random
import resource
import shutil
import signal
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config import embedded
from sandbox.places import Place, list_places
from tests.e2e import office, robots, scene, stack, truth

# 555-0113 is on the demo's registry, 0180 on its own leads'. The first are kept for fiction; behind them a long list goes on.
LINES = [*(line for line in range(101, 180) if line != 113), *range(2000, 9000)]
FICTION = 78
LEFT_OUT = {"HI", "AK", "PR"}  # too far west or east for one afternoon
SIGN_IN_AT_ONCE = 8
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def make_people(count: int, rng: random.Random) -> str:
    """Return a list of made-up people all over the country as a file, no two numbers alike; kept for fiction, while they last."""
    by_code: dict[str, list[Place]] = {}
    for place in list_places():
        if place.state not in LEFT_OUT:
            by_code.setdefault(place.area_code, []).append(place)
    lines = LINES if count > FICTION * len(by_code) else LINES[:FICTION]
    numbers = [(code, line) for code in sorted(by_code) for line in lines]
    rows = ["Name,Phone,City,State,ZIP"]
    for index, (code, line) in enumerate(rng.sample(numbers, count)):
        place = rng.choice(by_code[code])
        rows.append(f"Person {index},{code}-555-{line:04d},{place.city},{place.state},{place.zip_code}")
    return "\n".join([*rows, ""])


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A campaign to make: `leads` people of its own, dialed in `mode`."""

    mode: str
    leads: int
    detection: str = "off"

    @property
    def name(self) -> str:
        """Return what it is called."""
        return f"Robots at work, {self.mode}"


async def set_up(
    running: stack.Stack, folder: Path, plans: Sequence[Plan], robots_wanted: int, rng: random.Random
) -> tuple[list[str], dict[str, int]]:
    """Make agents, people and campaigns; return the agents' names and each mode's campaign. Nine in ten people consented."""
    names = await office.add_agents(running.url, robots_wanted)
    tables = make_people(sum(plan.leads for plan in plans), rng).splitlines()
    head, rows = tables[0], iter(tables[1:])
    for plan in plans:
        table = "\n".join([head, *(next(rows) for _ in range(plan.leads)), ""])
        await office.import_file(running.url, plan.name, table)
    await asyncio.to_thread(scene.record_consents, running, folder)
    campaigns = {
        plan.mode: await office.start_campaign(
            running.url, [plan.name], names, plan.mode, name=plan.name, detection=plan.detection
        )
        for plan in plans
    }
    return names, campaigns


async def at_work(agents: Sequence[robots.Agent], orders: robots.Orders) -> list["asyncio.Task[None]"]:
    """Let the robots begin, a few at a time, and return their tasks."""
    some = asyncio.Semaphore(SIGN_IN_AT_ONCE)
    return [asyncio.create_task(agent.work(orders, signed_on=some)) for agent in agents]


async def begin_together(agents: Sequence[robots.Agent], orders: robots.Orders) -> list["asyncio.Task[None]"]:
    """Let all robots sign in and only then begin; returns their tasks.

    Nobody is called while hundreds sign in at once: people who pick up meanwhile would wait too long for their agent, and the campaign
    would be stopped for it.
    """
    orders.last_call.set()
    tasks = await at_work(agents, orders)
    await until(lambda: all(agent.is_done for agent in agents), 600)
    orders.last_call.clear()
    for agent in agents:
        agent.look_now()
    print(f"{len(agents)} robots at work", flush=True)
    return tasks


def raise_what_broke(tasks: Sequence["asyncio.Task[None]"]) -> None:
    """Raise the first error that ended a robot."""
    for task in tasks:
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            raise error


def calls_at_carrier(running: stack.Stack) -> list[dict[str, object]]:
    """Return the carrier's own record of calls to people."""
    found = truth.read_json(f"{running.sandbox('carrier')}/_sandbox/calls")["calls"]
    return [call for call in found if call["to"].startswith("+")]


def tell_carrier(running: stack.Stack, what: str, wish: Mapping[str, object]) -> None:
    """Change the stand-in: faults or population."""
    request = urllib.request.Request(
        f"{running.sandbox('carrier')}/_sandbox/{what}",
        data=json.dumps(wish).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10):
        pass


def stopped_for_abandoned_calls(running: stack.Stack) -> bool:
    """Return whether the gate stopped the dialer, since too many people heard no agent in time (FED-016): lawful, and a short run."""
    query = "SELECT EXISTS (SELECT 1 FROM campaigns_campaignlead WHERE reason LIKE '%were abandoned%')"
    return bool(truth.scalar(running.env["DATABASE_URL"], query))


# -- processor time ---------------------------------------------------------------------------------------------------


def processor_seconds(running: stack.Stack, folder: Path) -> dict[str, float]:
    """Return what each process, with its children alive and gone, has used up; "robots" is this one."""
    postmaster = (folder / "postgres" / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0]
    roots = {name: process.pid for name, process in running.processes.items()}
    roots |= {"postgresql": int(postmaster), "redis": running.redis_pid}
    parents, used = _processes()
    own = resource.getrusage(resource.RUSAGE_SELF)
    found = {
        name: round(sum(used.get(pid, 0.0) for pid in _family(pid, parents)), 1)
        for name, pid in roots.items()
    }
    return {**found, "robots": round(own.ru_utime + own.ru_stime, 1)}


def _processes() -> tuple[dict[int, int], dict[int, float]]:
    """Return the parent of each process, and its processor seconds with those of its children that are gone."""
    parents, used = {}, {}
    for path in Path("/proc").iterdir():
        if not path.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            fields = (path / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            parents[int(path.name)] = int(fields[1])
            used[int(path.name)] = sum(map(int, fields[11:15])) / CLOCK_TICKS
    return parents, used


def _family(root: int, parents: Mapping[int, int]) -> list[int]:
    family = [root]
    for member in family:
        family += [pid for pid, parent in parents.items() if parent == member]
    return family


# -- a run ------------------------------------------------------------------------------------------------------------


def options(name: str, *, robots: int, speed: float, thinks: float) -> argparse.ArgumentParser:
    """Return the command line of a measurement of this package; the values are what it takes where nothing is given."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.load.{name}")
    parser.add_argument("--robots", type=int, default=robots)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--speed", type=float, default=speed, help="simulated seconds of ringing and talk a second"
    )
    parser.add_argument(
        "--thinks", type=float, default=thinks, help="simulated seconds a robot looks at a card or result"
    )
    return parser


def pace(given: argparse.Namespace, *, carrier_takes: int, we_place: int) -> dict[str, str]:
    """Return the environment of a stage by its command line; both rates in calls a second."""
    return {
        "SANDBOX_SPEED": str(given.speed),
        "SANDBOX_SEED": str(given.seed),
        "SANDBOX_CPS": str(carrier_takes),
        "PARLEY_CARRIER_CPS": str(we_place),
    }


@contextlib.contextmanager
def stage(name: str, *, start: str, extra: Mapping[str, str]) -> Iterator[tuple[stack.Stack, Path]]:
    """Start the product without CRMs on data of its own, and remove those afterwards, whatever happened; only the log stays."""
    folder = Path(embedded.data_folder(name))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    hour, minute = map(int, start.split(":"))
    signal.signal(signal.SIGTERM, _end)
    try:
        offset = scene.clock_offset(hour, minute)
        with stack.running(folder, clock_offset=offset, extra=extra, without=stack.CRMS) as running:
            scene.allow_many_dials(running)
            yield running, folder
    finally:
        for entry in folder.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.name != "stack.log":
                entry.unlink()


def _end(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


async def until(is_so: Callable[[], bool], seconds: float, *, every: float = 0.5) -> bool:
    """Wait until it is so, at most so long; return whether it is."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not is_so():
        if loop.time() > deadline:
            return False
        await asyncio.sleep(every)
    return True
