"""When a campaign's window is open anywhere. Pure."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

# From the first to the last hour of the day in the United States and Canada; whoever else is called has leads that are ready.
ZONES: Final = tuple(
    ZoneInfo(name)
    for name in (
        "America/St_Johns", "America/Halifax", "America/New_York", "America/Chicago", "America/Denver",
        "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu",
    )
)  # fmt: skip


def opens_at(opens: time, closes: time, days: frozenset[int], *, now: datetime) -> datetime | None:
    """Return when a window in people's own time opens next anywhere; None while it is open somewhere. Monday is 0."""
    starts: list[datetime] = []
    for zone in ZONES:
        local = now.astimezone(zone)
        if local.weekday() in days and opens <= local.time() < closes:
            return None
        for ahead in range(8):
            day = local.date() + timedelta(days=ahead)
            start = datetime.combine(day, opens, tzinfo=zone)
            if day.weekday() in days and start > local:
                starts.append(start)
                break
    return min(starts, default=None)
