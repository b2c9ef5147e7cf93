"""The time an agent has to decide on a card: taken again, or over."""

from datetime import datetime, timedelta
from typing import Final

from campaigns.models import Campaign
from core import db
from dialer.agentflow import AgentNews, AgentState
from dialer.locks import lock_live_session
from dialer.models import AgentSession
from dialer.services import agents, dialing, states

EARLY: Final = timedelta(seconds=1)  # a window's clock may be ahead by so much


def take_more_time(*, user_id: int, version: int, now: datetime) -> None:
    """Begin the time for the card in front of the agent anew, as often as they like. Raises NotAllowed where none runs."""
    with db.use_case():
        session = _deciding(user_id, version)
        seconds = session.campaign.preview_seconds
        session.decide_by = None if seconds is None else now + timedelta(seconds=seconds)
        states.touch(session, "decide_by")


def end_time(*, user_id: int, version: int, phone_id: int | None, now: datetime) -> str | None:
    """Do what the campaign wants once the time is over: dial the card, or give it back and have the agent not ready.

    Returns the gate's sentence where it refuses a call that starts by itself. Raises NotAllowed before the time is over or where none
    runs, and what dialing.reserve raises.
    """
    with db.use_case():
        session = _deciding(user_id, version)
        assert session.decide_by is not None
        if now < session.decide_by - EARLY:
            raise states.NotAllowed("There is time left to decide on this card.")
        dials = session.campaign.preview_then == Campaign.PreviewThen.DIAL
        if not dials:
            _give_back(session, now)
    if dials:
        return dialing.reserve(user_id=user_id, version=version, phone_id=phone_id, by_itself=True, now=now)
    return None


def _deciding(user_id: int, version: int) -> AgentSession:
    session = lock_live_session(user_id)
    agents.require_version(session, version)
    if session.state != AgentState.PREVIEW or session.decide_by is None:
        raise states.NotAllowed("No time runs for a card. The page shows your state now.")
    return session


def _give_back(session: AgentSession, now: datetime) -> None:
    agents.return_card(session, now=now, try_at=now, reason="Given back: its agent did not decide in time")
    states.move_agent(
        session,
        AgentNews.NOT_READY,
        now=now,
        reason="The time to decide on the last card was over",
        fields=("campaign_lead",),
    )
