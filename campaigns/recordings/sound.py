"""A file → the recording as it is kept and played: 16-bit mono WAV, its hash, what was measured, its picture. Pure."""

import hashlib
from dataclasses import dataclass

import numpy as np

from campaigns.recordings.decoding import RATE, Samples, decode
from campaigns.recordings.measuring import Measured, measure, peaks, trim
from campaigns.recordings.sniffing import SoundRefused

MIN_SECONDS = 1.0
HEADER_BYTES = 44


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A recording that can be played. Two uploads of the same samples have the same hash."""

    wav: bytes
    sha256: str
    measured: Measured
    peaks: list[int]  # 0 to 100, for the picture
    cut_seconds: float  # of silence at the beginning of the file: what was noted while listening to it is that much earlier


def read_sound(data: bytes, *, trim_silence: bool = True) -> Sound:
    """Return the file as it will be played. Raises SoundRefused with what was found and what to do."""
    decoded = decode(data)
    _refuse_moment(decoded.samples)
    samples, cut = trim(decoded.samples) if trim_silence else (decoded.samples, 0.0)
    measured = measure(samples, clipped_share=decoded.clipped_share)
    _refuse_moment(samples)
    wav = as_wav(samples)
    return Sound(
        wav=wav,
        sha256=hashlib.sha256(wav).hexdigest(),
        measured=measured,
        peaks=peaks(samples),
        cut_seconds=round(cut, 3),
    )


def _refuse_moment(samples: Samples) -> None:
    seconds = len(samples) / RATE
    if seconds < MIN_SECONDS:
        raise SoundRefused(
            "too_short",
            f"The recording lasts {seconds:.1f} seconds, too short to say anything. Record it again.",
        )


def as_wav(samples: Samples) -> bytes:
    """Return a WAV file: 16 bits, one channel, 16 kHz, no chunk but format and data."""
    body = np.clip(np.round(samples * 32768), -32768, 32767).astype("<i2").tobytes()
    header = (
        b"RIFF" + (len(body) + HEADER_BYTES - 8).to_bytes(4, "little") + b"WAVEfmt "
        + (16).to_bytes(4, "little") + (1).to_bytes(2, "little") + (1).to_bytes(2, "little")
        + RATE.to_bytes(4, "little") + (RATE * 2).to_bytes(4, "little") + (2).to_bytes(2, "little")
        + (16).to_bytes(2, "little") + b"data" + len(body).to_bytes(4, "little")
    )  # fmt: skip
    return header + body
