"""An Excel workbook somebody uploads → text in CSV, or one clear sentence why not. Pure.

A workbook is a zip of XML: a small one may unpack to gigabytes, and a reader takes memory for every cell up to the last one, so
both are looked at before it is read. What formulas last gave is taken; nothing in the workbook is run.
"""

import csv
import io
import re
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import BinaryIO, cast

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from campaigns.csvfile import MAX_COLUMNS, CsvRefused

MAX_UNPACKED = 400 << 20
MAX_RATIO = 200  # of real workbooks it is 5 to 30
MAX_MEMBERS = 2_000
_CELL = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,4})(\d{1,9})["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
_OVERLAP = 64  # longer than what the two look for


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as text: a row a line, so that a line's number is the row's."""

    text: BinaryIO
    notes: Sequence[str]  # for people: what was left out or replaced


def looks_like_one(head: bytes) -> bool:
    """Return whether bytes begin as a zip archive does."""
    return head.startswith(b"PK\x03\x04")


def as_text(stream: BinaryIO, *, max_rows: int) -> Sheet:
    """Return the first sheet with rows as UTF-8 CSV; raises CsvRefused, and nothing else, for any bytes."""
    formulas = _examined(stream, max_rows)
    stream.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(stream)
        visible = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
        ]
        for name in visible:
            sheet = book.get_sheet_by_name(name)
            if sheet.height:
                break
        else:
            raise CsvRefused("The workbook has no visible sheet with rows in it.")
        text = _written(sheet.to_python(skip_empty_area=False))
    except CalamineError as error:
        raise CsvRefused(
            f"The workbook cannot be read ({str(error)[:80]}). Save it again as .xlsx, or as CSV."
        ) from None
    notes = []
    if len(visible) > 1:
        notes.append(f"Only the sheet “{name[:60]}” is read; the workbook has {len(visible)} sheets.")
    if formulas:
        notes.append(f"{formulas:,} cells hold formulas: what they last gave is read, the formulas are not.")
    return Sheet(text, tuple(notes))


def _examined(stream: BinaryIO, max_rows: int) -> int:
    """Refuse what is not a workbook or would not fit; return how many formulas there are."""
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            if "xl/workbook.xml" not in archive.namelist():
                raise CsvRefused(
                    "This is a zip archive and not an Excel workbook (.xlsx). Unpack it and upload the file inside."
                )
            packed = sum(member.compress_size for member in members) or 1
            unpacked = sum(member.file_size for member in members)
            if (
                len(members) > MAX_MEMBERS
                or unpacked > MAX_UNPACKED
                or (unpacked > 1 << 20 and unpacked / packed > MAX_RATIO)
            ):
                raise CsvRefused(
                    f"The workbook unpacks to {unpacked / 2**20:,.0f} MB, more than can be read. Save the sheet as CSV and upload that."
                )
            return sum(
                _examined_part(archive, member, max_rows)
                for member in members
                if member.filename.endswith((".xml", ".rels"))
            )
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        if isinstance(error, CsvRefused):
            raise
        raise CsvRefused(
            "The workbook is damaged or protected by a password. Save it again without one, or as CSV."
        ) from None


def _examined_part(archive: zipfile.ZipFile, member: zipfile.ZipInfo, max_rows: int) -> int:
    is_sheet = member.filename.startswith("xl/worksheets/")
    formulas, tail = 0, b""
    with archive.open(member) as part:
        while piece := part.read(1 << 20):
            if b"<!DOCTYPE" in tail + piece or b"\x00" in piece:
                raise CsvRefused(
                    "The workbook holds XML that Excel does not write. Save it again, or as CSV."
                )
            if is_sheet:
                whole = tail + piece
                formulas += len(_FORMULA.findall(whole)) - len(_FORMULA.findall(tail))
                for letters, row in _CELL.findall(whole):
                    if _column(letters) > MAX_COLUMNS:
                        raise CsvRefused(
                            f"The sheet has cells in column {letters.decode()}; at most {MAX_COLUMNS} columns can be read. Remove some "
                            "and try again."
                        )
                    if int(row) > max_rows + 1:
                        raise CsvRefused(
                            f"The sheet has cells in row {int(row):,}; at most {max_rows:,} rows can be read. Split it, or delete the "
                            "empty rows at its end."
                        )
            tail = piece[-_OVERLAP:]
    return formulas


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _written(rows: Sequence[Sequence[object]]) -> BinaryIO:
    file = tempfile.SpooledTemporaryFile(max_size=8 << 20)  # noqa: SIM115 - the caller reads it and closes it
    text = io.TextIOWrapper(cast(BinaryIO, file), encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        cells = [_cell(value) for value in row]
        if any(cells):
            writer.writerow(cells)
        else:
            text.write("\n")
    text.flush()
    text.detach()
    file.seek(0)
    return cast(BinaryIO, file)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return (
            value.date().isoformat()
            if value.time() == time()
            else value.isoformat(sep=" ", timespec="minutes")
        )
    if isinstance(value, date | time | timedelta):
        return str(value)
    text = " ".join(str(value).split()) if isinstance(value, str) else str(value)
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
