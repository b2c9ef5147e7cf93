"""Which pool of numbers a campaign's calls show, chosen on the pool's own page."""

from datetime import datetime

from campaigns.services import changes
from campaigns.services.campaigns import Saved


def use_pool(*, campaign_id: int, pool_id: int | None, by_name: str, now: datetime) -> Saved:
    """Have a campaign show numbers of a pool, or its own number, by a new version.

    Raises CampaignRefused for one that dials and for a pool without numbers, Overtaken, NotFound.
    """
    return changes.change_some(
        campaign_id=campaign_id,
        values={"caller_pool_id": pool_id},
        note="Shows numbers of a pool." if pool_id is not None else "Shows its own number again.",
        by_name=by_name,
        now=now,
    )
