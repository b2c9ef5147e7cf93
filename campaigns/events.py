"""What campaigns publish."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ContactsRefused:
    """A CRM or list says of people for the first time that they must not be called."""

    topic: ClassVar[str] = "campaigns.contacts.refused"

    contact_ids: list[int]
    source: str  # csv, salesforce, hubspot
    source_label: str  # for people: the file or list that says so
