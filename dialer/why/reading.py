"""One person's ladders, in every campaign they are in or whose lists they are on. A fixed number of queries."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import Count, Prefetch, Q, QuerySet

from campaigns import ordering
from campaigns.models import Campaign, CampaignAgent, CampaignLead, Contact, ContactPhone, LeadList
from campaigns.recycling import MayTry
from campaigns.selectors import segments
from campaigns.selectors.orders import why_now
from campaigns.selectors.turns import with_ahead
from campaigns.services import work
from campaigns.services.work import WorkItem, WorkPhone
from carriers.pool_choice import PoolStanding
from carriers.selectors import active_caller_numbers
from compliance import explaining
from compliance.explaining import Explained
from compliance.rules.facts import Channel
from core.errors import NotFound
from dialer import try_reads
from dialer.agentflow import AgentState
from dialer.models import AgentSession, DialAttempt
from dialer.models.calls import OPEN_ATTEMPTS
from dialer.services import caller_ids, offers
from dialer.why import ladder
from dialer.why.ladder import Answer, NumberLadder, Rung, Standing

MOST = 8  # campaigns shown at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """One person in one campaign, from the list to the gate."""

    campaign_id: int
    campaign: str
    lead_id: int | None
    answer: Answer
    rungs: Sequence[Rung]
    numbers: Sequence[NumberLadder]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person with their ladders, campaigns they are in first, newest first; `more` campaigns are not shown."""

    contact_id: int
    name: str
    company: str
    numbers: Sequence[str]
    lists: Sequence[str]
    ladders: Sequence[Ladder]
    more: int


@dataclass(frozen=True, slots=True)
class _Around:
    """What is not the lead's own: agents, caller IDs, calls under way."""

    assigned: dict[int, int]
    ready: dict[int, set[int]]  # campaign → users who wait
    callers: frozenset[str]
    busy: frozenset[str]  # numbers with an open attempt
    pools: Mapping[int, PoolStanding | None]  # by campaign
    plans: Mapping[int, MayTry]  # by lead
    running: Sequence[tuple[int, int, str]]  # id, priority and name of every running campaign
    leaving_out: frozenset[int]  # of the campaigns, those that leave the person out


def read_person(contact_id: int, *, campaign_id: int = 0, now: datetime) -> Person:
    """Return the person's ladders, of all campaigns or of one; raises NotFound.

    Hidden SQL: twelve queries and the gate's, however many numbers; more for each campaign that dials by itself, has a plan or a pool.
    """
    person = (
        Contact.objects.prefetch_related(Prefetch("phones", ContactPhone.objects.order_by("position", "id")))
        .filter(id=contact_id)
        .first()
    )
    if person is None:
        raise NotFound("This person does not exist.")
    lists = list(LeadList.objects.filter(leads__contact_id=contact_id).order_by("name", "id"))
    leads = _leads(contact_id, now)
    found = [campaign for campaign in _campaigns(contact_id) if campaign_id in (0, campaign.pk)]
    shown = sorted(found, key=lambda one: (one.pk not in leads, one.state == "stopped", -one.pk))[:MOST]
    on_list = {(one.pk, each.pk) for one in shown for each in one.lists.all()}
    items = [work.item_of(person, leads.get(campaign.pk)) for campaign in shown]
    numbers = [phone.number for phone in person.phones.all()]
    leaving_out = segments.leaving_out(contact_id, [campaign.pk for campaign in shown], now=now)
    around = _around(shown, items, numbers, leaving_out, now)
    standings = [
        _standing(
            campaign,
            leads.get(campaign.pk),
            [x.name for x in lists if (campaign.pk, x.pk) in on_list]
            or _segments(campaign, leads.get(campaign.pk)),
            around,
            now,
        )
        for campaign in shown
    ]
    return Person(
        contact_id=contact_id,
        name=person.full_name,
        company=person.company,
        numbers=numbers,
        lists=[each.name for each in lists],
        ladders=_ladders(shown, standings, items, around, now),
        more=len(found) - len(shown),
    )


def _segments(campaign: Campaign, lead: CampaignLead | None) -> list[str]:
    """What the person came by who is on no list of the campaign: its segments, where they came by one."""
    if lead is None or not lead.by_segment:
        return []
    names = campaign.segments.order_by("name", "id").values_list("name", flat=True)
    return [f"{name} (segment)" for name in names]


def _leads(contact_id: int, now: datetime) -> dict[int, CampaignLead]:
    """The person's lead in each campaign, with how many leads the dialer offers before it."""
    theirs = CampaignLead.objects.filter(contact_id=contact_id).select_related("held_by", "callback_for")
    return {row.campaign_id: row for row in with_ahead(theirs, now=now).order_by("id")}


def _campaigns(contact_id: int) -> QuerySet[Campaign]:
    of_lead = CampaignLead.objects.filter(contact_id=contact_id).values("campaign_id")
    of_list = LeadList.objects.filter(leads__contact_id=contact_id).values("campaigns__id")
    return (
        Campaign.objects.filter(Q(id__in=of_lead) | (Q(id__in=of_list) & ~Q(state="stopped")))
        .prefetch_related("lists")
        .order_by("-id")
    )


def _around(
    campaigns: Sequence[Campaign],
    items: Sequence[WorkItem],
    numbers: Sequence[str],
    leaving_out: frozenset[int],
    now: datetime,
) -> _Around:
    campaign_ids = [campaign.pk for campaign in campaigns]
    assigned = (
        CampaignAgent.objects.filter(campaign_id__in=campaign_ids)
        .order_by()
        .values_list("campaign_id")
        .annotate(number=Count("id"))
    )
    ready: dict[int, set[int]] = {}
    waiting = AgentSession.objects.filter(
        campaign_id__in=campaign_ids, state=AgentState.READY, ended_at__isnull=True
    )
    for campaign_id, user_id in waiting.order_by("id").values_list("campaign_id", "user_id"):
        ready.setdefault(campaign_id, set()).add(user_id)
    open_attempts = DialAttempt.objects.filter(number__in=numbers, state__in=OPEN_ATTEMPTS)
    return _Around(
        assigned=dict(assigned),
        ready=ready,
        callers=frozenset(active_caller_numbers()),
        leaving_out=leaving_out,
        busy=frozenset(open_attempts.order_by("id").values_list("number", flat=True)),
        pools={campaign.pk: caller_ids.standing(campaign, now=now) for campaign in campaigns},
        plans={
            lead: found
            for campaign, item in zip(campaigns, items, strict=True)
            if item.campaign_lead_id
            for lead, found in try_reads.may_try(campaign, [item], now=now).items()
        },
        running=list(
            Campaign.objects.filter(state=Campaign.State.RUNNING)
            .order_by("priority", "name", "id")
            .values_list("id", "priority", "name")
        ),
    )


def _standing(
    campaign: Campaign, lead: CampaignLead | None, lists: Sequence[str], around: _Around, now: datetime
) -> Standing:
    ready = around.ready.get(campaign.pk, set())
    first = [name for pk, priority, name in around.running if priority < campaign.priority]
    if lead is None:
        return Standing(
            campaign=campaign.name,
            campaign_state=campaign.state,
            lists=lists,
            agents=around.assigned.get(campaign.pk, 0),
            agents_ready=len(ready),
            caller_usable=campaign.caller_id in around.callers,
            pool=around.pools.get(campaign.pk),
            dials_first=first,
            left_out=campaign.pk in around.leaving_out,
        )
    promised = lead.callback_for
    return Standing(
        campaign=campaign.name,
        campaign_state=campaign.state,
        lists=lists,
        agents=around.assigned.get(campaign.pk, 0),
        agents_ready=len(ready & {promised.pk}) if promised else len(ready),
        caller_usable=campaign.caller_id in around.callers,
        lead_id=lead.pk,
        lead_state=lead.state,
        reason=lead.reason,
        held_by=lead.held_by.display_name if lead.held_by else "",
        held_at=lead.held_at,
        attempts=lead.attempts,
        max_attempts=campaign.max_attempts,
        next_try_at=lead.next_try_at,
        is_callback=lead.is_callback,
        callback_for=promised.display_name if promised else "",
        ahead=getattr(lead, "ahead", 0),
        why_then=why_now(lead, ordering.read(campaign.order_plan), now=now),
        pool=around.pools.get(campaign.pk),
        plan=around.plans.get(lead.pk) if lead.state == CampaignLead.State.READY else None,
        dials_first=first,
        left_out=lead.left_out,
    )


def _ladders(
    campaigns: Sequence[Campaign],
    standings: Sequence[Standing],
    items: Sequence[WorkItem],
    around: _Around,
    now: datetime,
) -> list[Ladder]:
    requests = []
    for campaign, standing, item in zip(campaigns, standings, items, strict=True):
        # Whoever promised the call dials it from a card, in a campaign that dials by itself too.
        channel = Channel.LIVE_PREVIEW if standing.callback_for else offers.channel_of(campaign)
        own = offers.campaign_facts(campaign, channel, now=now)
        pool = around.pools.get(campaign.pk)
        requests += [
            offers.request_for(
                campaign,
                item,
                phone,
                own=own,
                channel=channel,
                attempt_ref="why",
                caller_id=pool.shown_to(phone.number) if pool else "",
            )
            for phone in item.phones
        ]
    explained = explaining.explain_fully(requests, now=now)
    answers = iter(explained)
    return [
        _ladder(campaign, standing, item, list(islice(answers, len(item.phones))), around.busy, now)
        for campaign, standing, item in zip(campaigns, standings, items, strict=True)
    ]


def _ladder(
    campaign: Campaign,
    standing: Standing,
    item: WorkItem,
    explained: Sequence[Explained],
    busy: Set[str],
    now: datetime,
) -> Ladder:
    due = max(now, standing.next_try_at or now)
    numbers = [
        _number(phone, each, due, is_busy=phone.number in busy)
        for phone, each in zip(item.phones, explained, strict=True)
    ]
    rungs = ladder.lead_rungs(standing, numbers=len(numbers), now=now)
    return Ladder(
        campaign_id=campaign.pk,
        campaign=campaign.name,
        lead_id=standing.lead_id,
        answer=ladder.answer(rungs, numbers, now=now),
        rungs=rungs,
        numbers=numbers,
    )


def _number(phone: WorkPhone, explained: Explained, due: datetime, *, is_busy: bool) -> NumberLadder:
    decision, then = explained.decision, explained.decision_at(due)
    rungs = [
        ladder.rule_rung(each.verdict, name=each.name, passes_at=each.passes_at)
        for each in explained.conditions()
    ]
    if is_busy:
        rungs.append(ladder.BUSY)
    return NumberLadder(
        number=phone.number,
        kind=phone.kind,
        rungs=rungs,
        allowed=decision.allowed,
        next_at=due if then.allowed else then.next_allowed_at,
        sentence=then.sentence,
        zone=explained.zone,
    )
