"""Rule packs: the law as data. Each row has a source, a confidence mark and the days it is in force; a bad pack does not load.

A pack is a folder of TOML files: `pack.toml` (jurisdiction, version), `numbers.toml`, `states.toml`, `laws.toml`,
`holidays.toml`; what a jurisdiction has no use for may be missing. The packs together are the rule book.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from typing import TypeVar

from compliance.rules.vocabulary import Channel

Law = TypeVar("Law", bound="Row")
JURISDICTIONS = ("us", "ca", "uk")
UNKNOWN_STATE = "??"


class PackError(ValueError):
    """A pack that cannot be trusted: says file, row and what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What every row of law has. In force on [effective_from, effective_to); None = open on that side."""

    rule_id: str
    citation: str
    confidence: str  # H: rule text seen; M: good secondary sources; L: weak or conflicting
    effective_from: date | None = None
    effective_to: date | None = None
    sources: str = ""  # keys of the rule book's section 15
    note: str = ""

    def is_in_force(self, on: date) -> bool:
        """Return whether the row counts on that day."""
        return (self.effective_from is None or self.effective_from <= on) and (
            self.effective_to is None or on < self.effective_to
        )


Value = bool | int | str | time


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalNumber(Row):
    """A number, time or switch of the law, or a policy of ours."""

    name: str  # the field of policy.Policy it sets
    value: Value
    unit: str
    stricter: str  # "lower", "higher" or "fixed": which way the house may move it
    basis: str  # "law", or "policy": ours, which an audited override may loosen


@dataclass(frozen=True, slots=True)
class Hours:
    """Local hours [opens, closes)."""

    opens: time
    closes: time

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}–{self.closes:%H:%M}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow(Row):
    """Hours and days of sales contacts in one state (table 4.2). Hours of None mean closed."""

    state: str
    name: str
    weekday: Hours | None
    saturday: Hours | None
    sunday: Hours | None
    closed_on_holidays: bool = False
    holiday: Hours | None = None  # the hours of the state's holidays; None = as on other days
    cap: int | None = None  # attempts to a person in any `cap_hours`
    cap_hours: int = 24
    channels: frozenset[Channel] = frozenset(Channel)
    also_in_zone: str = ""  # the hours must hold on this clock too
    lifted_by_consent: bool = False  # days and hours do not bind a contact with prior express consent

    def hours(self, weekday: int) -> Hours | None:
        """Return the hours of that day of the week (Monday = 0), None when no calls are allowed."""
        return self.sunday if weekday == 6 else self.saturday if weekday == 5 else self.weekday


@dataclass(frozen=True, slots=True, kw_only=True)
class StateLaw(Row):
    """A state's further law. `kind` is one of LAW_KINDS; what the other fields mean depends on it."""

    state: str
    kind: str
    channels: frozenset[Channel] = frozenset(Channel)
    lifted_by: frozenset[str] = frozenset()  # of LIFTERS
    value: int | None = None  # months, calls
    days: int | None = None  # the period `value` is counted over
    city: str = ""


LAW_KINDS: Mapping[str, str] = {
    "registration": "the seller must be registered, licensed or bonded (ST-005)",
    "mobile_ban": "no unsolicited sales calls to mobiles (ST-008)",
    "written_consent": "written consent for these channels (ST-006)",
    "written_consent_review": "written consent, unless a supervisor judges that the law does not reach the contact (ST-006)",
    "emergency_ban": "no sales contacts to areas under a declared emergency (ST-004)",
    "own_list": "a do-not-call list of its own (FED-002); `days`: how old a copy may be, else as the national one",
    "relationship_months": "the business relationship lifts for `value` months only; 0 = never (FED-003)",
    "no_business_exemption": "no exemption for calls to businesses (FED-035)",
    "reassigned_check": "the reassigned numbers database must be asked (FED-030)",
    "debt_cap": "at most `value` contacts about a debt in `days` days (REGF-006)",
}
LIFTERS = frozenset({"express_consent", "written_consent", "customer", "inquiry"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDays(Row):
    """Closed days of a state beyond its public holidays (table 4.3)."""

    state: str
    kind: str  # "fixed" (month, day), "mardi_gras", "after_thanksgiving", "election_day", "public" (the state's calendar)
    name: str = ""
    month: int = 0
    day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePack:
    """One jurisdiction's law."""

    jurisdiction: str
    version: str
    numbers: tuple[LegalNumber, ...] = ()
    states: tuple[StateRow, ...] = ()
    laws: tuple[StateLaw, ...] = ()
    closed_days: tuple[ClosedDays, ...] = ()
    digest: str = ""  # of the files as read


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class RuleBook:
    """The packs in use. Compared by identity: rules look rows up in it many times a contact."""

    packs: tuple[RulePack, ...]

    @property
    def version(self) -> str:
        """Return the newest pack's version."""
        return max(pack.version for pack in self.packs)

    @property
    def numbers(self) -> tuple[LegalNumber, ...]:
        """Return every pack's numbers, in order."""
        return tuple(row for pack in self.packs for row in pack.numbers)

    @property
    def state_rows(self) -> tuple[StateRow, ...]:
        """Return every pack's hours, in order; with the strictest row last."""
        return tuple(row for pack in self.packs for row in pack.states)

    def hours_rows(self, state: str, channel: Channel, on: date) -> tuple[StateRow, ...]:
        """Return the rows that bind this channel in the state on that day; the strictest row where there is none."""
        return _hours_rows(self, state, channel, on)

    def strictest(self, on: date) -> StateRow:
        """Return the row for a person whose state is not known (ST-001, TZ-004)."""
        return _strictest(self, on)

    def laws(self, kind: str, state: str, on: date) -> tuple[StateLaw, ...]:
        """Return the state's laws of one kind in force on that day."""
        return _laws(self, kind, state, on)

    def closed_days(self, state: str, on: date) -> tuple[ClosedDays, ...]:
        """Return the state's holidays, in force on that day; for the unknown one those of every state that closes on its own."""
        return _closed_days(self, state, on)


def digest_of(texts: Mapping[str, str]) -> str:
    """Return a hash over the files of a pack."""
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(texts):
        digest.update(name.encode() + b"\0" + texts[name].encode() + b"\0")
    return digest.hexdigest()


@lru_cache(maxsize=1 << 16)
def _hours_rows(book: RuleBook, state: str, channel: Channel, on: date) -> tuple[StateRow, ...]:
    found = _in_force((row for row in book.state_rows if row.state == state and channel in row.channels), on)
    return found or (book.strictest(on),)


@lru_cache(maxsize=4096)
def _strictest(book: RuleBook, on: date) -> StateRow:
    rows = _in_force((row for row in book.state_rows if row.state == UNKNOWN_STATE), on)
    if not rows:
        raise PackError(f"states.toml: no row for the unknown state is in force on {on}. Add one.")
    return rows[0]


@lru_cache(maxsize=1 << 16)
def _laws(book: RuleBook, kind: str, state: str, on: date) -> tuple[StateLaw, ...]:
    return _in_force(
        (row for pack in book.packs for row in pack.laws if row.kind == kind and row.state == state), on
    )


@lru_cache(maxsize=4096)
def _closed_days(book: RuleBook, state: str, on: date) -> tuple[ClosedDays, ...]:
    states = {state}
    if state == UNKNOWN_STATE:
        states = {row.state for row in book.state_rows if row.closed_on_holidays}
    return _in_force((row for pack in book.packs for row in pack.closed_days if row.state in states), on)


def _in_force(rows: Iterable[Law], on: date) -> tuple[Law, ...]:
    return tuple(row for row in rows if row.is_in_force(on))
