"""Placing a call: reserve and clear (T1), claim and consume (T2), ask the carrier (no transaction), record (T3). Flow A."""

import uuid
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction

from campaigns.models import Campaign
from campaigns.services import work
from campaigns.services.moves import DIALS
from carriers import health, registry
from carriers.pool_choice import Choice
from carriers.protocol import CarrierCall, CarrierError, Detection, PlaceCall
from carriers.selectors import is_usable_caller_number
from compliance import services as gate
from compliance.rules.decision import Decision
from compliance.rules.facts import Channel
from core import db, jobs, kept, sweeps
from core.errors import AppError, NotFound
from core.types import PhoneNumber, as_phone
from dialer import jobs as names
from dialer.agentflow import AgentNews, AgentState, LegState
from dialer.callflow import AttemptState, CallNews
from dialer.locks import lock_call_of, lock_live_session
from dialer.models import AgentSession, Call, DialAttempt
from dialer.services import agents, caller_ids, calls, capped, lines, offers, states, trouble
from dialer.urls_out import call_callbacks

log = structlog.get_logger(__name__)

_reserved = kept.Query(
    lambda attempt: DialAttempt.objects.select_for_update().filter(pk=attempt, state=AttemptState.RESERVED)
)
_campaign = kept.Query(lambda campaign: Campaign.objects.filter(pk=campaign))
HINT_LOST_AFTER = timedelta(seconds=3)
WORKER_LOST_AFTER = timedelta(seconds=30)  # longer than a carrier request may take
NEVER_CREATED_AFTER = timedelta(seconds=60)  # the carrier's list shows a call well before this
CLOCKS_DIFFER_BY = timedelta(seconds=60)


class CannotDial(AppError):
    """The agent's desk is not in a state to dial; the text says what to do."""


class NumberBusy(AppError):
    """Another attempt on the same number is open or not settled."""


def reserve(
    *, user_id: int, version: int, phone_id: int | None, by_itself: bool = False, now: datetime
) -> str | None:
    """T1: ask the gate about the card's number and reserve an attempt; the call is then placed by a task.

    Returns None when the call is under way, or the gate's sentence when it was refused: the lead is then put off, and the
    agent has the next card. `by_itself`: nobody pressed Dial, so the gate is asked as for a call of the dialer, and where it refuses that,
    the agent keeps the card and decides. Raises CannotDial, NumberBusy or Stale.
    """
    with db.use_case():
        session = lock_live_session(user_id)
        agents.require_version(session, version)
        campaign = _require_can_dial(session)
        assert session.campaign_lead_id is not None
        item = work.get_item(campaign_lead_id=session.campaign_lead_id)
        phone = next((p for p in item.phones if phone_id in (None, p.id)), None)
        if phone is None:
            raise CannotDial("This number is not the person's any more. Choose another one.")
        planned = capped.asked_again(campaign, [item], now=now).get(item.campaign_lead_id)
        if planned is not None and phone.number not in planned.numbers:
            if planned.numbers:
                raise CannotDial("The campaign does not try this number now. Choose another one.")
            return _refuse_capped(session, capped.refused(item, planned), now=now)
        attempt_id = uuid.uuid4()
        channel = Channel.LIVE_PREDICTIVE if by_itself else Channel.LIVE_PREVIEW
        own = offers.campaign_facts(campaign, channel, now=now)
        shown = caller_ids.choose(campaign, to=phone.number, seed=str(attempt_id), now=now)
        request = offers.request_for(
            campaign,
            item,
            phone,
            channel=channel,
            own=own,
            attempt_ref=str(attempt_id),
            caller_id=shown.number,
        )
        [answer] = gate.clear_to_contact([request], now=now)
        if isinstance(answer, gate.Denied):
            caller_ids.give_back(campaign, shown.number, now=now)
            refuse = _leave_to_agent if by_itself else _refuse
            return refuse(session, item, answer.decision, now=now)
        attempt = _store_attempt(
            attempt_id, session, item.campaign_lead_id, phone.number, shown, channel, answer.decision_id, now
        )
        session.call, session.decide_by = _call_on(attempt, session, item, now), None
        states.move_agent(session, AgentNews.DIALED, now=now, fields=("call", "decide_by"))
        jobs.enqueue_on_commit(names.PLACE_CALL, attempt_id=str(attempt_id))
    return None


def _call_on(attempt: DialAttempt, session: AgentSession, item: work.WorkItem, now: datetime) -> Call:
    """Store the call that the agent's attempt becomes."""
    return Call.objects.create(
        attempt=attempt,
        campaign_id=session.campaign_id,
        contact_id=item.contact_id,
        agent_id=session.user_id,
        session=session,
        number=attempt.number,
        caller_id=attempt.caller_id,
        created_at=now,
    )


def place(*, attempt_id: UUID, now: datetime) -> None:
    """T2, the carrier, T3. A task; a repeat finds the attempt taken and does nothing."""
    if trouble.holds_back(attempt_id=attempt_id, now=now):
        return
    may_go_at = lines.wait_for_slot(attempt_id=attempt_id, now=now)
    if may_go_at is None:
        return
    now = may_go_at
    request = _take(attempt_id, now)
    if request is None:
        return
    try:
        ref = registry.carrier().place_call(request)
    except CarrierError as error:
        _record_failure(attempt_id, error, now)
        trouble.notice(error, now=now)
        return
    with db.use_case():
        call = _lock_call_of(attempt_id)
        calls.know_carrier_ref(call, ref)
        placed = {
            "state": AttemptState.PLACED,
            "state_at": now,
            "placed_at": now,
            "ring_by": lines.ring_by(now),
        }
        kept.update(DialAttempt, placed, pk=attempt_id, state=(AttemptState.DIALING, AttemptState.UNKNOWN))
        states.advance_call(call, CallNews.PLACED, now=now, source="carrier")
        if call.hang_up_asked_at is not None:
            # Pressed while the carrier was being asked, when there was nothing to end yet.
            jobs.enqueue_on_commit(names.CONTROL_CALL, call_id=call.pk, action="hang_up")


def sweep(*, now: datetime) -> int:
    """Find attempts whose hint or worker was lost, and settle those nobody knows the fate of; returns how many."""
    lost_hints = DialAttempt.objects.filter(
        call__isnull=False, state=AttemptState.RESERVED, state_at__lt=now - HINT_LOST_AFTER, reason=""
    ).order_by("reserved_at", "pk")
    # An expired clearance releases the attempt.
    placed = sweeps.for_each(
        list(lost_hints.values_list("pk", flat=True)[:100]),
        lambda attempt_id: place(attempt_id=attempt_id, now=now),
        what="lost hint",
    )
    # A worker that died while asking the carrier: nobody knows whether the call was created.
    DialAttempt.objects.filter(state=AttemptState.DIALING, state_at__lt=now - WORKER_LOST_AFTER).update(
        state=AttemptState.UNKNOWN, state_at=now, reason="The process that placed the call was lost"
    )
    if health.trouble() is not None:
        return placed  # nothing can be asked until the credentials are mended; the attempts stay as they are
    # Those to somebody outside have no call; dialer.services.outside settles them.
    unknown = DialAttempt.objects.filter(call__isnull=False, state=AttemptState.UNKNOWN).order_by(
        "reserved_at", "pk"
    )
    settled = sweeps.for_each(
        list(unknown.values_list("pk", flat=True)[:100]),
        lambda attempt_id: settle_unknown(attempt_id=attempt_id, now=now),
        what="unknown attempt",
    )
    return placed + settled


def settle_unknown(*, attempt_id: UUID, now: datetime) -> None:
    """Look an unknown attempt up in the carrier's own list: it is there, or after a minute it never was."""
    attempt = DialAttempt.objects.filter(pk=attempt_id, state=AttemptState.UNKNOWN).first()
    if attempt is None:
        return
    try:
        found = registry.carrier().find_calls(
            to=as_phone(attempt.number), since=attempt.reserved_at - CLOCKS_DIFFER_BY
        )
    except CarrierError as error:
        log.warning("dialer.attempt.not_settled", attempt=str(attempt_id), reason=str(error))
        trouble.notice(error, now=now)
        return
    known = set(
        Call.objects.filter(carrier_ref__in=[one.ref for one in found]).values_list("carrier_ref", flat=True)
    )
    ours = [one for one in found if one.ref not in known and one.caller_id == attempt.caller_id]
    with db.use_case():
        call = _lock_call_of(attempt_id)
        if not DialAttempt.objects.filter(pk=attempt_id, state=AttemptState.UNKNOWN).exists():
            return
        if ours:
            _adopt(call, ours[0], now)
        elif attempt.state_at < now - NEVER_CREATED_AFTER:
            states.advance_call(
                call,
                CallNews.NOT_PLACED,
                now=now,
                source="sweeper",
                detail="Not placed: the carrier has no such call.",
            )


def _adopt(call: Call, found: CarrierCall, now: datetime) -> None:
    calls.know_carrier_ref(call, found.ref)
    for event in found.news:
        calls.apply_event(call, event, now=now, source="carrier's list")


def _store_attempt(
    attempt_id: UUID,
    session: AgentSession,
    campaign_lead_id: int,
    number: PhoneNumber,
    shown: Choice,
    channel: Channel,
    decision_id: int,
    now: datetime,
) -> DialAttempt:
    """Store the reservation; the database lets one open attempt a number stand."""
    try:
        with transaction.atomic():
            return DialAttempt.objects.create(
                id=attempt_id,
                campaign_lead_id=campaign_lead_id,
                number=number,
                caller_id=shown.number,
                caller_why=shown.why[:120],
                channel=channel,
                decision_id=decision_id,
                state_at=now,
                reserved_at=now,
                reserved_by_id=session.user_id,
            )
    except IntegrityError as error:
        raise NumberBusy(
            "This number is being called already, or its last call is not settled yet. Skip, or wait a minute."
        ) from error


def _require_can_dial(session: AgentSession) -> Campaign:
    if session.state == AgentState.ON_CALL:
        raise states.NotAllowed("You are in a call. End it, or transfer it, before you dial another.")
    if session.state != AgentState.PREVIEW or session.campaign_lead_id is None:
        raise states.NotAllowed("There is no card to dial. The page shows your state now.")
    if session.leg_state != LegState.UP:
        raise CannotDial("Your phone is not connected. Press Reconnect, then dial.")
    campaign = session.campaign
    if campaign.state not in DIALS:
        raise CannotDial(f"The campaign is {campaign.get_state_display().lower()}; nothing is dialed.")
    if not is_usable_caller_number(campaign.caller_id):
        raise CannotDial(
            "The campaign's caller ID is not in the number inventory. Its manager must choose another one."
        )
    return campaign


def _refuse_capped(session: AgentSession, found: offers.Screened, *, now: datetime) -> str:
    """Put off a lead that the campaign's plan holds back, and show the next card."""
    offers.put_off(found, now=now)
    return _next_card(session, found.sentence, now=now)


def _refuse(session: AgentSession, item: work.WorkItem, decision: Decision, *, now: datetime) -> str:
    offers.put_off_denied(item, decision, now=now)
    return _next_card(session, decision.sentence, now=now)


def _next_card(session: AgentSession, sentence: str, *, now: datetime) -> str:
    session.campaign_lead = None
    states.move_agent(session, AgentNews.WITHDRAWN, now=now, reason=sentence, fields=("campaign_lead",))
    offers.offer_locked(session, now=now)
    return sentence


def _leave_to_agent(session: AgentSession, _: work.WorkItem, decision: Decision, *, now: datetime) -> str:
    """Stop the countdown of a card that may not be dialed by itself."""
    session.decide_by = None
    session.reason = f"It does not dial this card by itself; you decide. {decision.sentence}"[:200]
    states.touch(session, "decide_by", "reason")
    return session.reason


def _take(attempt_id: UUID, now: datetime) -> PlaceCall | None:
    """T2: claim the attempt and consume its clearance; None if somebody else has it or the clearance is gone."""
    with db.use_case():
        if not lines.has_free_line(attempt_id=attempt_id, now=now):
            return None
        call = lock_call_of(attempt_id)
        attempt = _reserved.first(attempt_id) if call else None
        if call is None or attempt is None:
            return None
        [call.campaign] = _campaign.rows(call.campaign_id)
        if call.hang_up_asked_at is not None:
            states.advance_call(
                call, CallNews.NOT_PLACED, now=now, source="agent", detail="Withdrawn before it was dialed."
            )
            return None
        try:
            clearance = gate.consume_clearance(
                decision_id=attempt.decision_id, bound=offers.bound_for(call.campaign, attempt), now=now
            )
        except gate.ClearanceGone as gone:
            # One that waited for the carrier until its time was over: say what it waited for.
            why = attempt.reason if gone.reason == "expired" and attempt.reason else str(gone)
            states.advance_call(
                call, CallNews.NOT_PLACED, now=now, source="gate", detail=f"Not placed: {why}"
            )
            return None
        # After the clearance: the database lets no attempt be dialed whose clearance is not used up.
        kept.update(DialAttempt, {"state": AttemptState.DIALING, "state_at": now}, pk=attempt_id)
        return PlaceCall(
            attempt_id=str(attempt_id),
            to=as_phone(attempt.number),
            caller_id=as_phone(attempt.caller_id),
            clearance=clearance,
            ring_seconds=call.campaign.ring_seconds,
            callbacks=call_callbacks(attempt_id),
            detection=_detection(call, attempt),
            detect_seconds=call.campaign.greeting_seconds,
        )


def _detection(call: Call, attempt: DialAttempt) -> Detection:
    """An agent who dialed hears for themselves who is there."""
    if attempt.reserved_by_id is not None or call.campaign.machine_detection == Campaign.MachineDetection.OFF:
        return Detection.OFF
    return Detection.MESSAGE_END if call.campaign.leaves_messages else Detection.PARTY


def _record_failure(attempt_id: UUID, error: CarrierError, now: datetime) -> None:
    """T3 after a refusal: permanent ends it, retryable gives the card back, unknown waits until it is settled."""
    log.warning(
        "dialer.attempt.failed", attempt=str(attempt_id), kind=error.kind, code=error.code, reason=str(error)
    )
    with db.use_case():
        call = _lock_call_of(attempt_id)
        if error.kind == "unknown":
            DialAttempt.objects.filter(pk=attempt_id, state=AttemptState.DIALING).update(
                state=AttemptState.UNKNOWN, state_at=now, reason=str(error)[:300]
            )
            return
        said = (
            "The carrier refused this number"
            if error.kind == "permanent"
            else "The carrier did not take the call; dial again in a moment"
        )
        states.advance_call(call, CallNews.NOT_PLACED, now=now, source="carrier", detail=f"{said}: {error}")


def _lock_call_of(attempt_id: UUID) -> Call:
    call = lock_call_of(attempt_id)
    if call is None:
        raise NotFound("This call is not known.")
    return call
