"""The audit trail: one row for each act a person may have to answer for, in the transaction of the act."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from core import db
from core.evidence import Row, columns
from core.models import AuditEvent


def record(
    *,
    actor: str,
    verb: str,
    target: str,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Append one audit row. `verb` is dotted (campaigns.campaign.started), `target` is kind:id."""
    db.require_atomic()
    AuditEvent.objects.create(
        at=now,
        actor=actor,
        verb=verb,
        target=target,
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
    )


def events_about(targets: Iterable[str]) -> Iterator[Row]:
    """Yield the trail's events about the targets (kind:id), oldest first, for an evidence pack."""
    rows = AuditEvent.objects.filter(target__in=list(targets)).order_by("id")
    for row in rows.iterator(chunk_size=500):
        yield columns(row, "id", "at", "actor", "verb", "target", "before", "after")
