"""What the clocks of a zone show, and when they show it. Zones are IANA names, never offsets (TZ-003)."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
ONE_DAY = timedelta(days=1)


class Clock(NamedTuple):
    """What a zone's calendar and wall clock show at one instant."""

    zone: str
    day: date
    weekday: int  # Monday = 0
    time: time
    second: int  # since midnight, as the wall clock counts them


def local_clock(at: datetime, zone: str) -> Clock:
    """Return what the zone's clock shows. Raises ZoneInfoNotFoundError or ValueError for what is no zone."""
    return _read(at if at.tzinfo is UTC else at.astimezone(UTC), zone)


def days_in(zones: tuple[str, ...], at: datetime) -> tuple[date, ...]:
    """Return the day it is in each of the zones: in order, once each; the UTC day without zone."""
    if len(zones) == 1:
        return (local_clock(at, zones[0]).day,)
    days = {local_clock(at, zone).day for zone in zones}
    return tuple(sorted(days)) or (at.astimezone(UTC).date(),)


def hour_minute(moment: time) -> str:
    """Return the time as people write it: 08:30."""
    return f"{moment.hour:02}:{moment.minute:02}"


def second_of_day(moment: time) -> int:
    """Return the whole seconds since midnight."""
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def days_between(begin: datetime, end: datetime, zone: str) -> list[date]:
    """Return the zone's calendar days from the one of `begin` to the one of `end`."""
    first, last = local_clock(begin, zone).day, local_clock(end, zone).day
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


@lru_cache(maxsize=1 << 13)
def midnight(zone: str, day: date) -> datetime:
    """Return the instant, in UTC, at which the day begins in the zone."""
    return datetime.combine(day, time(0), _zone(zone)).astimezone(UTC)


@lru_cache(maxsize=1 << 13)
def instants(zone: str, day: date, times: frozenset[time]) -> tuple[datetime, ...]:
    """Return the instants, in UTC, at which the zone's clock strikes one of the times that day, or is put forward or back.

    A time that comes twice on the night clocks go back gives both; one that is left out in spring, when it would have come.
    """
    there = _zone(zone)
    struck = {
        datetime.combine(day, moment, there).replace(fold=fold).astimezone(UTC)
        for moment in times
        for fold in (0, 1)
    }
    return tuple(sorted(struck | _clock_change(there, day)))


@lru_cache(maxsize=1 << 13)
def _read(at: datetime, zone: str) -> Clock:
    local = at.astimezone(_zone(zone))
    shown = local.time()
    return Clock(zone, local.date(), local.weekday(), shown, second_of_day(shown))


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)  # its own cache keeps eight zones; an area code can have nine


def _clock_change(zone: ZoneInfo, day: date) -> set[datetime]:
    """Return the instant on `day` at which the zone's clocks are changed, if they are."""
    start = datetime.combine(day, time(0), zone).astimezone(UTC)
    end = datetime.combine(day + ONE_DAY, time(0), zone).astimezone(UTC)
    before = start.astimezone(zone).utcoffset()
    if end.astimezone(zone).utcoffset() == before:
        return set()
    while end - start > MINUTE:  # clocks change on whole minutes
        middle = start + MINUTE * ((end - start) // MINUTE // 2)
        if middle.astimezone(zone).utcoffset() == before:
            start = middle
        else:
            end = middle
    return {end}
