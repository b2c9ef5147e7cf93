"""How a campaign dials, changed while it runs."""

from datetime import datetime

import structlog

from campaigns.models import Campaign
from campaigns.services import campaigns, versions
from campaigns.services.moves import CampaignRefused, lock, record
from core import db
from core.errors import AppError, Stale

log = structlog.get_logger(__name__)

MODE = Campaign.Mode


class NoSuchMode(AppError):
    """There is no such way of dialing."""


def change_mode(*, campaign_id: int, mode: str, by_name: str, now: datetime) -> bool:
    """Dial in another mode from now on, also while the campaign runs; calls under way go on. Return whether it changed anything.

    It is a version of its own. Raises NoSuchMode, CampaignRefused where versions need a second person, Stale for a stopped
    campaign, NotFound.
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
        setup = campaigns.frozen(campaigns.setup_of(campaign))
        if versions.asks_second(setup):
            raise CampaignRefused(
                "Changes of this campaign wait for a second person: change “Dialing” in its settings and have it approved."
            )
        if (newest := versions.newest_number(campaign_id)) > campaign.version:
            raise CampaignRefused(
                f"Version {newest} waits for a decision. Have it approved or refused, then change the mode."
            )
        version = versions.append(campaign, {**setup, "mode": mode}, by_name=by_name, now=now)
        campaign.mode, campaign.mode_changed_at, campaign.version = mode, now, version.number
        campaign.save(update_fields=["mode", "mode_changed_at", "version"])
        record(campaign_id, "mode_changed", by_name, now, before={"mode": before}, after={"mode": mode})
    log.info("campaigns.campaign.mode_changed", campaign_id=campaign_id, mode=mode)
    return True
