"""What people decide about the versions of a campaign: back to an old one, other results, approved, refused, its warnings read."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from campaigns.models import Campaign, CampaignVersion, VersionDecision
from campaigns.selectors import versions as versions_read
from campaigns.selectors.versions import Newest
from campaigns.services import campaigns, versions
from campaigns.services.campaigns import Saved
from campaigns.services.moves import STARTED, CampaignRefused, lock, record
from core import db
from core.errors import Stale

log = structlog.get_logger(__name__)

KIND = VersionDecision.Kind
MAX_REASON = 500


def roll_back(*, campaign_id: int, number: int, based_on: int, by_name: str, now: datetime) -> Saved:
    """Store a new version equal to an old one, checked against today's rules like any other change.

    Lists and segments whose people are in the campaign already stay. Raises Overtaken, CampaignRefused, NotFound.
    """
    old = campaigns.thawed(versions_read.setup_at(campaign_id, number))
    started = Campaign.objects.filter(pk=campaign_id, state__in=STARTED)
    if kept := set(started.exclude(lists=None).values_list("lists", flat=True)):
        old = replace(old, list_ids=tuple(sorted(kept | set(old.list_ids))))
    if kept := set(started.exclude(segments=None).values_list("segments", flat=True)):
        old = replace(old, segment_ids=tuple(sorted(kept | set(old.segment_ids))))
    return campaigns.change_campaign(
        campaign_id=campaign_id,
        setup=old,
        by_name=by_name,
        now=now,
        based_on=based_on,
        note=f"Back to version {number}.",
    )


def use_results(*, campaign_id: int, set_id: int, by_name: str, now: datetime) -> Saved:
    """Store a new version with another set of results. Raises Overtaken, CampaignRefused, NotFound."""
    return change_some(
        campaign_id=campaign_id,
        values={"disposition_set_id": set_id},
        note="Another set of results.",
        by_name=by_name,
        now=now,
    )


def change_some(
    *,
    campaign_id: int,
    values: Mapping[str, Any],
    note: str,
    by_name: str,
    now: datetime,
    top: Newest | None = None,
) -> Saved:
    """Store a new version in which only these settings differ from `top`, the newest that nobody refused.

    Raises Overtaken, CampaignRefused, NotFound.
    """
    top = top or versions_read.newest(campaign_id)
    return campaigns.change_campaign(
        campaign_id=campaign_id,
        setup=replace(campaigns.thawed(top.setup), **values),
        by_name=by_name,
        now=now,
        based_on=top.number,
        note=note,
    )


def approve(*, campaign_id: int, number: int, by_name: str, reason: str = "", now: datetime) -> bool:
    """Approve the newest version, and put it into force where it is not; return whether that changed anything.

    Raises CampaignRefused for its own author and for what can no longer be, Stale where there is a newer one, NotFound.
    """
    setup = campaigns.checked(campaigns.thawed(versions_read.setup_at(campaign_id, number)), now)
    with db.use_case():
        campaign, version = _undecided(campaign_id, number)
        if version.created_by == by_name:
            raise CampaignRefused("You saved this version yourself: somebody else must approve it.")
        _decide(version, KIND.APPROVED, by_name, now, reason=reason)
        is_news = campaign.version != number
        if is_news:
            before, after = campaigns.frozen(campaigns.setup_of(campaign)), campaigns.frozen(setup)
            campaigns.refuse_unless_takes(campaign, before, after)
            campaigns.put_in_force(campaign, setup, number, now=now)
            record(campaign_id, "changed", by_name, now, before=before, after={**after, "version": number})
        record(campaign_id, "approved", by_name, now, after={"version": number, "reason": reason})
    return is_news


def refuse(*, campaign_id: int, number: int, by_name: str, reason: str, now: datetime) -> None:
    """Refuse the newest version, with a reason its author reads. Raises CampaignRefused without one, Stale, NotFound."""
    if not reason.strip():
        raise CampaignRefused("Say why you refuse it: its author has to mend it.")
    with db.use_case():
        _, version = _undecided(campaign_id, number)
        _decide(version, KIND.REFUSED, by_name, now, reason=reason)
        record(campaign_id, "refused", by_name, now, after={"version": number, "reason": reason.strip()})


def mark_read(*, campaign_id: int, number: int, codes: Collection[str], by_name: str, now: datetime) -> None:
    """Keep that somebody has read the warnings of these codes about the newest version. Raises Stale, NotFound."""
    with db.use_case():
        _, version = _newest(campaign_id, number)
        VersionDecision.objects.create(
            version=version, kind=KIND.READ, codes=sorted(codes), at=now, by=by_name
        )
        record(campaign_id, "warnings_read", by_name, now, after={"version": number, "codes": sorted(codes)})


def _newest(campaign_id: int, number: int) -> tuple[Campaign, CampaignVersion]:
    campaign = lock(campaign_id)
    newest = versions.newest_number(campaign_id)
    if number != newest:
        raise Stale(f"There is a newer version, {newest}. Look at that one.")
    return campaign, versions.get(campaign_id, number)


def _undecided(campaign_id: int, number: int) -> tuple[Campaign, CampaignVersion]:
    campaign, version = _newest(campaign_id, number)
    found = versions.decision_of(campaign_id, number)
    if found is not None:
        raise Stale(f"Version {number} was {found.get_kind_display().lower()} already, by {found.by}.")
    return campaign, version


def _decide(version: CampaignVersion, kind: str, by_name: str, now: datetime, *, reason: str) -> None:
    reason = reason.strip()
    if len(reason) > MAX_REASON:
        raise CampaignRefused(f"Give a reason of at most {MAX_REASON} characters.")
    VersionDecision.objects.create(version=version, kind=kind, reason=reason, at=now, by=by_name)
    log.info("campaigns.version.decided", version=version.number, campaign_id=version.campaign_id, kind=kind)
