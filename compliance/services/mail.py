"""Requests by e-mail: an address instead of a number. Stored as they come, revoked where somebody is known, never lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from compliance.directory import Addressee, find_by_email
from compliance.mail import ACTED_ON, Mail
from compliance.models import MailRequest, MailSettlement
from compliance.redaction import without_card_data
from compliance.rules.facts import SuppressionKind
from compliance.services.revocations import BY_A_PERSON, HONOURED, HowRead, revoke_numbers
from compliance.services.suppressions import Ground
from core import audit, db
from core.errors import AppError, NotFound, Stale
from core.types import PhoneNumber, as_phone

log = structlog.get_logger(__name__)

Outcome = MailSettlement.Outcome
HEARD_ON = "email"
NO_TEXT = "(the e-mail has no text)"


class MailRefused(AppError):
    """The e-mail cannot be settled as asked; the text says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An e-mail that was taken in; `settlement` is None while it waits for a person."""

    request: MailRequest
    settlement: MailSettlement | None


def record_mail(mail: Mail, *, actor: str, now: datetime) -> MailRequest:
    """Keep an e-mail in the open transaction and return its row; the same one (Message-ID) again returns the row that stands.

    A time of sending that lies in the future is not believed. Card data is taken out of the words (PCI-001).
    """
    db.require_atomic()
    standing = MailRequest.objects.filter(message_ref=mail.message_ref).first() if mail.message_ref else None
    if standing is not None:
        return standing
    reading = mail.reading
    words = without_card_data(
        mail.words or NO_TEXT, actor=actor, target=f"mail:{mail.address}"[:120], now=now
    )
    values = {
        "address": mail.address,
        "raw_words": words.text,
        "meaning": reading.meaning.value,
        "matched_by": reading.matched_by[:80],
        "tier": reading.tier,
        "language": reading.language,
        "received_at": min(mail.sent_at, now) if mail.sent_at else now,
        "recorded_at": now,
        "recorded_by": actor,
    }
    if mail.message_ref:
        row, is_new = MailRequest.objects.get_or_create(message_ref=mail.message_ref, defaults=values)
    else:
        row, is_new = MailRequest.objects.create(**values), True
    if is_new:
        audit.record(
            actor=actor,
            verb="compliance.mail.recorded",
            target=f"mail:{row.pk}",
            now=now,
            after={"address": row.address, "meaning": row.meaning, "message_ref": row.message_ref},
        )
    return row


def take_mail(mail: Mail, *, seller: str, actor: str, now: datetime) -> Taken:
    """Keep an e-mail, and revoke at once for everybody known under its address if its words ask for it; else it waits.

    What rules read as a phrase is honoured first and read by a person later, as on every other channel (FED-012).
    """
    row = record_mail(mail, actor=actor, now=now)
    standing = MailSettlement.objects.filter(request=row).first()
    if standing is None and mail.reading.meaning in ACTED_ON and numbers_of(find_by_email(row.address)):
        read = HowRead(
            matched_by=row.matched_by, tier=row.tier, language=row.language, needs_review=mail.reading.needs_review
        )  # fmt: skip
        standing = settle_mail(request_id=row.pk, seller=seller, settled_by=actor, now=now, read=read)
    log.info("compliance.mail.taken", request=row.pk, meaning=row.meaning, settled=standing is not None)
    return Taken(request=row, settlement=standing)


def settle_mail(
    *,
    request_id: int,
    seller: str,
    settled_by: str,
    now: datetime,
    further: Sequence[PhoneNumber] = (),
    note: str = "",
    read: HowRead = BY_A_PERSON,
) -> MailSettlement:
    """Revoke every number of everybody known under the e-mail's address, and `further` ones found by hand, in one use case.

    The people are looked up here again: who was added since the page was shown is revoked too. Raises NotFound, Stale for an
    e-mail that is settled, MailRefused when there is no number.
    """
    row = _waiting(request_id)
    people = find_by_email(row.address)
    numbers = list(dict.fromkeys([*numbers_of(people), *map(as_phone, further)]))
    if not numbers:
        raise MailRefused(
            "Nobody with a number is known under this address. Give the person’s numbers, or say that nobody here has the address."
        )
    settlement = _settle(
        row, Outcome.REVOKED, numbers, [each.person_ref for each in people], note, by=settled_by, now=now
    )
    kind = SuppressionKind.REVOKED
    ground = Ground(
        seller=seller, reason=HONOURED[kind], raw_words=row.raw_words, heard_on=HEARD_ON, kind=kind
    )
    revoke_numbers(
        numbers=numbers,
        ground=ground,
        actor=settled_by,
        now=now,
        read=read,
        source_ref=f"mail:{row.pk}",
        received_at=row.received_at,
    )
    return settlement


def close_mail(
    *, request_id: int, is_request: bool, note: str, settled_by: str, now: datetime
) -> MailSettlement:
    """Settle an e-mail without revoking anything: nobody here has the address, or it asks for nothing. The note says how that is known.

    Raises NotFound, Stale, and MailRefused without a note, or for "nobody" while somebody with a number is known.
    """
    row = _waiting(request_id)
    if not note.strip():
        raise MailRefused(
            "Say how you know: where you looked for the person, or what the words mean instead."
        )
    if is_request and numbers_of(find_by_email(row.address)):
        raise MailRefused("Somebody with this address is known here; their numbers must be revoked.")
    outcome = Outcome.NOBODY if is_request else Outcome.NO_REQUEST
    return _settle(row, outcome, [], [], note, by=settled_by, now=now)


def numbers_of(people: Sequence[Addressee]) -> list[PhoneNumber]:
    """Return all numbers of the people, each once, in their order."""
    return [
        as_phone(number) for number in dict.fromkeys(each for person in people for each in person.numbers)
    ]


def _waiting(request_id: int) -> MailRequest:
    db.require_atomic()
    row = MailRequest.objects.filter(pk=request_id).first()
    if row is None:
        raise NotFound("There is no such e-mail.")
    return row


def _settle(
    row: MailRequest,
    outcome: Outcome,
    numbers: Sequence[str],
    people: Sequence[str],
    note: str,
    *,
    by: str,
    now: datetime,
) -> MailSettlement:
    settlement, is_new = MailSettlement.objects.get_or_create(
        request=row,
        defaults={
            "outcome": outcome,
            "numbers": list(numbers),
            "people": list(people),
            "note": note.replace("\x00", ""),
            "settled_by": by,
            "at": now,
        },
    )
    if not is_new:
        raise Stale(f"{settlement.settled_by} has settled this e-mail already.")
    audit.record(
        actor=by,
        verb="compliance.mail.settled",
        target=f"mail:{row.pk}",
        now=now,
        after={"outcome": outcome.value, "numbers": list(numbers), "people": list(people), "note": note},
    )
    return settlement
