"""Waits as people write and read them: “30 min”, “4 h”, “1 day”. Pure."""

import re
from typing import Final

_UNITS: Final = {
    **dict.fromkeys(("", "m", "min", "mins", "minute", "minutes"), 1),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 60),
    **dict.fromkeys(("d", "day", "days"), 24 * 60),
    **dict.fromkeys(("w", "week", "weeks"), 7 * 24 * 60),
}
_WRITTEN: Final = re.compile(r"([0-9]{1,6})\s*([a-z]*)\.?")


class NotAWait(ValueError):
    """The text says no length of time."""


def read(text: str) -> int:
    """Return the minutes a text says; raises NotAWait."""
    found = _WRITTEN.fullmatch(text.strip().lower())
    if not found or found[2] not in _UNITS:
        raise NotAWait(f"“{text.strip()[:20]}” is no length of time. Write it like 30 min, 4 h or 2 days.")
    return int(found[1]) * _UNITS[found[2]]


def say(minutes: int) -> str:
    """Return minutes in the largest unit that fits them evenly."""
    for unit, length in (("day", 24 * 60), ("h", 60)):
        if minutes >= length and minutes % length == 0:
            number = minutes // length
            return f"{number} {unit}{'s' if unit == 'day' and number > 1 else ''}"
    return f"{minutes} min"
