"""`make chaos-crm`: calls go to both stand-in CRMs while they answer 429 and 5xx (some after having written), hang, and lock records, and
while the workers are killed. The last line is JSON; 0 only if each call stands in its CRM exactly once, with its newest text, and each
person's calls in their order.

All is well (here the lag is measured, on a clock as fast as the wall's); under fire; and an outage of ten minutes, both on a clock that
runs faster, the one pauses and waits are counted by: seconds of the outage are of that clock. At last calls that wait together, for what
they cost.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import django

from tests.load.chaos_crm import crms
from tests.load.chaos_crm.worker import FastClock

PEOPLE = 1000  # of each CRM
WELL, OUTAGE = 0.05, 0.1  # shares of all calls
WELL_PER_SECOND = 20.0
OUTAGE_SECONDS = 600.0
CHANGED = 0.3  # share of calls whose note is saved later
DRAIN_WITHIN = 600.0  # seconds of the wall


@dataclass
class Workers:
    """Processes that push, killed and started again at random."""

    count: int
    env: dict[str, str]
    rng: random.Random
    clock: FastClock
    kills: int = 0
    _made: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Start all."""
        self._made = [self._new() for _ in range(self.count)]

    def stop(self) -> None:
        """End all, as a power cut would."""
        with self._lock:
            for process in self._made:
                process.send_signal(signal.SIGKILL)
                process.wait()
            self._made = []

    def fire(self, until: threading.Event, gap: float) -> None:
        """Kill one after the other until told to stop."""
        while not until.wait(self.rng.expovariate(1 / gap)):
            with self._lock:
                index = self.rng.randrange(self.count)
                self._made[index].send_signal(signal.SIGKILL)
                self._made[index].wait()
                self._made[index] = self._new()
                self.kills += 1

    def _new(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.load.chaos_crm.worker"]
        command += [str(self.clock.began), str(self.clock.speed), str(self.count)]
        return subprocess.Popen(
            command,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


@dataclass
class Caller:
    """Ends calls and saves notes, as the dialer tells of them."""

    rng: random.Random
    people: dict[str, list[str]]
    connections: dict[str, Any]
    told: dict[str, tuple[str, int, int]] = field(default_factory=dict)  # ref -> kind, call id, version
    _later: list[tuple[str, int, str]] = field(default_factory=list)

    def calls(self, count: int, clock: FastClock, per_second: float = 0.0) -> None:
        """Tell of so many new calls, and of notes saved later; 0 per second: as fast as rows can be written."""
        began = time.monotonic()
        for number in range(count):
            kind = crms.KINDS[number % len(crms.KINDS)]
            call_id = len(self.told) + 1
            person = self.rng.choice(self.people[kind])
            self._tell(kind, call_id, person, 1, clock)
            if self.rng.random() < CHANGED:
                self._later.append((kind, call_id, person))
            if len(self._later) > 50:
                self._tell(*self._later.pop(0), 2, clock)
            if per_second:
                time.sleep(max(0.0, began + number / per_second - time.monotonic()))

    def finish(self, clock: FastClock) -> None:
        """Tell of all notes still to be saved."""
        while self._later:
            self._tell(*self._later.pop(0), 2, clock)

    def _tell(self, kind: str, call_id: int, person: str, version: int, clock: FastClock) -> None:
        from django.db import transaction

        from crm_sync import mapping
        from crm_sync.handlers import on_call_logged
        from tests.integration.crm_sync.conftest import call_logged

        made = self.connections[kind]
        payload = call_logged(
            made,
            call_id,
            version,
            contact_ref=f"{kind}:{made.id}:{person}",
            disposition_label=f"Version {version}",
        )
        with transaction.atomic():
            on_call_logged(payload, clock())
        self.told[mapping.external_call_id(made.install_key, call_id)] = (kind, call_id, version)


def main() -> int:
    """Play, judge, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--gap", type=float, default=4.0, help="seconds between kills, on average")
    parser.add_argument("--speed", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    os.environ["PARLEY_CRM_TIMEOUT_SECONDS"] = "2"
    with crms.running() as urls:
        for kind, url in urls.items():
            os.environ[f"{kind.upper()}_BASE_URL"] = url
        django.setup()
        from django.db import connection

        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            found = play(urls, options)
        finally:
            connection.creation.destroy_test_db("", verbosity=0)
    print(json.dumps(found), flush=True)
    return 1 if found["lost"] or found["doubled"] or found["out_of_order"] or found["stale"] else 0


def play(urls: dict[str, str], options: argparse.Namespace) -> dict[str, Any]:
    """Go through the three parts and return the figures."""
    from django.db import connection as database

    rng = random.Random(options.seed)
    address = urlsplit(os.environ["DATABASE_URL"])
    name = str(database.settings_dict["NAME"])
    env = {**os.environ, "DATABASE_URL": urlunsplit(address._replace(path=f"/{name}"))}
    caller = Caller(
        rng,
        {kind: crms.make_people(kind, url, PEOPLE) for kind, url in urls.items()},
        {kind: _connected(kind, url) for kind, url in urls.items()},
    )
    before = {kind: crms.requests_used(kind, url) for kind, url in urls.items()}
    clock = FastClock(began=time.time(), speed=1.0)
    workers = Workers(options.workers, env, rng, clock)
    workers.start()
    try:
        caller.calls(20, clock)  # until every worker has begun and signed in
        _drain()
        time.sleep(10)
        since = clock()
        caller.calls(round(options.n * WELL), clock, WELL_PER_SECOND)
        caller.finish(clock)
        _drain()
        figures: dict[str, Any] = {"calls": options.n, **_lag(since)}
        print("well:", json.dumps(figures), flush=True)
        workers.stop()
        workers.clock = clock = FastClock(began=time.time(), speed=options.speed)
        _free_all(clock)
        workers.start()
        figures |= _under_fire(urls, workers, caller, options)
        print("fire:", json.dumps(figures), flush=True)
        figures |= _outage(urls, caller, clock, round(options.n * OUTAGE))
    finally:
        workers.stop()
    used = sum(crms.requests_used(kind, url) - before[kind] for kind, url in urls.items())
    figures["api_calls_per_1000"] = round(used * 1000 / options.n, 1)
    figures["api_calls_per_1000_in_bulk"] = _in_bulk(urls, caller, clock, round(options.n * OUTAGE))
    return figures | _judge(urls, caller)


def _under_fire(
    urls: dict[str, str], workers: Workers, caller: Caller, options: argparse.Namespace
) -> dict[str, Any]:
    ceasefire = threading.Event()
    for kind, url in urls.items():
        crms.set_faults(url, crms.WRITES[kind], crms.FAULTS)
    killing = threading.Thread(target=workers.fire, args=(ceasefire, options.gap))
    killing.start()
    began = time.monotonic()
    try:
        caller.calls(round(options.n * (1 - WELL - OUTAGE)), workers.clock)
        caller.finish(workers.clock)
        _drain()
    finally:
        ceasefire.set()
        killing.join()
    for kind, url in urls.items():
        crms.set_faults(url, crms.WRITES[kind], {})
    return {"kills": workers.kills, "seconds_under_fire": round(time.monotonic() - began)}


def _outage(urls: dict[str, str], caller: Caller, clock: FastClock, count: int) -> dict[str, Any]:
    for url in urls.values():
        crms.set_faults(url, "", {"http_500": 1.0})
    until = time.monotonic() + OUTAGE_SECONDS / clock.speed
    caller.calls(count, clock, per_second=count / (OUTAGE_SECONDS / clock.speed))
    caller.finish(clock)
    time.sleep(max(0.0, until - time.monotonic()))
    for url in urls.values():
        crms.set_faults(url, "", {})
    began = clock()
    _drain()
    return {"drained_after_outage_seconds": round((clock() - began).total_seconds(), 1)}


def _in_bulk(urls: dict[str, str], caller: Caller, clock: FastClock, count: int) -> float:
    """Return what calls cost that wait together, as after an outage or a night, in requests per 1,000."""
    from crm_sync.models import SyncQueueItem
    from crm_sync.services import pushing

    before = {kind: crms.requests_used(kind, url) for kind, url in urls.items()}
    caller.calls(count, clock)
    while SyncQueueItem.objects.filter(state="waiting").exists():
        pushing.push_due(clock=clock)
    used = sum(crms.requests_used(kind, url) - before[kind] - 1 for kind, url in urls.items())
    caller.finish(clock)
    while SyncQueueItem.objects.filter(state="waiting").exists():
        pushing.push_due(clock=clock)
    return round(used * 1000 / count, 1)


def _connected(kind: str, url: str) -> Any:
    from core import crypto
    from crm_sync.services import connections
    from tests.integration.crm_sync.conftest import make_connection

    made = make_connection(kind, kind, secrets=crypto.seal(crms.SECRETS[kind]), settings=crms.SETTINGS[kind])
    clock = FastClock(began=time.time(), speed=1.0)
    problem = connections.check_again(connection_id=made.id, clock=clock)
    if problem:
        raise RuntimeError(f"{url}: {problem}")
    made.refresh_from_db()
    return made


def _free_all(clock: FastClock) -> None:
    """Give back what the workers of the first part were killed with."""
    from crm_sync.models import SyncQueueItem

    SyncQueueItem.objects.filter(state="in_flight").update(
        state="waiting", in_flight_since=None, due_at=clock()
    )


def _drain() -> None:
    from crm_sync.models import SyncQueueItem

    until = time.monotonic() + DRAIN_WITHIN
    while SyncQueueItem.objects.filter(state__in=["waiting", "in_flight"]).exists():
        if time.monotonic() > until:
            print("the queue did not drain in time", flush=True)
            return
        time.sleep(0.3)


def _lag(since: datetime) -> dict[str, float]:
    """Return how long after the call's last change the CRM had it, of calls told of since."""
    from crm_sync.models import SyncQueueItem

    done = SyncQueueItem.objects.filter(state="done", created_at__gte=since)
    times = done.values_list("acknowledged_at", "changed_at")
    lags = sorted((acknowledged - changed).total_seconds() for acknowledged, changed in times if acknowledged)
    return {
        "lag_p50": round(lags[len(lags) // 2], 2),
        "lag_p95": round(lags[len(lags) * 95 // 100], 2),
    }


def _judge(urls: dict[str, str], caller: Caller) -> dict[str, Any]:
    """Compare what was told with what stands in the CRMs."""
    from crm_sync.models import SyncQueueItem

    standing = [row for url in urls.values() for row in crms.activities(url)]
    # A HubSpot call that no contact shows is as good as lost.
    seen = [row for row in standing if row.get("who_id") or row["contact_ids"]]
    counted = Counter(str(row["external_id"]) for row in seen)
    newest = dict(SyncQueueItem.objects.values_list("external_call_id", "sent_version"))
    states = Counter(SyncQueueItem.objects.values_list("state", flat=True))
    return {
        "lost": sum(ref not in counted for ref in caller.told),
        "doubled": sum(count - 1 for count in counted.values()),
        "out_of_order": sum(1 for _ in _out_of_order(seen, caller)),
        "stale": sum(newest.get(ref) != version for ref, (_, _, version) in caller.told.items()),
        "states": dict(states),
    }


def _out_of_order(standing: list[dict[str, Any]], caller: Caller) -> Iterator[str]:
    """Yield people one of whose calls was made in the CRM before an earlier one."""
    last: dict[str, int] = {}
    for row in standing:
        person = str(row.get("who_id") or row["contact_ids"][0])
        _, call_id, _ = caller.told[str(row["external_id"])]
        if last.get(person, 0) > call_id:
            yield person
        last[person] = call_id


if __name__ == "__main__":
    sys.exit(main())
