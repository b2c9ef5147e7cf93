"""Celery's door: read the clock, call one service."""

from celery import shared_task

from core import background, clock
from evidence import jobs, services


@shared_task(name=jobs.MAKE_PACK, ignore_result=True, soft_time_limit=3600, time_limit=3660)
def make_pack(*, job_id: int, **_: object) -> None:
    """Make an evidence pack that somebody ordered."""
    background.run(job_id, services.make_ordered_pack, clock=clock.now)
