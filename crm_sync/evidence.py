"""What the CRMs were told of calls to a number, for an evidence pack, and when they acknowledged it. Reads only."""

from collections.abc import Iterator, Sequence

from core.evidence import Row, Section, columns, in_chunks
from crm_sync import mapping
from crm_sync.models import CrmConnection, SyncQueueItem

READ_AT_ONCE = 500
ITEM = (
    "id", "external_call_id", "person_id", "person_name", "payload", "payload_version", "sent_version", "state", "attempts",
    "created_at", "changed_at", "first_sent_at", "sent_at", "acknowledged_at", "crm_id", "reason",
)  # fmt: skip


def sections(call_ids: Sequence[int]) -> list[Section]:
    """Return what was logged of the calls, oldest first; empty for people who came from no CRM."""
    return [Section(name="crm", rows=_items(call_ids))]


def item_ids(call_ids: Sequence[int]) -> list[int]:
    """Return the queue's items of the calls, for their audit events."""
    return [row["id"] for row in _items(call_ids)]


def _items(call_ids: Sequence[int]) -> Iterator[Row]:
    connections = list(CrmConnection.objects.order_by("id"))
    for ids in in_chunks(call_ids, READ_AT_ONCE):
        refs = [
            mapping.external_call_id(each.install_key, call_id) for each in connections for call_id in ids
        ]
        rows = SyncQueueItem.objects.filter(connection__in=connections, external_call_id__in=refs)
        for row in rows.select_related("connection").order_by("id"):
            yield {"connection": columns(row.connection, "id", "kind", "name")} | columns(row, *ITEM)
