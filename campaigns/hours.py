"""When a campaign's window is open anywhere. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.breaks import Span, left

# From the first to the last hour of the day in the United States and Canada; whoever else is called has leads that are ready.
ZONES: Final = tuple(
    ZoneInfo(name)
    for name in (
        "America/St_Johns", "America/Halifax", "America/New_York", "America/Chicago", "America/Denver",
        "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu",
    )
)  # fmt: skip


def opens_at(
    opens: time,
    closes: time,
    days: frozenset[int],
    *,
    breaks: Sequence[Span] = (),
    off: Sequence[date] = (),
    now: datetime,
) -> datetime | None:
    """Return when a window in people's own time opens next anywhere; None while it is open somewhere. Monday is 0."""
    spans = left(breaks, opens, closes)
    starts: list[datetime] = []
    for zone in ZONES:
        local = now.astimezone(zone)
        is_day = local.weekday() in days and local.date() not in off
        if is_day and any(since <= local.time() < until for since, until in spans):
            return None
        starts += islice(_openings(local, spans, days, off, zone), 1)
    return min(starts, default=None)


def _openings(
    local: datetime, spans: Sequence[Span], days: frozenset[int], off: Sequence[date], zone: ZoneInfo
) -> Iterator[datetime]:
    """Give the instants after `local` at which it opens in a zone, in order."""
    for ahead in range(8 + 7 * len(off)):
        day = local.date() + timedelta(days=ahead)
        starts = (datetime.combine(day, since, tzinfo=zone) for since, _ in spans)
        yield from (start for start in starts if day.weekday() in days and day not in off and start > local)
