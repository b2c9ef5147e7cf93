"""Decides stored verdicts again. Runs in processes of its own, so it knows neither Django nor a clock."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

import msgspec

from compliance.replay.reads import affected
from compliance.rules import engine, stored
from compliance.rules.facts import ContactFacts
from compliance.rules.pack import RuleBook
from compliance.rules.packfile import shipped
from compliance.rules.policy import HouseLimit, Policy, in_force, limits_on

ALLOW, DENY = "allow", "deny"

Row = tuple[int, str, str, str, str, str, datetime]
"""A stored verdict: id, outcome, code, rules_hash, facts, verdicts, decided_at."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLimit:
    """A limit of the house, and when it was set: verdicts from before know nothing of it."""

    at: datetime
    limit: HouseLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """What verdicts of one time were given by, and what they are to be decided by now."""

    known_hash: str  # of a verdict given by the rules of today under the house's limits of then
    policy: Policy
    asked: dict[int, engine.Rule]  # those the change can reach, by their places in order


class Replayer:
    """Answers for stored verdicts what the changed rules would say.

    Where the verdict was given by the very rules of today (equal hash), only rules the change can reach are asked again; the
    others' stored answers stand, since the same facts give the same answer. Verdicts of older rules are decided anew in full.
    The limits the house had set by then stay, but for those that `house` gives another value.
    """

    def __init__(
        self,
        book: RuleBook,
        house: tuple[HouseLimit, ...] = (),
        *,
        limits: tuple[SetLimit, ...] = (),
        in_full: bool = False,
    ) -> None:
        self.book, self.house, self.limits, self.in_full = book, house, limits, in_full
        self._set_at = sorted(each.at for each in limits)
        self._rules: dict[tuple[date, int], _Rules] = {}

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
        _, outcome, code, rules_hash, facts, verdicts, decided_at = row
        rules = self._rules_at(decided_at)
        if rules_hash != rules.known_hash:
            return _ask(facts, engine.RULES, rules.policy)
        if not rules.asked:
            return code
        if outcome == ALLOW:
            return _ask(facts, tuple(rules.asked.values()), rules.policy)
        answers = _answers(verdicts)
        if len(answers) != len(engine.RULES):
            return _ask(facts, engine.RULES, rules.policy)
        place, kept = _first_kept_denial(answers, rules)
        earlier = tuple(rule for at, rule in rules.asked.items() if at < place)
        return (earlier and _ask(facts, earlier, rules.policy)) or kept

    def _rules_at(self, at: datetime) -> _Rules:
        day = at.astimezone(UTC).date()
        key = day, bisect_right(self._set_at, at)
        found = self._rules.get(key)
        if found is None:
            found = self._rules[key] = self._rules_of(day, [one.limit for one in self.limits if one.at <= at])
        return found

    def _rules_of(self, day: date, limits: list[HouseLimit]) -> _Rules:
        others = {limit.name for limit in self.house}
        before = limits_on(limits, shipped(), day)
        after = tuple(limit for limit in limits_on(limits, self.book, day) if limit.name not in others)
        policy = in_force(datetime.combine(day, time(12), UTC), self.book, after + self.house)
        changed = tuple(set(before) ^ set(policy.house))
        places = affected(engine.RULES, shipped(), self.book, changed)
        return _Rules(
            known_hash="" if self.in_full else engine.rules_hash(shipped(), before),
            policy=policy,
            asked={place: engine.RULES[place] for place in places},
        )


def _first_kept_denial(answers: list[Any], rules: _Rules) -> tuple[int, str]:
    """The place and code of the first denial by a rule the change cannot reach; past the end and "" when there is none."""
    for place, answer in enumerate(answers):
        if isinstance(answer, list) and len(answer) > 2 and place not in rules.asked:
            return place, str(answer[1])
    return len(answers), ""


def _ask(text: str, rules: tuple[engine.Rule, ...], policy: Policy) -> str:
    denial = engine.first_denial(_facts(text), policy, rules)
    return denial.code if denial else ""


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
