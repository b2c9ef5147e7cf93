"""Leads that were finished for want of consent and come back when one is given: the gate is asked again about each."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from campaigns.models import CampaignLead, ContactPhone
from campaigns.services.moves import STARTED
from core import audit, db

log = structlog.get_logger(__name__)


def reopen_for_consent(*, numbers: Sequence[str], by: str, now: datetime) -> int:
    """Make leads of started campaigns ready again that the gate finished for want of consent; return how many.

    Only those of people with one of the numbers. What a result or a request not to be called finished stays finished. A consent
    that is not enough costs nothing: the gate refuses the lead again before anybody sees it. In the open transaction.
    """
    db.require_atomic()
    people = ContactPhone.objects.filter(number__in=list(numbers)).values("contact_id")
    finished = CampaignLead.objects.filter(
        state=CampaignLead.State.FINISHED, contact_id__in=people, campaign__state__in=STARTED
    ).exclude(lacks_consent="")
    rows = list(finished.select_for_update(of=("self",)).order_by("pk"))
    for row in rows:
        audit.record(
            actor=by,
            verb="campaigns.lead.reopened",
            target=f"campaign_lead:{row.pk}",
            now=now,
            before={"state": row.state, "reason": row.reason, "code": row.lacks_consent},
            after={"state": CampaignLead.State.READY.value, "because": "a consent was recorded"},
        )
    CampaignLead.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=CampaignLead.State.READY,
        next_try_at=now,
        lacks_consent="",
        reason="A consent was recorded; the gate is asked again.",
    )
    if rows:
        log.info("campaigns.leads.reopened", count=len(rows))
    return len(rows)
