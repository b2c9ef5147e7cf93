"""What the page of followed lists shows."""

import dataclasses
from datetime import datetime

from django.db.models import Count, OuterRef, Q, Subquery

from crm_sync.models import ListPull, LiveList


@dataclasses.dataclass(frozen=True, slots=True)
class LiveRow:
    """A followed list; the sums count since it is followed."""

    id: int
    connection_name: str
    list_name: str
    lead_list_name: str
    lead_list_id: int
    is_on: bool
    checked_at: datetime | None
    last_error: str
    members: int
    joined: int
    left: int
    changed: int
    reading_id: int | None  # import of its first reading, while that goes on


def list_live() -> list[LiveRow]:
    """Return all lists that are or were followed, by name. One query."""
    open_reading = ListPull.objects.filter(live_list=OuterRef("id"), state__in=["waiting", "reading"])
    counted = LiveList.objects.select_related("connection").annotate(
        on_it=Count("members", filter=Q(members__left_at__isnull=True)),
        reading_id=Subquery(open_reading.values("import_id")[:1]),
    )
    return [
        LiveRow(
            id=row.id,
            connection_name=row.connection.name,
            list_name=row.list_name,
            lead_list_name=row.lead_list_name,
            lead_list_id=row.lead_list_id,
            is_on=row.is_on,
            checked_at=row.checked_at,
            last_error=row.last_error,
            members=row.on_it,
            joined=row.joined,
            left=row.left,
            changed=row.changed,
            reading_id=row.reading_id,
        )
        for row in counted.order_by("-is_on", "list_name", "id")
    ]
