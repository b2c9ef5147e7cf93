"""Security codes: three or four digits, written or spoken, near words that announce them. They go wholly (PCI-001)."""

import re
from bisect import bisect_left
from collections.abc import Sequence

from compliance.rules.card_data.digits import Kind, Unit

REMOVED = "[removed]"
_WINDOW = 30  # words, on both sides (rule book, section 8)
_ANNOUNCING = re.compile(
    r"\b(?:cvv|cvc|cvn|csc)(?:2|\b)|\bc\W?v\W?[vc]\b|\b(?:card )?security (?:code|number|digits)|\bcard verification|"
    r"\b(?:three|four|3|4|last)[ -](?:digits?|numbers?)(?: code)? (?:on|at|in|from) (?:the |its )?(?:back|front|reverse)|"
    r"\bcode on the back|\b(?:card|atm|debit) pin\b|\bpin number|"
    r"\bc[oó]digo (?:de (?:seguridad|verificaci[oó]n)|al reverso)|\bclave de seguridad|"
    r"\b(?:tres|cuatro|3|4|[uú]ltimos) (?:d[ií]gitos|n[uú]meros) (?:de|del|en|al) (?:la |el )?(?:atr[aá]s|reverso|dorso|parte)",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"\+\d[\d ().-]{6,18}\d|(?<![\d*])(?:1[ .-]?)?\(?[2-9]\d{2}\)?[ .-]{0,2}[2-9]\d{2}[ .-]?\d{4}(?!\d)"
)


def may_announce_code(text: str) -> bool:
    """Return whether the text has words that announce a security code."""
    return _ANNOUNCING.search(text) is not None


def code_places(text: str, units: Sequence[Unit]) -> list[tuple[int, int]]:
    """Return where security codes stand in the text, in order. Parts of phone numbers and masked numbers are none."""
    groups = _groups(units)
    starts = [group.start for group in groups]
    announced = sorted({bisect_left(starts, match.start()) for match in _ANNOUNCING.finditer(text)})
    phones = [match.span() for match in _PHONE.finditer(text)]
    phone_starts = [start for start, _ in phones]
    found = []
    for index, group in enumerate(groups):
        if group.kind is not Kind.DIGITS or len(group.digits) not in (3, 4):
            continue
        after = bisect_left(announced, index - _WINDOW)
        is_near = after < len(announced) and announced[after] <= index + _WINDOW
        phone = bisect_left(phone_starts, group.start + 1) - 1
        in_phone = phone >= 0 and group.end <= phones[phone][1]
        if is_near and not in_phone:
            found.append((group.start, group.end))
    return found


def _groups(units: Sequence[Unit]) -> list[Unit]:
    """Return words and digits with single and spoken digits that follow each other as one group each."""
    groups: list[Unit] = []
    open_group = False
    for unit in units:
        if unit.kind in (Kind.BREAK, Kind.PLUS):
            open_group = False
            continue
        loose = unit.kind is Kind.DIGITS and (not unit.written or len(unit.digits) == 1)
        if loose and open_group:
            last = groups.pop()
            unit = Unit(Kind.DIGITS, last.start, unit.end, last.digits + unit.digits, written=False)
        groups.append(unit)
        open_group = loose
    return groups
