"""An agent's line broke off in mid-call: the person is kept, joined again, handed to another agent, or told that it ends."""

from datetime import datetime, timedelta

import structlog
from django.conf import settings

from campaigns.models import CampaignLead
from campaigns.services import work
from core import jobs
from dialer import jobs as names
from dialer.agentflow import AgentNews, AgentState, LegState
from dialer.callflow import CallNews, CallState
from dialer.locks import lock_session_alone
from dialer.lostline import GOODBYE, Interrupted, Turn, next_turn
from dialer.models import AgentSession, Call
from dialer.presence import may_take_a_call
from dialer.services import leaving, states

log = structlog.get_logger(__name__)


def agent_lost(call: Call, session: AgentSession, *, now: datetime) -> None:
    """Record on a locked call, and its locked session, that the agent's line has ended.

    A person the dialer called and who has not heard the agent yet is free for another one: their two seconds run on (FED-016).
    """
    if call.state in (CallState.CONNECTED, CallState.ON_HOLD):
        states.advance_call(
            call,
            CallNews.AGENT_LOST,
            now=now,
            source="carrier",
            detail=f"The line of {session.user.display_name} ended",
        )
    elif call.attempt.reserved_by_id is None and call.bridged_at is None and call.state != CallState.ENDED:
        work.hand_over(
            campaign_lead_id=call.attempt.campaign_lead_id, from_user_id=session.user_id, to_user_id=None
        )
        session.call, session.campaign_lead = None, None
        leaving.expect(session.pk, call, call.carrier_ref, now=now)  # sent there a moment ago, perhaps
        states.move_agent(
            session,
            AgentNews.MISSED,
            now=now,
            reason="Your phone line dropped before you heard the person.",
            fields=("call", "campaign_lead"),
        )
        call.session, call.agent = None, None
        call.save(update_fields=["session", "agent"])
        jobs.enqueue_on_commit(names.ROUTE_CALL, call_id=call.pk)


def facts_of(call: Call) -> Interrupted:
    """Return what the next turn of an interrupted call depends on."""
    assert call.lost_since is not None
    session = call.session
    return Interrupted(
        lost_since=call.lost_since,
        agent_is_back=(
            session is not None
            and session.ended_at is None
            and session.call_id == call.pk
            and session.leg_state == LegState.UP
        ),
        hang_up_asked=call.hang_up_asked_at is not None,
        told=call.told,
        told_at=call.told_at,
    )


def turn(call: Call, *, now: datetime) -> Turn:
    """Decide and do the next turn of a locked, interrupted call: JOIN, HOLD, GIVE_UP or END; asked again it says the same."""
    found = next_turn(
        facts_of(call),
        same_agent=timedelta(seconds=settings.LOST_LINE_RETURN_SECONDS),
        in_all=timedelta(seconds=settings.LOST_LINE_WAIT_SECONDS),
        now=now,
    )
    if found is Turn.CLAIM:
        return Turn.JOIN if _hand_over(call, now) else Turn.HOLD
    if found is Turn.GIVE_UP and call.told != Turn.GIVE_UP:
        states.note_event(call, "given_up", now=now, source="dialer", detail=GOODBYE)
        log.warning("dialer.call.lost_in_mid_call", call=call.pk, campaign=call.campaign_id)
    return found


def note_told(call: Call, told: Turn, *, now: datetime) -> None:
    """Keep on a locked call what the person's leg was told."""
    call.told, call.told_at = told, now
    call.save(update_fields=["told", "told_at"])


def _hand_over(call: Call, now: datetime) -> bool:
    """Give a locked call to another agent of the campaign, with its card; False if none is free."""
    former = None if call.session_id is None else _locked(call.session_id)
    taker = lock_taker(call, now)
    if taker is None:
        return False
    name = former.user.display_name if former is not None else "an agent"
    if former is not None and former.call_id == call.pk:
        reason = (
            f"Your phone line dropped; {taker.user.display_name} has your call with {call.contact.full_name}"
        )
        let_go_of_call(former, AgentNews.HANDED_OVER, reason=reason, now=now)
        leaving.expect(former.pk, call, call.carrier_ref, now=now)
    give_call(call, taker, reason=f"Handed over from {name}, whose line broke off in mid-call.", now=now)
    detail = f"From {name} to {taker.user.display_name}"
    states.note_event(call, "handed_over", now=now, source="dialer", detail=detail)
    return True


def let_go_of_call(session: AgentSession, news: AgentNews, *, reason: str, now: datetime) -> None:
    """Take the call, and its card, from the agent of a locked session."""
    session.call, session.campaign_lead = None, None
    states.move_agent(session, news, now=now, reason=reason, fields=("call", "campaign_lead"))


def give_call(call: Call, taker: AgentSession, *, reason: str, now: datetime) -> None:
    """Give a locked call with its card to the agent of a locked session, who waited or only looked at a card."""
    lead_id = call.attempt.campaign_lead_id
    work.hand_over(campaign_lead_id=lead_id, from_user_id=call.agent_id, to_user_id=taker.user_id)
    taker.campaign_lead_id, taker.call = lead_id, call
    states.move_agent(taker, AgentNews.CLAIMED, now=now, reason=reason, fields=("campaign_lead", "call"))
    call.session, call.agent_id = taker, taker.user_id
    call.save(update_fields=["session", "agent"])


def _locked(session_id: int) -> AgentSession:
    return lock_session_alone(session_id)


def lock_taker(
    call: Call, now: datetime, *, session_id: int | None = None, campaign_id: int | None = None
) -> AgentSession | None:
    """Lock the agent who has waited longest; if nobody waits, one with a card they have not dialed, which goes back.

    `session_id` asks for that one agent, `campaign_id` for those of another campaign than the call's. Never waits for a lock: the
    call's are held already, and these would be out of order.
    """
    free = AgentSession.objects.filter(
        may_take_a_call(now), campaign_id=campaign_id or call.campaign_id
    ).order_by("state_since", "pk")
    free = free.exclude(pk=call.session_id or 0) if session_id is None else free.filter(pk=session_id)
    waiting = free.filter(state=AgentState.READY).select_for_update(skip_locked=True, of=("self",)).first()
    if waiting is not None:
        return waiting
    looking = free.filter(state=AgentState.PREVIEW, campaign_lead__isnull=False)
    for session_id, lead_id in list(looking.values_list("pk", "campaign_lead_id")[:20]):
        rows = CampaignLead.objects.filter(pk=lead_id).select_for_update(skip_locked=True)
        if not list(rows.values_list("pk", flat=True)):
            continue
        session = (
            looking.filter(pk=session_id, campaign_lead_id=lead_id)
            .select_for_update(skip_locked=True, of=("self",))
            .first()
        )
        if session is not None:
            work.give_back(
                campaign_lead_id=lead_id, try_at=now, reason="Given back when the agent took over a call"
            )
            return session
    return None
