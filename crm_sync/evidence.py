"""What the CRMs were told about a number and the people who have it, and when they acknowledged it, for an evidence pack. Reads only."""

from collections.abc import Iterator, Sequence

from core.evidence import Row, Section, columns, in_chunks
from crm_sync import mapping, refs, shaping
from crm_sync.models import CrmConnection, SyncQueueItem

READ_AT_ONCE = 500
OF_THE_PERSON = ("do_not_call", "opt_out", "text", "member")
ITEM = (
    "id", "kind", "external_call_id", "person_id", "person_name", "payload", "edits", "payload_version", "sent_version", "state",
    "attempts",
    "created_at", "changed_at", "first_sent_at", "sent_at", "acknowledged_at", "crm_id", "reason",
)  # fmt: skip


def sections(call_ids: Sequence[int], refs: Sequence[str]) -> list[Section]:
    """Return what was logged of the calls and told of the people (external_ref); empty for people who came from no CRM."""
    return [Section(name="crm", rows=_items(call_ids, refs))]


def item_ids(call_ids: Sequence[int], refs: Sequence[str]) -> list[int]:
    """Return the queue's items of the calls and people, for their audit events."""
    return [row["id"] for row in _items(call_ids, refs)]


def _items(call_ids: Sequence[int], people: Sequence[str]) -> Iterator[Row]:
    yield from _calls(call_ids)
    yield from _flags(people)


def _flags(people: Sequence[str]) -> Iterator[Row]:
    for ref in filter(None, map(refs.parse, people)):
        rows = SyncQueueItem.objects.filter(
            connection_id=ref.connection_id,
            connection__kind=ref.kind,
            person_id=ref.person_id,
            kind__in=OF_THE_PERSON,
        )
        for row in rows.select_related("connection").order_by("id"):
            yield {"connection": columns(row.connection, "id", "kind", "name")} | columns(row, *ITEM)


def _calls(call_ids: Sequence[int]) -> Iterator[Row]:
    connections = list(CrmConnection.objects.order_by("id"))
    for ids in in_chunks(call_ids, READ_AT_ONCE):
        call_refs = [
            name(each.install_key, call_id)
            for each in connections
            for call_id in ids
            for name in (mapping.external_call_id, shaping.callback_ref, shaping.fields_ref)
        ]
        rows = SyncQueueItem.objects.filter(connection__in=connections, external_call_id__in=call_refs)
        for row in rows.select_related("connection").order_by("id"):
            yield {"connection": columns(row.connection, "id", "kind", "name")} | columns(row, *ITEM)
