"""What the carrier tells of a transfer: of the target's leg, and of the conference in which person and target are left."""

from datetime import datetime

from carriers.events import CarrierEvent, CarrierNews
from carriers.twiml import HangUp, JoinConference, Plan, SayAndHangUp, fault_text
from core import db, jobs
from dialer import jobs as names
from dialer.agentflow import AgentNews, AgentState
from dialer.callflow import CallNews, CallState
from dialer.locks import lock_session, lock_session_alone
from dialer.models import Call, CallRecording, Transfer
from dialer.recordplan import NOTICE
from dialer.services import handoffs, leaving, outside, states
from dialer.services.outside import ENDINGS
from dialer.transferflow import Target, TransferNews, TransferState
from dialer.urls_out import conference_events_url, transfer_events_url, transfer_left_url

UNKNOWN = "unknown: no such transfer"


def in_agents_conference(session_id: int, event: CarrierEvent, *, now: datetime) -> str | None:
    """Apply news of an agent's conference about a leg that is a transfer's target; None where it is no such leg."""
    transfer = _of_leg(event.leg_ref)
    if transfer is None:
        return None
    if session_id == transfer.target_session_id:
        if event.news is CarrierNews.JOINED:
            came_back(transfer, now=now)
        return None  # their own conference: it is news of their line too
    if session_id != transfer.session_id:
        return None
    call = handoffs.lock(transfer)
    if event.news is CarrierNews.JOINED:
        return _joined(transfer, call, now=now)
    if event.news in (CarrierNews.HELD, CarrierNews.RESUMED):
        return _held(transfer, event)
    return f"“{event.raw}” changes nothing"


def agents_leg_ended(leg_ref: str, *, now: datetime) -> None:
    """Tell the transfer, if there is one, that the leg of the agent who is consulted has ended."""
    transfer = _of_leg(leg_ref)
    if transfer is None or transfer.target != Target.AGENT:
        return
    call = handoffs.lock(transfer)
    if TransferState(transfer.state).may_hear:
        handoffs.move(
            transfer, call, TransferNews.TARGET_LEFT, now=now, source="carrier", reason="their line broke off"
        )
    came_back(transfer, now=now)
    _touch(transfer)


def came_back(transfer: Transfer, *, now: datetime) -> None:
    """Set the agent who was consulted free for the next call, unless they have this one or are still wanted."""
    call = handoffs.lock(transfer)
    if TransferState(transfer.state).may_hear or transfer.target_gone_at is not None:
        return
    assert transfer.target_session_id is not None
    transfer.target_gone_at = now
    transfer.save(update_fields=["target_gone_at"])
    leaving.has_left(transfer.target_ref, session_id=transfer.session_id)
    session = lock_session(transfer.target_session_id)
    if session.state == AgentState.CONSULTING and session.ended_at is None:
        states.move_agent(session, AgentNews.CONSULT_OVER, now=now)
    handoffs.note(call, "transfer_target_gone", transfer.label, now=now, source="carrier")


def target_status(transfer_id: int, event: CarrierEvent, *, now: datetime) -> str:
    """Apply what became of the target's leg outside."""
    found = Transfer.objects.filter(pk=transfer_id, target=Target.NUMBER).first()
    if found is None:
        return UNKNOWN
    return apply_target(found, handoffs.lock(found), event, now=now, source="carrier")


def apply_target(transfer: Transfer, call: Call, event: CarrierEvent, *, now: datetime, source: str) -> str:
    """Apply one event about the target's leg outside to a transfer whose call is locked."""
    if event.news is CarrierNews.UNKNOWN:
        return f"unknown: a word this version does not know, “{event.raw}”"
    if transfer.target_ref not in ("", event.leg_ref):
        return "ignored: another leg than this transfer’s"
    outside.know_ref(transfer, event.leg_ref)
    outside.follow_attempt(transfer, event, now=now)
    moved = False
    if event.news is CarrierNews.RINGING:
        moved = handoffs.move(transfer, call, TransferNews.RINGS, now=now, source=source)
    elif event.news in ENDINGS and transfer.target_gone_at is None:
        transfer.target_gone_at = now
        transfer.save(update_fields=["target_gone_at"])
        moved = _target_gone(transfer, call, ENDINGS[event.news], now=now, source=source)
        leaving.has_left(event.leg_ref)
    _touch(transfer)
    return f"transfer is {transfer.state}" if moved else f"ignored: {event.news} while {transfer.state}"


def target_plan(transfer_id: int, *, now: datetime) -> Plan:
    """Say where somebody outside goes who has picked up: to the agent who called them. A repeat gets the same answer."""
    found = Transfer.objects.filter(pk=transfer_id, target=Target.NUMBER).first()
    if found is None:
        return HangUp()
    with db.use_case():
        call = handoffs.lock(found)
        if found.state == TransferState.COMPLETING:
            return outside_plan(found)
        if not TransferState(found.state).may_hear:
            return SayAndHangUp(fault_text(seller=call.campaign.seller))
        recorded = CallRecording.objects.filter(call=call, began_at__isnull=False, ended_at__isnull=True)
        return JoinConference(
            name=found.session.conference_name,
            is_agent=False,
            events_url=conference_events_url(found.session_id),
            # Their voice is heard in the person's recording.
            text=NOTICE if recorded.exists() else "",
        )


def outside_plan(transfer: Transfer, *, is_person: bool = False) -> JoinConference:
    """Return the conference in which person and target are left; it is over when one of them leaves."""
    return JoinConference(
        name=transfer.conference_name,
        is_agent=True,
        events_url=transfer_events_url(transfer.pk),
        then_url=transfer_left_url(transfer.pk) if is_person else "",
    )


def in_outside_conference(transfer_id: int, event: CarrierEvent, *, now: datetime) -> str:
    """Apply news of the conference of person and target: once both are in it, the agent is free to save the result."""
    found = Transfer.objects.filter(pk=transfer_id, target=Target.NUMBER).first()
    if found is None:
        return UNKNOWN
    if event.news is not CarrierNews.JOINED:
        return f"“{event.raw}” changes nothing"
    call = handoffs.lock(found)
    if event.leg_ref == call.carrier_ref:
        found.person_moved = True
    elif event.leg_ref == found.target_ref:
        found.target_moved = True
    else:
        return "unknown: a leg we do not know"
    found.save(update_fields=["person_moved", "target_moved"])
    return _together(found, call, now=now)


def person_left_alone(transfer_id: int, event: CarrierEvent, *, now: datetime) -> str:
    """The conference of person and target is over and the person is there: back to the agent, if they were not together yet."""
    found = Transfer.objects.filter(pk=transfer_id, target=Target.NUMBER).first()
    if found is None:
        return UNKNOWN
    if event.news is not CarrierNews.LEFT:
        return "the call's status tells its end"
    call = handoffs.lock(found)
    if call.carrier_ref != event.leg_ref:
        return "ignored: another leg than this call's"
    moved = _target_gone(found, call, "they left", now=now, source="carrier")
    return f"transfer is {found.state}" if moved else f"ignored: left while {found.state}"


def came_to_nothing(transfer: Transfer, call: Call, reason: str, *, now: datetime, source: str) -> bool:
    """Bring the person of a locked call back, since the target cannot be reached, or the two not be brought together."""
    was_moving = transfer.state == TransferState.COMPLETING
    moved = handoffs.move(transfer, call, TransferNews.FAILED, now=now, source=source, reason=reason)
    if moved and was_moving:
        _fetch_person(call, now=now)
    if moved:
        _tell_agent(transfer, f"{transfer.label}: {reason}. The person is still with you.")
    return moved


def apply_together(transfer: Transfer, call: Call, *, now: datetime) -> str:
    """Complete the transfer of a locked call whose person and target are both where they are left."""
    return _together(transfer, call, now=now)


def _joined(transfer: Transfer, call: Call, *, now: datetime) -> str:
    transfer.target_since = transfer.target_since or now
    transfer.save(update_fields=["target_since"])
    moved = handoffs.move(transfer, call, TransferNews.JOINED, now=now, source="carrier")
    if moved and transfer.blind:
        handoffs.move(transfer, call, TransferNews.COMPLETE, now=now, source="dialer")
    if not moved:
        jobs.enqueue_on_commit(names.FOLLOW_TRANSFER, transfer_id=transfer.pk)
    _touch(transfer)
    return f"transfer is {transfer.state}" if moved else f"ignored: joined while {transfer.state}"


def _held(transfer: Transfer, event: CarrierEvent) -> str:
    if handoffs.is_older(transfer.target_hold_mark, event.conference_ref, event.sequence):
        return f"ignored: {event.news}, an older word"
    transfer.target_held = event.news is CarrierNews.HELD
    transfer.target_hold_mark = handoffs.mark_of(event.conference_ref, event.sequence)
    transfer.save(update_fields=["target_held", "target_hold_mark"])
    _touch(transfer)
    return f"target is {event.news}"


def _target_gone(transfer: Transfer, call: Call, reason: str, *, now: datetime, source: str) -> bool:
    """The target's leg has ended, or left: before an answer that is a failure, after it their wish."""
    was_moving = transfer.state == TransferState.COMPLETING
    is_failure = transfer.target_since is None
    news = TransferNews.FAILED if is_failure else TransferNews.TARGET_LEFT
    if TransferState(transfer.state) in (TransferState.COMPLETED, TransferState.RETURNING):
        return False
    moved = handoffs.move(transfer, call, news, now=now, source=source, reason=reason)
    if moved and was_moving:
        _fetch_person(call, now=now)
    if moved:
        _tell_agent(transfer, f"{transfer.label}: {reason}. The person is still with you.")
    return moved


def _fetch_person(call: Call, *, now: datetime) -> None:
    """The person may be in either conference: treated like an interruption, which leads back to the agent, or to another."""
    if call.state in (CallState.CONNECTED, CallState.ON_HOLD):
        states.advance_call(
            call, CallNews.TRANSFERRED, now=now, source="dialer", detail="Back from a transfer that failed"
        )
    jobs.enqueue_on_commit(names.ROUTE_CALL, call_id=call.pk)


def _together(transfer: Transfer, call: Call, *, now: datetime) -> str:
    if not (transfer.person_moved and transfer.target_moved):
        return "waits for the other one"
    transfer.result_by_id = transfer.agent_id
    transfer.save(update_fields=["result_by"])
    if not handoffs.move(transfer, call, TransferNews.MOVED, now=now, source="carrier"):
        return f"ignored: together while {transfer.state}"
    states.advance_call(call, CallNews.HANDED_OUT, now=now, source="carrier", detail=f"To {transfer.label}")
    session = lock_session_alone(transfer.session_id)
    if session.call_id == call.pk and session.state == AgentState.ON_CALL:
        states.move_agent(session, AgentNews.HANDED_OUT, now=now)
    return f"transfer is {transfer.state}"


def _tell_agent(transfer: Transfer, text: str) -> None:
    session = lock_session_alone(transfer.session_id)
    session.reason = text[:200]
    states.touch(session, "reason")


def _touch(transfer: Transfer) -> None:
    states.touch(lock_session_alone(transfer.session_id))


def _of_leg(leg_ref: str) -> Transfer | None:
    """Return the transfer whose target's leg this is; a leg of an agent's is many transfers', one after the other."""
    if not leg_ref:
        return None
    return Transfer.objects.filter(target_ref=leg_ref, target_gone_at__isnull=True).order_by("-pk").first()
