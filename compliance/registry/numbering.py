"""The numbers a registry can hold, and how a line of text becomes one of them.

A number's place ("index") counts the possible numbers of the North American plan in order: area code 200 to 999, prefix 200 to
999, line 0000 to 9999. A block is the ten thousand lines of one area code and prefix.
"""

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

Indexes = NDArray[np.int64]

CODES: Final = 800  # area codes, and prefixes of each: 200 to 999
LINES: Final = 10_000
BLOCKS: Final = CODES * CODES
BLOCK_BYTES: Final = LINES // 8
LINE_LIMIT: Final = 200  # bytes; a longer line is no registry line
TEXT_KEPT: Final = 60
DIGITS: Final = 10

SPACING: Final = b" \t\r\n\x0b\x0c,;().-\"'"
BOM: Final = b"\xef\xbb\xbf"
_PLAIN = re.compile(rb"(?:\+?1)?([2-9][0-9]{2})([2-9][0-9]{2})([0-9]{4})")
_E164 = re.compile(r"\+1([2-9][0-9]{2})([2-9][0-9]{2})([0-9]{4})")
_CHANGE_END = re.compile(rb",\s*\"?[AaDd]\"?\s*\Z")


def index_of(e164: str) -> int | None:
    """Return the place of an E.164 number; None for a number no US registry can hold."""
    found = _E164.fullmatch(e164)
    return _place(*map(int, found.groups())) if found else None


def indexes_of(numbers: Indexes) -> Indexes:
    """Return the places of ten-digit numbers; raises ValueError if one of them cannot be a number."""
    # The fourth digit is the prefix's first: prefixes begin with 2 to 9, like area codes.
    wrong = (numbers < 2_000_000_000) | (numbers > 9_999_999_999) | (numbers // 1_000_000 % 10 < 2)
    if wrong.any():
        raise ValueError(f"{int(numbers[wrong][0])} is not a ten-digit US or Canadian number.")
    prefixes = numbers // LINES
    return ((prefixes // 1000 - 200) * CODES + prefixes % 1000 - 200) * LINES + numbers % LINES


def read_number(line: bytes) -> int | None:
    """Return the place of the number a line holds: ten digits in any usual spelling, a leading 1 allowed; None if it has none."""
    if len(line) > LINE_LIMIT:
        return None
    found = _PLAIN.fullmatch(line.translate(None, SPACING))
    return _place(int(found[1]), int(found[2]), int(found[3])) if found else None


def why_not(line: bytes) -> str:
    """Return why a line without a number is refused, as words after “is”."""
    bare = line.translate(None, SPACING)
    digits = bare.removeprefix(b"+")
    if len(line) > LINE_LIMIT:
        return f"longer than {LINE_LIMIT} characters"
    if b"\x00" in line:
        return "not plain text: it holds a NUL byte"
    if _CHANGE_END.search(line):
        return "a line of a change file: load the file as one"
    if not digits.isdigit():
        return "not a ten-digit US or Canadian number"
    if bare.startswith(b"+") and not digits.startswith(b"1"):
        return "not a US or Canadian number"
    if len(digits) == DIGITS + 1 and digits.startswith(b"1"):
        digits = digits[1:]
    if len(digits) != DIGITS:
        return f"{len(digits)} digits long, a number has {DIGITS}"
    return f"of {'an area code' if digits[0] < ord('2') else 'a prefix'} that cannot be"


def shown(line: bytes) -> str:
    """Return the beginning of a line as text that can be stored and shown anywhere."""
    text = line[: TEXT_KEPT * 4].decode("utf-8", errors="replace").strip()[:TEXT_KEPT]
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def _place(area: int, prefix: int, line: int) -> int:
    return ((area - 200) * CODES + prefix - 200) * LINES + line
