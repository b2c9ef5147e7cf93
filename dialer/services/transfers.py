"""A person is sent to another agent of the campaign: at once, without a word between the two agents."""

from datetime import datetime

from core import db, jobs
from dialer import jobs as names
from dialer.agentflow import AgentNews
from dialer.callflow import CallNews, CallState
from dialer.locks import lock_live_session
from dialer.models import Call
from dialer.services import lostline, offers, states, supervision


def to_agent(*, user_id: int, session_id: int, now: datetime) -> None:
    """Send the person of the agent's call, with the card, to a free agent of the campaign, who saves the result.

    The person is on nobody's line until the carrier says that they are in the other conference; a transfer that goes wrong on the way
    is treated like a line that broke off. Raises NotAllowed without a call to transfer, or when that agent is not free any more.
    """
    if not session_id:
        raise states.NotAllowed("Choose the agent to transfer the call to. The person is still with you.")
    with db.use_case():
        session = lock_live_session(user_id)
        call = None if session.call_id is None else Call.objects.get(pk=session.call_id)
        if call is None or call.state not in (CallState.CONNECTED, CallState.ON_HOLD):
            raise states.NotAllowed("There is no call to transfer. The page shows your state now.")
        if call.hang_up_asked_at is not None:
            raise states.NotAllowed("You have hung up. Nothing was transferred.")
        taker = None if session_id == session.pk else lostline.lock_taker(call, now, session_id=session_id)
        if taker is None:
            raise states.NotAllowed("That agent is not free any more. The person is still with you.")
        here, there = session.user.display_name, taker.user.display_name
        states.advance_call(
            call, CallNews.TRANSFERRED, now=now, source="agent", detail=f"From {here} to {there}"
        )
        session.refresh_from_db()
        lostline.let_go_of_call(session, AgentNews.TRANSFERRED, reason="", now=now)
        lostline.give_call(call, taker, reason=f"Transferred to you by {here}.", now=now)
        jobs.enqueue_on_commit(names.ROUTE_CALL, call_id=call.pk)
        if not supervision.follow(session, now=now):
            offers.offer_locked(session, now=now)
