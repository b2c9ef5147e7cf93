"""What a place is worth at one instant, the smaller the sooner its people are called. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.ordering.plan import Kind

QUARTER: Final = timedelta(minutes=15)
CLOSED: Final = 10_000.0  # after every place that is open: minutes of a day are fewer
UNKNOWN: Final = 20_000.0  # after all, whose place nobody knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """A value for each zone, and one for people whose zone is not known."""

    by_zone: Mapping[str, float]
    otherwise: float


def bucket_of(now: datetime, kind: Kind) -> datetime:
    """Return since when places hold: a quarter of an hour, as fine as zones and windows differ, or the hour for chances of an answer."""
    if kind is Kind.BEST_TIME:
        return now.replace(minute=0, second=0, microsecond=0)
    return now.replace(minute=now.minute - now.minute % 15, second=0, microsecond=0)


def values_at(kind: Kind, zones: frozenset[str], *, opens: time, closes: time, now: datetime) -> Values:
    """Return the values of an order by zone; what is best by anything else is worth the same everywhere."""
    match kind:
        case Kind.EAST_FIRST:
            found = {zone: -_offset(zone, now) for zone in zones}
        case Kind.CLOSING_FIRST:
            found = {zone: _minutes_left(zone, opens, closes, now) for zone in zones}
        case _:
            return Values(by_zone={}, otherwise=0.0)
    return Values(by_zone=found, otherwise=UNKNOWN)


def _offset(zone: str, now: datetime) -> float:
    offset = now.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset.total_seconds() / 60


def _minutes_left(zone: str, opens: time, closes: time, now: datetime) -> float:
    """Return the minutes until the window closes there; where it is closed, those until it opens, after all that is open."""
    local = now.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    begins, ends = opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute
    if begins <= minute < ends:
        return float(ends - minute)
    return CLOSED + (begins - minute) % (24 * 60)
