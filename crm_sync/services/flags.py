"""People's do-not-call flags on their way to the CRMs: rows of the queue, one for each person and connection. No network."""

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog
from django.db.models import Q

from campaigns.selectors.people import KnownPerson, people_with_numbers
from compliance.selectors import refused_numbers
from core import db
from core.jobs import enqueue_on_commit
from crm_sync import jobs, mapping, refs
from crm_sync.models import CrmConnection, SyncQueueItem
from crm_sync.protocol import DoNotCall
from crm_sync.services import schemas

log = structlog.get_logger(__name__)

State = SyncQueueItem.State
KIND = SyncQueueItem.Kind.DO_NOT_CALL


def tell_refused(*, numbers: Sequence[str], now: datetime) -> int:
    """Queue the flag of everybody who has one of the numbers and came from a CRM; return how many CRMs' flags change.

    A flag that is set or on its way is not sent again, whatever the source of the next request; so a flag that came from the CRM
    itself goes back there once, and changes nothing. Must run in the event's transaction.
    """
    db.require_atomic()
    return _queue(people_with_numbers(numbers), do_not_call=True, now=now)


def tell_restored(*, number: str, now: datetime) -> int:
    """Queue the flag's taking back for people of whom no number is refused any more, where we had told it; return how many."""
    db.require_atomic()
    people = people_with_numbers([number])
    refused = refused_numbers({each for person in people for each in person.numbers})
    return _queue(
        [person for person in people if refused.isdisjoint(person.numbers)], do_not_call=False, now=now
    )


def send_held_again(connection_id: int, *, now: datetime) -> int:
    """Make wait again what the CRM's set-up, or the mapping, kept from going: they were tested or changed since; return how many."""
    held = SyncQueueItem.objects.filter(
        Q(kind=KIND) | Q(held_for_setup=True), connection_id=connection_id, state=State.HELD
    )
    schemas.forget(connection_id)
    return held.update(state=State.WAITING, attempts=0, due_at=now, reason="", held_for_setup=False)


def _queue(people: Iterable[KnownPerson], *, do_not_call: bool, now: datetime) -> int:
    connections = {each.pk: each for each in CrmConnection.objects.only("kind")}
    changed = 0
    for person in people:
        ref = refs.parse(person.external_ref)
        connection = connections.get(ref.connection_id) if ref else None
        if ref is None or connection is None or connection.kind != ref.kind:
            continue
        changed += _want(connection, ref.person_id, person.name, do_not_call=do_not_call, now=now)
    if changed:
        enqueue_on_commit(jobs.PUSH_DUE)
        log.info("crm_sync.flags.queued", count=changed, do_not_call=do_not_call)
    return changed


def _want(connection: CrmConnection, person_id: str, name: str, *, do_not_call: bool, now: datetime) -> bool:
    """Store what the flag is to say; return whether that is news."""
    flag = DoNotCall(
        person_id=person_id,
        do_not_call=do_not_call,
        subject=mapping.flag_subject(do_not_call=do_not_call),
        started_at=now.isoformat(),
    )
    payload = dataclasses.asdict(flag)
    mine = SyncQueueItem.objects.select_for_update().filter(
        connection=connection, external_call_id=mapping.flag_ref(person_id)
    )
    item = mine.first()
    if item is None and do_not_call:
        item, created = SyncQueueItem.objects.select_for_update().get_or_create(
            connection=connection,
            external_call_id=mapping.flag_ref(person_id),
            defaults={
                "kind": KIND,
                "person_id": person_id,
                "person_name": name[:200],
                "payload": payload,
                "payload_version": 1,
                "created_at": now,
                "changed_at": now,
                "due_at": now,
            },
        )
        if created:
            return True
    if item is None or item.payload["do_not_call"] == do_not_call:
        return False
    values: dict[str, object] = {
        "payload": payload,
        "payload_version": item.payload_version + 1,
        "changed_at": now,
    }
    if item.state in (State.DONE, State.HELD):
        values |= {"state": State.WAITING, "attempts": 0, "due_at": now, "reason": ""}
    mine.update(**values)
    return True
