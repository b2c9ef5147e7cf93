"""Time as a stand-in sees it: a wall clock that can be shifted, and waits that can be shortened."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """Shifted and accelerated time.

    Units: `offset_seconds` moves every reported timestamp; `speed` is simulated seconds per real second and
    shortens waits only, so that a timestamp always agrees with the wall clock of the product under test.
    """

    offset_seconds: float = 0.0
    speed: float = 1.0

    def __post_init__(self) -> None:
        if self.speed <= 0:
            raise ValueError("speed must be above 0: simulated seconds per real second")

    def now(self) -> datetime:
        """Return the shifted wall-clock time, aware, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_seconds)

    def elapsed(self) -> float:
        """Return simulated seconds since an arbitrary start; only differences mean anything."""
        return time.monotonic() * self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait for so many simulated seconds."""
        await asyncio.sleep(max(0.0, seconds) / self.speed)


def rfc2822(moment: datetime) -> str:
    """Write a UTC time as e-mail headers do, to the second, such as `Thu, 01 Jun 2017 20:48:32 +0000`."""
    return format_datetime(moment)
