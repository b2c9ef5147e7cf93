"""Going through a script, one step at a time. Pure."""

from collections.abc import Mapping

from campaigns.scripting.flow import Flow, Kind, Node, Op, Rule


class NoWay(ValueError):
    """The step has no such way on; the text says what there is."""


def begin(flow: Flow, facts: Mapping[str, str]) -> Node | None:
    """Return the first step that is shown for these facts of the lead; None of an empty script."""
    return shown(flow, flow.nodes[0].code, facts) if flow.nodes else None


def follow(flow: Flow, code: str, choice: int, facts: Mapping[str, str]) -> Node:
    """Return the step that way number `choice` (from 0) of the step leads to. Raises NoWay."""
    node = flow.node(code)
    if node is None or node.kind is Kind.CONDITION:
        raise NoWay("This step is not in the script any more.")
    if not 0 <= choice < len(node.ways):
        raise NoWay("There is no such answer here. Choose one of those shown.")
    found = shown(flow, node.ways[choice][1], facts)
    if found is None:
        raise NoWay("This answer leads nowhere. Choose another, or go back.")
    return found


def shown(flow: Flow, code: str, facts: Mapping[str, str]) -> Node | None:
    """Return the step, behind every condition on the way; None where conditions lead nowhere or round in a circle."""
    seen: set[str] = set()
    node = flow.node(code)
    while node is not None and node.kind is Kind.CONDITION and node.code not in seen:
        seen.add(node.code)
        node = flow.node(next((rule.next for rule in node.rules if holds(rule, facts)), node.next))
    return None if node is None or node.kind is Kind.CONDITION else node


def holds(rule: Rule, facts: Mapping[str, str]) -> bool:
    """Return whether the comparison holds; without regard to case, and what is not known equals nothing."""
    have, want = facts.get(rule.fact, "").strip().casefold(), rule.value.strip().casefold()
    match rule.op:
        case Op.KNOWN:
            return bool(have)
        case Op.UNKNOWN:
            return not have
        case Op.IS:
            return bool(have) and have == want
        case Op.IS_NOT:
            return have != want
        case Op.CONTAINS:
            return bool(want) and want in have
        case Op.ONE_OF:
            return bool(have) and have in [each.strip() for each in want.split(",")]
