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


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """Consents were recorded for these numbers: contacts that were refused for want of one may be asked about again."""

    topic: ClassVar[str] = "compliance.consent.given"

    numbers: list[str]  # E.164
    by: str  # who recorded them
    at: str  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class NumberRestored:
    """Two people lifted a request not to be contacted on this number; others may still stand."""

    topic: ClassVar[str] = "compliance.number.restored"

    number: str  # E.164
    by: str  # who approved it
    at: str  # ISO 8601, UTC
