"""How a person of a CRM is named in Parley: "salesforce:<connection id>:<record id>" ("rest": a CRM by mapping file). Pure."""

import re
from dataclasses import dataclass

_REF = re.compile(r"(salesforce|hubspot|rest):([1-9][0-9]{0,17}):([A-Za-z0-9_-]{1,60})")


@dataclass(frozen=True, slots=True)
class PersonRef:
    """A person in a CRM."""

    kind: str
    connection_id: int
    person_id: str


def parse(ref: str) -> PersonRef | None:
    """Return the person, or None for text that names nobody in a CRM (people of files have none)."""
    match = _REF.fullmatch(ref)
    if match is None or (match[1] != "rest" and not match[3].isalnum()):
        return None  # dashes stand in the ids of other CRMs alone
    return PersonRef(match[1], int(match[2]), match[3])


def prefix(kind: str, connection_id: int) -> str:
    """Return what stands before the record id."""
    return f"{kind}:{connection_id}:"
