"""Parts of a person's week, so that tries do not all fall where somebody is never at home. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

NOON, EVENING = time(12), time(17)
SATURDAY: Final = 5  # Monday = 0


class DayPart(StrEnum):
    """A part of the week; the words of the field."""

    MORNING = "morning"  # of a weekday, before noon
    AFTERNOON = "afternoon"
    EVENING = "evening"  # from 17:00
    WEEKEND = "weekend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When the campaign calls, in the person's zone."""

    opens: time
    closes: time
    days: str = "0123456"  # Monday = 0
    breaks: tuple[tuple[time, time], ...] = ()  # [from, to) of each day
    off: tuple[date, ...] = ()  # days without calls

    def holds(self, local: datetime) -> bool:
        """Return whether a local instant is inside."""
        at = local.time()
        is_day = str(local.weekday()) in self.days and local.date() not in self.off
        is_open = is_day and self.opens <= at < self.closes
        return is_open and not any(since <= at < until for since, until in self.breaks)


_SPANS: Final = {
    DayPart.MORNING: (time.min, NOON),
    DayPart.AFTERNOON: (NOON, EVENING),
    DayPart.EVENING: (EVENING, time.max),
}


def part_of(at: datetime, zone: ZoneInfo) -> DayPart:
    """Return the part of the person's week an instant falls into."""
    local = at.astimezone(zone)
    if local.weekday() >= SATURDAY:
        return DayPart.WEEKEND
    if local.time() < NOON:
        return DayPart.MORNING
    return DayPart.AFTERNOON if local.time() < EVENING else DayPart.EVENING


def open_parts(window: Window) -> frozenset[DayPart]:
    """Return the parts in which the campaign calls at all."""
    found = {
        part
        for part, (begins, ends) in _SPANS.items()
        if window.opens < ends and begins < window.closes and set(window.days) & set("01234")
    }
    return frozenset(found | ({DayPart.WEEKEND} if set(window.days) & set("56") else set()))


def spread_from(
    earliest: datetime, tried_at: Iterable[datetime], window: Window, zone: ZoneInfo, *, days: int
) -> datetime:
    """Return the first instant from `earliest` on, inside the window, in a part of the week with the fewest tries.

    Where none comes within `days`, `earliest` itself.
    """
    counts = Counter(part_of(at, zone) for at in tried_at)
    parts = open_parts(window)
    if not parts:
        return earliest
    fewest = min(counts[part] for part in parts)
    wanted = {part for part in parts if counts[part] == fewest}
    for at in _instants(earliest, window, zone, days):
        if window.holds(at.astimezone(zone)) and part_of(at, zone) in wanted:
            return at
    return earliest


def _instants(earliest: datetime, window: Window, zone: ZoneInfo, days: int) -> Iterator[datetime]:
    """Give `earliest` and the instants after it at which a part begins inside the window, in order, up to so many days later."""
    yield earliest
    first = earliest.astimezone(zone).date()
    last = earliest + timedelta(days=days)
    marks = sorted({window.opens, NOON, EVENING, *(until for _, until in window.breaks)})
    for passed in range(days + 2):
        for mark in marks:
            at = datetime.combine(first + timedelta(days=passed), mark, zone).astimezone(UTC)
            if earliest < at <= last:
                yield at
