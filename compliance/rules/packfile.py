"""Reads a rule pack from its TOML files, and refuses one with a mistake: says the file, the row and what to change."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.pack import (
    JURISDICTIONS,
    LAW_KINDS,
    LIFTERS,
    UNKNOWN_STATE,
    ClosedDays,
    Hours,
    LegalNumber,
    PackError,
    Row,
    RuleBook,
    RulePack,
    StateLaw,
    StateRow,
    digest_of,
)
from compliance.rules.vocabulary import Channel

Law = TypeVar("Law", bound=Row)
Edit = Callable[[dict[str, Any]], None]
SHIPPED = Path(__file__).parent / "packs"
COMMON = frozenset({"rule", "citation", "confidence", "sources", "note", "effective_from", "effective_to"})
CLOSED_KINDS = frozenset({"fixed", "public", "mardi_gras", "after_thanksgiving", "election_day"})
STRICTER = frozenset({"lower", "higher", "fixed"})
KNOWN_STATES = frozenset(STATE_NAMES)
FILES = frozenset({"pack.toml", "numbers.toml", "states.toml", "laws.toml", "holidays.toml"})
OTHER_READERS = frozenset(
    {"content.toml", "a2p.toml", "recording.toml", "retention.toml"}
)  # compliance.rules.content


class _Row:
    """One table of a file, with its place for messages; every key must be taken by the end."""

    def __init__(self, where: str, values: Mapping[str, Any]) -> None:
        self.where = where
        self.values = dict(values)

    def fail(self, what: str) -> PackError:
        return PackError(f"{self.where}: {what}")

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = ...) -> Any:
        """Return the value of a key and cross it off; PackError if it is missing or of another kind."""
        if key not in self.values:
            if default is ...:
                raise self.fail(f"“{key}” is missing. Add it.")
            return default
        value = self.values.pop(key)
        is_mixed_up = (isinstance(value, bool) and kind is int) or isinstance(value, datetime)
        if not isinstance(value, kind) or is_mixed_up:  # to Python True is a number, and an instant is a day
            raise self.fail(f"“{key}” is {value!r}, which is of the wrong kind.")
        return value

    def one_of(self, key: str, known: frozenset[str] | Mapping[str, str], default: Any = ...) -> str:
        """Return a word that must be one of the known ones."""
        value = str(self.take(key, str, default))
        if value not in known and value != default:
            raise self.fail(f"“{key}” is “{value}”. Use one of: {', '.join(sorted(known))}.")
        return value

    def common(self) -> dict[str, Any]:
        """Return the fields every row has."""
        citation = self.take("citation", str)
        if not citation.strip():
            raise self.fail("the citation is empty. Name the source, or say “our policy” and why.")
        since, until = self.take("effective_from", date, None), self.take("effective_to", date, None)
        if since is not None and until is not None and until <= since:
            raise self.fail(f"it ends on {until}, which is not after its beginning on {since}.")
        return {
            "rule_id": self.take("rule", str),
            "citation": citation,
            "confidence": self.one_of("confidence", frozenset({"H", "M", "L"})),
            "sources": self.take("sources", str, ""),
            "note": self.take("note", str, ""),
            "effective_from": since,
            "effective_to": until,
        }

    def channels(self) -> frozenset[Channel]:
        """Return the channels the row binds; all when it names none."""
        names = self.take("channels", list, None)
        if names is None:
            return frozenset(Channel)
        try:
            return frozenset(Channel(name) for name in names)
        except ValueError as error:
            raise self.fail(f"{error}. Channels are: {', '.join(Channel)}.") from error

    def state(self) -> str:
        """Return a USPS code, or ?? for the unknown state."""
        value = str(self.take("state", str))
        if value not in KNOWN_STATES and value != UNKNOWN_STATE:
            raise self.fail(
                f"“{value}” is not a state. Use the USPS code, or {UNKNOWN_STATE} for the unknown state."
            )
        return value

    def hours(self, key: str, default: Any = ...) -> Hours | None:
        """Return hours written 09:00-20:00, None for "closed"."""
        value = self.take(key, str, default)
        if not isinstance(value, str):
            return default  # type: ignore[no-any-return]  # the weekday's hours, or None
        if value == "closed":
            return None
        try:
            opens, closes = (time.fromisoformat(part) for part in value.split("-"))
        except ValueError as error:
            raise self.fail(f"“{key}” is “{value}”. Write hours as 09:00-20:00, or closed.") from error
        if opens.tzinfo or closes.tzinfo:
            raise self.fail(f"“{key}” is “{value}”. Hours are local times, without a zone.")
        if closes <= opens:
            raise self.fail(f"“{key}” ends at {closes:%H:%M}, before it starts at {opens:%H:%M}. Swap them.")
        return Hours(opens, closes)

    def done(self) -> None:
        """Refuse a key nobody knows: a misspelt one would be a rule that is not applied."""
        if self.values:
            raise self.fail(f"nobody knows the key “{min(self.values)}”. Correct or remove it.")


@cache
def shipped() -> RuleBook:
    """Return the rule book this release ships; raises PackError if a file of it is broken."""
    return RuleBook(packs=tuple(read_pack(SHIPPED / name) for name in JURISDICTIONS))


def read_pack(folder: Path) -> RulePack:
    """Return the pack in a folder; raises PackError, naming the file and row."""
    return parse_pack(folder.name, read_texts(folder))


def read_texts(folder: Path) -> dict[str, str]:
    """Return the pack's files (name -> text); raises PackError for one that is no text."""
    try:
        return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml"))}
    except UnicodeDecodeError as error:
        raise PackError(
            f"{folder.name}: a file is not UTF-8 text ({error.reason}). Save it as UTF-8."
        ) from error


def parse_pack(name: str, texts: Mapping[str, str], edit: Edit | None = None) -> RulePack:
    """Return the pack read from its files (name -> text); raises PackError.

    `edit` may change the parsed tables (file -> content) before they are judged like any other: for what-ifs.
    """
    unknown = set(texts) - FILES - OTHER_READERS
    if unknown:
        raise PackError(f"{name}/{min(unknown)}: no such file belongs to a pack. Rename or remove it.")
    parsed = {file: _toml(f"{name}/{file}", text) for file, text in texts.items() if file in FILES}
    if "pack.toml" not in parsed:
        raise PackError(f"{name}: pack.toml is missing. It names the jurisdiction and the version.")
    if edit is not None:
        edit(parsed)
    head = _Row(f"{name}/pack.toml", parsed["pack.toml"])
    pack = RulePack(
        jurisdiction=head.one_of("jurisdiction", frozenset(JURISDICTIONS)),
        version=head.take("version", str),
        numbers=_rows(name, parsed, "numbers.toml", "number", _number),
        states=_rows(name, parsed, "states.toml", "state", _state),
        laws=_rows(name, parsed, "laws.toml", "law", _law),
        closed_days=_rows(name, parsed, "holidays.toml", "closed", _closed),
        digest=digest_of(texts),
    )
    head.done()
    _refuse_overlaps(f"{name}/numbers.toml", pack.numbers, lambda row: (row.name,))
    _refuse_overlaps(
        f"{name}/states.toml",
        [_OneChannel(row, channel) for row in pack.states for channel in sorted(row.channels)],
        lambda each: (each.row.state, each.channel),
    )
    _refuse_overlaps(
        f"{name}/laws.toml", pack.laws, lambda row: (row.kind, row.state, row.city, row.citation)
    )
    return pack


class _OneChannel:
    """A state row for one of its channels: what must not overlap."""

    def __init__(self, row: StateRow, channel: Channel) -> None:
        self.row, self.channel = row, channel
        self.effective_from, self.effective_to = row.effective_from, row.effective_to


def _toml(where: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"{where}: it is not TOML: {error}. Correct it there.") from error


def _rows(
    pack: str, parsed: Mapping[str, Any], file: str, table: str, build: Callable[[_Row], Law]
) -> tuple[Law, ...]:
    content = parsed.get(file, {})
    others = set(content) - {table}
    if others:
        raise PackError(f"{pack}/{file}: nobody knows “{min(others)}”. Rows of this file are [[{table}]].")
    found = content.get(table, [])
    if not isinstance(found, list) or not all(isinstance(values, dict) for values in found):
        raise PackError(f"{pack}/{file}: “{table}” is not a list of rows. Begin each row with [[{table}]].")
    built = []
    for index, values in enumerate(found, start=1):
        label = values.get("name") or values.get("state") or "?"
        row = _Row(f"{pack}/{file}, row {index} ({label})", values)
        built.append(build(row))
        row.done()
    return tuple(built)


def _number(row: _Row) -> LegalNumber:
    value = row.take("value", (bool, int, str, time))
    return LegalNumber(
        name=row.take("name", str),
        value=value,
        unit=row.take("unit", str),
        stricter=row.one_of("stricter", STRICTER),
        basis=row.one_of("basis", frozenset({"law", "policy"})),
        **row.common(),
    )


def _state(row: _Row) -> StateRow:
    state, weekday = row.state(), row.hours("weekday")
    zone = row.take("also_in_zone", str, "")
    if zone:
        try:
            ZoneInfo(zone)
        except Exception as error:
            raise row.fail(f"“{zone}” is not a zone of the IANA database.") from error
    if row.values.get("holiday") == "closed":
        raise row.fail("“holiday” is “closed”. Write closed_on_holidays = true instead.")
    return StateRow(
        state=state,
        name="the strictest state" if state == UNKNOWN_STATE else STATE_NAMES[state],
        weekday=weekday,
        saturday=row.hours("saturday", weekday),
        sunday=row.hours("sunday", weekday),
        closed_on_holidays=row.take("closed_on_holidays", bool, False),
        holiday=row.hours("holiday", None),
        cap=row.take("cap", int, None),
        cap_hours=row.take("cap_hours", int, 24),
        channels=row.channels(),
        also_in_zone=zone,
        lifted_by_consent=row.take("lifted_by_consent", bool, False),
        **row.common(),
    )


def _law(row: _Row) -> StateLaw:
    lifted_by = frozenset(str(each) for each in row.take("lifted_by", list, []))
    if lifted_by - LIFTERS:
        raise row.fail(f"“{min(lifted_by - LIFTERS)}” lifts nothing. Use: {', '.join(sorted(LIFTERS))}.")
    return StateLaw(
        state=row.state(),
        kind=row.one_of("kind", LAW_KINDS),
        channels=row.channels(),
        lifted_by=lifted_by,
        value=row.take("value", int, None),
        days=row.take("days", int, None),
        city=row.take("city", str, ""),
        **row.common(),
    )


def _closed(row: _Row) -> ClosedDays:
    kind = row.one_of("kind", CLOSED_KINDS)
    found = ClosedDays(
        state=row.state(),
        kind=kind,
        name=row.take("name", str, ""),
        month=row.take("month", int, 0),
        day=row.take("day", int, 0),
        **row.common(),
    )
    if kind == "fixed":
        try:
            date(2024, found.month, found.day)  # a leap year: 29 February is a day
        except ValueError as error:
            raise row.fail(f"{found.month}/{found.day} is not a day (month, day).") from error
    return found


def _refuse_overlaps(where: str, rows: Any, key: Callable[[Any], tuple[Any, ...]]) -> None:
    """Refuse two rows for the same thing that are in force on the same day."""
    by_key: dict[tuple[Any, ...], list[Any]] = {}
    for row in rows:
        for other in by_key.get(key(row), []):
            if (row.effective_from or date.min) < (other.effective_to or date.max) and (
                other.effective_from or date.min
            ) < (row.effective_to or date.max):
                thing = " ".join(str(part) for part in key(row) if part)
                raise PackError(
                    f"{where}: two rows for {thing} are in force on the same days. End one where the other begins."
                )
        by_key.setdefault(key(row), []).append(row)
