"""Rules that failed, for the pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Min, Sum

from compliance.models import RuleFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRule:
    """One fault and how many contacts it denied."""

    what: str
    contacts: int
    first_at: datetime
    last_at: datetime


DAYS = 7


def failed_rules(now: datetime) -> tuple[FailedRule, ...]:
    """Return the faults of the last days, the latest first. Hidden SQL: one query."""
    rows = (
        RuleFailure.objects.filter(at__gte=now - timedelta(days=DAYS))
        .values("what")
        .annotate(contacts=Sum("contacts"), first_at=Min("at"), last_at=Max("at"))
        .order_by("-last_at", "what")
    )
    return tuple(FailedRule(**row) for row in rows[:100])
