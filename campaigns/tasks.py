"""Celery's way into imports, callbacks and campaigns: read the clock, call one service."""

from typing import Any

from celery import shared_task

from campaigns import jobs
from campaigns.services import (
    audience,
    bulk,
    callbacks,
    duplicates,
    import_drafts,
    imports,
    launching,
    lookups,
    notices,
    quickfields,
    trials,
)
from core import background, clock


@shared_task(name=jobs.APPLY_IMPORT, soft_time_limit=300, time_limit=360)
def apply_import(*, import_id: int, **_: Any) -> None:
    """Apply the next rows of an import; the service has the rest applied by another task."""
    imports.apply_import(import_id=import_id, now=clock.now(), clock=clock.now)


@shared_task(name=jobs.RESUME_IMPORTS, soft_time_limit=60, time_limit=90)
def resume_imports(**_: Any) -> None:
    """Start imports, dry runs and look-ups again whose worker or hint was lost; throw files away that nobody imported."""
    now = clock.now()
    imports.resume_stuck(now)
    trials.resume_lost(now)
    import_drafts.purge_abandoned(now)
    lookups.resume_due(now)


@shared_task(name=jobs.TRY_IMPORT, soft_time_limit=1_800, time_limit=1_860)
def try_import(*, file_id: int, **_: Any) -> None:
    """Do the dry run of a file."""
    trials.run_trial(file_id=file_id, now=clock.now())


@shared_task(name=jobs.RUN_LOOKUP, ignore_result=True, soft_time_limit=600, time_limit=660)
def run_lookup(*, lookup_id: int, **_: Any) -> None:
    """Ask the carrier about the next numbers of an import."""
    lookups.run(lookup_id=lookup_id, clock=clock.now)


@shared_task(name=jobs.MAIL_NOTICES, ignore_result=True, soft_time_limit=120, time_limit=150)
def mail_notices(**_: Any) -> None:
    """Send the e-mails that are due."""
    notices.send_due(clock=clock.now)


@shared_task(name=jobs.KEEP_TIMES, soft_time_limit=60, time_limit=90)
def keep_times(**_: Any) -> None:
    """Start the campaigns whose time has come, drain those that stop."""
    launching.sweep(now=clock.now())


@shared_task(name=jobs.FOLLOW_SEGMENTS, soft_time_limit=240, time_limit=300)
def follow_segments(**_: Any) -> None:
    """Bring started campaigns in line with their segments."""
    audience.follow_all(now=clock.now())


@shared_task(name=jobs.KEEP_QUICK, ignore_result=True, soft_time_limit=3600, time_limit=3660)
def keep_quick_fields(**_: Any) -> None:
    """Make the indexes of quick fields that are missing, drop the others."""
    quickfields.keep_indexes()


@shared_task(name=jobs.RUN_BULK, ignore_result=True, soft_time_limit=3600, time_limit=3660)
def run_bulk(*, job_id: int, **_: Any) -> None:
    """Do one thing to many people."""
    background.run(job_id, bulk.run, clock=clock.now)


@shared_task(name=jobs.FIND_DUPLICATES, ignore_result=True, soft_time_limit=900, time_limit=960)
def find_duplicates(*, job_id: int, **_: Any) -> None:
    """Look for people who are there twice."""
    background.run(job_id, duplicates.run_search, clock=clock.now)


@shared_task(name=jobs.MERGE_SURE, ignore_result=True, soft_time_limit=3600, time_limit=3660)
def merge_sure(*, job_id: int, **_: Any) -> None:
    """Merge those about whom there is no doubt."""
    background.run(job_id, duplicates.run_sure, clock=clock.now)


@shared_task(name=jobs.RELEASE_CALLBACKS, ignore_result=True)
def release_callbacks(**_: Any) -> None:
    """Make callbacks anyone's that their agent is not there to make."""
    callbacks.release_overdue(now=clock.now())
