"""The plan of further tries and the order of calls of a setup, in words. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from campaigns import ordering, recycling, waits
from campaigns.recycling import AtLimit, OutcomeRule, Plan, Then
from campaigns.versions.names import Names

Stored = Mapping[str, Any]
PLAIN: Final = "the plain rule: wait as each result says"
NO_LIMIT: Final = "no limit of its own"
AFTER_WRONG: Final = "after a wrong number"
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
    """Return the whole plan in one line: results that say the same together, and no limit that there is not."""
    if not value:
        return PLAIN
    said: dict[str, list[str]] = {}
    for rule in (recycling.read(value) or Plan()).rules:
        said.setdefault(_rule(rule), []).append(_result(rule.code, names))
    parts = {f"after {', '.join(results)}": words for words, results in said.items()}
    limits = {
        part: words
        for part, words in plan_parts(value, names).items()
        if not part.startswith("after ") and words != NO_LIMIT
    }
    return _line({**parts, **limits, AFTER_WRONG: plan_parts(value, names)[AFTER_WRONG]})


def say_order(value: Stored | None, names: Names) -> str:
    """Return the whole order in one line."""
    return _line(order_parts(value, names)) if value else DUE


def plan_parts(value: Stored, names: Names) -> dict[str, str]:
    """Return what a plan says of each result, and its limits."""
    plan = recycling.read(value) or Plan()
    many = plan.max_per_person is not None
    return {
        **{f"after {_result(rule.code, names)}": _rule(rule) for rule in plan.rules},
        "tries of one number": str(plan.max_per_number or NO_LIMIT),
        "tries of one person on one day": str(plan.max_per_day or NO_LIMIT),
        "tries of one person over all campaigns": (
            f"{plan.max_per_person} in {_days(plan.person_days)}" if many else NO_LIMIT
        ),
        "wait before another number": waits.say(plan.other_number_minutes),
        AFTER_WRONG: ("the other numbers are tried" if plan.wrong_number_goes_on else "the person is done"),
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
