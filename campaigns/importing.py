"""Rows of a list → people that can be called, or refusals with a reason. Pure."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from campaigns.customfields import BadValue, FieldSpec, read_date, value_of
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
    "external_id": 120,
}
DEBT_REF_LENGTH = 80


@dataclass(slots=True)
class RawPerson:
    """One row as a file or a CRM gives it; every value is text as written. Not frozen, and never changed: see CleanPerson."""

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
    external_id: str = ""  # in the system the file comes from
    custom: Mapping[str, str] = field(default_factory=dict)  # key of a field of the house's own -> text
    consent_date: str = ""
    consent_source: str = ""
    consent_wording: str = ""


@dataclass(slots=True)
class CleanPhone:
    """A number that can be dialed, with what was written."""

    kind: str
    number: PhoneNumber
    raw: str


@dataclass(frozen=True, slots=True)
class Consent:
    """What the row says about the person's consent to be called."""

    given_on: date
    source: str
    wording: str


@dataclass(slots=True)
class CleanPerson:
    """A row that can be stored. Not frozen: a frozen one takes twice as long to make, and a file has millions."""

    raw: RawPerson
    phones: Sequence[CleanPhone]  # at least one, no number twice
    values: Mapping[str, str] = field(default_factory=dict)  # column of Contact -> text, trimmed
    debt_ref: str = ""
    custom: Mapping[str, str | int | float] = field(default_factory=dict)
    consent: Consent | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot be stored, and why."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a row's texts are read with."""

    region: str = "US"  # assumed for numbers without a country code
    date_order: str = "mdy"
    own: Container[str] = ()  # our own caller numbers: calling one would ring ourselves
    fields: Mapping[str, FieldSpec] = field(default_factory=dict)  # key -> field of the house's own
    today: date | None = None  # a consent cannot be of a later day
    consent_by: str = ""  # who obtained the consents, where a row does not say


def clean(
    raw: RawPerson, *, region: str = "US", own: Container[str] = (), reading: Reading | None = None
) -> CleanPerson | Refusal:
    """Return the person with E.164 numbers and trimmed values, or the reason for refusing the row.

    A row is refused for its numbers only if none of them can be dialed; the reason is then that of the first number given.
    """
    reading = reading or Reading(region=region, own=own)
    phones: list[CleanPhone] = []
    first_refusal: Refusal | None = None
    for kind, text in raw.phones:
        if not text or text.isspace():
            continue
        try:
            number = _dialable(text, reading.region, reading.own)
        except PhoneError as error:
            # Not the error itself: it would keep its frames, and through them the whole batch, until a collection.
            first_refusal = first_refusal or Refusal(error.code, str(error))
            continue
        if all(number != other.number for other in phones):
            phones.append(CleanPhone(kind, number, text.strip()[:60]))
    if not phones:
        return first_refusal or Refusal("missing_phone", "No phone number in this row.")
    debt_ref = " ".join(_text(raw.debt_ref, len(raw.debt_ref)).split()) if raw.debt_ref else ""
    if len(debt_ref) > DEBT_REF_LENGTH:  # cut short, it could be another debt's
        return Refusal("debt_ref", f"The debt's reference is longer than {DEBT_REF_LENGTH} characters.")
    if len(raw.external_id.strip()) > MAX_LENGTHS["external_id"]:
        return Refusal("external_id", f"The ID is longer than {MAX_LENGTHS['external_id']} characters.")
    values = {
        name: _text(value, limit) if (value := getattr(raw, name)) else ""
        for name, limit in MAX_LENGTHS.items()
    }
    person = CleanPerson(raw, phones, values, debt_ref)
    try:
        if raw.custom:
            person.custom = _custom(raw.custom, reading)
        if raw.consent_date or raw.consent_source or raw.consent_wording:
            person.consent = _consent(raw, reading)
    except BadValue as bad:
        return Refusal(bad.code, str(bad))
    return person


def _custom(given: Mapping[str, str], reading: Reading) -> Mapping[str, str | int | float]:
    found = {}
    for key, text in given.items():
        spec = reading.fields.get(key)
        if spec is None:
            raise BadValue("unknown_field", f"There is no field “{key[:40]}”.")
        if tidy := _text(text, len(text)):
            found[key] = value_of(spec, tidy, reading.date_order)
    return found


def _consent(raw: RawPerson, reading: Reading) -> Consent | None:
    """Return the consent the row tells of; a row without its date tells of none, only a source or a wording."""
    if not raw.consent_date.strip():
        return None
    given_on = read_date(raw.consent_date, reading.date_order, of="the consent’s date")
    if reading.today is not None and given_on > reading.today:
        raise BadValue("bad_date", f"The consent’s date {given_on:%Y-%m-%d} lies in the future.")
    source = _text(raw.consent_source, 120) or reading.consent_by
    if not source:
        raise BadValue("consent_source", "The row has a consent’s date but does not say who obtained it.")
    return Consent(given_on, source, _text(raw.consent_wording, 20_000))


def _dialable(text: str, region: str, own: Container[str]) -> PhoneNumber:
    number = parse_phone(text, region=region)
    if number in own:
        raise PhoneError("own_number", f"“{text.strip()[:40]}” is one of your own caller numbers.")
    if never := why_never_dialed(number):
        raise PhoneError("never_dialed", f"“{text.strip()[:40]}” is never dialed: {never}.")
    return number


def _text(value: str, limit: int) -> str:
    """Trim, drop control characters (a NUL cannot be stored), cut to the column's width."""
    if not value.isprintable():
        value = "".join(ch for ch in value if ch >= " ")
    return value.strip()[:limit]
