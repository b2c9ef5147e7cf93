"""Texts people send us: kept with their words, read, honoured on every channel in the same transaction, answered once or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db.models import QuerySet

from compliance.models import ReceivedText
from compliance.redaction import without_card_data
from compliance.rules.content import packaged
from compliance.rules.revocation import Meaning, read_message
from compliance.rules.revocation.reply import Occasion, reply_to
from compliance.services.words import revoke_in_words
from core import audit, db
from core.types import PhoneNumber, last_four

log = structlog.get_logger(__name__)

HEARD_ON = "text message"
NO_TEXT = "(the message has no text)"
ACTOR = "text message"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewText:
    """A text as the carrier brought it."""

    message_ref: str  # the carrier's id: the same one twice is one text
    number: PhoneNumber  # who wrote
    our_number: str
    words: str
    received_at: datetime
    is_answered: bool = False  # the carrier has answered it itself


def take_text(text: NewText, *, sellers: Sequence[str], now: datetime) -> ReceivedText:
    """Keep a text, do what it asks for, and return its row with the answer; the same text again returns the row that stands.

    `sellers`: for whom our number writes, at least one; a revocation reaches each of them (FED-012), and no other's consent. A wish
    to hear from us again is kept and lifts nothing (A2P-006).
    """
    db.require_atomic()
    db.advisory_xact_lock(db.lock_key("compliance.text", text.message_ref))
    standing = ReceivedText.objects.filter(message_ref=text.message_ref).first()
    if standing is not None:
        return standing
    words = text.words.replace("\x00", "").strip() or NO_TEXT
    reading = read_message(words)
    for seller in sellers:
        revoke_in_words(
            words,
            number=text.number,
            seller=seller,
            heard_on=HEARD_ON,
            actor=ACTOR,
            now=now,
            source_ref=text.message_ref,
            received_at=text.received_at,
        )
    kept = without_card_data(words, actor=ACTOR, target=f"number:{text.number}", now=now)
    answer = reply_to(reading, _occasion(text, words, sellers[0], now), packaged.in_force(now.date()))
    row = ReceivedText.objects.create(
        message_ref=text.message_ref,
        number=text.number,
        our_number=text.our_number,
        sellers=sorted(sellers),
        raw_words=kept.text,
        meaning=reading.meaning.value,
        matched_by=reading.matched_by[:80],
        tier=reading.tier,
        language=reading.language,
        answer=answer,
        received_at=text.received_at,
        recorded_at=now,
    )
    audit.record(
        actor=ACTOR,
        verb="compliance.text.received",
        target=f"number:{text.number}",
        now=now,
        after={"text": row.pk, "meaning": row.meaning, "answered": bool(row.answer)},
    )
    log.info("compliance.text.received", number=last_four(text.number), meaning=row.meaning)
    return row


def answer_to(message_ref: str, *, now: datetime) -> str:
    """Return what a text that was taken is answered with now, "" for silence: a confirmation that comes too late is not sent."""
    row = ReceivedText.objects.filter(message_ref=message_ref).first()
    if row is None:
        return ""
    minutes = packaged.in_force(now.date()).whole("confirmation_minutes")
    return row.answer if (now - row.received_at).total_seconds() <= minutes * 60 else ""


def _occasion(text: NewText, words: str, brand: str, now: datetime) -> Occasion:
    earlier = ReceivedText.objects.filter(number=text.number, our_number=text.our_number).exclude(answer="")
    return Occasion(
        words=words,
        brand=brand,
        contact=text.our_number,
        received_at=text.received_at,
        now=now,
        is_answered=text.is_answered,
        confirmed_at=_last(earlier, Meaning.REVOKED),
        helped_at=_last(earlier, Meaning.HELP),
    )


def _last(rows: "QuerySet[ReceivedText]", meaning: Meaning) -> datetime | None:
    return (
        rows.filter(meaning=meaning.value)
        .order_by("-recorded_at", "-id")
        .values_list("recorded_at", flat=True)
        .first()
    )
