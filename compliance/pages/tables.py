"""The one shape in which the compliance lists and forms reach the templates: columns, cells, links. No queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse

from core.types import format_phone

NUMBER = "num"
SHORT = "nowrap"
WIDE = "wide"
NOTHING = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A way on. `key` is the page's key for it, where it has one."""

    words: str
    href: str
    about: str = ""  # what it acts on, for readers: a list has many links of the same words
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell. With a tone it is a badge; `at` is an instant; `sub` stands below in grey."""

    text: str = ""
    href: str = ""
    tone: str | None = None  # is-good, is-warn, is-bad, is-info, or "" for a plain badge
    at: datetime | None = None
    sub: str = ""
    mono: bool = False
    details: str = ""  # long text behind a fold, word by word
    links: tuple[Link, ...] = ()
    opens_row: bool = False  # the link fills the row


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A heading and how its cells are set: NUMBER, SHORT or WIDE."""

    name: str
    kind: str = WIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: cells with the columns they stand in."""

    cells: tuple[tuple[Column, Cell], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; without rows, what would be here and the first step."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    empty_title: str = ""
    empty_text: str = ""
    empty_link: Link | None = None
    heading: str = ""  # shown above; the caption is for readers only


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """A figure above a list."""

    value: str
    label: str
    tone: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """Where the page stands: the tab, and the one below it."""

    top: str
    sub: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """A page of tables."""

    title: str
    tab: Tab
    intro: str = ""
    warning: str = ""
    actions: tuple[Link, ...] = ()  # the first is the page's primary one
    stats: tuple[Stat, ...] = ()
    tables: tuple[Table, ...] = ()
    is_filtered: bool = False
    clear_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPage:
    """A page with one form."""

    title: str
    tab: Tab
    button: str
    cancel: str  # where to go without doing it
    intro: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    warning: str = ""
    is_upload: bool = False
    is_danger: bool = False
    tables: tuple[Table, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPage:
    """A page that asks once, naming what will be; with `refuse` it can be turned down too."""

    title: str
    tab: Tab
    facts: tuple[tuple[str, str], ...]
    button: str
    cancel: str
    warning: str = ""
    refuse: str = ""


def table(
    caption: str,
    columns: Sequence[tuple[str, str]],
    rows: Iterable[Sequence[Cell]],
    *,
    empty: tuple[str, str] = ("", ""),
    first_step: Link | None = None,
    heading: str = "",
) -> Table:
    """Return a table of cells in the order of the columns, each (name, kind)."""
    heads = tuple(Column(name=name, kind=kind) for name, kind in columns)
    return Table(
        caption=caption,
        columns=heads,
        rows=tuple(Row(cells=tuple(zip(heads, row, strict=True))) for row in rows),
        empty_title=empty[0],
        empty_text=empty[1],
        empty_link=first_step,
        heading=heading,
    )


def text(value: object, sub: str = "") -> Cell:
    """Return a cell of words; a dash for nothing."""
    return Cell(text=str(value) if value not in (None, "") else NOTHING, sub=sub)


def count(value: int) -> Cell:
    """Return a cell of a count, with thousands apart."""
    return Cell(text=f"{value:,}")


def moment(at: datetime | None, sub: str = "") -> Cell:
    """Return a cell of an instant, shown in the reader's own zone."""
    return Cell(at=at, sub=sub) if at else Cell(text=NOTHING, sub=sub)


def day(on: date | None) -> str:
    """Return a day in words; a dash for none."""
    return f"{on.day} {on:%b %Y}" if on else NOTHING


def phone(number: str, sub: str = "") -> Cell:
    """Return a cell of a number that leads to all that is known about it."""
    if not number:
        return Cell(text=NOTHING, sub=sub)
    return Cell(
        text=format_phone(number), href=reverse("compliance-number", args=[number]), mono=True, sub=sub
    )


def listed(words: Iterable[str], otherwise: str) -> str:
    """Return words as a sentence lists them, or what stands for none."""
    return ", ".join(words) or otherwise


def url(name: str, *args: object, **query: object) -> str:
    """Return the address of a page with what is known put into it; empty values are left out."""
    asked = {key: str(value) for key, value in query.items() if value not in (None, "")}
    address = reverse(name, args=args)
    return f"{address}?{urlencode(asked)}" if asked else address
