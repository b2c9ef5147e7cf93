"""What we ask of a carrier about the recording of a call. Strings and dataclasses only; no HTTP type crosses this line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Protocol


class AtCarrier(StrEnum):
    """How a recording stands at the carrier."""

    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"  # ended; its sound is there, or will be in a moment
    ABSENT = "absent"  # ended, and there is no sound


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierRecording:
    """A recording as the carrier knows it."""

    ref: str
    call_ref: str
    state: AtCarrier
    started_at: datetime
    channels: int
    duration_seconds: int | None = None  # once it has ended


class Recorder(Protocol):
    """Every method may raise carriers.protocol.CarrierError and must run outside a transaction."""

    def start(self, call_ref: str, *, status_url: str) -> CarrierRecording:
        """Record the person's leg from now on, each side in a channel of its own. Not idempotent: look before asking again."""
        ...

    def set_paused(self, call_ref: str, ref: str, paused: bool, /) -> CarrierRecording:
        """Pause (the pause is heard as silence, so that its place stays visible) or go on; the answer is the confirmation."""
        ...

    def stop(self, call_ref: str, ref: str, /) -> CarrierRecording:
        """End it for good."""
        ...

    def fetch(self, ref: str, /) -> CarrierRecording:
        """Return how it stands now."""
        ...

    def of_call(self, call_ref: str, /) -> Sequence[CarrierRecording]:
        """Return the recordings of a call, oldest first."""
        ...

    def delete(self, ref: str, /) -> None:
        """Remove it with its sound; one that is not there is no error."""
        ...

    def download(self, ref: str, into: BinaryIO, /) -> int:
        """Write its sound as WAV and return how many bytes; code 20404 where the carrier has none."""
        ...

    def announce(self, conference_name: str, url: str, /) -> None:
        """Play the document at `url` to everybody in a conference; whether it was heard to its end comes as news."""
        ...
