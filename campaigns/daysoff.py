"""Days on which a campaign calls nobody, as people write and read them: “2026-11-26, 2026-12-25”. Pure."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

MOST: Final = 40
LONGEST: Final = 480  # letters of so many days
PATTERN: Final = r"^$|^\d{4}-\d{2}-\d{2}(, \d{4}-\d{2}-\d{2}){0,39}$"
_ISO: Final = re.compile(r"(2\d{3})-(\d{1,2})-(\d{1,2})", re.ASCII)
_AMERICAN: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(2\d{3})", re.ASCII)


class NotDays(ValueError):
    """The text says no days."""


def read(text: str) -> tuple[date, ...]:
    """Return the days a text says, each once, in order; none for an empty one. Raises NotDays."""
    found = sorted({_read_one(part.strip()) for part in re.split(r"[,;\n]", text) if part.strip()})
    if len(found) > MOST:
        raise NotDays(f"At most {MOST} days off. Take out those that are over.")
    return tuple(found)


def say(days: Iterable[date]) -> str:
    """Return days as they are stored and shown."""
    return ", ".join(day.isoformat() for day in days)


def _read_one(text: str) -> date:
    if iso := _ISO.fullmatch(text):
        year, month, day = iso.groups()
    elif american := _AMERICAN.fullmatch(text):
        month, day, year = american.groups()
    else:
        raise NotDays(
            f"“{text[:30]}” is no day. Write it like 2026-12-25 or 12/25/2026; several with a comma between."
        )
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise NotDays(f"“{text[:30]}” is in no calendar. Look at the month and the day.") from None
