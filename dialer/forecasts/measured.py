"""What the calls of the last four weeks were like: shares of results by hour, and how long talk and wrap-up took."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import sqrt
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, FloatField, Q, QuerySet, StdDev
from django.db.models.functions import Cast, Extract, ExtractHour

from campaigns.models import Disposition
from dialer.answerflow import NOBODY
from dialer.callflow import CallState, NetworkOutcome
from dialer.models import Call
from dialer.selectors import HEARD_A_MACHINE

SPAN = timedelta(days=28)
LATEST = 20_000  # calls looked at
ENOUGH = 100  # fewer say too little
OF_AN_HOUR = 100  # likewise of one hour of the day
SPOKEN = 30  # likewise of conversations
SUMMED = ("calls", "persons", "machines", "busy", "failed", "callbacks")
SIGN_ONS = 100  # the latest, by which breaks are measured
WORKED = 8 * 3600.0  # seconds signed on, likewise enough
# An interval ends with the session's next change; the last change of one that has ended is its sign-off.
PAUSES = """
SELECT count(DISTINCT session_id), sum(took), coalesce(sum(took) FILTER (WHERE to_state = 'not_ready'), 0)
  FROM (
    SELECT change.session_id, change.to_state,
           extract(epoch FROM lead(change.at) OVER (PARTITION BY change.session_id ORDER BY change.at, change.id) - change.at) AS took
      FROM dialer_agentstatechange AS change
     WHERE change.session_id IN (
        SELECT id FROM dialer_agentsession
         WHERE campaign_id = ANY(%(campaigns)s) AND ended_at >= %(since)s
         ORDER BY id DESC LIMIT %(most)s
     )
  ) AS spell
 WHERE took IS NOT NULL
"""
AGREED = Q(disposition__needs_callback=True) | Q(disposition__category=Disposition.Category.CALLBACK)
TRIED = (
    NetworkOutcome.ANSWERED,
    NetworkOutcome.BUSY,
    NetworkOutcome.NO_ANSWER,
    NetworkOutcome.FAILED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Counts of calls by what came of them, and lengths in seconds where enough people talked."""

    calls: int
    persons: int
    machines: int
    busy: int
    failed: int
    spoken: int  # conversations the lengths come from
    talk: float
    talk_spread: float
    wrap: float
    callbacks: int  # of the conversations: those after which the person is called again at a time agreed
    by_hour: Sequence[tuple[int, float]] = ()  # hour → people who answer, as a multiple of the whole
    hours: Mapping[int, tuple[int, int]] = field(default_factory=dict)  # hour → calls, people


def measure(campaign_ids: Sequence[int], *, now: datetime) -> Measured | None:
    """Return what the campaigns' latest calls say; None where they are too few. One query."""
    if not campaign_ids:
        return None
    latest = Call.objects.filter(
        campaign_id__in=list(campaign_ids), state=CallState.ENDED, created_at__gte=now - SPAN, outcome__in=TRIED
    ).order_by("-pk")  # fmt: skip
    rows = list(_by_hour(Call.objects.filter(pk__in=latest.values("pk")[:LATEST])))
    total: Counter[str] = Counter()
    for row in rows:
        total.update({name: row[name] for name in SUMMED})
    if total["calls"] < ENOUGH:
        return None
    spoken, talk, spread, wrap = _lengths(rows)
    share = total["persons"] / total["calls"]
    return Measured(
        calls=total["calls"],
        persons=total["persons"],
        machines=total["machines"],
        busy=total["busy"],
        failed=total["failed"],
        spoken=spoken,
        talk=talk,
        talk_spread=spread,
        wrap=wrap,
        callbacks=total["callbacks"],
        by_hour=tuple(
            (row["hour"], row["persons"] / row["calls"] / share)
            for row in rows
            if row["calls"] >= OF_AN_HOUR and share
        ),
        hours={row["hour"]: (row["calls"], row["persons"]) for row in rows},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaks:
    """How much of their time agents were signed on and not ready."""

    sign_ons: int
    share: float


def breaks(campaign_ids: Sequence[int], *, now: datetime) -> Breaks | None:
    """Return how much of the latest sign-ons of four weeks was break; None where they are too few. One query."""
    params: dict[str, Any] = {"campaigns": list(campaign_ids), "since": now - SPAN, "most": SIGN_ONS}
    with connection.cursor() as cursor:
        cursor.execute(PAUSES, params)
        sign_ons, whole, resting = cursor.fetchone()
    if not whole or whole < WORKED:
        return None
    return Breaks(sign_ons=sign_ons, share=float(resting) / float(whole))


def _by_hour(calls: QuerySet[Call]) -> Any:
    """Give counts and lengths for each hour of the office's day."""
    answered = Q(outcome=NetworkOutcome.ANSWERED)
    machine = answered & (HEARD_A_MACHINE | Q(bridged_at__isnull=True, answered_by__in=list(NOBODY)))
    spoken = answered & ~HEARD_A_MACHINE & Q(bridged_at__isnull=False, disposed_at__isnull=False)
    return (
        calls.annotate(
            hour=ExtractHour("created_at", tzinfo=ZoneInfo(settings.OFFICE_ZONE)),
            talked=_between("bridged_at", "ended_at"),
            wrapped=_between("ended_at", "disposed_at"),
        )
        .values("hour")
        .annotate(
            calls=Count("pk"),
            machines=Count("pk", filter=machine),
            persons=Count("pk", filter=answered) - Count("pk", filter=machine),
            busy=Count("pk", filter=Q(outcome=NetworkOutcome.BUSY)),
            failed=Count("pk", filter=Q(outcome=NetworkOutcome.FAILED)),
            spoken=Count("pk", filter=spoken),
            callbacks=Count("pk", filter=spoken & AGREED),
            talk=Avg("talked", filter=spoken),
            talk_off=StdDev("talked", filter=spoken),
            wrap=Avg("wrapped", filter=spoken),
        )
        .order_by("hour")
    )


def _lengths(rows: Sequence[Mapping[str, Any]]) -> tuple[int, float, float, float]:
    """Return conversations, mean talk, its coefficient of variation, mean wrap-up; zeros where too few talked."""
    spoken = sum(row["spoken"] for row in rows)
    if spoken < SPOKEN:
        return 0, 0.0, 0.0, 0.0
    parts = [row for row in rows if row["spoken"]]
    talk = sum(row["talk"] * row["spoken"] for row in parts) / spoken
    wrap = sum(row["wrap"] * row["spoken"] for row in parts) / spoken
    squares = sum((row["talk_off"] ** 2 + row["talk"] ** 2) * row["spoken"] for row in parts) / spoken
    spread = sqrt(max(0.0, squares - talk**2)) / talk if talk else 0.0
    return spoken, talk, spread, max(0.0, wrap)


def _between(since: str, until: str) -> Cast:
    took = ExpressionWrapper(F(until) - F(since), output_field=DurationField())
    return Cast(Extract(took, "epoch"), FloatField())
