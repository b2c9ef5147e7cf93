"""Runs a replay over a period and keeps what it found."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import structlog
from django.db import connection

from compliance.models import ReplayRun
from compliance.replay import work
from compliance.replay.deciding import Change, Tally
from compliance.replay.edits import ChangedRules
from compliance.rules.engine import rules_hash
from core import clock, db

log = structlog.get_logger(__name__)

STRETCH = 10_000  # verdicts by id: some 15 MB of facts in each process at a time
PROCESSES = 2
UNREADABLE_KEPT = 1000
CHANGE = ("run_id", "decision_id", "old_outcome", "old_code", "new_outcome", "new_code")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayScope:
    """Which verdicts: of the UTC days [since, until), of one campaign or ("") of all."""

    since: date
    until: date
    campaign_ref: str = ""


def replay(
    rules: ChangedRules,
    scope: ReplayScope,
    *,
    actor: str,
    now: datetime,
    processes: int = PROCESSES,
    in_full: bool = False,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> ReplayRun:
    """Decide the scope's verdicts again under the changed rules; store and return what would have been others.

    Takes minutes for millions of verdicts: for commands and tasks. With one process it reads through the open connection.
    `in_full` asks every rule again, also those the change cannot reach. `report` is told how many verdicts of the period, of
    all campaigns, were looked at, and how many there are at most. A house limit that is not allowed raises PolicyTooLoose.
    """
    began = clock.monotonic()
    start, end = (datetime.combine(day, time(0), UTC) for day in (scope.since, scope.until))
    job = work.Job(
        book=rules.book,
        house=rules.house,
        start=start,
        end=end,
        campaign_ref=scope.campaign_ref,
        in_full=in_full,
    )
    found = _all(job, processes, report)
    run = ReplayRun(
        started_at=now,
        started_by=actor,
        since=scope.since,
        until=scope.until,
        campaign_ref=scope.campaign_ref,
        changes=list(rules.words),
        rules_hash=rules_hash(rules.book),
        verdicts=found.counts.total() + len(found.unreadable),
        changed=len(found.changes),
        counts=[[*key, count] for key, count in sorted(found.counts.items())],
        unreadable=sorted(found.unreadable)[:UNREADABLE_KEPT],
        seconds=round(clock.monotonic() - began, 3),
    )
    _store(run, found.changes)
    log.info(
        "compliance.replay.done", run=run.pk, verdicts=run.verdicts, changed=run.changed, seconds=run.seconds
    )
    return run


def _all(job: work.Job, processes: int, report: Callable[[int, int], None]) -> Tally:
    """Decide everything the job names again, and add up what became of it."""
    found = Tally()
    stretches = _stretches(job)
    for looked_at, tally in enumerate(_tallies(job, stretches, processes), start=1):
        found.counts += tally.counts
        found.changes += tally.changes
        found.unreadable += tally.unreadable
        report(looked_at * STRETCH, len(stretches) * STRETCH)
    return found


def _store(run: ReplayRun, changes: list[Change]) -> None:
    with db.use_case():
        run.save(force_insert=True)
        db.copy_rows("compliance_replaychange", CHANGE, ((run.pk, *change) for change in sorted(changes)))


def _stretches(job: work.Job) -> list[tuple[int, int]]:
    """The scope's ids, cut into stretches."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(id), max(id) FROM compliance_compliancedecision WHERE decided_at >= %s AND decided_at < %s",
            [job.start, job.end],
        )
        first, last = cursor.fetchone()
    if first is None:
        return []
    return [(low, low + STRETCH) for low in range(first, last + 1, STRETCH)]


def _tallies(job: work.Job, stretches: list[tuple[int, int]], processes: int) -> Iterator[Tally]:
    if processes <= 1:
        worker = work.Worker(job)
        with connection.cursor() as cursor:
            for bounds in stretches:
                yield worker.stretch(cursor, *bounds)
        return
    with _pool(job, processes) as pool:
        yield from pool.imap_unordered(work.stretch, stretches)


@contextmanager
def _pool(job: work.Job, processes: int) -> Iterator[Any]:
    """Fresh processes: forked ones would share our connections and threads' locks."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, initializer=work.begin, initargs=(job, _conninfo())) as pool:
        yield pool


def _conninfo() -> dict[str, Any]:
    """How a process of its own reaches our database."""
    settings = connection.settings_dict
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    found = {key: settings[name] for key, name in named.items() if settings[name]}
    options = settings.get("OPTIONS", {})
    return found | {key: value for key, value in options.items() if key.startswith("ssl")}
