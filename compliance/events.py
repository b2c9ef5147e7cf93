"""What the gate publishes."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class NumbersRevoked:
    """People asked not to be contacted on these numbers: calls that still ring are to be cancelled, CRMs told.

    Not published for a wrong number, which binds one pair of person and number only.
    """

    topic: ClassVar[str] = "compliance.number.revoked"

    numbers: list[str]  # E.164
    seller: str  # empty = everybody who calls from here
    campaign_ref: str  # empty = all campaigns
    channels: list[str]  # empty = all
    reason: str  # for people
    by: str  # who recorded it: a username, or the name of a process
    at: str  # ISO 8601, UTC
