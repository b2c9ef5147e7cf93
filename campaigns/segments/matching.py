"""Whether one person fits a rule, from facts. The database's reading of the same is campaigns/selectors/matching.py."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from campaigns.segments.fields import Catalogue, Kind, Operator, own_key
from campaigns.segments.tree import ALL, Condition, Group, Node


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """What rules can know of a person, by the field's key. A text field that several rows have is a set of texts."""

    texts: Mapping[str, frozenset[str]]
    named: Mapping[str, frozenset[str]]  # also of choices
    numbers: Mapping[str, int]
    flags: Mapping[str, bool]
    moments: Mapping[str, datetime | None]
    own: Mapping[str, Any] = field(default_factory=dict)  # Contact.custom


def matches(node: Node, person: PersonFacts, fields: Catalogue, *, now: datetime) -> bool:
    """Return whether the person fits the rule."""
    if isinstance(node, Group):
        join = all if node.join == ALL else any
        return not node.members or join(matches(each, person, fields, now=now) for each in node.members)
    if (own := own_key(node.field)) is not None:
        return _own(node, own[0], person.own.get(own[1], ""), now)
    kind = fields[node.field].kind
    if kind is Kind.TEXT:
        return _text(node, person.texts[node.field])
    if kind in (Kind.CHOICE, Kind.NAMED):
        return _named(node, person.named[node.field])
    if kind is Kind.NUMBER:
        return _NUMBER[node.operator](person.numbers[node.field], int(node.value))
    if kind is Kind.FLAG:
        return person.flags[node.field] is (node.operator is Operator.YES)
    return _moment(node, person.moments[node.field], now)


def fold(text: str) -> str:
    """Return the text without upper and lower case, as the database does it: letter by letter, so that "ß" stays one."""
    return "".join(upper if len(upper := letter.upper()) == 1 else letter for letter in text)


def day_begins(day: str) -> datetime:
    """Return the instant the date begins, in UTC."""
    return datetime.combine(date.fromisoformat(day), time(), UTC)


def days_ago(days: int, now: datetime) -> datetime:
    """Return the instant so many days ago; before all records, the first there is."""
    try:
        return now - timedelta(days=days)
    except OverflowError:
        return datetime(1, 1, 2, tzinfo=UTC)


_NUMBER: Final[Mapping[Operator, Callable[[int, int], bool]]] = {
    Operator.IS: lambda found, value: found == value,
    Operator.IS_NOT: lambda found, value: found != value,
    Operator.AT_LEAST: lambda found, value: found >= value,
    Operator.AT_MOST: lambda found, value: found <= value,
}


def _text(condition: Condition, found: frozenset[str]) -> bool:
    """Of several texts one is enough; "is not", "lacks" and "is empty" hold where none of them does."""
    wanted = fold(str(condition.value))
    texts = {fold(each) for each in found if each}
    match condition.operator:
        case Operator.IS:
            return wanted in texts
        case Operator.IS_NOT:
            return wanted not in texts
        case Operator.CONTAINS:
            return any(wanted in each for each in texts)
        case Operator.LACKS:
            return not any(wanted in each for each in texts)
        case Operator.STARTS:
            return any(each.startswith(wanted) for each in texts)
        case Operator.EMPTY:
            return not texts
        case Operator.FILLED:
            return bool(texts)
        case _:
            raise ValueError(f"Text is not compared with {condition.operator}.")


def _named(condition: Condition, found: frozenset[str]) -> bool:
    match condition.operator:
        case Operator.IS:
            return str(condition.value) in found
        case Operator.IS_NOT:
            return str(condition.value) not in found
        case Operator.EMPTY:
            return not found
        case Operator.FILLED:
            return bool(found)
        case _:
            raise ValueError(f"A name is not compared with {condition.operator}.")


def day_range(condition: Condition, now: datetime) -> tuple[str, str]:
    """Return the days a condition about a date lets through, as [from, to) in ISO text; empty for no border."""
    today = now.astimezone(UTC).date()
    match condition.operator:
        case Operator.SINCE:
            return str(condition.value), ""
        case Operator.BEFORE:
            return "", str(condition.value)
        case Operator.WITHIN:
            return _day(today, -int(condition.value)), _day(today, 1)
        case Operator.COMING:
            return _day(today, 0), _day(today, int(condition.value) + 1)
        case _:
            raise ValueError(f"A date is not compared with {condition.operator}.")


def _day(today: date, days: int) -> str:
    try:
        return (today + timedelta(days=days)).isoformat()
    except OverflowError:
        return (date.min if days < 0 else date.max).isoformat()


def _own(condition: Condition, kind: Kind, found: Any, now: datetime) -> bool:
    """A field of the house's own; what is not there is neither more nor less than anything, and is not equal to it."""
    if condition.operator in (Operator.EMPTY, Operator.FILLED):
        return (found in ("", None)) is (condition.operator is Operator.EMPTY)
    if kind is Kind.TEXT:
        return _text(condition, frozenset({str(found)}))
    if kind is Kind.NAMED:
        return _named(condition, frozenset({str(found)} if found else ()))
    if kind is Kind.DAY:
        since, before = day_range(condition, now)
        return isinstance(found, str) and found != "" and since <= found and (not before or found < before)
    if not isinstance(found, int | float) or isinstance(found, bool):
        return condition.operator is Operator.IS_NOT
    amount, value = Decimal(str(found)), Decimal(str(condition.value))
    match condition.operator:
        case Operator.IS:
            return amount == value
        case Operator.IS_NOT:
            return amount != value
        case Operator.AT_LEAST:
            return amount >= value
        case Operator.AT_MOST:
            return amount <= value
        case _:
            raise ValueError(f"A number is not compared with {condition.operator}.")


def _moment(condition: Condition, found: datetime | None, now: datetime) -> bool:
    """What never was is neither recent nor long ago."""
    if condition.operator in (Operator.NEVER, Operator.EVER):
        return (found is None) is (condition.operator is Operator.NEVER)
    if found is None:
        return False
    match condition.operator:
        case Operator.WITHIN:
            return found >= days_ago(int(condition.value), now)
        case Operator.LONGER_AGO:
            return found < days_ago(int(condition.value), now)
        case Operator.SINCE:
            return found >= day_begins(str(condition.value))
        case Operator.BEFORE:
            return found < day_begins(str(condition.value))
        case _:
            raise ValueError(f"An instant is not compared with {condition.operator}.")
