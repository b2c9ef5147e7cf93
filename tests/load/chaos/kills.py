"""SIGKILL for one process after the other, and how long it takes until everything works again, seen from outside."""

import asyncio
import random
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from tests.e2e import stack

VICTIMS = ("web", "worker", "pacer", "relay", stack.REDIS)
AWAY_SECONDS = (0.2, 2.0)  # before it is started again
GIVEN_UP_AFTER = 180.0  # the machine may be slow; what never comes back is what is looked for
LOOKS_EVERY = 0.25
BEHIND = timedelta(seconds=3)  # an outbox message that waits longer has been left lying

# A call was placed and a webhook applied since, nothing is left lying in the outbox, and somebody paces.
WORKS_AGAIN = """
    SELECT EXISTS (SELECT 1 FROM dialer_dialattempt WHERE placed_at > %(since)s)
       AND EXISTS (SELECT 1 FROM carriers_carrierinbox WHERE received_at > %(since)s AND applied_at IS NOT NULL)
       AND NOT EXISTS (SELECT 1 FROM core_outboxmessage WHERE created_at < %(behind)s)
       AND EXISTS (
           SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid)
           WHERE l.locktype = 'advisory' AND l.granted AND (%(name)s <> 'pacer' OR a.backend_start > %(started)s))
"""
# Nothing that was in hand when the process died is open any more.
IS_SETTLED = """
    SELECT NOT EXISTS (SELECT 1 FROM dialer_dialattempt
                       WHERE state IN ('reserved', 'dialing', 'unknown') AND reserved_at < %(at)s)
       AND NOT EXISTS (SELECT 1 FROM carriers_carrierinbox WHERE applied_at IS NULL AND received_at < %(at)s)
       AND NOT EXISTS (SELECT 1 FROM core_outboxmessage WHERE created_at < %(at)s)
"""


@dataclass(slots=True, kw_only=True)
class Kill:
    """One kill. Seconds run from it; None: not seen, within GIVEN_UP_AFTER or before the end."""

    name: str
    away: float
    works: float | None = None  # work of every kind goes on
    settled: float | None = None  # all that was in hand is settled


@dataclass
class Killer:
    """Kills at random until told to stop; each process is killed once before any is killed twice."""

    running: stack.Stack
    clock_offset: float
    rng: random.Random
    gap: float  # seconds between recovery and the next kill, on average
    kills: list[Kill] = field(default_factory=list)
    ended_by_themselves: list[str] = field(default_factory=list)
    _order: list[str] = field(default_factory=list)

    async def work(self, stop: asyncio.Event) -> None:
        """Kill, start again, watch; ends soon after `stop` is set."""
        async with asyncio.TaskGroup() as watchers:
            while not await _sleeps(self.rng.uniform(0.5, 1.5) * self.gap, stop):
                kill = Kill(name=self._next(), away=round(self.rng.uniform(*AWAY_SECONDS), 2))
                began, at = time.monotonic(), self._now()
                self.running.kill(kill.name)
                await asyncio.sleep(kill.away)
                started = datetime.fromtimestamp(time.time(), UTC)
                since = self._now()
                await asyncio.to_thread(self.running.start, kill.name)
                self.kills.append(kill)
                watchers.create_task(self._watch_settling(kill, began, at, stop))
                facts = {"since": since, "name": kill.name, "started": started}
                kill.works = await self._watch(WORKS_AGAIN, facts, began, stop, with_web=True)

    async def _watch_settling(self, kill: Kill, began: float, at: datetime, stop: asyncio.Event) -> None:
        kill.settled = await self._watch(IS_SETTLED, {"at": at}, began, stop)

    async def _watch(
        self, query: str, facts: dict[str, Any], began: float, stop: asyncio.Event, *, with_web: bool = False
    ) -> float | None:
        """Return the seconds from `began` until the query says so; None if it does not in time, or the run ends first."""
        while time.monotonic() - began < GIVEN_UP_AFTER:
            self.ended_by_themselves += self.running.revive()
            if await asyncio.to_thread(self._holds, query, facts, with_web):
                return round(time.monotonic() - began, 1)
            if await _sleeps(LOOKS_EVERY, stop):
                break
        return None

    def _holds(self, query: str, facts: dict[str, Any], with_web: bool) -> bool:
        with psycopg.connect(self.running.env["DATABASE_URL"], autocommit=True) as connection:
            row = connection.execute(query, {**facts, "behind": self._now() - BEHIND}).fetchone()
        if row is None or not row[0]:
            return False
        return not with_web or self._web_answers()

    def _web_answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.running.url}/sign-in/", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def _now(self) -> datetime:
        """Return the product's time."""
        return datetime.fromtimestamp(time.time() + self.clock_offset, UTC)

    def _next(self) -> str:
        if not self._order:
            self._order = self.rng.sample(VICTIMS, len(VICTIMS))
        return self._order.pop()


async def _sleeps(seconds: float, stop: asyncio.Event) -> bool:
    """Sleep; return whether it was cut short, since everything is to end."""
    try:
        await asyncio.wait_for(stop.wait(), timeout=seconds)
    except TimeoutError:
        return False
    return True
