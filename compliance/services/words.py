"""What people write or say, read by rules and acted on at once: suppress first, review later (FED-012, FED-013, FED-030)."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from compliance.models import Revocation
from compliance.rules.facts import SuppressionKind
from compliance.rules.revocation import Meaning, Reading, read_message
from compliance.services.revocations import HowRead, revoke
from core.types import PhoneNumber, last_four

log = structlog.get_logger(__name__)

ACTED_ON = {
    Meaning.REVOKED: SuppressionKind.REVOKED,
    Meaning.WRONG_NUMBER: SuppressionKind.WRONG_NUMBER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """How a message was read, and the revocation it became; None when it is none."""

    reading: Reading
    revocation: Revocation | None


def revoke_in_words(
    text: str,
    *,
    number: PhoneNumber,
    seller: str,
    heard_on: str,
    actor: str,
    now: datetime,
    person_ref: str = "",
    spoken: bool = False,
    source_ref: str = "",
    received_at: datetime | None = None,
) -> Heard:
    """Read a text, e-mail, note or transcript, and do in the open transaction what revoke does if it refuses contacts.

    `spoken`: to a person or on a voicemail, where “take me off your list” is a request not to be called too (FED-012 T4).
    A wrong number binds the pair of number and `person_ref`; without one, the number for the seller. What asks for help or
    wants to hear from us again changes nothing here: the caller has the reading.
    """
    reading = read_message(text)
    kind = ACTED_ON.get(reading.meaning)
    if kind is None:
        log.info("compliance.message.read", number=last_four(number), meaning=reading.meaning)
        return Heard(reading=reading, revocation=None)
    if kind is SuppressionKind.REVOKED and spoken:
        kind = SuppressionKind.DO_NOT_CALL
    row = revoke(
        number=number,
        seller=seller,
        raw_words=text,
        heard_on=heard_on,
        actor=actor,
        now=now,
        kind=kind,
        person_ref=person_ref if kind is SuppressionKind.WRONG_NUMBER else "",
        read=HowRead(
            matched_by=reading.matched_by,
            tier=reading.tier,
            language=reading.language,
            needs_review=reading.needs_review,
        ),
        source_ref=source_ref,
        received_at=received_at,
    )
    return Heard(reading=reading, revocation=row)
