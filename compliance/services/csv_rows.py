"""A CSV file as rows of named cells, and the cells as values; what cannot be read says so in words."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeVar

from core.errors import AppError
from core.types import PhoneError, PhoneNumber, parse_phone

Word = TypeVar("Word", bound=StrEnum)
YES: Final = frozenset({"yes", "y", "true", "1", "x"})
NO: Final = frozenset({"", "no", "n", "false", "0"})
SHOWN: Final = 120  # characters of a refused row that are kept


class FileRefused(AppError):
    """The file cannot be read as a table at all; nothing was stored."""


class BadCell(ValueError):
    """One cell cannot be read; the text says which and what to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the file. `problem`: why it cannot be read as a row."""

    line: int  # in the file, where the row ends; the heading is 1
    cells: Mapping[str, str]
    problem: str = ""

    @property
    def shown(self) -> str:
        """Return the beginning of the row, to recognise it by."""
        return ",".join(self.cells.values())[:SHOWN]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A row that was not stored, and why."""

    line: int
    shown: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of a file: each row is in exactly one of the three."""

    accepted: int
    duplicates: int
    refused: tuple[RefusedRow, ...]

    @property
    def rows(self) -> int:
        """Return how many rows came in."""
        return self.accepted + self.duplicates + len(self.refused)


def read_rows(lines: Iterable[str], *, known: frozenset[str], needed: frozenset[str]) -> Iterator[Row]:
    """Yield the rows under the heading; blank lines are none. Raises FileRefused for a heading that will not do."""
    reader = csv.reader(line.replace("\x00", "") for line in lines)
    heading: list[str] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not heading:
                heading = _heading(cells, known, needed)
                continue
            yield _row(reader.line_num, heading, cells)
    except csv.Error as error:
        raise FileRefused(f"Line {reader.line_num} cannot be read as CSV: {error}.") from error
    if not heading:
        raise FileRefused(
            f"The file is empty. Its first line must name the columns: {', '.join(sorted(needed))}."
        )


def phone(cells: Mapping[str, str]) -> PhoneNumber:
    """Return the cell “number” in E.164."""
    try:
        return parse_phone(cells.get("number", ""))
    except PhoneError as error:
        raise BadCell(str(error)) from None


def instant(cells: Mapping[str, str], name: str) -> datetime | None:
    """Return a cell with date, time and zone (ISO 8601) in UTC, None when it is empty."""
    text = cells.get(name, "").strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadCell(
            f"{name} “{text[:30]}” is no date with time and zone: write it like 2026-11-20T14:05:00+00:00."
        )
    return found.astimezone(UTC)


def word(cells: Mapping[str, str], name: str, kind: type[Word], default: Word | None = None) -> Word:
    """Return a cell as a word of a closed list."""
    text = cells.get(name, "").strip().lower()
    if not text and default is not None:
        return default
    try:
        return kind(text)
    except ValueError:
        raise BadCell(
            f"{name} “{text[:30]}” is not one of {', '.join(each.value for each in kind)}."
        ) from None


def words(cells: Mapping[str, str], name: str, kind: type[Word]) -> frozenset[Word]:
    """Return a cell of words of a closed list with semicolons between them."""
    return frozenset(word({name: text}, name, kind) for text in names(cells, name))


def names(cells: Mapping[str, str], name: str) -> frozenset[str]:
    """Return a cell of names with semicolons between them."""
    return frozenset(text.strip() for text in cells.get(name, "").split(";")) - {""}


def yes(cells: Mapping[str, str], name: str) -> bool:
    """Return a cell of yes or no; empty is no."""
    text = cells.get(name, "").strip().lower()
    if text in YES:
        return True
    if text in NO:
        return False
    raise BadCell(f"{name} “{text[:30]}” is neither yes nor no.")


def _heading(cells: list[str], known: frozenset[str], needed: frozenset[str]) -> list[str]:
    heading = [cell.strip().lstrip("\ufeff").lower().replace(" ", "_") for cell in cells]
    unknown = sorted(set(heading) - known)
    if unknown:
        # A column nobody reads is evidence lost without a word.
        raise FileRefused(f"There is no column “{unknown[0][:40]}”. Columns are: {', '.join(sorted(known))}.")
    if len(set(heading)) != len(heading):
        raise FileRefused("A column stands in the heading twice.")
    missing = sorted(needed - set(heading))
    if missing:
        raise FileRefused(f"The column “{missing[0]}” is missing.")
    return heading


def _row(line: int, heading: list[str], cells: list[str]) -> Row:
    if len(cells) > len(heading):
        named = dict(zip(heading, cells, strict=False))
        return Row(line=line, cells=named, problem="the row has more cells than the heading")
    return Row(line=line, cells=dict(zip(heading, cells + [""] * (len(heading) - len(cells)), strict=True)))
