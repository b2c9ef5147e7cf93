"""What a place is worth at one instant, the smaller the sooner its people are called. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.breaks import Span, left
from campaigns.ordering.plan import Kind

QUARTER: Final = timedelta(minutes=15)
CLOSED: Final = 10_000.0  # after every place that is open: minutes of a day are fewer
UNKNOWN: Final = 30_000.0  # after all, whose place nobody knows: minutes of a week are fewer than 20,000
DAY: Final = 24 * 60
EVERY_DAY: Final = frozenset(range(7))

IsDay = Callable[[date], bool]


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


def values_at(
    kind: Kind,
    zones: frozenset[str],
    *,
    opens: time,
    closes: time,
    breaks: Sequence[Span] = (),
    days: frozenset[int] = EVERY_DAY,
    off: Sequence[date] = (),
    now: datetime,
) -> Values:
    """Return the values of an order by zone; what is best by anything else is worth the same everywhere. Monday is 0.

    Places where the campaign may not call now, for the hour, a break or the day, come after those where it may.
    """
    spans = left(breaks, opens, closes)

    def is_day(day: date) -> bool:
        return day.weekday() in days and day not in off

    match kind:
        case Kind.EAST_FIRST:
            found = {zone: _sweep(zone, spans, is_day, now) for zone in zones}
        case Kind.CLOSING_FIRST:
            found = {zone: _minutes_left(zone, spans, is_day, now) for zone in zones}
        case _:
            return Values(by_zone={}, otherwise=0.0)
    return Values(by_zone=found, otherwise=UNKNOWN)


def _sweep(zone: str, spans: Sequence[Span], is_day: IsDay, now: datetime) -> float:
    """Return the smaller the further east; what is closed follows in the same order."""
    local = now.astimezone(ZoneInfo(zone))
    offset = local.utcoffset()
    assert offset is not None
    east = -offset.total_seconds() / 60
    return east if _is_open(local, spans, is_day) else CLOSED + east


def _minutes_left(zone: str, spans: Sequence[Span], is_day: IsDay, now: datetime) -> float:
    """Return the minutes of calling left there today; where it is closed, those until it opens, after all that is open."""
    local = now.astimezone(ZoneInfo(zone))
    minute = _minute(local.time())
    if _is_open(local, spans, is_day):
        rest = ((max(_minute(since), minute), _minute(until)) for since, until in spans)
        return float(sum(until - since for since, until in rest if until > since))
    starts = [
        ahead * DAY + _minute(since) - minute
        for ahead in range(8)
        if is_day(local.date() + timedelta(days=ahead))
        for since, _ in spans
    ]
    return CLOSED + min((start for start in starts if start > 0), default=7 * DAY)


def _is_open(local: datetime, spans: Sequence[Span], is_day: IsDay) -> bool:
    return is_day(local.date()) and any(since <= local.time() < until for since, until in spans)


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
