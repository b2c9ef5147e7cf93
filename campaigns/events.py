"""What campaigns publish."""

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class ContactsRefused:
    """A CRM or list says of people for the first time that they must not be called."""

    topic: ClassVar[str] = "campaigns.contacts.refused"

    contact_ids: list[int]
    source: str  # csv, salesforce, hubspot
    source_label: str  # for people: the file or list that says so


@dataclass(frozen=True, slots=True)
class ConsentsImported:
    """A file says of people that they consented to be called."""

    topic: ClassVar[str] = "campaigns.consents.imported"

    import_id: int
    kind: str  # a word of ConsentKind
    source_label: str  # the file
    consents: list[dict[str, Any]]  # contact, numbers, name, given_on (ISO), source, wording, row
