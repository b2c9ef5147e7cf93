"""The carrier's limits: a slot for each call, a line for each leg, and calls it has queued taken back.

A call that must wait longer than a moment stays reserved in its row, so that no worker sleeps on it: those that apply webhooks
are the same ones. A task twice a second starts the oldest again; the clearance's fifteen seconds end the wait.
"""

import math
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import QuerySet

from carriers import health, registry, throttle
from carriers.events import CarrierNews
from carriers.protocol import CarrierCall, CarrierError
from compliance import services as gate
from core import clock, db, jobs, kept, prepared, sweeps
from dialer import jobs as names
from dialer.agentflow import LegState
from dialer.callflow import AttemptState, CallNews, CallState
from dialer.locks import lock_call
from dialer.models import AgentSession, Call, DialAttempt
from dialer.reads import IN_USE
from dialer.services import calls, states, trouble

log = structlog.get_logger(__name__)

# Most have rung long ago: in one statement, which waits for nobody.
FORGET_RUNG = """
    UPDATE dialer_dialattempt SET ring_by = NULL WHERE id IN (
        SELECT attempt.id FROM dialer_dialattempt AS attempt JOIN dialer_call AS call ON call.attempt_id = attempt.id
        WHERE attempt.state = 'placed' AND attempt.ring_by <= %s AND call.state NOT IN ('placing', 'dialing')
        ORDER BY attempt.id FOR UPDATE OF attempt SKIP LOCKED)"""
HINTED_EVERY_SECONDS = 0.5  # config/settings/celery.py
ASKED_AGAIN_AFTER = timedelta(seconds=2)
UNRUNG = (CallState.PLACING, CallState.DIALING)


def wait_for_slot(*, attempt_id: UUID, now: datetime) -> datetime | None:
    """Wait for the attempt's slot and return the instant it is for; None if it is too far away, or nobody's call any more.

    An attempt whose clearance has run out needs no slot: T2 releases it, with the reason for its wait.
    """
    attempt = _reserved.first(attempt_id)
    if attempt is None:
        return None
    if attempt.reserved_at + gate.CLEARANCE_LASTS <= now:
        return now
    if not attempt.reason and _has_older(attempt, now):
        _mark_waiting(attempt_id, _rate_words())  # first come, first served
        return None
    slot = throttle.reserve_slot(caller_id=attempt.caller_id, attempt_ref=str(attempt_id))
    if not slot.reserved:
        _mark_waiting(attempt_id, _rate_words())
        return None
    if slot.wait_seconds:
        clock.pause(slot.wait_seconds)
    return now + timedelta(seconds=slot.wait_seconds)


def has_free_line(*, attempt_id: UUID, now: datetime) -> bool:
    """Return whether the account has a line left for the attempt, in the transaction that takes it; if not, the attempt waits."""
    db.require_atomic()
    if settings.CARRIER_MAX_LINES <= 0:
        return True
    # One at a time may count and take.
    db.advisory_xact_lock(db.lock_key("carrier lines"))
    if lines_in_use() < settings.CARRIER_MAX_LINES:
        return True
    attempt = DialAttempt.objects.filter(pk=attempt_id).first()
    if attempt is None or attempt.reserved_at + gate.CLEARANCE_LASTS <= now:
        return True  # it will be released, not placed
    _mark_waiting(
        attempt_id,
        f"all {settings.CARRIER_MAX_LINES} lines of the carrier's account stayed in use; dial again in a moment",
    )
    return False


def lines_in_use() -> int:
    """Return how many legs the account has up or under way: calls, and agents' own."""
    agents_legs = AgentSession.objects.filter(
        ended_at__isnull=True, leg_state__in=[LegState.UP, LegState.CONNECTING]
    )
    return DialAttempt.objects.filter(state__in=IN_USE).count() + agents_legs.count()


def hint_waiting(*, now: datetime) -> int:
    """Start again the oldest calls that wait, as many as may go until the next time, and all whose time is over."""
    oldest = _waiting().order_by("reserved_at", "pk").values_list("pk", "reserved_at")[:500]
    many = math.ceil(settings.CARRIER_CPS * HINTED_EVERY_SECONDS)
    over = [pk for pk, since in oldest if since + gate.CLEARANCE_LASTS <= now]
    due = [pk for pk, since in oldest if since + gate.CLEARANCE_LASTS > now][:many]
    for attempt_id in (*over, *due):
        jobs.enqueue_on_commit(names.PLACE_CALL, attempt_id=str(attempt_id))
    return len(over) + len(due)


def ring_by(now: datetime) -> datetime:
    """Return when a call placed now must have begun to ring."""
    return now + timedelta(seconds=settings.CARRIER_RING_WITHIN_SECONDS)


def withdraw_unrung(*, now: datetime) -> int:
    """Ask the carrier about calls that do not ring and take back those it has queued; return how many were asked about."""
    if health.trouble() is not None:
        return 0
    prepared.run(FORGET_RUNG, [now])
    late = DialAttempt.objects.filter(state=AttemptState.PLACED, ring_by__lte=now)
    return sweeps.for_each(
        list(late.order_by("ring_by", "pk").values_list("pk", flat=True)[:100]),
        lambda attempt_id: _withdraw_if_queued(attempt_id, now),
        what="call that does not ring",
    )


def _withdraw_if_queued(attempt_id: UUID, now: datetime) -> None:
    call = Call.objects.get(attempt_id=attempt_id)
    attempts = DialAttempt.objects.filter(pk=attempt_id)
    if call.state not in UNRUNG or call.carrier_ref is None:
        attempts.update(ring_by=None)
        return
    # Before it is asked, so that one the carrier does not answer about cannot hold up the others.
    attempts.update(ring_by=now + ASKED_AGAIN_AFTER)
    try:
        found = registry.carrier().fetch_call(call.carrier_ref)
        withdrawn = _is_queued(found)
        if withdrawn:
            found = registry.carrier().withdraw(call.carrier_ref)
    except CarrierError as error:
        log.warning("dialer.call.not_withdrawn", call=call.pk, kind=error.kind, reason=str(error))
        trouble.notice(error, now=now)
        return
    with db.use_case():
        call = lock_call(call.pk)
        for event in found.news:
            if withdrawn and event.news is CarrierNews.CANCELED:
                waited = f"Withdrawn: not ringing after {settings.CARRIER_RING_WITHIN_SECONDS:g} seconds"
                states.advance_call(call, CallNews.CANCELED, now=now, source="sweeper", detail=waited)
            else:
                calls.apply_event(call, event, now=now, source="carrier's list")


def _is_queued(found: CarrierCall) -> bool:
    return all(event.news is CarrierNews.INITIATED for event in found.news)


def _waiting() -> QuerySet[DialAttempt]:
    return DialAttempt.objects.filter(state=AttemptState.RESERVED).exclude(reason="")


def _has_older(attempt: DialAttempt, now: datetime) -> bool:
    span = (attempt.reserved_at, now - gate.CLEARANCE_LASTS)
    if settings.CARRIER_NUMBER_CPS > 0:
        # Another number's queue is no reason to wait.
        return bool(_older_of_number.rows(*span, attempt.caller_id))
    return bool(_older.rows(*span))


def _between(before: Any, after: Any) -> QuerySet[DialAttempt]:
    return _waiting().filter(reserved_at__lt=before, reserved_at__gt=after)


_reserved = kept.Query(lambda attempt: DialAttempt.objects.filter(pk=attempt, state=AttemptState.RESERVED))
_older = kept.Values(lambda before, after: _between(before, after).values_list("pk")[:1], values=2)
_older_of_number = kept.Values(
    lambda before, after, number: _between(before, after).filter(caller_id=number).values_list("pk")[:1],
    values=3,
)


def _mark_waiting(attempt_id: UUID, reason: str) -> None:
    """Keep in the row that it waits, and for what: the words are shown if it never gets its turn."""
    DialAttempt.objects.filter(pk=attempt_id, state=AttemptState.RESERVED, reason="").update(reason=reason)


def _rate_words() -> str:
    return f"the carrier takes {throttle.limit_words()}, and others came first; dial again in a moment"
