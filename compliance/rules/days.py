"""Days and midnights on the clocks of the places a person may be."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from compliance.rules.clocks import days_in
from compliance.rules.facts import ContactFacts

PACIFIC = "America/Los_Angeles"


@cache
def zone_of(name: str) -> ZoneInfo:
    """Return the zone; raises ZoneInfoNotFoundError for a name of none."""
    return ZoneInfo(name)


def local_days(facts: ContactFacts, at: datetime | None = None) -> tuple[date, ...]:
    """Return the day it is, now or at `at`, in each zone the person may be in: in order, once each; the UTC day without zone."""
    return facts.days if at is None or at == facts.at else days_in(facts.zones, at)


def latest_day(facts: ContactFacts) -> date:
    """Return the latest day it may be, in any zone the person may be in or in UTC: what grows old is oldest there."""
    return max(facts.utc_day, facts.days[-1])


def next_midnight(at: datetime, zone: str) -> datetime:
    """Return the first midnight of the zone after the instant, in UTC; a day may have 23 or 25 hours."""
    place = zone_of(zone)
    tomorrow = at.astimezone(place).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(0), place).astimezone(UTC)


def next_month(at: datetime, zone: str) -> datetime:
    """Return the zone's midnight at which the next calendar month begins, in UTC."""
    place = zone_of(zone)
    first = (at.astimezone(place).date().replace(day=1) + timedelta(days=32)).replace(day=1)
    return datetime.combine(first, time(0), place).astimezone(UTC)
