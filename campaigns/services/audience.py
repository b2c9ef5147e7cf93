"""Segments → the leads of campaigns: people come as they fit, wait finished while they do not or are left out, and come back.

Who is also on a list of the campaign stays whatever the segments say. Cards, calls and promised callbacks are left alone.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns import jobs
from campaigns.models import Campaign, CampaignLead, Contact, Lead, Segment
from campaigns.selectors.segments import fitting
from campaigns.services import leaving_out
from campaigns.services.leaving_out import change_free
from core import audit, db, sweeps
from core.jobs import enqueue_on_commit

log = structlog.get_logger(__name__)

STATE = CampaignLead.State
STARTED = (Campaign.State.RUNNING, Campaign.State.DRAINING, Campaign.State.PAUSED)
LEFT = "No longer in a segment of the campaign; ready again as soon as they fit."
BACK = "In a segment of the campaign again."
_ADD = """
INSERT INTO campaigns_campaignlead
       (campaign_id, contact_id, state, next_try_at, is_callback, attempts, last_result, reason, added_at, by_segment)
SELECT %s, found.id, %s, %s, FALSE, 0, '', '', %s, TRUE FROM ({people}) AS found(id) ORDER BY found.id
    ON CONFLICT (campaign_id, contact_id) DO NOTHING
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What following its segments changed in a campaign."""

    added: int
    left: int
    back: int


def follow(campaign_id: int, *, now: datetime) -> Moved:
    """Bring a campaign's leads in line with its segments and with whom it leaves out. The caller holds the lock of filling.

    Who comes back goes through the segments again; whoever is left out after all goes last, so nobody is ready in between.
    """
    back = leaving_out.let_back(campaign_id, now=now)
    moved = follow_segments(campaign_id, now=now)
    out = leaving_out.keep_out(campaign_id, now=now)
    if back or out:
        told = {"left_out": out, "back": back}
        audit.record(
            actor="segments",
            verb="campaigns.campaign.left_out",
            target=f"campaign:{campaign_id}",
            now=now,
            after=told,
        )
        log.info("campaigns.left_out.followed", campaign_id=campaign_id, **told)
    return moved


def follow_segments(campaign_id: int, *, now: datetime) -> Moved:
    """Bring a campaign's leads in line with its segments, in the open transaction. The caller holds the lock of filling.

    Hidden SQL: a statement each for who comes, goes and comes back, however many they are.
    """
    db.require_atomic()
    segments = list(Segment.objects.filter(campaigns=campaign_id).order_by("pk"))
    if not segments:
        return Moved(added=0, left=0, back=0)
    fits, is_whole = fitting(segments, now=now)
    added = 0 if fits is None else _add(campaign_id, Contact.objects.filter(fits), now)
    by_segment = CampaignLead.objects.filter(campaign_id=campaign_id, by_segment=True)
    on_list = Exists(Lead.objects.filter(lead_list__campaigns=campaign_id, contact_id=OuterRef("contact_id")))
    belongs = Q(on_list)
    if fits is not None:
        belongs |= Q(Exists(Contact.objects.filter(fits, pk=OuterRef("contact_id"))))
    back = change_free(
        by_segment.filter(belongs, left_segment=True),
        {"state": STATE.READY, "left_segment": False, "reason": BACK},
    )
    left = 0
    if is_whole:  # a rule that cannot be read says nothing of who has left
        gone = by_segment.filter(~belongs, state=STATE.READY, is_callback=False)
        left = change_free(gone, {"state": STATE.FINISHED, "left_segment": True, "reason": LEFT})
    if added or back or left:
        told = {"added": added, "left": left, "back": back}
        audit.record(
            actor="segments",
            verb="campaigns.campaign.segments_followed",
            target=f"campaign:{campaign_id}",
            now=now,
            after=told,
        )
        log.info("campaigns.segments.followed", campaign_id=campaign_id, **told)
    return Moved(added=added, left=left, back=back)


def follow_all(*, now: datetime) -> int:
    """Follow the live segments of every started campaign, and whom it leaves out; return how many campaigns that went well for."""
    started = Campaign.objects.filter(state__in=STARTED).filter(
        Q(segments__kind=Segment.Kind.LIVE)
        | Q(excluded_lists__isnull=False)
        | Q(excluded_segments__isnull=False)
    )

    def follow_one(campaign_id: int) -> None:
        with db.use_case():
            db.advisory_xact_lock(db.lock_key("campaigns.filling"))  # campaigns.services.filling.lock
            if Campaign.objects.filter(pk=campaign_id, state__in=STARTED).exists():
                follow(campaign_id, now=now)

    ids = list(started.order_by("pk").distinct().values_list("pk", flat=True))
    return sweeps.for_each(ids, follow_one, what="campaign")


def follow_soon() -> None:
    """Have a worker follow the segments once the open transaction has committed."""
    enqueue_on_commit(jobs.FOLLOW_SEGMENTS)


def _add(campaign_id: int, people: "QuerySet[Contact]", now: datetime) -> int:
    is_new = ~Exists(CampaignLead.objects.filter(campaign_id=campaign_id, contact_id=OuterRef("pk")))
    sql, params = people.filter(is_new).order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_ADD.format(people=sql), [campaign_id, STATE.READY.value, now, now, *params])
        return int(cursor.rowcount)
