"""A contact being drawn: its fields so far, and what the mishaps need to know of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from compliance.rules.facts import Channel, LineType, Purpose
from compliance.rules.records import RegistrationFact
from tests.oracle import places

SELLER, SISTER, VENDOR = "Northwind Home Energy", "Southwind Solar", "LeadMart"
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
VOICE = (Channel.LIVE_MANUAL, Channel.LIVE_PREVIEW, Channel.LIVE_PREDICTIVE, Channel.PREREC)


@dataclass(slots=True)
class Draft:
    """The fields of a ContactFacts in the making."""

    values: dict[str, Any]
    at: datetime
    purpose: Purpose
    channel: Channel
    line: LineType

    def change(self, name: str, **changes: Any) -> None:
        """Replace parts of one field's record."""
        self.values[name] = replace(self.values[name], **changes)

    def add(self, name: str, *items: Any) -> None:
        """Append to a field that is a tuple."""
        self.values[name] = self.values.get(name, ()) + items


@lru_cache(maxsize=1)
def registrations() -> tuple[RegistrationFact, ...]:
    """Return a valid registration in every state."""
    return tuple(
        RegistrationFact(state=state, certificate=f"{state}-1", valid_from=date(2020, 1, 1))
        for state in places.ALL_STATES
    )
