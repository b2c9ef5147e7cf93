"""A file somebody uploads → header and rows, or one clear sentence why it cannot be read. Pure.

The file is never held in memory: check() runs through it once and refuses before anything is stored; read() runs again.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from campaigns import csvheader
from campaigns.importing import RawPerson
from core.cells import unmended

MAX_COLUMNS = 200
SAMPLE_ROWS = 20
OUR_COLUMNS = ("line", "reason")
ENCODINGS: Mapping[str, str] = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8 with its mark", "utf-16": "UTF-16", "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)", "cp1251": "Windows-1251 (Cyrillic)", "mac_roman": "Mac Roman",
    "shift_jis": "Shift JIS (Japan)",
}  # fmt: skip
MAX_LINE_CHARACTERS = 1_000_000
SEPARATORS: Mapping[str, str] = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SAVE_AS_CSV = "Open it in your spreadsheet and save it as “CSV UTF-8 (comma separated)”."

_SIGNATURES: Sequence[tuple[bytes, str]] = (
    (b"PK\x03\x04", f"This is an Excel file (or another zip archive), not a CSV. {SAVE_AS_CSV}"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", f"This is an Excel file (.xls), not a CSV. {SAVE_AS_CSV}"),
    (b"%PDF", "This is a PDF, not a CSV. Export the list as CSV from where the PDF was made."),
    (b"\x1f\x8b", "This file is compressed (gzip). Unpack it and upload the CSV inside."),
    (b"\x89PNG", "This is a picture, not a CSV."),
    (b"\xff\xd8\xff", "This is a picture, not a CSV."),
)
_MARKUP = re.compile(rb"\s*<(!doctype|html|\?xml|table|head|body)", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_EXCEL_SEPARATOR = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_YES_LITERALLY_NO = frozenset({"", "0", "n", "no", "f", "false", "none", "off", "-"})


class CsvRefused(ValueError):
    """The file cannot be imported; the text says why, with the line, and what to do."""


class _WrongEncoding(Exception):
    """The bytes are not text of the encoding tried."""


@dataclass(frozen=True, slots=True)
class CsvTable:
    """What was found out about a readable file."""

    encoding: str
    separator: str
    header: Sequence[str]
    columns: csvheader.Columns
    row_count: int
    has_header: bool = True
    samples: Sequence[Sequence[str]] = ()  # the first rows' cells

    @property
    def is_ours(self) -> bool:
        """Return whether the file is a download of rows with their line and reason, which mends its cells against formulas."""
        return tuple(self.header[:2]) == OUR_COLUMNS


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row: the line it begins on (the first line of the file is 1), its cells as written, and the person they name."""

    line: int
    cells: Sequence[str]
    person: RawPerson


def check(stream: BinaryIO, *, max_rows: int) -> CsvTable:
    """Run through the whole file and return what read() needs; raises CsvRefused, and nothing else, for any bytes.

    Accepted are UTF-8 with or without a mark, UTF-16 with one, and Windows-1252 if every byte is text in it. Stops at the
    first row too many, so a file of any length is refused in the time `max_rows` rows take.
    """
    table = inspect(stream, max_rows=max_rows)
    _refuse_twice(table.header)
    if not table.columns.phones:
        found = ", ".join(f"“{_shown(name)}”" for name in table.header[:12] if name) or "none"
        known = ", ".join(csvheader.PHONE_NAMES)
        raise CsvRefused(
            f"No column for phone numbers. The first line must name the columns; found: {found}"
            f"{' and more' if len(table.header) > 12 else ''}. Name one of them {known}."
        )
    return table


def inspect(
    stream: BinaryIO, *, max_rows: int, encoding: str = "", separator: str = "", has_header: bool = True
) -> CsvTable:
    """As check(), with whatever column names: somebody says later what they mean. What is not given is found out."""
    head = _head(stream)
    tried = (encoding,) if encoding else _encodings(head)
    for each in tried:
        try:
            return _scan(stream, each, max_rows, separator, has_header)
        except (UnicodeError, _WrongEncoding):
            continue
    line, byte = _first_bad_byte(stream, tried[0])
    if encoding:
        raise CsvRefused(
            f"Line {line} has bytes that are not text in {ENCODINGS.get(encoding, encoding)} (byte {byte} of the line). "
            "Choose another encoding."
        )
    raise CsvRefused(
        f"Line {line} has bytes that are not text (byte {byte} of the line): the file is neither UTF-8 nor Windows-1252. "
        f"{SAVE_AS_CSV}"
    )


def read(stream: BinaryIO, table: CsvTable) -> Iterator[CsvRow]:
    """Yield the rows of a file that check() accepted, in order."""
    for line, cells in read_cells(stream, table):
        yield CsvRow(line=line, cells=cells, person=person_of(line, cells, table.columns))


def read_cells(stream: BinaryIO, table: CsvTable) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of each row of a file that inspect() accepted, in order."""
    with _text(stream, table.encoding) as text:
        rows = _rows(text, table.separator)
        if table.has_header:
            next(rows, None)
        if table.is_ours:
            rows = ((line, [unmended(cell) for cell in cells]) for line, cells in rows)
        yield from rows


def _head(stream: BinaryIO) -> bytes:
    stream.seek(0)
    head = stream.read(4_096)
    if not head.strip():
        raise CsvRefused(
            "The file is empty. It needs a line with the column names, and a row for each person."
        )
    for signature, sentence in _SIGNATURES:
        if head.startswith(signature):
            raise CsvRefused(sentence)
    if _MARKUP.match(head.removeprefix(codecs.BOM_UTF8)):
        raise CsvRefused(
            "This is a web page or XML, not a CSV. Export the list as CSV, and upload that file."
        )
    return head


def _encodings(head: bytes) -> Sequence[str]:
    if head.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    return ("utf-8", "cp1252")


def _scan(stream: BinaryIO, encoding: str, max_rows: int, separator: str, has_header: bool) -> CsvTable:
    if not separator:
        with _text(stream, encoding) as text:
            separator = _separator(text)
    with _text(stream, encoding) as text:
        rows = _rows(text, separator)
        _, first = next(rows, (0, []))
        if not first:
            raise CsvRefused(
                "The file is empty. It needs a line with the column names, and a row for each person."
            )
        names = [name.strip() for name in first]
        _refuse_wide(names)
        count, samples = (0, []) if has_header else (1, [first])
        for _, cells in rows:
            count += 1
            if count > max_rows:
                raise CsvRefused(
                    f"The file has more than {max_rows:,} rows. Split it into files of at most {max_rows:,} rows each."
                )
            if len(samples) < SAMPLE_ROWS:
                samples.append(cells)
    if not count:
        raise CsvRefused("The file has column names but no rows.")
    header = names if has_header else [f"Column {position}" for position in range(1, len(names) + 1)]
    return CsvTable(
        encoding, separator, tuple(header), csvheader.recognise(header), count, has_header, tuple(samples)
    )


def _refuse_wide(header: Sequence[str]) -> None:
    if len(header) > MAX_COLUMNS:
        raise CsvRefused(
            f"The file has {len(header):,} columns; at most {MAX_COLUMNS} can be read. Remove some and try again."
        )


def _refuse_twice(header: Sequence[str]) -> None:
    seen: dict[str, int] = {}
    for position, name in enumerate(header, start=1):
        key = csvheader.normal(name)
        if key and key in seen:
            raise CsvRefused(
                f"The column “{_shown(name)}” is there twice (columns {seen[key]} and {position}). Rename or remove one."
            )
        seen[key] = position


def _separator(text: io.TextIOWrapper) -> str:
    """Return the separator that makes most sense of the first line with text in it."""
    first = next((line for line in _lines(text) if line.strip()), "")
    told = _EXCEL_SEPARATOR.fullmatch(first)
    if told and told[1] in SEPARATORS:
        return told[1]

    def sense(separator: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([first], delimiter=separator), [])
        except csv.Error:
            return (0, 0)
        columns = csvheader.recognise(cells)
        return (len(columns.phones) + len(columns.fields), len(cells))

    return max(SEPARATORS, key=sense)


def _rows(text: io.TextIOWrapper, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) for the header and each row that is not an empty line; each has as many cells as the header."""
    reader = csv.reader(_lines(text), delimiter=separator, strict=True)
    width = 0
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise CsvRefused(_csv_problem(begins, error)) from None
        line, begins = begins, reader.line_num + 1
        if not any(cells) and (not width or not cells):
            continue
        if not width:
            if line == 1 and len(cells) <= 2 and _EXCEL_SEPARATOR.fullmatch(separator.join(cells)):
                continue
            width = len(cells)
        if len(cells) > width and not any(cells[width:]):
            cells = cells[:width]
        if len(cells) != width:
            raise CsvRefused(
                f"Line {line:,} has {len(cells)} columns, the header has {width}. Check the quotation marks and "
                f"separators ({SEPARATORS[separator]}) of that line."
            )
        yield line, cells


def _csv_problem(line: int, error: csv.Error) -> str:
    words = str(error)
    if "field larger" in words:
        return f"Line {line:,} has a cell that is too long. A quotation mark opened there is probably never closed."
    if "end of data" in words:
        return f"A quotation mark opened on line {line:,} is never closed. Close it or remove it."
    return f'Line {line:,} has a quotation mark in the middle of a cell. Double it ("") or remove it.'


@contextmanager
def _text(stream: BinaryIO, encoding: str) -> Iterator[io.TextIOWrapper]:
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, newline=None)
    try:
        yield text
    finally:
        if not stream.closed:
            text.detach()  # the wrapper would close the caller's file with itself


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(MAX_LINE_CHARACTERS + 1):
        number += 1
        if len(line) > MAX_LINE_CHARACTERS:
            raise CsvRefused(
                f"Line {number:,} is longer than {MAX_LINE_CHARACTERS:,} characters: this is not a list."
            )
        if "\x00" in line:
            raise CsvRefused(
                f"Line {number:,} contains NUL bytes: this is not a text file, or UTF-16 without its mark. "
                f"{SAVE_AS_CSV}"
            )
        if text.encoding == "cp1252" and _CONTROLS.search(line):
            raise _WrongEncoding
        yield line


def _first_bad_byte(stream: BinaryIO, encoding: str) -> tuple[int, int]:
    """Return line and byte (both from 1) where the file stops being text of the encoding."""
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    line, line_began, offset = 1, 0, 0
    held = 0  # bytes the decoder still keeps from the piece before
    while True:
        piece = stream.read(65_536)
        try:
            decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            bad = max(offset - held + error.start, 0)
            stream.seek(line_began)
            before = stream.read(bad - line_began)
            return line + before.count(b"\n"), bad - line_began - (before.rfind(b"\n") + 1) + 1
        except UnicodeError:  # of UTF-16: no mark to begin with
            return 1, 1
        if not piece:
            return line, 1
        held = len(decoder.getstate()[0])
        breaks = piece[: len(piece) - held].count(b"\n")
        if breaks:
            line += breaks
            line_began = offset + piece[: len(piece) - held].rfind(b"\n") + 1
        offset += len(piece)


def person_of(line: int, cells: Sequence[str], columns: csvheader.Columns) -> RawPerson:
    """Return the person a row's cells name."""
    values: dict[str, str] = {}
    for meaning, indexes in columns.fields.items():
        for index in indexes:
            if value := cells[index].strip():
                values[meaning] = value
                break
    do_not_call = (
        values.pop("do_not_call", "").casefold() not in _YES_LITERALLY_NO
    )  # any other word means yes
    name = values.pop("name", "")
    if name and not values.get("first_name") and not values.get("last_name"):
        values["first_name"], values["last_name"] = _split_name(name)
    phones = tuple((kind, cells[index]) for kind, index in columns.phones)
    custom = {key: cells[index] for key, index in columns.custom.items()} if columns.custom else {}
    return RawPerson(row_number=line, phones=phones, do_not_call=do_not_call, custom=custom, **values)


def _split_name(name: str) -> tuple[str, str]:
    if "," in name:
        last, _, first = name.partition(",")
    else:
        first, _, last = name.rpartition(" ")
        first, last = (first, last) if first else (last, "")
    return first.strip(), last.strip()


def _shown(name: str) -> str:
    return "".join(character if character.isprintable() else "�" for character in name[:40])
