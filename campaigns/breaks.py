"""Breaks in a campaign's hours, as people write and read them: “12:00-14:00, 16:00-16:15”. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import time
from itertools import pairwise
from typing import Final

Span = tuple[time, time]  # [from, to) of a day

MOST: Final = 4
PATTERN: Final = r"^$|^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d(, ([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d){0,3}$"
_BREAK: Final = re.compile(r"\s*([0-9]{1,2}):([0-9]{2})\s*(?:-|–|to)\s*([0-9]{1,2}):([0-9]{2})\s*")


class NotBreaks(ValueError):
    """The text says no breaks."""


def read(text: str) -> tuple[Span, ...]:
    """Return the breaks a text says, in order; none for an empty one. Raises NotBreaks."""
    if not text.strip():
        return ()
    found = sorted(_read_one(part) for part in re.split(r"[,;\n]", text) if part.strip())
    if len(found) > MOST:
        raise NotBreaks(f"At most {MOST} breaks a day.")
    for before, after in pairwise(found):
        if after[0] < before[1]:
            raise NotBreaks(f"The breaks {_say(before)} and {_say(after)} overlap. Make one of them.")
    return tuple(found)


def say(spans: Iterable[Span]) -> str:
    """Return breaks as they are stored and shown."""
    return ", ".join(_say(span) for span in spans)


def faults(spans: Sequence[Span], opens: time, closes: time) -> list[str]:
    """Return what is wrong with breaks in the hours from `opens` to `closes`."""
    wrong = [
        f"The break {_say(span)} is not inside the hours of the campaign, {opens:%H:%M} to {closes:%H:%M}."
        for span in spans
        if span[0] < opens or span[1] > closes
    ]
    if not wrong and opens < closes and not left(spans, opens, closes):
        wrong.append("The breaks leave nothing of the campaign's hours.")
    return wrong


def left(spans: Sequence[Span], opens: time, closes: time) -> list[Span]:
    """Return what the breaks leave of the hours from `opens` to `closes`, in order."""
    found, begins = [], opens
    for since, until in sorted(spans):
        if begins < since:
            found.append((begins, min(since, closes)))
        begins = max(begins, until)
    if begins < closes:
        found.append((begins, closes))
    return found


def _read_one(text: str) -> Span:
    written = _BREAK.fullmatch(text)
    if written is None:
        raise NotBreaks(
            f"“{text.strip()[:30]}” is no break. Write it like 12:00-14:00; several with a comma between."
        )
    hours = [int(number) for number in written.groups()]
    if hours[0] > 23 or hours[2] > 23 or hours[1] > 59 or hours[3] > 59:
        raise NotBreaks(f"“{text.strip()[:30]}” names a time that no clock shows. Write 00:00 to 23:59.")
    since, until = time(hours[0], hours[1]), time(hours[2], hours[3])
    if since >= until:
        raise NotBreaks(f"The break {_say((since, until))} ends before it begins.")
    return since, until


def _say(span: Span) -> str:
    return f"{span[0]:%H:%M}-{span[1]:%H:%M}"
