"""What the checks find in a setup, saved or not: the facts are gathered here, the checks are campaigns.linter's."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.conf import settings

from accounts import roles
from accounts.models import User
from campaigns import breaks
from campaigns.linter import recycling
from campaigns.linter import setup as linter
from campaigns.linter.base import Finding, blocking, ordered, unread
from campaigns.linter.setup import SetupFacts
from campaigns.models import Campaign, CampaignAgent, CampaignLead, MessageVersion, ScriptVersion
from campaigns.selectors import attempts, legal_hours, segments
from campaigns.selectors import versions as kept
from campaigns.services import readiness, versions
from campaigns.services.campaigns import Setup, frozen, setup_of, thawed
from campaigns.services.moves import CampaignRefused
from carriers import selectors as carriers
from compliance.rules.content import packaged
from compliance.rules.content.scripts import text_problems
from compliance.rules.facts import Purpose

AHEAD = (Campaign.Mode.POWER, Campaign.Mode.PREDICTIVE)


def findings(
    setup: Setup, *, campaign_id: int | None, agent_ids: Sequence[int], now: datetime
) -> list[Finding]:
    """Return what the checks find, errors first; a fixed number of queries."""
    found = linter.lint(_facts(setup, campaign_id, agent_ids, now))
    return ordered([*found, *_of_tries(setup, now)])


def findings_of(campaign: Campaign, *, now: datetime) -> list[Finding]:
    """Return what the checks find in the setup in force."""
    agents = list(campaign.assignments.order_by("id").values_list("user_id", flat=True))
    return findings(setup_of(campaign), campaign_id=campaign.pk, agent_ids=agents, now=now)


def refuse_unfit(campaign: Campaign, *, now: datetime, read: bool) -> None:
    """Raise CampaignRefused for errors; with `read` also for warnings that nobody has said to have read."""
    found = findings_of(campaign, now=now)
    if wrong := blocking(found):
        raise CampaignRefused(
            f"“{campaign.name}” cannot call yet. {' '.join(f'{one.sentence} {one.fix}' for one in wrong)}"
        )
    left = unread(found, sorted(versions.read_codes(campaign.pk, campaign.version))) if read else []
    if left:
        raise CampaignRefused(
            f"The checks warn: {' '.join(one.sentence for one in left)} Tick on the review page that you have read "
            f"{'it' if len(left) == 1 else 'them'}, and start it there."
        )


def refuse_version(campaign_id: int, number: int, *, now: datetime) -> None:
    """Raise CampaignRefused if the checks find a version wrong that would come into force; NotFound."""
    setup = thawed(kept.setup_at(campaign_id, number))
    agents = list(
        CampaignAgent.objects.filter(campaign_id=campaign_id).order_by("id").values_list("user_id", flat=True)
    )
    found = blocking(findings(setup, campaign_id=campaign_id, agent_ids=agents, now=now))
    if found:
        raise CampaignRefused(
            f"Version {number} cannot be approved. {' '.join(f'{one.sentence} {one.fix}' for one in found)}"
        )


def _facts(setup: Setup, campaign_id: int | None, agent_ids: Sequence[int], now: datetime) -> SetupFacts:
    crowd = segments.audience(
        setup.list_ids,
        setup.segment_ids,
        but_lists=setup.excluded_list_ids,
        but_segments=setup.excluded_segment_ids,
        now=now,
    )
    people, reachable = legal_hours.count_people(crowd)
    purpose, ahead = in_law(setup), setup.mode in AHEAD
    body = (
        ScriptVersion.objects.filter(id=setup.script_version_id or 0).values_list("body", flat=True).first()
    )
    able = [user.id for user in User.objects.filter(id__in=agent_ids) if user.may(roles.WORK_DESK)]
    is_ours = setup.caller_id in carriers.active_caller_numbers()
    return SetupFacts(
        now=now,
        lists=len(setup.list_ids) + len(setup.segment_ids),
        people=people,
        reachable=reachable,
        left_out=len(setup.excluded_list_ids) + len(setup.excluded_segment_ids),
        caller_problem="" if is_ours else readiness.caller_id_sentence(setup.caller_id),
        agents=len(able),
        mode=setup.mode,
        dials_ahead=ahead,
        window=(setup.window_opens, setup.window_closes),
        breaks=breaks.read(setup.window_breaks),
        days=[int(day) for day in setup.window_days],
        places=legal_hours.places(crowd, purpose, ahead=ahead, now=now),
        stops_at=setup.stops_at,
        callbacks_after=_callbacks_after(campaign_id, setup.stops_at),
        goal=setup.goal,
        lacks_message=_lacks_message(setup),
        has_script=body is not None,
        script_problems=_script_problems(body or "", purpose, now),
    )


def _of_tries(setup: Setup, now: datetime) -> list[Finding]:
    """What contradicts its plan of further tries; the hours of the places called are looked at with the setup."""
    if setup.attempt_plan is None:
        return []
    planned = replace(
        attempts.planned_of(frozen(setup), now=now),
        hours=(),
        ends_on=setup.stops_at,
    )
    # Their fields are made for the results of the set; the step is known by one that is always there.
    return [replace(one, field="max_attempts") for one in recycling.findings(planned)]


def in_law(setup: Setup) -> Purpose:
    """Return what the calls of a checked setup are for as the law sees it."""
    return purpose_in_law(setup.purpose, answers_never_sell=setup.answers_never_sell) or Purpose.TELEMARKETING


def purpose_in_law(purpose: str, *, answers_never_sell: bool) -> Purpose | None:
    """Return what calls are for as the law sees it (FED-034); None while nobody said."""
    if purpose not in set(Purpose) - {Purpose.UNKNOWN}:
        return None
    return Campaign(purpose=purpose, answers_never_sell=answers_never_sell).purpose_in_law


def _callbacks_after(campaign_id: int | None, stops_at: datetime | None) -> int:
    if campaign_id is None or stops_at is None:
        return 0
    promised = CampaignLead.objects.filter(
        campaign_id=campaign_id, is_callback=True, next_try_at__gt=stops_at
    )
    return promised.filter(state=CampaignLead.State.READY).count()


def _lacks_message(setup: Setup) -> bool:
    """About a debt nothing may be said to whoever answers (REGF-004); the standard text is always there."""
    chosen: UUID | None = setup.abandoned_message_id
    if setup.mode == Campaign.Mode.PREVIEW or setup.purpose == Purpose.DEBT or chosen is None:
        return False
    return not MessageVersion.objects.filter(id=chosen, state=MessageVersion.State.APPROVED).exists()


def _script_problems(body: str, purpose: Purpose, now: datetime) -> list[str]:
    if not body or purpose is not Purpose.TELEMARKETING:
        return []
    numbers = packaged.in_force(now.date())
    return [one.message for one in text_problems(body, seller=settings.SELLER_NAME, numbers=numbers)]
