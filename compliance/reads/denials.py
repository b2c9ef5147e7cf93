"""How many contacts were refused, by reason and day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate

from compliance.models import ComplianceDecision
from compliance.rules.decision import Outcome

DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DeniedDays:
    """Refusals of one reason on each of the days, oldest first; `days` and `counts` go together."""

    code: str
    days: tuple[date, ...]
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """Return how many there were."""
        return sum(self.counts)


def denials_by_day(*, today: date, days: int = DAYS) -> tuple[DeniedDays, ...]:
    """Return the refusals of the last days (UTC, today included) by reason, the most frequent reason first.

    Hidden SQL: one query, over the days' part of the index on decided_at.
    """
    first = today - timedelta(days=days - 1)
    span = tuple(first + timedelta(days=index) for index in range(days))
    rows = (
        ComplianceDecision.objects.filter(
            decided_at__gte=datetime.combine(first, time(0), UTC),
            decided_at__lt=datetime.combine(today + timedelta(days=1), time(0), UTC),
            outcome=Outcome.DENY.value,
        )
        .annotate(day=TruncDate("decided_at", tzinfo=UTC))
        .values_list("code", "day")
        .annotate(many=Count("id"))
        .order_by("code", "day")
    )
    found: dict[str, dict[date, int]] = {}
    for code, day, many in rows:
        found.setdefault(code, {})[day] = many
    series = [
        DeniedDays(code=code, days=span, counts=tuple(by_day.get(day, 0) for day in span))
        for code, by_day in found.items()
    ]
    return tuple(sorted(series, key=lambda each: (-each.total, each.code)))
