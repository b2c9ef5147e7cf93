"""Lists and segments a campaign leaves out → its leads: who is on one waits finished, and is ready again once on none.

Cards, calls and promised callbacks are left alone, as with its own segments.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.models import Campaign, CampaignLead, Contact, LeadList, Segment
from campaigns.selectors.segments import left_out
from core import db

STATE = CampaignLead.State
OUT = "Left out by the campaign’s settings: is on or in"  # how the reason begins
BACK = "No longer on a list or in a segment that the campaign leaves out."


def let_back(campaign_id: int, *, now: datetime) -> int:
    """Make leads ready again that nothing leaves out any more; return how many. In the open transaction.

    Where a rule cannot be read, nobody comes back: they may still fit what it meant.
    """
    db.require_atomic()
    waiting = CampaignLead.objects.filter(campaign_id=campaign_id, left_out=True)
    fits, is_whole = left_out(campaign_id, now=now)
    if not is_whole:
        return 0
    if fits is not None:
        waiting = waiting.filter(~_among(fits))
    return change_free(waiting, {"state": STATE.READY, "left_out": False, "reason": BACK})


def keep_out(campaign_id: int, *, now: datetime) -> int:
    """Finish the free leads of whom the campaign leaves out; return how many. In the open transaction."""
    db.require_atomic()
    fits, _ = left_out(campaign_id, now=now)
    if fits is None:
        return 0
    ready = CampaignLead.objects.filter(campaign_id=campaign_id, state=STATE.READY, is_callback=False)
    changes = {"state": STATE.FINISHED, "left_out": True, "reason": _reason(campaign_id)}
    return change_free(ready.filter(_among(fits)), changes)


def change_free(rows: "QuerySet[CampaignLead]", changes: dict[str, object]) -> int:
    """Change the rows nobody else holds now; the next sweep comes to the others."""
    free = rows.order_by("pk").select_for_update(skip_locked=True, of=("self",)).values("pk")
    return CampaignLead.objects.filter(pk__in=free).update(**changes)


def _among(fits: Q) -> Exists:
    return Exists(Contact.objects.filter(fits, pk=OuterRef("contact_id")))


def _reason(campaign_id: int) -> str:
    rows = Campaign.objects.filter(pk=campaign_id)
    lists = LeadList.objects.filter(left_out_of__in=rows).order_by("name", "id")
    segments = Segment.objects.filter(left_out_of__in=rows).order_by("name", "id")
    names = [f"“{name}”" for found in (lists, segments) for name in found.values_list("name", flat=True)]
    return f"{OUT} {' or '.join(names)}."[:300]
