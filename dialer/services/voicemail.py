"""Messages left on machines: by the dialer at the beep, or by a rep with one key. Rules FED-007, FED-021, FED-029.

A message left is a prerecorded call in law, however it gets onto the machine; leave to place the live call is no leave for it.
So the gate is asked about it by itself, on the same number and call, in the transaction that decides it, and its verdict is
kept. There is no way to leave one without a call: ringless voicemail is the same prerecorded call, and nothing here can send it.

It is one contact with the person, not two: ST-003 caps attempts to reach a person, Regulation F counts "calls that go to
voicemail" (REGF-001), and FED-029 counts a message that comes without a ring as an attempt because nothing else of it would be
counted. Here the call was counted. What is counted of the message is what only recordings are counted for: those sent without
consent (FED-022).
"""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from campaigns.selectors import voicemails
from campaigns.services import work
from carriers import registry
from carriers.events import CarrierEvent, GreetingEnd
from carriers.protocol import CarrierError
from carriers.twiml import HangUp, LeaveMessage, Plan
from compliance import services as gate
from compliance.rules.facts import Channel
from core import audit, db, jobs, sweeps
from core.types import as_phone
from dialer import answerflow
from dialer import jobs as names
from dialer.agentflow import AgentNews
from dialer.callflow import CallNews, CallState, Party
from dialer.dropflow import DropNews, DropState
from dialer.locks import lock_call, lock_live_session, lock_session_alone
from dialer.models import Call, VoicemailDrop
from dialer.services import drops, handoffs, offers, settling, states
from dialer.urls_out import keys_url, message_url

log = structlog.get_logger(__name__)

HINT_LOST_AFTER = timedelta(seconds=5)
GIVE_UP_AFTER = gate.CLEARANCE_LASTS  # leave to play is leave to play now
LATE_BY = timedelta(seconds=15)  # a message that is not over so long after its length is ended
LEAVING = "Leaving the message …"


def at_greeting_end(call: Call, event: CarrierEvent, *, now: datetime) -> bool:
    """Decide on a locked, answered call whose greeting has just ended whether a message is left; return whether one is.

    Only behind a beep: a person with a long greeting ends in the same silence as a machine without one.
    """
    if (
        event.greeting_end is not GreetingEnd.BEEP
        or not call.campaign.leaves_messages
        or call.session_id is not None
        or call.state != CallState.ANSWERED
        or answerflow.is_sampled(call.attempt_id, call.campaign.machine_sample_percent)
    ):
        return False
    picked = voicemails.pick(call.campaign, call=call.attempt_id)
    if picked is None:
        return False
    drop = _decide(call, picked, user_id=None, now=now)[0]
    return drop.state == DropState.ASKED


def leave(*, user_id: int, call_id: int, now: datetime) -> str | None:
    """The rep heard a machine and leaves a message: they are free for the next call as soon as the carrier plays it.

    Returns the gate's sentence where it does not allow the message; the call then stays with the rep. The press is the rep's
    word that a machine answered (FED-020). Raises NotAllowed where there is no such call, or nothing to leave.
    """
    with db.use_case():
        session = lock_live_session(user_id)
        call = None if session.call_id is None else Call.objects.get(pk=session.call_id)
        if call is None or call.pk != call_id or call.state not in (CallState.CONNECTED, CallState.ON_HOLD):
            raise states.NotAllowed("A message can be left on a call that is connected. Nothing was left.")
        if call.hang_up_asked_at is not None or drops.open_on(call) is not None:
            raise states.NotAllowed("This call is being ended or left already.")
        if handoffs.open_on(call.pk) is not None:
            raise states.NotAllowed(handoffs.MEANWHILE)
        picked = voicemails.pick(
            call.campaign, call=call.attempt_id, user_id=user_id, chosen=session.voicemail
        )
        if picked is None:
            raise states.NotAllowed(
                "There is no voicemail message for this campaign. Its manager chooses one."
            )
        _heard_machine(call, user_id, now)
        drop, sentence = _decide(call, picked, user_id=user_id, now=now)
        session.reason = LEAVING if drop.state == DropState.ASKED else sentence[:200]
        states.touch(session, "reason")
    return None if drop.state == DropState.ASKED else sentence


def choose(*, user_id: int, version_id: UUID | None, now: datetime) -> None:
    """Keep which message the rep's key leaves from now on; none: the newest own one, or the campaign's in turn."""
    with db.use_case():
        session = lock_live_session(user_id)
        offered = voicemails.list_voicemails(session.campaign_id, user_id)
        if version_id is not None and version_id not in [each.version_id for each in offered]:
            raise states.NotAllowed(
                "This message may not be left in this campaign any more. Choose another one."
            )
        session.voicemail = version_id
        states.touch(session, "voicemail")


def play(*, drop_id: int, now: datetime) -> None:
    """Let the carrier play a message that was asked for. A task; a repeat finds it playing and does nothing."""
    with db.use_case():
        drop = _locked(drop_id)
        if drop.state != DropState.ASKED or drop.call.carrier_ref is None:
            return
        plan, ref = plan_for(drop), drop.call.carrier_ref
        if isinstance(plan, HangUp) or now > drop.asked_at + GIVE_UP_AFTER:
            _give_up(drop, "The carrier could not be reached in time, or the message was retired.", now)
            return
    try:
        registry.carrier().redirect(ref, plan)
    except CarrierError as error:
        log.warning("dialer.message.not_begun", drop=drop_id, kind=error.kind, reason=str(error))
        if drop.asked_by_id is not None and error.kind != "unknown":
            # The rep waits on the line. Where it may have happened, the sweeper asks again.
            with db.use_case():
                _give_up(_locked(drop_id), f"The carrier refused it: {error}", now)
        return
    with db.use_case():
        begin(_locked(drop_id), now=now)


def plan_for(drop: VoicemailDrop) -> Plan:
    """Return what the carrier is told to do with the call; the same whenever it is asked."""
    message = voicemails.playable_version(drop.version_id)
    if message is None or not DropState(drop.state).is_open:
        return HangUp()
    attempt_id = drop.call.attempt_id
    return LeaveMessage(
        text=message.text,
        audio_url=message.url,
        then_url=message_url(attempt_id),
        keys_url=keys_url(attempt_id) if message.opt_out_key else "",
    )


def on_asked(drop: VoicemailDrop, *, now: datetime) -> Plan:
    """Answer a call that asks by itself what comes: what it is told, it does."""
    plan = plan_for(drop)
    if isinstance(plan, HangUp):
        _give_up(drop, "The message was retired meanwhile.", now)
    else:
        begin(drop, now=now)
    return plan


def begin(drop: VoicemailDrop, *, now: datetime) -> None:
    """The carrier has the order: the call leaves its agent, who goes on to the next. The caller holds the call's lock."""
    if not drops.move(drop, DropNews.BEGAN, now=now):
        return
    call = drop.call
    call.message_played = drop.version_id
    call.save(update_fields=["message_played"])
    states.advance_call(
        call, CallNews.MESSAGE_BEGAN, now=now, source="agent" if drop.asked_by_id else "dialer"
    )
    if call.state == CallState.LEAVING_MESSAGE:
        _free_agent(call, now)


def heard_out(call: Call, *, now: datetime) -> str:
    """Record on a locked call that its message was played to the end."""
    drop = drops.last_on(call)
    if drop is None:
        return "unknown: no message was left on this call"
    if drop.state == DropState.ASKED:
        begin(drop, now=now)
    if not drops.move(drop, DropNews.HEARD_OUT, now=now):
        return f"ignored: the message is {drop.state}"
    if call.state == CallState.ENDED and settling.correct(call, now=now):
        states.publish_logged(call, now=now)
    return "the message was played to its end"


def sweep(*, now: datetime) -> int:
    """Begin messages whose hint was lost, and end calls whose message never ends; returns how many."""
    asked = VoicemailDrop.objects.filter(state=DropState.ASKED, asked_at__lt=now - HINT_LOST_AFTER)
    begun = sweeps.for_each(
        list(asked.order_by("asked_at", "pk").values_list("pk", flat=True)[:100]),
        lambda drop_id: play(drop_id=drop_id, now=now),
        what="message not begun",
    )
    live = VoicemailDrop.objects.filter(
        call__state=CallState.LEAVING_MESSAGE, began_at__lt=now - LATE_BY, call__carrier_ref__isnull=False
    )
    late = [
        str(drop.call.carrier_ref)
        for drop in live.select_related("call").order_by("began_at", "pk")[:500]
        if drop.began_at is not None and drop.began_at + timedelta(seconds=drop.seconds) + LATE_BY < now
    ]
    return begun + sweeps.for_each(late, _end, what="message that never ends")


def _decide(
    call: Call, picked: voicemails.Picked, *, user_id: int | None, now: datetime
) -> tuple[VoicemailDrop, str]:
    """Ask the gate, use the leave up, and store the message with its verdict; return it and the gate's sentence."""
    campaign = call.campaign
    item = work.get_item(campaign_lead_id=call.attempt.campaign_lead_id)
    number = as_phone(call.number)
    phone = next(
        (each for each in item.phones if each.number == number), work.WorkPhone(id=0, number=number, kind="")
    )
    request = offers.request_for(
        campaign,
        item,
        phone,
        own=offers.campaign_facts(campaign, Channel.PREREC, now=now),
        channel=Channel.PREREC,
        attempt_ref=str(call.attempt_id),
        caller_id=call.caller_id,  # what the person saw, which may be a number of a pool
    )
    [answer] = gate.clear_to_contact([replace(request, message=picked.facts, on_call=True)], now=now)
    if isinstance(answer, gate.Cleared):
        bound = replace(offers.bound_for(campaign, call.attempt), channel=Channel.PREREC.value)
        gate.consume_clearance(decision_id=answer.decision_id, bound=bound, now=now)
    is_clear = isinstance(answer, gate.Cleared)
    drop = VoicemailDrop.objects.create(
        call=call,
        campaign=campaign,
        version_id=picked.version_id,
        seconds=picked.message.seconds if picked.message else 0,
        decision_id=answer.decision_id,
        code="" if is_clear else answer.decision.code,
        asked_by_id=user_id,
        state=DropState.ASKED if is_clear else DropState.REFUSED,
        reason="" if is_clear else answer.decision.sentence[:300],
        asked_at=now,
        ended_at=None if is_clear else now,
    )
    if is_clear:
        jobs.enqueue_on_commit(names.PLAY_MESSAGE, drop_id=drop.pk)
    else:
        log.info("dialer.message.refused", call=call.pk, code=drop.code)
    return drop, answer.decision.sentence.replace("Not called", "No message left", 1)


def _heard_machine(call: Call, user_id: int, now: datetime) -> None:
    if call.agent_heard == Party.MACHINE:
        return
    call.agent_heard = Party.MACHINE
    call.save(update_fields=["agent_heard"])
    audit.record(
        actor=str(user_id),
        verb="dialer.call.party_corrected",
        target=f"call:{call.pk}",
        now=now,
        after={"heard": Party.MACHINE, "detection": call.machine_verdict},
    )


def _free_agent(call: Call, now: datetime) -> None:
    if call.session_id is None:
        return
    session = lock_session_alone(call.session_id)
    if session.call_id != call.pk:
        return
    work.keep_without_agent(campaign_lead_id=call.attempt.campaign_lead_id)
    session.campaign_lead, session.call = None, None
    states.move_agent(session, AgentNews.MESSAGE_LEFT, now=now, fields=("campaign_lead", "call"))
    offers.offer_locked(session, now=now)


def _give_up(drop: VoicemailDrop, reason: str, now: datetime) -> None:
    """It is not played: a rep keeps the call and hears why, a call of the dialer is ended."""
    if not drops.move(drop, DropNews.GIVEN_UP, now=now, reason=reason):
        return
    call = drop.call
    session_id = call.session_id
    if drop.asked_by_id is None or session_id is None:
        jobs.enqueue_on_commit(names.ROUTE_CALL, call_id=call.pk)
        return
    session = lock_session_alone(session_id)
    if session.call_id == call.pk:
        session.reason = f"The message was not left. {reason} Try again, or hang up."[:200]
        states.touch(session, "reason")


def _end(call_ref: str) -> None:
    try:
        registry.carrier().hang_up(call_ref)
    except CarrierError as error:
        log.warning("dialer.message.not_ended", kind=error.kind, reason=str(error))


def _locked(drop_id: int) -> VoicemailDrop:
    """Lock a message's call, with its lead before it, and return the message as it is then."""
    call_id = VoicemailDrop.objects.values_list("call_id", flat=True).get(pk=drop_id)
    call = lock_call(call_id)
    drop = VoicemailDrop.objects.get(pk=drop_id)
    drop.call = call
    return drop
