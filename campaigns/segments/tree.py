"""A rule as a tree of groups and conditions: read from JSON with everything that is wrong with it, and said in words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Union

from campaigns.segments.fields import DATES, DAYS, WITHOUT_VALUE, Catalogue, Field, Kind, Operator

MAX_DEPTH: Final = 5
MAX_CONDITIONS: Final = 60
MAX_TEXT: Final = 200
MAX_NUMBER: Final = 100_000
ALL, ANY = "all", "any"


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison. `value` is text, a whole number (also of days), or nothing, as the operator asks."""

    field: str
    operator: Operator
    value: str | int = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions and groups, of which all must hold, or any. A group of nothing holds for everybody."""

    join: str
    members: tuple["Node", ...]


Node = Union[Condition, Group]  # noqa: UP007 - a name that stands before it is defined
_AMOUNT: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", re.ASCII)
EVERYBODY: Final = Group(ALL, ())


class RuleRefused(ValueError):
    """The rule cannot be used; `problems` says what is wrong in full sentences, each with the path of its node."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(" ".join(dict.fromkeys(text for _, text in problems)))
        self.problems = tuple(problems)


def read(raw: Any, fields: Catalogue) -> Group:
    """Turn JSON into a rule; raises RuleRefused with everything that is wrong, whatever comes in."""
    problems: list[tuple[str, str]] = []
    node = _read(raw, "0", 1, fields, problems)
    if not problems and sum(1 for _ in conditions(node)) > MAX_CONDITIONS:
        problems.append(("0", f"A segment may have at most {MAX_CONDITIONS} conditions. Split it in two."))
    if problems:
        raise RuleRefused(problems)
    return node if isinstance(node, Group) else Group(ALL, (node,))


def dump(node: Node) -> dict[str, Any]:
    """Return the rule as JSON: what read() takes."""
    if isinstance(node, Group):
        return {"join": node.join, "members": [dump(each) for each in node.members]}
    return {"field": node.field, "operator": node.operator.value, "value": node.value}


def conditions(node: Node) -> Iterator[Condition]:
    """Give the conditions of the rule from first to last."""
    if isinstance(node, Condition):
        yield node
    else:
        for member in node.members:
            yield from conditions(member)


def words(node: Node, fields: Catalogue) -> str:
    """Say the rule in words: "State is FL and (Company contains “roof” or Attempts is at least 3)"."""
    if isinstance(node, Condition):
        return _condition_words(node, fields)
    if not node.members:
        return "everybody"
    joint = " and " if node.join == ALL else " or "
    return joint.join(
        f"({words(each, fields)})"
        if isinstance(each, Group) and len(each.members) > 1
        else words(each, fields)
        for each in node.members
    )


def _condition_words(condition: Condition, fields: Catalogue) -> str:
    field = fields.get(condition.field)
    if field is None:  # a field a manager has removed since
        return f"“{condition.field}” (no such field any more)"
    operator = field.operators[condition.operator]
    if condition.operator in WITHOUT_VALUE:
        return f"{field.label} {operator}"
    shown = str(condition.value)
    if field.kind in (Kind.NAMED, Kind.CHOICE):
        shown = f"“{field.choices.get(shown, 'removed since')}”"
    elif field.kind is Kind.TEXT:
        shown = f"“{shown}”"
    elif condition.operator in DAYS:
        return f"{field.label} {operator.replace('(days)', f'{condition.value:,} days')}"
    return f"{field.label} {operator} {shown}"


def _read(raw: Any, path: str, depth: int, fields: Catalogue, problems: list[tuple[str, str]]) -> Node:
    if not isinstance(raw, Mapping):
        problems.append((path, "This part of the rule is neither a condition nor a group."))
        return EVERYBODY
    if "members" not in raw:
        return _read_condition(raw, path, fields, problems)
    members = raw["members"]
    if raw.get("join") not in (ALL, ANY) or not isinstance(members, list):
        problems.append((path, "A group needs “all” or “any”, and a list of what is in it."))
        return EVERYBODY
    if depth > MAX_DEPTH:
        problems.append((path, f"Groups may stand at most {MAX_DEPTH} deep in each other."))
        return EVERYBODY
    if len(members) > MAX_CONDITIONS:
        problems.append((path, f"A group may have at most {MAX_CONDITIONS} parts. Split it in two."))
        return EVERYBODY
    read_ones = (
        _read(each, f"{path}.{number}", depth + 1, fields, problems) for number, each in enumerate(members)
    )
    # An empty group holds for everybody: inside “any of” it would quietly make the whole rule hold.
    found = tuple(each for each in read_ones if not isinstance(each, Group) or each.members)
    return Group(str(raw["join"]), found)


def _read_condition(
    raw: Mapping[str, Any], path: str, fields: Catalogue, problems: list[tuple[str, str]]
) -> Node:
    key, word = raw.get("field"), raw.get("operator")
    field = fields.get(key) if isinstance(key, str) else None
    if field is None:
        problems.append((path, "Choose what the condition is about."))
        return EVERYBODY
    operator = next((each for each in field.operators if each.value == word), None)
    if operator is None:
        problems.append((path, f"Choose how “{field.label}” is compared."))
        return EVERYBODY
    if operator in WITHOUT_VALUE:
        return Condition(field.key, operator)
    value, problem = _value(raw.get("value"), field, operator)
    if problem:
        problems.append((path, problem))
        return EVERYBODY
    return Condition(field.key, operator, value)


def _value(raw: Any, field: Field, operator: Operator) -> tuple[str | int, str]:
    """Return the value as it is stored, and what is wrong with it."""
    text = str(raw).strip() if isinstance(raw, str | int) and not isinstance(raw, bool) else ""
    if not text:
        return "", f"Give a value to compare “{field.label}” with."
    if len(text) > MAX_TEXT or not text.isprintable():
        return "", f"“{field.label}” is compared with one line of at most {MAX_TEXT} characters."
    if field.kind is Kind.NUMBER or operator in DAYS:
        if not (text.isascii() and text.isdigit()) or int(text[:7]) > MAX_NUMBER or len(text) > 6:
            return "", f"“{field.label}” is compared with a whole number from 0 to {MAX_NUMBER:,}."
        return int(text), ""
    if operator in DATES:
        return _date(text, field)
    if field.kind is Kind.AMOUNT:
        return _amount(text, field)
    if field.kind in (Kind.CHOICE, Kind.NAMED) and text not in field.choices:
        return "", f"What “{field.label}” is compared with is not there any more. Choose another."
    return text, ""


def _amount(text: str, field: Field) -> tuple[str, str]:
    if not _AMOUNT.fullmatch(text):
        return (
            "",
            f"“{field.label}” is compared with a number like -12.50, of at most 15 digits before the point and 6 behind it.",
        )
    return text, ""


def _date(text: str, field: Field) -> tuple[str, str]:
    try:
        return date.fromisoformat(text).isoformat(), ""
    except ValueError:
        return "", f"Give the date for “{field.label}” as year, month and day: 2026-11-23."
