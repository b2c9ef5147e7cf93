"""From person and agent hearing each other to a recording that is asked for, or the reason why there is none."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from core import db, jobs, kept, sweeps
from core.types import as_phone
from dialer import jobs as names
from dialer import recordplan
from dialer.callflow import CallState
from dialer.locks import lock_call
from dialer.models import Call, CallRecording
from dialer.recordflow import RecordNews, RecordState
from dialer.services.recordings import moving, rules

log = structlog.get_logger(__name__)

HINT_LOST_AFTER = timedelta(seconds=3)
TOO_LATE = "The call ended before recording began."

_of_call = kept.Query(lambda call: CallRecording.objects.filter(call_id=call))


def follow(*, call_id: int, now: datetime) -> None:
    """Decide on the recording of a call that has just connected; of one that has ended, give up what has not begun. A task."""
    with db.use_case():
        call = lock_call(call_id)
        recording = _of_call.first(call.pk)
        if call.bridged_at is None:
            return
        if call.state == CallState.ENDED:
            if recording is not None:
                _give_up(recording, now)
        elif recording is None:
            _decide(call, now)


def begin(call: Call, *, now: datetime) -> None:
    """Decide on the recording of a locked call that has just connected, in the transaction that connects it.

    So the agent's page hears of both at once, and there is no task. A fault in it must not keep person and agent from being
    connected: it is logged, and left to the task.
    """
    try:
        with transaction.atomic():
            if _of_call.first(call.pk) is None:
                _decide(call, now)
    except Exception:
        log.exception("dialer.recording.not_decided", call=call.pk)
        jobs.enqueue_on_commit(names.FOLLOW_RECORDING, call_id=call.pk)


def _decide(call: Call, now: datetime) -> None:
    rule = rules.rule_in_force(call.campaign_id, at=now)
    contact = kept.related(call, "contact")
    where = recordplan.states_of(
        as_phone(call.number),
        postal_code=contact.postal_code,
        state=contact.state,
        city=contact.city,
        stated_zone=contact.stated_zone,
    )
    today = now.astimezone(ZoneInfo(settings.OFFICE_ZONE)).date()
    plan = recordplan.plan(attempt=call.attempt_id, percent=rule.percent, states=where, on=today)
    state = RecordState.NOT_RECORDED
    if plan.record:
        state = RecordState.WAITING if rule.asks_first else RecordState.ASKED
    recording = kept.insert(
        CallRecording(
            call=call,
            state=state,
            state_at=now,
            reason="" if plan.record else plan.reason[:300],
            strictest=plan.strictest,
            places=" ".join(plan.places)[:120],
            created_at=now,
        )
    )
    moving.note(recording, "decided", now=now, source="rules", detail=plan.reason)
    moving.show(call)
    moving.hint(recording)


def _give_up(recording: CallRecording, now: datetime) -> None:
    if recording.state == RecordState.WAITING:
        detail = "Nobody said yes to the recording."
        moving.move(recording, RecordNews.CALL_ENDED, now=now, source="carrier", detail=detail)
    elif recording.state == RecordState.ASKED and recording.tried_at is None:
        moving.move(recording, RecordNews.ABSENT, now=now, source="carrier", detail=TOO_LATE)


def sweep(*, now: datetime) -> int:
    """Follow calls whose hint was lost; returns how many."""
    live = Call.objects.filter(
        state__in=[CallState.CONNECTED, CallState.ON_HOLD],
        bridged_at__lt=now - HINT_LOST_AFTER,
        recording__isnull=True,
    )
    over = Call.objects.filter(state=CallState.ENDED).filter(
        Q(recording__state=RecordState.WAITING)
        | Q(recording__state=RecordState.ASKED, recording__tried_at__isnull=True)
    )
    ids = [
        *live.order_by("pk").values_list("pk", flat=True)[:100],
        *over.order_by("pk").values_list("pk", flat=True)[:100],
    ]
    return sweeps.for_each(ids, lambda each: follow(call_id=each, now=now), what="call to record")
