"""What is known of a person when it is decided about their next try. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One call to a person, answered or not."""

    at: datetime  # when it was started
    number: str
    code: str  # of its result; empty while it is under way, or where nobody said
    here: bool = True  # in this campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody to reach: their numbers in the order they are stored, every try so far, where they are."""

    numbers: Sequence[str]
    tries: Sequence[Try]  # over all campaigns, in any order
    zone: str  # IANA name of the likeliest zone
    wrong: frozenset[str] = frozenset()  # numbers that reached somebody else

    @property
    def clock(self) -> ZoneInfo:
        """Return their zone."""
        return ZoneInfo(self.zone)

    @property
    def here(self) -> list[Try]:
        """Return this campaign's tries, oldest first."""
        return sorted((each for each in self.tries if each.here), key=lambda each: each.at)
