"""A person is sent to another agent at once, without a word between the two agents: one that is named, or whoever waits in a queue.

A queue is the waiting agents of a campaign: the call's own, or another running one of the same seller, in whose name the person
was called.
"""

from datetime import datetime

from campaigns.models import Campaign
from core import db, jobs
from dialer import jobs as names
from dialer.agentflow import AgentNews
from dialer.callflow import CallNews, CallState
from dialer.locks import lock_live_session
from dialer.models import AgentSession, Call
from dialer.services import drops, handoffs, lostline, offers, states, supervision

STAYS = "The person is still with you."
NOT_FREE = f"That agent is not free any more. {STAYS}"


def to_agent(*, user_id: int, session_id: int, now: datetime) -> None:
    """Send the person of the agent's call, with the card, to a free agent, who saves the result.

    The person is on nobody's line until the carrier says that they are in the other conference; a transfer that goes wrong on the way
    is treated like a line that broke off. Raises NotAllowed without a call to transfer, or when that agent is not free any more.
    """
    if not session_id:
        raise states.NotAllowed(f"Choose the agent to transfer the call to. {STAYS}")
    with db.use_case():
        session, call = lock_talking(user_id)
        send_to(session, call, lock_agent(call, session_id, now=now), now=now)


def to_queue(*, user_id: int, campaign_id: int, now: datetime) -> None:
    """Send the person to the agent who has waited longest in a campaign. Raises NotAllowed, at once, if nobody is free there."""
    with db.use_case():
        session, call = lock_talking(user_id)
        send_to(session, call, lock_from_queue(call, campaign_id, now=now), now=now)


def lock_talking(user_id: int) -> tuple[AgentSession, Call]:
    """Lock the agent's session and the call in which agent and person are; raises NotAllowed where nothing can be handed on."""
    session = lock_live_session(user_id)
    call = None if session.call_id is None else Call.objects.get(pk=session.call_id)
    if call is None or call.state not in (CallState.CONNECTED, CallState.ON_HOLD):
        raise states.NotAllowed("There is no call to transfer. The page shows your state now.")
    if call.hang_up_asked_at is not None:
        raise states.NotAllowed("You have hung up. Nothing was transferred.")
    if drops.open_on(call) is not None:
        raise states.NotAllowed("A message is being left on this call. Nothing was transferred.")
    if handoffs.open_on(call.pk) is not None:
        raise states.NotAllowed(handoffs.MEANWHILE)
    return session, call


def lock_agent(call: Call, session_id: int, *, now: datetime) -> AgentSession:
    """Lock the named agent of the call's campaign; raises NotAllowed if they are not free."""
    taker = None if session_id == call.session_id else lostline.lock_taker(call, now, session_id=session_id)
    if taker is None:
        raise states.NotAllowed(NOT_FREE)
    return taker


def lock_from_queue(call: Call, campaign_id: int, *, now: datetime) -> AgentSession:
    """Lock the agent who has waited longest in a campaign the call may go to; raises NotAllowed if nobody is free there."""
    queue = Campaign.objects.filter(
        pk=campaign_id, seller=call.campaign.seller, state=Campaign.State.RUNNING
    ).first()
    if queue is None:
        raise states.NotAllowed(f"Calls cannot be sent there. {STAYS}")
    taker = lostline.lock_taker(call, now, campaign_id=queue.pk)
    if taker is None:
        raise states.NotAllowed(f"Nobody is free in {queue.name}. {STAYS}")
    return taker


def send_to(session: AgentSession, call: Call, taker: AgentSession, *, now: datetime) -> None:
    """Give a locked call from its agent's locked session to another's; the first one is free for the next card."""
    here, there = session.user.display_name, taker.user.display_name
    states.advance_call(call, CallNews.TRANSFERRED, now=now, source="agent", detail=f"From {here} to {there}")
    session.refresh_from_db()
    lostline.let_go_of_call(session, AgentNews.TRANSFERRED, reason="", now=now)
    lostline.give_call(call, taker, reason=f"Transferred to you by {here}.", now=now)
    jobs.enqueue_on_commit(names.ROUTE_CALL, call_id=call.pk)
    if not supervision.follow(session, now=now):
        offers.offer_locked(session, now=now)
