"""What follows from a call's result for its lead: by the campaign's plan of further tries, or by the plain rule."""

from datetime import datetime

from campaigns.selectors import attempts
from campaigns.services import work
from core import kept
from dialer import try_reads
from dialer.models import Call


def decide_next(
    call: Call,
    *,
    campaign_lead_id: int,
    code: str,
    category: str,
    label: str,
    retry_minutes: int | None,
    callback_at: datetime | None = None,
    callback_for_id: int | None = None,
    callback_hard: bool = False,
    now: datetime,
) -> None:
    """Apply the result of a locked call, stored before, to its lead: by the campaign's plan, or the plain rule."""
    plan, tried = attempts.plan_of(kept.related(call, "campaign")), None
    if plan is not None:
        item = work.get_item(campaign_lead_id=campaign_lead_id)
        tried = try_reads.people_of(call.campaign, [item], plan, now=now)[campaign_lead_id]
    work.record_result(
        campaign_lead_id=campaign_lead_id,
        category=category,
        label=label,
        retry_minutes=retry_minutes,
        callback_at=callback_at,
        callback_for_id=callback_for_id,
        callback_hard=callback_hard,
        now=now,
        code=code,
        tried=tried,
    )
