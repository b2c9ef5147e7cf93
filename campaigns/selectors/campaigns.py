"""Campaigns as the pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Q, Sum

from accounts import roles
from accounts.models import User
from campaigns.models import (
    Campaign,
    CampaignAgent,
    CampaignLead,
    Disposition,
    DispositionSet,
    LeadList,
    MessageVersion,
)
from campaigns.paging import Cursor, Page, page_of
from campaigns.selectors.lists import Named
from core.errors import NotFound

STATE = Campaign.State
LEAD = CampaignLead.State
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class ChosenMessage:
    """A version of a recorded message that the campaign plays."""

    version_id: UUID
    message_id: int
    label: str
    is_approved: bool


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """One campaign with its settings. Window and days are in the person's own zone."""

    id: int
    name: str
    state: str
    state_label: str
    state_changed_at: datetime
    purpose: str
    mode: str
    mode_changed_at: datetime | None
    power_ratio: Decimal
    abandon_percent: Decimal | None  # None: what the law allows
    preview_seconds: int | None  # None: as long as the agent likes
    preview_then: str
    preview_then_label: str
    machine_detection: str
    machine_sample_percent: int
    greeting_seconds: int
    audience: str
    audience_label: str
    made_by: str
    made_by_label: str
    answers_never_sell: bool
    seller: str
    caller_id: str
    caller_pool_id: int | None  # calls show its numbers
    window_opens: time
    window_closes: time
    window_days: str
    window_breaks: str
    days_off: str
    priority: int
    priority_label: str
    max_attempts: int
    ring_seconds: int
    wrap_up_seconds: int
    lists: Sequence[Named]
    segments: Sequence[Named]
    left_out: Sequence[Named]  # lists and segments
    script_id: int | None
    script_version_id: int | None
    script_name: str
    abandoned_message: ChosenMessage | None  # None: the standard text
    voicemail_message: ChosenMessage | None
    voicemail_variants: Sequence[ChosenMessage]  # left in turn with it
    personal_voicemail: bool
    disposition_set_id: int
    disposition_set: str
    version: int
    owner: str
    goal: int | None
    starts_at: datetime | None
    stops_at: datetime | None
    needs_approval: bool
    archived_at: datetime | None

    @property
    def mode_text(self) -> str:
        """Return how the campaign dials."""
        return Campaign.Mode(self.mode).label

    @property
    def detection_text(self) -> str:
        """Return what happens to answering machines."""
        return Campaign.MachineDetection(self.machine_detection).label

    @property
    def days_text(self) -> str:
        """Return the days as words: "Mon Tue Wed"."""
        return " ".join(DAYS[int(day)] for day in self.window_days)


@dataclass(frozen=True, slots=True)
class Assigned:
    """An agent of the campaign and whether a lead is with them now."""

    user_id: int
    name: str
    holds_lead: bool


@dataclass(frozen=True, slots=True)
class Result:
    """How many leads ended last with one result."""

    label: str
    leads: int


@dataclass(frozen=True, slots=True)
class Board:
    """The live figures of one campaign."""

    state: str
    leads: int
    ready: int
    waiting: int
    next_try_at: datetime | None  # of the waiting ones, the earliest
    callbacks: int
    held: int
    finished: int
    untried: int
    attempts: int
    results: Sequence[Result]
    agents: Sequence[Assigned]


@dataclass(frozen=True, slots=True)
class NotCalled:
    """A lead that waits or is finished for a reason."""

    lead_id: int
    contact_id: int
    name: str
    state_label: str
    reason: str
    next_try_at: datetime | None
    attempts: int


@dataclass(frozen=True, slots=True)
class Choosable:
    """An agent who may be assigned."""

    user_id: int
    name: str
    team: str


@dataclass(frozen=True, slots=True)
class ResultRule:
    """One result of the set: its key and what it does to the lead."""

    key: str
    label: str
    category: str
    retry_minutes: int | None

    @property
    def wait_text(self) -> str:
        """Return after how long the lead is tried again: "after 30 min", "after 4 h", "after 1 day"."""
        if self.category == Disposition.Category.CALLBACK.label:
            return "at the time agreed"
        if self.retry_minutes is None:
            return "not tried again"
        for unit, minutes in (("day", 1440), ("h", 60)):
            if self.retry_minutes >= minutes and self.retry_minutes % minutes == 0:
                number = self.retry_minutes // minutes
                return f"after {number} {unit}{'s' if unit == 'day' and number > 1 else ''}"
        return f"after {self.retry_minutes} min"


def list_names() -> list[Named]:
    """Return all campaigns to choose from, newest first."""
    return [Named(row.id, row.name) for row in Campaign.objects.only("id", "name").order_by("-id")]


def get_campaign(campaign_id: int) -> CampaignFacts:
    """Return one campaign with its settings, in three queries. Raises NotFound."""
    related = (
        "script_version__script",
        "disposition_set",
        "owner",
        "abandoned_message__message",
        "voicemail_message__message",
    )
    row = Campaign.objects.select_related(*related).filter(id=campaign_id).first()
    if row is None:
        raise NotFound("This campaign does not exist.")
    return _facts(row)


def _facts(row: Campaign) -> CampaignFacts:
    version = row.script_version
    return CampaignFacts(
        id=row.id,
        name=row.name,
        state=row.state,
        state_label=STATE(row.state).label,
        state_changed_at=row.state_changed_at,
        purpose=row.purpose,
        **_dialing(row),
        audience=row.audience,
        audience_label=Campaign.Audience(row.audience).label,
        made_by=row.made_by,
        made_by_label=Campaign.MadeBy(row.made_by).label,
        answers_never_sell=row.answers_never_sell,
        seller=row.seller,
        caller_id=row.caller_id,
        caller_pool_id=row.caller_pool_id,
        window_opens=row.window_opens,
        window_closes=row.window_closes,
        window_days=row.window_days,
        window_breaks=row.window_breaks,
        days_off=row.days_off,
        priority=row.priority,
        priority_label=Campaign.Priority(row.priority).label,
        max_attempts=row.max_attempts,
        ring_seconds=row.ring_seconds,
        wrap_up_seconds=row.wrap_up_seconds,
        lists=[Named(found.id, found.name) for found in row.lists.order_by("name", "id")],
        segments=[Named(found.id, found.name) for found in row.segments.order_by("name", "id")],
        left_out=_left_out(row),
        script_id=version.script_id if version else None,
        script_version_id=version.id if version else None,
        script_name=f"{version.script.name}, version {version.number}" if version else "",
        abandoned_message=_chosen(row.abandoned_message),
        voicemail_message=_chosen(row.voicemail_message),
        voicemail_variants=_variants(row),
        personal_voicemail=row.personal_voicemail,
        disposition_set_id=row.disposition_set_id,
        disposition_set=row.disposition_set.name,
        version=row.version,
        owner=row.owner.display_name if row.owner else "",
        goal=row.goal,
        starts_at=row.starts_at,
        stops_at=row.stops_at,
        needs_approval=row.needs_approval,
        archived_at=row.archived_at,
    )


def _left_out(row: Campaign) -> list[Named]:
    lists, segments = (each.values_list("id", "name") for each in (row.excluded_lists, row.excluded_segments))
    return [Named(pk, name) for pk, name in lists.union(segments, all=True).order_by("name", "id")]


def _dialing(row: Campaign) -> dict[str, Any]:
    return {
        "mode": row.mode, "mode_changed_at": row.mode_changed_at, "power_ratio": row.power_ratio,
        "abandon_percent": row.abandon_percent, "preview_seconds": row.preview_seconds, "preview_then": row.preview_then,
        "preview_then_label": Campaign.PreviewThen(row.preview_then).label, "machine_detection": row.machine_detection,
        "machine_sample_percent": row.machine_sample_percent, "greeting_seconds": row.greeting_seconds,
    }  # fmt: skip


def _variants(row: Campaign) -> list[ChosenMessage]:
    variants = row.voicemail_variants.select_related("message").order_by("message__name", "id")
    return [_choice(each) for each in variants]


def _chosen(row: MessageVersion | None) -> ChosenMessage | None:
    if row is None:
        return None
    return _choice(row)


def _choice(row: MessageVersion) -> ChosenMessage:
    return ChosenMessage(
        version_id=row.id,
        message_id=row.message_id,
        label=f"{row.message.name}, version {row.number}",
        is_approved=row.state == MessageVersion.State.APPROVED,
    )


def get_board(campaign_id: int, *, now: datetime) -> Board:
    """Return the live figures of one campaign, in five queries. Raises NotFound."""
    campaign = Campaign.objects.filter(id=campaign_id).values("state", "disposition_set_id").first()
    if campaign is None:
        raise NotFound("This campaign does not exist.")
    leads = CampaignLead.objects.filter(campaign_id=campaign_id)
    waits = Q(state=LEAD.READY, next_try_at__gt=now)
    sums = leads.aggregate(
        leads=Count("id"),
        ready=Count("id", filter=Q(state=LEAD.READY, next_try_at__lte=now)),
        waiting=Count("id", filter=waits),
        next_try_at=Min("next_try_at", filter=waits),
        callbacks=Count("id", filter=Q(state=LEAD.READY, is_callback=True)),
        held=Count("id", filter=Q(state=LEAD.HELD)),
        finished=Count("id", filter=Q(state=LEAD.FINISHED)),
        untried=Count("id", filter=Q(attempts=0)),
        attempts=Sum("attempts", default=0),
    )
    results = leads.exclude(last_result="").order_by().values_list("last_result").annotate(number=Count("id"))
    ranked = sorted(results, key=lambda pair: (-pair[1], pair[0]))
    return Board(
        state=campaign["state"],
        results=[Result(label, number) for label, number in ranked],
        agents=_assigned(campaign_id),
        **sums,
    )


def list_not_called(campaign_id: int, cursor: Cursor) -> Page[NotCalled]:
    """Return one page of the leads that wait or are finished for a stated reason, in one query."""
    leads = CampaignLead.objects.filter(campaign_id=campaign_id).exclude(reason="").select_related("contact")
    return page_of(leads, cursor, _as_not_called)


def list_agents() -> list[Choosable]:
    """Return everybody who may be assigned to a campaign, by team, then name; one query."""
    able = [role for role in roles.Role if roles.may(role, roles.WORK_DESK)]
    people = (
        User.objects.filter(is_active=True, role__in=able).select_related("team").order_by("username", "id")
    )
    found = [Choosable(user.id, user.display_name, user.team.name if user.team else "") for user in people]
    return sorted(found, key=lambda agent: (not agent.team, agent.team, agent.name, agent.user_id))


def list_managers() -> list[Choosable]:
    """Return everybody who may own a campaign, by name; one query."""
    able = [role for role in roles.Role if roles.may(role, roles.MANAGE_CAMPAIGNS)]
    people = User.objects.filter(is_active=True, role__in=able).order_by("username", "id")
    found = [Choosable(user.pk, user.display_name, "") for user in people]
    return sorted(found, key=lambda one: (one.name, one.user_id))


def assigned_ids(campaign_id: int) -> set[int]:
    """Return the users assigned to the campaign."""
    return set(
        CampaignAgent.objects.filter(campaign_id=campaign_id).order_by("id").values_list("user_id", flat=True)
    )


def list_results(disposition_set_id: int) -> list[ResultRule]:
    """Return the results of a set in the order of their keys."""
    rows = Disposition.objects.filter(
        disposition_set_id=disposition_set_id, retired_at__isnull=True
    ).order_by("position", "id")
    return [
        ResultRule(row.hotkey, row.label, Disposition.Category(row.category).label, row.retry_minutes)
        for row in rows
    ]


def list_choices() -> tuple[list[Named], list[Named]]:
    """Return all lists, newest first, and all sets of results, by name."""
    lists = [Named(row.id, row.name) for row in LeadList.objects.order_by("-id")]
    sets = [Named(row.id, row.name) for row in DispositionSet.objects.order_by("name", "id")]
    return lists, sets


def _assigned(campaign_id: int) -> list[Assigned]:
    rows = (
        CampaignAgent.objects.filter(campaign_id=campaign_id)
        .select_related("user")
        .order_by("user__username", "id")
    )
    holders = CampaignLead.objects.filter(campaign_id=campaign_id, state=LEAD.HELD).values_list(
        "held_by_id", flat=True
    )
    busy = set(holders)
    return [Assigned(row.user_id, row.user.display_name, row.user_id in busy) for row in rows]


def _as_not_called(row: CampaignLead) -> NotCalled:
    return NotCalled(
        lead_id=row.id,
        contact_id=row.contact_id,
        name=row.contact.full_name,
        state_label=LEAD(row.state).label,
        reason=row.reason,
        next_try_at=row.next_try_at if row.state == LEAD.READY else None,
        attempts=row.attempts,
    )
