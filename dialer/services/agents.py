"""What an agent does at the desk besides dialing: sign on, ready, skip, sign off; in one browser window at a time."""

import re
from datetime import datetime, timedelta

from campaigns.models import Campaign, CampaignAgent
from campaigns.services import work
from core import db, jobs, kept, prepared, sweeps
from core.errors import AppError
from dialer import jobs as names
from dialer.agentflow import AgentNews, AgentState, LegState
from dialer.locks import lock_live_session, lock_session
from dialer.models import AgentSession
from dialer.presence import BEAT_EVERY, signed_off_before
from dialer.services import offers, states

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
IN_TALK = (AgentState.ON_CALL, AgentState.CONSULTING)
TAB = re.compile("[0-9a-z]{8,32}")
WRAP_UP_LEFT_AFTER = timedelta(minutes=15)


class NotAssigned(AppError):
    """The agent may not work on this campaign."""


class UnknownReason(AppError):
    """A reason that is not on the list."""


def sign_on(*, user_id: int, campaign_id: int, now: datetime, tab: str = "") -> int:
    """Start the agent's session on a campaign and ring their browser; returns the session. An open session is kept.

    `tab` is the window that works the desk from now on; empty where a script does.
    """
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
            leg_since=now,
            tab=tab,
            leg_tab=tab,
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
        return_card(session, now=now, try_at=now, reason="Given back when the agent paused")
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
        return_card(session, now=now, try_at=now + SKIPPED_FOR, reason=f"Skipped: {label}")
        states.move_agent(session, AgentNews.WITHDRAWN, now=now, fields=("campaign_lead",))
        offers.offer_locked(session, now=now)


def leave(*, user_id: int, now: datetime) -> None:
    """Sign the agent off; refused during a call and before its result is saved."""
    with db.use_case():
        session = lock_live_session(user_id)
        if session.state == AgentState.WRAP_UP:
            raise states.NotAllowed("Save the result of your last call first.")
        sign_off_locked(session, now=now, reason="Signed off")


def require_version(session: AgentSession, version: int) -> None:
    """Raise NotAllowed if the page that sent the request showed an older state than the one in force."""
    if session.version != version:
        raise states.NotAllowed(
            "Your page was out of date; it shows the present state now. Nothing was done."
        )


BEAT = """
    UPDATE dialer_agentsession SET seen_at = %s WHERE user_id = %s AND tab = %s AND ended_at IS NULL AND seen_at < %s"""
_tab = kept.Values(
    lambda user: AgentSession.objects.filter(user_id=user, ended_at__isnull=True).values_list("tab")
)


def beat(*, user_id: int, tab: str, now: datetime) -> None:
    """Record that the page which works the desk is open; one that was taken over counts no more. Written every few seconds only."""
    prepared.run(BEAT, [now, user_id, tab, now - BEAT_EVERY])


def take_over(*, user_id: int, tab: str, now: datetime) -> None:
    """Let a window work the desk from now on; the one that did says so and acts no more. What is in progress goes on.

    The voice follows when the window's phone is ready (legs.phone_ready). Signed off there is nothing to take over.
    """
    if not TAB.fullmatch(tab):
        raise UnknownReason("This window has no name. Reload the page.")
    with db.use_case():
        # The session alone, which is the last of all locks: what it works on may change at the same instant.
        live = AgentSession.objects.filter(user_id=user_id, ended_at__isnull=True)
        session = live.select_for_update(of=("self",)).first()
        if session is None or session.tab == tab:
            return
        session.tab, session.seen_at = tab, now
        states.touch(session, "tab", "seen_at")


def require_tab(*, user_id: int, tab: str) -> None:
    """Raise NotAllowed if another window works the desk. Two that act at the same instant meet the session's lock."""
    if any(works != tab for (works,) in _tab.rows(user_id)):
        raise states.NotAllowed(
            "Another window works this desk now. Nothing was done; take the desk back here first."
        )


def sweep_away(*, now: datetime) -> int:
    """Sign off agents whose page has been gone for too long, never one who is on a call; returns how many."""
    gone = (
        AgentSession.objects.filter(ended_at__isnull=True, seen_at__lt=signed_off_before(now))
        .exclude(state__in=IN_TALK)
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
            and session.seen_at < signed_off_before(now)
            and session.state not in IN_TALK
        ):
            sign_off_locked(session, now=now, reason="The page was closed or lost its connection")


def return_card(session: AgentSession, *, now: datetime, try_at: datetime, reason: str) -> None:
    """Give the card in front of the agent of a locked session back, where there is one; the caller saves the session."""
    if session.campaign_lead_id is not None and session.state in (AgentState.PREVIEW, AgentState.WRAP_UP):
        work.give_back(campaign_lead_id=session.campaign_lead_id, try_at=try_at, reason=reason)
    session.campaign_lead = None


def sign_off_locked(session: AgentSession, *, now: datetime, reason: str) -> None:
    """Sign a locked session off; its card goes back, its leg is ended. Raises NotAllowed during a call."""
    unsaved = session.state == AgentState.WRAP_UP
    try_at = now + timedelta(days=1) if unsaved else now
    return_card(
        session,
        now=now,
        try_at=try_at,
        reason="The agent left without saving a result" if unsaved else "Given back when the agent left",
    )
    session.call = None
    session.leg_state, session.next_tab = LegState.DOWN, ""
    states.move_agent(
        session,
        AgentNews.LEFT,
        now=now,
        reason=reason,
        fields=("campaign_lead", "call", "leg_state", "next_tab"),
    )
    for leg_ref in filter(None, (session.leg_ref, session.next_leg_ref)):
        jobs.enqueue_on_commit(names.DROP_AGENT_LEG, leg_ref=leg_ref)
