"""Which column of a file is what, by its name. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

PHONES: Mapping[str, Sequence[str]] = {
    "main": (
        "phone", "phone number", "phonenumber", "telephone", "telephone number", "tel", "phone 1", "phone1",
        "primary phone", "main phone", "contact phone", "daytime phone", "day phone",
    ),
    "mobile": ("mobile", "mobile phone", "mobile number", "cell", "cell phone", "cellphone", "cell number", "cellular"),
    "work": ("work phone", "business phone", "office phone", "company phone", "work number"),
    "home": ("home phone", "home telephone", "home number", "evening phone"),
    "other": (
        "other phone", "alternate phone", "alt phone", "secondary phone",
        "phone 2", "phone2", "phone 3", "phone3", "phone 4", "phone4",
    ),
    "assistant": ("assistant phone", "assistant s phone", "assistants phone"),
}  # fmt: skip
FIELDS: Mapping[str, Sequence[str]] = {
    "first_name": ("first name", "firstname", "first", "given name", "fname", "forename"),
    "last_name": ("last name", "lastname", "last", "surname", "family name", "lname"),
    "name": ("name", "full name", "fullname", "contact name", "contact", "lead name", "customer name", "customer"),
    "company": (
        "company", "company name", "account", "account name", "organization", "organisation", "business",
        "business name", "employer",
    ),
    "title": ("title", "job title", "position", "role"),
    "email": ("email", "e mail", "email address", "e mail address", "mail"),
    "city": ("city", "town", "mailing city"),
    "state": ("state", "province", "state province", "region", "mailing state"),
    "postal_code": ("zip", "zip code", "zipcode", "postal code", "postcode", "zip postal code", "mailing zip"),
    "country": ("country", "country code", "mailing country"),
    "debt_ref": (
        "debt", "debt reference", "debt ref", "debt number", "debt id", "account number", "account no", "loan number",
        "file number",
    ),
    "external_id": (
        "external id", "id", "lead id", "contact id", "customer id", "record id", "vendor lead code", "member id", "client id",
    ),
    "consent_date": ("consent date", "opt in date", "optin date", "consent given", "date of consent"),
    "consent_source": ("consent source", "opt in source", "optin source", "consent obtained by"),
    "consent_wording": ("consent wording", "consent text", "opt in text", "opt in wording", "disclosure text"),
    "do_not_call": ("do not call", "donotcall", "dnc", "do not contact", "do not phone", "opt out", "opted out"),
}  # fmt: skip
PHONE_NAMES = ("Phone", "Telephone", "Mobile", "Cell", "Work phone", "Home phone", "Other phone")
FIELD_NAMES = (
    "First name", "Last name", "Name", "Company", "Title", "E-mail", "City", "State", "ZIP", "Country", "Debt reference",
    "Do not call",
)  # fmt: skip

_KINDS = {name: kind for kind, names in PHONES.items() for name in names}
_MEANINGS = {name: meaning for meaning, names in FIELDS.items() for name in names}


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions from 0. Columns nobody recognised are in neither."""

    phones: Sequence[tuple[str, int]]  # (kind, position), in the file's order
    fields: Mapping[str, Sequence[int]]  # meaning -> positions; the first that is filled counts
    custom: Mapping[str, int] = field(default_factory=dict)  # key of a field of the house's own -> position


def normal(name: str) -> str:
    """Return the name as it is compared: small letters, words with one space between."""
    return re.sub(r"[\W_]+", " ", name).strip().casefold()


def recognise(header: Sequence[str]) -> Columns:
    """Return which columns are phone numbers and which are fields of a person."""
    phones: list[tuple[str, int]] = []
    fields: dict[str, list[int]] = {}
    for position, name in enumerate(header):
        word = normal(name)
        if word in _KINDS:
            phones.append((_KINDS[word], position))
        elif word in _MEANINGS:
            fields.setdefault(_MEANINGS[word], []).append(position)
    return Columns(tuple(phones), fields)


def chosen(targets: Sequence[str]) -> Columns:
    """Return the columns as somebody chose them: a target for each, as campaigns.importplan writes them."""
    phones: list[tuple[str, int]] = []
    fields: dict[str, list[int]] = {}
    custom: dict[str, int] = {}
    for position, target in enumerate(targets):
        kind, _, name = target.partition(":")
        if kind == "phone":
            phones.append((name, position))
        elif kind == "custom":
            custom[name] = position
        elif target:
            fields.setdefault(target, []).append(position)
    return Columns(tuple(phones), fields, custom)


def target_of(name: str) -> str:
    """Return what a column of that name usually is, as a target; empty when nobody knows."""
    word = normal(name)
    if word in _KINDS:
        return f"phone:{_KINDS[word]}"
    return _MEANINGS.get(word, "")
