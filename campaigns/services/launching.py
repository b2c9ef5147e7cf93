"""Starting what has been looked over: by hand, at a time, again; and away into the archive and back."""

from datetime import datetime

import structlog

from campaigns.models import Campaign
from campaigns.services import linting, moves
from campaigns.services.moves import CampaignRefused, lock, record
from core import db, sweeps
from core.errors import Stale

log = structlog.get_logger(__name__)

STATE = Campaign.State
BY_ITSELF = "schedule"  # who did it, in the audit trail
ARCHIVED = (STATE.DRAFT, STATE.STOPPED)


def start(*, campaign_id: int, by_name: str, now: datetime) -> int:
    """Start a draft that the checks find fit and whose warnings were read; return how many leads there are to call.

    Raises CampaignRefused naming all that is missing, Stale, NotFound.
    """
    _check(campaign_id, now, read=True)
    return moves.start(campaign_id=campaign_id, by_name=by_name, now=now)


def resume(*, campaign_id: int, by_name: str, now: datetime) -> int:
    """Resume a campaign that the checks still find fit; return how many leads were added. Raises as start."""
    _check(campaign_id, now, read=False)
    return moves.resume(campaign_id=campaign_id, by_name=by_name, now=now)


def schedule(*, campaign_id: int, starts_at: datetime, by_name: str, now: datetime) -> None:
    """Have a draft start by itself. Raises CampaignRefused for what is missing now, Stale, NotFound."""
    if starts_at <= now:
        raise CampaignRefused("This time is over. Choose a later one, or start it now.")
    _check(campaign_id, now, read=True)
    with db.use_case():
        campaign = lock(campaign_id)
        if campaign.state not in (STATE.DRAFT, STATE.SCHEDULED) or campaign.archived_at is not None:
            raise moves.not_in(campaign, "scheduled", "Only a draft can be started at a time")
        if campaign.stops_at is not None and campaign.stops_at <= starts_at:
            raise CampaignRefused(
                "It would stop by itself before it starts. Choose an earlier start, or a later stop."
            )
        if missing := moves.missing(campaign, now):
            raise CampaignRefused(missing)
        moves.move(campaign, STATE.SCHEDULED, "scheduled", by_name, now, starts_at=starts_at)


def unschedule(*, campaign_id: int, by_name: str, now: datetime, reason: str = "") -> None:
    """Make a scheduled campaign a draft again. Raises Stale, NotFound."""
    with db.use_case():
        campaign = lock(campaign_id)
        if campaign.state != STATE.SCHEDULED:
            raise moves.not_in(campaign, "taken off the schedule", "Only a scheduled campaign can be")
        moves.move(campaign, STATE.DRAFT, "unscheduled", by_name, now, reason=reason, starts_at=None)


def archive(*, campaign_id: int, by_name: str, now: datetime) -> None:
    """Hide a draft or a stopped campaign from the lists; nothing of it is lost. Raises Stale, NotFound."""
    with db.use_case():
        campaign = lock(campaign_id)
        if campaign.state not in ARCHIVED:
            raise moves.not_in(campaign, "archived", "Only a draft or a stopped campaign can be")
        if campaign.archived_at is not None:
            raise Stale(f"“{campaign.name}” is in the archive already.")
        _set_archived(campaign, now, "archived", by_name, now)


def restore(*, campaign_id: int, by_name: str, now: datetime) -> None:
    """Bring a campaign back from the archive as it was. Raises Stale, NotFound."""
    with db.use_case():
        campaign = lock(campaign_id)
        if campaign.archived_at is None:
            raise Stale(f"“{campaign.name}” is not in the archive.")
        _set_archived(campaign, None, "restored", by_name, now)


def sweep(*, now: datetime) -> int:
    """Start the campaigns whose time has come, drain those that stop; return how many."""
    due = Campaign.objects.filter(state=STATE.SCHEDULED, starts_at__lte=now).order_by("pk")
    over = Campaign.objects.filter(state=STATE.RUNNING, stops_at__lte=now).order_by("pk")
    return sum(
        (
            sweeps.for_each(
                list(due.values_list("pk", flat=True)), lambda pk: _start_due(pk, now), what="start"
            ),
            sweeps.for_each(
                list(over.values_list("pk", flat=True)),
                lambda pk: moves.drain(campaign_id=pk, by_name=BY_ITSELF, now=now),
                what="campaign at its stop",
            ),
        )
    )


def _start_due(campaign_id: int, now: datetime) -> None:
    """Start it; what no longer can be started becomes a draft again, with the reason."""
    try:
        start(campaign_id=campaign_id, by_name=BY_ITSELF, now=now)
    except CampaignRefused as refusal:
        unschedule(campaign_id=campaign_id, by_name=BY_ITSELF, now=now, reason=refusal.public_message)


def _check(campaign_id: int, now: datetime, *, read: bool) -> None:
    campaign = Campaign.objects.filter(pk=campaign_id).first()
    if campaign is not None:  # else what comes next says that it is not there
        linting.refuse_unfit(campaign, now=now, read=read)


def _set_archived(campaign: Campaign, at: datetime | None, verb: str, by_name: str, now: datetime) -> None:
    campaign.archived_at = at
    campaign.save(update_fields=["archived_at"])
    record(campaign.pk, verb, by_name, now)
    log.info("campaigns.campaign." + verb, campaign_id=campaign.pk)
