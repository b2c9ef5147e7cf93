"""What a carrier is asked about a number, and what it says. Pure."""

from dataclasses import dataclass
from datetime import date

from compliance.rules.records import ReassignedAnswer
from compliance.rules.vocabulary import LineType
from core.types import PhoneNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """A question about a number, each part of it paid."""

    number: PhoneNumber
    wants_line: bool  # what kind of line it is
    held_since: date | None = None  # whether it changed hands since that day; None: not asked


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """The answer, in our words; None where it was not asked, or the carrier gave none for it."""

    line: LineType | None = None
    reassigned: ReassignedAnswer | None = None
    trouble: str = ""  # of a part asked and not answered, in the carrier's words
