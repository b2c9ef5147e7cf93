"""The CRMs' API limits: what was used is kept with each push, and read before the next."""

from datetime import datetime, timedelta

from django.db.models import F, Sum

from core import db
from crm_sync import quota
from crm_sync.models import ApiHour, CrmConnection
from crm_sync.protocol import Usage


def note(connection_id: int, usage: Usage, *, requests: int, activities: int, now: datetime) -> None:
    """Add to the hour's sums, and keep what the CRM said of its limit; must run in the push's transaction."""
    db.require_atomic()
    hour = now.replace(minute=0, second=0, microsecond=0)
    row, _ = ApiHour.objects.get_or_create(connection_id=connection_id, hour=hour)
    ApiHour.objects.filter(pk=row.pk).update(
        requests=F("requests") + requests, activities=F("activities") + activities
    )
    if usage.used is not None and usage.limit:
        CrmConnection.objects.filter(id=connection_id).update(
            api_used=usage.used, api_limit=usage.limit, api_read_at=now
        )


def quota_of(connection: CrmConnection, now: datetime) -> quota.Quota | None:
    """Return what is known of the connection's limit, or None before the CRM has said anything. Hidden SQL: one query."""
    if connection.api_used is None or not connection.api_limit or connection.api_read_at is None:
        return None
    since = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    sums = ApiHour.objects.filter(connection_id=connection.id, hour__gte=since)
    requests = sums.aggregate(total=Sum("requests"))["total"] or 0
    hours = (now - since).total_seconds() / 3600
    return quota.Quota(
        used=connection.api_used,
        limit=connection.api_limit,
        read_at=connection.api_read_at,
        per_hour=requests / hours,
    )
