"""Asking the carrier for what a recording's state wants, one worker at a time, until there is nothing more to ask.

No transaction is open while the carrier is asked. What it answers is the confirmation: it tells nobody of a pause by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from carriers import health, registry
from carriers.protocol import CarrierError
from carriers.recorder import AtCarrier, CarrierRecording
from core import db, sweeps
from core.errors import NotFound
from dialer import recordflow
from dialer.callflow import CallState
from dialer.locks import lock_call
from dialer.models import CallRecording
from dialer.recorded import is_long, standing_of
from dialer.recordflow import Notice, RecordNews, RecordState, Wanted
from dialer.recordplan import NOTICE
from dialer.services import trouble
from dialer.services.recordings import moving, removing
from dialer.urls_out import notice_url, recording_status_url

log = structlog.get_logger(__name__)

ACTING = timedelta(seconds=30)  # longer than a carrier request may take
AGAIN_AFTER = timedelta(seconds=5)
NEVER_BEGAN_AFTER = timedelta(seconds=60)  # the carrier's list shows a recording well before this
NOTICE_LASTS = timedelta(seconds=45)  # not heard by then: it was not heard at all
LOOKED_AT_AGAIN = timedelta(seconds=30)
STEPS = 6
GONE, OVER = 20404, 21220
CHANGES = (Wanted.PAUSE, Wanted.RESUME, Wanted.STOP)

NEWS = {
    AtCarrier.RUNNING: RecordNews.RUNS,
    AtCarrier.PAUSED: RecordNews.PAUSED,
    AtCarrier.DONE: RecordNews.ENDED,
    AtCarrier.ABSENT: RecordNews.ABSENT,
}
NOT_HEARD = "The notice that the call is recorded could not be played, so nothing of it is kept."


@dataclass(frozen=True, slots=True)
class _Request:
    """What one recording wants asked."""

    what: Wanted
    call_ref: str
    ref: str
    conference: str
    status_url: str
    notice_url: str
    tried_at: datetime | None


def act(*, recording_id: UUID, now: datetime) -> None:
    """Ask the carrier until nothing is wanted, or it fails. A task; a second worker finds the first at it and leaves."""
    for _ in range(STEPS):
        request = _take(recording_id, now)
        if request is None:
            return
        try:
            found = _ask(request)
        except CarrierError as error:
            _failed(recording_id, request, error, now)
            trouble.notice(error, now=now)
            if error.kind != "permanent" or request.what not in CHANGES:
                return
            continue
        _answered(recording_id, request, found, now)
        if request.what is Wanted.FIND and found is None:
            return


def sweep(*, now: datetime) -> int:
    """Ask again where a hint or worker was lost, look at what should have ended, warn of stuck pauses; returns how many."""
    if health.trouble() is not None:
        return 0
    acts = CallRecording.objects.filter(state__in=recordflow.ACTS, state_at__lt=now - AGAIN_AFTER)
    due = acts.exclude(state=RecordState.SKIPPED, gone_at_carrier_at__isnull=False)
    ids = list(due.order_by("state_at", "pk").values_list("pk", flat=True)[:100])
    done = sweeps.for_each(ids, lambda each: act(recording_id=each, now=now), what="recording")
    runs = CallRecording.objects.filter(state=RecordState.RECORDING)
    unsaid = runs.filter(notice=Notice.NOT_YET, state_at__lt=now - AGAIN_AFTER)
    unheard = runs.filter(notice=Notice.ASKED, notice_at__lt=now - NOTICE_LASTS)
    sweeps.for_each(
        list(unsaid.order_by("pk").values_list("pk", flat=True)[:100]),
        lambda each: act(recording_id=each, now=now),
        what="notice",
    )
    sweeps.for_each(
        list(unheard.order_by("pk").values_list("pk", flat=True)[:100]),
        lambda each: not_heard(recording_id=each, now=now),
        what="unheard notice",
    )
    return done + _look_at_open(now) + _warn_of_stuck(now)


def not_heard(*, recording_id: UUID, now: datetime) -> None:
    """Give up a recording whose notice nobody heard: it is stopped, and deleted at the carrier."""
    with db.use_case():
        recording = locked(recording_id)
        if recording.notice == Notice.HEARD:
            return
        recording.notice = Notice.FAILED
        recording.save(update_fields=["notice"])
        moving.move(recording, RecordNews.SKIP_ASKED, now=now, source="rules", detail=NOT_HEARD)


def locked(recording_id: UUID) -> CallRecording:
    """Return the recording, locked after its call. Raises NotFound."""
    call_id = CallRecording.objects.filter(pk=recording_id).values_list("call_id", flat=True).first()
    if call_id is None:
        raise NotFound("There is no such recording.")
    call = lock_call(call_id)
    recording = CallRecording.objects.select_for_update().get(pk=recording_id)
    recording.call = call
    return recording


def _take(recording_id: UUID, now: datetime) -> _Request | None:
    with db.use_case():
        recording = locked(recording_id)
        what = recordflow.wanted(standing_of(recording))
        call = recording.call
        is_taken = recording.acting_until is not None and recording.acting_until > now
        if what is Wanted.NOTHING or is_taken or call.carrier_ref is None:
            return None
        recording.acting_until = now + ACTING
        if what is Wanted.START:
            recording.tried_at = now
        if what is Wanted.ANNOUNCE:
            recording.notice, recording.notice_at, recording.notice_text = Notice.ASKED, now, NOTICE
        recording.save(update_fields=["acting_until", "tried_at", "notice", "notice_at", "notice_text"])
        return _Request(
            what=what,
            call_ref=call.carrier_ref,
            ref=recording.carrier_ref or "",
            conference=call.session.conference_name if call.session else "",
            status_url=recording_status_url(call.attempt_id),
            notice_url=notice_url(call.attempt_id),
            tried_at=recording.tried_at,
        )


def _ask(request: _Request) -> CarrierRecording | None:
    recorder = registry.carrier().recorder
    asks: dict[Wanted, Callable[[], CarrierRecording | None]] = {
        Wanted.START: lambda: recorder.start(request.call_ref, status_url=request.status_url),
        Wanted.FIND: lambda: next(reversed(recorder.of_call(request.call_ref)), None),
        Wanted.ANNOUNCE: lambda: recorder.announce(request.conference, request.notice_url),
        Wanted.PAUSE: lambda: recorder.set_paused(request.call_ref, request.ref, True),
        Wanted.RESUME: lambda: recorder.set_paused(request.call_ref, request.ref, False),
        Wanted.STOP: lambda: recorder.stop(request.call_ref, request.ref),
        Wanted.DELETE: lambda: _stop_and_delete(request),
    }
    return asks[request.what]()


def _stop_and_delete(request: _Request) -> None:
    recorder = registry.carrier().recorder
    try:
        recorder.stop(request.call_ref, request.ref)
    except CarrierError as error:
        if error.code not in (GONE, OVER):
            raise
    recorder.delete(request.ref)


def _answered(recording_id: UUID, request: _Request, found: CarrierRecording | None, now: datetime) -> None:
    with db.use_case():
        recording = locked(recording_id)
        recording.acting_until = None
        recording.save(update_fields=["acting_until"])
        if request.what is Wanted.DELETE:
            removing.gone(
                recording, rule="skip", reason=recording.reason, by=recording.skipped_by or "rules", now=now
            )
        elif found is not None:
            apply(recording, found, now=now)
        elif request.what is Wanted.FIND:
            _not_found(recording, now)


def apply(recording: CallRecording, found: CarrierRecording, *, now: datetime) -> None:
    """Apply to a locked recording how it stands at the carrier."""
    know_ref(recording, found.ref)
    if found.duration_seconds is not None and recording.duration_seconds is None:
        recording.duration_seconds = found.duration_seconds
        recording.save(update_fields=["duration_seconds"])
    moving.move(recording, NEWS[found.state], now=now, source="carrier", detail=found.state)


def know_ref(recording: CallRecording, ref: str) -> None:
    """Remember the carrier's id of a locked recording, from whichever message brings it first."""
    if ref and recording.carrier_ref is None:
        recording.carrier_ref = ref
        recording.save(update_fields=["carrier_ref"])


def _not_found(recording: CallRecording, now: datetime) -> None:
    if recording.tried_at is not None and recording.tried_at > now - NEVER_BEGAN_AFTER:
        return
    if recording.state == RecordState.SKIPPED:
        recording.gone_at_carrier_at = now
        recording.save(update_fields=["gone_at_carrier_at"])
        moving.show(recording.call)
    else:
        detail = "The carrier has no recording of this call."
        moving.move(recording, RecordNews.ABSENT, now=now, source="carrier", detail=detail)


def _failed(recording_id: UUID, request: _Request, error: CarrierError, now: datetime) -> None:
    """Keep what a refusal means: nothing began, the notice was not heard, or the recording is over already."""
    log.warning(
        "dialer.recording.refused",
        recording=str(recording_id),
        what=request.what,
        kind=error.kind,
        reason=str(error),
    )
    found = None
    if error.kind == "permanent" and request.what in CHANGES:
        found = _truth(request.ref)
    with db.use_case():
        recording = locked(recording_id)
        recording.acting_until = None
        changed = ["acting_until"]
        if request.what is Wanted.START and error.kind != "unknown":
            recording.tried_at = None
            changed.append("tried_at")
        recording.save(update_fields=changed)
        moving.note(recording, f"{request.what} failed", now=now, source="carrier", detail=str(error))
        if found is not None:
            apply(recording, found, now=now)
        elif error.code == GONE and request.what in CHANGES:
            moving.move(recording, RecordNews.ABSENT, now=now, source="carrier", detail=str(error))
        elif request.what is Wanted.START and error.kind == "permanent":
            moving.move(
                recording,
                RecordNews.ABSENT,
                now=now,
                source="carrier",
                detail=f"The carrier refused: {error}",
            )
    if request.what is Wanted.ANNOUNCE and error.kind != "unknown":
        not_heard(recording_id=recording_id, now=now)


def _truth(ref: str) -> CarrierRecording | None:
    try:
        return registry.carrier().recorder.fetch(ref)
    except CarrierError as error:
        log.warning("dialer.recording.not_fetched", kind=error.kind, reason=str(error))
        return None


def _look_at_open(now: datetime) -> int:
    """Ask how recordings stand that are paused, and those whose call is over: their news may have been lost."""
    open_ones = CallRecording.objects.filter(carrier_ref__isnull=False, state_at__lt=now - LOOKED_AT_AGAIN)
    paused = open_ones.filter(state=RecordState.PAUSED)
    over = open_ones.filter(
        state__in=[RecordState.RECORDING, RecordState.PAUSED], call__state=CallState.ENDED
    )
    ids = set(paused.values_list("pk", flat=True)[:100]) | set(over.values_list("pk", flat=True)[:100])
    return sweeps.for_each(sorted(ids), lambda each: _look_at(each, now), what="open recording")


def _look_at(recording_id: UUID, now: datetime) -> None:
    ref = CallRecording.objects.values_list("carrier_ref", flat=True).get(pk=recording_id)
    assert ref is not None
    try:
        found = registry.carrier().recorder.fetch(ref)
    except CarrierError as error:
        trouble.notice(error, now=now)
        if error.code != GONE:
            return
        found = None
    with db.use_case():
        recording = locked(recording_id)
        if found is None:
            detail = "The carrier has it no more."
            moving.move(recording, RecordNews.ABSENT, now=now, source="carrier", detail=detail)
        elif recordflow.step(RecordState(recording.state), NEWS[found.state]).ignored:
            return  # as we have it; nothing to write down each half minute
        else:
            apply(recording, found, now=now)


def _warn_of_stuck(now: datetime) -> int:
    """Tell the agents whose pause has lasted long; the pause itself stays until a person ends it."""
    paused = CallRecording.objects.filter(
        state__in=moving.PAUSES, pause_warned_at__isnull=True, paused_since__isnull=False
    ).exclude(call__state=CallState.ENDED)
    ids = [each.pk for each in paused.order_by("pk")[:500] if is_long(each, now=now)]
    return sweeps.for_each(ids, lambda each: _warn(each, now), what="stuck pause")


def _warn(recording_id: UUID, now: datetime) -> None:
    with db.use_case():
        recording = locked(recording_id)
        recording.pause_warned_at = now
        recording.save(update_fields=["pause_warned_at"])
        moving.note(recording, "pause is long", now=now, source="sweeper")
        moving.show(recording.call)
    log.warning("dialer.recording.pause_is_long", recording=str(recording_id))
