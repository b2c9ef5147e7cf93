"""Card data out of every text, before it is stored, logged or sent (PCI-001, PCI-002, PCI-003, PCI-005, PCI-014).

What is a card number: 13 to 19 digits that satisfy the check of ISO/IEC 7812 (Luhn) and begin as cards of that length do. The
digits may be written in any script and width, apart by separators, lines or filler words, or spoken: “four one one one”,
“double four”, “oh”, “forty one eleven”, “cuatro uno uno uno”. All but the last four go: “************1111”. A run longer
than a card number is searched at every place. A security code is three or four digits within thirty words of “cvv”, “security
code” and the like: it goes wholly. Magnetic track data goes but for the last four.

An order number that looks like a card number is masked too (PCI T3): a number lost can be asked for again, a card number kept
cannot be taken back. A phone number in E.164, “+” and at most 15 digits, survives; so does a list of North American ones.

Everything takes time in proportion to the text, nothing raises, and doing it twice changes nothing.
"""

import re
from dataclasses import dataclass

from compliance.rules.card_data.codes import REMOVED, code_places, may_announce_code
from compliance.rules.card_data.digits import MASK, Kind, Unit, may_hold_number, units_of
from compliance.rules.card_data.numbers import Chain, card_places, chains

__all__ = ["MASK", "REMOVED", "CaptureStart", "Redaction", "begin_capture", "contains_card_data", "redact"]

# What a magnetic stripe holds (ISO/IEC 7813): of the number the last four stay, the rest of the stripe goes.
_TRACKS = re.compile(
    r"%?B(\d{13,19})\^[^^\n]{0,60}\^[^?\n]{0,100}\??|;?(?<!\d)(\d{13,19})[=D]\d{4,100}\??", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """A text without card data, and what was taken out of it."""

    text: str
    cards: int  # card numbers masked
    codes: int  # security codes and stripes removed
    alert: bool  # something was found: the act is audited and the person told


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureStart:
    """Whether card digits may be taken now; `code` and `sentence` say why not."""

    allowed: bool
    code: str
    sentence: str


def redact(text: str) -> Redaction:
    """Return the text with card numbers masked to their last four and security codes removed.

    Source: PCI DSS 4.0.1, 3.3.1.2, 3.4.1, 3.5.1 and 4.2.2, as PCI-001 to PCI-005 and PCI-014 read them.
    """
    clean, tracks, places = text, 0, []
    if may_hold_number(text):
        clean, tracks = _without_tracks(text)
        places = [place for chain in chains(units_of(clean)) for place in card_places(chain)]
    clean = _replaced(clean, [(start, end, MASK + last_four) for start, end, last_four in places])
    codes = code_places(clean, units_of(clean)) if may_announce_code(clean) else []
    clean = _replaced(clean, [(start, end, REMOVED) for start, end in codes])
    cards, removed = len(places) + tracks, len(codes) + tracks
    return Redaction(text=clean, cards=cards, codes=removed, alert=bool(cards or removed))


def contains_card_data(text: str) -> bool:
    """Return whether there is a card number, a security code or a magnetic stripe in the text."""
    return redact(text).alert


def begin_capture(*, pause_confirmed: bool) -> CaptureStart:
    """Return whether card digits may be asked for: only once the recorder has confirmed that it is paused (PCI-004).

    Without the confirmation the capture is aborted: digits on a recording cannot be taken back.
    """
    if pause_confirmed:
        return CaptureStart(allowed=True, code="", sentence="")
    return CaptureStart(
        allowed=False,
        code="PCI_BLOCK",
        sentence="The recording could not be paused, so no card number may be taken on this call.",
    )


def _without_tracks(text: str) -> tuple[str, int]:
    found = 0

    def masked(match: re.Match[str]) -> str:
        nonlocal found
        number = "".join(str(int(digit)) for digit in match[1] or match[2])
        if not Chain([Unit(Kind.DIGITS, 0, len(number), number)], after_plus=False).is_card_number(
            0, len(number)
        ):
            return match[0]
        found += 1
        return f" {MASK}{number[-4:]} {REMOVED} "

    return _TRACKS.sub(masked, text), found


def _replaced(text: str, places: list[tuple[int, int, str]]) -> str:
    """Return the text with each stretch replaced; a digit that follows is kept apart, so a mask ends after its last four."""
    parts: list[str] = []
    done = 0
    for start, end, by in places:
        parts += (text[done:start], by, " " if text[end : end + 1].isdecimal() else "")
        done = end
    return "".join([*parts, text[done:]])
