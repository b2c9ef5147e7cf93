"""When an agent counts as there: the page that works their desk has been heard of within the last seconds."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from dialer.models import LeavingLeg

BEAT_EVERY = timedelta(seconds=8)  # a page's stream beats every ten seconds; more often is not written


def away_before(now: datetime) -> datetime:
    """Return the instant before which an agent's last sign of life means that they are away."""
    return now - timedelta(seconds=settings.DESK_AWAY_SECONDS)


def signed_off_before(now: datetime) -> datetime:
    """Return the instant before which the last sign of life means that the agent is signed off."""
    return now - timedelta(seconds=settings.DESK_SIGN_OFF_SECONDS)


def may_take_a_call(now: datetime) -> Q:
    """Return the condition on sessions of agents who are there, alone on their line, and whom no supervisor has asked to stop."""
    return seen_since(away_before(now))


def seen_since(instant: Any) -> Q:
    """Return that condition, there being who has been heard of since an instant, or since what stands for one in a kept query."""
    return Q(
        ~Exists(LeavingLeg.objects.filter(session=OuterRef("pk"))),
        ended_at__isnull=True,
        leg_state="up",
        after_result="",
        seen_at__gte=instant,
    )
