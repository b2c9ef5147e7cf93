"""Which pool of numbers a campaign's calls show."""

from datetime import datetime

from campaigns.models import Campaign
from carriers import pools
from core import audit, db
from core.errors import AppError, NotFound


class PoolNotUsable(AppError):
    """The campaign cannot take the pool now; the text says why."""


def use_pool(*, campaign_id: int, pool_id: int | None, by_name: str, now: datetime) -> None:
    """Have a campaign that does not dial show numbers of a pool, or its own number. Raises PoolNotUsable, NotFound."""
    with db.use_case():
        campaign = Campaign.objects.select_for_update().filter(pk=campaign_id).first()
        if campaign is None:
            raise NotFound("This campaign does not exist.")
        if campaign.state not in (Campaign.State.DRAFT, Campaign.State.PAUSED):
            raise PoolNotUsable(
                f"“{campaign.name}” is {campaign.get_state_display().lower()}. Pause it first."
            )
        if pool_id is not None and not pools.lock(pool_id).members.exists():
            raise PoolNotUsable("The pool has no numbers. Put one in first.")
        before, campaign.caller_pool_id = campaign.caller_pool_id, pool_id
        campaign.save(update_fields=["caller_pool"])
        audit.record(
            actor=by_name,
            verb="campaigns.campaign.caller_pool_chosen",
            target=f"campaign:{campaign_id}",
            now=now,
            before={"caller_pool_id": before},
            after={"caller_pool_id": pool_id},
        )
