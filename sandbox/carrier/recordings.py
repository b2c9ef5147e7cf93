"""Recordings: their states, lengths and files."""

from sandbox.carrier import media
from sandbox.carrier.media import Stretch
from sandbox.carrier.model import Call, Conference, Hook, Recording, World, new_sid
from sandbox.carrier.reports import Reporter


class RecordingStateError(Exception):
    """The recording cannot go into that state; the message says why."""


class Recordings:
    """Starts, pauses and ends recordings."""

    def __init__(self, world: World, reporter: Reporter) -> None:
        self.world = world
        self.reporter = reporter

    def start(
        self,
        call: Call,
        source: str,
        *,
        hook: Hook | None,
        events: frozenset[str],
        channels: int = 1,
        track: str = "both",
        conference: Conference | None = None,
    ) -> Recording:
        """Begin to record a call, or the conference it is in."""
        now = self.world.clock.now()
        recording = Recording(
            sid=new_sid("RE"),
            call_sid=call.sid,
            conference_sid=conference.sid if conference else None,
            source=source,
            channels=channels,
            track=track,
            created_at=now,
            updated_at=now,
            running_mark=self.world.clock.elapsed(),
            hook=hook,
            events=events,
        )
        self.world.recordings[recording.sid] = recording
        self.world.open_recordings[recording.sid] = recording
        self.reporter.recording_event(recording, 0)
        return recording

    def length_seconds(self, recording: Recording) -> int:
        """Return the length so far, in whole simulated seconds."""
        return round(sum(each.seconds for each in self._stretches(recording)))

    def change(self, recording: Recording, status: str, pause_behavior: str) -> None:
        """Pause (`paused`), go on (`in-progress`) or end (`stopped`) a recording.

        A pause is heard as silence (`silence`) or not at all (`skip`).
        Raises: RecordingStateError when it has ended.
        """
        if not recording.is_open:
            raise RecordingStateError("Recording is not in a state that can be changed")
        if status == "stopped":
            self.complete(recording)
            return
        recording.stretches = self._stretches(recording)
        recording.running_mark = self.world.clock.elapsed()
        recording.status = status
        recording.pause_behavior = pause_behavior
        recording.updated_at = self.world.clock.now()

    def complete(self, recording: Recording) -> None:
        """End a recording; one that has ended stays as it is. The fault recording_absent leaves nothing of it."""
        if not recording.is_open:
            return
        recording.stretches = self._stretches(recording)
        target = f"{recording.source} {recording.call_sid} {recording.conference_sid or ''}"
        if self.world.faults.take(("recording_absent",), target) is not None:
            recording.status, recording.stretches = "absent", []
        else:
            recording.status = "completed"
        recording.updated_at = self.world.clock.now()
        self.world.open_recordings.pop(recording.sid, None)
        self.reporter.recording_event(recording, self.length_seconds(recording))

    def complete_for_call(self, call: Call) -> None:
        """End what records this call, but not its conference."""
        for recording in list(self.world.open_recordings.values()):
            if recording.call_sid == call.sid and recording.conference_sid is None:
                self.complete(recording)

    def complete_for_conference(self, conference: Conference) -> None:
        """End what records this conference."""
        for recording in list(self.world.open_recordings.values()):
            if recording.conference_sid == conference.sid:
                self.complete(recording)

    def forget(self, recording: Recording) -> None:
        """Delete a recording, its file with it; one that runs ends untold."""
        del self.world.recordings[recording.sid]
        self.world.open_recordings.pop(recording.sid, None)

    def file(self, recording: Recording, form: str, channels: int) -> bytes:
        """Return the sound as `wav` or `mp3`."""
        return media.mp3(recording.stretches) if form == "mp3" else media.wav(recording.stretches, channels)

    def _stretches(self, recording: Recording) -> list[Stretch]:
        is_paused = recording.status == "paused"
        if not recording.is_open or (is_paused and recording.pause_behavior == "skip"):
            return recording.stretches
        seconds = self.world.clock.elapsed() - recording.running_mark
        return [*recording.stretches, Stretch(seconds, is_silent=is_paused)]
