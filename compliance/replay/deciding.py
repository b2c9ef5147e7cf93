"""Decides stored verdicts again. Runs in processes of its own, so it knows neither Django nor a clock."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from compliance.replay.reads import affected
from compliance.rules import engine, stored
from compliance.rules.facts import ContactFacts
from compliance.rules.pack import RuleBook
from compliance.rules.packfile import shipped
from compliance.rules.policy import HouseLimit, Policy, in_force

ALLOW, DENY = "allow", "deny"

Row = tuple[int, str, str, str, str, str]
"""A stored verdict: id, outcome, code, rules_hash, facts, verdicts."""
Change = tuple[int, str, str, str, str]
"""A verdict that would be another: id, old outcome, old code, new outcome, new code."""

_read_verdicts = msgspec.json.Decoder(list[Any]).decode


class Unreadable(ValueError):
    """Stored facts or verdicts are not what the gate writes."""


@dataclass(slots=True)
class Tally:
    """What became of some verdicts."""

    counts: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)


class Replayer:
    """Answers for stored verdicts what the changed rules would say.

    Where the verdict was given by the very rules of today (equal hash), only rules the change can reach are asked again; the
    others' stored answers stand, since the same facts give the same answer. Verdicts of older rules are decided anew in full.
    """

    def __init__(self, book: RuleBook, house: tuple[HouseLimit, ...] = (), *, in_full: bool = False) -> None:
        self.book, self.house = book, house
        self.known_hash = "" if in_full else engine.rules_hash(shipped())
        self.places = affected(engine.RULES, shipped(), book, house)
        self.rules = tuple(engine.RULES[place] for place in self.places)
        self._policies: dict[date, Policy] = {}

    def tally(self, rows: Iterable[Row]) -> Tally:
        """Decide each again and count."""
        found = Tally()
        for row in rows:
            row_id, outcome, code = row[:3]
            try:
                new_code = self.new_code(row)
            except Unreadable:
                found.unreadable.append(row_id)
                continue
            new_outcome = DENY if new_code else ALLOW
            found.counts[outcome, code, new_outcome, new_code] += 1
            if new_code != code:
                found.changes.append((row_id, outcome, code, new_outcome, new_code))
        return found

    def new_code(self, row: Row) -> str:
        """Return the code the changed rules deny with, "" when they allow; raises Unreadable."""
        _, outcome, code, rules_hash, facts, verdicts = row
        if rules_hash != self.known_hash:
            return self._ask(facts, engine.RULES)
        if not self.places:
            return code
        if outcome == ALLOW:
            return self._ask(facts, self.rules)
        answers = _answers(verdicts)
        if len(answers) != len(engine.RULES):
            return self._ask(facts, engine.RULES)
        place, kept = self._first_kept_denial(answers)
        if place < self.places[0]:
            return kept
        earlier = tuple(rule for at, rule in zip(self.places, self.rules, strict=True) if at < place)
        return self._ask(facts, earlier) or kept

    def _first_kept_denial(self, answers: list[Any]) -> tuple[int, str]:
        """The place and code of the first denial by a rule the change cannot reach; past the end and "" when there is none."""
        for place, answer in enumerate(answers):
            if isinstance(answer, list) and len(answer) > 2 and place not in self.places:
                return place, str(answer[1])
        return len(answers), ""

    def _ask(self, text: str, rules: tuple[engine.Rule, ...]) -> str:
        facts = _facts(text)
        denial = engine.first_denial(facts, self._policy(facts.at), rules)
        return denial.code if denial else ""

    def _policy(self, at: datetime) -> Policy:
        day = at.astimezone(UTC).date()
        found = self._policies.get(day)
        if found is None:
            found = self._policies[day] = in_force(at.astimezone(UTC), self.book, self.house)
        return found


def _answers(text: str) -> list[Any]:
    try:
        return _read_verdicts(text)
    except msgspec.MsgspecError as error:
        raise Unreadable(str(error)) from error


def _facts(text: str) -> ContactFacts:
    try:
        return stored.facts_from_text(text)
    except msgspec.MsgspecError:
        pass  # a record of an older shape, or none
    try:
        return stored.facts_from_json(msgspec.json.decode(text))
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
        raise Unreadable(str(error)) from error
