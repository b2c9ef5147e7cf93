"""What a supervisor asks of an agent: pause, or log out. It ends nothing that is in progress: a call goes on, its result is saved."""

from datetime import datetime

import structlog

from core import audit, db, sweeps
from core.errors import AppError
from dialer.agentflow import AgentNews, AgentState
from dialer.locks import lock_session
from dialer.models import AgentSession
from dialer.services import agents, states

log = structlog.get_logger(__name__)

NOT_READY, OFFLINE = "not_ready", "offline"
VERBS = {NOT_READY: "dialer.agent.made_not_ready", OFFLINE: "dialer.agent.logged_out"}
BUSY = (AgentState.ON_CALL, AgentState.CONSULTING, AgentState.WRAP_UP)
REASON_LIMIT = 120


class BadRequest(AppError):
    """The supervisor's wish cannot be taken as given; the text says what is missing."""


def ask(*, session_id: int, wish: str, reason: str, actor: str, now: datetime) -> bool:
    """Take a supervisor's wish (not_ready, offline), on record; return whether it is done, else it is once the result is saved.

    Raises NotFound, and BadRequest for a wish without a reason or an agent who has signed off.
    """
    reason = " ".join(reason.replace("\x00", "").split())
    if wish not in VERBS:
        raise BadRequest("Choose what the agent is to do.")
    if not reason or len(reason) > REASON_LIMIT:
        raise BadRequest(
            f"Give a reason, in at most {REASON_LIMIT} characters: the agent sees it, and it is on record."
        )
    with db.use_case():
        session = lock_session(session_id)
        if session.ended_at is not None:
            raise BadRequest("This agent has signed off meanwhile. Nothing was done.")
        before = session.state
        session.after_result, session.after_reason = wish, f"{actor}: {reason}"
        states.touch(session, "after_result", "after_reason")
        done = follow(session, now=now)
        audit.record(
            actor=actor,
            verb=VERBS[wish],
            target=f"session:{session.pk}",
            now=now,
            before={"state": before},
            after={"state": session.state, "agent": session.user.username, "reason": reason},
        )
    return done


def follow(session: AgentSession, *, now: datetime) -> bool:
    """Do what was asked of the agent of a locked session if nothing is in progress; return whether it is done."""
    if not session.after_result or session.ended_at is not None or session.state in BUSY:
        return False
    wish, reason = session.after_result, session.after_reason
    session.after_result = session.after_reason = ""
    states.touch(session, "after_result", "after_reason")
    if wish == OFFLINE:
        agents.sign_off_locked(session, now=now, reason=f"Logged out by {reason}")
    elif session.state != AgentState.NOT_READY:
        agents.return_card(session, now=now, try_at=now, reason="Given back when the agent was paused")
        states.move_agent(
            session, AgentNews.NOT_READY, now=now, reason=f"Paused by {reason}", fields=("campaign_lead",)
        )
    return True


def pause_words(session: AgentSession) -> str:
    """Return why an agent is not ready after a result: a supervisor asked for it, or they did themselves."""
    return f"Paused by {session.after_reason}" if session.after_result else "Paused after a call"


def sweep(*, now: datetime) -> int:
    """Do what was asked of agents whose call ended without a result to save; returns how many."""
    asked = (
        AgentSession.objects.filter(ended_at__isnull=True).exclude(after_result="").exclude(state__in=BUSY)
    )
    ids = list(asked.order_by("pk").values_list("pk", flat=True))
    return sweeps.for_each(ids, lambda session_id: _follow(session_id, now), what="agent asked to stop")


def _follow(session_id: int, now: datetime) -> None:
    with db.use_case():
        follow(lock_session(session_id), now=now)
