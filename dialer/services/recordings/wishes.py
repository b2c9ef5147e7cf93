"""What people ask of a recording: pause, go on, stop, keep nothing; and the step in which card data may be taken."""

from datetime import datetime

from compliance.rules import card_data
from compliance.rules.card_data import CaptureStart
from core import audit, db
from core.errors import Stale
from dialer import recordflow
from dialer.callflow import CallState
from dialer.locks import lock_live_session
from dialer.models import Call, CallRecording
from dialer.recorded import standing_of
from dialer.recordflow import RecordNews
from dialer.services.recordings import moving

NOT_SETTLED = "It is not settled yet whether this call is recorded. Wait a moment and try again."
ASKS = {
    "pause": (RecordNews.PAUSE_ASKED, ""),
    "resume": (RecordNews.RESUME_ASKED, ""),
    "agreed": (RecordNews.AGREED, "The person said yes."),
    "object": (RecordNews.STOP_ASKED, "The person objected to the recording."),
    "skip": (RecordNews.SKIP_ASKED, "No audio of this call is kept, as the agent asked."),
}


class NotPossible(Stale):
    """The recording is not in a state for that; the page shows an older one."""


def ask(*, user_id: int, action: str, now: datetime) -> None:
    """Take the wish of the agent whose call it is: pause, resume, agreed, object, skip. Raises NotPossible, NotFound."""
    news, detail = ASKS[action]
    with db.use_case():
        recording, username = _own(user_id)
        if recording.card_step_since is not None and action in ("resume", "agreed"):
            raise NotPossible("Card data is being taken. Close the card data step first.")
        if action == "skip" and recording.holds.filter(lifted_at__isnull=True).exists():
            raise NotPossible("A legal hold is on the recording.")
        step = moving.move(recording, news, now=now, source=username, detail=detail)
        if step.ignored:
            raise NotPossible(
                f"That is not possible: {recording.reason or 'the recording is ' + recording.state.replace('_', ' ')}."
            )
        if action == "skip":
            recording.skipped_by = username
            recording.save(update_fields=["skipped_by"])
        if action in ("skip", "object"):
            target = f"recording:{recording.pk}"
            verb = "skipped" if action == "skip" else "objected"
            audit.record(
                actor=username,
                verb=f"dialer.recording.{verb}",
                target=target,
                now=now,
                after={"call": recording.call_id},
            )


def open_card_step(*, user_id: int, now: datetime) -> None:
    """Ask for the pause that card data needs. What may be typed when is said by card_capture alone. Raises NotPossible."""
    with db.use_case():
        recording, username = _own(user_id)
        if recording.call.state == CallState.ENDED:
            raise NotPossible("The call has ended.")
        if recording.card_step_since is None:
            recording.card_step_since = now
            recording.save(update_fields=["card_step_since"])
            moving.note(recording, "card step opened", now=now, source=username)
        moving.move(recording, RecordNews.PAUSE_ASKED, now=now, source=username, detail="Card data")
        moving.show(recording.call)


def close_card_step(*, user_id: int, now: datetime) -> None:
    """End the step. The pause stays: recording goes on when a person asks for it."""
    with db.use_case():
        recording, username = _own(user_id)
        recording.card_step_since = None
        recording.save(update_fields=["card_step_since"])
        moving.note(recording, "card step closed", now=now, source=username)
        moving.show(recording.call)


def card_capture(*, call_id: int) -> CaptureStart:
    """Return whether card digits may be taken on a call now (PCI-004). Every payment step asks this before each piece.

    Only a step that was opened by open_card_step, on a recording the carrier says is paused or not there, may.
    """
    recording = CallRecording.objects.select_related("call").filter(call_id=call_id).first()
    confirmed = (
        recording is not None
        and recording.card_step_since is not None
        and recordflow.records_nothing(standing_of(recording))
    )
    return card_data.begin_capture(pause_confirmed=confirmed)


def _own(user_id: int) -> tuple[CallRecording, str]:
    """Return the locked recording of the call on an agent's desk, and the agent's username. Raises NotPossible, NotFound."""
    session = lock_live_session(user_id)
    if session.call_id is None:
        raise NotPossible("There is no call. The page shows your state now.")
    found = CallRecording.objects.filter(call_id=session.call_id).values_list("pk", flat=True).first()
    if found is None:
        raise NotPossible(NOT_SETTLED)
    recording = CallRecording.objects.select_for_update().get(pk=found)
    recording.call = Call.objects.get(pk=session.call_id)
    return recording, session.user.username
