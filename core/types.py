"""Values that cross module borders: phone numbers, and how raw text becomes one. Pure: imports no Django."""

import re
from functools import cache
from typing import NewType

import phonenumbers

PhoneNumber = NewType("PhoneNumber", str)
"""A phone number in E.164 ("+14075550123"), made only by parse_phone."""

E164_PATTERN = r"^\+[1-9][0-9]{6,14}$"
_E164 = re.compile(E164_PATTERN)
_CHARGED_EXCHANGE = re.compile(r"^\+1[2-9][0-9]{2}(976[0-9]{4}|5551212)$")
# A number of the North American plan as people there write it, without anything the number library would have to think about.
_USUAL = re.compile(
    r"(?P<country>\+1[ .-]?|1[ .-]?)?\(?(?P<area>[2-9][0-9]{2})\)?[ .-]{0,2}(?P<exchange>[2-9][0-9]{2})[ .-]?(?P<line>[0-9]{4})"
)
_NORTH_AMERICAN = re.compile(r"^\+1[2-9][0-9]{2}[2-9][0-9]{6}$")
_USUAL_REGIONS = frozenset({"US", "CA"})
_ONE_DIGIT_DECIDES = frozenset({"US", "PR", "CA"})
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
    return _usual(text, region) or _by_library(text, region)


def _usual(text: str, region: str) -> PhoneNumber | None:
    """Return the number of a text in a usual form that is in use; None: let the library look. A twentieth of the library's time."""
    found = _USUAL.fullmatch(text)
    if found is None or (region not in _USUAL_REGIONS and not text.startswith("+")):
        return None
    area, exchange = found["area"], found["exchange"]
    if not _is_in_use(area, exchange[0]):
        return None
    return PhoneNumber(f"+1{area}{exchange}{found['line']}")


@cache
def _is_in_use(area: str, next_digit: str) -> bool:
    """Return whether all numbers that begin so are in use: False also where more digits decide."""
    sample = phonenumbers.parse(f"+1{area}{next_digit}550100")
    here = phonenumbers.region_code_for_number(phonenumbers.parse(f"+1{area}5550100"))
    return here in _ONE_DIGIT_DECIDES and phonenumbers.is_valid_number(sample)


def _by_library(text: str, region: str) -> PhoneNumber:
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
        kind = _type_of(number)
    return _NEVER_DIALED.get(kind, "")


def _type_of(number: PhoneNumber) -> int:
    if _NORTH_AMERICAN.match(number) and _is_in_use(number[2:5], number[5]):
        return _type_of_all(number[2:5], number[5])
    return int(phonenumbers.number_type(phonenumbers.parse(number, None)))


@cache
def _type_of_all(area: str, next_digit: str) -> int:
    """Return the type of the numbers that begin so, which must be in use."""
    return int(phonenumbers.number_type(phonenumbers.parse(f"+1{area}{next_digit}550100")))


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
