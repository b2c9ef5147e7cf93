"""Values of a house's own fields, and dates as files write them. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

MAX_TEXT = 500
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{1,2}:\d{2}.*)?")
_NUMBERS = re.compile(r"(\d{1,4})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{1,4})(?:[T ,]+\d{1,2}:\d{2}.*)?")
_WORDS = re.compile(r"(?:([a-z]{3,9})\.?\s+(\d{1,2})|(\d{1,2})\.?\s+([a-z]{3,9})\.?)[,\s]+(\d{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PIVOT = 70  # a year of two digits below it is of this century


class BadValue(ValueError):
    """The text is not a value of the field; `code` is stable, the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field of the house's own."""

    key: str
    label: str
    kind: str  # text, number, date, choice
    choices: Sequence[str] = ()
    is_quick: bool = False  # lists are filtered and sorted by it without waiting


def value_of(spec: FieldSpec, text: str, date_order: str) -> str | int | float:
    """Return the text as a value of the field: a date as ISO text. Raises BadValue: bad_number, bad_date or unknown_choice."""
    if spec.kind == "number":
        return _number(spec, text)
    if spec.kind == "date":
        return read_date(text, date_order, of=spec.label).isoformat()
    if spec.kind == "choice":
        wanted = text.casefold()
        for choice in spec.choices:
            if choice.casefold() == wanted:
                return choice
        known = ", ".join(spec.choices[:8])
        raise BadValue("unknown_choice", f"“{text[:40]}” is not one of the values of {spec.label} ({known}).")
    return text[:MAX_TEXT]


def read_date(text: str, order: str, *, of: str) -> date:
    """Return the day a text names: ISO, numbers in the given order, or with the month in English words; the time is left out.

    Raises BadValue with the code bad_date.
    """
    text = text.strip()
    try:
        if found := _ISO.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _NUMBERS.fullmatch(text):
            parts = dict(zip(order, (int(part) for part in found.groups()), strict=True))
            return date(_full_year(parts["y"]), parts["m"], parts["d"])
        if found := _WORDS.fullmatch(text.casefold()):
            month, day = found[1] or found[4], found[2] or found[3]
            return date(int(found[5]), _MONTHS.index(month[:3]) + 1, int(day))
    except ValueError:
        pass
    raise BadValue("bad_date", f"“{text[:40]}” in {of} is not a date, written {'/'.join(order)}.")


def guess_order(texts: Iterable[str]) -> tuple[str, bool]:
    """Return the order of day, month and year the texts are written in, and whether anything in them decides it."""
    for text in texts:
        found = _NUMBERS.fullmatch(text.strip())
        if not found:
            continue
        if len(found[1]) == 4:
            return "ymd", True
        if int(found[1]) > 12:
            return "dmy", True
        if int(found[2]) > 12:
            return "mdy", True
    return "mdy", False


def key_of(label: str) -> str:
    """Return the key a new field of that name gets; empty when the name has no letter."""
    words = re.sub(r"[^a-z0-9]+", "_", label.casefold()).strip("_")[:40].strip("_")
    return words if words[:1].isalpha() else (f"f_{words}"[:40] if words else "")


def _full_year(year: int) -> int:
    return year if year > 99 else year + (2000 if year < _PIVOT else 1900)


def _number(spec: FieldSpec, text: str) -> int | float:
    plain = text.replace(",", "").replace(" ", "").removeprefix("$").removesuffix("%")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise BadValue("bad_number", f"“{text[:40]}” in {spec.label} is not a number.")
    return int(number) if number == number.to_integral_value() else float(number)
