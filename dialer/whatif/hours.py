"""When a plan's team can call whom: its hours by the office's clock, and the window of each zone in them. Pure.

A zone's window is the campaign's own, less its breaks, on the zone's own days. What the law of a state says beyond that (its hours, its
Sundays and holidays) is not foreseen; the gate asks it of each call. On the days when clocks change, those of the morning count.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from math import ceil, floor
from typing import Final
from zoneinfo import ZoneInfo

from campaigns import breaks
from dialer.whatif.plan import Plan, seconds_of

HORIZON: Final = 730  # days looked ahead
DAY: Final = 24 * 60  # minutes


@dataclass(frozen=True, slots=True)
class Slot:
    """One hour of the team's, or the part of one in which the same zones are open. `at` in hours since the plan's first midnight."""

    day: date
    at: float
    hour: int
    hours: float
    open: tuple[bool, ...]  # by zone, as in Plan.where
    left: tuple[float, ...]  # hours for which each stays open; 0 where it is closed


@dataclass(frozen=True, slots=True)
class _Part:
    """A slot of any day, in minutes of the office's clock."""

    since: int
    until: int
    left: tuple[int, ...]


def slots(plan: Plan) -> Iterator[Slot]:
    """Give the parts of the team's hours in which somebody may be called, from the plan's beginning to the horizon."""
    first = seconds_of(plan.not_before) / 3600
    for offset in range(HORIZON):
        day = plan.begins + timedelta(days=offset)
        for part in _parts_on(plan, day):
            since, until = max(part.since / 60, first if offset == 0 else 0.0), part.until / 60
            if since < until:
                passed = since - part.since / 60
                left = tuple(max(0.0, minutes / 60 - passed) for minutes in part.left)
                is_open = tuple(minutes > 0 for minutes in part.left)
                yield Slot(day, offset * 24 + since, int(since), until - since, is_open, left)


def idle_hours(plan: Plan) -> float:
    """Return for how many hours of the team's first working day nobody may be called, the campaign's breaks not counted."""
    for offset in range(7):
        parts = _parts_on(plan, plan.begins + timedelta(days=offset))
        if parts:
            since, until = plan.shift
            resting = [_minutes(end) - _minutes(start) for start, end in plan.breaks]
            whole = _minutes(until) - _minutes(since) - sum(resting)
            return max(0.0, (whole - sum(part.until - part.since for part in parts)) / 60)
    return plan.day_seconds / 3600


def _parts_on(plan: Plan, day: date) -> Sequence[_Part]:
    noon = datetime.combine(day, time(12))
    here = noon.replace(tzinfo=ZoneInfo(plan.office)).utcoffset() or timedelta()
    behind = tuple(
        round((here - (noon.replace(tzinfo=ZoneInfo(name)).utcoffset() or timedelta())).total_seconds() / 60)
        for name, _ in plan.where
    )
    since, until = (_minutes(clock) for clock in plan.shift)
    return _parts(
        tuple(breaks.left(plan.breaks, plan.opens, plan.closes)),
        plan.days,
        since,
        until,
        day.weekday(),
        behind,
    )


@lru_cache(maxsize=1024)
def _parts(
    window: tuple[breaks.Span, ...], days: str, since: int, until: int, weekday: int, behind: tuple[int, ...]
) -> Sequence[_Part]:
    """Return the parts of a weekday from `since` to `until`; `behind` is by how many minutes each zone's clock is behind."""
    spans = [_spans(window, days, weekday, minutes) for minutes in behind]
    edges = {since, until, *(edge for zone in spans for span in zone for edge in span)}
    edges |= {60 * hour for hour in range(ceil(since / 60), floor(until / 60) + 1)}
    marks = sorted(edge for edge in edges if since <= edge <= until)
    found = []
    for begins, ends in pairwise(marks):
        left = tuple(max((e - begins for b, e in zone if b <= begins < e), default=0) for zone in spans)
        if any(left):
            found.append(_Part(begins, ends, left))
    return found


def _spans(window: Sequence[breaks.Span], days: str, weekday: int, behind: int) -> list[tuple[int, int]]:
    """Return when a zone is open on an office's day and beside it, in minutes of the office's clock."""
    return [
        (_minutes(since) + other * DAY + behind, _minutes(until) + other * DAY + behind)
        for other in (-1, 0, 1)
        if str((weekday + other) % 7) in days
        for since, until in window
    ]


def _minutes(clock: time) -> int:
    return seconds_of(clock) // 60
