"""Recordings: their states and lengths. There is no audio."""

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
        self.reporter.recording_event(recording, 0)
        return recording

    def length_seconds(self, recording: Recording) -> int:
        """Return the length so far, in whole simulated seconds."""
        return round(recording.counted_seconds + self._running(recording))

    def change(self, recording: Recording, status: str, pause_behavior: str) -> None:
        """Pause (`paused`), go on (`in-progress`) or end (`stopped`) a recording.

        Raises: RecordingStateError when it has ended.
        """
        if recording.status not in ("in-progress", "paused"):
            raise RecordingStateError("Recording is not in a state that can be changed")
        if status == "stopped":
            self.complete(recording)
            return
        recording.counted_seconds += self._running(recording)
        recording.running_mark = self.world.clock.elapsed()
        recording.status = status
        recording.pause_behavior = pause_behavior
        recording.updated_at = self.world.clock.now()

    def complete(self, recording: Recording) -> None:
        """End a recording; one that has ended stays as it is."""
        if recording.status not in ("in-progress", "paused"):
            return
        recording.counted_seconds += self._running(recording)
        recording.status = "completed"
        recording.updated_at = self.world.clock.now()
        self.reporter.recording_event(recording, self.length_seconds(recording))

    def complete_for_call(self, call: Call) -> None:
        """End what records this call, but not its conference."""
        for recording in self._open():
            if recording.call_sid == call.sid and recording.conference_sid is None:
                self.complete(recording)

    def complete_for_conference(self, conference: Conference) -> None:
        """End what records this conference."""
        for recording in self._open():
            if recording.conference_sid == conference.sid:
                self.complete(recording)

    def _open(self) -> list[Recording]:
        return [each for each in self.world.recordings.values() if each.status in ("in-progress", "paused")]

    def _running(self, recording: Recording) -> float:
        if recording.status == "in-progress" or (
            recording.status == "paused" and recording.pause_behavior == "silence"
        ):
            return self.world.clock.elapsed() - recording.running_mark
        return 0.0
