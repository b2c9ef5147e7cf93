"""Celery's way into imports and callbacks: read the clock, call one service."""

from typing import Any

from celery import shared_task

from campaigns import jobs
from campaigns.services import callbacks, imports
from core import clock


@shared_task(name=jobs.APPLY_IMPORT, soft_time_limit=300, time_limit=360)
def apply_import(*, import_id: int, **_: Any) -> None:
    """Apply the next rows of an import; the service has the rest applied by another task."""
    imports.apply_import(import_id=import_id, now=clock.now())


@shared_task(name=jobs.RESUME_IMPORTS, soft_time_limit=60, time_limit=90)
def resume_imports(**_: Any) -> None:
    """Start imports again whose worker or hint was lost."""
    imports.resume_stuck(clock.now())


@shared_task(name=jobs.RELEASE_CALLBACKS, ignore_result=True)
def release_callbacks(**_: Any) -> None:
    """Make callbacks anyone's that their agent is not there to make."""
    callbacks.release_overdue(now=clock.now())
