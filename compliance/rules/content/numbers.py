"""The content tables: read strictly from TOML, asked by name and day. Pure: the caller brings the text."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, datetime
from typing import Any, TypeVar, get_type_hints

from compliance.rules.content.rows import CONFIDENCES, SECTIONS, Duty, Number, Retention, Row, Words

R = TypeVar("R", bound=Row)


class TableError(ValueError):
    """A content table cannot be used; the message names file and row and says what to do."""


class NotInForce(LookupError):
    """A check asked for a row that no table has on that day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The rows of one day."""

    day: date
    rows: tuple[Row, ...]
    _index: Mapping[tuple[type[Row], str], Row] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", {(type(row), row.key): row for row in self.rows})

    def find(self, kind: type[R], key: str) -> R:
        """Return one row; raises NotInForce, saying what to add."""
        row = self._index.get((kind, key))
        if not isinstance(row, kind):
            raise NotInForce(
                f"No [[{kind.section}]] “{key}” is in force on {self.day}. Add the row to compliance/rules/packs/."
            )
        return row

    def amount(self, name: str) -> float:
        """Return a limit that is measured: seconds, fractions."""
        return float(self.find(Number, name).value)

    def whole(self, name: str) -> int:
        """Return a limit that is counted."""
        return int(self.find(Number, name).value)

    def words(self, name: str) -> tuple[str, ...]:
        """Return a list of words."""
        return self.find(Words, name).value

    def binds(self, name: str) -> bool:
        """Return whether a duty is in force that day."""
        return (Duty, name) in self._index

    def by_state(self, kind: type[R], name: str) -> dict[str, R]:
        """Return the rows "name.WA" by state."""
        found = [row for row in self.of(kind) if row.key.startswith(f"{name}.")]
        return {row.key.removeprefix(f"{name}."): row for row in found}

    def of(self, kind: type[R]) -> tuple[R, ...]:
        """Return all rows of one section, in the order of the files."""
        return tuple(row for row in self.rows if isinstance(row, kind))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentNumbers:
    """All rows of all dates."""

    rows: tuple[Row, ...]

    def on(self, day: date) -> InForce:
        """Return the rows in force that day."""
        return InForce(day=day, rows=tuple(row for row in self.rows if row.is_in_force(day)))


def load(text: str, *, file: str = "content.toml") -> ContentNumbers:
    """Return the tables of one file.

    Raises TableError for unknown sections or keys, a missing citation, a bad confidence mark, overlapping dates.
    """
    return load_all({file: text})


def load_all(texts: Mapping[str, str]) -> ContentNumbers:
    """Return the tables of several files by name; dates of one row may not overlap across them. Raises TableError."""
    found = [(place, row) for file, text in texts.items() for place, row in _rows(file, text)]
    _check_overlaps(found)
    return ContentNumbers(rows=tuple(row for _, row in found))


def _rows(file: str, text: str) -> Iterable[tuple[str, Row]]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TableError(f"{file} is not valid TOML: {error}. Correct the place it names.") from None
    known = {kind.section: kind for kind in SECTIONS}
    for section, entries in document.items():
        if section not in known:
            raise TableError(
                f"{file}: there is no section [[{section}]]. Use one of {', '.join(sorted(known))}."
            )
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise TableError(f"{file}: write [[{section}]] in double brackets, once for each row.")
        for number, entry in enumerate(entries, start=1):
            name = entry.get("name") or entry.get("state") or entry.get("code") or ""
            place = f"{file}, [[{section}]] row {number}" + (f" “{name}”" if name else "")
            yield place, _row(place, known[section], entry)


def _row(place: str, kind: type[Row], entry: Mapping[str, Any]) -> Row:
    hints = get_type_hints(kind)
    named = {each.name: each for each in fields(kind)}
    if unknown := sorted(set(entry) - set(named)):
        raise TableError(f"{place}: the key “{unknown[0]}” is not known. Use {', '.join(named)}.")
    optional = {name for name, each in named.items() if each.default is not MISSING}
    for name in named:
        if name not in optional and entry.get(name) in (None, "", []):
            raise TableError(f"{place}: “{name}” is missing. {_how_to_fill(name)}")
    values = {name: _value(place, name, value, hints[name]) for name, value in entry.items()}
    for name, allowed in {"confidence": CONFIDENCES, **kind.choices}.items():
        if values[name] not in allowed:
            raise TableError(f"{place}: “{name}” is “{values[name]}”. Write one of {', '.join(allowed)}.")
    row = kind(**values)
    _check_dates(place, row)
    return row


def _how_to_fill(name: str) -> str:
    return {
        "citation": "Name the law, standard or source the row is taken from.",
        "confidence": "Write H, M or L.",
        "rule": "Write the rule's id in the rule book.",
    }.get(name, "Add it to the row.")


def _value(place: str, name: str, value: Any, hint: Any) -> Any:
    if hint == tuple[str, ...] and isinstance(value, list):
        if not all(isinstance(each, str) and each.strip(" *") for each in value):
            raise TableError(f"{place}: “{name}” holds something that is not a word. Write words in quotes.")
        return tuple(value)
    wanted: dict[Any, tuple[type, ...]] = {
        str: (str,),
        int: (int,),
        int | float: (int, float),
        bool: (bool,),
        date | None: (date,),
        tuple[str, ...]: (),
    }
    is_right = isinstance(value, wanted[hint]) and not isinstance(value, datetime)
    if not is_right or (isinstance(value, bool) and hint is not bool):
        raise TableError(f"{place}: “{name}” is {value!r}. Write {_WORDS_FOR[hint]}.")
    if isinstance(value, int | float) and not 0 <= value < float("inf"):
        raise TableError(f"{place}: “{name}” is {value!r}. Write a number of 0 or more.")
    return value


_WORDS_FOR: Mapping[Any, str] = {
    str: "text in quotes",
    int: "a whole number",
    int | float: "a number",
    bool: "true or false",
    date | None: "a date such as 2026-01-31 without quotes",
    tuple[str, ...]: "a list of words in square brackets",
}


def _check_dates(place: str, row: Row) -> None:
    if row.effective_from and row.effective_to and row.effective_from >= row.effective_to:
        raise TableError(
            f"{place}: it ends on {row.effective_to}, before it begins on {row.effective_from}. Correct one date."
        )
    if isinstance(row, Retention) and row.keep_months and row.keep_months < row.minimum_months:
        raise TableError(
            f"{place}: “keep_months” is {row.keep_months}, the law wants {row.minimum_months}. Raise it."
        )


def _check_overlaps(found: list[tuple[str, Row]]) -> None:
    seen: dict[tuple[type[Row], str], list[tuple[str, Row]]] = {}
    for place, row in found:
        for other_place, other in seen.get((type(row), row.key), []):
            if row.overlaps(other):
                raise TableError(
                    f"{place}: its dates overlap those of {other_place}. End one row on the day the other begins."
                )
        seen.setdefault((type(row), row.key), []).append((place, row))
