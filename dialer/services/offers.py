"""Which lead comes next, asked of the gate beforehand: screened first, so that no card is shown that may not be dialed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from campaigns import breaks, daysoff, ordering
from campaigns.models import Campaign
from campaigns.recycling import MayTry
from campaigns.selectors import messages
from campaigns.services import work
from campaigns.services.work import WorkItem, WorkPhone
from compliance import services as gate
from compliance.rules.content.sounds import MessageKind
from compliance.rules.debt import ANY_DEBT
from compliance.rules.decision import Decision
from compliance.rules.facts import CampaignFacts, Channel, DebtFacts, Purpose
from core import db, jobs, kept
from core.types import as_phone
from dialer import jobs as names
from dialer import selectors, try_reads
from dialer.agentflow import AgentNews, AgentState, LegState
from dialer.locks import lock_session
from dialer.models import AgentSession, DialAttempt
from dialer.presence import away_before
from dialer.services import caller_ids, leaving, states

# How many leads are looked at in each round: few at first, so that agents who ask at once leave each other some; leads
# found not callable are put off, and the next ones are looked at.
ROUNDS = (2, 5, 10, 20, 20)
WORK = "work"  # the kind of a number
CALLS_END_WITHIN = timedelta(minutes=3)  # those that no agent has, from reserved to rung out
MENDED_WITHIN = timedelta(hours=1)  # when a lead held up by missing set-up is looked at again


@dataclass(frozen=True, slots=True)
class Screened:
    """A lead with the first of its numbers that may be called now, or why none may."""

    item: WorkItem
    phone: WorkPhone | None
    sentence: str
    next_allowed_at: datetime | None
    set_up_is_missing: bool = False  # refused for nothing the person gave cause for
    missing_consent: str = ""  # the code, where a consent for one of the numbers may change the answer
    clock_in_doubt: bool = False  # which says nothing of the lead


def offer_next(*, session_id: int, by_hand: bool = False, now: datetime) -> bool:
    """Give the waiting agent a card; returns whether there was one. One use case.

    `by_hand`: also where the campaign's mode starts calls by itself, since it must not do so now.
    """
    with db.use_case():
        session = lock_session(session_id)
        if session.state != AgentState.READY:
            return False
        return offer_locked(session, by_hand=by_hand, now=now)


def offer_locked(session: AgentSession, *, by_hand: bool = False, now: datetime) -> bool:
    """Give a locked, ready session its next card inside the caller's transaction; put off leads that may not be called now."""
    campaign = kept.related(session, "campaign")
    if session.after_result or session.seen_at < away_before(now):
        return False  # a supervisor asked them to stop, or nobody is there to see it
    if campaign.state != Campaign.State.RUNNING:
        return _wait(session, f"The campaign is {campaign.get_state_display().lower()}.")
    if session.leg_state == LegState.CONNECTING:
        return _wait(session, "Connecting your phone …")
    if session.leg_state != LegState.UP:
        return False  # the reason that stands says what happened to the phone
    if leaving.waits(session.pk):
        return _wait(session, leaving.WAITS)
    if not by_hand and _waits_for_calls(campaign, now):
        jobs.enqueue_on_commit(names.SERVE_WAITING, campaign_id=campaign.pk)
        return _wait(session, "Waiting for a call …")
    placed = ordering.read(campaign.order_plan).is_placed
    for limit in ROUNDS:
        items = work.candidates(
            campaign_id=campaign.pk, user_id=session.user_id, now=now, limit=limit, placed=placed
        )
        if not items:
            return _wait(
                session, "No lead may be called at this moment. The next one is shown as soon as it may."
            )
        found = screen(campaign, items, now=now)
        if _show_first(session, found, now=now):
            return True
        if found[0].clock_in_doubt:
            # Mostly of this moment alone, which is over: whoever asked waited long for the session or the list. Asked again at once.
            return _wait(session, found[0].sentence)
    return _wait(session, "Looking for a lead that may be called now …")


def _waits_for_calls(campaign: Campaign, now: datetime) -> bool:
    """Return whether ready agents of the campaign wait for a call of the dialer: also while one from before preview is under way."""
    if campaign.mode != Campaign.Mode.PREVIEW:
        return True
    changed_at = campaign.mode_changed_at
    is_new = changed_at is not None and now - changed_at < CALLS_END_WITHIN
    return is_new and selectors.unclaimed_calls(campaign.pk) > 0


def offer_promised(*, session_id: int, now: datetime) -> bool:
    """Give an agent who waits for a call of the dialer the card of somebody they promised to call; returns whether there was one.

    The caller has made sure that no call under way counts on this agent.
    """
    with db.use_case():
        session = lock_session(session_id)
        is_free = session.state == AgentState.READY and session.leg_state == LegState.UP
        is_free = is_free and not leaving.waits(session.pk)
        if not is_free or session.after_result or session.campaign.state != Campaign.State.RUNNING:
            return False
        items = work.candidates(
            campaign_id=session.campaign_id,
            user_id=session.user_id,
            now=now,
            limit=ROUNDS[0],
            only_promised=True,
        )
        return _show_first(session, screen(session.campaign, items, now=now), now=now)


def _show_first(session: AgentSession, found: Sequence[Screened], *, now: datetime) -> bool:
    """Show a locked session the first of the leads that may be called now; put off those before it and beside it that may not."""
    put_off_refused(found, now=now)
    first = next((screened.item for screened in found if screened.phone is not None), None)
    if first is None:
        return False
    work.hold(campaign_lead_id=first.campaign_lead_id, user_id=session.user_id, now=now)
    session.campaign_lead_id = first.campaign_lead_id
    session.decide_by = _decide_by(session.campaign, now)
    states.move_agent(
        session,
        AgentNews.OFFERED,
        now=now,
        reason=session.reason,
        fields=("campaign_lead", "decide_by"),
    )
    return True


def _decide_by(campaign: Campaign, now: datetime) -> datetime | None:
    """Return when the time to decide on a card shown now is over: never for cards of a campaign whose dialer calls."""
    if campaign.mode != Campaign.Mode.PREVIEW or campaign.preview_seconds is None:
        return None
    return now + timedelta(seconds=campaign.preview_seconds)


def screen(
    campaign: Campaign,
    items: Sequence[WorkItem],
    *,
    channel: Channel = Channel.LIVE_PREVIEW,
    own: CampaignFacts | None = None,
    now: datetime,
) -> list[Screened]:
    """Ask the gate about every number of every lead in one batch; denials are stored, nothing is reserved.

    `own` is campaign_facts of the same channel, where the caller has them.
    """
    pairs = [(item, phone) for item in items for phone in item.phones]
    own = campaign_facts(campaign, channel, now=now) if own is None else own
    shown = caller_ids.shown_in(campaign, now=now)
    decisions = gate.screen(
        [
            request_for(campaign, item, phone, channel=channel, own=own, caller_id=shown(phone.number))
            for item, phone in pairs
        ],
        now=now,
    )
    answers = dict(zip([(item.campaign_lead_id, phone.id) for item, phone in pairs], decisions, strict=True))
    planned = try_reads.may_try(campaign, items, now=now)
    return [_first_allowed(item, answers, planned.get(item.campaign_lead_id)) for item in items]


def put_off_refused(found: Sequence[Screened], *, now: datetime) -> None:
    """Put off those of the leads that may not be called now; not for a clock in doubt, or one slow moment holds up the whole list."""
    for screened in found:
        if screened.phone is None and not screened.clock_in_doubt:
            put_off(screened, now=now)


def put_off(screened: Screened, *, now: datetime) -> None:
    """Move a lead that may not be called now to when it may; finish it if waiting will not help."""
    lead_id = screened.item.campaign_lead_id
    if not screened.item.phones:
        work.finish(campaign_lead_id=lead_id, reason="Not called: no phone number.")
    elif screened.clock_in_doubt:
        work.give_back(campaign_lead_id=lead_id, try_at=now, reason=screened.sentence)
    elif screened.set_up_is_missing:
        # Nobody's fault on the list: an outdated registry or a missing certificate must not use up leads.
        work.give_back(campaign_lead_id=lead_id, try_at=now + MENDED_WITHIN, reason=screened.sentence)
    elif screened.next_allowed_at is None:
        work.finish(
            campaign_lead_id=lead_id, reason=screened.sentence, lacks_consent=screened.missing_consent
        )
    else:
        work.give_back(
            campaign_lead_id=lead_id,
            try_at=max(screened.next_allowed_at, now + timedelta(seconds=1)),
            reason=screened.sentence,
        )


def put_off_denied(item: WorkItem, decision: Decision, *, now: datetime) -> None:
    """Put off a lead that the gate refused at the last moment."""
    put_off(
        Screened(
            item=item,
            phone=None,
            sentence=decision.sentence,
            next_allowed_at=decision.next_allowed_at,
            set_up_is_missing=decision.only_set_up_is_missing,
            missing_consent=decision.missing_consent,
            clock_in_doubt=decision.doubts_the_clock,
        ),
        now=now,
    )


def channel_of(campaign: Campaign) -> Channel:
    """Return how the gate is asked about the campaign's calls: the agent dials, or the dialer does."""
    return Channel.LIVE_PREVIEW if campaign.mode == Campaign.Mode.PREVIEW else Channel.LIVE_PREDICTIVE


def campaign_facts(campaign: Campaign, channel: Channel, *, now: datetime) -> CampaignFacts:
    """Return what the gate is told of the campaign; for calls of the dialer also how many were abandoned. At most six queries."""
    facts = _declared(campaign)
    if channel is not Channel.LIVE_PREDICTIVE:
        return facts
    return replace(
        facts,
        abandonment=selectors.abandonment(campaign.pk, campaign.started_at or now, now=now),
        abandoned_message=messages.facts_of_campaign(campaign.pk, MessageKind.ABANDONED),
    )


def request_for(
    campaign: Campaign,
    item: WorkItem,
    phone: WorkPhone,
    *,
    own: CampaignFacts,
    channel: Channel = Channel.LIVE_PREVIEW,
    attempt_ref: str = "",
    caller_id: str = "",
) -> gate.ContactRequest:
    """Return what the gate is asked for one number of one lead; `own` is campaign_facts of the same channel.

    `caller_id` is the number that will be shown; empty: the campaign's own.
    """
    return gate.ContactRequest(
        number=phone.number,
        channel=channel,
        purpose=Purpose(campaign.purpose),
        seller=campaign.seller,
        campaign_ref=campaign_ref(campaign.pk),
        person_ref=person_ref(item.contact_id),
        attempt_ref=attempt_ref,
        caller_id=as_phone(caller_id or campaign.caller_id),
        ring_seconds=campaign.ring_seconds,
        postal_code=item.postal_code,
        state=item.state,
        city=item.city,
        country=item.country,
        stated_zone=item.stated_zone,
        crm_do_not_call=item.crm_do_not_call,
        window_opens=campaign.window_opens or time(8),
        window_closes=campaign.window_closes or time(21),
        window_days=frozenset(int(day) for day in campaign.window_days),
        window_breaks=breaks.read(campaign.window_breaks),
        days_off=daysoff.read(campaign.days_off),
        campaign=own,
        debt=_debt(campaign, item, phone),
    )


def _declared(campaign: Campaign) -> CampaignFacts:
    """What the campaign's manager said of it. What was not said is the strictest."""
    to = Campaign.Audience(campaign.audience)
    return CampaignFacts(
        # A campaign is about one offer: contacts of another one are about something else. Which debt it is the lead says; where
        # it does not, all of a person's debts count as one: never looser than each by itself.
        subject=ANY_DEBT if campaign.purpose == Purpose.DEBT else campaign_ref(campaign.pk),
        sells_later=campaign.answers_may_sell,
        to_businesses=to in (Campaign.Audience.BUSINESSES, Campaign.Audience.SUPPLIES),
        office_supplies=to == Campaign.Audience.SUPPLIES,
        nonprofit=campaign.made_by == Campaign.MadeBy.NONPROFIT,
        paid_fundraiser=campaign.made_by == Campaign.MadeBy.FUNDRAISER,
    )


def _debt(campaign: Campaign, item: WorkItem, phone: WorkPhone) -> DebtFacts:
    """What is known about calling this person about a debt. Nobody knows what an employer allows, so work is not called."""
    if campaign.purpose != Purpose.DEBT:
        return DebtFacts()
    return DebtFacts(
        ref=item.debt_ref,
        workplace=phone.kind == WORK,
        asked_to_be_called_at=item.callback_asked_at,
    )


def person_ref(contact_id: int) -> str:
    """Return how the gate knows the person."""
    return f"contact:{contact_id}"


def campaign_ref(campaign_id: int) -> str:
    """Return how the gate knows the campaign."""
    return f"campaign:{campaign_id}"


def campaign_id_of(ref: str) -> int:
    """Return the campaign the gate's reference names; raises ValueError for another kind of reference."""
    kind, _, number = ref.partition(":")
    if kind != "campaign":
        raise ValueError(f"“{ref}” names no campaign.")
    return int(number)


def bound_for(campaign: Campaign, attempt: DialAttempt) -> gate.Bound:
    """Return the contact about to be made, as it stands now: what the attempt's clearance must be good for."""
    return gate.Bound(
        number=attempt.number,
        channel=attempt.channel,
        purpose=campaign.purpose,
        seller=campaign.seller,
        campaign_ref=campaign_ref(campaign.pk),
        caller_id=attempt.caller_id,
    )


def _first_allowed(
    item: WorkItem, answers: dict[tuple[int, int], Decision], planned: MayTry | None
) -> Screened:
    """Return the lead with the first number that gate and plan allow; `planned` None: the plan, if any, is not asked."""
    phones = item.phones
    if planned is not None and phones:
        if not planned.numbers:
            return Screened(item=item, phone=None, sentence=planned.sentence, next_allowed_at=planned.next_at)
        phones = [phone for phone in phones if phone.number in planned.numbers]
    denied = []
    for phone in phones:
        decision = answers[item.campaign_lead_id, phone.id]
        if decision.allowed:
            return Screened(item=item, phone=phone, sentence="", next_allowed_at=None)
        denied.append(decision)
    waiting = [(one.next_allowed_at, index) for index, one in enumerate(denied) if one.next_allowed_at]
    soonest = denied[min(waiting)[1]] if waiting else None
    mendable = next((one for one in denied if one.only_set_up_is_missing), None)
    shown = soonest or mendable or next(iter(denied), None)
    return Screened(
        item=item,
        phone=None,
        sentence=shown.sentence if shown else "",
        next_allowed_at=soonest.next_allowed_at if soonest else None,
        set_up_is_missing=soonest is None and mendable is not None,
        missing_consent=next((one.missing_consent for one in denied if one.missing_consent), ""),
        clock_in_doubt=any(one.doubts_the_clock for one in denied),
    )


def _wait(session: AgentSession, reason: str) -> bool:
    if session.reason != reason:
        session.reason = reason
        states.touch(session, "reason")
    return False
