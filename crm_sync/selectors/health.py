"""How a connection is: its queue, its lag by hour, what it costs of the CRM's limit, and both sides compared."""

import dataclasses
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import Min

from core.errors import NotFound
from crm_sync import quota, selectors
from crm_sync.models import (
    ApiHour,
    CrmConnection,
    FlagComparison,
    Reconciliation,
    SyncQueueItem,
    WebhookEvent,
)
from crm_sync.selectors import quotas

HOURS = 24
DAYS = 14
KINDS = Reconciliation.Kind.values


@dataclasses.dataclass(frozen=True, slots=True)
class QuotaFacts:
    """The day's limit on requests; `forecast` is what the day will have cost if it goes on as in the last two hours."""

    used: int
    limit: int
    read_at: datetime
    forecast: int
    allowed: int  # beyond it only a batch each quarter of an hour is sent
    percent: int

    @property
    def is_short(self) -> bool:
        """Return whether the day will not do at this rate."""
        return self.forecast > self.allowed


@dataclasses.dataclass(frozen=True, slots=True)
class HourRow:
    """An hour's cost."""

    hour: datetime
    requests: int
    activities: int


@dataclasses.dataclass(frozen=True, slots=True)
class DayRow:
    """A day's records of one kind compared."""

    day: date
    kind: str  # in words
    is_new_day: bool  # the row above is of another day
    ran_at: datetime
    ours: int
    theirs: int
    open: int
    sent_again: int
    deleted: int
    extra: int
    changed: int
    examples: Sequence[str]
    error: str

    @property
    def is_even(self) -> bool:
        """Return whether both sides had the same."""
        return not (self.error or self.sent_again or self.deleted or self.extra or self.changed)


@dataclasses.dataclass(frozen=True, slots=True)
class FlagsRow:
    """Do-not-call flags compared."""

    ran_at: datetime
    compared: int
    ours: int
    theirs: int
    open: int
    sent_again: int
    learned: int
    gone: int
    examples: Sequence[str]
    error: str

    @property
    def is_even(self) -> bool:
        """Return whether both sides had the same flags."""
        return not (self.error or self.examples)


@dataclasses.dataclass(frozen=True, slots=True)
class Health:
    """Everything the page shows."""

    connection: selectors.ConnectionRow
    oldest_waiting: timedelta | None
    quota: QuotaFacts | None
    hours: Sequence[HourRow]
    days: Sequence[DayRow]
    flags: FlagsRow | None
    held: Sequence[selectors.HeldReason]
    webhook_path: str  # "" where the CRM sends none
    webhook_heard_at: datetime | None


def get_health(connection_id: int, now: datetime) -> Health:
    """Return how the connection is; raises NotFound. Hidden SQL: nine queries."""
    row = selectors.get_connection(connection_id, now)
    connection = CrmConnection.objects.filter(id=connection_id).first()
    if connection is None:
        raise NotFound("This CRM connection does not exist.")
    oldest = SyncQueueItem.objects.filter(connection_id=connection_id, state="waiting").aggregate(
        at=Min("changed_at")
    )["at"]
    hours = ApiHour.objects.filter(connection_id=connection_id, hour__gt=now - timedelta(hours=HOURS))
    heard = WebhookEvent.objects.filter(connection_id=connection_id).order_by("-received_at", "-id").first()
    is_hubspot = connection.kind == CrmConnection.Kind.HUBSPOT
    return Health(
        connection=row,
        oldest_waiting=now - oldest if oldest else None,
        quota=_quota(connection, now),
        hours=[
            HourRow(hour=each.hour, requests=each.requests, activities=each.activities)
            for each in hours.order_by("-hour")
        ],
        days=_days(connection_id),
        flags=_flags(connection_id),
        held=selectors.list_held(connection_id=connection_id),
        webhook_path=f"/crm/hooks/hubspot/{connection.install_key}/" if is_hubspot else "",
        webhook_heard_at=heard.received_at if heard else None,
    )  # fmt: skip


def _days(connection_id: int) -> list[DayRow]:
    """Return the newest days, each with its kinds in one order: calls first."""
    compared = Reconciliation.objects.filter(connection_id=connection_id)
    rows = list(compared.order_by("-day", "kind")[: DAYS * len(KINDS)])
    rows.sort(key=lambda each: (-each.day.toordinal(), KINDS.index(each.kind)))
    return [
        DayRow(
            day=each.day, kind=each.get_kind_display(), is_new_day=not number or rows[number - 1].day != each.day,
            ran_at=each.ran_at, ours=each.ours, theirs=each.theirs, open=each.open, sent_again=each.sent_again,
            deleted=each.deleted, extra=each.extra, changed=each.changed, examples=each.examples, error=each.error,
        )
        for number, each in enumerate(rows)
    ]  # fmt: skip


def _flags(connection_id: int) -> FlagsRow | None:
    row = FlagComparison.objects.filter(connection_id=connection_id).first()
    if row is None:
        return None
    return FlagsRow(
        ran_at=row.ran_at, compared=row.compared, ours=row.ours, theirs=row.theirs, open=row.open, sent_again=row.sent_again,
        learned=row.learned, gone=row.gone, examples=row.examples, error=row.error,
    )  # fmt: skip


def _quota(connection: CrmConnection, now: datetime) -> QuotaFacts | None:
    known = quotas.quota_of(connection, now)
    if known is None:
        return None
    return QuotaFacts(
        used=known.used,
        limit=known.limit,
        read_at=known.read_at,
        forecast=quota.forecast(known, now),
        allowed=known.allowed,
        percent=min(100, round(100 * known.used / known.limit)),
    )
