"""All campaigns, templates and unfinished drafts, as the list of campaigns shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from campaigns import breaks, daysoff
from campaigns.hours import opens_at
from campaigns.models import (
    Campaign,
    CampaignAgent,
    CampaignDraft,
    CampaignLead,
    CampaignTemplate,
    Disposition,
)
from campaigns.status import Status, status
from core.errors import NotFound

STATE = Campaign.State
LEAD = CampaignLead.State
ORDER = (STATE.RUNNING, STATE.DRAINING, STATE.PAUSED, STATE.SCHEDULED, STATE.DRAFT, STATE.STOPPED)


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """One campaign in the list of all."""

    id: int
    name: str
    status: Status
    purpose: str
    agents: int
    ready: int
    held: int
    finished: int
    goal: int | None
    starts_at: datetime | None


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A setup to begin from."""

    id: int
    name: str
    created_by: str


@dataclass(frozen=True, slots=True)
class DraftRow:
    """What somebody has not finished in the builder."""

    id: int
    campaign_id: int | None
    name: str
    step: str
    saved_at: datetime


def list_campaigns(*, now: datetime, archived: bool = False) -> list[CampaignRow]:
    """Return all campaigns outside, or inside, the archive, running ones first, then the newest, in three queries."""
    agents = dict(CampaignAgent.objects.order_by().values_list("campaign_id").annotate(Count("id")))
    counts: dict[tuple[int, str], int] = {
        (campaign_id, state): number
        for campaign_id, state, number in CampaignLead.objects.order_by()
        .values_list("campaign_id", "state")
        .annotate(Count("id"))
    }
    rows = Campaign.objects.filter(archived_at__isnull=not archived).order_by("-id")
    found = []
    for row in sorted(rows, key=lambda one: ORDER.index(STATE(one.state))):
        ready, held, finished = (
            counts.get((row.pk, state), 0) for state in (LEAD.READY, LEAD.HELD, LEAD.FINISHED)
        )
        found.append(
            CampaignRow(
                id=row.pk,
                name=row.name,
                status=_status(row, ready + held, now),
                purpose=row.purpose,
                agents=agents.get(row.pk, 0),
                ready=ready,
                held=held,
                finished=finished,
                goal=row.goal,
                starts_at=row.starts_at,
            )
        )
    return found


def count_archived() -> int:
    """Return how many campaigns are in the archive; one query."""
    return Campaign.objects.filter(archived_at__isnull=False).count()


def status_of(campaign_id: int, *, now: datetime) -> Status:
    """Return the status of one campaign; two queries. Raises NotFound."""
    row = Campaign.objects.filter(pk=campaign_id).first()
    if row is None:
        raise NotFound("This campaign does not exist.")
    left = CampaignLead.objects.filter(campaign_id=campaign_id).exclude(state=LEAD.FINISHED).exists()
    return _status(row, int(left), now)


def conversions_of(campaign_id: int) -> int:
    """Return how many people's last result is a conversion; one query."""
    labels = Disposition.objects.filter(
        disposition_set__in=Campaign.objects.filter(pk=campaign_id).values("disposition_set"),
        category=Disposition.Category.CONVERSION,
    ).values("label")
    return CampaignLead.objects.filter(campaign_id=campaign_id, last_result__in=labels).count()


def list_templates() -> list[TemplateRow]:
    """Return all templates by name; one query."""
    return [
        TemplateRow(row.pk, row.name, row.created_by)
        for row in CampaignTemplate.objects.order_by("name", "id")
    ]


def list_drafts(user_id: int) -> Sequence[DraftRow]:
    """Return what this person has not finished in the builder, latest first; one query."""
    rows = (
        CampaignDraft.objects.filter(user_id=user_id).select_related("campaign").order_by("-saved_at", "-id")
    )
    return [
        DraftRow(
            row.pk,
            row.campaign_id,
            (row.values.get("name") or [""])[0]
            or (row.campaign.name if row.campaign else "A campaign without a name"),
            row.step,
            row.saved_at,
        )
        for row in rows
    ]


def _status(row: Campaign, left: int, now: datetime) -> Status:
    days = frozenset(int(day) for day in row.window_days)
    is_running = row.state == STATE.RUNNING
    return status(
        row.state,
        STATE(row.state).label,
        is_archived=row.archived_at is not None,
        left=left,
        opens_at=opens_at(
            row.window_opens,
            row.window_closes,
            days,
            breaks=breaks.read(row.window_breaks),
            off=daysoff.read(row.days_off),
            now=now,
        )
        if is_running
        else None,
    )
