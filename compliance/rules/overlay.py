"""Which states' rows bind a contact on a day (ST-001), and whether its whereabouts are only a guess (TZ-004)."""

from dataclasses import replace
from datetime import date, datetime, time
from functools import lru_cache
from typing import NamedTuple

from compliance.rules.days import local_days
from compliance.rules.facts import LANDLINES, Channel, ContactFacts
from compliance.rules.holder import has_confirmed_consent
from compliance.rules.lines import believed_type
from compliance.rules.pack import RuleBook, StateRow
from compliance.rules.policy import Policy
from compliance.rules.purposes import binds_us, is_telemarketing


class Overlay(NamedTuple):
    """The rows of one day, and what is asked of them so often that it is worked out once."""

    rows: tuple[StateRow, ...]
    names: str  # of the states, as a sentence lists them
    opens: frozenset[time]  # every time at which one of the rows opens
    clocks: frozenset[str]  # further zones the hours are read in
    can_be_lifted: bool  # a consent would take some of the rows away


def is_a_guess(facts: ContactFacts, policy: Policy, at: datetime | None = None) -> bool:
    """Return whether the states are only a guess: none is known, or only a mobile's area code, kept when people move."""
    return not facts.states or (not facts.has_address and believed_type(facts, policy, at) not in LANDLINES)


def rows_on(facts: ContactFacts, policy: Policy, at: datetime | None, day: date) -> Overlay:
    """Return the rows of every candidate state on that local day; the strictest one too where the state is a guess.

    Which consents stand and how old the line's type is are judged at `at`, None for facts.at.
    """
    is_guess = is_a_guess(facts, policy, at)
    found = _overlay(policy.book, facts.states, facts.channel, day, is_guess, False)
    if found.can_be_lifted and has_confirmed_consent(_as_of(facts, at), policy, written=False):
        return _overlay(policy.book, facts.states, facts.channel, day, is_guess, True)
    return found


def binding_rows(facts: ContactFacts, policy: Policy) -> tuple[StateRow, ...]:
    """Return the state rows that bind this contact on its day in any candidate zone; none outside telemarketing."""
    if not is_telemarketing(facts) or not binds_us(facts):
        return ()
    days = facts.days
    if len(days) == 1:
        return rows_on(facts, policy, None, days[0]).rows
    # By identity: the book keeps one object a row, and to compare rows takes long.
    return tuple({id(row): row for day in days for row in rows_on(facts, policy, None, day).rows}.values())


def state_names(facts: ContactFacts, policy: Policy, at: datetime | None) -> str:
    """Return the states whose rows bind at that instant, None for facts.at, as a sentence lists them."""
    days = local_days(facts, at)
    if len(days) == 1:
        return rows_on(facts, policy, at, days[0]).names
    names = (row.name for day in days for row in rows_on(facts, policy, at, day).rows)
    return ", ".join(dict.fromkeys(names)) or "every state"


def _as_of(facts: ContactFacts, at: datetime | None) -> ContactFacts:
    return facts if at is None or at == facts.at else replace(facts, at=at)


@lru_cache(maxsize=1 << 14)
def _overlay(
    book: RuleBook, states: tuple[str, ...], channel: Channel, day: date, is_guess: bool, has_consent: bool
) -> Overlay:
    rows = tuple(row for state in states for row in book.hours_rows(state, channel, day))
    can_be_lifted = not is_guess and any(row.lifted_by_consent for row in rows)
    if is_guess:
        rows = (*rows, book.strictest(day))
    if has_consent:
        rows = tuple(row for row in rows if not row.lifted_by_consent)
    all_hours = (hours for row in rows for hours in (row.weekday, row.saturday, row.sunday, row.holiday))
    return Overlay(
        rows=rows,
        names=", ".join(dict.fromkeys(row.name for row in rows)) or "every state",
        opens=frozenset(hours.opens for hours in all_hours if hours is not None),
        clocks=frozenset(row.also_in_zone for row in rows if row.also_in_zone),
        can_be_lifted=can_be_lifted,
    )
