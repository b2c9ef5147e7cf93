"""An uploaded file → samples as a telephone needs them: one channel, 16 kHz, between -1 and 1. Pure.

The decoder is libsndfile inside the package soundfile. It sees only the four formats sniffing.py lets through, and is read in
blocks, so that a small file that unpacks to hours costs no more than a minute of sound.
"""

from dataclasses import dataclass
from io import BytesIO
from math import gcd
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from campaigns.recordings.sniffing import ADVICE, Format, SoundRefused, sniff

Samples = NDArray[np.float32]

RATE: Final = 16_000  # telephones carry 8 kHz or 16 kHz; the carrier converts to what the line takes
MAX_SECONDS: Final = 60
RATES: Final = (8_000, 96_000)
MAX_CHANNELS: Final = 2
BLOCK: Final = 65_536
CLIPPED_AT: Final = 0.999
CLIPPED_RUN: Final = (
    3  # samples in a row at the limit: a wave with its top cut off, not a peak that just reaches it
)

# What libsndfile calls the containers we let in; a WAV header may say any of the first three.
CONTAINERS: Final = {
    Format.WAV: frozenset({"WAV", "WAVEX", "RF64"}),
    Format.FLAC: frozenset({"FLAC"}),
    Format.OGG: frozenset({"OGG"}),
    Format.MP3: frozenset({"MP3"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The sound of a file, and how much of it was cut off at the loudest value before its rate was changed (0 to 1)."""

    samples: Samples
    clipped_share: float


def decode(data: bytes) -> Decoded:
    """Return the file's sound. Raises SoundRefused with what was found."""
    kind = sniff(data)
    try:
        with soundfile.SoundFile(BytesIO(data)) as file:
            _check_header(file, kind)
            samples = _read(file)
            rate = int(file.samplerate)
    except (soundfile.SoundFileError, RuntimeError, ValueError, OverflowError) as error:
        if isinstance(error, SoundRefused):
            raise
        raise SoundRefused(
            "unreadable", f"The file begins like {kind} but cannot be read as such; it is damaged. {ADVICE}"
        ) from error
    if not len(samples):
        raise SoundRefused("empty", f"The {kind} file holds no sound. Save the recording again.")
    if not np.isfinite(samples).all():
        raise SoundRefused(
            "unreadable", f"The {kind} file holds values that are no sound. Save it with 16 bits."
        )
    return Decoded(samples=resample(samples, rate), clipped_share=_clipped_share(samples))


def resample(samples: Samples, rate: int) -> Samples:
    """Return the samples at 16 kHz, through their spectrum: what the new rate cannot carry is left out, nothing is mirrored."""
    if rate == RATE:
        return samples
    down = rate // gcd(rate, RATE)
    length = -(-len(samples) // down) * down  # whole periods of both rates, the rest filled with silence
    spectrum = np.fft.rfft(samples, n=length)
    wanted = length * RATE // rate
    kept = spectrum[: wanted // 2 + 1]
    if wanted < length and wanted % 2 == 0:
        kept[-1] = 0  # its partner above the new half is cut off
    moved = np.fft.irfft(kept, n=wanted) * (wanted / length)
    return np.clip(moved[: len(samples) * RATE // rate], -1, 1).astype(np.float32)


def _check_header(file: soundfile.SoundFile, kind: Format) -> None:
    if file.format not in CONTAINERS[kind]:
        raise SoundRefused("unreadable", f"The file begins like {kind} but is {file.format}. {ADVICE}")
    if not RATES[0] <= file.samplerate <= RATES[1]:
        raise SoundRefused(
            "bad_header",
            f"The file says it has {file.samplerate:,} samples a second. A voice has 8,000 to 96,000: save it again with 16,000.",
        )
    if file.channels > MAX_CHANNELS:
        raise SoundRefused(
            "bad_header", f"The file has {file.channels} channels. Save it in mono (or stereo) and try again."
        )


def _read(file: soundfile.SoundFile) -> Samples:
    """Return the sound in one channel; stop at the first block past the longest message, whatever the header said."""
    most, blocks, frames = MAX_SECONDS * file.samplerate, list[Samples](), 0
    while len(block := file.read(BLOCK, dtype="float32", always_2d=True)):
        frames += len(block)
        if frames > most:
            said = f"about {file.frames / file.samplerate:,.0f} seconds" if file.frames > most else "more"
            raise SoundRefused(
                "too_long",
                f"The recording is too long: {said}. A message may last {MAX_SECONDS} seconds; shorten it.",
            )
        blocks.append(block.mean(axis=1, dtype=np.float32))
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


def _clipped_share(samples: Samples) -> float:
    at_limit = (np.abs(samples) >= CLIPPED_AT).astype(int)
    in_run = np.convolve(at_limit, np.ones(CLIPPED_RUN, int), mode="same") >= CLIPPED_RUN
    return float(in_run.mean())
