"""Lock order of the house: campaign, lead, attempt, call, its recording and the agent; always late, once a transaction, by primary key.

Everything that touches a call may touch its lead, so locking a call or an agent's desk locks the lead first.
"""

from uuid import UUID

from django.db.models import QuerySet

from campaigns.models import CampaignLead
from core import db
from core.errors import NotFound, Stale
from dialer.models import AgentSession, Call

SIGNED_OFF = "You are signed off. Choose a campaign to start."


def lock_call(call_id: int) -> Call:
    """Lock a call and, before it, its lead; raises NotFound."""
    db.require_atomic()
    # Neither the attempt's lead nor the call's attempt ever changes.
    call = _lock_with_lead(
        CampaignLead.objects.filter(dial_attempts__call=call_id), Call.objects.filter(pk=call_id)
    )
    if call is None:
        raise NotFound("This call is not known.")
    return call


def lock_call_of(attempt_id: UUID) -> Call | None:
    """Lock the call of an attempt and, before it, its lead; None where there is none."""
    db.require_atomic()
    leads = CampaignLead.objects.filter(dial_attempts=attempt_id)
    return _lock_with_lead(leads, Call.objects.filter(attempt_id=attempt_id))


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


def _lock_with_lead(leads: "QuerySet[CampaignLead]", calls: "QuerySet[Call]") -> Call | None:
    """Two statements and no more: they stand in the way of every answered call, which mostly needs its agent's row and no more."""
    if not list(leads.select_for_update(of=("self",)).values_list("pk", flat=True)):
        return None
    return next(iter(calls.select_related("session").select_for_update(of=("self",))), None)


def _lock_lead(lead_id: int) -> None:
    list(CampaignLead.objects.select_for_update().filter(pk=lead_id).values_list("pk", flat=True))
