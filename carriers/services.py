"""The inbox of webhooks: stored before anything is done, claimed by whoever applies them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from django.conf import settings

from carriers.models import CarrierInbox
from compliance.rules import card_data
from core import audit, db, kept
from core.errors import NotFound

log = structlog.get_logger(__name__)

IDENTIFIERS = re.compile(r"Sid$|Url$|Token$|^Timestamp$|^SequenceNumber$")
RETRY_AFTER = timedelta(seconds=10)
_unapplied = kept.Query(
    lambda row: CarrierInbox.objects.filter(id=row, applied_at__isnull=True).select_for_update(
        skip_locked=True
    )
)
OUTCOMES = {"ignored": CarrierInbox.Outcome.IGNORED, "unknown": CarrierInbox.Outcome.UNKNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A webhook as it came in by the door."""

    kind: str
    key: str  # made of what it says
    subject_ref: str  # our own id, from the address it came to
    payload: Mapping[str, str]
    received_at: datetime
    token: str = ""  # the carrier's mark of a repeat, where it gives one

    @property
    def mark(self) -> str:
        """Return what a repeat has in common with the first."""
        return f"{self.kind}:{self.subject_ref}:token:{self.token}" if self.token else self.key

    def without_card_data(self) -> "Incoming":
        """Return it as it may be stored."""
        return replace(
            self, payload={name: _without_card_data(name, value) for name, value in self.payload.items()}
        )


def receive(incoming: Incoming) -> int | None:
    """Store a webhook and return its id; None if the same one is stored already.

    The carrier's token, where there is one, tells a repeat; what it says, where there is none. A token that comes back with
    other words is no repeat: both are stored, since either may be news. Card data that was keyed or said is taken out before
    anything is stored (PCI-005, PCI-014).
    """
    return _receive(incoming.without_card_data())


def _receive(incoming: Incoming) -> int | None:
    row_id = _insert(incoming, incoming.mark)
    if row_id is not None or not incoming.token:
        return row_id
    before = CarrierInbox.objects.filter(key=incoming.mark).values_list("payload", flat=True).first()
    if before == dict(incoming.payload):
        return None
    log.warning("carriers.webhook.token_reused", kind=incoming.kind, subject=incoming.subject_ref)
    return _insert(incoming, incoming.key)


def take(incoming: Incoming) -> CarrierInbox | None:
    """Store a webhook in the open transaction, which is to apply it; None if it has been applied, or another worker holds it.

    A repeat of one that is stored and waits, since applying it failed, is taken up again.
    """
    db.require_atomic()
    incoming = incoming.without_card_data()
    row_id = _receive(incoming)
    if row_id is None:
        waiting = CarrierInbox.objects.filter(key__in={incoming.mark, incoming.key}, applied_at__isnull=True)
        return waiting.select_for_update(skip_locked=True).order_by("id").first()
    return CarrierInbox(
        pk=row_id,
        kind=incoming.kind,
        subject_ref=incoming.subject_ref,
        payload=dict(incoming.payload),
        received_at=incoming.received_at,
    )


def _without_card_data(name: str, value: str) -> str:
    # The carrier's ids and addresses are long and random: what looks like a card number in one is none.
    return value if IDENTIFIERS.search(name) else card_data.redact(value).text


def claim(*, inbox_id: int) -> CarrierInbox | None:
    """Lock a stored webhook that has not been applied; None if it has been, or if another worker holds it."""
    db.require_atomic()
    return _unapplied.first(inbox_id)


def mark_applied(*, inbox_id: int, effect: str, now: datetime) -> None:
    """Record what a webhook changed, or why it changed nothing: words that begin with “ignored:” or “unknown:”."""
    db.require_atomic()
    outcome = OUTCOMES.get(effect.partition(":")[0], CarrierInbox.Outcome.APPLIED)
    kept.update(CarrierInbox, {"applied_at": now, "effect": effect[:200], "outcome": outcome}, pk=inbox_id)


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


def _insert(incoming: Incoming, key: str) -> int | None:
    """Store one row and return its id; None where the key is taken: no error, which would end the transaction it came in."""
    row = CarrierInbox(
        kind=incoming.kind,
        key=key,
        token=incoming.token,
        subject_ref=incoming.subject_ref[:60],
        payload=dict(incoming.payload),
        received_at=incoming.received_at,
        # Not yet due for the sweeper: the hint, or the request that brought it, applies it first.
        due_at=incoming.received_at + timedelta(seconds=2),
    )
    return int(row.pk) if kept.insert_unless_taken(row) else None
