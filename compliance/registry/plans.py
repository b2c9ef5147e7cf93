"""Whose numbers a registry file holds: the North American plan's, or the United Kingdom's (rules UK-003, CA-003).

The place of a United Kingdom number counts ten-digit national numbers by their first digit, then by the other nine; a number of
nine digits takes the place of the ten-digit one with a 0 after it, of which there is none in use. Premium-rate numbers (09) have
no place: nobody lists them, and there would be no room.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from compliance.registry.numbering import LINE_LIMIT, SPACING, index_of, read_number, why_not
from compliance.rules.united_kingdom import LISTS

_FIRST: Final = b"123578"
_OTHERS: Final = 10**9
# Nine digits have only old places (01), 0800 and 0500: elsewhere a digit was lost.
_UK_LINE = re.compile(rb"(?:(?:\+|00)?44)?0?([123578][0-9]{9}|[158][0-9]{8})")
_UK_E164 = re.compile(r"\+44([123578][0-9]{9}|[158][0-9]{8})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a line becomes a number's place, and what is said of a line that does not."""

    name: str  # stands in the header of each file
    prefix: str  # of the numbers in E.164
    read: Callable[[bytes], int | None]
    index_of: Callable[[str], int | None]
    why_not: Callable[[bytes], str]


def plan_of(list_name: str) -> Plan:
    """Return the plan of the numbers that a list of this name holds."""
    return UNITED_KINGDOM if list_name in LISTS else NORTH_AMERICA


def _read_uk(line: bytes) -> int | None:
    if len(line) > LINE_LIMIT:
        return None
    found = _UK_LINE.fullmatch(line.translate(None, SPACING))
    return _uk_place(found[1]) if found else None


def _uk_index_of(e164: str) -> int | None:
    found = _UK_E164.fullmatch(e164)
    return _uk_place(found[1].encode()) if found else None


def _uk_place(digits: bytes) -> int:
    return _FIRST.index(digits[0]) * _OTHERS + int(digits[1:].ljust(9, b"0"))


def _why_not_uk(line: bytes) -> str:
    bare = line.translate(None, SPACING)
    if len(line) > LINE_LIMIT or b"\x00" in line:
        return why_not(line)
    if re.fullmatch(rb"(?:(?:\+|00)?44)?0?9[0-9]{8,9}", bare):
        return "a premium-rate number (09), which no list holds"
    return "not a United Kingdom number: 0 and nine or ten digits, or +44"


NORTH_AMERICA: Final = Plan(
    name="north_america", prefix="+1", read=read_number, index_of=index_of, why_not=why_not
)
UNITED_KINGDOM: Final = Plan(
    name="united_kingdom", prefix="+44", read=_read_uk, index_of=_uk_index_of, why_not=_why_not_uk
)
PLANS: Final = {plan.name: plan for plan in (NORTH_AMERICA, UNITED_KINGDOM)}
