"""A campaign's plan of further tries: stored, and taken away again. What runs follows it from the next result on."""

from datetime import datetime

import structlog

from campaigns import recycling
from campaigns.linter.base import Finding, Severity
from campaigns.models import Campaign
from campaigns.selectors import attempts, versions
from campaigns.services import changes
from campaigns.services.campaigns import Saved
from core.errors import AppError, Stale

log = structlog.get_logger(__name__)


class PlanRefused(AppError):
    """The plan contradicts itself or something else; the text says what, and what to do."""


def save_plan(
    *,
    campaign_id: int,
    plan: recycling.Plan | None,
    found: list[Finding],
    seen: str,
    by_name: str,
    now: datetime,
) -> Saved:
    """Store a plan in a new version, or with None go back to the plain rule.

    `found`: what the linter says of it; `seen`: which plan the person saw.

    Leads keep the next try they have; their next result is the first to follow the plan, and no try passes its caps from now on.
    Raises PlanRefused, CampaignRefused, Stale where somebody else changed the plan meanwhile or the campaign is stopped, NotFound.
    """
    wrong = [sentence for _, sentence in recycling.faults(plan)] if plan else []
    wrong += [f"{one.sentence} {one.fix}" for one in found if one.severity is Severity.ERROR]
    if wrong:
        raise PlanRefused(" ".join(wrong))
    stored = None if plan is None else recycling.store(plan)
    if Campaign.objects.filter(pk=campaign_id, state=Campaign.State.STOPPED).exists():
        raise Stale("The campaign is stopped: nobody is tried again. Make a new one over the same lists.")
    top = versions.newest(campaign_id)
    if attempts.digest(top.setup["attempt_plan"]) != seen:
        raise Stale(
            "Somebody else changed this plan since you opened the page. Nothing of yours was saved: open the page again in another "
            "tab to see theirs, then save yours there."
        )
    note = "Another plan of further tries." if plan else "Back to the plain rule of further tries."
    saved = changes.change_some(
        campaign_id=campaign_id, values={"attempt_plan": stored}, note=note, by_name=by_name, now=now, top=top
    )
    log.info("campaigns.campaign.attempts_planned", campaign_id=campaign_id, has_plan=stored is not None)
    return saved
