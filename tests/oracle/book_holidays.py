"""Table 4.3: the days on which a state bars sales calls, actual and observed."""

from datetime import date, timedelta
from functools import lru_cache

import holidays

CLOSING_STATES = ("AL", "LA", "OK", "PA", "RI", "UT")
WITH_FEDERAL_DAYS = {"AL", "PA", "RI", "UT"}  # their rows name the federal set


@lru_cache(maxsize=256)
def closed_days(state: str, year: int) -> frozenset[date]:
    """Return the closed days of the state in the year; of "" (state not known), every closing state's."""
    if not state:
        return frozenset().union(*(closed_days(each, year) for each in CLOSING_STATES))
    days = set(holidays.country_holidays("US", subdiv=state, years=[year], observed=True))
    if state in WITH_FEDERAL_DAYS:
        days |= set(holidays.country_holidays("US", years=[year], observed=True))
    for around in (year - 1, year, year + 1):
        days |= extra_days(state, around)
    return frozenset(day for day in days if day.year == year)


def extra_days(state: str, year: int) -> set[date]:
    """Return the days table 4.3 adds to the calendar."""
    days: set[date] = set()
    if state == "AL":
        days |= with_observed(date(year, 12, 1))  # Mrs. Rosa Parks Day
    if state == "LA":
        days |= with_observed(date(year, 12, 26)) | with_observed(date(year, 1, 8))
    if state == "PA":
        days |= with_observed(date(year, 6, 14))  # Flag Day
    if state == "RI":
        days |= with_observed(date(year, 5, 4))  # Independence Day
    if state in {"AL", "LA"}:
        days |= {d for d in (date(2026, 2, 17), date(2027, 2, 9)) if d.year == year}  # Mardi Gras
    if state in {"LA", "PA", "OK"}:
        days.add(thanksgiving(year) + timedelta(days=1))
    if state in {"LA", "RI"} and year % 2 == 0:
        days.add(first_monday_of_november(year) + timedelta(days=1))  # Election Day
    return days


def with_observed(day: date) -> set[date]:
    """Return the day, and the working day it moves to: Saturday to Friday, Sunday to Monday."""
    moved = {5: -1, 6: 1}.get(day.weekday(), 0)
    return {day, day + timedelta(days=moved)}


def thanksgiving(year: int) -> date:
    """Return the fourth Thursday of November."""
    thursdays = [d for d in (date(year, 11, n) for n in range(1, 31)) if d.weekday() == 3]
    return thursdays[3]


def first_monday_of_november(year: int) -> date:
    """Return it."""
    return next(d for d in (date(year, 11, n) for n in range(1, 8)) if d.weekday() == 0)
