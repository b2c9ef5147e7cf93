"""A question "what if": one campaign's plan with changes, and a second one beside it: the same or another campaign's, with its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dialer.forecasts.held import Standing
from dialer.forecasts.own import Own, own_plan
from dialer.whatif.fields import Problem, change, changed
from dialer.whatif.plan import Plan

B: str = "b_"  # before the names of the second scenario's inputs
AGAINST = "against"  # another campaign for B, by its number


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One scenario: whose campaign it is, the plan that is played, and which inputs are not the campaign's own."""

    own: Own
    plan: Plan
    entered: frozenset[str]

    def source(self, field: str) -> str:
        """Return where a figure comes from, in words."""
        return "entered" if field in self.entered else self.own.sources.get(field, "")

    @property
    def answer_basis(self) -> str:
        """Return where the share of answers comes from."""
        return self.source("answer_rate")

    @property
    def nobody(self) -> str:
        """Return why there is nobody to forecast, and what to do; empty where there is somebody."""
        if self.plan.leads + self.plan.later > 0:
            return ""
        if "leads" in self.entered:
            return "0 leads were entered: enter at least 1, or leave the list’s own number."
        standing = self.own.standing
        if not standing.total:
            return (
                f"The lists of “{self.own.name}” are empty: import people, or choose a list in its settings."
            )
        if not standing.to_do:
            return f"Everybody on the lists of “{self.own.name}” is done: add people."
        first = max(standing.held, key=lambda row: row.leads)
        return (
            f"The rules hold all {standing.to_do:,} people of “{self.own.name}”: {first.leads:,} for “{first.why}”. "
            f"They can be called {first.when}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The question. `b` is None where nothing differs."""

    a: Side
    b: Side | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """One problem of a scenario."""

    scenario: str  # a, b
    problem: Problem


def ask(
    campaign_id: int, given: Mapping[str, str], *, standing_of: Callable[[int], Standing], now: datetime
) -> tuple[Ask, list[Wrong]]:
    """Return the question and everything wrong with it; B begins as A, or as the campaign it is set against.

    Raises NotFound, and what `standing_of` raises.
    """
    own = own_plan(campaign_id, standing_of(campaign_id), now=now)
    first = {name: text for name, text in given.items() if name != AGAINST and not name.startswith(B)}
    second = {name.removeprefix(B): text for name, text in given.items() if name.startswith(B)}
    plan, problems = change(own.plan, first, own.limits)
    a = Side(own=own, plan=plan, entered=changed(plan, own.plan))
    wrong = [Wrong(scenario="a", problem=problem) for problem in problems]
    if other := _number(given.get(AGAINST, "")):
        theirs = own if other == campaign_id else own_plan(other, standing_of(other), now=now)
        base = second
    else:
        theirs, base = own, {**first, **second}
    found, problems = change(theirs.plan, base, theirs.limits)
    problems = [each for each in problems if other or each.field in second]
    wrong += [Wrong(scenario="b", problem=problem) for problem in problems]
    if theirs is own and found == plan and not problems:
        return Ask(a=a, b=None), wrong
    return Ask(a=a, b=Side(own=theirs, plan=found, entered=changed(found, theirs.plan))), wrong


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
