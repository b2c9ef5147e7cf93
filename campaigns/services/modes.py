"""How a campaign dials, changed while it runs."""

from datetime import datetime

import structlog

from campaigns.models import Campaign
from campaigns.services.moves import lock, record
from core import db
from core.errors import AppError, Stale

log = structlog.get_logger(__name__)

MODE = Campaign.Mode


class NoSuchMode(AppError):
    """There is no such way of dialing."""


def change_mode(*, campaign_id: int, mode: str, by_name: str, now: datetime) -> bool:
    """Dial in another mode from now on, also while the campaign runs; calls under way go on. Return whether it changed anything.

    Raises NoSuchMode, Stale for a stopped campaign, NotFound.
    """
    if mode not in MODE.values:
        raise NoSuchMode(f"There is no mode “{mode}”. Choose one of {', '.join(MODE.labels)}.")
    with db.use_case():
        campaign = lock(campaign_id)
        if campaign.state == Campaign.State.STOPPED:
            raise Stale(f"“{campaign.name}” is stopped and dials nobody. Make a new one over the same lists.")
        before = campaign.mode
        if before == mode:
            return False
        campaign.mode, campaign.mode_changed_at = mode, now
        campaign.save(update_fields=["mode", "mode_changed_at"])
        record(campaign_id, "mode_changed", by_name, now, before={"mode": before}, after={"mode": mode})
    log.info("campaigns.campaign.mode_changed", campaign_id=campaign_id, mode=mode)
    return True
