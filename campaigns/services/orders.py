"""The order of a campaign's calls: stored, and in force from the next places given."""

from datetime import datetime

import structlog

from campaigns import ordering
from campaigns.models import Campaign
from campaigns.selectors.attempts import digest
from campaigns.services.moves import lock, record
from core import db
from core.errors import AppError, Stale

log = structlog.get_logger(__name__)


class OrderRefused(AppError):
    """The order makes no sense; the text says why."""


def save_order(*, campaign_id: int, order: ordering.Order, seen: str, by_name: str, now: datetime) -> None:
    """Store in which order a campaign calls; leads get their places within a minute, and calls go on meanwhile.

    `seen`: which order the person saw. Raises OrderRefused, Stale where somebody else changed it meanwhile or the campaign is
    stopped, NotFound.
    """
    wrong = [sentence for _, sentence in ordering.faults(order)]
    if wrong:
        raise OrderRefused(" ".join(wrong))
    stored = ordering.store(order)
    with db.use_case():
        campaign = lock(campaign_id)
        if campaign.state == Campaign.State.STOPPED:
            raise Stale(
                f"“{campaign.name}” is stopped: nobody is called. Make a new one over the same lists."
            )
        own = set(campaign.lists.order_by("id").values_list("id", flat=True))
        if {each.list_id for each in order.weights} - own:
            raise OrderRefused("One of the lists is not the campaign's any more. Open the page again.")
        before = campaign.order_plan
        if digest(before) != seen:
            raise Stale(
                "Somebody else changed the order since you opened the page. Nothing of yours was saved: open the page again to see theirs."
            )
        if before == stored:
            return
        campaign.order_plan, campaign.placed_at = stored, None  # until they are given anew, as they fall due
        campaign.save(update_fields=["order_plan", "placed_at"])
        record(campaign_id, "ordered", by_name, now, before={"order": before}, after={"order": stored})
    log.info("campaigns.campaign.ordered", campaign_id=campaign_id, kind=order.kind)
