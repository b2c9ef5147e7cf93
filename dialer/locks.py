"""Lock order of the house: campaign, lead, attempt, call, its recording and the agent; always late, once a transaction, by primary key.

Everything that touches a call may touch its lead, so locking a call or an agent's desk locks the lead first.
"""

from uuid import UUID

from campaigns.models import CampaignLead
from core import db, kept
from core.errors import NotFound, Stale
from dialer.models import AgentSession, Call

SIGNED_OFF = "You are signed off. Choose a campaign to start."

# Neither the attempt's lead nor the call's attempt ever changes. A call comes with its agent's row and no more: that is what every
# answered call mostly needs.
_LEADS = CampaignLead.objects.select_for_update(of=("self",)).only("pk")
_CALLS = Call.objects.select_related("session").select_for_update(of=("self",))
_lead_of_call = kept.Query(lambda call: _LEADS.filter(dial_attempts__call=call))
_lead_of_attempt = kept.Query(lambda attempt: _LEADS.filter(dial_attempts=attempt))
_lead = kept.Query(lambda lead: _LEADS.filter(pk=lead))
_call = kept.Query(lambda call: _CALLS.filter(pk=call))
_call_of_attempt = kept.Query(lambda attempt: _CALLS.filter(attempt_id=attempt))
_session = kept.Query(lambda session: AgentSession.objects.filter(pk=session))
_live_session = kept.Query(lambda user: AgentSession.objects.filter(user_id=user, ended_at__isnull=True))
_locked_session = kept.Query(lambda session: AgentSession.objects.select_for_update().filter(pk=session))


def lock_call(call_id: int) -> Call:
    """Lock a call and, before it, its lead; raises NotFound."""
    db.require_atomic()
    call = _call.first(call_id) if _lead_of_call.rows(call_id) else None
    if call is None:
        raise NotFound("This call is not known.")
    return call


def lock_call_of(attempt_id: UUID) -> Call | None:
    """Lock the call of an attempt and, before it, its lead; None where there is none."""
    db.require_atomic()
    return _call_of_attempt.first(attempt_id) if _lead_of_attempt.rows(attempt_id) else None


def lock_session(session_id: int) -> AgentSession:
    """Lock an agent's session and, before it, its lead and call; raises NotFound."""
    session = _session.first(session_id)
    if session is None:
        raise NotFound("This session is not known.")
    return _lock_with_work(session)


def lock_live_session(user_id: int) -> AgentSession:
    """Lock the agent's one live session and, before it, its lead and call; raises NotFound when they are signed off."""
    session = _live_session.first(user_id)
    if session is None:
        raise NotFound(SIGNED_OFF)
    return _lock_with_work(session)


def lock_session_alone(session_id: int) -> AgentSession:
    """Lock an agent's session alone, whose call, if there is one, is locked; raises NotFound."""
    session = _locked_session.first(session_id)
    if session is None:
        raise NotFound("This session is not known.")
    return session


def _lock_with_work(seen: AgentSession) -> AgentSession:
    db.require_atomic()
    if seen.campaign_lead_id is not None:
        _lead.rows(seen.campaign_lead_id)
    if seen.call_id is not None:
        _call.rows(seen.call_id)
    session = lock_session_alone(seen.pk)
    if (session.campaign_lead_id, session.call_id) != (seen.campaign_lead_id, seen.call_id):
        # What the session works on changed between the read and the lock; locking more now could be in the wrong order.
        raise Stale("Your page was out of date; it shows the present state now. Nothing was done.")
    return session
