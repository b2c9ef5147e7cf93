"""Rows of a list → people that can be called, or refusals with a reason. Pure."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from core.types import PhoneError, PhoneNumber, parse_phone, why_never_dialed

MAX_LENGTHS: Mapping[str, int] = {
    "first_name": 80,
    "last_name": 80,
    "company": 160,
    "title": 160,
    "email": 254,
    "city": 120,
    "state": 40,
    "postal_code": 20,
    "country": 40,
    "owner_name": 120,
    "crm_url": 400,
}
DEBT_REF_LENGTH = 80


@dataclass(frozen=True, slots=True)
class RawPerson:
    """One row as a file or a CRM gives it; every value is text as written."""

    row_number: int  # line in the file (the header is line 1), or position in the CRM's list from 1
    phones: Sequence[tuple[str, str]]  # (kind, text): kind is main, mobile, work, home or other
    external_ref: str = ""  # "salesforce:<connection id>:<record id>"; empty for files
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    title: str = ""
    email: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""
    owner_name: str = ""
    crm_url: str = ""
    debt_ref: str = ""  # of a list about debts
    do_not_call: bool = False


@dataclass(frozen=True, slots=True)
class CleanPhone:
    """A number that can be dialed, with what was written."""

    kind: str
    number: PhoneNumber
    raw: str


@dataclass(frozen=True, slots=True)
class CleanPerson:
    """A row that can be stored."""

    raw: RawPerson
    phones: Sequence[CleanPhone]  # at least one, no number twice
    values: Mapping[str, str] = field(default_factory=dict)  # column of Contact -> text, trimmed
    debt_ref: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot be stored, and why."""

    code: str
    reason: str


def clean(raw: RawPerson, *, region: str = "US", own: Container[str] = ()) -> CleanPerson | Refusal:
    """Return the person with E.164 numbers and trimmed values, or the reason for refusing the row.

    `own` are our own caller numbers: calling one would ring ourselves.
    A row is refused only if none of its numbers can be dialed; the reason is then that of the first number given.
    """
    phones: list[CleanPhone] = []
    first_error: PhoneError | None = None
    for kind, text in raw.phones:
        if not text.strip():
            continue
        try:
            number = _dialable(text, region, own)
        except PhoneError as error:
            first_error = first_error or error
            continue
        if all(number != other.number for other in phones):
            phones.append(CleanPhone(kind=kind, number=number, raw=text.strip()[:60]))
    if not phones:
        if first_error is None:
            return Refusal("missing_phone", "No phone number in this row.")
        return Refusal(first_error.code, str(first_error))
    debt_ref = " ".join(_text(raw.debt_ref, len(raw.debt_ref)).split())
    if len(debt_ref) > DEBT_REF_LENGTH:  # cut short, it could be another debt's
        return Refusal("debt_ref", f"The debt's reference is longer than {DEBT_REF_LENGTH} characters.")
    values = {name: _text(getattr(raw, name), limit) for name, limit in MAX_LENGTHS.items()}
    return CleanPerson(raw=raw, phones=tuple(phones), values=values, debt_ref=debt_ref)


def _dialable(text: str, region: str, own: Container[str]) -> PhoneNumber:
    number = parse_phone(text, region=region)
    if number in own:
        raise PhoneError("own_number", f"“{text.strip()[:40]}” is one of your own caller numbers.")
    if never := why_never_dialed(number):
        raise PhoneError("never_dialed", f"“{text.strip()[:40]}” is never dialed: {never}.")
    return number


def _text(value: str, limit: int) -> str:
    """Trim, drop control characters (a NUL cannot be stored), cut to the column's width."""
    return "".join(ch for ch in value if ch >= " ").strip()[:limit]
