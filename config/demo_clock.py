"""The demo's shifted clock: each start is 10:00 in New York on the next working day after everything that happened before."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays

NEW_YORK = ZoneInfo("America/New_York")
START_HOUR = 10


def next_start(after: datetime) -> datetime:
    """Return the first 10:00 in New York at or after `after` on a weekday that is no US holiday."""
    closed = holidays.country_holidays("US")
    local = after.astimezone(NEW_YORK)
    day = local.date() if local.hour < START_HOUR else local.date() + timedelta(days=1)
    while day.weekday() >= 5 or day in closed:
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, START_HOUR, tzinfo=NEW_YORK).astimezone(UTC)


def offset_seconds(state_file: Path) -> float:
    """Return how far the demo's clock is ahead of the real one, for a run that starts now.

    It never goes back: the last offset is kept in `state_file`, and the new start lies after the instant it stands for now.
    """
    real = datetime.fromtimestamp(time.time(), UTC)
    last = 0.0
    if state_file.exists():
        last = float(json.loads(state_file.read_text(encoding="utf-8"))["offset_seconds"])
    begin = next_start(real + timedelta(seconds=max(last, 0.0)))
    offset = (begin - real).total_seconds()
    state_file.write_text(json.dumps({"offset_seconds": offset}), encoding="utf-8")
    return offset
