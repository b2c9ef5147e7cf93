"""The CRMs' API limits: what was used is kept with each push (selectors.quotas reads it before the next)."""

from datetime import datetime

from django.db.models import F

from core import db
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
