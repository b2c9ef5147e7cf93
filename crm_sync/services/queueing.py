"""The queue's rows: a call to be logged, a person's retry, items whose worker died. No network."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from core import db
from core.jobs import enqueue_on_commit
from crm_sync import jobs, mapping, refs
from crm_sync.models import CrmConnection, SyncQueueItem

log = structlog.get_logger(__name__)

State = SyncQueueItem.State
STUCK_AFTER = timedelta(seconds=60)  # longer than the longest push (task limit)


def enqueue_call(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Store what a CallLogged event says as the call's one queue item; must run in the event's transaction.

    Ten changes before the push are one push; a change while the item is in flight is sent again afterwards.
    Calls to persons of no CRM, and calls that were never placed, are not logged anywhere.
    """
    db.require_atomic()
    ref = refs.parse(str(payload["contact_ref"]))
    if ref is None or payload["network_outcome"] == "not_placed":
        return
    connection = CrmConnection.objects.filter(id=ref.connection_id, kind=ref.kind).only("install_key").first()
    if connection is None:
        log.warning(
            "crm_sync.call.connection_unknown", call_id=payload["call_id"], ref=payload["contact_ref"]
        )
        return
    call_ref = mapping.external_call_id(connection.install_key, int(payload["call_id"]))
    activity = mapping.activity_from(payload, call_ref=call_ref, person_id=ref.person_id)
    version = int(payload["version"])
    values: dict[str, object] = {
        "person_id": ref.person_id,
        "person_name": str(payload["contact_name"])[:200],
        "payload": dataclasses.asdict(activity),
        "payload_version": version,
        "changed_at": now,
    }
    item, created = SyncQueueItem.objects.select_for_update().get_or_create(
        connection=connection,
        external_call_id=call_ref,
        defaults={**values, "created_at": now, "due_at": now},
    )
    if not created:
        if item.payload_version >= version:
            return  # a repeated event, or one that was overtaken
        if item.state in (State.DONE, State.HELD, State.SET_ASIDE):
            values |= {"state": State.WAITING, "attempts": 0, "due_at": now, "reason": ""}
        values |= _kept_edits(item, values)
        SyncQueueItem.objects.filter(id=item.id).update(**values)
    # No hint: the push of every two seconds finds it, so that calls ending together share a request.


def _kept_edits(item: SyncQueueItem, values: Mapping[str, Any]) -> dict[str, object]:
    """Return a person's edits that still hold: those of fields the dialer has not changed since."""
    edits = {
        name: value
        for name, value in item.edits.items()
        if item.payload.get(name) == values["payload"].get(name)
    }
    return {"edits": edits, "person_id": edits.get("person_id", values["person_id"])}


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
