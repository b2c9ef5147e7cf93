"""One worker of the sync: pushes what is due when it is its turn, until it is killed. All workers together push every two seconds."""

import os
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import django

EVERY_SECONDS = 2.0  # the schedule of crm_sync.push_due, whichever worker takes the task


@dataclass(frozen=True, slots=True)
class FastClock:
    """A clock that runs `speed` times as fast as the machine's, the same in every process that is told its beginning."""

    began: float
    speed: float

    def __call__(self) -> datetime:
        """Return the present instant."""
        passed = time.time() - self.began
        return datetime.fromtimestamp(self.began, UTC) + timedelta(seconds=passed * self.speed)


def work(clock: FastClock, workers: int) -> None:
    """Push and free what is stuck, for ever."""
    from crm_sync.services import pushing, queueing

    while True:
        queueing.free_stuck(now=clock())
        pushing.push_due(clock=clock)
        time.sleep(EVERY_SECONDS * workers / clock.speed)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    work(FastClock(began=float(sys.argv[1]), speed=float(sys.argv[2])), int(sys.argv[3]))
