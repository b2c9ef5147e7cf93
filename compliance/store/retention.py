"""Removes months of verdicts whose retention is over, whole, and keeps what they held: the one way a verdict ever goes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from compliance.models import ChainLane, DaySeal, DroppedMonth
from compliance.store import partitions
from compliance.store.verifying import verify_day, verify_seals
from core import audit, db


@dataclass(frozen=True, slots=True, kw_only=True)
class OldMonth:
    """A month past its retention. With `problems` it stays until people have looked."""

    month: date
    name: str
    allowed: int
    denied: int
    problems: tuple[str, ...]


def find_old_months(*, now: datetime) -> tuple[OldMonth, ...]:
    """Return the months that ended longer ago than PARLEY_VERDICT_RETENTION_YEARS, each verified against its seals.

    Hidden SQL: reads every verdict of those months.
    """
    cut = now.astimezone(UTC).date()
    oldest_kept = date(cut.year - settings.VERDICT_RETENTION_YEARS, cut.month, 1)
    seals_broken = verify_seals()
    return tuple(
        _look(each.name, each.month, seals_broken)
        for each in partitions.list_partitions()
        if each.month is not None and each.month < oldest_kept
    )


def drop_month(old: OldMonth, *, actor: str, now: datetime) -> None:
    """Take the month's table off and drop it, in one transaction with its record and the audit row.

    Raises ValueError for a month with problems: what does not verify is evidence, and is kept.
    """
    if old.problems:
        raise ValueError(f"{old.month:%Y-%m} is kept: {old.problems[0]}.")
    seals = DaySeal.objects.filter(day__gte=old.month, day__lt=partitions.next_month(old.month))
    with db.use_case():
        db.advisory_xact_lock(db.lock_key("compliance.partitions"))
        last_seal = seals.order_by("-id").first()
        DroppedMonth.objects.create(
            month=old.month,
            allowed=old.allowed,
            denied=old.denied,
            last_seal=last_seal,
            retention_years=settings.VERDICT_RETENTION_YEARS,
            dropped_at=now,
            dropped_by=actor,
        )
        audit.record(
            actor=actor,
            verb="compliance.verdicts.dropped",
            target=f"month:{old.month:%Y-%m}",
            now=now,
            before={
                "allowed": old.allowed,
                "denied": old.denied,
                "last_seal": bytes(last_seal.seal_hash).hex() if last_seal else "",
            },
        )
        with connection.cursor() as cursor:
            cursor.execute(partitions.LOCK_TIMEOUT)
            cursor.execute(f"ALTER TABLE {partitions.PARENT} DETACH PARTITION {old.name}")
            cursor.execute(f"DROP TABLE {old.name}")


def _look(name: str, month: date, seals_broken: tuple[str, ...]) -> OldMonth:
    end = partitions.next_month(month)
    problems = list(seals_broken)
    problems += [
        f"{day} is not sealed"
        for day in ChainLane.objects.filter(day__gte=month, day__lt=end, seal=None)
        .values_list("day", flat=True)
        .distinct()
        .order_by("day")
    ]
    for days in range((end - month).days):
        problems += verify_day(month + timedelta(days=days)).findings
    counts = DaySeal.objects.filter(day__gte=month, day__lt=end).aggregate(
        allowed=Sum("allowed", default=0), denied=Sum("denied", default=0)
    )
    return OldMonth(
        month=month,
        name=name,
        allowed=counts["allowed"],
        denied=counts["denied"],
        problems=tuple(problems),
    )
