"""Values that cross module borders: phone numbers, and how raw text becomes one. Pure: imports no Django."""

import re
from typing import NewType

import phonenumbers

PhoneNumber = NewType("PhoneNumber", str)
"""A phone number in E.164 ("+14075550123"), made only by parse_phone."""

E164_PATTERN = r"^\+[1-9][0-9]{6,14}$"
_E164 = re.compile(E164_PATTERN)
_CHARGED_EXCHANGE = re.compile(r"^\+1[2-9][0-9]{2}(976[0-9]{4}|5551212)$")
_TYPE = phonenumbers.PhoneNumberType
_NEVER_DIALED = {
    _TYPE.PREMIUM_RATE: "it is a premium-rate number",
    _TYPE.SHARED_COST: "it is a number that charges its callers",
    _TYPE.PERSONAL_NUMBER: "it is a forwarding number that charges its callers",
    _TYPE.UAN: "it is a company's access number",
    _TYPE.PAGER: "it is a pager",
    _TYPE.VOICEMAIL: "it is a voicemail access number",
}


class PhoneError(ValueError):
    """The text is not a phone number that can be dialed; `code` is stable, the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def parse_phone(raw: str, *, region: str = "US") -> PhoneNumber:
    """Turn what a person or CRM wrote into an E.164 number; an extension ("x12") is dropped.

    `region` is the ISO country assumed when the text has no country code.
    Raises PhoneError with code missing, not_a_number, wrong_length or not_valid.
    """
    text = raw.strip()
    if not text:
        raise PhoneError("missing", "No phone number.")
    if len(text) > 60 or not any(ch.isdigit() for ch in text):
        raise PhoneError("not_a_number", f"“{text[:40]}” is not a phone number.")
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise PhoneError("not_a_number", f"“{text[:40]}” is not a phone number.") from None
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise PhoneError("wrong_length", f"“{text[:40]}” has too few or too many digits for a phone number.")
    if not phonenumbers.is_valid_number(parsed):
        raise PhoneError(
            "not_valid",
            f"“{text[:40]}” is not a number in use anywhere (area code or prefix does not exist).",
        )
    return PhoneNumber(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def why_never_dialed(number: PhoneNumber, kind: int | None = None) -> str:
    """Return why a valid number is not one to call people on, as a clause: "it is a premium-rate number"; empty for any other.

    `kind`: the phonenumbers type, where it is known already.
    Source: numbering plans as in phonenumbers; NANP 976 exchanges and 555-1212 are charged to the caller though they look local.
    """
    if _CHARGED_EXCHANGE.match(number):
        return "it is a pay-per-call or directory assistance number"
    if kind is None:
        kind = phonenumbers.number_type(phonenumbers.parse(number, None))
    return _NEVER_DIALED.get(kind, "")


def as_phone(e164: str) -> PhoneNumber:
    """Return stored text as a PhoneNumber; raises PhoneError if it is not E.164."""
    if not _E164.match(e164):
        raise PhoneError("not_e164", f"“{e164[:40]}” is not a stored phone number (E.164).")
    return PhoneNumber(e164)


def format_phone(e164: str) -> str:
    """Return the number as people of its country write it: "(407) 555-0123", or international outside the US."""
    try:
        parsed = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if parsed.country_code == 1
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(parsed, style)


def last_four(e164: str) -> str:
    """Return the only part of a number that may stand in a log."""
    return "…" + e164[-4:]
