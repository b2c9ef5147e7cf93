"""The order of a campaign's calls: stored, and in force from the next places given."""

from datetime import datetime

import structlog

from campaigns import ordering
from campaigns.models import Campaign
from campaigns.selectors import versions
from campaigns.selectors.attempts import digest
from campaigns.services import changes
from campaigns.services.campaigns import Saved
from core.errors import AppError, Stale

log = structlog.get_logger(__name__)


class OrderRefused(AppError):
    """The order makes no sense; the text says why."""


def save_order(*, campaign_id: int, order: ordering.Order, seen: str, by_name: str, now: datetime) -> Saved:
    """Store in which order a campaign calls, as a new version; leads get their places within a minute, and calls go on.

    `seen`: which order the person saw. Raises OrderRefused, CampaignRefused, Stale where somebody else changed it meanwhile or
    the campaign is stopped, NotFound.
    """
    wrong = [sentence for _, sentence in ordering.faults(order)]
    if wrong:
        raise OrderRefused(" ".join(wrong))
    stored = ordering.store(order)
    if Campaign.objects.filter(pk=campaign_id, state=Campaign.State.STOPPED).exists():
        raise Stale("The campaign is stopped: nobody is called. Make a new one over the same lists.")
    top = versions.newest(campaign_id)
    if {each.list_id for each in order.weights} - set(top.setup["list_ids"]):
        raise OrderRefused("One of the lists is not the campaign's any more. Open the page again.")
    if digest(top.setup["order_plan"]) != seen:
        raise Stale(
            "Somebody else changed the order since you opened the page. Nothing of yours was saved: open the page again to see theirs."
        )
    saved = changes.change_some(
        campaign_id=campaign_id,
        values={"order_plan": stored},
        note="Another order of calls.",
        by_name=by_name,
        now=now,
        top=top,
    )
    log.info("campaigns.campaign.ordered", campaign_id=campaign_id, kind=order.kind)
    return saved
