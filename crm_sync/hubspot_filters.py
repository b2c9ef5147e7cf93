"""A HubSpot search as people enter and as HubSpot is asked. Pure.

A search gives 10,000 results at most; asked by rising record id, each page beginning after the last one's, it gives all of them.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

MOST: Final = 5  # a group takes six, and one is the id
PAGE: Final = 200
OPERATORS: Final = {
    "EQ": "is",
    "NEQ": "is not",
    "IN": "is one of (separated by ;)",
    "NOT_IN": "is none of (separated by ;)",
    "CONTAINS_TOKEN": "contains the word",
    "GT": "is more than",
    "GTE": "is at least",
    "LT": "is less than",
    "LTE": "is at most",
    "HAS_PROPERTY": "is known",
    "NOT_HAS_PROPERTY": "is unknown",
}
_WITHOUT_VALUE: Final = ("HAS_PROPERTY", "NOT_HAS_PROPERTY")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


class BadFilter(ValueError):
    """A condition cannot be asked; the text says why."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition."""

    property_name: str
    operator: str
    value: str = ""

    def check(self) -> None:
        """Raise BadFilter for what HubSpot could not be asked."""
        if not _NAME.fullmatch(self.property_name):
            raise BadFilter(
                f"“{self.property_name[:60]}” is not the internal name of a property: small letters, digits and underscores."
            )
        if self.operator not in OPERATORS:
            raise BadFilter("Choose how the property compares.")
        if self.operator in _WITHOUT_VALUE and self.value:
            raise BadFilter(f"“{OPERATORS[self.operator]}” takes no value.")
        if self.operator not in _WITHOUT_VALUE and not self.value.strip():
            raise BadFilter(f"Say what {self.property_name} is compared with.")


def as_text(filters: Sequence[Filter]) -> str:
    """Return the conditions as they are stored; raises BadFilter."""
    if not 1 <= len(filters) <= MOST:
        raise BadFilter(f"Enter one to {MOST} conditions.")
    for each in filters:
        each.check()
    return json.dumps([[each.property_name, each.operator, each.value.strip()] for each in filters])


def read(text: str) -> list[Filter]:
    """Return the conditions of a stored text."""
    return [Filter(*item) for item in json.loads(text)]


def in_words(text: str) -> str:
    """Return the stored conditions as a sentence."""
    return " and ".join(
        f"{each.property_name} {OPERATORS[each.operator].partition(' (')[0]} {each.value}".strip()
        for each in read(text)
    )


def body(text: str, *, after_id: str, limit: int = PAGE) -> dict[str, Any]:
    """Return the search for the next page of those with a higher record id than `after_id`."""
    wanted = [_asked(each) for each in read(text)]
    if after_id:
        wanted.append({"propertyName": "hs_object_id", "operator": "GT", "value": after_id})
    return {
        "filterGroups": [{"filters": wanted}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": [],
        "limit": limit,
        "after": "0",
    }


def _asked(each: Filter) -> Mapping[str, Any]:
    asked: dict[str, Any] = {"propertyName": each.property_name, "operator": each.operator}
    if each.operator in ("IN", "NOT_IN"):
        return asked | {"values": [part.strip() for part in each.value.split(";") if part.strip()]}
    return asked if each.operator in _WITHOUT_VALUE else asked | {"value": each.value}
