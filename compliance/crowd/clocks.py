"""Instants and days by which limits of the rule book they have passed: what has passed the same ones counts as the same. Pure."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from compliance.crowd.people import Ints, joined
from compliance.rules.policy import Policy

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
NEVER = -(2**62)  # no instant

# What passes a limit before tomorrow may change an answer of today: such instants count by the quarter of an hour, the
# finest grid that windows open on.
SOON = timedelta(hours=27)
QUARTER = 15 * 60 * 1_000_000  # of an hour, in microseconds
QUARTERS = 128  # more than there are in SOON
NEAR = 4  # days; months differ in length, and days by zone: so near to a limit a day counts by itself
MONTH = timedelta(days=30, hours=10)
RULES_LOOK_BACK, RULES_LOOK_AHEAD = 33, 17  # days
_clocks: dict[
    object, int
] = {}  # what clocks showed by the hour → the code of it, for as long as the process lives


def micros(instant: datetime) -> int:
    """Return the microseconds since 1970: what PostgreSQL keeps of an instant."""
    return (instant - EPOCH) // MICROSECOND


def passed(instants: Ints, now: datetime, ages: Iterable[timedelta], *, looks_ahead: bool) -> Ints:
    """Return for each instant, in microseconds, a code of which limits it has passed: ages, and `now` itself.

    With `looks_ahead` what passes a limit within the day is kept apart. NEVER has a code of its own.
    """
    edges = np.array(sorted({micros(now), *(micros(now - age) for age in ages)}), np.int64)
    before, until = edges.searchsorted(instants, "left"), edges.searchsorted(instants, "right")
    code = before * 2 + (until > before)
    if looks_ahead:
        last = edges[np.maximum(until - 1, 0)]
        is_soon = (until > 0) & (instants - last <= SOON // MICROSECOND) & (instants != NEVER)
        quarters = instants // QUARTER - last // QUARTER + 1
        code = code * QUARTERS + np.where(is_soon, quarters, 0)
    return np.where(instants == NEVER, -1, code)


def near_days(days: Ints, today: date, *, months: Iterable[int], since: Iterable[int]) -> Ints:
    """Return for each day, as an ordinal, a code of which clocks of months and days have run out; 0 is no day."""
    before = [MONTH * count for count in months] + [timedelta(days=count) for count in since]
    edges = np.array(sorted({today.toordinal(), *((today - each).toordinal() for each in before)}), np.int64)
    nearest = np.abs(days[:, None] - edges).min(axis=1) if len(days) else days
    return joined(edges.searchsorted(days), np.where((nearest <= NEAR) | (days == 0), days + 1, 0))


def same_clocks(zones: Iterable[str], now: datetime) -> tuple[int, ...]:
    """Return a code of each zone in order, each once: zones whose clocks agree as far as rules look have one code."""
    return tuple(dict.fromkeys(_clock(zone, now.date()) for zone in zones))


@lru_cache(maxsize=1024)
def _clock(name: str, day: date) -> int:
    zone, start = ZoneInfo(name), datetime.combine(day, time(0), UTC)
    span = range(-RULES_LOOK_BACK * 24, RULES_LOOK_AHEAD * 24)
    offsets = tuple(zone.utcoffset((start + timedelta(hours=hour)).astimezone(zone)) for hour in span)
    return _clocks.setdefault(offsets, len(_clocks))


def attempt_ages(policy: Policy, *, by_days: bool) -> set[timedelta]:
    """Return every period that a rule about earlier contacts may count over: all hours of the rule book, and all days."""
    hours = {24, *(row.cap_hours for row in policy.book.state_rows)}
    days = {1, 7, *(law.days for pack in policy.book.packs for law in pack.laws if law.days)}
    for each in fields(policy):
        value = getattr(policy, each.name)
        if isinstance(value, int) and each.name.endswith("_hours"):
            hours.add(value)
        if isinstance(value, int) and each.name.endswith("_days"):
            days.add(value)
    return {timedelta(hours=count) for count in hours} | {timedelta(days=count) for count in days if by_days}


def relationship_clocks(policy: Policy) -> tuple[set[int], set[int]]:
    """Return the months and the days for which a purchase or inquiry may count (FED-003)."""
    months = {policy.relationship_purchase_months, policy.relationship_inquiry_months}
    months |= {
        law.value
        for pack in policy.book.packs
        for law in pack.laws
        if law.kind == "relationship_months" and law.value
    }
    return months, {policy.relationship_purchase_days, policy.relationship_inquiry_days}
