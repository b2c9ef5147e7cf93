"""Long work: taken up once, told of while it goes on, ended in words whatever happens."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, transaction

from core import background, db
from core.background import Arguments, Outcome, Report
from core.errors import AppError, NotFound, Stale
from core.models import AuditEvent, BackgroundJob

pytestmark = pytest.mark.django_db
Work = Callable[[Arguments, Report], Outcome]
TASKS = frozenset({"test.work"})


class Clock:
    """An instant that moves by a second with each look at it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the next instant."""
        self.now += timedelta(seconds=1)
        return self.now


def started(now: datetime, **arguments: Any) -> int:
    with db.use_case():
        return background.start(
            task="test.work", title="Counting", arguments=arguments, unit="sheep", by="ana", now=now
        )


def job_of(job_id: int) -> background.JobFacts:
    return background.get_job(job_id, tasks=TASKS)


def test_work_is_done_with_its_arguments_and_ends_in_words(now: datetime) -> None:
    job_id = started(now, to=7)

    background.run(
        job_id, lambda given, _: Outcome(said=f"{given['to']} counted.", result_ref="42"), clock=Clock(now)
    )

    found = job_of(job_id)
    assert (found.state, found.said, found.result_ref) == ("done", "7 counted.", "42")
    assert found.is_final
    assert AuditEvent.objects.get(verb="core.job.started").actor == "ana"


def test_a_repeated_hint_does_nothing_twice(now: datetime) -> None:
    done = []
    job_id = started(now)

    for _ in range(3):
        background.run(job_id, lambda *_: done.append(1) or Outcome(said="done"), clock=Clock(now))  # type: ignore[func-returns-value]  # counts

    assert done == [1]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (AppError("The file is empty."), "The file is empty."),
        (ZeroDivisionError("x"), background.OUR_FAULT),
        (SoftTimeLimitExceeded(), background.TOO_LONG),
    ],
)
def test_whatever_goes_wrong_is_said_in_words(error: Exception, said: str, now: datetime) -> None:
    job_id = started(now)

    def fail(*_: object) -> Outcome:
        raise error

    background.run(job_id, fail, clock=Clock(now))

    assert (job_of(job_id).state, job_of(job_id).said) == ("failed", said)


def test_how_far_it_is_can_be_read_while_it_goes_on(now: datetime) -> None:
    job_id = started(now)
    seen: list[background.JobFacts] = []

    def work(_: Arguments, report: Report) -> Outcome:
        for done in (100, 200):
            report(done, 400)
            seen.append(job_of(job_id))
        return Outcome(said="done")

    background.run(job_id, work, clock=Clock(now))

    assert [(each.state, each.done, each.total) for each in seen] == [
        ("running", 100, 400),
        ("running", 200, 400),
    ]
    assert [(each.rate, each.seconds_left) for each in seen] == [(100.0, 3), (100.0, 2)]


def test_it_is_told_at_most_twice_a_second(now: datetime, django_assert_num_queries: Any) -> None:
    job_id = started(now)

    def work(_: Arguments, report: Report) -> Outcome:
        with django_assert_num_queries(0):
            for done in range(1000):
                report(done, 1000)
        return Outcome(said="done")

    background.run(job_id, work, clock=lambda: now)


def test_waiting_work_is_stopped_at_once(now: datetime) -> None:
    job_id = started(now)

    with db.use_case():
        background.stop(job_id, by="cleo", now=now)
    background.run(job_id, lambda *_: Outcome(said="done"), clock=Clock(now))

    assert (job_of(job_id).state, job_of(job_id).said) == (
        "failed",
        "Stopped by cleo. Nothing of it was kept.",
    )


def test_work_under_way_is_stopped_when_it_next_reports(now: datetime) -> None:
    job_id = started(now)
    reached = []

    def work(_: Arguments, report: Report) -> Outcome:
        with db.use_case():
            background.stop(job_id, by="cleo", now=now)
        reached.append("before")
        report(1, None)
        reached.append("after")
        return Outcome(said="done")

    background.run(job_id, work, clock=Clock(now))

    assert reached == ["before"]
    assert job_of(job_id).said == "Stopped by cleo. Nothing of it was kept."


def test_what_has_ended_is_not_stopped(now: datetime) -> None:
    job_id = started(now)
    background.run(job_id, lambda *_: Outcome(said="done"), clock=Clock(now))

    with db.use_case(), pytest.raises(Stale):
        background.stop(job_id, by="cleo", now=now)
    with db.use_case(), pytest.raises(NotFound):
        background.stop(job_id + 1, by="cleo", now=now)

    assert job_of(job_id).state == "done"


def test_a_lost_hint_is_sent_again_and_not_at_every_sweep(
    now: datetime, sent_jobs: list[tuple[str, dict[str, Any]]], django_capture_on_commit_callbacks: Any
) -> None:
    job_id = started(now)

    with django_capture_on_commit_callbacks(execute=True):
        touched = [background.sweep(now=now + timedelta(seconds=seconds)) for seconds in (5, 25, 30)]

    assert touched == [0, 1, 0]
    assert sent_jobs == [("test.work", {"job_id": job_id})]


def test_work_whose_process_was_lost_ends_in_words(now: datetime) -> None:
    job_id = started(now)
    BackgroundJob.objects.filter(pk=job_id).update(state="running", began_at=now)

    touched = [background.sweep(now=now + timedelta(minutes=minutes)) for minutes in (14, 16, 17)]

    assert touched == [0, 1, 0]
    assert (job_of(job_id).state, job_of(job_id).said) == ("failed", background.LOST)


def test_work_that_was_only_thought_lost_ends_as_it_did(now: datetime) -> None:
    job_id = started(now)

    def work(*_: object) -> Outcome:
        background.sweep(now=now + timedelta(hours=1))
        return Outcome(said="done after all", result_ref="7")

    background.run(job_id, work, clock=lambda: now)

    assert (job_of(job_id).state, job_of(job_id).said) == ("done", "done after all")


def test_a_page_sees_the_work_of_its_own_tasks_alone(now: datetime) -> None:
    job_id = started(now)

    with pytest.raises(NotFound):
        background.get_job(job_id, tasks=frozenset({"other.work"}))

    assert background.open_jobs(tasks=frozenset({"other.work"})) == []
    assert [each.id for each in background.open_jobs(tasks=TASKS)] == [job_id]


def test_the_database_lets_no_work_end_without_words(now: datetime) -> None:
    job_id = started(now)

    with pytest.raises(IntegrityError), transaction.atomic():
        BackgroundJob.objects.filter(pk=job_id).update(state="failed", finished_at=now)
