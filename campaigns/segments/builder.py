"""A rule while it is being built: what the form says, unfinished as it may be, and what the next page shows of it.

Each node has a path of labels that stay with it ("0.3.1"), so that removing one node leaves the others what they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from campaigns.segments import tree
from campaigns.segments.fields import DATES, DAYS, WITHOUT_VALUE, Catalogue, Field, Kind
from campaigns.segments.tree import ALL, ANY, MAX_CONDITIONS, MAX_DEPTH, Group, Node

ROOT: Final = "0"
_MOST_NODES: Final = 2 * MAX_CONDITIONS


@dataclass(slots=True)
class DraftCondition:
    """A condition as typed so far."""

    path: str
    field: str = ""
    operator: str = ""
    value: str = ""


@dataclass(slots=True)
class DraftGroup:
    """A group as built so far."""

    path: str
    join: str = ALL
    members: "list[DraftGroup | DraftCondition]" = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A node as the page shows it; `members` is None for a condition."""

    path: str
    depth: int
    number: str  # for people: "2.1"
    problem: str
    join: str = ""
    members: "Sequence[Shown] | None" = None
    may_nest: bool = False
    field: Field | None = None
    operators: Sequence[tuple[str, str, bool]] = ()
    widget: str = ""  # text, number, date, choice, or nothing
    choices: Sequence[tuple[str, str]] = ()
    value: str = ""


def empty() -> DraftGroup:
    """Return what a new segment begins with: one condition to fill in."""
    return DraftGroup(ROOT, ALL, [DraftCondition(f"{ROOT}.0")])


def from_rule(rule: Group) -> DraftGroup:
    """Return a stored rule to change."""
    return _from_node(rule, ROOT) if rule.members else empty()  # type: ignore[return-value]  # a group gives a group


def from_form(data: Mapping[str, str]) -> DraftGroup:
    """Read what the form says. Whatever does not belong is left out; a form without anything is a new one."""
    groups = _paths(data, "join.")
    if ROOT not in groups:
        return empty()
    nodes: dict[str, DraftGroup | DraftCondition] = {
        path: DraftGroup(path, data[f"join.{path}"] if data[f"join.{path}"] in (ALL, ANY) else ALL)
        for path in groups
    }
    for path in _paths(data, "field."):
        told = (data.get(f"{name}.{path}", "") for name in ("field", "operator", "value"))
        nodes.setdefault(path, DraftCondition(path, *told))
    for path in sorted(nodes, key=_labels)[:_MOST_NODES]:
        parent = nodes.get(path.rpartition(".")[0])
        if path != ROOT and isinstance(parent, DraftGroup):
            parent.members.append(nodes[path])
    root = nodes[ROOT]
    assert isinstance(root, DraftGroup), "groups are named first"
    return root


def act(draft: DraftGroup, what: str) -> str:
    """Do what a button of the form says: "condition:0.1", "group:0", "remove:0.2". Return the path of what is new, or ""."""
    verb, _, path = what.partition(":")
    group = _find(draft, path if verb != "remove" else path.rpartition(".")[0])
    if not isinstance(group, DraftGroup):
        return ""
    if verb == "remove":
        group.members = [each for each in group.members if each.path != path]
        return group.path
    fresh = f"{path}.{_next_label(group)}"
    if verb == "condition":
        group.members.append(DraftCondition(fresh))
        return fresh
    if verb == "group" and len(_labels(fresh)) < MAX_DEPTH:
        other = ANY if group.join == ALL else ALL
        group.members.append(DraftGroup(fresh, other, [DraftCondition(f"{fresh}.0")]))
        return f"{fresh}.0"
    return ""


def raw_of(draft: DraftGroup | DraftCondition) -> dict[str, Any]:
    """Return the draft as JSON for tree.read()."""
    if isinstance(draft, DraftCondition):
        return {"field": draft.field, "operator": draft.operator, "value": draft.value}
    return {"join": draft.join, "members": [raw_of(each) for each in draft.members]}


def complete_part(draft: DraftGroup, fields: Catalogue) -> Group:
    """Return the rule of what is finished: what is counted while the rest is still being typed."""
    return Group(draft.join, tuple(_complete(draft, fields)))


def show(draft: DraftGroup, fields: Catalogue, problems: Iterable[tuple[str, str]] = ()) -> Shown:
    """Return the page's view of the draft. Problems come by position, as tree.read() tells them."""
    return _show(draft, fields, dict(problems), ROOT, "", 1)


def _complete(draft: DraftGroup, fields: Catalogue) -> Iterable[Node]:
    for each in draft.members:
        if isinstance(each, DraftGroup):
            inner = tuple(_complete(each, fields))
            if inner:
                yield Group(each.join, inner)
            continue
        try:
            yield from tree.read({"join": ALL, "members": [raw_of(each)]}, fields).members
        except tree.RuleRefused:
            continue  # not finished yet; the page says so when it is saved


def _show(
    draft: DraftGroup | DraftCondition,
    fields: Catalogue,
    problems: Mapping[str, str],
    position: str,
    number: str,
    depth: int,
) -> Shown:
    problem = problems.get(position, "")
    if isinstance(draft, DraftGroup):
        members = [
            _show(
                each, fields, problems, f"{position}.{index}", f"{number}.{index + 1}".lstrip("."), depth + 1
            )
            for index, each in enumerate(draft.members)
        ]
        return Shown(
            path=draft.path, depth=depth, number=number, problem=problem, join=draft.join, members=members,
            may_nest=depth < MAX_DEPTH - 1,
        )  # fmt: skip
    found = fields.get(draft.field)
    if found is None:
        return Shown(path=draft.path, depth=depth, number=number, problem=problem)
    chosen = next((each for each in found.operators if each == draft.operator), next(iter(found.operators)))
    widget = _widget(found, chosen)
    return Shown(
        path=draft.path,
        depth=depth,
        number=number,
        problem=problem,
        field=found,
        operators=[(each.value, words, each == chosen) for each, words in found.operators.items()],
        widget=widget,
        choices=list(found.choices.items()),
        value=draft.value if widget else "",
    )


def _widget(found: Field, operator: Any) -> str:
    if operator in WITHOUT_VALUE:
        return ""
    if found.kind is Kind.NUMBER or operator in DAYS:
        return "number"
    if operator in DATES:
        return "date"
    if found.kind is Kind.AMOUNT:
        return "amount"
    return "choice" if found.kind in (Kind.CHOICE, Kind.NAMED) else "text"


def _from_node(node: Node, path: str) -> DraftGroup | DraftCondition:
    if isinstance(node, Group):
        return DraftGroup(
            path, node.join, [_from_node(each, f"{path}.{index}") for index, each in enumerate(node.members)]
        )
    return DraftCondition(path, node.field, node.operator.value, str(node.value))


def _paths(data: Mapping[str, str], prefix: str) -> list[str]:
    """The paths the form names so, parents before children; none deeper than a rule may be."""
    found = (name.removeprefix(prefix) for name in data if name.startswith(prefix))
    return sorted((path for path in found if 0 < len(_labels(path)) <= MAX_DEPTH + 1), key=_labels)


def _labels(path: str) -> tuple[int, ...]:
    parts = path.split(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts):
        return ()
    return tuple(int(part) for part in parts)


def _find(draft: DraftGroup, path: str) -> DraftGroup | DraftCondition | None:
    if draft.path == path:
        return draft
    for each in draft.members:
        if each.path == path:
            return each
        found = _find(each, path) if isinstance(each, DraftGroup) else None
        if found is not None:
            return found
    return None


def _next_label(group: DraftGroup) -> int:
    return max((_labels(each.path)[-1] for each in group.members), default=-1) + 1
