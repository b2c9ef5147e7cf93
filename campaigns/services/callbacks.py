"""Who keeps a promise to call back: given to another agent by a manager, or to anyone when its agent is not there in time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

import structlog
from django.db.models import Exists, OuterRef, Q

from campaigns.models import Campaign, CampaignAgent, CampaignLead
from core import audit, db
from core.errors import AppError, NotFound

log = structlog.get_logger(__name__)
READY = CampaignLead.State.READY
AT_ONCE = 500
MOST_MINUTES = 10_080  # a week


class CallbackRefused(AppError):
    """The promise cannot be given to that person; the text says why."""


def reassign(*, lead_ids: Sequence[int], to_id: int | None, by_name: str, now: datetime) -> int:
    """Give promises to an agent, or to anyone; return how many changed hands. All or none.

    Raises CallbackRefused where one was kept meanwhile or the agent does not work on its campaign.
    """
    wanted = sorted(set(lead_ids))
    if not wanted:
        raise CallbackRefused("Choose at least one callback.")
    if len(wanted) > AT_ONCE:
        raise CallbackRefused(f"Give at most {AT_ONCE} callbacks at once.")
    with db.use_case():
        rows = list(
            CampaignLead.objects.select_for_update(of=("self",))
            .select_related("campaign")
            .filter(pk__in=wanted, is_callback=True, state=READY)
            .order_by("pk")
        )
        if len(rows) < len(wanted):
            raise CallbackRefused(
                f"{len(wanted) - len(rows)} of them are not waiting any more: called, or with an agent. The list shows what is left."
            )
        _require_works(rows, to_id)
        changed = [row for row in rows if row.callback_for_id != to_id]
        for row in changed:
            _record(row, to_id, by_name, "reassigned", now)
        # Nobody is bound to what somebody else promised: the new agent may be away as well.
        CampaignLead.objects.filter(pk__in=[row.pk for row in changed]).update(
            callback_for_id=to_id, callback_hard=False
        )
    return len(changed)


def set_anyone_after(*, campaign_id: int, minutes: int | None, by_name: str, now: datetime) -> None:
    """Say after how many minutes a campaign's callbacks are anyone's; None: they wait for their agent. Also while it runs."""
    if minutes is not None and not 1 <= minutes <= MOST_MINUTES:
        raise CallbackRefused(f"Give between 1 and {MOST_MINUTES:,} minutes, or leave it empty.")
    with db.use_case():
        campaign = Campaign.objects.select_for_update().filter(pk=campaign_id).first()
        if campaign is None:
            raise NotFound("This campaign does not exist.")
        before, campaign.callback_anyone_minutes = campaign.callback_anyone_minutes, minutes
        campaign.save(update_fields=["callback_anyone_minutes"])
        audit.record(
            actor=by_name,
            verb="campaigns.campaign.callbacks_fall_to_anyone",
            target=f"campaign:{campaign_id}",
            now=now,
            before={"minutes": before},
            after={"minutes": minutes},
        )


def release_overdue(*, now: datetime) -> int:
    """Make promises anyone's that their agent is not there to keep; return how many.

    Those overdue by the campaign's minutes, and those due whose agent does not work on the campaign any more. Not hard ones: a
    manager gives those to somebody.
    """
    works = CampaignAgent.objects.filter(
        campaign_id=OuterRef("campaign_id"), user_id=OuterRef("callback_for_id"), user__is_active=True
    )
    with db.use_case():
        rules = Campaign.objects.filter(callback_anyone_minutes__isnull=False).values_list(
            "pk", "callback_anyone_minutes"
        )
        late = [Q(campaign_id=pk, next_try_at__lte=now - timedelta(minutes=many or 0)) for pk, many in rules]
        rows = list(
            CampaignLead.objects.select_for_update(of=("self",), skip_locked=True)
            .alias(works=Exists(works))
            .filter(
                reduce(or_, late, Q(works=False)),
                is_callback=True,
                state=READY,
                callback_for__isnull=False,
                callback_hard=False,
                next_try_at__lte=now,
                campaign__callback_anyone_minutes__isnull=False,
            )
            .order_by("pk")[:AT_ONCE]
        )
        for row in rows:
            _record(row, None, "dialer", "released", now)
        CampaignLead.objects.filter(pk__in=[row.pk for row in rows]).update(callback_for=None)
    if rows:
        log.info("campaigns.callbacks.released", count=len(rows))
    return len(rows)


def _require_works(rows: Sequence[CampaignLead], to_id: int | None) -> None:
    if to_id is None:
        return
    campaigns = {row.campaign_id: row.campaign.name for row in rows}
    theirs = set(
        CampaignAgent.objects.filter(
            user_id=to_id, user__is_active=True, campaign_id__in=list(campaigns)
        ).values_list("campaign_id", flat=True)
    )
    if others := sorted(name for pk, name in campaigns.items() if pk not in theirs):
        raise CallbackRefused(
            f"This agent does not work on {', '.join(others)}. Assign them there first, or choose somebody else."
        )


def _record(row: CampaignLead, to_id: int | None, by_name: str, verb: str, now: datetime) -> None:
    audit.record(
        actor=by_name,
        verb=f"campaigns.callback.{verb}",
        target=f"campaign_lead:{row.pk}",
        now=now,
        before={"callback_for": row.callback_for_id, "hard": row.callback_hard},
        after={"callback_for": to_id},
    )
