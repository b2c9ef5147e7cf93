"""The audit trail: one row for each act a person may have to answer for, in the transaction of the act."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core import db
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
