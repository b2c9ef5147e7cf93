"""The agent's own telephone leg: rung in the window that works the desk, moved to another window, rung again when it was lost."""

from datetime import datetime, timedelta

import structlog
from django.db.models import Q, QuerySet

from carriers import registry
from carriers.protocol import CarrierError, ConnectAgent
from core import db, jobs, sweeps
from core.types import as_phone
from dialer import jobs as names
from dialer.agentflow import AgentState, LegState
from dialer.callflow import CallState
from dialer.locks import lock_live_session, lock_session
from dialer.models import AgentSession, Call
from dialer.services import lostline, offers, states, trouble
from dialer.urls_out import agent_callbacks

log = structlog.get_logger(__name__)

RING_AGAIN_AFTER = timedelta(seconds=4)  # a window that is being loaded answers no ring yet
HINT_LOST_AFTER = timedelta(seconds=20)  # longer than the carrier may take to answer
RINGS_AT_MOST = timedelta(seconds=45)  # it is asked to ring for thirty
RINGING = "Connecting your phone …"
LOST = "Your phone line dropped. Press Reconnect."
LOST_IN_CALL = "Your phone line dropped. It is being connected again; the person hears music meanwhile."


def connect_leg(*, session_id: int, now: datetime) -> None:
    """Ring the agent's window. A task; repeating it finds the leg up or under way and does nothing."""
    with db.use_case():
        session = lock_session(session_id)
        if session.ended_at is not None or session.leg_state != LegState.CONNECTING or session.leg_ref:
            return
        request = _request(session, session.leg_tab)
    try:
        ref = registry.carrier().connect_agent(request)
    except CarrierError as error:
        log.warning("dialer.agent_leg.refused", session=session_id, kind=error.kind, reason=str(error))
        _leg_failed(session_id, f"Your phone could not be connected: {error} Press Reconnect.", now)
        trouble.notice(error, now=now)
        return
    with db.use_case():
        AgentSession.objects.filter(pk=session_id, leg_ref="", leg_tab=session.leg_tab).update(leg_ref=ref)


def connect_next_leg(*, session_id: int, now: datetime) -> None:
    """Ring the window that has taken over, while the voice stays where it is. A task, like connect_leg."""
    with db.use_case():
        session = lock_session(session_id)
        if session.ended_at is not None or not session.next_tab or session.next_leg_ref:
            return
        request = _request(session, session.next_tab)
    try:
        ref = registry.carrier().connect_agent(request)
    except CarrierError as error:
        log.warning("dialer.agent_leg.not_moved", session=session_id, kind=error.kind, reason=str(error))
        with db.use_case():
            _stay(lock_session(session_id), now)
        trouble.notice(error, now=now)
        return
    with db.use_case():
        AgentSession.objects.filter(pk=session_id, next_leg_ref="", next_tab=session.next_tab).update(
            next_leg_ref=ref
        )


def reconnect_leg(*, user_id: int, now: datetime) -> None:
    """Ring the agent's window again after the leg was lost."""
    with db.use_case():
        session = lock_live_session(user_id)
        if session.leg_state not in (LegState.UP, LegState.CONNECTING):
            _ring(session, now)


def phone_ready(*, user_id: int, tab: str, now: datetime) -> None:
    """The phone of a window can be rung: bring the agent's voice there, if that window works the desk.

    A leg that is up elsewhere stays up until the new one is in its conference, so that a call goes on without a break.
    """
    with db.use_case():
        if not AgentSession.objects.filter(user_id=user_id, ended_at__isnull=True, tab=tab).exists():
            return
        session = lock_live_session(user_id)
        if session.tab != tab:
            return
        if session.leg_state == LegState.UP:
            if tab not in (session.leg_tab, session.next_tab):
                _move(session, now)
        elif session.leg_state != LegState.CONNECTING or session.leg_tab != tab:
            if session.leg_ref:
                jobs.enqueue_on_commit(names.DROP_AGENT_LEG, leg_ref=session.leg_ref)
                session.former_leg_ref = session.leg_ref
            _ring(session, now)


def drop_leg(*, leg_ref: str) -> None:
    """End an agent's leg after they signed off. A task; one that has ended already is no error."""
    try:
        registry.carrier().hang_up(leg_ref)
    except CarrierError as error:
        # The leg ends by itself when the browser's page closes; nothing depends on this.
        log.warning("dialer.agent_leg.hang_up_failed", kind=error.kind, reason=str(error))


def let_go(*, session_id: int) -> None:
    """End the leg the agent's voice has moved from, without ending the conference. A task; the sweeper repeats it."""
    session = AgentSession.objects.get(pk=session_id)
    former = session.former_leg_ref
    if not former or former == session.leg_ref or session.leg_state != LegState.UP:
        return
    try:
        registry.carrier().let_leave(session.conference_name, former)
        registry.carrier().hang_up(former)
    except CarrierError as error:
        log.warning("dialer.agent_leg.not_let_go", session=session_id, kind=error.kind, reason=str(error))
        return
    with db.use_case():
        AgentSession.objects.filter(pk=session_id, former_leg_ref=former).update(former_leg_ref="")


def leg_is_up(session: AgentSession, *, leg_ref: str, now: datetime) -> str:
    """Record on a locked session that a leg of the agent's is in their conference; return what that changed.

    An agent who waited for it gets a card; a person who waits for the agent is joined.
    """
    if session.ended_at is not None:
        return "ignored: the agent is signed off"
    if leg_ref == session.former_leg_ref and leg_ref != session.leg_ref:
        return "ignored: the leg before this one"
    if session.next_tab and session.next_leg_ref in ("", leg_ref) and leg_ref != session.leg_ref:
        session.former_leg_ref, session.leg_tab = session.leg_ref, session.next_tab
        session.next_tab = session.next_leg_ref = ""
    elif session.leg_ref not in ("", leg_ref) or session.leg_state == LegState.LOST:
        return "unknown: a leg we do not know"
    session.leg_state, session.leg_ref, session.leg_since = LegState.UP, leg_ref, now
    if session.state != AgentState.PREVIEW:
        session.reason = ""
    _save(session, "reason")
    if session.former_leg_ref:
        jobs.enqueue_on_commit(names.LET_GO_LEG, session_id=session.pk)
    if session.call_id is not None:
        jobs.enqueue_on_commit(names.ROUTE_CALL, call_id=session.call_id)
    if session.state == AgentState.READY:
        offers.offer_locked(session, now=now)
    return "agent's leg is up"


def leg_is_down(session: AgentSession, *, leg_ref: str, now: datetime) -> str:
    """Record on a session locked with its call that a leg has ended without being asked to; return what that changed.

    During a call the agent is rung again at once, and the person is kept.
    """
    if session.ended_at is not None:
        return "ignored: the agent is signed off"
    if session.next_leg_ref and leg_ref == session.next_leg_ref:
        _stay(session, now)
        return "the voice stays in the other window"
    if not leg_ref or session.leg_ref != leg_ref:
        return "ignored: not the agent's present leg"
    call = None if session.call_id is None else Call.objects.get(pk=session.call_id)
    if call is not None:
        lostline.agent_lost(call, session, now=now)
        session.refresh_from_db()
    session.former_leg_ref, session.leg_since = leg_ref, now
    if session.next_tab:
        session.leg_state = LegState.CONNECTING
        session.leg_ref, session.leg_tab = session.next_leg_ref, session.next_tab
        session.next_leg_ref = session.next_tab = ""
    else:
        session.leg_state, session.leg_ref = LegState.LOST, ""
    in_call = session.call_id is not None and call is not None and call.state != CallState.ENDED
    session.reason = LOST_IN_CALL if in_call else LOST
    _save(session, "reason")
    if in_call and session.leg_state == LegState.LOST:
        _ring(session, now, reason=LOST_IN_CALL)
    return "agent's leg has ended"


def sweep(*, now: datetime) -> int:
    """Repeat what got lost: hints, rings nobody answered, legs to be let go; and ring agents again whose person waits."""
    live = AgentSession.objects.filter(ended_at__isnull=True)
    hints = live.filter(leg_state=LegState.CONNECTING, leg_ref="", leg_since__lt=now - HINT_LOST_AFTER)
    hanging = live.filter(leg_since__lt=now - RINGS_AT_MOST).filter(
        Q(leg_state=LegState.CONNECTING) | ~Q(next_tab="")
    )
    lost = live.filter(
        leg_state__in=[LegState.LOST, LegState.DOWN],
        leg_since__lt=now - RING_AGAIN_AFTER,
        call__state=CallState.INTERRUPTED,
    )
    former = live.filter(leg_state=LegState.UP, leg_since__lt=now - HINT_LOST_AFTER).exclude(
        former_leg_ref=""
    )
    return (
        sweeps.for_each(_ids(hanging), lambda pk: _give_up_ringing(pk, now), what="agent's ring")
        + sweeps.for_each(_ids(hints), lambda pk: connect_leg(session_id=pk, now=now), what="lost ring")
        + sweeps.for_each(_ids(lost), lambda pk: _ring_again(pk, now), what="lost agent")
        + sweeps.for_each(_ids(former), lambda pk: let_go(session_id=pk), what="former leg")
    )


def _ids(rows: QuerySet[AgentSession]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _request(session: AgentSession, tab: str) -> ConnectAgent:
    return ConnectAgent(
        identity=identity(session.user_id, tab),
        caller_id=as_phone(session.campaign.caller_id),
        callbacks=agent_callbacks(session.pk),
    )


def identity(user_id: int, tab: str) -> str:
    """Return the name a window's phone answers to: each window its own, so that no other one takes its calls.

    Letters, digits and underscores only (Twilio: Client identities).
    """
    return f"agent_{user_id}_{tab}" if tab else f"agent_{user_id}"


def _ring(session: AgentSession, now: datetime, *, reason: str = RINGING) -> None:
    session.leg_state, session.leg_ref, session.leg_tab = LegState.CONNECTING, "", session.tab
    session.leg_since, session.reason = now, reason
    _save(session, "reason")
    jobs.enqueue_on_commit(names.CONNECT_AGENT_LEG, session_id=session.pk)


def _ring_again(session_id: int, now: datetime) -> None:
    with db.use_case():
        session = lock_session(session_id)
        if session.ended_at is None and session.leg_state in (LegState.LOST, LegState.DOWN):
            _ring(session, now, reason=LOST_IN_CALL)


def _move(session: AgentSession, now: datetime) -> None:
    if session.next_leg_ref:
        jobs.enqueue_on_commit(names.DROP_AGENT_LEG, leg_ref=session.next_leg_ref)
    session.next_tab, session.next_leg_ref, session.leg_since = session.tab, "", now
    _save(session)
    jobs.enqueue_on_commit(names.CONNECT_NEXT_LEG, session_id=session.pk)


def _stay(session: AgentSession, now: datetime) -> None:
    """Give the move to another window up: its phone does not answer."""
    if session.ended_at is not None or not session.next_tab:
        return
    session.next_tab = session.next_leg_ref = ""
    session.leg_since = now
    session.reason = "The phone of this window does not answer; your voice stays in the other one."
    _save(session, "reason")


def _give_up_ringing(session_id: int, now: datetime) -> None:
    with db.use_case():
        session = lock_session(session_id)
        if session.ended_at is not None:
            return
        if session.next_tab:
            _stay(session, now)
        elif session.leg_state == LegState.CONNECTING:
            session.former_leg_ref, session.leg_ref = session.leg_ref or session.former_leg_ref, ""
            session.leg_state, session.leg_since = LegState.LOST, now
            session.reason = "Your phone did not answer. Press Reconnect."
            _save(session, "reason")


def _leg_failed(session_id: int, reason: str, now: datetime) -> None:
    with db.use_case():
        session = lock_session(session_id)
        if session.ended_at is None and session.leg_state == LegState.CONNECTING:
            session.leg_state, session.leg_since, session.reason = LegState.DOWN, now, reason[:200]
            _save(session, "reason")


def _save(session: AgentSession, *more: str) -> None:
    legs = ("leg_state", "leg_ref", "leg_since", "leg_tab", "next_tab", "next_leg_ref", "former_leg_ref")
    states.touch(session, *legs, *more)
