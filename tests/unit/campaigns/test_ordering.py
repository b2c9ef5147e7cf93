"""What a place is worth in an order of calls."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.breaks import read
from campaigns.ordering import Kind, values_at
from campaigns.ordering.values import CLOSED, UNKNOWN

NEW_YORK, CHICAGO, DENVER, HAWAII = (
    "America/New_York", "America/Chicago", "America/Denver", "Pacific/Honolulu",
)  # fmt: skip
ZONES = frozenset((NEW_YORK, CHICAGO, DENVER, HAWAII))
MONDAY = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)  # 13:30 in New York, 12:30 in Chicago, 11:30 in Denver
HOURS: Any = {"opens": time(9), "closes": time(20)}


def first_to_last(kind: Kind, now: datetime = MONDAY, breaks: str = "", days: str = "0123456") -> list[str]:
    found = values_at(
        kind, ZONES, **HOURS, breaks=read(breaks), days=frozenset(int(day) for day in days), now=now
    )
    assert all(value < found.otherwise for value in found.by_zone.values())
    return sorted(found.by_zone, key=lambda zone: found.by_zone[zone])


@pytest.mark.parametrize(
    ("kind", "breaks", "days", "order"),
    [
        (Kind.EAST_FIRST, "", "0123456", [NEW_YORK, CHICAGO, DENVER, HAWAII]),
        (Kind.EAST_FIRST, "13:00-14:00", "0123456", [CHICAGO, DENVER, NEW_YORK, HAWAII]),
        (Kind.EAST_FIRST, "12:00-14:00", "0123456", [DENVER, NEW_YORK, CHICAGO, HAWAII]),
        (Kind.CLOSING_FIRST, "", "0123456", [NEW_YORK, CHICAGO, DENVER, HAWAII]),
        # New York opens again in half an hour, Hawaii (08:30) likewise; Chicago at once is in its own break.
        (Kind.CLOSING_FIRST, "12:15-14:15", "0123456", [DENVER, HAWAII, NEW_YORK, CHICAGO]),
        (Kind.EAST_FIRST, "", "12345", [NEW_YORK, CHICAGO, DENVER, HAWAII]),
    ],
)
def test_who_is_first(kind: Kind, breaks: str, days: str, order: list[str]) -> None:
    assert first_to_last(kind, breaks=breaks, days=days) == order


def test_time_lost_to_a_break_counts_as_less_time_left() -> None:
    at = datetime(2026, 11, 23, 18, tzinfo=UTC)  # 13:00 in New York, 12:00 in Chicago

    found = values_at(Kind.CLOSING_FIRST, ZONES, **HOURS, breaks=read("15:00-16:00"), now=at)

    assert found.by_zone[NEW_YORK] == 6 * 60
    assert found.by_zone[CHICAGO] == 7 * 60


def test_a_day_without_calls_is_closed_until_the_next_that_has() -> None:
    sunday = datetime(2026, 11, 22, 18, tzinfo=UTC)  # 13:00 in New York

    found = values_at(Kind.CLOSING_FIRST, frozenset((NEW_YORK,)), **HOURS, days=frozenset((0, 1)), now=sunday)

    assert found.by_zone[NEW_YORK] == CLOSED + 20 * 60


@given(
    kind=st.sampled_from((Kind.EAST_FIRST, Kind.CLOSING_FIRST)),
    ahead=st.integers(0, 14 * 24 * 60),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    breaks=st.sampled_from(("", "12:00-14:00", "09:00-10:00, 19:30-20:00")),
)
def test_what_is_open_comes_before_what_is_closed(
    kind: Kind, ahead: int, days: frozenset[int], breaks: str
) -> None:
    now = MONDAY + timedelta(minutes=ahead)
    pauses = read(breaks)

    found = values_at(kind, ZONES, **HOURS, breaks=pauses, days=days, now=now)

    for zone, value in found.by_zone.items():
        alone = values_at(Kind.CLOSING_FIRST, frozenset((zone,)), **HOURS, breaks=pauses, days=days, now=now)
        is_open = alone.by_zone[zone] < CLOSED
        assert (value < CLOSED - 1_000) is is_open
        assert value < UNKNOWN
