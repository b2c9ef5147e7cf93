"""Recordings at Twilio: of the person's own leg, since a standing conference outlasts the call. Sources: Twilio, Recordings.

A conference's recording cannot be begun in mid-conference, and would hold several people's calls. The leg's two channels are
what the person says and what they hear, the notice among it.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, Protocol, TypeVar

from django.conf import settings

from carriers.protocol import CarrierError
from carriers.recorder import AtCarrier, CarrierRecording
from carriers.twilio import statuses

T = TypeVar("T")

RETRIED = "#rc=3&rp=ct,rt,5xx&ct=2000&rt=5000"
NOT_FOUND = 20404


class Ask(Protocol):
    """Runs one library call; raises CarrierError."""

    def __call__(self, request: Callable[[], T], /) -> T:
        """Return what the call returns."""
        ...


class TwilioRecorder:
    """The Recorder protocol over Twilio's REST API of 2010-04-01."""

    def __init__(
        self,
        client: Any,
        ask: Ask,
        stream: Callable[[str], Iterator[bytes]],
        conference_sid: Callable[[str], str],
    ) -> None:
        self._client = client
        self._ask = ask
        self._stream = stream
        self._conference_sid = conference_sid

    def start(self, call_ref: str, *, status_url: str) -> CarrierRecording:
        """Create the leg's recording, in two channels."""
        recordings = self._client.calls(call_ref).recordings
        return _read(
            self._ask(
                lambda: recordings.create(
                    recording_channels="dual",
                    recording_status_callback=status_url + RETRIED,
                    recording_status_callback_event=list(statuses.RECORDING_EVENT),
                )
            )
        )

    def set_paused(self, call_ref: str, ref: str, paused: bool, /) -> CarrierRecording:
        """Set its status; Twilio sends no callback for a pause, so the answer is all there is."""
        recording = self._client.calls(call_ref).recordings(ref)
        wanted = {"status": "paused", "pause_behavior": "silence"} if paused else {"status": "in-progress"}
        return _read(self._ask(lambda: recording.update(**wanted)))

    def stop(self, call_ref: str, ref: str, /) -> CarrierRecording:
        """Set its status to stopped."""
        recording = self._client.calls(call_ref).recordings(ref)
        return _read(self._ask(lambda: recording.update(status="stopped")))

    def fetch(self, ref: str, /) -> CarrierRecording:
        """Return it by its sid."""
        return _read(self._ask(lambda: self._client.recordings(ref).fetch()))

    def of_call(self, call_ref: str, /) -> Sequence[CarrierRecording]:
        """Return the call's recordings; the list is newest first."""
        found = self._ask(lambda: self._client.calls(call_ref).recordings.list(limit=20))
        return [_read(each) for each in reversed(found)]

    def delete(self, ref: str, /) -> None:
        """Delete it."""
        try:
            self._ask(lambda: self._client.recordings(ref).delete())
        except CarrierError as error:
            if error.code != NOT_FOUND:
                raise

    def download(self, ref: str, into: BinaryIO, /) -> int:
        """Fetch the WAV in both channels."""
        account = f"https://api.twilio.com/2010-04-01/Accounts/{settings.TWILIO_ACCOUNT_SID}"
        return self._ask(lambda: _written(self._stream(f"{account}/Recordings/{ref}.wav"), into))

    def announce(self, conference_name: str, url: str, /) -> None:
        """Announce to the whole conference: a notice only one side hears would be talked over by the other."""
        sid = self._conference_sid(conference_name)
        self._ask(lambda: self._client.conferences(sid).update(announce_url=url, announce_method="POST"))


def _written(parts: Iterator[bytes], into: BinaryIO) -> int:
    return sum(into.write(part) for part in parts)


def _read(found: Any) -> CarrierRecording:
    duration = found.duration
    return CarrierRecording(
        ref=str(found.sid),
        call_ref=str(found.call_sid),
        state=statuses.RECORDING_STATUS.get(str(found.status), AtCarrier.RUNNING),
        started_at=found.start_time or found.date_created,
        channels=int(found.channels or 1),
        duration_seconds=int(duration) if duration not in (None, "", "-1") else None,
    )
