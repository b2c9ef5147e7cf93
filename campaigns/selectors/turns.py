"""How many leads are offered before another one, as campaigns.services.work takes them."""

from datetime import datetime

from django.db.models import (
    Case,
    Count,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from campaigns.models import CampaignLead

LAST = 1e18  # after every place


def with_ahead(rows: "QuerySet[CampaignLead]", *, now: datetime) -> "QuerySet[CampaignLead]":
    """Return the leads, each with `ahead`: how many are offered before it."""
    same = {"turn": OuterRef("turn")}
    there = {**same, "spot": OuterRef("spot")}
    due = {**there, "next_try_at": OuterRef("next_try_at")}
    ready = CampaignLead.objects.filter(campaign=OuterRef("campaign"), state="ready", next_try_at__lte=now)
    before = (
        _placed(ready, now)
        .filter(
            Q(turn__lt=OuterRef("turn"))
            | Q(**same, spot__lt=OuterRef("spot"))
            | Q(**there, next_try_at__lt=OuterRef("next_try_at"))
            | Q(**due, id__lt=OuterRef("id"))
        )
        .order_by()
        .values("campaign")
        .annotate(number=Count("id"))
        .values("number")
    )
    return _placed(rows, now).annotate(ahead=Coalesce(Subquery(before, output_field=IntegerField()), 0))


def _placed(rows: "QuerySet[CampaignLead]", now: datetime) -> "QuerySet[CampaignLead]":
    """Promised callbacks, then who came just now, both as they fall due; then the others by their places, if the campaign gives any."""
    fresh = Q(fresh_until__isnull=False, fresh_until__gt=now, attempts=0)
    return rows.annotate(
        turn=Case(
            When(is_callback=True, then=Value(0)),
            When(fresh, then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        ),
        spot=Case(
            When(Q(is_callback=True) | fresh | Q(campaign__placed_at__isnull=True), then=Value(0.0)),
            default=Coalesce(F("place"), Value(LAST)),
            output_field=FloatField(),
        ),
    )
