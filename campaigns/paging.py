"""Keyset paging: a page begins after a row's id, so that page 900 costs what page 1 costs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, QuerySet

Row = TypeVar("Row")
M = TypeVar("M", bound=Model)
SIZE = 50


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: after a row, or ends: before a row. 0 is neither."""

    after: int = 0
    before: int = 0

    @classmethod
    def of(cls, query: "Callable[[str, str], str]") -> "Cursor":
        """Read ?after= and ?before=; anything that is not a number is the first page."""
        after, before = query("after", ""), query("before", "")
        return cls(after=_number(after), before=_number(before))


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows in order of their ids, and which rows stand at the borders."""

    rows: Sequence[Row]
    first: int
    last: int
    has_previous: bool
    has_next: bool
    total: int | None = None  # None where counting would cost more than it tells


@dataclass(frozen=True, slots=True)
class Pager:
    """What _pager.html shows."""

    shown: str
    total_text: str
    previous_url: str
    next_url: str


def page_of(
    queryset: QuerySet[M], cursor: Cursor, as_row: Callable[[M], Row], *, total: int | None = None
) -> Page[Row]:
    """Read one page in one query. The queryset must not be ordered or cut."""
    if cursor.before:
        found = list(queryset.filter(pk__lt=cursor.before).order_by("-pk")[: SIZE + 1])
        has_previous, has_next = len(found) > SIZE, True
        found = found[:SIZE][::-1]
    else:
        found = list(queryset.filter(pk__gt=cursor.after).order_by("pk")[: SIZE + 1])
        has_previous, has_next = cursor.after > 0, len(found) > SIZE
        found = found[:SIZE]
    first, last = (found[0].pk, found[-1].pk) if found else (0, 0)
    return Page([as_row(row) for row in found], first, last, has_previous, has_next, total)


def pager(page: Page[Row], *, path: str, word: str, **query: str | Sequence[str]) -> Pager:
    """Return the links of a page; `query` are the filters that stay, `word` says what the rows are."""
    kept = {name: value for name, value in query.items() if value}

    def link(**cursor: int) -> str:
        return f"{path}?{urlencode({**kept, **cursor}, doseq=True)}"

    return Pager(
        shown=f"{len(page.rows):,} {word}",
        total_text="" if page.total is None else f"{page.total:,}",
        previous_url=link(before=page.first) if page.has_previous and page.first else "",
        next_url=link(after=page.last) if page.has_next and page.last else "",
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
