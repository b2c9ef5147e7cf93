"""The plan's caps at the moment of dialing: asked again under the gate's locks, so that no two campaigns use the same last try."""

from collections.abc import Sequence
from datetime import datetime

from campaigns.models import Campaign
from campaigns.recycling import MayTry
from campaigns.selectors import attempts
from campaigns.services.work import WorkItem, WorkPhone
from compliance.locks import lock_people
from dialer import try_reads
from dialer.services import offers


def still_may(
    campaign: Campaign, chosen: Sequence[tuple[WorkItem, WorkPhone]], *, now: datetime
) -> Sequence[tuple[WorkItem, WorkPhone]]:
    """Return those of the leads that the plan lets be dialed now; put the others off. The caller asks the gate next.

    The locks are those the gate takes for the same people, so it waits for nothing in between.
    """
    if not chosen or attempts.plan_of(campaign) is None:
        return chosen
    found = asked_again(campaign, [item for item, _ in chosen], now=now)
    kept = []
    for item, phone in chosen:
        may = found.get(item.campaign_lead_id)
        if may is None or phone.number in may.numbers:
            kept.append((item, phone))
        elif not may.numbers:
            offers.put_off(refused(item, may), now=now)
    return kept


def asked_again(campaign: Campaign, items: Sequence[WorkItem], *, now: datetime) -> dict[int, MayTry]:
    """Lock the people and return what the plan says of them now; nothing for a campaign without a plan."""
    if attempts.plan_of(campaign) is None:
        return {}
    lock_people(
        numbers=[phone.number for item in items for phone in item.phones],
        persons=[offers.person_ref(item.contact_id) for item in items],
    )
    return try_reads.may_try(campaign, items, now=now)


def refused(item: WorkItem, may: MayTry) -> offers.Screened:
    """Return a lead that the plan holds back as one that was looked at and may not be called now."""
    return offers.Screened(item=item, phone=None, sentence=may.sentence, next_allowed_at=may.next_at)
