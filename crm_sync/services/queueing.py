"""The queue's rows: a call to be logged, a person's retry, items whose worker died. No network."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from core import db
from core.jobs import enqueue_on_commit
from crm_sync import jobs, mapping
from crm_sync.models import SyncQueueItem
from crm_sync.services import addressing, outqueue

log = structlog.get_logger(__name__)

State = SyncQueueItem.State
STUCK_AFTER = timedelta(seconds=60)  # longer than the longest push (task limit)


def enqueue_call(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Store what a CallLogged event says as the call's one queue item in each CRM; must run in the event's transaction.

    Ten changes before the push are one push; a change while the item is in flight is sent again afterwards. Calls that were never
    placed, and those to people of no CRM whom no connection is to be asked for, are not logged anywhere.
    """
    db.require_atomic()
    if payload["network_outcome"] == "not_placed":
        return
    targets = addressing.of_call(payload, now=now)
    for target in targets:
        call_ref = mapping.external_call_id(target.connection.install_key, int(payload["call_id"]))
        activity = mapping.activity_from(payload, call_ref=call_ref, person_id=target.person_id)
        body = dataclasses.asdict(activity)
        outqueue.put(
            target, SyncQueueItem.Kind.CALL, call_ref, body, version=int(payload["version"]), now=now
        )
    outqueue.along_with_call(payload, targets, now=now)
    # No hint: the push of every two seconds finds it, so that calls ending together share a request.


def free_stuck(*, now: datetime) -> int:
    """Give back items whose worker died while sending them, and return how many.

    Sending twice is an update.
    """
    with db.use_case():
        stuck = SyncQueueItem.objects.filter(state=State.IN_FLIGHT, in_flight_since__lt=now - STUCK_AFTER)
        freed = stuck.update(state=State.WAITING, in_flight_since=None, due_at=now)
        if freed:
            enqueue_on_commit(jobs.PUSH_DUE)
    if freed:
        log.warning("crm_sync.items.freed", count=freed)
    return freed
