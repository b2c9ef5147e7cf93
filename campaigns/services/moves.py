"""Moving a campaign through its states. Nothing here calls anybody; the pacer and the desk read the state."""

from datetime import datetime
from typing import Any

import structlog

from campaigns.models import Campaign
from campaigns.services import filling, readiness
from campaigns.services.standard_messages import ensure_standard
from core import audit, db
from core.errors import AppError, NotFound, Stale

log = structlog.get_logger(__name__)

STATE = Campaign.State
DIALS = (STATE.RUNNING, STATE.DRAINING)  # calls may be under way that its own agents finish
STARTED = (*DIALS, STATE.PAUSED)


class CampaignRefused(AppError):
    """The campaign cannot be stored or moved as asked; the text says what is missing."""


def start(*, campaign_id: int, by_name: str, now: datetime) -> int:
    """Start a draft: everybody on its lists becomes a lead, ready from `now`. Return how many leads there are to call.

    Raises CampaignRefused naming all that is missing, Stale if it is not a draft, NotFound.
    """
    with db.use_case():
        campaign = lock(campaign_id)
        if campaign.state not in (STATE.DRAFT, STATE.SCHEDULED) or campaign.archived_at is not None:
            raise not_in(campaign, "started", "Only a draft can be started")
        return _run(campaign, "started", by_name, now)


def drain(*, campaign_id: int, by_name: str, now: datetime) -> None:
    """Offer no more leads, and pause once every card, call and result begun is finished. Raises Stale unless running, NotFound."""
    with db.use_case():
        campaign = lock(campaign_id)
        if campaign.state != STATE.RUNNING:
            raise not_in(campaign, "drained", "Only a running campaign can be drained")
        move(campaign, STATE.DRAINING, "draining", by_name, now)


def end_drain(*, campaign_id: int, now: datetime) -> bool:
    """Pause a campaign of which nothing is left that it drains for; False where somebody has moved it meanwhile."""
    with db.use_case():
        campaign = lock(campaign_id)
        if campaign.state != STATE.DRAINING:
            return False
        move(campaign, STATE.PAUSED, "drained", "dialer", now)
    return True


def pause(*, campaign_id: int, by_name: str, now: datetime) -> None:
    """Offer and dial no more leads, nor cards shown already; calls that are up go on. Raises Stale unless it dials, NotFound."""
    with db.use_case():
        campaign = lock(campaign_id)
        if campaign.state not in DIALS:
            raise not_in(campaign, "paused", "Only a running campaign can be paused")
        move(campaign, STATE.PAUSED, "paused", by_name, now)


def pause_running(*, reason: str, by_name: str, now: datetime) -> list[int]:
    """Pause every campaign that dials in the open transaction, with the reason in the audit trail; return which."""
    db.require_atomic()
    running = list(Campaign.objects.select_for_update().filter(state__in=DIALS).order_by("id"))
    for campaign in running:
        move(campaign, STATE.PAUSED, "paused", by_name, now, reason=reason)
    return [campaign.id for campaign in running]


def resume(*, campaign_id: int, by_name: str, now: datetime) -> int:
    """Offer leads again, and add who came onto the lists meanwhile; return how many were added.

    Raises CampaignRefused naming all that is missing, Stale unless paused or draining, NotFound.
    """
    with db.use_case():
        campaign = lock(campaign_id)
        if campaign.state not in (STATE.PAUSED, STATE.DRAINING):
            raise not_in(campaign, "resumed", "Only a paused or draining campaign can be resumed")
        return _run(campaign, "resumed", by_name, now)


def stop(*, campaign_id: int, by_name: str, now: datetime) -> None:
    """End the campaign for good; calls that are up go on. Raises Stale unless it was started and not stopped, NotFound."""
    with db.use_case():
        campaign = lock(campaign_id)
        if campaign.state not in STARTED:
            raise not_in(campaign, "stopped", "Only a running, draining or paused campaign can be stopped")
        move(campaign, STATE.STOPPED, "stopped", by_name, now)


def lock(campaign_id: int) -> Campaign:
    """Return the campaign, locked in the open transaction. Raises NotFound."""
    campaign = Campaign.objects.select_for_update().filter(id=campaign_id).first()
    if campaign is None:
        raise NotFound("This campaign does not exist.")
    return campaign


def record(
    campaign_id: int,
    verb: str,
    by_name: str,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write what somebody did to a campaign into the audit trail."""
    target = f"campaign:{campaign_id}"
    audit.record(
        actor=by_name, verb=f"campaigns.campaign.{verb}", target=target, now=now, before=before, after=after
    )


def ensure_texts(campaign: Campaign, now: datetime) -> None:
    """Make the standard texts that the campaign's seller and caller ID need, where there are none."""
    ensure_standard(
        seller=campaign.seller, caller_id=campaign.caller_id, purpose=campaign.purpose_in_law, now=now
    )


def _run(campaign: Campaign, verb: str, by_name: str, now: datetime) -> int:
    if lacks := missing(campaign, now):
        raise CampaignRefused(lacks)
    ensure_texts(campaign, now)
    move(campaign, STATE.RUNNING, verb, by_name, now)
    return filling.fill_campaigns([campaign.pk], now=now)


def missing(campaign: Campaign, now: datetime) -> str:
    """Return in words all that keeps a campaign from calling; empty: nothing."""
    found = readiness.missing_now(campaign, now)
    return f"“{campaign.name}” cannot call yet. {' '.join(one.text for one in found)}" if found else ""


def move(
    campaign: Campaign,
    state: str,
    verb: str,
    by_name: str,
    now: datetime,
    *,
    reason: str = "",
    starts_at: datetime | None = None,
) -> None:
    """Put a locked campaign into a state, on record; `starts_at` is when it starts by itself from there."""
    before, campaign.state, campaign.state_changed_at = campaign.state, state, now
    if state == STATE.RUNNING and campaign.started_at is None:
        campaign.started_at = now
    campaign.starts_at = starts_at
    campaign.save(update_fields=["state", "state_changed_at", "started_at", "starts_at"])
    after = {"state": str(state), **({"reason": reason} if reason else {})}
    if starts_at is not None:
        after["starts_at"] = starts_at.isoformat()
    record(campaign.id, verb, by_name, now, before={"state": before}, after=after)
    log.info("campaigns.campaign." + verb, campaign_id=campaign.id, reason=reason)


def not_in(campaign: Campaign, verb: str, rule: str) -> Stale:
    """Return the refusal of a move that the campaign's state does not allow."""
    word = "in the archive" if campaign.archived_at else STATE(campaign.state).label.lower()
    return Stale(f"“{campaign.name}” was not {verb}: it is {word}. {rule}.")
