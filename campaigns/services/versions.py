"""The versions of a campaign: every setup somebody saved, which is in force, and who has agreed to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from campaigns.models import Campaign, CampaignVersion, VersionDecision
from core import db
from core.errors import NotFound

KIND = VersionDecision.Kind
DECIDED = (KIND.APPROVED, KIND.REFUSED)


def append(
    campaign: Campaign, setup: Mapping[str, Any], *, note: str = "", by_name: str, now: datetime
) -> CampaignVersion:
    """Store the setup as the next version of a locked campaign; whether it comes into force is the caller's to say."""
    db.require_atomic()
    return CampaignVersion.objects.create(
        campaign=campaign,
        number=newest_number(campaign.pk) + 1,
        setup=dict(setup),
        note=note.strip()[:300],
        created_at=now,
        created_by=by_name,
    )


def newest_number(campaign_id: int) -> int:
    """Return the number of the newest version, 0 where there is none."""
    numbers = CampaignVersion.objects.filter(campaign_id=campaign_id).order_by("-number")
    return numbers.values_list("number", flat=True).first() or 0


def get(campaign_id: int, number: int) -> CampaignVersion:
    """Return one version. Raises NotFound."""
    row = CampaignVersion.objects.filter(campaign_id=campaign_id, number=number).first()
    if row is None:
        raise NotFound(f"This campaign has no version {number}.")
    return row


def asks_second(setup: Mapping[str, Any]) -> bool:
    """Return whether a version of this setup counts only once a second person has approved it."""
    return bool(settings.CAMPAIGNS_NEED_APPROVAL or setup.get("needs_approval"))


def decision_of(campaign_id: int, number: int) -> VersionDecision | None:
    """Return what was decided about a version."""
    rows = VersionDecision.objects.filter(
        version__campaign_id=campaign_id, version__number=number, kind__in=DECIDED
    )
    return rows.first()


def is_approved(campaign: Campaign) -> bool:
    """Return whether the version in force may call: nobody's approval is asked, or it was given. At most one query."""
    if not (settings.CAMPAIGNS_NEED_APPROVAL or campaign.needs_approval):
        return True
    found = decision_of(campaign.pk, campaign.version)
    return found is not None and found.kind == KIND.APPROVED


def read_codes(campaign_id: int, number: int) -> set[str]:
    """Return the codes of the warnings that somebody has read about a version."""
    rows = VersionDecision.objects.filter(
        version__campaign_id=campaign_id, version__number=number, kind=KIND.READ
    )
    return {code for codes in rows.values_list("codes", flat=True) for code in codes}
