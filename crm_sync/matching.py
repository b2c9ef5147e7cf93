"""Which of a CRM's people is the one looked for: by a number both sides keep, by their phone number in E.164, whatever it is
written like, or by e-mail. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import phonenumbers

from core.types import PhoneError, parse_phone
from crm_sync.capabilities import Candidate

MOST_SHOWN: Final = 9  # one key each


@dataclass(frozen=True, slots=True)
class Found:
    """Who it may be, best first, and how that is known."""

    people: Sequence[Candidate]
    by: str  # customer number, number, e-mail, "" for nobody


def groups(number: str) -> tuple[str, ...]:
    """Return the digits of a number without its country's, in the groups people write them in: 407, 555, 0123."""
    digits = national_digits(number)
    if len(digits) == 10:
        return digits[:3], digits[3:6], digits[6:]
    return tuple(digits[max(0, end - 2) : end] for end in range(len(digits), 0, -2))[::-1]


def national_digits(number: str) -> str:
    """Return the digits of an E.164 number without its country's code."""
    try:
        return str(phonenumbers.national_significant_number(phonenumbers.parse(number)))
    except phonenumbers.NumberParseException:
        return number.lstrip("+")


def has_number(phones: Sequence[str], number: str) -> bool:
    """Return whether one of the numbers, in whatever format, is this one (E.164)."""
    return any(_e164(each) == number for each in phones)


def choose(candidates: Sequence[Candidate], *, number: str, email: str, key: str = "") -> Found:
    """Return those who have the key that both sides keep, else the phone number, else the e-mail address.

    Each once, the one changed last first.
    """
    once = {each.person_id: each for each in sorted(candidates, key=lambda each: bool(each.key))}.values()
    newest = sorted(once, key=lambda each: (each.changed_at, each.person_id), reverse=True)
    wanted_key = key.strip().casefold()
    with_key = [each for each in newest if wanted_key and each.key.strip().casefold() == wanted_key]
    if with_key:
        return Found(with_key[:MOST_SHOWN], "customer number")
    with_number = [each for each in newest if has_number(each.phones, number)]
    if with_number:
        return Found(with_number[:MOST_SHOWN], "number")
    wanted = email.strip().lower()
    with_email = [each for each in newest if wanted and each.email.strip().lower() == wanted]
    return Found(with_email[:MOST_SHOWN], "e-mail" if with_email else "")


def _e164(text: str) -> str:
    try:
        return parse_phone(text)
    except PhoneError:
        return ""
