"""From the answer to the agent: whoever is free takes the call, or it is ended lawfully. Rules FED-016, FED-017, FED-020."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db.models import Q, QuerySet

from campaigns.models import Campaign
from campaigns.recordings.standard import OPT_OUT_KEY
from campaigns.selectors import messages, voicemails
from campaigns.services import work
from carriers import registry
from carriers.events import CarrierEvent, Detected
from carriers.protocol import CarrierError
from carriers.twiml import AskKeys, HangUp, Hold, JoinConference, Plan, SayAndHangUp, Wait
from compliance import services as gate
from compliance.gathering import policy_for
from compliance.rules.content.sounds import MessageKind
from compliance.rules.facts import SuppressionKind
from core import db, jobs, kept, sweeps
from core.types import as_phone
from dialer import answerflow
from dialer import jobs as names
from dialer.agentflow import AgentNews, AgentState, LegState
from dialer.answerflow import Move
from dialer.callflow import CallNews, CallState, Party
from dialer.dropflow import DropNews
from dialer.locks import lock_call, lock_call_of
from dialer.lostline import GOODBYE, STAY, Turn, must_be_told
from dialer.models import AgentSession, Call
from dialer.presence import away_before, seen_since
from dialer.services import answers, consult_news, drops, handoffs, lostline, states, voicemail
from dialer.urls_out import conference_events_url, hold_music_url, keys_url, left_url, waited_url

log = structlog.get_logger(__name__)

NEVER_ENDED = "greeting never ended"
PARTIES = {
    Detected.PERSON: Party.PERSON,
    Detected.MACHINE: Party.MACHINE,
    Detected.FAX: Party.FAX,
    Detected.UNKNOWN: Party.UNKNOWN,
}


def what_now(*, attempt_id: UUID, now: datetime) -> Plan:
    """Say where an answered call goes: to its agent, to whoever is free, to wait, or to its end. A repeat gets the same answer."""
    with db.use_case():
        call = lock_call_of(attempt_id)
        return HangUp() if call is None else plan(call, now=now)


def after_transfer(*, transfer_id: int, now: datetime) -> Plan:
    """Say where the person goes whose conference with somebody outside is over: back to their agent, or to the end of the call."""
    attempt_id = Call.objects.filter(transfers=transfer_id).values_list("attempt_id", flat=True).first()
    return HangUp() if attempt_id is None else what_now(attempt_id=attempt_id, now=now)


def detected(call: Call, event: CarrierEvent, *, now: datetime) -> str:
    """Keep on a locked call who picked up, and send it on. The first verdict stands."""
    if call.machine_verdict:
        return f"ignored: “{event.raw}” after “{call.machine_verdict}”"
    party = answerflow.heard(
        PARTIES[event.detected or Detected.UNKNOWN],
        event.after_ms,
        greeting=answers.greeting_of(call.campaign),
    )
    if call.answered_at is None:
        # It overtook the answer, which carries no time of its own.
        states.advance_call(call, CallNews.ANSWERED, now=now, source="carrier", detail=event.raw)
    call.machine_verdict, call.verdict_at, call.answered_by = event.raw[:24], now, party
    if call.answered_at is not None:
        call.greeting_ended_at = answerflow.greeting_end(call.answered_at, party, event.after_ms)
    call.save(update_fields=["machine_verdict", "verdict_at", "answered_by", "greeting_ended_at"])
    if voicemail.at_greeting_end(call, event, now=now):
        return f"{party} picked up, a message is left"
    if call.session_id is None and call.state != CallState.ENDED:
        jobs.enqueue_on_commit(names.ROUTE_CALL, call_id=call.pk)
    return f"{party} picked up"


def route(*, call_id: int, now: datetime) -> None:
    """Send a call that waits on, by redirecting it at the carrier. A task; what it decides twice is the same.

    If the carrier cannot be reached the call asks by itself when its wait is over.
    """
    with db.use_case():
        call = lock_call(call_id)
        if call.carrier_ref is None or drops.open_on(call) is not None:
            return
        if call.state == CallState.ANSWERED:
            following: Plan | None = _plan(call, now)
        elif call.state == CallState.INTERRUPTED and handoffs.on_its_way(call) is None:
            following = _resume(call, now, only_news=True)
        else:
            return
        ref = call.carrier_ref
    if following is None:
        return  # the person's leg does that already
    try:
        registry.carrier().redirect(ref, following)
    except CarrierError as error:
        log.warning("dialer.call.not_redirected", call=call_id, kind=error.kind, reason=str(error))


def serve_waiting(*, campaign_id: int, now: datetime) -> int:
    """Send answered calls that wait for an agent on, the oldest first. A task, started when an agent is free; returns how many."""
    served = 0
    for (call_id,) in _waiting.rows(campaign_id):
        if not _is_somebody_free(campaign_id, now):
            break
        route(call_id=call_id, now=now)
        served += 1
    return served


def sweep_interrupted(*, now: datetime) -> int:
    """See to everyone whose agent's line broke off: joined, handed over, or told once more; returns how many."""
    waiting = Call.objects.filter(state=CallState.INTERRUPTED).order_by("lost_since", "pk")
    ids = list(waiting.values_list("pk", flat=True)[:200])
    return sweeps.for_each(ids, lambda call_id: route(call_id=call_id, now=now), what="interrupted call")


def key_pressed(call: Call, digits: str, *, now: datetime) -> str:
    """Take the person of a locked call off the list, if they pressed the key the message offers (FED-017, FED-021)."""
    drop = drops.last_on(call)
    if drop is not None and drops.move(
        drop, DropNews.INTERRUPTED, now=now, reason=f"Key {digits} was pressed: a person is there."
    ):
        # They were taken for a machine; the estimate of such errors counts them (FED-020).
        call.agent_heard = Party.PERSON
        call.save(update_fields=["agent_heard"])
    if not _is_opt_out(call, digits):
        return f"key {digits} means nothing"
    gate.revoke(
        number=as_phone(call.number),
        seller=call.campaign.seller,
        raw_words=f"Pressed {digits} during {'a recorded message' if drop else 'the message of an abandoned call'}",
        heard_on="call",
        actor="caller",
        now=now,
        kind=SuppressionKind.DO_NOT_CALL,
        source_ref=f"call:{call.pk}",
    )
    work.finish_everywhere(contact_id=call.contact_id, reason="Not called: asked not to be called again.")
    return "taken off the list"


def after_key(*, attempt_id: UUID, digits: str) -> Plan:
    """Say what the key did, once it is done, and end the call."""
    call = Call.objects.filter(attempt_id=attempt_id).first()
    if call is None or not _is_opt_out(call, digits):
        return HangUp()
    return SayAndHangUp("You have been taken off our list. Goodbye.")


def _is_opt_out(call: Call, digits: str) -> bool:
    drop = drops.last_on(call)
    if drop is not None:
        message = voicemails.playable_version(drop.version_id)
    else:
        message = messages.playable(call.campaign_id, MessageKind.ABANDONED)
    return bool(digits) and digits in {OPT_OUT_KEY, message.opt_out_key if message else OPT_OUT_KEY}


def plan(call: Call, *, now: datetime) -> Plan:
    """Say where a locked call goes now: to the message left on it, else as the law of answers says; claims who is free for it."""
    away = handoffs.on_its_way(call)
    if away is not None and call.state != CallState.ENDED:
        return consult_news.outside_plan(away, is_person=True)
    # Nothing is left before somebody said who picked up: the answer itself is spared the question.
    drop = drops.open_on(call) if answers.party_of(call) else None
    if drop is None:
        return _plan(call, now)
    drop.call = call
    return voicemail.on_asked(drop, now=now)


def _plan(call: Call, now: datetime) -> Plan:
    if call.state in (CallState.ENDED, CallState.TRANSFERRED) or call.answered_at is None:
        return HangUp()  # the one outside they were left with has gone
    if call.bridged_at is not None:
        return _resume(call, now) or HangUp()
    facts = answers.facts_of(call)
    match answerflow.next_move(facts, now=now):
        case Move.JOIN:
            return _join(call)
        case Move.LEAVE:
            _note_endless_greeting(call, now)
            return HangUp()
        case Move.LISTEN:
            left = facts.answered_at + (facts.greeting or answerflow.LISTEN_AT_MOST) - now
            return Wait(max(1, round(left.total_seconds())), waited_url(call.attempt_id))
        case Move.ABANDON:
            return _abandon(call, now)
        case Move.CLAIM:
            if _claim(call, now):
                return _join(call)
            connect = timedelta(seconds=policy_for(now).connect_seconds)
            seconds = answerflow.if_nobody_is_free(facts, connect=connect, now=now)
            return _abandon(call, now) if seconds is None else Wait(seconds, waited_url(call.attempt_id))


def _note_endless_greeting(call: Call, now: datetime) -> None:
    """What is hung up on without a verdict spoke for longer than anybody greets."""
    if answers.party_of(call) is None:
        call.answered_by, call.machine_verdict, call.verdict_at = Party.MACHINE, NEVER_ENDED, now
        call.save(update_fields=["answered_by", "machine_verdict", "verdict_at"])


def _resume(call: Call, now: datetime, *, only_news: bool = False) -> Plan | None:
    """Return what a person who has spoken to an agent hears next; with `only_news` None where their leg does that already."""
    if call.state != CallState.INTERRUPTED:
        session = call.session
        if session is not None and session.leg_state == LegState.UP:
            return _join(call)  # the carrier asks again what it was told
        states.advance_call(call, CallNews.AGENT_LOST, now=now, source="carrier", detail="They are alone")
    turn = lostline.turn(call, now=now)
    if only_news and not must_be_told(lostline.facts_of(call), turn, now=now):
        return None
    is_first = not call.told
    lostline.note_told(call, turn, now=now)
    match turn:
        case Turn.JOIN:
            return _join(call)
        case Turn.GIVE_UP:
            return SayAndHangUp(GOODBYE)
        case Turn.END:
            return HangUp()
        case _:
            return Hold(hold_music_url(), waited_url(call.attempt_id), STAY if is_first else "")


def _free_agents(campaign_id: Any, away: Any) -> "QuerySet[AgentSession]":
    return AgentSession.objects.filter(seen_since(away), campaign_id=campaign_id, state=AgentState.READY)


def _is_somebody_free(campaign_id: int, now: datetime) -> bool:
    return bool(_free.rows(campaign_id, away_before(now)))


_longest_free = kept.Query(
    lambda campaign, away: (
        _free_agents(campaign, away)
        .order_by("state_since", "pk")
        .select_for_update(skip_locked=True, of=("self",))[:1]
    ),
    values=2,
)
_free = kept.Values(
    lambda campaign, away: _free_agents(campaign, away).order_by("pk").values_list("pk")[:1], values=2
)
# Detection that waits for the end of a greeting has not spoken: nobody to talk to yet.
_waiting = kept.Values(
    lambda campaign: (
        Call.objects.filter(
            Q(state=CallState.ANSWERED, session__isnull=True, abandoned=False)
            & ~Q(answered_by__in=answerflow.NOBODY)
            & ~Q(campaign__machine_detection=Campaign.MachineDetection.MESSAGE, answered_by="")
            | Q(state=CallState.INTERRUPTED),
            campaign_id=campaign,
        )
        .order_by("answered_at", "pk")
        .values_list("pk")[:20]
    )
)


def _claim(call: Call, now: datetime) -> bool:
    """Give a locked call to the agent who has waited longest; False if none is free. Of two calls, each gets another agent."""
    session = _longest_free.first(call.campaign_id, away_before(now))
    if session is None:
        return False
    lead_id = kept.related(call, "attempt").campaign_lead_id
    work.pass_on(campaign_lead_id=lead_id, user_id=session.user_id)
    session.campaign_lead_id, session.call = lead_id, call
    states.move_agent(session, AgentNews.CLAIMED, now=now, fields=("campaign_lead", "call"))
    call.session, call.agent_id = session, session.user_id
    kept.save(call, "session", "agent")
    return True


def _join(call: Call) -> Plan:
    session = call.session
    assert session is not None
    return JoinConference(
        name=session.conference_name,
        is_agent=False,
        events_url=conference_events_url(session.pk),
        then_url=left_url(call.attempt_id, interruptions=call.interruptions),
    )


def _abandon(call: Call, now: datetime) -> Plan:
    """Nobody is there to talk to them: count it, and say who called, why, and how to refuse."""
    message = messages.playable(call.campaign_id, MessageKind.ABANDONED)
    if not call.abandoned:
        call.abandoned, call.message_played = True, message.version_id if message else None
        call.save(update_fields=["abandoned", "message_played"])
        log.warning("dialer.call.abandoned", call=call.pk, campaign=call.campaign_id)
    if message is None:
        return HangUp()  # about a debt nothing may be said to whoever answers (REGF-004)
    return AskKeys(text=message.text, keys=1, keys_url=keys_url(call.attempt_id), audio_url=message.url)
