"""What an agent does at the desk besides dialing: sign on, ready, skip, sign off; and their own telephone leg."""

from datetime import datetime, timedelta

import structlog

from campaigns.models import Campaign, CampaignAgent
from campaigns.services import work
from carriers import registry
from carriers.protocol import CarrierError, ConnectAgent
from core import db, jobs, sweeps
from core.errors import AppError
from core.types import as_phone
from dialer import jobs as names
from dialer.agentflow import AgentNews, AgentState, LegState
from dialer.locks import lock_live_session, lock_session
from dialer.models import AgentSession
from dialer.services import offers, states, trouble
from dialer.urls_out import agent_callbacks

log = structlog.get_logger(__name__)

SKIP_REASONS = {
    "wrong_person": "Not the right person",
    "bad_time": "Not a good time to call",
    "duplicate": "Someone is in touch with them already",
    "bad_data": "The record is wrong",
    "other": "Another reason",
}
NOT_READY_REASONS = {
    "break": "Break",
    "lunch": "Lunch",
    "training": "Training",
    "meeting": "Meeting",
    "technical": "Technical problem",
    "admin": "Other work",
}
SKIPPED_FOR = timedelta(hours=4)
AWAY_AFTER = timedelta(seconds=75)  # the page beats every 15 seconds
WRAP_UP_LEFT_AFTER = timedelta(minutes=15)


class NotAssigned(AppError):
    """The agent may not work on this campaign."""


class UnknownReason(AppError):
    """A reason that is not on the list."""


def sign_on(*, user_id: int, campaign_id: int, now: datetime) -> int:
    """Start the agent's session on a campaign and ring their browser; returns the session. An open session is kept."""
    with db.use_case():
        live = AgentSession.objects.select_for_update().filter(user_id=user_id, ended_at__isnull=True).first()
        if live is not None:
            if live.campaign_id != campaign_id:
                raise NotAssigned("You are signed on to another campaign. Sign off there first.")
            return int(live.pk)
        campaign = Campaign.objects.filter(pk=campaign_id).first()
        if (
            campaign is None
            or not CampaignAgent.objects.filter(campaign_id=campaign_id, user_id=user_id).exists()
        ):
            raise NotAssigned("You are not assigned to this campaign. Ask its manager to add you.")
        session = AgentSession.objects.create(
            user_id=user_id,
            campaign=campaign,
            state=AgentState.NOT_READY,
            state_since=now,
            leg_state=LegState.CONNECTING,
            started_at=now,
            seen_at=now,
        )
        jobs.enqueue_on_commit(names.CONNECT_AGENT_LEG, session_id=session.pk)
        states.touch(session)
    return int(session.pk)


def set_ready(*, user_id: int, now: datetime) -> None:
    """Make the agent ready and offer the next card at once."""
    with db.use_case():
        session = lock_live_session(user_id)
        states.move_agent(session, AgentNews.READY, now=now)
        offers.offer_locked(session, now=now)


def set_not_ready(*, user_id: int, reason: str, now: datetime) -> None:
    """Pause the agent with a reason from the list; a card in front of them goes back."""
    label = NOT_READY_REASONS.get(reason)
    if label is None:
        raise UnknownReason("Choose one of the reasons for the pause.")
    with db.use_case():
        session = lock_live_session(user_id)
        _return_card(session, now=now, try_at=now, reason="Given back when the agent paused")
        states.move_agent(session, AgentNews.NOT_READY, now=now, reason=label, fields=("campaign_lead",))


def skip(*, user_id: int, version: int, reason: str, now: datetime) -> None:
    """Put the card away with a reason and offer the next one."""
    label = SKIP_REASONS.get(reason)
    if label is None:
        raise UnknownReason("Choose a reason for skipping this lead.")
    with db.use_case():
        session = lock_live_session(user_id)
        require_version(session, version)
        if session.state != AgentState.PREVIEW:
            raise states.NotAllowed("There is no card to skip. The page shows your state now.")
        _return_card(session, now=now, try_at=now + SKIPPED_FOR, reason=f"Skipped: {label}")
        states.move_agent(session, AgentNews.WITHDRAWN, now=now, fields=("campaign_lead",))
        offers.offer_locked(session, now=now)


def leave(*, user_id: int, now: datetime) -> None:
    """Sign the agent off; refused during a call and before its result is saved."""
    with db.use_case():
        session = lock_live_session(user_id)
        if session.state == AgentState.WRAP_UP:
            raise states.NotAllowed("Save the result of your last call first.")
        _sign_off(session, now=now, reason="Signed off")


def require_version(session: AgentSession, version: int) -> None:
    """Raise NotAllowed if the page that sent the request showed an older state than the one in force."""
    if session.version != version:
        raise states.NotAllowed(
            "Your page was out of date; it shows the present state now. Nothing was done."
        )


def beat(*, user_id: int, now: datetime) -> None:
    """Record that the agent's page is open."""
    AgentSession.objects.filter(user_id=user_id, ended_at__isnull=True).update(seen_at=now)


def sweep_away(*, now: datetime) -> int:
    """Sign off agents whose page has been gone for too long, never one who is on a call; returns how many."""
    gone = (
        AgentSession.objects.filter(ended_at__isnull=True, seen_at__lt=now - AWAY_AFTER)
        .exclude(state=AgentState.ON_CALL)
        # In wrap-up they may come back and save the result.
        .exclude(state=AgentState.WRAP_UP, state_since__gt=now - WRAP_UP_LEFT_AFTER)
    )
    ids = list(gone.order_by("pk").values_list("pk", flat=True))
    return sweeps.for_each(ids, lambda session_id: _sign_off_if_away(session_id, now), what="agent away")


def _sign_off_if_away(session_id: int, now: datetime) -> None:
    with db.use_case():
        session = lock_session(session_id)
        if (
            session.ended_at is None
            and session.seen_at < now - AWAY_AFTER
            and session.state != AgentState.ON_CALL
        ):
            _sign_off(session, now=now, reason="The page was closed or lost its connection")


def connect_leg(*, session_id: int, now: datetime) -> None:
    """Ring the agent's browser. A task; repeating it finds the leg up or under way and does nothing."""
    with db.use_case():
        session = lock_session(session_id)
        if session.ended_at is not None or session.leg_state != LegState.CONNECTING or session.leg_ref:
            return
        request = ConnectAgent(
            identity=f"agent-{session.user_id}",
            caller_id=as_phone(session.campaign.caller_id),
            callbacks=agent_callbacks(session_id),
        )
    try:
        ref = registry.carrier().connect_agent(request)
    except CarrierError as error:
        log.warning("dialer.agent_leg.refused", session=session_id, kind=error.kind, reason=str(error))
        _leg_failed(session_id, f"Your phone could not be connected: {error} Press Reconnect.")
        trouble.notice(error, now=now)
        return
    with db.use_case():
        AgentSession.objects.filter(pk=session_id, leg_ref="").update(leg_ref=ref)


def reconnect_leg(*, user_id: int, now: datetime) -> None:
    """Ring the agent's browser again after the leg was lost."""
    with db.use_case():
        session = lock_live_session(user_id)
        if session.leg_state in (LegState.UP, LegState.CONNECTING):
            return
        session.leg_state, session.leg_ref, session.reason = (
            LegState.CONNECTING,
            "",
            "Connecting your phone …",
        )
        states.touch(session, "leg_state", "leg_ref", "reason")
        jobs.enqueue_on_commit(names.CONNECT_AGENT_LEG, session_id=session.pk)


def drop_leg(*, leg_ref: str) -> None:
    """End an agent's leg after they signed off. A task; one that has ended already is no error."""
    try:
        registry.carrier().hang_up(leg_ref)
    except CarrierError as error:
        # The leg ends by itself when the browser's page closes; nothing depends on this.
        log.warning("dialer.agent_leg.hang_up_failed", kind=error.kind, reason=str(error))


def leg_is_up(session: AgentSession, *, leg_ref: str, now: datetime) -> None:
    """Record on a locked session that the agent's leg is in its conference; offer a card to one who waited for that."""
    if session.ended_at is not None:
        return
    session.leg_state, session.leg_ref = LegState.UP, leg_ref
    if session.state != AgentState.PREVIEW:
        session.reason = ""
    states.touch(session, "leg_state", "leg_ref", "reason")
    if session.state == AgentState.READY:
        offers.offer_locked(session, now=now)


def leg_is_down(session: AgentSession, *, leg_ref: str) -> None:
    """Record on a locked session that the agent's leg has ended without being asked to."""
    if session.ended_at is not None or session.leg_ref != leg_ref:
        return
    session.leg_state, session.leg_ref = LegState.LOST, ""
    session.reason = "Your phone line dropped. Press Reconnect."
    states.touch(session, "leg_state", "leg_ref", "reason")


def _leg_failed(session_id: int, reason: str) -> None:
    with db.use_case():
        session = lock_session(session_id)
        if session.ended_at is None and session.leg_state == LegState.CONNECTING:
            session.leg_state, session.reason = LegState.DOWN, reason[:200]
            states.touch(session, "leg_state", "reason")


def _return_card(session: AgentSession, *, now: datetime, try_at: datetime, reason: str) -> None:
    if session.campaign_lead_id is not None and session.state in (AgentState.PREVIEW, AgentState.WRAP_UP):
        work.give_back(campaign_lead_id=session.campaign_lead_id, try_at=try_at, reason=reason)
    session.campaign_lead = None


def _sign_off(session: AgentSession, *, now: datetime, reason: str) -> None:
    unsaved = session.state == AgentState.WRAP_UP
    try_at = now + timedelta(days=1) if unsaved else now
    _return_card(
        session,
        now=now,
        try_at=try_at,
        reason="The agent left without saving a result" if unsaved else "Given back when the agent left",
    )
    session.call = None
    leg_ref, session.leg_state = session.leg_ref, LegState.DOWN
    states.move_agent(
        session, AgentNews.LEFT, now=now, reason=reason, fields=("campaign_lead", "call", "leg_state")
    )
    if leg_ref:
        jobs.enqueue_on_commit(names.DROP_AGENT_LEG, leg_ref=leg_ref)
