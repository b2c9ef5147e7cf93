"""How much of a CRM's API a day leaves us: what the day will have cost, and how to keep within it. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

RESERVE: Final = 0.1  # share of the day's limit that is left to the customer's other apps
PROBE: Final = timedelta(minutes=15)  # held back, one batch this often tells whether the CRM allows more
LONGEST_GAP: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Quota:
    """What the CRM last said of the day's limit, and our own rate."""

    used: int
    limit: int
    read_at: datetime
    per_hour: float  # our requests in an hour, as they were lately

    @property
    def allowed(self) -> int:
        """Return how many requests of the day are everybody's to use before we hold back."""
        return int(self.limit * (1 - RESERVE))


def forecast(quota: Quota, now: datetime) -> int:
    """Return how many requests the day will have cost at its end (UTC) if we go on as lately."""
    return round(quota.used + quota.per_hour * _left_of_day(now).total_seconds() / 3600)


def held_until(quota: Quota, now: datetime) -> datetime | None:
    """Return until when nothing is to be sent, or None: beyond `allowed` only one batch each PROBE goes out."""
    if quota.used < quota.allowed:
        return None
    until = quota.read_at + PROBE
    return until if until > now else None


def gap(quota: Quota, now: datetime, *, per_push: float) -> timedelta:
    """Return how long to gather before the next push: nothing while the day's limit will do.

    Fewer and fuller batches are what saves requests, so the lag grows, up to a minute, before anything is held back.
    """
    if forecast(quota, now) <= quota.allowed:
        return timedelta(0)
    pushes = max(quota.allowed - quota.used, 0) / max(per_push, 1)
    if pushes < 1:
        return LONGEST_GAP
    return min(_left_of_day(now) / pushes, LONGEST_GAP)


def _left_of_day(now: datetime) -> timedelta:
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return midnight - now
