"""Click-to-dial: the agent names the person in the CRM, and the card and the call come as for any other lead, by the same gate."""

from datetime import datetime

from campaigns.models import Campaign
from campaigns.services import chosen, work
from core import db
from core.errors import NotFound
from core.types import PhoneError, parse_phone
from dialer import locks
from dialer.agentflow import AgentNews, AgentState, LegState
from dialer.models import AgentSession
from dialer.services import agents, dialing, states


def dial(*, user_id: int, external_ref: str, number: str, now: datetime) -> str | None:
    """Put the person's card before the agent and dial; returns None when the call is under way, or the gate's sentence.

    `number` is as the CRM writes it; empty: the person's first one. Raises chosen.NotChosen, dialing.CannotDial, dialing.NumberBusy,
    NotFound for who is signed off, and Stale.
    """
    wanted = _number(number)
    version, phone_id = _show(user_id=user_id, external_ref=external_ref, number=wanted, now=now)
    return dialing.reserve(user_id=user_id, version=version, phone_id=phone_id, now=now)


def _number(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return parse_phone(text)
    except PhoneError as error:
        raise chosen.NotChosen(f"“{text[:30]}” is no number that can be dialed: {error}") from error


def _show(*, user_id: int, external_ref: str, number: str, now: datetime) -> tuple[int, int | None]:
    """Return the session's version with the card shown, and the number's id."""
    seen = (
        AgentSession.objects.select_related("campaign").filter(user_id=user_id, ended_at__isnull=True).first()
    )
    if seen is None:
        raise NotFound(
            "You are signed off. Open the desk, choose a campaign and start work; then dial from here."
        )
    _require_free(seen)
    lead_id = chosen.find_lead(campaign=seen.campaign, external_ref=external_ref, number=number)
    with db.use_case():
        chosen.lock_lead(campaign_lead_id=lead_id, user_id=user_id, also=seen.campaign_lead_id)
        session = locks.lock_live_session(user_id)
        _require_free(session)
        item = work.get_item(campaign_lead_id=lead_id)
        phone = next((each for each in item.phones if not number or each.number == number), None)
        if phone is None:
            raise chosen.NotChosen(
                "This number is not among those we have of the person. Have the record read again, or dial another."
            )
        if session.campaign_lead_id == lead_id and session.state == AgentState.PREVIEW:
            return session.version, phone.id
        _put_away(session, now)
        work.hold(campaign_lead_id=lead_id, user_id=user_id, now=now)
        session.campaign_lead_id, session.decide_by = lead_id, None
        states.move_agent(
            session,
            AgentNews.OFFERED,
            now=now,
            reason="Chosen in the CRM",
            fields=("campaign_lead", "decide_by"),
        )
        return session.version, phone.id


def _require_free(session: AgentSession) -> None:
    if session.state == AgentState.WRAP_UP:
        raise dialing.CannotDial("Save the result of your last call at the desk first.")
    if session.state not in (AgentState.NOT_READY, AgentState.READY, AgentState.PREVIEW):
        raise dialing.CannotDial("You are in a call. End it first.")
    if session.campaign.mode != Campaign.Mode.PREVIEW:
        raise dialing.CannotDial(
            f"“{session.campaign.name}” dials by itself. Click-to-dial works where agents dial: in preview."
        )
    if session.leg_state != LegState.UP:
        raise dialing.CannotDial("Your phone is not connected. Open the desk and press Reconnect, then dial.")
    if session.after_result:
        raise dialing.CannotDial(
            "A supervisor asked you to stop after your last call. Press Ready at the desk first."
        )


def _put_away(session: AgentSession, now: datetime) -> None:
    """Make a locked session free for another card."""
    if session.state == AgentState.PREVIEW:
        agents.return_card(
            session, now=now, try_at=now, reason="Given back: the agent chose somebody in the CRM"
        )
        states.move_agent(session, AgentNews.WITHDRAWN, now=now, fields=("campaign_lead",))
    elif session.state == AgentState.NOT_READY:
        states.move_agent(session, AgentNews.READY, now=now)
