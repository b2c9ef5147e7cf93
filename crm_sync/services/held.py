"""Items that wait for a person: edited, sent again, or set aside, one by one or all of a reason. No network."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet

from core import audit, db
from core.errors import AppError, NotFound, Stale
from core.jobs import enqueue_on_commit
from crm_sync import held_fields, jobs, refs
from crm_sync.models import SyncQueueItem
from crm_sync.selectors.mappings import used_facts

State = SyncQueueItem.State
RESTING = (State.HELD, State.SET_ASIDE)  # nothing happens to them before a person says so
AT_ONCE = 10_000  # items of one act


class EditRefused(AppError):
    """What was entered cannot be sent."""


def retry_item(*, item_id: int, by_name: str, now: datetime) -> None:
    """Send an item again that is held or was set aside. Raises NotFound, or Stale if it is neither any more."""
    with db.use_case():
        resting = SyncQueueItem.objects.filter(id=item_id, state__in=RESTING)
        if resting.filter(person_id="").exists():
            raise Stale("Nobody has said yet who this is in the CRM: look again for them under “Who is it?”.")
        if not _send_again(resting, now):
            raise _not_held(item_id)
        audit.record(actor=by_name, verb="crm_sync.item.retried", target=f"sync_item:{item_id}", now=now)
        enqueue_on_commit(jobs.PUSH_DUE)


def set_aside_item(*, item_id: int, by_name: str, now: datetime) -> None:
    """Decide that a held item need not go to the CRM. Raises NotFound, or Stale if it is not held any more."""
    with db.use_case():
        held = SyncQueueItem.objects.filter(id=item_id, state=State.HELD)
        if not held.update(state=State.SET_ASIDE):
            raise _not_held(item_id)
        audit.record(actor=by_name, verb="crm_sync.item.set_aside", target=f"sync_item:{item_id}", now=now)


def edit_item(*, item_id: int, changes: Mapping[str, str], by_name: str, now: datetime) -> None:
    """Change fields of a held item and send it again; `changes` are by the names of held_fields.

    What the dialer said stays beside the changes. Raises NotFound, Stale, and EditRefused for an item without anything to edit, an
    empty subject or what is no id of the CRM's people.
    """
    with db.use_case():
        item = SyncQueueItem.objects.select_for_update().filter(id=item_id, state__in=RESTING).first()
        if item is None:
            raise _not_held(item_id)
        kind = item.connection.kind
        given = held_fields.given(item.kind, item.payload, used_facts(item.connection_id))
        if not given:
            raise EditRefused("A do-not-call flag has nothing to edit; send it again, or set it aside.")
        if "subject" in given and not changes["subject"].strip():
            raise EditRefused("Give it a subject.")
        if refs.parse(refs.prefix(kind, item.connection_id) + changes["person_id"]) is None:
            raise EditRefused(
                f"“{changes['person_id'][:60]}” is not an id of {item.connection.get_kind_display()}."
            )
        edits = held_fields.edits(item.payload, given, changes)
        SyncQueueItem.objects.filter(id=item_id).update(edits=edits, person_id=changes["person_id"])
        _send_again(SyncQueueItem.objects.filter(id=item_id), now)
        # The fields' names alone: notes are of people, and the audit trail outlives them.
        audit.record(
            actor=by_name,
            verb="crm_sync.item.edited",
            target=f"sync_item:{item_id}",
            now=now,
            after={"fields": sorted(edits)},
        )
        enqueue_on_commit(jobs.PUSH_DUE)


def retry_all(*, connection_id: int, reason: str, by_name: str, now: datetime) -> int:
    """Send all held items of a connection with this reason again and return how many there were."""
    with db.use_case():
        count = _send_again(_all_held(connection_id, reason), now)
        _record_bulk("crm_sync.items.retried", connection_id, reason, count, by_name, now)
        enqueue_on_commit(jobs.PUSH_DUE)
    return count


def set_aside_all(*, connection_id: int, reason: str, by_name: str, now: datetime) -> int:
    """Set all held items of a connection with this reason aside and return how many there were."""
    with db.use_case():
        count = _all_held(connection_id, reason).update(state=State.SET_ASIDE)
        _record_bulk("crm_sync.items.set_aside", connection_id, reason, count, by_name, now)
    return count


def _send_again(items: "QuerySet[SyncQueueItem]", now: datetime) -> int:
    return items.update(state=State.WAITING, attempts=0, due_at=now, reason="", held_for_setup=False)


def _all_held(connection_id: int, reason: str) -> "QuerySet[SyncQueueItem]":
    held = SyncQueueItem.objects.filter(connection_id=connection_id, state=State.HELD, reason=reason)
    chosen: Sequence[int] = list(
        held.order_by("id").values_list("id", flat=True).select_for_update()[:AT_ONCE]
    )
    return SyncQueueItem.objects.filter(id__in=chosen)


def _not_held(item_id: int) -> AppError:
    if not SyncQueueItem.objects.filter(id=item_id).exists():
        return NotFound("This call is not in the list.")
    return Stale("This call is not held any more; the page now shows where it stands.")


def _record_bulk(verb: str, connection_id: int, reason: str, count: int, by_name: str, now: datetime) -> None:
    audit.record(
        actor=by_name,
        verb=verb,
        target=f"crm_connection:{connection_id}",
        now=now,
        after={"count": count, "reason": reason[:200]},
    )
