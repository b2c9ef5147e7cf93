"""What was ruled out for calls about debts."""

from dataclasses import dataclass
from datetime import datetime, time

from django.db.models import Q

from compliance.models import ComplianceDecision, DebtWish
from core.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtWishRow:
    """One wish, and whether it was taken back."""

    id: int
    number: str
    person_ref: str
    not_from: time | None
    not_until: time | None
    not_days: tuple[int, ...]  # Monday = 0
    not_here: bool
    raw_words: str
    heard_on: str
    recorded_by: str
    at: datetime
    ended_at: datetime | None
    ended_words: str


def debt_wishes_of(number: str, persons: set[str]) -> tuple[DebtWishRow, ...]:
    """Return what was ruled out on the number or by the persons, newest first. Hidden SQL: one query."""
    rows = DebtWish.objects.filter(Q(number=number) | Q(person_ref__in=persons - {""}))
    return tuple(map(_row, rows.select_related("end").order_by("-id")))


def get_debt_wish(wish_id: int) -> DebtWishRow:
    """Return one wish; raises NotFound. Hidden SQL: one query."""
    row = DebtWish.objects.select_related("end").filter(pk=wish_id).first()
    if row is None:
        raise NotFound("There is no such record.")
    return _row(row)


def person_called_on(number: str) -> str:
    """Return whom the gate was asked about last under the number; "" when nobody. Hidden SQL: one query."""
    rows = ComplianceDecision.objects.filter(number=number).exclude(person_ref="")
    return rows.order_by("-decided_at", "-id").values_list("person_ref", flat=True).first() or ""


def _row(row: DebtWish) -> DebtWishRow:
    end = getattr(row, "end", None)
    return DebtWishRow(
        id=row.pk,
        number=row.number,
        person_ref=row.person_ref,
        not_from=row.not_from,
        not_until=row.not_until,
        not_days=tuple(row.not_days),
        not_here=row.not_here,
        raw_words=row.raw_words,
        heard_on=row.heard_on,
        recorded_by=row.recorded_by,
        at=row.at,
        ended_at=end.at if end else None,
        ended_words=end.raw_words if end else "",
    )
