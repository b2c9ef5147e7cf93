"""Scrubs a whole list: every row goes to the listed ones, the clean ones or the refused ones, as it was."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from compliance.registry.lines import Refused, Segment, segments
from compliance.registry.numbering import Indexes, read_number, shown, why_not
from compliance.registry.sources import ByteStream, Reader, SourceRefused, opened

ROWS_AT_ONCE: Final = 2_000_000  # fewer would read the registry more often, more would take more memory
CSV_ROWS_AT_ONCE: Final = 100_000
NOT_COVERED: Final = "of an area code no registry copy covers"

Judge = Callable[[Indexes], tuple[NDArray[np.bool_], NDArray[np.bool_]]]
"""Numbers' places in; out: whether each is listed, and whether a copy covers it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Where rows go."""

    listed: BinaryIO
    clean: BinaryIO
    refused: BinaryIO  # as line, text and reason, with tabs between


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrubbed:
    """What came of a list: rows = listed + clean + refused."""

    listed: int
    clean: int
    refused: int

    @property
    def rows(self) -> int:
        """Return how many rows the list had; blank lines and the heading are none."""
        return self.listed + self.clean + self.refused


def scrub_file(stream: ByteStream, judge: Judge, outputs: Outputs, *, column: str = "") -> Scrubbed:
    """Sort a list's rows into the outputs. Each line holds one number; or, with `column`, it is CSV with the number there.

    `column` is a heading, or a place counted from 1. Rows come out as they went in (CSV is quoted anew); with `column` the heading
    stands in both outputs. Raises SourceRefused for what is no list; what `judge` raises passes through.
    """
    totals = np.zeros(3, np.int64)
    outputs.refused.write(b"line\ttext\treason\n")
    with opened(stream) as reader:
        found = csv_segments(reader, column) if column else segments(reader)
        for group in _groups(found, CSV_ROWS_AT_ONCE if column else ROWS_AT_ONCE):
            totals += _sort_out(group, judge, outputs)
    listed, clean, refused = map(int, totals)
    return Scrubbed(listed=listed, clean=clean, refused=refused)


def csv_segments(reader: Reader, column: str) -> Iterator[Segment]:
    """Yield CSV rows as segments; raises SourceRefused if there is no such column, or the text is no CSV."""
    text = io.TextIOWrapper(
        io.BufferedReader(_Raw(reader)), encoding="utf-8-sig", errors="surrogateescape", newline=""
    )
    rows = csv.reader(text)
    try:
        first = next(rows, None)
        if first is None:
            return
        place = _place_of(column, first)
        is_heading = not column.isdigit() or (len(first) > place and not any(map(str.isdigit, first[place])))
        if is_heading:
            yield Segment(lines=1, indexes=np.empty(0, np.int64), heading=_as_csv(first))
        else:
            yield _csv_segment([(1, first)], place)
        batch: list[tuple[int, list[str]]] = []
        for row in rows:
            if row:
                batch.append((rows.line_num, row))
            if len(batch) >= CSV_ROWS_AT_ONCE:
                yield _csv_segment(batch, place)
                batch = []
        yield _csv_segment(batch, place)
    except csv.Error as error:
        raise SourceRefused(f"Line {rows.line_num} cannot be read as CSV: {error}.") from None


class _Raw(io.RawIOBase):
    """Makes a Reader what the text wrapper wants."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self._reader = reader

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer
        data = self._reader.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _place_of(column: str, heading: list[str]) -> int:
    if column.isdigit() and int(column) > 0:
        return int(column) - 1
    names = [name.strip().casefold() for name in heading]
    if column.strip().casefold() not in names:
        raise SourceRefused(
            f"The list has no column “{column}”. Its columns are: {', '.join(heading)[:200]}."
        )
    return names.index(column.strip().casefold())


def _csv_segment(rows: list[tuple[int, list[str]]], place: int) -> Segment:
    indexes: list[int] = []
    texts: list[bytes] = []
    numbers: list[int] = []
    refused: list[Refused] = []
    for number, row in rows:
        cell = row[place].encode(errors="surrogateescape") if len(row) > place else b""
        index = read_number(cell)
        if index is None:
            refused.append(Refused(number, shown(cell), why_not(cell)))
        else:
            indexes.append(index)
            texts.append(_as_csv(row))
            numbers.append(number)
    return Segment(
        lines=len(rows),
        indexes=np.array(indexes, np.int64),
        refused=tuple(refused),
        texts=tuple(texts),
        numbers=tuple(numbers),
    )


def _as_csv(row: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(row)
    return text.getvalue().encode(errors="surrogateescape")


def _groups(found: Iterable[Segment], size: int) -> Iterator[list[Segment]]:
    group: list[Segment] = []
    rows = 0
    for segment in found:
        group.append(segment)
        rows += len(segment.indexes)
        if rows >= size:
            yield group
            group, rows = [], 0
    yield group


def _sort_out(group: list[Segment], judge: Judge, outputs: Outputs) -> tuple[int, int, int]:
    indexes = np.concatenate([segment.indexes for segment in group]) if group else np.empty(0, np.int64)
    listed, covered = judge(indexes)
    clean = ~listed & covered
    refused = 0
    start = 0
    for segment in group:
        part = slice(start, start := start + len(segment.indexes))
        outputs.listed.write(segment.heading + segment.take(listed[part]))
        outputs.clean.write(segment.heading + segment.take(clean[part]))
        doubtful = np.flatnonzero(~listed[part] & ~clean[part])
        lines = [
            Refused(segment.number_of(int(row)), shown(segment.text_of(int(row))), NOT_COVERED)
            for row in doubtful
        ]
        for line in sorted([*segment.refused, *lines], key=lambda each: each.line):
            outputs.refused.write(f"{line.line}\t{line.text}\t{line.reason}\n".encode())
        refused += len(segment.refused) + len(lines)
    return int(listed.sum()), int(clean.sum()), refused
