"""Calls the dialer starts by itself, for whoever is free when somebody answers. Flow A without an agent at its start."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import structlog

from campaigns import ordering
from campaigns.models import Campaign
from campaigns.services import work
from carriers.pool_choice import Choice
from carriers.selectors import is_usable_caller_number
from compliance import services as gate
from compliance.rules.facts import CampaignFacts, Channel
from core import db, jobs, kept
from dialer import jobs as names
from dialer.models import Call, DialAttempt
from dialer.services import caller_ids, capped, offers

log = structlog.get_logger(__name__)

_running = kept.Query(lambda campaign: Campaign.objects.filter(pk=campaign, state=Campaign.State.RUNNING))
LOOKED_AT_A_CALL = 3  # leads looked at for each call wanted: some of them may not be called now


def start_calls(*, campaign_id: int, count: int, now: datetime) -> int:
    """Reserve up to `count` calls of a running campaign, each cleared by the gate, and hint their placing; returns how many."""
    if count <= 0:
        return 0
    with db.use_case():
        campaign = _running.first(campaign_id)
        if campaign is None or not is_usable_caller_number(campaign.caller_id):
            return 0
        own = offers.campaign_facts(campaign, Channel.LIVE_PREDICTIVE, now=now)
        callable_now = capped.still_may(campaign, _screened(campaign, count, own, now), now=now)
        attempts = [uuid.uuid4() for _ in callable_now]
        shown = _shown(campaign, callable_now, attempts, now)
        requests = [
            offers.request_for(
                campaign,
                item,
                phone,
                channel=Channel.LIVE_PREDICTIVE,
                own=own,
                attempt_ref=str(ref),
                caller_id=choice.number,
            )
            for ref, (item, phone), choice in zip(attempts, callable_now, shown, strict=False)
        ]
        answers = gate.clear_to_contact(requests, now=now)
        started = 0
        for ref, (item, phone), choice, answer in zip(attempts, callable_now, shown, answers, strict=False):
            is_started = False
            if isinstance(answer, gate.Denied):
                offers.put_off_denied(item, answer.decision, now=now)
            else:
                is_started = _reserve(campaign, item, phone, ref, choice, answer.decision_id, now)
            if not is_started:
                caller_ids.give_back(campaign, choice.number, now=now)
            started += is_started
    return started


def _shown(
    campaign: Campaign,
    callable_now: Sequence[tuple[work.WorkItem, work.WorkPhone]],
    attempts: Sequence[uuid.UUID],
    now: datetime,
) -> list[Choice]:
    """Return the number each call shows, in order; fewer where the pool has no more: those leads stay as they are."""
    found: list[Choice] = []
    for ref, (_, phone) in zip(attempts, callable_now, strict=True):
        try:
            found.append(caller_ids.choose(campaign, to=phone.number, seed=str(ref), now=now))
        except caller_ids.NoCallerNumber:
            break
    return found


def _screened(
    campaign: Campaign, count: int, own: CampaignFacts, now: datetime
) -> Sequence[tuple[work.WorkItem, work.WorkPhone]]:
    """Return at most `count` leads with the number to call; put off those looked at that may not be called now.

    As many are looked at as are wanted, and more only where some of those may not be called.
    """
    fit: list[tuple[work.WorkItem, work.WorkPhone]] = []
    looked_at: set[int] = set()
    for more in (count, count * (LOOKED_AT_A_CALL - 1)):
        # What was looked at and may be called is ready still, and comes first again.
        items = [
            item
            for item in work.candidates(
                campaign_id=campaign.pk,
                user_id=None,
                now=now,
                limit=len(fit) + more,
                placed=ordering.read(campaign.order_plan).is_placed,
            )
            if item.campaign_lead_id not in looked_at
        ]
        looked_at |= {item.campaign_lead_id for item in items}
        found = offers.screen(campaign, items, channel=Channel.LIVE_PREDICTIVE, own=own, now=now)
        offers.put_off_refused(found, now=now)
        fit += [(each.item, each.phone) for each in found if each.phone is not None]
        if len(fit) >= count or not items:
            break
    return fit[:count]


def _reserve(
    campaign: Campaign,
    item: work.WorkItem,
    phone: work.WorkPhone,
    ref: uuid.UUID,
    shown: Choice,
    decision_id: int,
    now: datetime,
) -> bool:
    attempt = DialAttempt(
        id=ref,
        campaign_lead_id=item.campaign_lead_id,
        number=phone.number,
        caller_id=shown.number,
        caller_why=shown.why[:120],
        channel=Channel.LIVE_PREDICTIVE,
        decision_id=decision_id,
        state_at=now,
        reserved_at=now,
        score=item.score if ordering.read(campaign.order_plan).kind is ordering.Kind.BEST_TIME else None,
    )
    if not kept.insert_unless_taken(attempt):
        # The database lets one open attempt a number stand; this one waits for the other's end.
        log.info("dialer.autodial.number_busy", lead=item.campaign_lead_id)
        return False
    work.hold(campaign_lead_id=item.campaign_lead_id, user_id=None, now=now)
    kept.insert(
        Call(
            attempt=attempt,
            campaign=campaign,
            contact_id=item.contact_id,
            number=phone.number,
            caller_id=shown.number,
            created_at=now,
        )
    )
    jobs.enqueue_on_commit(names.PLACE_CALL, attempt_id=str(ref))
    return True
