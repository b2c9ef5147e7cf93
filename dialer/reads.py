"""What the floor shows of the carrier. Dataclasses out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q

from carriers.throttle import limit_words
from dialer.callflow import AttemptState
from dialer.models import DialAttempt

LOOKED_BACK = timedelta(seconds=10)
IN_USE = (AttemptState.DIALING, AttemptState.PLACED, AttemptState.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierLoad:
    """How close the calls are to what the carrier's account may do."""

    waiting: int  # calls that wait for a slot or a line
    calls: int  # the carrier has, or is being asked for
    per_second: float  # placed, over the last ten seconds
    limit: str  # "1 call a second"
    max_lines: int  # 0: no limit


def carrier_load(*, now: datetime) -> CarrierLoad:
    """Return it; one query."""
    found = DialAttempt.objects.filter(
        Q(state__in=[AttemptState.RESERVED, *IN_USE]) | Q(placed_at__gt=now - LOOKED_BACK)
    ).aggregate(
        waiting=Count("pk", filter=Q(state=AttemptState.RESERVED) & ~Q(reason="")),
        calls=Count("pk", filter=Q(state__in=IN_USE)),
        placed=Count("pk", filter=Q(placed_at__gt=now - LOOKED_BACK)),
    )
    return CarrierLoad(
        waiting=found["waiting"],
        calls=found["calls"],
        per_second=found["placed"] / LOOKED_BACK.total_seconds(),
        limit=limit_words(),
        max_lines=settings.CARRIER_MAX_LINES,
    )
