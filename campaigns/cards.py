"""Reads for the desk and the pacer: the card of a held lead, what an agent may work on, what is promised. Dataclasses out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache

from django.db import connection
from django.db.models import Count, Q

from campaigns import breaks, crmnames, daysoff, ordering
from campaigns.models import Campaign, CampaignLead, ContactPhone, Disposition, Lead
from campaigns.results import Question
from campaigns.scripting.flow import Flow
from campaigns.selectors import customfields
from compliance.rules.facts import Purpose
from core import kept, prepared
from core.errors import NotFound
from core.types import format_phone

LEADS_LEFT = """
SELECT c.id, (
    SELECT count(*) FROM (
        SELECT 1 FROM campaigns_campaignlead l
        WHERE l.campaign_id = c.id AND l.state = 'ready' AND l.next_try_at <= %(now)s AND l.callback_for_id IS NULL LIMIT %(limit)s
    ) few
), (SELECT min(l.next_try_at) FROM campaigns_campaignlead l WHERE l.campaign_id = c.id AND l.state = 'ready')
FROM unnest(%(ids)s::bigint[]) AS c(id)
"""

NEXT_SCORES = """
SELECT c.id, ARRAY(
    SELECT l.score FROM campaigns_campaignlead l
    WHERE l.campaign_id = c.id AND l.state = 'ready' AND l.next_try_at <= %(now)s AND l.callback_for_id IS NULL AND l.score IS NOT NULL
    ORDER BY l.place, l.next_try_at, l.id LIMIT %(limit)s
)
FROM unnest(%(ids)s::bigint[]) AS c(id)
"""


@dataclass(frozen=True, slots=True)
class CardPhone:
    """One number of the person."""

    id: int
    number: str
    kind: str


@dataclass(frozen=True, slots=True)
class LeadCard:
    """A person in a campaign, as the agent sees them."""

    campaign_lead_id: int
    contact_id: int
    first_name: str
    last_name: str
    full_name: str
    company: str
    title: str
    email: str
    city: str
    state: str
    postal_code: str
    stated_zone: str
    owner_name: str
    crm_url: str
    crm_name: str
    crm_do_not_call: bool
    phones: Sequence[CardPhone]
    own: Mapping[str, str]  # values of fields of the house's own, as scripts name them
    list_names: str
    is_about_debt: bool
    debt_ref: str  # the debt the campaign calls for; empty = none is known
    attempts: int  # calls that have ended
    max_attempts: int
    last_result: str
    is_callback: bool
    caller_id: str
    caller_pool: str  # its name, where the number shown is drawn from one when the call is made
    seller: str
    script_version_id: int | None
    script: Flow
    is_stepwise: bool  # the script goes step by step; else it is one text

    def facts(self, agent_name: str, *, caller_id: str = "") -> dict[str, str]:
        """Return what a script may say and look at; `caller_id` is the number that the call shows."""
        return {
            **self.own,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "full_name": self.full_name,
            "company": self.company,
            "title": self.title,
            "city": self.city,
            "state": self.state,
            "postal_code": self.postal_code,
            "owner": self.owner_name,
            "lists": self.list_names,
            "last_result": self.last_result,
            "agent_name": agent_name,
            "seller": self.seller,
            "caller_id": format_phone(caller_id or self.caller_id),
        }


@dataclass(frozen=True, slots=True)
class AssignedCampaign:
    """A campaign an agent may work on."""

    id: int
    name: str
    state_word: str
    running: bool
    leads_ready: int


@dataclass(frozen=True, slots=True)
class DispositionView:
    """A result the agent can choose."""

    code: str
    label: str
    category: str
    hotkey: str
    needs_note: bool
    wants_time: bool
    questions: Sequence[Question]


@dataclass(frozen=True, slots=True)
class CallbackDue:
    """A promise to call back."""

    id: int  # of the lead in the campaign
    name: str
    due_at: datetime
    is_mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningCampaign:
    """A campaign the pacer works on."""

    id: int
    mode: str  # campaigns.models.Campaign.Mode
    mode_changed_at: datetime | None
    power_ratio: float
    abandon_percent: float | None  # None: what the law allows
    machine_detection: str
    machine_sample_percent: int
    ring_seconds: int
    caller_id: str
    caller_pool_id: int | None
    window_opens: time  # in the person's own zone, like the next two
    window_closes: time
    window_days: frozenset[int]
    window_breaks: tuple[breaks.Span, ...] = ()
    days_off: tuple[date, ...] = ()
    priority: int = 3  # campaigns.models.Campaign.Priority: the smallest first
    is_scored: bool = False  # its order goes by the chance of an answer


_lead = kept.Query(
    lambda lead: CampaignLead.objects.select_related(
        "contact", "campaign", "campaign__script_version", "campaign__caller_pool"
    ).filter(pk=lead)
)
_phones = kept.Query(lambda person: ContactPhone.objects.filter(contact_id=person).order_by("position", "pk"))
_list_names = kept.Values(
    lambda person, campaign: (
        Lead.objects.filter(contact_id=person, lead_list__campaigns=campaign)
        .order_by("lead_list__name", "pk")
        .values_list("lead_list__name")
    ),
    values=2,
)
_dispositions = kept.Query(
    lambda campaign: Disposition.objects.filter(
        disposition_set_id__in=Campaign.objects.filter(pk=campaign).values("disposition_set_id"),
        automatic=False,
        retired_at__isnull=True,
    ).order_by("position", "pk")
)


@cache
def _callbacks(limit: int) -> kept.Query[CampaignLead]:
    return kept.Query(
        lambda mine, assigned: (
            CampaignLead.objects.filter(
                Q(callback_for__isnull=True) | Q(callback_for_id=mine),
                is_callback=True,
                state=CampaignLead.State.READY,
                campaign__assignments__user_id=assigned,
            )
            .select_related("contact")
            .order_by("next_try_at", "pk")[:limit]
        ),
        values=2,
    )


def lead_card(campaign_lead_id: int) -> LeadCard:
    """Return the card of a lead; raises NotFound. A fixed number of queries."""
    row = _lead.first(campaign_lead_id)
    if row is None:
        raise NotFound("This lead is not in the campaign any more.")
    person, campaign = row.contact, row.campaign
    with prepared.ahead(_list_names.asks(person.pk, campaign.pk), _phones.asks(person.pk)):
        lists = _list_names.rows(person.pk, campaign.pk)
        phones = _phones.rows(person.pk)
    version = campaign.script_version
    return LeadCard(
        campaign_lead_id=row.pk,
        contact_id=person.pk,
        first_name=person.first_name,
        last_name=person.last_name,
        full_name=person.full_name,
        company=person.company,
        title=person.title,
        email=person.email,
        city=person.city,
        state=person.state,
        postal_code=person.postal_code,
        stated_zone=person.stated_zone,
        owner_name=person.owner_name,
        crm_url=person.crm_url,
        crm_name=crmnames.crm_name(person.external_ref or "", person.crm_url),
        crm_do_not_call=person.crm_do_not_call,
        phones=[
            CardPhone(id=phone.pk, number=phone.number, kind=phone.kind)
            for phone in sorted(phones, key=lambda phone: phone.number != row.next_number)
        ],
        own=customfields.facts_of(person.custom),
        list_names=", ".join(name for (name,) in lists),
        is_about_debt=campaign.purpose == Purpose.DEBT,
        debt_ref=row.debt_ref,
        attempts=row.attempts,
        max_attempts=campaign.max_attempts,
        last_result=row.last_result,
        is_callback=row.is_callback,
        caller_id=campaign.caller_id,
        caller_pool=campaign.caller_pool.name if campaign.caller_pool else "",
        seller=campaign.seller,
        script_version_id=version.pk if version else None,
        script=version.flow if version else Flow(nodes=()),
        is_stepwise=version is not None and version.nodes is not None,
    )


def asked_of_card(campaign_lead_id: int) -> list[prepared.Asked]:
    """Return what lead_card asks first, for prepared.ahead."""
    return [_lead.asks(campaign_lead_id)]


def asked_of_callbacks(user_id: int, *, limit: int) -> list[prepared.Asked]:
    """Return what callbacks_due asks, for prepared.ahead."""
    return [_callbacks(limit).asks(user_id, user_id)]


def assigned_campaigns(user_id: int, *, now: datetime) -> list[AssignedCampaign]:
    """Return the campaigns an agent is assigned to, running ones first, then those that dial first."""
    ready = Q(campaign_leads__state="ready", campaign_leads__next_try_at__lte=now)
    rows = (
        Campaign.objects.filter(assignments__user_id=user_id, archived_at=None)
        .exclude(state=Campaign.State.STOPPED)
        .annotate(ready=Count("campaign_leads", filter=ready))
        .order_by("priority", "name", "pk")
    )
    found = [
        AssignedCampaign(
            id=row.pk,
            name=row.name,
            state_word=row.get_state_display(),
            running=row.state == Campaign.State.RUNNING,
            leads_ready=row.ready,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: not one.running)


def dispositions(campaign_id: int) -> list[DispositionView]:
    """Return the results a campaign offers its agents, in the order of the desk."""
    return [
        DispositionView(
            code=row.code,
            label=row.label,
            category=row.category,
            hotkey=row.hotkey,
            needs_note=row.needs_note,
            wants_time=row.wants_time,
            questions=row.asks,
        )
        for row in _dispositions.rows(campaign_id)
    ]


def callbacks_due(user_id: int, *, limit: int) -> list[CallbackDue]:
    """Return what is promised in the agent's campaigns, theirs or anybody's, soonest first."""
    rows = _callbacks(limit).rows(user_id, user_id)
    return [
        CallbackDue(
            id=row.pk,
            name=row.contact.full_name,
            due_at=row.next_try_at,
            is_mine=row.callback_for_id == user_id,
        )
        for row in rows
    ]


def started_at(campaign_id: int) -> datetime | None:
    """Return when a campaign started for the first time; None for a draft, or no such campaign."""
    return Campaign.objects.filter(pk=campaign_id).values_list("started_at", flat=True).first()


_PACED = (*(name for name in RunningCampaign.__dataclass_fields__ if name != "is_scored"), "order_plan")
_running = kept.Values(
    lambda: Campaign.objects.filter(state=Campaign.State.RUNNING).order_by("pk").values_list(*_PACED),
    values=0,
)


def running_campaigns() -> list[RunningCampaign]:
    """Return the campaigns to pace, by id. One query."""
    found = []
    for values in _running.rows():
        row = dict(zip(_PACED, values, strict=True))
        order = ordering.read(row.pop("order_plan"))
        row["is_scored"] = order.kind is ordering.Kind.BEST_TIME
        row["window_breaks"] = breaks.read(row["window_breaks"])
        row["days_off"] = daysoff.read(row["days_off"])
        row["power_ratio"] = float(row["power_ratio"])
        row["window_days"] = frozenset(int(day) for day in row["window_days"])
        if row["abandon_percent"] is not None:
            row["abandon_percent"] = float(row["abandon_percent"])
        found.append(RunningCampaign(**row))
    return found


def leads_left(ids: Sequence[int], *, now: datetime, limit: int) -> dict[int, tuple[int, datetime | None]]:
    """Return for each campaign how many leads the dialer may call now, counted to `limit`, and when the next is due. One query."""
    found = prepared.run_named(LEADS_LEFT, {"ids": list(ids), "now": now, "limit": limit}).rows
    return {campaign_id: (ready, next_at) for campaign_id, ready, next_at in found}


def next_scores(ids: Sequence[int], *, now: datetime, limit: int) -> dict[int, list[float]]:
    """Return for each campaign the scores of the leads that are next in its order, without those that have none. One query."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_SCORES, {"ids": list(ids), "now": now, "limit": limit})
        return dict(cursor.fetchall())


def promised_now(ids: Sequence[int], *, now: datetime) -> list[tuple[int, int]]:
    """Return (campaign, user) of everybody whose promise to call somebody back is due. One query."""
    return [(campaign_id, user_id) for campaign_id, user_id in _promised.rows(list(ids), now)]


_promised = kept.Values(
    lambda ids, now: (
        CampaignLead.objects.filter(
            campaign_id__in=kept.any_of(ids),
            callback_for__isnull=False,
            is_callback=True,
            state=CampaignLead.State.READY,
            next_try_at__lte=now,
        )
        .order_by()
        .values_list("campaign_id", "callback_for_id")
        .distinct()
    ),
    values=2,
)
