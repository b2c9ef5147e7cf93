"""Of whom a campaign can reach, now or by waiting: where they are, how many numbers they have, when their next try is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from compliance.crowd.people import Ints
from compliance.crowd.steps import Step

IN_TIME: Final = (Step.CAPS, Step.TODAY, Step.NOW)  # waiting is enough there …
LASTING: Final = ("TZ_UNKNOWN", "PROMISED")  # … but for these reasons
MOST_NUMBERS: Final = 8  # of a person; who has more counts with them
HOUR: Final = 3600 * 1_000_000  # microseconds
BY_HOUR: Final = 7 * 24  # so many hours ahead are told one by one, days after them
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """Counts of people."""

    zones: Sequence[tuple[str, int]] = ()  # likeliest zone → people, most first; "" where none is known
    numbers: Sequence[int] = ()  # people with 1, 2, 3, ... numbers that can be dialed
    due: Sequence[tuple[datetime, int]] = ()  # the hour by which a try is due that is not yet → people


NOBODY: Final = Ahead()


def look_ahead(
    in_reach: Ints, zones: Sequence[str], zone_of: Ints, numbers_of: Ints, due_of: Ints, *, now: datetime
) -> Ahead:
    """Return the counts of the people `in_reach`, indexes of the other arrays.

    `zone_of` is -1 where no zone is known; dues are in microseconds since 1970.
    """
    kinds, counts = np.unique(zone_of[in_reach], return_counts=True)
    by_zone = [
        (zones[kind] if kind >= 0 else "", int(count)) for kind, count in zip(kinds, counts, strict=True)
    ]
    numbers = np.bincount(np.clip(numbers_of[in_reach], 1, MOST_NUMBERS), minlength=2)[1:]
    return Ahead(
        zones=sorted(by_zone, key=lambda each: (-each[1], each[0])),
        numbers=numbers.tolist(),
        due=_by_hour(due_of[in_reach], now),
    )


def _by_hour(due: Ints, now: datetime) -> list[tuple[datetime, int]]:
    """Return by which hour how many are due that are not yet, taken up to the next full one; beyond a week by days."""
    instant = (now - EPOCH) // timedelta(microseconds=1)
    hours = -(-due[due > instant] // HOUR)
    near = instant // HOUR + BY_HOUR
    hours = np.where(hours > near, near + -(-(hours - near) // 24) * 24, hours)
    return [
        (EPOCH + timedelta(hours=int(hour)), int(count))
        for hour, count in zip(*np.unique(hours, return_counts=True), strict=True)
    ]
