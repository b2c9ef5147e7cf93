"""Calls that still ring when the person asks not to be called: cancelled, since that request outranks the ring time (ENG-001 T4).

So is a call that plays a message to a machine: nobody is there to be spoken to in mid-sentence.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db.models import Q

from core import audit, db, jobs
from core.types import last_four
from dialer import jobs as names
from dialer.callflow import CallState
from dialer.dropflow import DropState
from dialer.locks import lock_call, lock_session_alone
from dialer.models import Call, Transfer
from dialer.services import handoffs, states
from dialer.transferflow import CALLED, TransferNews

log = structlog.get_logger(__name__)

UNANSWERED = (CallState.PLACING, CallState.DIALING, CallState.RINGING)


def cancel_unanswered(
    *, numbers: Sequence[str], seller: str, campaign_id: int | None, reason: str, actor: str, now: datetime
) -> int:
    """Ask the carrier, by tasks, to end calls to the numbers that nobody has picked up, or a machine has; return how many.

    `seller` empty = of every seller; `campaign_id` None = of every campaign. Runs in the caller's transaction. A call the
    carrier does not know yet is not placed, or ended as soon as it is, by the same mark the agent's own hang-up sets.
    """
    db.require_atomic()
    # A message that a key has ended is left alone: the person hears that they are off the list.
    is_played = Q(state=CallState.LEAVING_MESSAGE, drops__state=DropState.PLAYING)
    ringing = Call.objects.filter(Q(state__in=UNANSWERED) | is_played, number__in=list(numbers))
    if seller:
        ringing = ringing.filter(campaign__seller=seller)
    if campaign_id is not None:
        ringing = ringing.filter(campaign_id=campaign_id)
    found = list(ringing.order_by("pk").values_list("pk", flat=True))
    outside = Transfer.objects.filter(state__in=CALLED, number__in=list(numbers))
    if seller:
        outside = outside.filter(call__campaign__seller=seller)
    if campaign_id is not None:
        outside = outside.filter(call__campaign_id=campaign_id)
    transfers = list(outside.order_by("pk"))
    return sum(_cancel(call_id, reason, actor, now) for call_id in found) + sum(
        _take_back(each, reason, now) for each in transfers
    )


def _cancel(call_id: int, reason: str, actor: str, now: datetime) -> bool:
    call = lock_call(call_id)
    if call.state not in (*UNANSWERED, CallState.LEAVING_MESSAGE) or call.hang_up_asked_at is not None:
        return False
    call.hang_up_asked_at = now
    call.save(update_fields=["hang_up_asked_at"])
    audit.record(
        actor=actor,
        verb="dialer.call.cancelled",
        target=f"call:{call.pk}",
        now=now,
        after={"reason": reason, "state": call.state},
    )
    jobs.enqueue_on_commit(names.CONTROL_CALL, call_id=call.pk, action="hang_up")
    _tell_agent(call, reason)
    log.info(
        "dialer.call.cancelled", call=call.pk, number=last_four(call.number), state=call.state, reason=reason
    )
    return True


def _take_back(transfer: Transfer, reason: str, now: datetime) -> bool:
    """Let a call to somebody outside go that nobody has picked up; the person comes back to their agent."""
    call = handoffs.lock(transfer)
    if transfer.state not in CALLED:
        return False
    handoffs.move(transfer, call, TransferNews.CANCEL, now=now, source="gate", reason=reason)
    _tell_agent(call, reason)
    return True


def _tell_agent(call: Call, reason: str) -> None:
    if call.session_id is None:
        return
    session = lock_session_alone(call.session_id)
    if session.call_id == call.pk:
        session.reason = f"The call is being ended: {reason}."[:200]
        states.touch(session, "reason")
