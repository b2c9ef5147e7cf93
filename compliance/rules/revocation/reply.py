"""The one text that answers a text: what a revocation or a call for help is met with, and mostly silence (FED-014, A2P-006).

Nothing here is sent to anybody who did not write a moment ago. Where the carrier answers a word itself, a second answer is one too
many, and it could not be delivered.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from compliance.rules.content.numbers import InForce
from compliance.rules.revocation import Meaning, Reading
from compliance.rules.revocation.confirmation import confirmation_problems

# The rule book's templates (A2P-006); the Spanish ones say the same.
CONFIRMATIONS = {
    "": "{brand}: you are unsubscribed and will receive no more messages.",
    "es": "{brand}: su baja está hecha y no recibirá más mensajes.",
}
HELP = {
    "": "{brand}: help at {contact}. Reply STOP to opt out.",
    "es": "{brand}: ayuda en {contact}. Responda STOP para darse de baja.",
}
HELPED_AGAIN_AFTER = timedelta(hours=24)  # two machines that ask each other for help must not go on for ever


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What else is known of a text that came in. Instants are aware."""

    words: str
    brand: str  # whose number was written to
    contact: str  # where help is
    received_at: datetime
    now: datetime
    is_answered: bool = False  # the carrier says that it has answered it
    confirmed_at: datetime | None = None  # when this person was sent a confirmation last
    helped_at: datetime | None = None  # when this person was sent help last


def reply_to(reading: Reading, occasion: Occasion, numbers: InForce) -> str:
    """Return the text to answer with, "" for silence.

    One confirmation for a revocation, in time and never a second one; help to who asks for it, once a day. A wrong number, a wish to
    hear from us again and everything else are not answered by a machine.
    """
    if occasion.is_answered or not occasion.brand:
        return ""
    if reading.meaning is Meaning.REVOKED:
        return _confirmation(reading, occasion, numbers)
    if reading.meaning is Meaning.HELP:
        is_new = occasion.helped_at is None or occasion.now - occasion.helped_at >= HELPED_AGAIN_AFTER
        return _said(HELP, reading, occasion) if is_new else ""
    return ""


def _confirmation(reading: Reading, occasion: Occasion, numbers: InForce) -> str:
    if " ".join(occasion.words.split()).upper() in numbers.words("carrier_answered_opt_outs"):
        return ""
    text = _said(CONFIRMATIONS, reading, occasion)
    problems = confirmation_problems(
        text,
        revoked_at=occasion.received_at,
        sending_at=max(occasion.now, occasion.received_at),
        within=timedelta(minutes=numbers.whole("confirmation_minutes")),
        already_confirmed_at=occasion.confirmed_at,
    )
    return "" if problems else text


def _said(templates: dict[str, str], reading: Reading, occasion: Occasion) -> str:
    template = templates.get(reading.language, templates[""])
    return template.format(brand=occasion.brand, contact=occasion.contact)
