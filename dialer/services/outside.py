"""The attempt behind a call to somebody outside: settled by what the carrier says of the leg, or by its own list."""

from datetime import datetime, timedelta
from typing import Final

from carriers import registry
from carriers.events import CarrierEvent, CarrierNews
from compliance import services as gate
from core.types import as_phone
from dialer.callflow import AttemptState
from dialer.models import Call, DialAttempt, Transfer

NEVER_CREATED_AFTER: Final = timedelta(seconds=60)  # the carrier's list shows a call well before this
CLOCKS_DIFFER_BY: Final = timedelta(seconds=60)
ENDINGS: Final = {
    CarrierNews.COMPLETED: "they hung up",
    CarrierNews.BUSY: "the number is busy",
    CarrierNews.NO_ANSWER: "nobody answered",
    CarrierNews.FAILED: "the number could not be reached",
    CarrierNews.CANCELED: "the call was withdrawn",
}


def know_ref(transfer: Transfer, ref: str) -> None:
    """Remember the carrier's id of the target's leg, from whichever message brings it first. The call is locked."""
    if ref and Transfer.objects.filter(pk=transfer.pk, target_ref="").update(target_ref=ref):
        transfer.target_ref = ref


def release(transfer: Transfer, reason: str, *, now: datetime) -> bool:
    """Give up an attempt that the carrier was never asked about; return whether there is no call now, and will be none."""
    mine = DialAttempt.objects.filter(transfer=transfer.pk)
    mine.filter(state=AttemptState.RESERVED).update(
        state=AttemptState.RELEASED, state_at=now, reason=reason[:300]
    )
    return mine.filter(state=AttemptState.RELEASED).exists()


def follow_attempt(transfer: Transfer, event: CarrierEvent, *, now: datetime) -> None:
    """Settle the attempt by a sign of life, or by its end, of which the gate is told."""
    attempts = DialAttempt.objects.filter(transfer=transfer.pk)
    if event.news not in ENDINGS:
        attempts.filter(state__in=[AttemptState.DIALING, AttemptState.UNKNOWN]).update(
            state=AttemptState.PLACED, state_at=now, reason=""
        )
        return
    attempts.exclude(state=AttemptState.ENDED).update(state=AttemptState.ENDED, state_at=now)
    assert transfer.decision_id is not None
    gate.record_outcome(
        decision_id=transfer.decision_id,
        connected=event.news not in (CarrierNews.BUSY, CarrierNews.FAILED),
        conversation=transfer.target_since is not None,
        # Somebody picked up when the agent had gone on: they were called and nobody spoke to them.
        abandoned=event.news is CarrierNews.COMPLETED and transfer.target_since is None,
        now=now,
    )


def look_up(transfer: Transfer, *, now: datetime) -> list[CarrierEvent]:
    """Return what the carrier's own list says of the target's leg; an attempt nobody knows the fate of is settled by it."""
    carrier = registry.carrier()
    if transfer.target_ref:
        return list(carrier.fetch_call(transfer.target_ref).news)
    attempt = DialAttempt.objects.get(transfer=transfer.pk)
    if attempt.state != AttemptState.UNKNOWN:
        return []
    found = carrier.find_calls(to=as_phone(attempt.number), since=attempt.reserved_at - CLOCKS_DIFFER_BY)
    taken = set(
        Call.objects.filter(carrier_ref__in=[one.ref for one in found]).values_list("carrier_ref", flat=True)
    )
    ours = [one for one in found if one.ref not in taken and one.caller_id == attempt.caller_id]
    if ours:
        return list(ours[0].news)
    if attempt.state_at < now - NEVER_CREATED_AFTER:
        DialAttempt.objects.filter(pk=attempt.pk, state=AttemptState.UNKNOWN).update(
            state=AttemptState.RELEASED, state_at=now, reason="The carrier has no such call."
        )
        Transfer.objects.filter(pk=transfer.pk, target_gone_at__isnull=True).update(target_gone_at=now)
    return []
