"""Daily change files: numbers added to and deleted from the registry since the last download.

A line is area code, number, date, and A or D, with commas between, as the registry's flat change list has them; the order of the
last two may be reversed, and the area code may stand together with the number. The telemarketers' download page describes it only
as "several data items per record", so any date is taken and its form not judged.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from compliance.registry.lines import Refused, is_skipped, pieces
from compliance.registry.numbering import BOM, LINE_LIMIT, shown
from compliance.registry.plans import NORTH_AMERICA, Plan
from compliance.registry.sources import Reader

_DATE = re.compile(rb"[0-9][0-9A-Za-z:/. +\-]{5,40}")


@dataclass(frozen=True, slots=True)
class Change:
    """One number added or deleted."""

    index: int
    added: bool


def changes(reader: Reader, plan: Plan = NORTH_AMERICA) -> Iterator[Change | Refused]:
    """Yield each line's change in order, or why it is none; blank lines and a heading are skipped."""
    number = 0
    for piece in pieces(reader):
        for raw in piece.split(b"\n")[:-1]:
            number += 1
            line = raw.removeprefix(BOM) if number == 1 else raw
            change = read_change(line, plan)
            if change is not None:
                yield change
            elif not is_skipped(line, number):
                yield Refused(number, shown(line), _why_not(line, plan))


def read_change(line: bytes, plan: Plan = NORTH_AMERICA) -> Change | None:
    """Return the change a line tells, None if it tells none."""
    if len(line) > LINE_LIMIT:
        return None
    fields = [field.strip().strip(b'"').strip() for field in line.strip().split(b",")]
    verbs = [place for place, field in enumerate(fields) if field.upper() in (b"A", b"D")]
    if len(verbs) != 1:
        return None
    verb = verbs[0]
    # The number is the first field, or the first two when the first is an area code alone.
    taken = 2 if len(fields[0].removeprefix(b"+1").strip(b"()")) == 3 else 1
    rest = [field for place, field in enumerate(fields[taken:], start=taken) if place != verb]
    index = plan.read(b"".join(fields[:taken]))
    if index is None or verb < taken or len(rest) > 1 or not all(_DATE.fullmatch(field) for field in rest):
        return None
    return Change(index, fields[verb].upper() == b"A")


def _why_not(line: bytes, plan: Plan) -> str:
    if len(line) <= LINE_LIMIT and plan.read(line) is not None:
        return "without A (added) or D (deleted)"
    reason = plan.why_not(line)
    return "not a change: area code, number, date, A or D" if "change file" in reason else reason
