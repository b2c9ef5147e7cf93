"""Celery's door: read the clock, call one service."""

from celery import shared_task

from carriers import jobs, services
from core import clock


@shared_task(name=jobs.PURGE_INBOX, ignore_result=True, soft_time_limit=600, time_limit=660)
def purge_inbox(**_: object) -> None:
    """Remove webhooks that were applied long ago."""
    services.purge(now=clock.now())
