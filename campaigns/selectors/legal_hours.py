"""The hours in which the law lets people of a state be called, for campaigns of one purpose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Trim, Upper

from campaigns.linter.setup import Place, Span
from campaigns.models import Contact, ContactPhone
from compliance.gathering import policy_for
from compliance.rules.facts import Channel, Purpose
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.pack import Hours, StateRow
from compliance.rules.policy import Policy

ALL_DAY = (time(0), time(23, 59, 59))
_CODES = {name.upper().removeprefix("THE "): code for code, name in STATE_NAMES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class StateHours:
    """One state's line of the table."""

    code: str
    name: str
    hours: Sequence[Span | None]  # Monday to Sunday
    closed_on_holidays: bool

    @property
    def is_free(self) -> bool:
        """Return whether the law leaves every hour of every day."""
        return not self.closed_on_holidays and all(one == ALL_DAY for one in self.hours)

    @property
    def words(self) -> tuple[str, str, str]:
        """Return the hours of weekdays, Saturday and Sunday."""
        return tuple(_said(self.hours[day]) for day in (0, 5, 6))  # type: ignore[return-value]  # three of them


def table(purpose: Purpose, *, ahead: bool, now: datetime) -> list[StateHours]:
    """Return the hours of every state by name; at most one query."""
    policy = policy_for(now)
    rows = [_state(policy, code, purpose, ahead=ahead, now=now) for code in STATE_NAMES]
    return sorted(rows, key=lambda row: row.name)


def places(people: "QuerySet[Contact]", purpose: Purpose, *, ahead: bool, now: datetime) -> list[Place]:
    """Return the states written with these people, with their hours; two queries. Other places are left out."""
    found = (
        people.order_by()
        .annotate(place=Upper(Trim("state")))
        .values_list("place")
        .annotate(people=Count("id"))
    )
    by_state: dict[str, int] = {}
    for written, number in found:
        code = written if written in STATE_NAMES else _CODES.get(written, "")
        if code:
            by_state[code] = by_state.get(code, 0) + number
    policy = policy_for(now)
    rows = [
        (_state(policy, code, purpose, ahead=ahead, now=now), number)
        for code, number in sorted(by_state.items())
    ]
    return [Place(name=row.name, people=number, hours=row.hours) for row, number in rows]


def count_people(people: "QuerySet[Contact]") -> tuple[int, int]:
    """Return how many they are, and how many of them have a number; one query."""
    has_number = Exists(ContactPhone.objects.filter(contact_id=OuterRef("pk")))
    found = people.aggregate(people=Count("id"), reachable=Count("id", filter=Q(has_number)))
    return found["people"], found["reachable"]


def spans(policy: Policy, code: str, purpose: Purpose, *, ahead: bool, on: date) -> list[Span | None]:
    """Return the hours of each day, Monday to Sunday, in a state by its USPS code; "" is a place we have no hours for."""
    rows = _rows(policy, code, purpose, ahead=ahead, on=on)
    return [_both([_federal(policy, purpose), *(_span(row.hours(day)) for row in rows)]) for day in range(7)]


def _rows(policy: Policy, code: str, purpose: Purpose, *, ahead: bool, on: date) -> Sequence[StateRow]:
    if purpose is not Purpose.TELEMARKETING or not code:
        return ()
    return policy.book.hours_rows(code, Channel.LIVE_PREDICTIVE if ahead else Channel.LIVE_PREVIEW, on)


def _state(policy: Policy, code: str, purpose: Purpose, *, ahead: bool, now: datetime) -> StateHours:
    rows = _rows(policy, code, purpose, ahead=ahead, on=now.date())
    name = STATE_NAMES[code]
    return StateHours(
        code=code,
        name=name[:1].upper() + name[1:],
        hours=spans(policy, code, purpose, ahead=ahead, on=now.date()),
        closed_on_holidays=any(row.closed_on_holidays for row in rows),
    )


def _federal(policy: Policy, purpose: Purpose) -> Span:
    if purpose is Purpose.TELEMARKETING:
        return policy.federal_opens, policy.federal_closes
    if purpose is Purpose.DEBT:
        return policy.debt_opens, policy.debt_closes
    return ALL_DAY


def _span(hours: Hours | None) -> Span | None:
    return (hours.opens, hours.closes) if hours else None


def _both(spans: Sequence[Span | None]) -> Span | None:
    """Return the time that is in all of them."""
    given = [one for one in spans if one]
    if len(given) < len(spans):
        return None
    opens, closes = max(one[0] for one in given), min(one[1] for one in given)
    return (opens, closes) if opens < closes else None


def _said(span: Span | None) -> str:
    if span is None:
        return "no calls"
    return "any time" if span == ALL_DAY else f"{span[0]:%H:%M} to {span[1]:%H:%M}"
