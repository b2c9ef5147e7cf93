"""An in-memory Recorder: keeps recordings, fails when told to. Checked against the sandbox in tests/contract."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import BinaryIO

from carriers.protocol import CarrierError
from carriers.recorder import AtCarrier, CarrierRecording


@dataclass
class FakeRecorder:
    """Does what it is asked; `fail_next` makes the next request raise, `lose_answer` does it and raises all the same."""

    recordings: dict[str, CarrierRecording] = field(default_factory=dict)
    status_urls: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)  # (what, of which), in order
    announced: list[tuple[str, str]] = field(default_factory=list)
    sound: bytes = b""
    fail_next: CarrierError | None = None
    lose_answer: bool = False
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def start(self, call_ref: str, *, status_url: str) -> CarrierRecording:
        """Begin one."""
        self._asked("start", call_ref)
        self.status_urls.append(status_url)
        found = CarrierRecording(
            ref=f"RE{next(self._numbers):032d}",
            call_ref=call_ref,
            state=AtCarrier.RUNNING,
            started_at=datetime.now(UTC),
            channels=2,
        )
        return self._changed(found)

    def set_paused(self, call_ref: str, ref: str, paused: bool, /) -> CarrierRecording:
        """Pause or go on."""
        self._asked("pause" if paused else "resume", ref)
        found = self._open(ref)
        return self._changed(replace(found, state=AtCarrier.PAUSED if paused else AtCarrier.RUNNING))

    def stop(self, call_ref: str, ref: str, /) -> CarrierRecording:
        """End it."""
        self._asked("stop", ref)
        return self._changed(replace(self._open(ref), state=AtCarrier.DONE, duration_seconds=1))

    def fetch(self, ref: str, /) -> CarrierRecording:
        """Return it."""
        self._asked("fetch", ref)
        return self._found(ref)

    def of_call(self, call_ref: str, /) -> Sequence[CarrierRecording]:
        """Return the call's."""
        self._asked("list", call_ref)
        return [each for each in self.recordings.values() if each.call_ref == call_ref]

    def delete(self, ref: str, /) -> None:
        """Forget it."""
        self._asked("delete", ref)
        self.recordings.pop(ref, None)

    def download(self, ref: str, into: BinaryIO, /) -> int:
        """Write `sound`."""
        self._asked("download", ref)
        if self._found(ref).state is not AtCarrier.DONE or not self.sound:
            raise CarrierError("no such sound", kind="permanent", code=20404)
        return into.write(self.sound)

    def announce(self, conference_name: str, url: str, /) -> None:
        """Remember it."""
        self._asked("announce", conference_name)
        self.announced.append((conference_name, url))

    def end(self, ref: str, *, seconds: int = 60) -> None:
        """Let the call's end be the recording's."""
        self.recordings[ref] = replace(self._found(ref), state=AtCarrier.DONE, duration_seconds=seconds)

    def kinds(self) -> list[str]:
        """Return what was asked, in order."""
        return [what for what, _ in self.asked]

    def _asked(self, what: str, of: str) -> None:
        self.asked.append((what, of))
        error, self.fail_next = self.fail_next, None
        if error is not None:
            raise error

    def _found(self, ref: str) -> CarrierRecording:
        if ref not in self.recordings:
            raise CarrierError("no such recording", kind="permanent", code=20404)
        return self.recordings[ref]

    def _open(self, ref: str) -> CarrierRecording:
        found = self._found(ref)
        if found.state not in (AtCarrier.RUNNING, AtCarrier.PAUSED):
            raise CarrierError("it has ended", kind="permanent", code=21220)
        return found

    def _changed(self, found: CarrierRecording) -> CarrierRecording:
        self.recordings[found.ref] = found
        if self.lose_answer:
            self.lose_answer = False
            raise CarrierError("no answer in time", kind="unknown")
        return found
