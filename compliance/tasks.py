"""Celery's door: read the clock, call one service."""

from celery import shared_task

from compliance import jobs
from compliance.store import partitions, sealing
from core import clock


@shared_task(name=jobs.MANAGE_PARTITIONS, ignore_result=True)
def manage_partitions(**_: object) -> None:
    """Make the tables of the coming months of verdicts."""
    partitions.manage_partitions(now=clock.now())


@shared_task(name=jobs.CLOSE_DAYS, ignore_result=True, soft_time_limit=3600, time_limit=3700)
def close_days(**_: object) -> None:
    """Verify and seal the days that are over."""
    sealing.close_days(now=clock.now())
