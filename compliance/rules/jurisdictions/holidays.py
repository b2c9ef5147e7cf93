"""Days on which a state allows no sales calls (rule book, table 4.3): actual and observed day both count as closed."""

from datetime import date, timedelta
from functools import cache

import holidays as holiday_calendar

from compliance.rules.pack import ClosedDays, RuleBook


@cache
def closed_days(book: RuleBook, state: str, year: int) -> dict[date, str]:
    """Return the state's closed days of the year with their names; of every listed state for the unknown one.

    The pinned calendar has each state's public holidays; what the packs add stands in holidays.toml.
    """
    found: dict[date, str] = {}
    for row in book.closed_days(state, date(year, 1, 1)):
        # Neighbouring years too: 1 January may be observed on 31 December.
        for each in range(year - 1, year + 2):
            found.update(_days_of(row, each))
    return {day: name for day, name in found.items() if day.year == year}


def _days_of(row: ClosedDays, year: int) -> dict[date, str]:
    if row.kind == "public":
        return dict(holiday_calendar.country_holidays("US", subdiv=row.state, years=year, observed=True))
    if row.kind == "fixed":
        # A month and day may not exist in every year: 29 February.
        try:
            return _with_observed(date(year, row.month, row.day), row.name)
        except ValueError:
            return {}
    if row.kind == "mardi_gras":
        return {easter(year) - timedelta(days=47): row.name}
    if row.kind == "after_thanksgiving":
        return {_thanksgiving(year) + timedelta(days=1): row.name}
    if row.kind == "election_day":
        return {_election_day(year): row.name} if year % 2 == 0 else {}
    raise ValueError(f"no such kind of closed day: {row.kind}")


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
