"""Of whom a campaign can reach: zones, numbers, and by which hour they are due."""

from datetime import UTC, datetime, timedelta

import numpy as np

from dialer.why.ahead import EPOCH, MOST_NUMBERS, Ahead, look_ahead

NOW = datetime(2026, 11, 23, 15, 20, tzinfo=UTC)


def micros(*hours: float) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return instants so many hours from now."""
    return np.array(
        [(NOW + timedelta(hours=each) - EPOCH) // timedelta(microseconds=1) for each in hours], np.int64
    )


def counted(*, due: tuple[float, ...] = (-1, -1, -1, -1), numbers: tuple[int, ...] = (1, 2, 2, 30)) -> Ahead:
    """Return the counts of the first three of four people, in zones b, a, a."""
    return look_ahead(
        np.array([0, 1, 2]), ("a", "b"), np.array([1, 0, 0, -1]), np.array(numbers), micros(*due), now=NOW
    )  # fmt: skip


def test_zones_and_numbers_are_of_those_in_reach_alone() -> None:
    found = counted()

    assert found.zones == [("a", 2), ("b", 1)]
    assert found.numbers == [1, 2]
    assert found.due == []


def test_who_has_many_numbers_counts_with_those_of_the_most() -> None:
    assert counted(numbers=(0, 1, 30, 1)).numbers == [2, *[0] * (MOST_NUMBERS - 2), 1]


def test_who_is_due_is_told_by_the_next_full_hour() -> None:
    found = counted(due=(0.5, 0.6, 2.0, 5.0))

    assert found.due == [(NOW.replace(hour=16, minute=0), 2), (NOW.replace(hour=18, minute=0), 1)]


def test_beyond_a_week_days_are_enough() -> None:
    found = counted(due=(24 * 30, 24 * 30 + 5, 24 * 30 + 20, 0))

    assert sum(people for _, people in found.due) == 3
    assert len(found.due) <= 2
    assert all(at >= NOW + timedelta(days=30) for at, _ in found.due)


def test_nobody_in_reach_is_no_mistake() -> None:
    nobody = np.zeros(0, np.int64)

    found = look_ahead(nobody, (), nobody, nobody, nobody, now=NOW)

    assert (found.zones, list(found.numbers), found.due) == ([], [0], [])
