"""What people ruled out for calls about a debt, out of the store and into the facts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time

from django.db.models import Q

from compliance.gathering.merged import Merged
from compliance.models import DebtWish
from compliance.rules import cities
from compliance.rules.facts import ContactRequest, DebtFacts, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody ruled out; it holds on all numbers of the person, or for whoever has the number."""

    number: str
    person_ref: str
    hours: tuple[time, time] | None
    days: tuple[int, ...]
    not_here: bool

    def concerns(self, request: ContactRequest) -> bool:
        """Return whether it was said by the request's person, or may have been."""
        if self.person_ref and request.person_ref:
            return self.person_ref == request.person_ref
        return self.number == request.number


def wishes_about(requests: Sequence[ContactRequest], merged: Merged) -> tuple[Wish, ...]:
    """Return what the people of the requests about debts ruled out, oldest first. Hidden SQL: one query, none without such a request."""
    asked = [request for request in requests if request.purpose is Purpose.DEBT]
    if not asked:
        return ()
    numbers = {str(request.number) for request in asked}
    persons = {request.person_ref for request in asked}.union(merged.refs) - {""}
    rows = DebtWish.objects.filter(Q(number__in=numbers) | Q(person_ref__in=persons), end__isnull=True)
    return tuple(
        Wish(
            number=row.number,
            person_ref=merged.survivor(row.person_ref),
            hours=None if row.not_from is None or row.not_until is None else (row.not_from, row.not_until),
            days=tuple(row.not_days),
            not_here=row.not_here,
        )
        for row in rows.order_by("id")
    )


def debt_facts(request: ContactRequest, wishes: Sequence[Wish]) -> DebtFacts:
    """Return what is known of the debt: with what was ruled out, and the city of the person's address where none is said (REGF-006)."""
    if request.purpose is not Purpose.DEBT:
        return request.debt
    debt = request.debt
    if not debt.city:
        city = cities.city_of(number=request.number, postal_code=request.postal_code, city=request.city)
        debt = replace(debt, city=city)
    mine = [wish for wish in wishes if wish.concerns(request)]
    if not mine:
        return debt
    return replace(
        debt,
        inconvenient=(*debt.inconvenient, *(wish.hours for wish in mine if wish.hours and not wish.days)),
        inconvenient_on=(
            *debt.inconvenient_on,
            *((day, *(wish.hours or (time(0), time(0)))) for wish in mine for day in wish.days),
        ),
        ruled_out_here=debt.ruled_out_here
        or any(wish.not_here and wish.number == request.number for wish in mine),
    )
