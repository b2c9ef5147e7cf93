"""Handing leads to agents, one at a time, and taking them back with what is to happen next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns import recycling
from campaigns.models import CampaignLead, Contact, ContactPhone
from campaigns.selectors import attempts
from campaigns.services import next_leads
from core import db, kept, prepared
from core.errors import NotFound
from core.types import PhoneNumber, as_phone

_with_campaign = kept.Query(
    lambda lead: (
        CampaignLead.objects.select_for_update(of=("self",)).select_related("campaign").filter(pk=lead)
    )
)
COUNT_ATTEMPT = """
    UPDATE campaigns_campaignlead SET attempts = attempts + 1, last_result = %s, last_called_at = %s WHERE id = %s"""
RETRY_MINUTES = 240  # where the campaign's results do not say when to try again


@dataclass(frozen=True, slots=True)
class WorkPhone:
    """One number of the person, in the order to try."""

    id: int
    number: PhoneNumber
    kind: str
    position: int = 0  # in the person's own order


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A lead with what the gate needs to know about the person."""

    campaign_lead_id: int
    contact_id: int
    phones: Sequence[WorkPhone]
    city: str
    state: str
    postal_code: str
    country: str
    stated_zone: str
    crm_do_not_call: bool
    callback_asked_at: datetime | None = None  # the person asked then to be called back
    debt_ref: str = ""  # which debt the campaign calls them for; empty = not known
    score: float | None = None  # the chance of an answer, where a model is used


def candidates(
    *,
    campaign_id: int,
    user_id: int | None,
    now: datetime,
    limit: int,
    only_promised: bool = False,
    placed: bool = False,
) -> list[WorkItem]:
    """Lock up to `limit` leads that may be offered to this agent now and return them in order.

    Promised callbacks come first, then people who came just now; then the others as they fall due, or `placed`: by their places, those
    without one last.

    No agent: leads the dialer may call for whoever is free, so none that one agent promised to call. `only_promised`: those that this
    agent promised.

    Leads another agent's transaction holds are passed over. The caller claims one, or defers them, before it commits.
    """
    db.require_atomic()
    found = next_leads.lock(
        campaign_id=campaign_id,
        user_id=user_id,
        now=now,
        limit=limit,
        only_promised=only_promised,
        placed=placed,
    )
    return [item_of(lead.contact, lead, phones) for lead, phones in found]


def get_item(*, campaign_lead_id: int) -> WorkItem:
    """Lock one lead and return it; raises NotFound."""
    db.require_atomic()
    row = (
        CampaignLead.objects.select_for_update(of=("self",))
        .select_related("contact")
        .filter(id=campaign_lead_id)
        .first()
    )
    if row is None:
        raise NotFound("This lead is not in the campaign any more.")
    return item_of(row.contact, row)


def item_of(
    person: Contact, lead: CampaignLead | None, phones: Iterable[ContactPhone] | None = None
) -> WorkItem:
    """Return the person as the gate needs to know them; one query unless their phones are given, or fetched already."""
    preferred = lead.next_number if lead else ""
    phones = sorted(
        person.phones.all() if phones is None else phones,
        key=lambda phone: (phone.number != preferred, phone.position, phone.id),
    )
    return WorkItem(
        campaign_lead_id=lead.id if lead else 0,
        contact_id=person.id,
        phones=[
            WorkPhone(id=phone.id, number=as_phone(phone.number), kind=phone.kind, position=phone.position)
            for phone in phones
        ],
        city=person.city,
        state=person.state,
        postal_code=person.postal_code,
        country=person.country,
        stated_zone=person.stated_zone,
        crm_do_not_call=person.crm_do_not_call,
        callback_asked_at=lead.callback_asked_at if lead and lead.is_callback else None,
        debt_ref=lead.debt_ref if lead else "",
        score=lead.score if lead else None,
    )


def hold(*, campaign_lead_id: int, user_id: int | None, now: datetime) -> None:
    """Give a ready lead to an agent, or to the dialer until somebody answers. The caller holds its lock."""
    db.require_atomic()
    held = {"state": CampaignLead.State.HELD, "held_by": user_id, "held_at": now}
    if kept.update(CampaignLead, held, pk=campaign_lead_id, state=CampaignLead.State.READY) != 1:
        raise NotFound("This lead is not free any more.")


def pass_on(*, campaign_lead_id: int, user_id: int) -> None:
    """Give a lead that the dialer holds to the agent who gets its call. The caller holds its lock."""
    db.require_atomic()
    of_the_dialer = {"pk": campaign_lead_id, "state": CampaignLead.State.HELD, "held_by": None}
    if kept.update(CampaignLead, {"held_by": user_id}, **of_the_dialer) != 1:
        raise NotFound("This lead is not with the dialer any more.")


def keep_without_agent(*, campaign_lead_id: int) -> None:
    """Leave a lead whose call goes on without its agent with the dialer until the call ends. The caller holds its lock."""
    db.require_atomic()
    CampaignLead.objects.filter(id=campaign_lead_id, state=CampaignLead.State.HELD).update(held_by=None)


def hand_over(*, campaign_lead_id: int, from_user_id: int | None, to_user_id: int | None) -> None:
    """Give a lead that one agent holds to another, or back to the dialer. The caller holds its lock."""
    db.require_atomic()
    changed = CampaignLead.objects.filter(
        id=campaign_lead_id, state=CampaignLead.State.HELD, held_by_id=from_user_id
    ).update(held_by_id=to_user_id)
    if changed != 1:
        raise NotFound("This lead is not with that agent any more.")


def give_back(*, campaign_lead_id: int, try_at: datetime, reason: str) -> None:
    """Make a lead available again from `try_at`; a promise to call back is kept as it is."""
    db.require_atomic()
    CampaignLead.objects.filter(id=campaign_lead_id).exclude(state=CampaignLead.State.FINISHED).update(
        state=CampaignLead.State.READY, held_by=None, held_at=None, next_try_at=try_at, reason=reason[:300]
    )


def finish(*, campaign_lead_id: int, reason: str, lacks_consent: str = "") -> None:
    """Mark a lead as having nothing more to do; `lacks_consent` is the gate's code, where a consent would bring it back."""
    db.require_atomic()
    CampaignLead.objects.filter(id=campaign_lead_id).update(
        state=CampaignLead.State.FINISHED,
        held_by=None,
        held_at=None,
        is_callback=False,
        callback_for=None,
        reason=reason[:300],
        lacks_consent=lacks_consent,
    )


def count_attempt(*, campaign_lead_id: int, result: str, now: datetime) -> None:
    """Count one placed call, which is over now or was passed on."""
    db.require_atomic()
    prepared.run(COUNT_ATTEMPT, [result[:60], now, campaign_lead_id])


def record_result(
    *,
    campaign_lead_id: int,
    category: str,
    label: str,
    retry_minutes: int | None,
    callback_at: datetime | None,
    callback_for_id: int | None,
    callback_hard: bool = False,
    now: datetime,
    code: str = "",
    tried: recycling.Person | None = None,
) -> recycling.NextStep:
    """Apply a disposition to the lead: tried again later, promised a callback, or finished. Returns which.

    `tried` is the person with every try, this one included: what a campaign with a plan decides by. Without it the plain rule holds.
    """
    db.require_atomic()
    [row] = _with_campaign.rows(campaign_lead_id)
    result = recycling.Result(
        category=category,
        label=label,
        retry_minutes=retry_minutes,
        attempts=row.attempts,
        max_attempts=row.campaign.max_attempts,
        callback_at=callback_at,
    )
    plan = attempts.plan_of(row.campaign) if tried else None
    if plan and tried:
        window = attempts.window_of(row.campaign)
        following = recycling.next_by_plan(result, plan, tried, window, code=code, now=now)
    else:
        following = recycling.next_step(result, now=now)
    changes = {
        "state": CampaignLead.State.FINISHED if following.try_at is None else CampaignLead.State.READY,
        "held_by": None,
        "held_at": None,
        "next_try_at": following.try_at or row.next_try_at,
        "is_callback": following.is_callback,
        "callback_asked_at": now if following.is_callback else None,
        "callback_for": callback_for_id if following.is_callback else None,
        "callback_hard": callback_hard and following.is_callback,
        "last_result": label[:60],
        "reason": following.reason[:300],
        "next_number": following.number,
    }
    kept.update(CampaignLead, changes, pk=row.pk)
    return following


def finish_everywhere(*, contact_id: int, reason: str) -> int:
    """Finish a person's free leads in all campaigns (do not call); returns how many.

    A lead that an agent holds is finished by that agent's result.
    """
    db.require_atomic()
    return CampaignLead.objects.filter(contact_id=contact_id, state=CampaignLead.State.READY).update(
        state=CampaignLead.State.FINISHED, is_callback=False, callback_for=None, reason=reason[:300]
    )
