"""Background work of this app: read the clock, call one service."""

from celery import shared_task

from core import clock
from crm_sync import jobs
from crm_sync.services import (
    comparing_flags,
    comparing_kinds,
    decisions,
    hearing,
    live,
    matches,
    pulling,
    pushing,
    queueing,
    reconciling,
)


@shared_task(name=jobs.PUSH_DUE, ignore_result=True, soft_time_limit=50, time_limit=58)
def push_due(**_: object) -> None:
    """Send calls that are due."""
    pushing.push_due(clock=clock.now)


@shared_task(name=jobs.FREE_STUCK, ignore_result=True, soft_time_limit=20, time_limit=30)
def free_stuck(**_: object) -> None:
    """Take up what a dead worker left."""
    queueing.free_stuck(now=clock.now())


@shared_task(name=jobs.MATCH_PEOPLE, ignore_result=True, soft_time_limit=110, time_limit=118)
def match_people(**_: object) -> None:
    """Look for people in the CRMs."""
    matches.match_due(clock=clock.now)


@shared_task(name=jobs.POLL_LISTS, ignore_result=True, soft_time_limit=1500, time_limit=1530)
def poll_lists(**_: object) -> None:
    """Ask for followed lists that are due."""
    live.poll_due(clock=clock.now)


@shared_task(name=jobs.FORGET_OLD, ignore_result=True, soft_time_limit=300, time_limit=330)
def forget_old(**_: object) -> None:
    """Remove webhooks' events and decisions on fields that were kept long enough."""
    hearing.forget_old(now=clock.now())
    decisions.forget_old(now=clock.now())


@shared_task(name=jobs.RECONCILE, ignore_result=True, soft_time_limit=1500, time_limit=1530)
def reconcile(*, connection_id: int, **_: object) -> None:
    """Compare one CRM's last days with ours."""
    reconciling.reconcile(connection_id=connection_id, clock=clock.now)
    comparing_kinds.compare(connection_id=connection_id, clock=clock.now)
    comparing_flags.compare(connection_id=connection_id, clock=clock.now)


@shared_task(name=jobs.RECONCILE_ALL, ignore_result=True, soft_time_limit=3500, time_limit=3530)
def reconcile_all(**_: object) -> None:
    """Compare every CRM's last days with ours."""
    reconciling.reconcile_all(clock=clock.now)
    comparing_kinds.compare_all(clock=clock.now)
    comparing_flags.compare_all(clock=clock.now)


@shared_task(name=jobs.IMPORT_LIST, ignore_result=True, soft_time_limit=1500, time_limit=1530)
def import_list(*, import_id: int, **_: object) -> None:
    """Read one list."""
    pulling.import_list(import_id=import_id, clock=clock.now)


@shared_task(name=jobs.READ_ON, ignore_result=True, soft_time_limit=20, time_limit=30)
def read_on(**_: object) -> None:
    """Have readings of lists go on that are due, or whose worker died."""
    pulling.go_on(now=clock.now())
