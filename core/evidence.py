"""What an app tells about a number for an evidence pack: named sections of rows. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from core.types import PhoneNumber

Row = dict[str, Any]  # JSON values only; its keys are documented in docs/how-to/evidence.md
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The number a pack is about, and the period of contacts it is limited to: [since, until), None = open."""

    number: PhoneNumber
    since: datetime | None = None
    until: datetime | None = None

    def limits(self, column: str) -> dict[str, datetime]:
        """Return the period as filters on a column."""
        bounds = {f"{column}__gte": self.since, f"{column}__lt": self.until}
        return {name: value for name, value in bounds.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One kind of row in a pack; `rows` is read once, so that a section may be larger than memory."""

    name: str
    rows: Iterable[Row]
    note: str = ""  # what a reader must know about the section; why it is empty, where it always is


def as_json(value: Any) -> Any:
    """Return a stored value as JSON: instants in UTC to the millisecond, dates as ISO; raises TypeError for anything unknown."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return value
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, AbstractSet):
        return sorted(as_json(item) for item in value)
    if isinstance(value, Sequence):
        return [as_json(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no place in an evidence pack.")


def columns(row: object, *names: str) -> Row:
    """Return the named attributes of a stored row as JSON values."""
    return {name: as_json(getattr(row, name)) for name in names}


def in_chunks(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the rows in lists of at most `size`, in order."""
    left = iter(rows)
    while chunk := list(islice(left, size)):
        yield chunk
