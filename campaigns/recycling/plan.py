"""What a manager decides about further tries. Pure.

A campaign without a plan keeps the plain rule: wait as the result says, at most so many tries, numbers in the order they are stored.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec

LONGEST_WAIT: Final = 90 * 24 * 60
USUAL_WAIT: Final = 240  # minutes, after a result the plan has no row for

_RANGES: Final = (
    ("max_per_number", 1, 50, "Tries of one number"),
    ("max_per_day", 1, 20, "Tries of one person on one day"),
    ("max_per_person", 1, 50, "Tries of one person over all campaigns"),
    ("person_days", 1, 30, "Days in which tries over all campaigns are counted"),
    ("other_number_minutes", 0, 14 * 24 * 60, "Minutes before another number of the same person"),
    ("spread_days", 1, 14, "Days a try may be put off for another part of the day"),
)


class Then(StrEnum):
    """Which number is tried after a result."""

    SAME = "same"  # while it may be
    NEXT = "next"  # the person's next one, in turn


class AtLimit(StrEnum):
    """What ends when a result came as often as it may."""

    LEAD = "lead"  # the person is finished in this campaign
    NUMBER = "number"  # that number is out, the others go on


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRule:
    """What happens after one result: an agent's, or the network's where no agent spoke."""

    code: str  # of the disposition
    wait_minutes: int  # before the same number is tried again
    max_tries: int | None = None  # that may end so; counted by person or number, as at_limit says
    then: Then = Then.SAME
    at_limit: AtLimit = AtLimit.LEAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a campaign tries people again. None: no limit of its own; the gate's limits hold in any case."""

    rules: tuple[OutcomeRule, ...] = ()
    max_per_number: int | None = None  # tries of one number in this campaign
    max_per_day: int | None = None  # tries of one person in this campaign on one day of theirs
    max_per_person: int | None = None  # tries of one person in person_days, over all campaigns
    person_days: int = 7
    other_number_minutes: int = 60  # before another number of the same person is tried
    wrong_number_goes_on: bool = True  # with the person's other numbers; else a wrong number finishes them
    spread: bool = False  # tries fall into different parts of the day
    spread_days: int = 3  # the longest a try is put off for that

    def rule(self, code: str) -> OutcomeRule | None:
        """Return the row for a result, if there is one."""
        return next((rule for rule in self.rules if rule.code == code), None)

    def wait_minutes(self, code: str) -> int:
        """Return the wait after a result before the same number is tried again."""
        rule = self.rule(code)
        return USUAL_WAIT if rule is None else rule.wait_minutes


def read(stored: Mapping[str, Any] | None) -> Plan | None:
    """Return a stored plan; None where the campaign has none. Raises msgspec.ValidationError where it is none of ours."""
    if stored is None:
        return None
    return msgspec.convert(dict(stored), Plan)


def store(plan: Plan) -> dict[str, Any]:
    """Return the plan as it is stored."""
    # By way of its JSON: what is stored is equal to what is read back.
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(plan))
    return found


def faults(plan: Plan) -> Iterator[tuple[str, str]]:
    """Give what is wrong with a plan in itself: the field and a sentence. What contradicts something else, the linter says."""
    for name, least, most, words in _RANGES:
        value = getattr(plan, name)
        if value is not None and not least <= value <= most:
            yield name, f"{words}: between {least} and {most:,}."
    seen: set[str] = set()
    for rule in plan.rules:
        if rule.code in seen:
            yield "rules", f"There are two rows for the result “{rule.code}”."
        seen.add(rule.code)
        if not 0 <= rule.wait_minutes <= LONGEST_WAIT:
            yield "rules", f"The wait after “{rule.code}”: between 0 and {LONGEST_WAIT:,} minutes (90 days)."
        if rule.max_tries is not None and not 1 <= rule.max_tries <= 50:
            yield "rules", f"Tries that may end with “{rule.code}”: between 1 and 50."
