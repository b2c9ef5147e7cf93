"""People as an import handles them: plain objects, since Django's models cost an import most of its time."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Phone:
    """One number of a person."""

    number: str
    raw: str
    kind: str
    id: int | None = None  # None = new
    position: int = 0


@dataclass(slots=True, eq=False)
class Known:
    """A person the batch may mean, with what the batch changes."""

    id: int | None  # None = new, until it is written
    values: dict[str, Any]  # column of Contact -> text
    external_ref: str | None
    refused: bool  # the CRM or a list says not to call
    custom: dict[str, Any]
    phones: list[Phone] = field(default_factory=list)  # in the order to try them
    on_list: bool = False
    joins: bool = False  # the batch puts the person on the list
    in_campaign: bool = False
    debt_ref: str = ""  # on this list
    names_debt: bool = False  # the batch is the first to name it, of a person who stood on the list
    other_refs: set[str] = field(default_factory=set)  # of records that were merged into this one
    other_ids: set[str] = field(default_factory=set)
    seen_in_row: int | None = None  # the row of this import that named the person first
    changed: bool = False
    refuses_newly: bool = False


@dataclass(slots=True)
class Change:
    """What one row changes of a person who was known: enough to take it back."""

    values: dict[str, list[Any]] = field(default_factory=dict)  # column -> [before, after]
    custom: dict[str, list[Any]] = field(default_factory=dict)
    ref: str = ""
    debt: str = ""
    joined: bool = False
    phones_added: list[str] = field(default_factory=list)
    phones_before: list[str] = field(default_factory=list)  # numbers in their order

    def as_json(self) -> dict[str, Any]:
        """Return only what was changed."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


@dataclass(slots=True)
class Placed:
    """What became of one row."""

    outcome: str
    code: str
    reason: str
    known: Known
    before: dict[str, Any] | None = None


def label(name: str) -> str:
    """Return a column's name for people."""
    return {
        "external_ref": "CRM record",
        "crm_url": "CRM link",
        "crm_do_not_call": "do not call",
        "external_id": "ID",
    }.get(name, name.replace("_", " "))
