"""Changed rules for a what-if: another folder of packs, single values, or a limit of the house. Pure but for reading files."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from hashlib import blake2b
from pathlib import Path
from typing import Any

from compliance.rules.pack import JURISDICTIONS, RuleBook, RulePack, Value
from compliance.rules.packfile import SHIPPED, parse_pack, read_texts
from compliance.rules.policy import HouseLimit, in_force

HELP = (
    "numbers.NAME=VALUE, states.FL.weekday=09:00-19:00 (every row of the state), laws.FL.registration.FIELD=VALUE, or "
    "house.NAME=VALUE for a stricter limit of the house"
)
CLOCK = re.compile(r"\d\d:\d\d")
TABLES = {
    "numbers": ("numbers.toml", "number"),
    "states": ("states.toml", "state"),
    "laws": ("laws.toml", "law"),
}


class BadEdit(ValueError):
    """A change that cannot be made; says why, and what would work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedRules:
    """The rules of a what-if, and what was changed, in words."""

    book: RuleBook
    house: tuple[HouseLimit, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Edit:
    """One change of a row. `keys` pick the rows: name and value of a column."""

    text: str
    file: str
    table: str
    keys: tuple[tuple[str, str], ...]
    column: str
    value: Any


def changed_rules(*, packs: Path | None = None, edits: Sequence[str] = ()) -> ChangedRules:
    """Return the shipped rules with the changes made; raises BadEdit or PackError.

    `packs` is a pack's folder, which replaces that jurisdiction, or a folder of such folders. `edits` are as HELP says.
    """
    rows = [_parse(text) for text in edits if not text.startswith("house.")]
    house = tuple(_house(text) for text in edits if text.startswith("house."))
    folders = {name: SHIPPED / name for name in JURISDICTIONS} | _folders(packs)
    used: set[str] = set()
    found = tuple(_pack(name, folders[name], rows, used) for name in JURISDICTIONS)
    for row in rows:
        if row.text not in used:
            raise BadEdit(f"“{row.text}”: no pack has such a row. Use {HELP}.")
    words = (*([f"packs of {packs}"] if packs else []), *edits)
    if not words:
        raise BadEdit(f"Nothing is changed. Name a folder of packs, or changes: {HELP}.")
    return ChangedRules(book=RuleBook(packs=found), house=house, words=words)


def _folders(packs: Path | None) -> dict[str, Path]:
    if packs is None:
        return {}
    if (packs / "pack.toml").is_file():
        return {packs.name: packs} if packs.name in JURISDICTIONS else _by_head(packs)
    found = {name: packs / name for name in JURISDICTIONS if (packs / name / "pack.toml").is_file()}
    if not found:
        raise BadEdit(
            f"{packs} holds no pack. A pack is a folder with a pack.toml; name it {', '.join(JURISDICTIONS)}."
        )
    return found


def _by_head(folder: Path) -> dict[str, Path]:
    return {parse_pack(folder.name, read_texts(folder)).jurisdiction: folder}


def _pack(name: str, folder: Path, rows: Sequence[_Edit], used: set[str]) -> RulePack:
    texts = read_texts(folder)
    made: list[str] = []

    def edit(parsed: dict[str, Any]) -> None:
        for row in rows:
            if _apply(row, parsed):
                made.append(row.text)

    pack = parse_pack(name, texts, edit)
    if not made:
        return pack
    used |= set(made)
    # The files' own digest does not know of the changes.
    digest = blake2b("\0".join([pack.digest, *made]).encode(), digest_size=16).hexdigest()
    return RulePack(
        jurisdiction=pack.jurisdiction,
        version=pack.version,
        numbers=pack.numbers,
        states=pack.states,
        laws=pack.laws,
        closed_days=pack.closed_days,
        digest=digest,
    )


def _apply(row: _Edit, parsed: dict[str, Any]) -> bool:
    found = [
        each
        for each in parsed.get(row.file, {}).get(row.table, [])
        if all(each.get(key) == wanted for key, wanted in row.keys)
    ]
    for each in found:
        before = each.get(row.column)
        if row.table == "number" and type(before) is not type(row.value):
            raise BadEdit(f"“{row.text}”: the value is {before!r}; write one of that kind.")
        each[row.column] = row.value
    return bool(found)


def _parse(text: str) -> _Edit:
    left, _, right = text.partition("=")
    parts = left.strip().split(".")
    if not right.strip() or parts[0] not in TABLES:
        raise BadEdit(f"“{text}” is not a change. Use {HELP}.")
    file, table = TABLES[parts[0]]
    value = _value(right.strip())
    match parts:
        case ["numbers", name]:
            return _Edit(text, file, table, (("name", name),), "value", value)
        case ["states", state, column]:
            return _Edit(text, file, table, (("state", state),), column, value)
        case ["laws", state, kind, column]:
            return _Edit(text, file, table, (("state", state), ("kind", kind)), column, value)
    raise BadEdit(f"“{text}” is not a change. Use {HELP}.")


def _house(text: str) -> HouseLimit:
    left, _, right = text.partition("=")
    value = _value(right.strip())
    if not isinstance(value, Value):
        raise BadEdit(f"“{text}”: a limit of the house is a number, a time, a word or a switch.")
    return HouseLimit(name=left.removeprefix("house.").strip(), value=value, since=date.min)


def _value(text: str) -> Any:
    """A TOML value; 21:00 is a time, and what is not TOML is a word."""
    if CLOCK.fullmatch(text):
        return time.fromisoformat(text)
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def check_limits(rules: ChangedRules, *, first: date, last: date) -> None:
    """Raise BadEdit if a number is missing, or a house limit is not allowed, on the first or last day."""
    for day in (first, last):
        try:
            in_force(datetime.combine(day, time(12), UTC), rules.book, rules.house)
        except (LookupError, ValueError) as error:
            raise BadEdit(str(error)) from error
