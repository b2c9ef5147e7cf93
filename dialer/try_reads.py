"""Every try on a person, over all campaigns: what a campaign's plan decides by."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from campaigns import recycling
from campaigns.models import Campaign, Disposition
from campaigns.recycling import MayTry, Person, Try
from campaigns.selectors import attempts
from campaigns.services.work import WorkItem
from compliance.rules import places
from dialer.callflow import NetworkOutcome
from dialer.models import Call

CODES = {
    NetworkOutcome.BUSY: "busy",
    NetworkOutcome.NO_ANSWER: "no_answer",
    NetworkOutcome.FAILED: "failed",
    NetworkOutcome.CANCELED: "no_answer",
}  # of a call nobody disposed of
COLUMNS = (
    "contact_id", "number", "created_at", "disposition__code", "disposition__category", "outcome", "campaign_id",
)  # fmt: skip


def may_try(campaign: Campaign, items: Sequence[WorkItem], *, now: datetime) -> dict[int, MayTry]:
    """Return for each lead which numbers the plan lets be tried now; nothing for a campaign without one, or a promised callback.

    Hidden SQL: one query where there is a plan.
    """
    plan = attempts.plan_of(campaign)
    asked = [item for item in items if item.callback_asked_at is None]
    if plan is None or not asked:
        return {}
    people = people_of(campaign, asked, plan, now=now)
    return {lead_id: recycling.may_try(plan, person, now=now) for lead_id, person in people.items()}


def people_of(
    campaign: Campaign, items: Sequence[WorkItem], plan: recycling.Plan, *, now: datetime
) -> dict[int, Person]:
    """Return each lead's person with every try the plan counts, by the lead's id. One query.

    A try on one of their numbers counts, whichever of two records of the same person it was made for.
    """
    numbers = {phone.number for item in items for phone in item.phones}
    theirs = Q(contact_id__in=[item.contact_id for item in items]) | Q(number__in=numbers)
    counted = Q(campaign_id=campaign.pk) | Q(created_at__gt=now - timedelta(days=plan.person_days))
    calls = Call.objects.filter(theirs, counted).exclude(outcome=NetworkOutcome.NOT_PLACED).order_by("pk")
    rows = list(calls.values(*COLUMNS))
    return {item.campaign_lead_id: _person(item, rows, campaign.pk) for item in items}


def zone_of(item: WorkItem) -> str:
    """Return the zone the person is likeliest in; the office's where nothing is known."""
    evidences = places.address_evidences(
        postal_code=item.postal_code, state=item.state, city=item.city, stated_zone=item.stated_zone
    )
    numbers = (places.describe_number(phone.number).evidence for phone in item.phones)
    known = (*evidences, *(evidence for evidence in numbers if evidence))
    return places.likely_zone(known) or settings.OFFICE_ZONE


def _person(item: WorkItem, rows: Sequence[dict[str, Any]], campaign_id: int) -> Person:
    own = {phone.number for phone in item.phones}
    theirs = [row for row in rows if row["contact_id"] == item.contact_id or row["number"] in own]
    wrong = Disposition.Category.WRONG_NUMBER
    return Person(
        numbers=[phone.number for phone in sorted(item.phones, key=lambda phone: phone.position)],
        tries=[
            Try(
                at=row["created_at"],
                number=row["number"],
                code=row["disposition__code"] or CODES.get(row["outcome"], ""),
                here=row["campaign_id"] == campaign_id,
            )
            for row in theirs
        ],
        zone=zone_of(item),
        wrong=frozenset(row["number"] for row in theirs if row["disposition__category"] == wrong),
    )
