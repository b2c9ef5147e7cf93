"""Which fields of a Lead or Contact we read, and how a record becomes a person. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from campaigns.importing import RawPerson

# Without these nobody is imported: a name to greet, and (checked beside them) Do Not Call.
REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {"Lead": ("LastName",), "Contact": ("LastName",)}
# Field -> kind of number.
PHONES: Final[Mapping[str, Mapping[str, str]]] = {
    "Lead": {"Phone": "main", "MobilePhone": "mobile"},
    "Contact": {"Phone": "main", "MobilePhone": "mobile", "HomePhone": "home", "OtherPhone": "other"},
}
# (field whose visibility decides, column of the query).
OPTIONAL: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "Lead": (
        *(
            (name, name)
            for name in (
                "FirstName",
                "Company",
                "Title",
                "Email",
                "City",
                "State",
                "PostalCode",
                "Country",
                "IsConverted",
            )
        ),
        ("OwnerId", "Owner.Name"),
    ),
    "Contact": (
        *(
            (name, name)
            for name in (
                "FirstName",
                "Title",
                "Email",
                "MailingCity",
                "MailingState",
                "MailingPostalCode",
                "MailingCountry",
            )
        ),
        ("AccountId", "Account.Name"),
        ("OwnerId", "Owner.Name"),
    ),
}
# Column of RawPerson -> path in the record.
_PATHS: Final[Mapping[str, Mapping[str, str]]] = {
    "Lead": {
        "first_name": "FirstName",
        "last_name": "LastName",
        "company": "Company",
        "title": "Title",
        "email": "Email",
        "city": "City",
        "state": "State",
        "postal_code": "PostalCode",
        "country": "Country",
        "owner_name": "Owner.Name",
    },
    "Contact": {
        "first_name": "FirstName",
        "last_name": "LastName",
        "company": "Account.Name",
        "title": "Title",
        "email": "Email",
        "city": "MailingCity",
        "state": "MailingState",
        "postal_code": "MailingPostalCode",
        "country": "MailingCountry",
        "owner_name": "Owner.Name",
    },
}


def person_from(object_name: str, row: Mapping[str, Any], *, number: int, ref: str, url: str) -> RawPerson:
    """Return the record as a row of a list; empty fields are empty texts."""
    phones = [(kind, str(row[field])) for field, kind in PHONES[object_name].items() if row.get(field)]
    values = {column: _read(row, path) for column, path in _PATHS[object_name].items()}
    return RawPerson(
        row_number=number,
        phones=phones,
        external_ref=ref,
        crm_url=url,
        do_not_call=bool(row["DoNotCall"]),
        custom={},
        **values,
    )


def _read(row: Mapping[str, Any], path: str) -> str:
    value: Any = row
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return "" if value is None else str(value)
