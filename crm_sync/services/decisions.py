"""Decisions on fields: kept for a while, to be looked at."""

from datetime import datetime, timedelta
from typing import Final

from crm_sync.models import FieldDecision

KEPT_FOR: Final = timedelta(days=90)
AT_ONCE: Final = 50_000


def forget_old(*, now: datetime) -> int:
    """Remove decisions kept long enough, the oldest first; return how many."""
    old = FieldDecision.objects.filter(at__lt=now - KEPT_FOR).order_by("at", "id").values("id")[:AT_ONCE]
    count, _ = FieldDecision.objects.filter(id__in=old).delete()
    return count
