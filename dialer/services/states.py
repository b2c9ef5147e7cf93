"""The one writer of an agent's state and of a call's state, by the tables in agentflow and callflow.

Other services of this app call in here with the rows locked (lock order: call, then agent).
"""

from datetime import datetime, timedelta

import structlog

from campaigns.services import work
from compliance import services as gate
from core import db, jobs, kept, outbox, realtime
from core.errors import Stale
from dialer import agentflow, callflow
from dialer import jobs as names
from dialer.agentflow import AgentNews, AgentState, LegState
from dialer.callflow import AttemptState, CallNews, CallState, NetworkOutcome
from dialer.locks import lock_session_alone
from dialer.log_reads import logged_event
from dialer.models import AgentSession, AgentStateChange, Call, CallEvent, CallRecording, DialAttempt
from dialer.recordflow import RecordState
from dialer.services import answers, drops, handoffs, leaving, settling

log = structlog.get_logger(__name__)

# A recording the call's end gives up.
_not_begun = kept.Values(
    lambda call: (
        CallRecording.objects.filter(call_id=call, state__in=[RecordState.WAITING, RecordState.ASKED])
        .order_by("pk")
        .values_list("pk")
    )
)
JOIN_UNTOLD = "join_untold"  # in a call's history
MAY_HAVE_SPOKEN = "Nobody told whether person and agent met; the agent says what came of it"
BETWEEN_AGENTS = (CallNews.AGENT_LOST, CallNews.TRANSFERRED)


class NotAllowed(Stale):
    """The agent asked for something their state does not allow; the page shows an older one."""


def agent_topic(user_id: int) -> str:
    """Return the topic an agent's page listens to."""
    return f"agent:{user_id}"


def touch(session: AgentSession, *fields: str) -> None:
    """Save changed fields of a locked session, move its version and tell the pages that show it."""
    db.require_atomic()
    session.version += 1
    kept.save(session, *fields, "version")
    data = {"session": session.pk, "version": session.version, "leg_up": session.leg_state == LegState.UP}
    realtime.push_on_commit(agent_topic(session.user_id), "changed", data)


def move_agent(
    session: AgentSession, news: AgentNews, *, now: datetime, reason: str = "", fields: tuple[str, ...] = ()
) -> None:
    """Take a locked session along the table; raises NotAllowed where the table has no such move.

    `fields` names further fields the caller has changed on `session`.
    """
    following = agentflow.step(AgentState(session.state), news)
    if following is None:
        raise NotAllowed(
            f"That is not possible while you are {session.state.replace('_', ' ')}. The page shows your state now."
        )
    kept.insert(
        AgentStateChange(
            session=session,
            at=now,
            event=news,
            from_state=session.state,
            to_state=following,
            reason=reason[:200],
        )
    )
    session.state, session.state_since, session.reason = following, now, reason[:200]
    changed = ["state", "state_since", "reason", *fields]
    if following is AgentState.OFFLINE:
        session.ended_at = now
        changed.append("ended_at")
    touch(session, *changed)
    _nudge_pacer(session.campaign_id)


def advance_call(
    call: Call,
    news: CallNews,
    *,
    now: datetime,
    source: str,
    detail: str = "",
    duration_seconds: int | None = None,
) -> callflow.Step:
    """Apply one piece of news to a locked call: state, history, attempt, agent, published event. Ignored news is kept as such."""
    step = callflow.step(CallState(call.state), news)
    _write_event(call, news, to_state=step.state, ignored=step.ignored, now=now, source=source, detail=detail)
    was = CallState(call.state)
    if step.ignored:
        log.info("dialer.call.news_ignored", call=call.pk, state=call.state, news=news, source=source)
        return step
    call.state = step.state
    changed = ["state", *_stamp(call, news, now)]
    if step.outcome is not None:
        changed += _end(call, step.outcome, now, duration_seconds)
    kept.save(call, *changed)
    spoke = call.bridged_at is not None or _spoke_untold(call, step.outcome, now)
    _follow_attempt(call, step, was, now)
    _follow_agent(call, step, now, detail, spoke=spoke)
    if step.outcome is not None:
        _follow_up(call, step.outcome, now, detail, spoke=spoke)
    handoffs.follow_call(call, news, now=now)
    leaving.follow_call(call, news)
    if step.state in (CallState.ANSWERED, CallState.ENDED):
        _nudge_pacer(call.campaign_id)
    if call.bridged_at is not None and step.outcome is not None and _not_begun.rows(call.pk):
        jobs.enqueue_on_commit(names.FOLLOW_RECORDING, call_id=call.pk)
    log.info("dialer.call.moved", call=call.pk, news=news, state=step.state, outcome=step.outcome)
    return step


def _nudge_pacer(campaign_id: int) -> None:
    """Have the campaign looked at now and not at the next tick."""
    realtime.push_on_commit(names.PACER_TOPIC, "look", {"campaign": campaign_id})


def note_event(call: Call, event: str, *, now: datetime, source: str, detail: str) -> None:
    """Write into the history of a locked call what happened to it without moving it."""
    _write_event(call, event, to_state=call.state, now=now, source=source, detail=detail)


def _write_event(
    call: Call, event: str, *, to_state: str, now: datetime, source: str, detail: str, ignored: bool = False
) -> None:
    kept.insert(
        CallEvent(
            call=call,
            at=now,
            event=event,
            from_state=call.state,
            to_state=to_state,
            ignored=ignored,
            source=source,
            detail=detail[:300],
        )
    )


def _spoke_untold(call: Call, outcome: NetworkOutcome | None, now: datetime) -> bool:
    """Return whether a call has ended without a word of the two having met, who may have met: on record, and taken as if they had."""
    if outcome is not NetworkOutcome.ANSWERED or not answers.may_have_spoken(call, now=now):
        return False
    note_event(call, JOIN_UNTOLD, now=now, source="dialer", detail=MAY_HAVE_SPOKEN)
    return True


def _follow_up(call: Call, outcome: NetworkOutcome, now: datetime, detail: str, *, spoke: bool) -> None:
    """After a call's end: the gate hears of it, people who answered are counted, and a lead no agent has is let go."""
    drop = drops.close(call, now=now)
    if outcome is not NetworkOutcome.NOT_PLACED:
        _report_outcome(call, outcome, now, spoke=spoke)
    if (call.session_id is None and kept.related(call, "attempt").reserved_by_id is None) or (
        drop and drop.began_at
    ):
        settling.settle(call, outcome, detail=detail, drop=drop, now=now)
    if outcome is not NetworkOutcome.NOT_PLACED:
        publish_logged(call, now=now)
        answers.count(
            call
        )  # late: all ends of a campaign's day meet in its row, and hold their own call meanwhile


def publish_logged(call: Call, *, now: datetime) -> None:
    """Tell other apps what there is to log about a locked call; again whenever it changes."""
    call.times_logged += 1
    kept.save(call, "times_logged")
    outbox.publish(logged_event(call.pk), key=f"call:{call.pk}", now=now)


def _report_outcome(call: Call, outcome: NetworkOutcome | None, now: datetime, *, spoke: bool) -> None:
    """Tell the gate what became of the contact it cleared: caps count by it."""
    gate.record_outcome(
        decision_id=kept.related(call, "attempt").decision_id,
        connected=outcome not in (NetworkOutcome.BUSY, NetworkOutcome.FAILED),
        conversation=spoke,
        abandoned=call.abandoned,
        machine=answers.is_machine(call),
        now=now,
    )


def _stamp(call: Call, news: CallNews, now: datetime) -> list[str]:
    """Set the instants a piece of news stands for, where it has not been set by an earlier one."""
    changed = []
    if news is CallNews.RINGING and call.ringing_at is None:
        call.ringing_at = now
        changed.append("ringing_at")
    if news in (CallNews.ANSWERED, CallNews.JOINED) and call.answered_at is None:
        call.answered_at = now
        changed.append("answered_at")
    if news is CallNews.JOINED and call.bridged_at is None:
        call.bridged_at = now
        call.abandoned = call.abandoned or answers.is_late(call, heard_at=now)
        changed += ["bridged_at", "abandoned"]
    if news in (CallNews.HELD, CallNews.RESUMED, CallNews.HANDED_OUT, *BETWEEN_AGENTS):
        call.held_since = now if news is CallNews.HELD else None
        changed.append("held_since")
    if news in BETWEEN_AGENTS:
        call.interruptions, call.lost_since, call.told, call.told_at = call.interruptions + 1, now, "", None
        changed += ["interruptions", "lost_since", "told", "told_at"]
    if news in (CallNews.JOINED, CallNews.HANDED_OUT) and call.lost_since is not None:
        call.lost_since = None
        changed.append("lost_since")
    return changed


def _end(call: Call, outcome: NetworkOutcome, now: datetime, duration_seconds: int | None) -> list[str]:
    call.outcome, call.ended_at, call.held_since = outcome, now, None
    # A person who spoke to an agent is not abandoned (FED-016); who was left without one is counted all the same.
    call.lost_in_mid_call = call.lost_since is not None and call.hang_up_asked_at is None
    if outcome is NetworkOutcome.ANSWERED:
        if call.answered_at is None:
            # The answer's own message was lost; the end says how long the person was on the line.
            since = now - timedelta(seconds=duration_seconds or 0)
            call.answered_at = max(since, call.ringing_at or call.created_at)
        if call.bridged_at is None:
            call.abandoned = call.abandoned or answers.is_late(call, heard_at=now)
        measured = round((now - call.answered_at).total_seconds())
        call.duration_seconds = duration_seconds if duration_seconds is not None else measured
    else:
        call.duration_seconds = 0
    return [
        "outcome",
        "ended_at",
        "held_since",
        "answered_at",
        "abandoned",
        "duration_seconds",
        "lost_in_mid_call",
    ]


def _follow_attempt(call: Call, step: callflow.Step, was: CallState, now: datetime) -> None:
    attempt = call.attempt_id
    if step.outcome is NetworkOutcome.NOT_PLACED:
        kept.update(DialAttempt, {"state": AttemptState.RELEASED, "state_at": now}, pk=attempt)
    elif step.outcome is not None:
        kept.update(DialAttempt, {"state": AttemptState.ENDED, "state_at": now}, pk=attempt)
        if was is not CallState.TRANSFERRED:
            _count(call, step.outcome, now)
    elif step.state is CallState.TRANSFERRED:
        _count(call, NetworkOutcome.ANSWERED, now)  # its agent saves the result before it ends
    else:
        # Any sign of life settles an attempt whose placing got no answer.
        alive = {"state": AttemptState.PLACED, "state_at": now, "reason": ""}
        kept.update(DialAttempt, alive, pk=attempt, state=(AttemptState.DIALING, AttemptState.UNKNOWN))


def _count(call: Call, outcome: NetworkOutcome, now: datetime) -> None:
    work.count_attempt(
        campaign_lead_id=kept.related(call, "attempt").campaign_lead_id,
        result=outcome.replace("_", " "),
        now=now,
    )


def _follow_agent(call: Call, step: callflow.Step, now: datetime, detail: str, *, spoke: bool) -> None:
    if call.session_id is None:
        return
    session = lock_session_alone(call.session_id)
    if session.call_id != call.pk:
        return
    if step.outcome is None or session.state == AgentState.WRAP_UP:
        touch(session)  # in wrap-up already: the person was left with somebody outside
    elif step.outcome is NetworkOutcome.NOT_PLACED:
        session.call = None
        move_agent(session, AgentNews.RELEASED, now=now, reason=detail, fields=("call",))
    elif kept.related(call, "attempt").reserved_by_id is None and not spoke:
        _give_up(call, session, now)
    else:
        move_agent(session, AgentNews.CALL_ENDED, now=now)


def _give_up(call: Call, session: AgentSession, now: datetime) -> None:
    """Free an agent whose person hung up before the two heard each other; the lead goes back as if nobody had taken the call."""
    session.call, session.campaign_lead = None, None
    move_agent(
        session,
        AgentNews.MISSED,
        now=now,
        reason="They hung up before you were connected.",
        fields=("call", "campaign_lead"),
    )
    call.session, call.agent = None, None
    kept.save(call, "session", "agent")
    jobs.enqueue_on_commit(names.SERVE_WAITING, campaign_id=call.campaign_id)
