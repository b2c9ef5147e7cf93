"""Lock order of the house: campaign, lead, attempt, call, its recording and the agent; always late, once a transaction, by primary key.

Everything that touches a call may touch its lead, so locking a call or an agent's desk locks the lead first.
"""

from campaigns.models import CampaignLead
from core import db
from core.errors import NotFound, Stale
from dialer.models import AgentSession, Call

SIGNED_OFF = "You are signed off. Choose a campaign to start."


def lock_call(call_id: int) -> Call:
    """Lock a call and, before it, its lead; raises NotFound."""
    db.require_atomic()
    # One statement: this stands in the way of every answered call. Neither the attempt's lead nor the call's attempt ever changes.
    lead = CampaignLead.objects.filter(dial_attempts__call=call_id).select_for_update(of=("self",))
    if not list(lead.values_list("pk", flat=True)):
        raise NotFound("This call is not known.")
    return Call.objects.select_for_update().get(pk=call_id)


def lock_session(session_id: int) -> AgentSession:
    """Lock an agent's session and, before it, its lead and call; raises NotFound."""
    session = AgentSession.objects.filter(pk=session_id).first()
    if session is None:
        raise NotFound("This session is not known.")
    return _lock_with_work(session)


def lock_live_session(user_id: int) -> AgentSession:
    """Lock the agent's one live session and, before it, its lead and call; raises NotFound when they are signed off."""
    session = AgentSession.objects.filter(user_id=user_id, ended_at__isnull=True).first()
    if session is None:
        raise NotFound(SIGNED_OFF)
    return _lock_with_work(session)


def _lock_with_work(seen: AgentSession) -> AgentSession:
    db.require_atomic()
    if seen.campaign_lead_id is not None:
        _lock_lead(seen.campaign_lead_id)
    if seen.call_id is not None:
        list(Call.objects.select_for_update().filter(pk=seen.call_id))
    session = AgentSession.objects.select_for_update().get(pk=seen.pk)
    if (session.campaign_lead_id, session.call_id) != (seen.campaign_lead_id, seen.call_id):
        # What the session works on changed between the read and the lock; locking more now could be in the wrong order.
        raise Stale("Your page was out of date; it shows the present state now. Nothing was done.")
    return session


def _lock_lead(lead_id: int) -> None:
    list(CampaignLead.objects.select_for_update().filter(pk=lead_id).values_list("pk", flat=True))
