"""The plan of further tries and the order of calls of a setup, in words. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from campaigns import ordering, recycling, waits
from campaigns.recycling import AtLimit, OutcomeRule, Plan, Then
from campaigns.versions.names import Names

Stored = Mapping[str, Any]
PLAIN: Final = "the plain rule: wait as each result says"
DUE: Final = "who is due longest first"
THEN: Final = {Then.SAME: "the same number", Then.NEXT: "the next number"}
AT_LIMIT: Final = {AtLimit.LEAD: "the person is done", AtLimit.NUMBER: "that number is out"}
FIRST: Final = {
    ordering.Kind.DUE: "who is due longest",
    ordering.Kind.BEST_TIME: "who is likeliest to answer",
    ordering.Kind.EAST_FIRST: "from the east to the west",
    ordering.Kind.CLOSING_FIRST: "where the window closes soonest",
}


def say_plan(value: Stored | None, names: Names) -> str:
    """Return the whole plan in one line."""
    return _line(plan_parts(value, names)) if value else PLAIN


def say_order(value: Stored | None, names: Names) -> str:
    """Return the whole order in one line."""
    return _line(order_parts(value, names)) if value else DUE


def plan_parts(value: Stored, names: Names) -> dict[str, str]:
    """Return what a plan says of each result, and its limits."""
    plan = recycling.read(value) or Plan()
    no_limit = "no limit of its own"
    many = plan.max_per_person is not None
    return {
        **{f"after {_result(rule.code, names)}": _rule(rule) for rule in plan.rules},
        "tries of one number": str(plan.max_per_number or no_limit),
        "tries of one person on one day": str(plan.max_per_day or no_limit),
        "tries of one person over all campaigns": (
            f"{plan.max_per_person} in {_days(plan.person_days)}" if many else no_limit
        ),
        "wait before another number": waits.say(plan.other_number_minutes),
        "after a wrong number": (
            "the other numbers are tried" if plan.wrong_number_goes_on else "the person is done"
        ),
        "spread over the parts of the day": (
            f"yes, put off by at most {_days(plan.spread_days)}" if plan.spread else "no"
        ),
    }


def order_parts(value: Stored, names: Names) -> dict[str, str]:
    """Return who comes first, and what goes before that."""
    order = ordering.read(value)
    fresh, weights = order.fresh_minutes, order.weights
    lists = sorted((-each.weight, names.of("list", each.list_id)) for each in weights)
    return {
        "first": FIRST[order.kind],
        "new people": f"before all others for {fresh} min" if fresh is not None else "in turn",
        "lists by weight": ", ".join(f"{name} {-weight}" for weight, name in lists) or "not told apart",
    }


def _rule(rule: OutcomeRule) -> str:
    limit = "" if rule.max_tries is None else f", at most {rule.max_tries}, then {AT_LIMIT[rule.at_limit]}"
    return f"wait {waits.say(rule.wait_minutes)}, then {THEN[rule.then]}{limit}"


def _result(code: str, names: Names) -> str:
    return names.choices.get("result", {}).get(code, code)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _line(parts: Mapping[str, str]) -> str:
    return "; ".join(f"{part}: {words}" for part, words in parts.items())
