"""Celery's door: read the clock, call one service."""

from celery import shared_task

from compliance import jobs
from compliance.services import long_work
from compliance.store import partitions, sealing
from core import background, clock

HOUR = 3600


@shared_task(name=jobs.MANAGE_PARTITIONS, ignore_result=True)
def manage_partitions(**_: object) -> None:
    """Make the tables of the coming months of verdicts."""
    partitions.manage_partitions(now=clock.now())


@shared_task(name=jobs.CLOSE_DAYS, ignore_result=True, soft_time_limit=3600, time_limit=3700)
def close_days(**_: object) -> None:
    """Verify and seal the days that are over."""
    sealing.close_days(now=clock.now())


@shared_task(name=jobs.RUN_REPLAY, ignore_result=True, soft_time_limit=2 * HOUR, time_limit=2 * HOUR + 60)
def run_replay(*, job_id: int, **_: object) -> None:
    """Decide stored verdicts again under changed rules."""
    background.run(job_id, long_work.replay, clock=clock.now)


@shared_task(name=jobs.IMPORT_REGISTRY, ignore_result=True, soft_time_limit=HOUR, time_limit=HOUR + 60)
def import_registry(*, job_id: int, **_: object) -> None:
    """Load an uploaded registry copy."""
    background.run(job_id, long_work.import_registry, clock=clock.now)
