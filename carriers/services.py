"""The inbox of webhooks: stored before anything is done, claimed by whoever applies them."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction

from carriers.models import CarrierInbox
from compliance.rules import card_data
from core import audit, db
from core.errors import NotFound

log = structlog.get_logger(__name__)

IDENTIFIERS = re.compile(r"Sid$|Url$|Token$|^Timestamp$|^SequenceNumber$")
RETRY_AFTER = timedelta(seconds=10)
OUTCOMES = {"ignored": CarrierInbox.Outcome.IGNORED, "unknown": CarrierInbox.Outcome.UNKNOWN}


def receive(
    *, kind: str, key: str, subject_ref: str, payload: Mapping[str, str], now: datetime, token: str = ""
) -> int | None:
    """Store a webhook and return its id; None if the same one is stored already.

    The carrier's token, where there is one, tells a repeat; `key`, made of what the webhook says, where there is none. A token
    that comes back with other words is no repeat: both are stored, since either may be news. Card data that was keyed or said is
    taken out before anything is stored (PCI-005, PCI-014).
    """
    payload = {name: _without_card_data(name, value) for name, value in payload.items()}
    marked = f"{kind}:{subject_ref}:token:{token}"
    row_id = _insert(kind, marked if token else key, token, subject_ref, payload, now)
    if row_id is not None or not token:
        return row_id
    before = CarrierInbox.objects.filter(key=marked).values_list("payload", flat=True).first()
    if before == dict(payload):
        return None
    log.warning("carriers.webhook.token_reused", kind=kind, subject=subject_ref)
    return _insert(kind, key, token, subject_ref, payload, now)


def _without_card_data(name: str, value: str) -> str:
    # The carrier's ids and addresses are long and random: what looks like a card number in one is none.
    return value if IDENTIFIERS.search(name) else card_data.redact(value).text


def claim(*, inbox_id: int) -> CarrierInbox | None:
    """Lock a stored webhook that has not been applied; None if it has been, or if another worker holds it."""
    db.require_atomic()
    return (
        CarrierInbox.objects.filter(id=inbox_id, applied_at__isnull=True)
        .select_for_update(skip_locked=True)
        .first()
    )


def mark_applied(*, inbox_id: int, effect: str, now: datetime) -> None:
    """Record what a webhook changed, or why it changed nothing: words that begin with “ignored:” or “unknown:”."""
    db.require_atomic()
    outcome = OUTCOMES.get(effect.partition(":")[0], CarrierInbox.Outcome.APPLIED)
    CarrierInbox.objects.filter(id=inbox_id).update(applied_at=now, effect=effect[:200], outcome=outcome)


def note_failure(*, inbox_id: int, reason: str) -> None:
    """Keep why a webhook could not be applied, for the people who look at it; the sweeper tries it again."""
    CarrierInbox.objects.filter(id=inbox_id, applied_at__isnull=True).update(effect=f"failed: {reason}"[:200])


def reopen(*, inbox_id: int, actor: str, now: datetime) -> None:
    """Let a webhook that changed nothing be applied once more, or a failing one at once. Raises NotFound."""
    db.require_atomic()
    rows = CarrierInbox.objects.filter(id=inbox_id).exclude(outcome=CarrierInbox.Outcome.APPLIED)
    if rows.update(applied_at=None, outcome=CarrierInbox.Outcome.WAITING, effect="", due_at=now) != 1:
        raise NotFound("This message has been applied already, or is no longer kept.")
    audit.record(actor=actor, verb="carriers.webhook.reopened", target=f"webhook:{inbox_id}", now=now)


def purge(*, now: datetime, limit: int = 5000) -> int:
    """Remove applied webhooks older than the setting keeps them and return how many; those not applied stay."""
    old = CarrierInbox.objects.filter(applied_at__lt=now - timedelta(days=settings.CARRIER_INBOX_DAYS))
    removed = 0
    while ids := list(old.order_by("applied_at", "id").values_list("id", flat=True)[:limit]):
        # In portions: one long statement would hold its locks and its undo space for all of them.
        removed += CarrierInbox.objects.filter(id__in=ids).delete()[0]
    return removed


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


def _insert(
    kind: str, key: str, token: str, subject_ref: str, payload: Mapping[str, str], now: datetime
) -> int | None:
    try:
        with transaction.atomic():
            # Not yet due for the sweeper: the hint, or the request that brought it, applies it first.
            row = CarrierInbox.objects.create(
                kind=kind,
                key=key,
                token=token,
                subject_ref=subject_ref[:60],
                payload=dict(payload),
                received_at=now,
                due_at=now + timedelta(seconds=2),
            )
    except IntegrityError:
        return None
    return row.id
