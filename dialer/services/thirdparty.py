"""A call to somebody outside, to hand a person on: asked of the gate like every call, with an attempt and a clearance of its own.

The rule book names no purpose for it, so it has its campaign's: telling an outside number about an offer is no less a sales call than
telling the person. Where even that is in doubt (a debt, an emergency, health: matters of the person that others may not hear), no
purpose is given, and the gate, which clears nothing whose purpose nobody said, denies (ENG-001).
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Final

import structlog
from django.db import IntegrityError, transaction

from campaigns import breaks, daysoff
from carriers import registry
from carriers.protocol import CarrierError, PlaceCall
from compliance import services as gate
from compliance.rules.facts import Channel, Purpose
from core import db, jobs
from core.types import PhoneError, PhoneNumber, as_phone, format_phone, parse_phone
from dialer import jobs as names
from dialer.callflow import AttemptState
from dialer.locks import lock_call
from dialer.models import AgentSession, Call, DialAttempt, Transfer
from dialer.services import lines, offers, outside, states, trouble
from dialer.transferflow import TransferState
from dialer.urls_out import third_party_callbacks

log = structlog.get_logger(__name__)

ABOUT_THE_PERSON: Final = frozenset({Purpose.DEBT, Purpose.EMERGENCY, Purpose.HEALTHCARE_HIPAA})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Somebody outside, as far as the agent or the campaign's list says."""

    number: PhoneNumber
    label: str
    postal_code: str = ""  # this and the next two: where they are, evidence for the gate
    state: str = ""
    city: str = ""
    is_business: bool = False


def typed(raw: str) -> Outside:
    """Return the target an agent typed; raises NotAllowed for what is no number."""
    try:
        number = parse_phone(raw)
    except PhoneError as error:
        raise states.NotAllowed(f"{error} The person is still with you.") from None
    return Outside(number=number, label=format_phone(number))


def clear(call: Call, session: AgentSession, to: Outside, *, now: datetime) -> gate.Denied | DialAttempt:
    """Ask the gate about the call; cleared, reserve an attempt. Raises NotAllowed while another call to the number is open."""
    attempt_id = uuid.uuid4()
    [answer] = gate.clear_to_contact([_request(call, to, attempt_ref=str(attempt_id), now=now)], now=now)
    if isinstance(answer, gate.Denied):
        return answer
    try:
        with transaction.atomic():
            return DialAttempt.objects.create(
                id=attempt_id,
                campaign_lead_id=call.attempt.campaign_lead_id,
                number=to.number,
                caller_id=call.campaign.caller_id,
                channel=Channel.LIVE_MANUAL,
                decision_id=answer.decision_id,
                state_at=now,
                reserved_at=now,
                reserved_by_id=session.user_id,
            )
    except IntegrityError as error:
        raise states.NotAllowed(
            "This number is in a call already, or its last one is not settled yet. The person is still with you."
        ) from error


def place(transfer: Transfer, *, now: datetime) -> str | None:
    """Ask the carrier to ring the number; None when it has it or is to be asked again, else why it came to nothing."""
    assert transfer.attempt_id is not None
    if trouble.holds_back(attempt_id=transfer.attempt_id, now=now):
        return trouble.SENTENCE
    may_go_at = lines.wait_for_slot(attempt_id=transfer.attempt_id, now=now)
    if may_go_at is None:
        return None  # it waits for its turn; the sweeper asks again until the clearance is gone
    request = _take(transfer, may_go_at)
    if not isinstance(request, PlaceCall):
        return request
    try:
        ref = registry.carrier().place_call(request)
    except CarrierError as error:
        _failed(transfer, error, now)
        trouble.notice(error, now=now)
        return f"the carrier did not take the call: {error}"
    with db.use_case():
        lock_call(transfer.call_id)
        outside.know_ref(transfer, ref)
        attempts = DialAttempt.objects.filter(transfer=transfer.pk, state=AttemptState.DIALING)
        attempts.update(state=AttemptState.PLACED, state_at=now, placed_at=now)
        transfer.refresh_from_db(fields=["state"])
        if not TransferState(transfer.state).may_hear:
            # Taken back while the carrier was being asked, when there was nothing to end yet.
            jobs.enqueue_on_commit(names.FOLLOW_TRANSFER, transfer_id=transfer.pk)
    return None


def _request(call: Call, to: Outside, *, attempt_ref: str, now: datetime) -> gate.ContactRequest:
    campaign = call.campaign
    purpose = Purpose(campaign.purpose)
    own = offers.campaign_facts(campaign, Channel.LIVE_MANUAL, now=now)
    return gate.ContactRequest(
        number=to.number,
        channel=Channel.LIVE_MANUAL,
        purpose=Purpose.UNKNOWN if purpose in ABOUT_THE_PERSON else purpose,
        seller=campaign.seller,
        campaign_ref=offers.campaign_ref(campaign.pk),
        person_ref=f"outside:{to.number}",
        attempt_ref=attempt_ref,
        caller_id=as_phone(campaign.caller_id),
        ring_seconds=campaign.ring_seconds,
        postal_code=to.postal_code,
        state=to.state,
        city=to.city,
        window_opens=campaign.window_opens or time(8),
        window_closes=campaign.window_closes or time(21),
        window_days=frozenset(int(day) for day in campaign.window_days),
        window_breaks=breaks.read(campaign.window_breaks),
        days_off=daysoff.read(campaign.days_off),
        # What the campaign says of those on its lists says nothing about this one.
        campaign=replace(own, to_businesses=to.is_business),
    )


def _take(transfer: Transfer, now: datetime) -> PlaceCall | str | None:
    """Use the clearance up; None if somebody else does, or no line is free yet, a text if it is gone."""
    assert transfer.attempt_id is not None
    with db.use_case():
        if not lines.has_free_line(attempt_id=transfer.attempt_id, now=now):
            return None
        call = lock_call(transfer.call_id)
        transfer.refresh_from_db(fields=["state"])
        attempt = (
            DialAttempt.objects.select_for_update()
            .filter(pk=transfer.attempt_id, state=AttemptState.RESERVED)
            .first()
        )
        if attempt is None or transfer.state != TransferState.ASKED:
            return None
        try:
            clearance = gate.consume_clearance(
                decision_id=attempt.decision_id, bound=offers.bound_for(call.campaign, attempt), now=now
            )
        except gate.ClearanceGone as gone:
            return attempt.reason if gone.reason == "expired" and attempt.reason else str(gone)
        DialAttempt.objects.filter(pk=attempt.pk).update(state=AttemptState.DIALING, state_at=now)
        return PlaceCall(
            attempt_id=str(attempt.pk),
            to=as_phone(attempt.number),
            caller_id=as_phone(attempt.caller_id),
            clearance=clearance,
            ring_seconds=call.campaign.ring_seconds,
            callbacks=third_party_callbacks(transfer.pk),
        )


def _failed(transfer: Transfer, error: CarrierError, now: datetime) -> None:
    log.warning("dialer.transfer.not_placed", transfer=transfer.pk, kind=error.kind, reason=str(error))
    state = AttemptState.UNKNOWN if error.kind == "unknown" else AttemptState.RELEASED
    with db.use_case():
        lock_call(transfer.call_id)
        DialAttempt.objects.filter(transfer=transfer.pk, state=AttemptState.DIALING).update(
            state=state, state_at=now, reason=str(error)[:300]
        )
        if state == AttemptState.RELEASED:
            Transfer.objects.filter(pk=transfer.pk).update(target_gone_at=now)
