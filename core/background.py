"""Work that takes longer than a request: a row that a worker takes up, moves on and ends in words. The page reads the row.

The row is the duty, the task a hint: a lost hint is sent again by the sweep, a lost worker ends the row with words that say so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from core import audit, db
from core.errors import AppError, NotFound, Stale
from core.jobs import enqueue_on_commit
from core.models import BackgroundJob

log = structlog.get_logger(__name__)

State = BackgroundJob.State
OPEN = (State.WAITING, State.RUNNING)
HINT_LOST_AFTER = timedelta(seconds=20)
DIED_AFTER = timedelta(minutes=15)  # longer than any work is silent between two reports
OUR_FAULT = "Parley had a fault of its own; it is in the log. Start it again; if it fails again, tell your administrator the time."
TOO_LONG = "It took longer than a worker may work on one thing and was stopped. Nothing of it was kept; ask for less at a time."
LOST = "The process that worked on it was lost. Start it again."

Arguments = Mapping[str, Any]
Report = Callable[[int, int | None], None]
"""Tells how much is done, and of how much (None = not known); raises Stopped when somebody asked to stop."""


class Stopped(AppError):
    """Somebody stopped the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of the work, in words, and the id of what it made."""

    said: str
    result_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFacts:
    """A job as its page shows it."""

    id: int
    task: str
    title: str
    state: str
    state_label: str
    done: int
    total: int | None
    unit: str
    said: str
    result_ref: str
    stop_asked_by: str
    started_by: str
    created_at: datetime
    began_at: datetime | None
    progressed_at: datetime
    finished_at: datetime | None

    @property
    def is_final(self) -> bool:
        """Return whether nothing more will happen."""
        return self.state not in OPEN

    @property
    def rate(self) -> float:
        """Return how much is done in a second; 0 while that cannot be said."""
        if self.began_at is None:
            return 0.0
        seconds = (self.progressed_at - self.began_at).total_seconds()
        return self.done / seconds if seconds >= 1 else 0.0

    @property
    def seconds_left(self) -> int | None:
        """Return how long it will take at this rate; None while that cannot be said."""
        if not self.total or not self.rate or self.done > self.total:
            return None
        return round((self.total - self.done) / self.rate)


def start(*, task: str, title: str, arguments: Arguments, unit: str, by: str, now: datetime) -> int:
    """Store the job in the open transaction, have a worker take it up, and return its id."""
    db.require_atomic()
    job = BackgroundJob.objects.create(
        task=task,
        title=title[:200],
        arguments=dict(arguments),
        unit=unit,
        started_by=by,
        created_at=now,
        progressed_at=now,
    )
    audit.record(
        actor=by, verb="core.job.started", target=f"job:{job.pk}", now=now, after={"task": task, "title": title}
    )  # fmt: skip
    enqueue_on_commit(task, job_id=job.pk)
    return job.pk


def run(job_id: int, work: Callable[[Arguments, Report], Outcome], *, clock: Callable[[], datetime]) -> None:
    """Do a waiting job's work, outside any transaction, and keep how it ended; a repeated hint finds nothing to do.

    An AppError is a refusal whose text is shown; any other error is ours, logged, and said as such.
    """
    db.refuse_in_atomic("Long work")
    now = clock()
    claimed = BackgroundJob.objects.filter(pk=job_id, state=State.WAITING)
    if not claimed.update(state=State.RUNNING, began_at=now, progressed_at=now):
        return
    job = BackgroundJob.objects.get(pk=job_id)
    try:
        outcome = work(job.arguments, _reporting(job, clock))
    except AppError as error:
        _end(job, State.FAILED, error.public_message, "", clock())
    except SoftTimeLimitExceeded:
        _end(job, State.FAILED, TOO_LONG, "", clock())
    except Exception:
        log.exception("core.job.failed", job=job_id, task=job.task)
        _end(job, State.FAILED, OUR_FAULT, "", clock())
    else:
        _end(job, State.DONE, outcome.said, outcome.result_ref, clock())


def stop(job_id: int, *, by: str, now: datetime) -> None:
    """Ask that a job be stopped: a waiting one at once, a running one when it next reports. Raises NotFound, Stale."""
    db.require_atomic()
    job = BackgroundJob.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        raise NotFound("There is no such work.")
    if job.state not in OPEN:
        raise Stale("It has ended already; the page shows how.")
    BackgroundJob.objects.filter(pk=job_id).update(stop_asked_by=by)
    if job.state == State.WAITING:
        BackgroundJob.objects.filter(pk=job_id).update(
            state=State.FAILED, said=_stopped(by), finished_at=now, progressed_at=now
        )
    audit.record(actor=by, verb="core.job.stopped", target=f"job:{job_id}", now=now)


def sweep(*, now: datetime) -> int:
    """Send lost hints again, and end jobs whose worker died; return how many rows were touched."""
    touched = 0
    forgotten = BackgroundJob.objects.filter(state=State.WAITING, progressed_at__lt=now - HINT_LOST_AFTER)
    for job in forgotten.order_by("pk"):
        with db.use_case():
            # Moved on first, so that a hint is sent every few seconds at most, however often the sweep comes.
            still = BackgroundJob.objects.filter(
                pk=job.pk, state=State.WAITING, progressed_at=job.progressed_at
            )
            if still.update(progressed_at=now):
                enqueue_on_commit(job.task, job_id=job.pk)
                touched += 1
    died = BackgroundJob.objects.filter(state=State.RUNNING, progressed_at__lt=now - DIED_AFTER)
    for job in died.order_by("pk"):
        log.error("core.job.lost", job=job.pk, task=job.task)
        touched += _end(job, State.FAILED, LOST, "", now)
    return touched


def get_job(job_id: int, *, tasks: frozenset[str]) -> JobFacts:
    """Return a job that one of the tasks does; raises NotFound. Hidden SQL: one query."""
    row = BackgroundJob.objects.filter(pk=job_id, task__in=tasks).first()
    if row is None:
        raise NotFound("There is no such work.")
    return _facts(row)


def open_jobs(*, tasks: frozenset[str]) -> list[JobFacts]:
    """Return what waits or is under way, newest first. Hidden SQL: one query."""
    rows = BackgroundJob.objects.filter(state__in=OPEN, task__in=tasks).order_by("-pk")
    return [_facts(row) for row in rows]


def _reporting(job: BackgroundJob, clock: Callable[[], datetime]) -> Report:
    """Move the row on at most twice a second: telling must not cost more than working."""
    told = job.progressed_at

    def report(done: int, total: int | None = None) -> None:
        nonlocal told
        now = clock()
        if (now - told).total_seconds() < 0.5:
            return
        told = now
        going = BackgroundJob.objects.filter(pk=job.pk, stop_asked_by="")
        if not going.update(done=done, total=total, progressed_at=now):
            by = BackgroundJob.objects.values_list("stop_asked_by", flat=True).get(pk=job.pk)
            raise Stopped(_stopped(by))

    return report


def _stopped(by: str) -> str:
    return f"Stopped by {by}. Nothing of it was kept."


def _end(job: BackgroundJob, state: State, said: str, result_ref: str, now: datetime) -> int:
    """Keep how the job ended, also where it was given up for lost meanwhile."""
    rows = BackgroundJob.objects.filter(pk=job.pk).exclude(state=State.DONE)
    return rows.update(
        state=state, said=said or state.label, result_ref=result_ref, finished_at=now, progressed_at=now
    )


def _facts(row: BackgroundJob) -> JobFacts:
    return JobFacts(
        id=row.pk,
        task=row.task,
        title=row.title,
        state=row.state,
        state_label=row.get_state_display(),
        done=row.done,
        total=row.total,
        unit=row.unit,
        said=row.said,
        result_ref=row.result_ref,
        stop_asked_by=row.stop_asked_by,
        started_by=row.started_by,
        created_at=row.created_at,
        began_at=row.began_at,
        progressed_at=row.progressed_at,
        finished_at=row.finished_at,
    )
