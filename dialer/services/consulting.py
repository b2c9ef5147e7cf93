"""The agent's wishes about a transfer: ask a target first, talk with one or with both, leave the two together, take the person back.

Each wish moves the row; a task (consult_acts) then makes it so at the carrier, whose word (consult_news) moves it on.
"""

from datetime import datetime
from typing import Any, Final

from campaigns.selectors import targets
from compliance import services as gate
from core import db, jobs
from dialer import jobs as names
from dialer import transferflow
from dialer.agentflow import AgentNews, AgentState, LegState
from dialer.callflow import CallState
from dialer.locks import lock_live_session, lock_session_alone
from dialer.models import AgentSession, Call, Transfer
from dialer.services import handoffs, states, thirdparty, transfers
from dialer.services.thirdparty import Outside
from dialer.transferflow import Target, TransferNews, TransferState

WISHES: Final = {
    "transfer-swap": TransferNews.SWAP,
    "transfer-all": TransferNews.ALL,
    "transfer-complete": TransferNews.COMPLETE,
    "transfer-cancel": TransferNews.CANCEL,
}
NOT_NOW: Final = {
    TransferNews.SWAP: "You can change over once the other side is on the line.",
    TransferNews.ALL: "All three can talk once the other side is on the line.",
    TransferNews.COMPLETE: "The other side is not on the line. The person stays with you.",
    TransferNews.CANCEL: "The transfer is over already. The page shows the present state.",
}


def start(*, user_id: int, to: str, number: str, blind: bool, now: datetime) -> str | None:
    """Hand the agent's call on: `to` is "agent:ID", "queue:ID", "listed:ID" or "number"; `number` as typed goes with the last.

    Blind to an agent or a queue it is done at once; all else holds the person and calls the target first, and a blind transfer to a
    number is completed as soon as somebody answers there. Returns the gate's sentence where it refused the number, else None.
    Raises NotAllowed with what is wrong; the person then is with the agent as before.
    """
    kind, _, text = to.partition(":")
    chosen = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
    if kind == "agent" and blind:
        transfers.to_agent(user_id=user_id, session_id=chosen, now=now)
        return None
    if kind == "queue" and blind:
        transfers.to_queue(user_id=user_id, campaign_id=chosen, now=now)
        return None
    if kind not in ("agent", "queue", "listed", "number"):
        raise states.NotAllowed(f"Choose whom the call goes to. {transfers.STAYS}")
    with db.use_case():
        session, call = transfers.lock_talking(user_id)
        if kind == "agent":
            _consult(session, call, transfers.lock_agent(call, chosen, now=now), now=now)
        elif kind == "queue":
            _consult(session, call, transfers.lock_from_queue(call, chosen, now=now), now=now)
        else:
            outside = thirdparty.typed(number) if kind == "number" else _listed(call, chosen)
            return _call_outside(session, call, outside, blind=blind, now=now)
    return None


def wish(*, user_id: int, action: str, now: datetime) -> None:
    """Change over, let all three talk, leave the two together, or take the person back. Raises NotAllowed where it cannot be now."""
    news = WISHES[action]
    with db.use_case():
        session = lock_live_session(user_id)
        call = None if session.call_id is None else Call.objects.get(pk=session.call_id)
        transfer = None if call is None else handoffs.open_on(call.pk)
        if call is None or transfer is None or transfer.session_id != session.pk:
            raise states.NotAllowed("There is no transfer under way. The page shows your state now.")
        if transferflow.step(TransferState(transfer.state), news) is None:
            raise states.NotAllowed(NOT_NOW[news])
        if news is TransferNews.COMPLETE and transfer.target == Target.AGENT:
            _leave_to_agent(session, call, transfer, now=now)
            return
        handoffs.move(transfer, call, news, now=now, source="agent")
        states.touch(session)


def leave(*, user_id: int, now: datetime) -> None:
    """Let an agent who is consulted leave the conversation; the person comes back to the one who asked."""
    with db.use_case():
        found = Transfer.objects.filter(
            target_session__user_id=user_id,
            target_session__ended_at__isnull=True,
            target_gone_at__isnull=True,
        ).first()
        if found is None:
            raise states.NotAllowed("Nobody consults you. The page shows your state now.")
        call = handoffs.lock(found)
        handoffs.move(found, call, TransferNews.TARGET_LEFT, now=now, source="agent", reason="they left")
        touch_both(found)


def touch_both(transfer: Transfer) -> None:
    """Tell the pages of both agents."""
    ids = sorted(filter(None, (transfer.session_id, transfer.target_session_id)))
    for session in AgentSession.objects.select_for_update().filter(pk__in=ids).order_by("pk"):
        states.touch(session)


def _consult(session: AgentSession, call: Call, asked: AgentSession, *, now: datetime) -> None:
    who = session.user.display_name
    asked.campaign_lead = None
    states.move_agent(
        asked,
        AgentNews.CONSULTED,
        now=now,
        reason=f"{who} asks you about a call with {call.contact.full_name}.",
        fields=("campaign_lead",),
    )
    transfer = _store(
        call, session, now=now, target=Target.AGENT, label=asked.user.display_name, target_session=asked
    )
    Transfer.objects.filter(pk=transfer.pk).update(target_ref=asked.leg_ref)
    states.touch(session)


def _call_outside(
    session: AgentSession, call: Call, to: Outside, *, blind: bool, now: datetime
) -> str | None:
    answer = thirdparty.clear(call, session, to, now=now)
    outside: dict[str, Any] = {
        "target": Target.NUMBER,
        "label": to.label[:80],
        "number": to.number,
        "blind": blind,
    }
    if isinstance(answer, gate.Denied):
        decision = answer.decision
        _store(
            call,
            session,
            now=now,
            state=TransferState.REFUSED,
            decision_id=answer.decision_id,
            reason=decision.sentence[:300],
            **outside,
        )
        return f"{decision.sentence} {transfers.STAYS}"
    _store(call, session, now=now, attempt=answer, decision_id=answer.decision_id, **outside)
    states.touch(session)
    return None


def _store(
    call: Call,
    session: AgentSession,
    *,
    now: datetime,
    state: TransferState = TransferState.ASKED,
    **target: Any,
) -> Transfer:
    transfer = Transfer.objects.create(
        call=call,
        session=session,
        agent_id=session.user_id,
        state=state,
        state_at=now,
        asked_at=now,
        target_gone_at=now if state is TransferState.REFUSED else None,
        **target,
    )
    said = f"{transfer.label}: {transfer.reason or ('blind' if transfer.blind else 'consult first')}"
    handoffs.note(call, f"transfer_{state}", said, now=now, source="agent")
    if state is TransferState.ASKED:
        jobs.enqueue_on_commit(names.FOLLOW_TRANSFER, transfer_id=transfer.pk)
    return transfer


def _leave_to_agent(session: AgentSession, call: Call, transfer: Transfer, *, now: datetime) -> None:
    """The consulted agent has the call from now on, and saves its result."""
    assert transfer.target_session_id is not None
    taker = lock_session_alone(transfer.target_session_id)
    if taker.state != AgentState.CONSULTING or taker.leg_state != LegState.UP:
        raise states.NotAllowed(NOT_NOW[TransferNews.COMPLETE])
    if call.state not in (CallState.CONNECTED, CallState.ON_HOLD):
        raise states.NotAllowed("The person is not on the line. The page shows the present state.")
    handoffs.move(transfer, call, TransferNews.COMPLETE, now=now, source="agent")
    transfer.result_by_id = taker.user_id
    transfer.save(update_fields=["result_by"])
    transfers.send_to(session, call, taker, now=now, others=(transfer.target_ref,))


def _listed(call: Call, target_id: int) -> Outside:
    found = targets.get_target(call.campaign_id, target_id)
    if found is None:
        raise states.NotAllowed(f"This number is not on the campaign's list any more. {transfers.STAYS}")
    return Outside(
        number=found.number,
        label=found.label,
        postal_code=found.postal_code,
        state=found.state,
        city=found.city,
        is_business=found.is_business,
    )
