"""What the page about the order of calls shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from campaigns import ordering
from campaigns.models import Campaign, CampaignLead, LeadList
from campaigns.selectors import versions
from campaigns.selectors.attempts import digest
from core.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One of the campaign's lists."""

    id: int
    name: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NextUp:
    """A lead that is called soon, and why."""

    lead_id: int
    contact_id: int
    name: str
    next_try_at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    """The order of a campaign, its lists, and who comes next."""

    campaign_id: int
    name: str
    state: str
    order: ordering.Order
    seen: str  # which order the page shows
    placed_at: datetime | None
    lists: Sequence[ListRow]
    next_up: Sequence[NextUp]


def get_page(campaign_id: int, *, now: datetime, limit: int = 10) -> OrderPage:
    """Return the order of a campaign; raises NotFound. Hidden SQL: six queries."""
    campaign = Campaign.objects.filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFound("This campaign does not exist.")
    setup = versions.newest(campaign_id).setup
    order = ordering.read(setup["order_plan"])
    return OrderPage(
        campaign_id=campaign.pk,
        name=campaign.name,
        state=campaign.state,
        order=order,
        seen=digest(setup["order_plan"]),
        placed_at=campaign.placed_at,
        lists=lists_of(setup["list_ids"]),
        next_up=_next_up(campaign, ordering.read(campaign.order_plan), now, limit),
    )


def lists_of(list_ids: Sequence[int]) -> list[ListRow]:
    """Return lists by name, with how many people are on each; one query."""
    rows = LeadList.objects.filter(id__in=list_ids).annotate(people=Count("leads")).order_by("name", "id")
    return [ListRow(id=row.pk, name=row.name, people=row.people) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightOf:
    """What a list weighs in a campaign that is not stopped."""

    campaign_id: int
    campaign: str
    weight: int
    other_lists: int


def weights_of(list_name: str) -> list[WeightOf]:
    """Return the campaigns over the list of that name, by name, with its weight in each as last saved. Hidden SQL: two queries each."""
    found = Campaign.objects.filter(lists__name=list_name).exclude(state=Campaign.State.STOPPED)
    told = []
    for campaign_id, name in found.order_by("name", "id").values_list("id", "name"):
        setup = versions.newest(campaign_id).setup
        named = dict(LeadList.objects.filter(id__in=setup["list_ids"]).values_list("id", "name"))
        said = {named.get(each.list_id): each.weight for each in ordering.read(setup["order_plan"]).weights}
        told.append(
            WeightOf(
                campaign_id=campaign_id,
                campaign=name,
                weight=said.get(list_name, 1),
                other_lists=len(named) - 1,
            )
        )
    return told


def why_now(lead: CampaignLead, order: ordering.Order, *, now: datetime) -> str:
    """Return in words what gives a lead its turn."""
    if lead.is_callback:
        return "promised for this time"
    if lead.fresh_until is not None and lead.fresh_until > now and lead.attempts == 0:
        return "came just now"
    if order.is_placed and lead.place is None:
        return "new: has no place yet"
    if order.kind is ordering.Kind.BEST_TIME and lead.score is not None:
        return f"{lead.score * 100:.0f} % answer at this hour"
    words = {
        ordering.Kind.EAST_FIRST: "east of those after it",
        ordering.Kind.CLOSING_FIRST: "its window closes sooner",
    }
    found = words.get(order.kind, "due longest")
    return f"{found}, in its list’s turn" if order.weights else found


def _next_up(campaign: Campaign, order: ordering.Order, now: datetime, limit: int) -> list[NextUp]:
    """Return who is offered next, as campaigns.services.work takes them."""
    due = CampaignLead.objects.filter(
        campaign=campaign, state=CampaignLead.State.READY, next_try_at__lte=now, callback_for__isnull=True
    ).select_related("contact")
    fresh = Q(fresh_until__isnull=False, fresh_until__gt=now, attempts=0)
    rows = list(due.filter(Q(is_callback=True) | fresh).order_by("-is_callback", "next_try_at", "id")[:limit])
    others = due.filter(is_callback=False).exclude(id__in=[row.pk for row in rows])
    by_place = ("place", "next_try_at", "id") if order.is_placed else ("next_try_at", "id")
    rows += others.order_by(*by_place)[: limit - len(rows)]
    return [
        NextUp(
            lead_id=row.pk,
            contact_id=row.contact_id,
            name=row.contact.full_name,
            next_try_at=row.next_try_at,
            why=why_now(row, order, now=now),
        )
        for row in rows
    ]
