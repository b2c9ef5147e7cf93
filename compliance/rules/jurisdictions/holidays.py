"""Days on which a state allows no sales calls (rule book, table 4.3): actual and observed day both count as closed."""

from datetime import date, timedelta
from functools import cache

import holidays as holiday_calendar

# The pinned calendar has each state's public holidays with observed days. Added here is what the rule book names beyond it.
# Day numbers as (month, day); a weekend day is also closed on the working day it moves to.
EXTRA_DAYS: dict[str, tuple[tuple[int, int, str], ...]] = {
    "AL": ((12, 1, "Mrs. Rosa L. Parks Day"),),
    "LA": ((12, 26, "Day after Christmas"),),  # proclaimed by the governor in some years
    "PA": ((6, 14, "Flag Day"),),
    "RI": ((5, 4, "Rhode Island Independence Day"),),
}
CLOSED_AFTER_THANKSGIVING = frozenset({"LA", "PA", "OK"})
CLOSED_ON_MARDI_GRAS = frozenset({"AL", "LA"})  # in Alabama two counties only; the whole state counts
CLOSED_ON_ELECTION_DAY = frozenset({"LA", "RI"})
STATES = ("AL", "LA", "OK", "PA", "RI", "UT")
SOURCES = "rule book 4.3; state calendars as published in the pinned `holidays` package"


@cache
def closed_days(state: str, year: int) -> dict[date, str]:
    """Return the state's closed days of the year with their names; of every listed state for "??" (state unknown)."""
    if state == "??":
        return {day: name for known in STATES for day, name in closed_days(known, year).items()}
    # Neighbouring years too: 1 January may be observed on 31 December.
    years = range(year - 1, year + 2)
    days = dict(holiday_calendar.country_holidays("US", subdiv=state, years=years, observed=True))
    for each in years:
        for month, day, name in EXTRA_DAYS.get(state, ()):
            days.update(_with_observed(date(each, month, day), name))
        if state in CLOSED_ON_MARDI_GRAS:
            days[easter(each) - timedelta(days=47)] = "Mardi Gras"
        if state in CLOSED_AFTER_THANKSGIVING:
            days[_thanksgiving(each) + timedelta(days=1)] = "the day after Thanksgiving"
        if state in CLOSED_ON_ELECTION_DAY and each % 2 == 0:
            days[_election_day(each)] = "Election Day"
    return {day: name for day, name in days.items() if day.year == year}


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar. Source: the anonymous algorithm (Meeus, Astronomical Algorithms, ch. 8)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    tail = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * tail) // 433
    month = (h + tail - 7 * m + 90) // 25
    return date(year, month, (h + tail - 7 * m + 33 * month + 19) % 32)


def _with_observed(day: date, name: str) -> dict[date, str]:
    moved = {5: day - timedelta(days=1), 6: day + timedelta(days=1)}.get(day.weekday())
    return {day: name} if moved is None else {day: name, moved: f"{name} (observed)"}


def _thanksgiving(year: int) -> date:
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 21)


def _election_day(year: int) -> date:
    first = date(year, 11, 1)
    monday = first + timedelta(days=(0 - first.weekday()) % 7)
    return monday + timedelta(days=1)
