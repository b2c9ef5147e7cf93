"""What is known of a CRM's limit on requests."""

from datetime import datetime, timedelta

from django.db.models import Sum

from crm_sync import quota
from crm_sync.models import ApiHour, CrmConnection


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
