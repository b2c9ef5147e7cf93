"""The rows of transfers: moved along the table with a line in the call's history, and told what the call itself does.

The services that move calls use these; dialer.services.consulting takes wishes, consult_news and consult_acts speak with the carrier.
"""

from datetime import datetime

import structlog

from core import db, jobs, kept
from dialer import jobs as names
from dialer import transferflow
from dialer.callflow import CallNews, CallState
from dialer.locks import lock_call
from dialer.models import Call, CallEvent, Transfer
from dialer.models.transfers import OPEN
from dialer.services import leaving
from dialer.transferflow import Target, TransferNews, TransferState

log = structlog.get_logger(__name__)

_open = kept.Query(lambda call: Transfer.objects.filter(call_id=call, state__in=OPEN).order_by("pk"))
LET_GO = (TransferState.RETURNING, TransferState.ENDED)  # the target may still be in the agent's conference
MEANWHILE = "A transfer is under way. Complete it, or take the person back first."


def open_on(call_id: int) -> Transfer | None:
    """Return the transfer of a call that goes on."""
    return _open.first(call_id)


def holds_the_call(call_id: int) -> bool:
    """Return whether the call is a transfer's for now, so that holding, hanging up and the like are not the agent's."""
    found = open_on(call_id)
    return found is not None and found.state != TransferState.RETURNING


def on_its_way(call: Call) -> Transfer | None:
    """Return the transfer that brings the person together with somebody outside now."""
    found = open_on(call.pk) if call.bridged_at is not None else None
    is_moving = found is not None and found.state == TransferState.COMPLETING
    return found if found is not None and is_moving and found.target == Target.NUMBER else None


def lock(transfer: Transfer) -> Call:
    """Lock the call of a transfer, and read the transfer as it is now. Raises NotFound."""
    call = lock_call(transfer.call_id)
    transfer.refresh_from_db()
    return call


def move(
    transfer: Transfer, call: Call, news: TransferNews, *, now: datetime, source: str, reason: str = ""
) -> bool:
    """Take a transfer along the table; return whether it moved. The caller holds the lock of its call."""
    db.require_atomic()
    following = transferflow.step(TransferState(transfer.state), news)
    detail = f"{transfer.label}: {reason or news}"
    if following is None:
        note(call, "transfer_news", f"{detail} while {transfer.state}", now=now, source=source, ignored=True)
        return False
    transfer.state, transfer.state_at, transfer.acted_at = following, now, None
    transfer.reason = (reason or transfer.reason)[:300]
    transfer.save(update_fields=["state", "state_at", "acted_at", "reason"])
    note(call, f"transfer_{following}", detail, now=now, source=source)
    if following in LET_GO and transfer.target_gone_at is None:
        leaving.expect(transfer.session_id, call, transfer.target_ref, now=now)
    jobs.enqueue_on_commit(names.FOLLOW_TRANSFER, transfer_id=transfer.pk)
    log.info("dialer.transfer.moved", transfer=transfer.pk, call=call.pk, news=news, state=following)
    return True


def follow_call(call: Call, news: CallNews, *, now: datetime) -> None:
    """Tell the open transfer of a locked call, if there is one, what has just become of the call."""
    if call.bridged_at is None or (news is CallNews.JOINED and not call.interruptions):
        return
    ended = call.state == CallState.ENDED
    told = {CallNews.RESUMED: TransferNews.BACK, CallNews.JOINED: TransferNews.BACK}.get(news)
    told = TransferNews.AGENT_LOST if news is CallNews.AGENT_LOST else told
    if not ended and told is None:
        return
    transfer = open_on(call.pk)
    if transfer is None:
        return
    if ended:
        move(transfer, call, TransferNews.PERSON_LEFT, now=now, source="carrier", reason="they hung up")
    elif transfer.state == TransferState.COMPLETING and news is CallNews.JOINED:
        move(transfer, call, TransferNews.MOVED, now=now, source="carrier")
    elif told is TransferNews.AGENT_LOST and transferflow.step(TransferState(transfer.state), told):
        move(transfer, call, told, now=now, source="carrier", reason="the agent’s line broke off")
    elif transfer.state == TransferState.RETURNING and told is TransferNews.BACK:
        move(transfer, call, told, now=now, source="carrier")


def note(
    call: Call, event: str, detail: str, *, now: datetime, source: str, ignored: bool = False
) -> CallEvent:
    """Write a step of a transfer into the history of a locked call."""
    return CallEvent.objects.create(
        call=call,
        at=now,
        event=event,
        from_state=call.state,
        to_state=call.state,
        ignored=ignored,
        source=source,
        detail=detail[:300],
    )


def is_older(mark: str, conference_ref: str, sequence: int | None) -> bool:
    """Return whether a conference's word at this place of its order came before the one `mark` was made of."""
    seen, _, place = mark.rpartition("#")
    return sequence is not None and bool(place) and seen == conference_ref and sequence <= int(place)


def mark_of(conference_ref: str, sequence: int | None) -> str:
    """Return how a conference's word is remembered; empty where the carrier gives no order."""
    return f"{conference_ref[:40]}#{sequence}" if sequence is not None else ""
