"""The inbox of webhooks: stored before anything is done, claimed by whoever applies them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from carriers.models import CarrierInbox
from core import db

RETRY_AFTER = timedelta(seconds=10)


def receive(
    *, kind: str, key: str, subject_ref: str, payload: Mapping[str, str], now: datetime
) -> int | None:
    """Store a webhook and return its id; None if the same one is stored already."""
    try:
        with transaction.atomic():
            # Not yet due for the sweeper: the hint, or the request that brought it, applies it first.
            row = CarrierInbox.objects.create(
                kind=kind,
                key=key,
                subject_ref=subject_ref,
                payload=dict(payload),
                received_at=now,
                due_at=now + timedelta(seconds=2),
            )
    except IntegrityError:
        return None
    return row.id


def claim(*, inbox_id: int) -> CarrierInbox | None:
    """Lock a stored webhook that has not been applied; None if it has been, or if another worker holds it."""
    db.require_atomic()
    return (
        CarrierInbox.objects.filter(id=inbox_id, applied_at__isnull=True)
        .select_for_update(skip_locked=True)
        .first()
    )


def mark_applied(*, inbox_id: int, effect: str, now: datetime) -> None:
    """Record what a webhook changed, or why it changed nothing."""
    db.require_atomic()
    CarrierInbox.objects.filter(id=inbox_id).update(applied_at=now, effect=effect[:200])


def take_waiting(*, now: datetime, limit: int) -> list[int]:
    """Return webhooks whose application is due, and push them forward first, so that a bad one cannot block the others."""
    with db.use_case():
        rows = list(
            CarrierInbox.objects.filter(applied_at__isnull=True, due_at__lte=now)
            .order_by("due_at", "id")
            .select_for_update(skip_locked=True)[:limit]
        )
        for row in rows:
            wait = RETRY_AFTER * 2 ** min(row.attempts, 8)
            CarrierInbox.objects.filter(id=row.id).update(attempts=row.attempts + 1, due_at=now + wait)
    return [row.id for row in rows]
