"""A registry file's lines, read by the million: pieces of one shape at once with numpy, anything unusual line by line, exactly."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from compliance.registry.numbering import (
    BOM,
    CODES,
    DIGITS,
    LINE_LIMIT,
    LINES,
    Indexes,
    read_number,
    shown,
)
from compliance.registry.plans import NORTH_AMERICA, Plan
from compliance.registry.sources import CHUNK, Reader

SMALL: Final = 16 * 1024  # a piece this small is read line by line, if it is not of one shape
_ZERO: Final = np.uint8(ord("0"))


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that holds no number."""

    line: int  # from 1, as an editor counts
    text: str
    reason: str  # words after "is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Some lines: the numbers in them in order, and what was not one. Blank lines and the heading are only skipped."""

    lines: int
    indexes: Indexes
    refused: tuple[Refused, ...] = ()
    matrix: NDArray[np.uint8] | None = None  # the lines themselves, one a row, when all are of one shape
    first_line: int = 1  # of the matrix
    texts: tuple[bytes, ...] = ()  # the lines with a number, otherwise
    numbers: tuple[int, ...] = ()  # and their places in the file
    heading: bytes = b""  # a CSV file's first line

    def take(self, wanted: NDArray[np.bool_]) -> bytes:
        """Return the lines, as they were, of those numbers that are `wanted`."""
        if self.matrix is not None:
            return self.matrix[wanted].tobytes()
        return b"".join(text for text, is_wanted in zip(self.texts, wanted, strict=True) if is_wanted)

    def number_of(self, row: int) -> int:
        """Return which line of the file the row's number stood on."""
        return self.first_line + row if self.matrix is not None else self.numbers[row]

    def text_of(self, row: int) -> bytes:
        """Return the line the row's number stood on."""
        return self.matrix[row].tobytes() if self.matrix is not None else self.texts[row]


def segments(reader: Reader, plan: Plan = NORTH_AMERICA) -> Iterator[Segment]:
    """Yield all lines of a file as segments, in order."""
    first_line = 1
    for piece in pieces(reader):
        found = (
            _split(piece, first_line) if plan is NORTH_AMERICA else [_line_by_line(piece, first_line, plan)]
        )
        for segment in found:
            first_line += segment.lines
            yield segment


def pieces(reader: Reader) -> Iterator[bytes]:
    """Yield the file in pieces of whole lines, each ended by a newline.

    Of a line beyond the limit only so much is kept as shows that it is too long, so a file without newlines takes no memory.
    """
    rest = b""
    while data := reader.read(CHUNK):
        cut = data.rfind(b"\n") + 1
        if not cut:
            rest = (rest + data)[: LINE_LIMIT + 2] if len(rest) + len(data) > LINE_LIMIT else rest + data
            continue
        yield rest + data[:cut]
        rest = data[cut:]
        if len(rest) > LINE_LIMIT:
            rest = rest[: LINE_LIMIT + 2]
    if rest:
        yield rest + b"\n"


def _split(piece: bytes, first_line: int) -> Iterator[Segment]:
    """Yield the piece at once if it is of one shape, else its halves; a small one line by line."""
    segment = _of_one_shape(piece, first_line)
    if segment is not None:
        yield segment
        return
    middle = piece.find(b"\n", len(piece) // 2) + 1
    if len(piece) <= SMALL or middle in (0, len(piece)):
        yield _line_by_line(piece, first_line, NORTH_AMERICA)
        return
    for half in (piece[:middle], piece[middle:]):
        for segment in _split(half, first_line):
            first_line += segment.lines
            yield segment


def _of_one_shape(piece: bytes, first_line: int) -> Segment | None:
    """Return the segment of a piece whose lines differ in their ten digits alone, None for any other."""
    length = piece.find(b"\n") + 1
    head = piece[:length]
    if length > LINE_LIMIT or len(piece) % length or read_number(head) is None:
        return None
    matrix = np.frombuffer(piece, np.uint8).reshape(-1, length)
    places = [place for place, byte in enumerate(head) if 48 <= byte <= 57][-DIGITS:]  # a leading 1 is fixed
    fixed = sorted(set(range(length)) - set(places), reverse=True)  # the newline first: it fails soonest
    if any((matrix[:, place] != head[place]).any() for place in fixed):
        return None
    in_a_row = places[-1] - places[0] == DIGITS - 1
    columns = matrix[:, places[0] : places[-1] + 1] if in_a_row else matrix[:, places]
    digits = np.ascontiguousarray(columns.T) - _ZERO
    if digits.max() > 9 or digits[0].min() < 2 or digits[3].min() < 2:
        return None
    return Segment(lines=len(matrix), indexes=_join(digits), matrix=matrix, first_line=first_line)


def _join(digits: NDArray[np.uint8]) -> Indexes:
    """Return the places of numbers given as ten rows of digits."""
    area, prefix, line = (_value(digits[start:end]) for start, end in ((0, 3), (3, 6), (6, 10)))
    block = (area - 200) * CODES + (prefix - 200)
    return block.astype(np.int64) * LINES + line


def _value(digits: NDArray[np.uint8]) -> NDArray[np.int32]:
    value: NDArray[np.int32] = digits[0].astype(np.int32)
    for row in digits[1:]:
        value *= 10
        value += row
    return value


def _line_by_line(piece: bytes, first_line: int, plan: Plan) -> Segment:
    indexes: list[int] = []
    texts: list[bytes] = []
    numbers: list[int] = []
    refused: list[Refused] = []
    lines = piece.split(b"\n")[:-1]
    for number, line in enumerate(lines, start=first_line):
        bare = line.removeprefix(BOM) if number == 1 else line
        index = plan.read(bare)
        if index is not None:
            indexes.append(index)
            texts.append(bare + b"\n")
            numbers.append(number)
        elif not is_skipped(bare, number):
            refused.append(Refused(number, shown(bare), plan.why_not(bare)))
    return Segment(
        lines=len(lines),
        indexes=np.array(indexes, np.int64),
        refused=tuple(refused),
        texts=tuple(texts),
        numbers=tuple(numbers),
    )


def is_skipped(line: bytes, number: int) -> bool:
    """Return whether a line is no row: blank, or the first one and without a digit (a heading)."""
    return not line.strip() or (
        number == 1 and len(line) <= LINE_LIMIT and not any(48 <= byte <= 57 for byte in line)
    )
