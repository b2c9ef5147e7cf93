"""Priority over any number of pacing processes: what campaigns that others pace still want of the lines and calls a second.

Each process keeps its decisions (dialer.services.pacing_record); the others read them, a second old at most. Two that look in the same
instant may start more than the carrier takes in a second: its queue holds the rest back, by the time they came.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from campaigns.cards import RunningCampaign
from campaigns.models import Campaign
from dialer.models import DialAttempt, PacingSample
from dialer.models.calls import OPEN_ATTEMPTS
from dialer.standing import STOPS, Standing

RECENT: Final = timedelta(
    seconds=3
)  # an older decision is that of a process that died or is held up: it keeps nothing back


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What the campaigns of other processes want, by priority, and how many calls all processes started within a second's worth."""

    short: Mapping[int, int] = field(default_factory=dict)  # priority -> calls wanted and not started
    started: int | None = None  # None: nobody else paces anything

    def before(self, priority: int) -> int:
        """Return how many calls campaigns of other processes are to start before one of this priority."""
        return sum(calls for other, calls in self.short.items() if other < priority)


def look(running: Iterable[RunningCampaign], own: Iterable[int], *, now: datetime) -> Elsewhere:
    """Return what the running campaigns that are not our own want. Two queries, none where all are our own."""
    mine = set(own)
    others = {one.id: one.priority for one in running if one.id not in mine}
    if not others:
        return Elsewhere()
    latest = PacingSample.objects.filter(campaign_id__in=others, at__gt=now - RECENT, at__lte=now + RECENT)
    short: dict[int, int] = {}
    for row in latest.order_by("campaign_id", "-at", "-id").distinct("campaign_id"):
        priority = others[row.campaign_id]
        short[priority] = short.get(priority, 0) + short_of(row)
    return Elsewhere(short=short, started=_started_lately(now) if short else None)


def short_of(row: PacingSample) -> int:
    """Return how many calls a decision would have started, had there been lines and calls a second enough."""
    standing = Standing(row.standing)
    if row.mode == Campaign.Mode.PREVIEW or (standing in STOPS and standing is not Standing.LINES_FULL):
        return 0
    free = max(0, row.idle - row.under_way)  # what it wants is told after the lines that are left
    return max(0, max(row.wanted, free) - row.started)


def _started_lately(now: datetime) -> int:
    rate = float(settings.CARRIER_CPS)
    since = now - timedelta(seconds=max(1.0, 1 / rate) if rate > 0 else 1.0)
    lately = DialAttempt.objects.filter(state__in=OPEN_ATTEMPTS, state_at__gt=since, reserved_at__gt=since)
    return lately.count()
