"""Promises to call back, as the lists of agents and managers show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.models import Campaign, CampaignAgent, CampaignLead
from campaigns.selectors.lists import Named
from compliance.rules import places

SHOWN = 200


@dataclass(frozen=True, slots=True)
class CallbackRow:
    """One promise: to whom, when on their clock and ours, by whom."""

    id: int  # of the lead in the campaign
    contact_id: int
    name: str
    campaign: str
    due_at: datetime
    their_time: str  # "Tue 24 Nov, 09:30 in Orlando"; empty: the zone is not known
    is_overdue: bool
    agent: str  # empty: anyone
    agent_away: bool  # does not work on the campaign any more
    is_hard: bool
    last_result: str


@dataclass(frozen=True, slots=True)
class Callbacks:
    """The soonest promises of a list, and how many there are."""

    rows: Sequence[CallbackRow]
    total: int
    overdue: int


@dataclass(frozen=True, slots=True)
class CallbackRule:
    """When a campaign's callbacks fall to anyone."""

    campaign_id: int
    name: str
    minutes: int | None


def list_mine(user_id: int, *, now: datetime) -> Callbacks:
    """Return what the agent promised, and what anyone in their campaigns may take; soonest first, in four queries."""
    theirs = CampaignAgent.objects.filter(user_id=user_id).values("campaign_id")
    rows = _promised().filter(
        Q(callback_for_id=user_id) | Q(callback_for__isnull=True, campaign_id__in=theirs)
    )
    return _read(rows, now)


def list_all(
    *, campaign_id: int | None = None, agent_id: int | None = None, only_overdue: bool = False, now: datetime
) -> Callbacks:
    """Return all promises, or those of a campaign or agent; agent 0 is anyone's. Soonest first, in four queries."""
    rows = _promised()
    if campaign_id is not None:
        rows = rows.filter(campaign_id=campaign_id)
    if agent_id is not None:
        rows = rows.filter(callback_for_id=agent_id or None)
    if only_overdue:
        rows = rows.filter(next_try_at__lte=now)
    return _read(rows, now)


def list_rules() -> list[CallbackRule]:
    """Return the campaigns that are not stopped, each with its rule; one query."""
    rows = Campaign.objects.exclude(state=Campaign.State.STOPPED).order_by("name", "id")
    return [CallbackRule(row.pk, row.name, row.callback_anyone_minutes) for row in rows]


def list_takers() -> list[Named]:
    """Return everybody who works on a campaign, by name; one query."""
    rows = CampaignAgent.objects.select_related("user").order_by("user__username", "id")
    return list({row.user_id: Named(row.user_id, row.user.display_name) for row in rows}.values())


def _promised() -> "QuerySet[CampaignLead]":
    return CampaignLead.objects.filter(is_callback=True, state=CampaignLead.State.READY).exclude(
        campaign__state=Campaign.State.STOPPED
    )


def _read(rows: "QuerySet[CampaignLead]", now: datetime) -> Callbacks:
    works = CampaignAgent.objects.filter(
        campaign_id=OuterRef("campaign_id"), user_id=OuterRef("callback_for_id")
    )
    found = (
        rows.select_related("contact", "campaign", "callback_for")
        .prefetch_related("contact__phones")
        .annotate(works=Exists(works))
        .order_by("next_try_at", "id")[:SHOWN]
    )
    total = rows.count()
    overdue = rows.filter(next_try_at__lte=now).count()
    return Callbacks([_row(row, now) for row in found], total, overdue)


def _row(row: CampaignLead, now: datetime) -> CallbackRow:
    agent = row.callback_for
    return CallbackRow(
        id=row.pk,
        contact_id=row.contact_id,
        name=row.contact.full_name,
        campaign=row.campaign.name,
        due_at=row.next_try_at,
        their_time=_their_time(row),
        is_overdue=row.next_try_at <= now,
        agent=agent.display_name if agent else "",
        agent_away=agent is not None and (not agent.is_active or not row.works),  # type: ignore[attr-defined]  # annotated
        is_hard=row.callback_hard,
        last_result=row.last_result,
    )


def _their_time(row: CampaignLead) -> str:
    person = row.contact
    address = places.address_evidences(
        postal_code=person.postal_code, state=person.state, city=person.city, stated_zone=person.stated_zone
    )
    phones = sorted(person.phones.all(), key=lambda phone: (phone.position, phone.pk))
    area = places.describe_number(phones[0].number).evidence if phones else None
    evidences = (*address, *((area,) if area else ()))
    zones = sorted({zone for evidence in evidences for zone in evidence.zones})
    if not zones:
        return ""
    there = row.next_try_at.astimezone(ZoneInfo(zones[0]))
    return f"{there:%a} {there.day} {there:%b}, {there:%H:%M} in {places.zone_place(evidences, zones[0])}"
