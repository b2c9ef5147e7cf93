"""The one writer of a recording's state, by the table in recordflow. Everything here has the call's row locked first."""

from datetime import datetime

import structlog

from core import db, jobs, kept
from dialer import jobs as names
from dialer import recordflow
from dialer.locks import lock_session_alone
from dialer.models import Call, CallRecording, RecordingEvent
from dialer.recorded import standing_of
from dialer.recordflow import RecordNews, RecordState
from dialer.services import states

log = structlog.get_logger(__name__)

PAUSES = (RecordState.PAUSING, RecordState.PAUSED)
ENDS = (RecordState.STOPPED, RecordState.FAILED, RecordState.SKIPPED, RecordState.NOT_RECORDED)


def move(
    recording: CallRecording, news: RecordNews, *, now: datetime, source: str, detail: str = ""
) -> recordflow.Step:
    """Apply one piece of news: state, history, the agent's page, and a hint to ask the carrier where something is wanted."""
    db.require_atomic()
    step = recordflow.step(RecordState(recording.state), news)
    note(recording, news, to=step.state, ignored=step.ignored, now=now, source=source, detail=detail)
    if step.ignored:
        return step
    recording.state, recording.state_at = step.state, now
    changed = ["state", "state_at", *_stamp(recording, step.state, now, detail)]
    recording.save(update_fields=changed)
    show(recording.call)
    hint(recording)
    log.info("dialer.recording.moved", recording=str(recording.pk), news=news, state=step.state)
    return step


def note(
    recording: CallRecording,
    event: str,
    *,
    to: str = "",
    ignored: bool = False,
    now: datetime,
    source: str,
    detail: str = "",
) -> None:
    """Append to the recording's history."""
    kept.insert(
        RecordingEvent(
            recording=recording,
            at=now,
            event=event,
            from_state=recording.state,
            to_state=to or recording.state,
            ignored=ignored,
            source=source,
            detail=detail[:300],
        )
    )


def hint(recording: CallRecording) -> None:
    """Start the task that asks the carrier, where there is something to ask."""
    if recordflow.wanted(standing_of(recording)) is not recordflow.Wanted.NOTHING:
        jobs.enqueue_on_commit(names.ACT_ON_RECORDING, recording_id=str(recording.pk))


def show(call: Call) -> None:
    """Let the page of the agent whose call it is read its new state."""
    if call.session_id is None:
        return
    session = lock_session_alone(call.session_id)
    if session.call_id == call.pk:
        states.touch(session)


def _stamp(recording: CallRecording, state: RecordState, now: datetime, detail: str) -> list[str]:
    changed = []
    if state in PAUSES and recording.paused_since is None:
        recording.paused_since = now
        changed.append("paused_since")
    elif state not in PAUSES and recording.paused_since is not None:
        recording.paused_since = recording.pause_warned_at = None
        changed += ["paused_since", "pause_warned_at"]
    if state is RecordState.RECORDING and recording.began_at is None:
        recording.began_at = now
        changed.append("began_at")
    if state in recordflow.FINAL and not recording.reason:
        recording.reason = (detail or "The carrier could not record.")[:300]
        changed.append("reason")
    if state is RecordState.SKIPPED and recording.carrier_ref is None and recording.tried_at is None:
        recording.gone_at_carrier_at = now  # it never was there
        changed.append("gone_at_carrier_at")
    if state in ENDS:
        recording.ended_at, recording.card_step_since = recording.ended_at or now, None
        changed += ["ended_at", "card_step_since"]
    if state is RecordState.STOPPED:
        recording.sound, recording.fetch_due_at = CallRecording.Sound.WAITING, now
        changed += ["sound", "fetch_due_at"]
        jobs.enqueue_on_commit(names.FETCH_RECORDING, recording_id=str(recording.pk))
    return changed
