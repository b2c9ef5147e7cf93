"""The carrier's messages as people look at them: those that fail, changed nothing, or are about nothing we know."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q

from carriers.models import CarrierInbox
from compliance.rules import card_data
from core.types import last_four

OUTCOME = CarrierInbox.Outcome
FAILING_AFTER = 2  # tries of the sweeper
SIZE = 50
SHOWN: Final[Mapping[str, tuple[str, Q]]] = {
    "failing": ("Failing", Q(applied_at__isnull=True, attempts__gt=FAILING_AFTER)),
    "unknown": ("About something we do not know", Q(outcome=OUTCOME.UNKNOWN)),
    "ignored": ("Changed nothing", Q(outcome=OUTCOME.IGNORED)),
}
KINDS: Final = dict(CarrierInbox.Kind.choices)
# What a person said or typed is not for onlookers; where they are is not either.
HIDDEN: Final = re.compile(r"Digits|SpeechResult|Body|Name|City|Zip|Transcription|Token", re.IGNORECASE)
PHONE: Final = re.compile(r"\+?\d{7,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message without what identifies people."""

    id: int
    kind: str
    subject: str
    received_at: datetime
    attempts: int
    effect: str
    fields: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """One page of messages, newest first."""

    rows: Sequence[Message]
    older: int  # id that the next page begins below; 0: there is none


def messages(*, shown: str, kind: str, days: int, before: int, now: datetime) -> Messages:
    """Return the messages of one sort in the last `days`; one query. An unknown sort is all of them together."""
    wanted = SHOWN[shown][1] if shown in SHOWN else _any()
    rows = CarrierInbox.objects.filter(wanted, received_at__gt=now - timedelta(days=days))
    if kind in KINDS:
        rows = rows.filter(kind=kind)
    if before:
        rows = rows.filter(id__lt=before)
    found = list(rows.order_by("-id")[: SIZE + 1])
    older = found[SIZE - 1].id if len(found) > SIZE else 0
    return Messages(rows=[_message(row) for row in found[:SIZE]], older=older)


def counts(*, days: int, now: datetime) -> list[tuple[str, str, int]]:
    """Return (sort, its name, how many in the last `days`); one query."""
    rows = CarrierInbox.objects.filter(_any(), received_at__gt=now - timedelta(days=days))
    found = rows.aggregate(**{name: Count("id", filter=which) for name, (_, which) in SHOWN.items()})
    return [(name, words, found[name]) for name, (words, _) in SHOWN.items()]


def _any() -> Q:
    which = Q()
    for _, each in SHOWN.values():
        which |= each
    return which


def _message(row: CarrierInbox) -> Message:
    return Message(
        id=row.id,
        kind=row.get_kind_display(),
        subject=row.subject_ref,
        received_at=row.received_at,
        attempts=row.attempts,
        effect=row.effect,
        fields=[(name, _redacted(name, str(value))) for name, value in sorted(row.payload.items())],
    )


def _redacted(name: str, value: str) -> str:
    if HIDDEN.search(name):
        return "hidden" if value else ""
    if name.endswith("Sid") or name in ("Timestamp", "SequenceNumber", "CallDuration"):
        return value
    return PHONE.sub(lambda found: last_four(found.group()), card_data.redact(value).text)
