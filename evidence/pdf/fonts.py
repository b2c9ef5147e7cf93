"""The document's typeface, embedded, and what it cannot print."""

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

PLAIN = "Parley-Plain"
BOLD = "Parley-Bold"
_FILES = {PLAIN: "DejaVuSansCondensed.ttf", BOLD: "DejaVuSansCondensed-Bold.ttf"}
_FOLDER = Path(__file__).resolve().parent.parent / "fonts"
_SIMPLE = re.compile(r"[ -~\u00a0-\u00ff]*")
NAMED_AT_MOST = 6
# Written from right to left, or letters that change with their neighbours: printed one by one they would mislead.
_NOT_LINEAR = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "PDF", "PDI", "FSI"})


def register() -> None:
    """Make the typeface known to the PDF library, once a process."""
    for name, file in _FILES.items():
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(_FOLDER / file)))


def printable(text: str) -> str:
    """Return the text with what the typeface cannot print named by code point, never left as an empty box.

    Line feeds and tabs become spaces; other control characters are named too.
    """
    flat = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\n", " ").replace("\t", " "))
    if _SIMPLE.fullmatch(flat):
        return flat
    shown: list[str] = []
    hidden: list[str] = []
    for letter in flat:
        if _can_print(letter):
            shown.append(_named(hidden))
            hidden = []
            shown.append(letter)
        else:
            hidden.append(letter)
    return "".join([*shown, _named(hidden)])


def has_hidden(text: str) -> bool:
    """Return whether the text holds something the typeface cannot print."""
    return "[not printable:" in printable(text)


@lru_cache(maxsize=50_000)
def width(text: str, font: str, size: float) -> float:
    """Return how wide the text is, in points; remembered, since words repeat."""
    return pdfmetrics.stringWidth(text, font, size)


def _named(hidden: list[str]) -> str:
    if not hidden:
        return ""
    points = " ".join(f"U+{ord(letter):04X}" for letter in hidden[:NAMED_AT_MOST])
    more = f" and {len(hidden) - NAMED_AT_MOST} more" if len(hidden) > NAMED_AT_MOST else ""
    return f"[not printable: {points}{more}]"


@cache
def _can_print(letter: str) -> bool:
    register()
    if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn"):
        return False
    if unicodedata.bidirectional(letter) in _NOT_LINEAR:
        return False
    font = pdfmetrics.getFont(PLAIN)
    assert isinstance(font, TTFont)
    return bool(font.face.charToGlyph.get(ord(letter)))
