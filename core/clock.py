"""The only reader of the system clock. Called at the edge: views, webhooks, tasks and commands; everything else takes `now`."""

import time
from datetime import UTC, datetime, timedelta

from django.conf import settings


def now() -> datetime:
    """Return the present instant, aware, in UTC; shifted by the demo clock in demo mode."""
    return datetime.now(UTC) + timedelta(seconds=settings.CLOCK_OFFSET_SECONDS)


def monotonic() -> float:
    """Return seconds from a clock that never goes back, for measuring durations."""
    return time.monotonic()


def drift_from(elsewhere: datetime) -> timedelta:
    """Return how far this machine's real clock is ahead of another real clock just read; the demo's shift does not count."""
    return datetime.now(UTC) - elsewhere


def pause(seconds: float) -> None:
    """Wait for a moment that is sure to come within a second; what may take longer is a due row."""
    time.sleep(min(max(seconds, 0.0), 1.0))
