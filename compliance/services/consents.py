"""The consent ledger: each consent once, with all its evidence, in a chain nobody can cut unseen (FED-008)."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from compliance.events import ConsentGiven
from compliance.locks import lock_people
from compliance.models import ConsentRecord
from compliance.rules import card_data
from compliance.rules.facts import Channel, ConsentKind, Purpose
from core import audit, db, outbox
from core.errors import AppError
from core.types import PhoneNumber, as_phone

Source = ConsentRecord.Source
Asked = ConsentRecord.Asked
LIMITS = {
    "obtained_by": 120, "certificate": 200, "lead_ref": 120, "page_url": 1000, "language": 10, "signature": 200,
    "ip": 45, "user_agent": 400, "session_ref": 120, "name_given": 160, "evidence_file": 400, "person_ref": 80, "asked_words": 4000,
}  # fmt: skip
# What the row's hash covers: all that was given, and who recorded it when.
HASHED = (
    "number", "person_ref", "kind", "sellers", "obtained_by", "certificate", "lead_ref", "given_at", "valid_until",
    "purposes", "channels", "text_sha256", "page_url", "language", "signature", "authorises_automation", "not_a_condition",
    "box_preticked", "agrees_to_be_called", "ip", "user_agent", "session_ref", "name_given", "source", "evidence_file",
    "recorded_by", "recorded_at", "fingerprint", "position",
)  # fmt: skip
# And this of consents the person asked for; the others are hashed as they were before these columns stood here.
HASHED_IF_ASKED = ("asked_how", "asked_words", "asked_at")


class ConsentRefused(AppError):
    """The consent cannot be kept as evidence; the text says what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConsent:
    """A consent as it was given. What the evidence does not say stays empty, and the rules take it for missing."""

    number: PhoneNumber
    kind: ConsentKind
    obtained_by: str  # the seller, or the vendor that collected it
    given_at: datetime
    source: ConsentRecord.Source
    person_ref: str = ""
    sellers: frozenset[str] = frozenset()  # named in the text shown
    valid_until: datetime | None = None
    purposes: frozenset[Purpose] = frozenset()  # empty = not limited
    channels: frozenset[Channel] = frozenset()  # empty = not limited
    text_shown: str = ""  # word by word
    page_url: str = ""
    language: str = ""
    signature: str = ""  # the affirmative act: "typed name", "checkbox", "voice"
    authorises_automation: bool = False
    not_a_condition: bool = False
    box_preticked: bool = False
    agrees_to_be_called: bool = False
    certificate: str = ""
    lead_ref: str = ""
    ip: str = ""
    user_agent: str = ""
    session_ref: str = ""
    name_given: str = ""
    evidence_file: str = ""
    asked_how: str = (
        ""  # a word of Asked: the person came by themself to hear from the seller again (FED-006 T4)
    )
    asked_words: str = ""  # in which words, what the form said or what was pressed
    asked_at: datetime | None = None


def grant_consent(consent: NewConsent, *, recorded_by: str, now: datetime) -> ConsentRecord:
    """Keep a consent in the open transaction and return its row; the same consent again returns the row that stands.

    It lifts nothing: a number that is suppressed stays so (FED-006 T4). Raises ConsentRefused for what cannot be.
    """
    db.require_atomic()
    [(row, is_new)] = add_consents([consent], recorded_by=recorded_by, now=now)
    if is_new:
        audit.record(
            actor=recorded_by,
            verb="compliance.consent.recorded",
            target=f"number:{row.number}",
            now=now,
            after={"consent": row.id, "kind": row.kind, "sellers": row.sellers, "source": row.source},
        )
    return row


def add_consents(
    consents: Sequence[NewConsent], *, recorded_by: str, now: datetime
) -> list[tuple[ConsentRecord, bool]]:
    """Append consents to their numbers' chains and tell other apps; return each one's row and whether it is new, in order."""
    for consent in consents:
        problem = why_refused(consent, now)
        if problem:
            raise ConsentRefused(problem)
    numbers = {consent.number for consent in consents}
    lock_people(numbers=numbers)
    prints = [_fingerprint(consent) for consent in consents]
    standing = {row.fingerprint: row for row in ConsentRecord.objects.filter(fingerprint__in=prints)}
    last = {
        row.number: row
        for row in ConsentRecord.objects.filter(number__in=numbers)
        .order_by("number", "-position")
        .distinct("number")
    }
    added: list[ConsentRecord] = []
    answers: list[tuple[ConsentRecord, bool]] = []
    for consent, fingerprint in zip(consents, prints, strict=True):
        row = standing.get(fingerprint)
        if row is None:
            row = _row(consent, fingerprint, last.get(consent.number), recorded_by=recorded_by, now=now)
            standing[fingerprint] = last[consent.number] = row
            added.append(row)
            answers.append((row, True))
        else:
            answers.append((row, False))
    ConsentRecord.objects.bulk_create(added)
    _publish(sorted({row.number for row in added}), by=recorded_by, now=now)
    return answers


def why_refused(consent: NewConsent, now: datetime) -> str:
    """Return why a consent cannot be kept as evidence, "" when it can. Whether it holds is for the rules to say."""
    as_phone(consent.number)
    too_long = [name for name, limit in LIMITS.items() if len(getattr(consent, name)) > limit]
    checks = (
        (consent.given_at > now, "the day it was given lies in the future"),
        (
            consent.valid_until is not None and consent.valid_until <= consent.given_at,
            "it ends before it begins",
        ),
        (not consent.obtained_by.strip(), "it does not say who obtained it: the seller, or the vendor"),
        (bool(too_long), f"{', '.join(too_long)} is too long"),
        (
            consent.asked_how not in ("", *Asked.values),
            f"asked_how is not one of {', '.join(Asked.values)}",
        ),
        (
            len({consent.asked_how == "", not consent.asked_words.strip(), consent.asked_at is None}) > 1,
            "that the person asked to be contacted again needs all three: how, in which words and when "
            "(asked_how, asked_words, asked_at)",
        ),
        (
            consent.asked_at is not None and consent.asked_at > consent.given_at,
            "the person asked after they agreed: asked_at must not lie after given_at",
        ),
        (
            any("\x00" in str(getattr(consent, name)) for name in (*LIMITS, "text_shown")),
            "it holds a character that cannot be stored",
        ),
    )
    return next((words for is_so, words in checks if is_so), "")


def broken_link(number: PhoneNumber) -> ConsentRecord | None:
    """Return the first consent of the number whose place in the chain or content is not what was recorded; None when all are."""
    previous = ""
    for position, row in enumerate(ConsentRecord.objects.filter(number=number).order_by("position"), start=1):
        told = hashlib.sha256(row.text_shown.encode()).hexdigest() if row.text_shown else ""
        if (
            row.position != position
            or row.prev_hash != previous
            or row.text_sha256 != told
            or row.row_hash != _row_hash(row)
        ):
            return row
        previous = row.row_hash
    return None


def _publish(numbers: list[str], *, by: str, now: datetime) -> None:
    if numbers:
        event = ConsentGiven(numbers=numbers, by=by, at=now.isoformat())
        outbox.publish(event, key=f"consent:{numbers[0]}", now=now)


def _row(
    consent: NewConsent,
    fingerprint: str,
    last: ConsentRecord | None,
    *,
    recorded_by: str,
    now: datetime,
) -> ConsentRecord:
    row = ConsentRecord(
        number=consent.number,
        kind=consent.kind.value,
        source=consent.source.value,
        sellers=sorted(consent.sellers),
        purposes=sorted(consent.purposes),
        channels=sorted(consent.channels),
        given_at=consent.given_at,
        valid_until=consent.valid_until,
        text_shown=consent.text_shown,
        text_sha256=hashlib.sha256(consent.text_shown.encode()).hexdigest() if consent.text_shown else "",
        authorises_automation=consent.authorises_automation,
        not_a_condition=consent.not_a_condition,
        box_preticked=consent.box_preticked,
        agrees_to_be_called=consent.agrees_to_be_called,
        asked_how=consent.asked_how,
        asked_at=consent.asked_at,
        recorded_by=recorded_by,
        recorded_at=now,
        fingerprint=fingerprint,
        position=last.position + 1 if last else 1,
        prev_hash=last.row_hash if last else "",
        **{name: getattr(consent, name) for name in LIMITS},
    )
    row.asked_words = card_data.redact(row.asked_words).text
    row.row_hash = _row_hash(row)
    return row


def _fingerprint(consent: NewConsent) -> str:
    """A hash of what makes it this consent: given by whom, to whom, when, on which words."""
    return _hash(
        {
            "number": consent.number,
            "person_ref": consent.person_ref,
            "kind": consent.kind.value,
            "sellers": sorted(consent.sellers),
            "obtained_by": consent.obtained_by,
            "given_at": consent.given_at.astimezone(UTC).isoformat(),
            "purposes": sorted(consent.purposes),
            "channels": sorted(consent.channels),
            "text": consent.text_shown,
            "lead_ref": consent.lead_ref,
            **(_asked(consent) if consent.asked_how else {}),
        }
    )


def _asked(consent: NewConsent) -> dict[str, str]:
    at = consent.asked_at.astimezone(UTC).isoformat() if consent.asked_at else ""
    return {"asked_how": consent.asked_how, "asked_words": consent.asked_words, "asked_at": at}


def _row_hash(row: ConsentRecord) -> str:
    names = (*HASHED, *HASHED_IF_ASKED) if row.asked_how else HASHED
    values: dict[str, Any] = {name: getattr(row, name) for name in names}
    for name, value in values.items():
        if isinstance(value, datetime):
            values[name] = value.astimezone(UTC).isoformat()
    return _hash({"prev_hash": row.prev_hash, **values})


def _hash(values: dict[str, Any]) -> str:
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
