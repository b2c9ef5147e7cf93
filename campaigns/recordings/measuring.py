"""What can be measured in a recording, and what is cut off or refused for it. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from campaigns.recordings.decoding import RATE, Samples
from campaigns.recordings.sniffing import SoundRefused

FRAME: Final = RATE // 100  # 10 ms, a part of the shortest sound of speech
SOUND_FLOOR: Final = 0.004  # -48 dB below full: softer is the room, not a voice
SOUND_SHARE: Final = 0.05  # of the loud parts: a voice's softest beginnings lie above, hiss below
SOUND_FRAMES: Final = 3  # of five: a click of the mouse is shorter
MAX_CLIPPED_SHARE: Final = 0.01
QUIET_DB: Final = -35.0  # a telephone line's noise is near
LEAD_SECONDS: Final = 0.1
TAIL_SECONDS: Final = 0.3
PEAKS: Final = 240  # columns of the picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured. Seconds count from the beginning; levels are dB below the loudest possible (0)."""

    seconds: float
    first_sound_at: float
    peak_db: float
    level_db: float  # of the parts with a voice in them
    clipped_share: float  # of the samples, 0 to 1
    silence_share: float  # of the time, 0 to 1

    @property
    def is_quiet(self) -> bool:
        """Return whether people will strain to hear it."""
        return self.level_db < QUIET_DB


def trim(samples: Samples) -> tuple[Samples, float]:
    """Return the recording without the silence before and after, and the seconds cut off before; silence alone stays as it is."""
    frames = np.flatnonzero(_sounding(samples))
    if not len(frames):
        return samples, 0.0
    start = max(0, int(frames[0]) * FRAME - round(LEAD_SECONDS * RATE))
    end = (int(frames[-1]) + 1) * FRAME + round(TAIL_SECONDS * RATE)
    return samples[start:end], start / RATE


def measure(samples: Samples, *, clipped_share: float) -> Measured:
    """Return what is in the recording. Raises SoundRefused if it is silent or clipped."""
    seconds = len(samples) / RATE
    sounding = _sounding(samples)
    frames = np.flatnonzero(sounding)
    if not len(frames):
        raise SoundRefused(
            "silent",
            f"The recording is silent: {seconds:.1f} seconds without a voice. Check that the right microphone is chosen and not muted, "
            "then record again.",
        )
    if clipped_share > MAX_CLIPPED_SHARE:
        raise SoundRefused(
            "clipped",
            f"The recording is overdriven: {clipped_share:.0%} of it is cut off at the loudest possible value and crackles. "
            "Move away from the microphone or turn it down, then record again.",
        )
    return Measured(
        seconds=round(seconds, 3),
        first_sound_at=round(int(frames[0]) * FRAME / RATE, 3),
        peak_db=_db(float(np.abs(samples).max())),
        level_db=_db(float(np.sqrt(np.mean(_levels(samples)[sounding] ** 2)))),
        clipped_share=round(clipped_share, 5),
        silence_share=round(1 - len(frames) / len(sounding), 3),
    )


def peaks(samples: Samples) -> list[int]:
    """Return the loudest value of each column of the picture, 0 to 100."""
    columns = np.array_split(np.abs(samples), min(PEAKS, len(samples)))
    return [min(100, round(float(column.max()) * 100)) for column in columns]


def _levels(samples: Samples) -> NDArray[np.float64]:
    """Return the effective value of each 10 ms; a rest shorter than that counts as one."""
    short = -len(samples) % FRAME
    frames = np.pad(samples.astype(np.float64), (0, short)).reshape(-1, FRAME)
    levels: NDArray[np.float64] = np.sqrt(np.mean(frames**2, axis=1))
    return levels


def _sounding(samples: Samples) -> NDArray[np.bool_]:
    """Return for each 10 ms whether a voice is in it: louder than the room, among others that are."""
    levels = _levels(samples)
    threshold = max(SOUND_FLOOR, SOUND_SHARE * float(np.percentile(levels, 95)))
    loud = levels > threshold
    around = np.convolve(loud.astype(int), np.ones(5, int), mode="same")
    return loud & (around >= SOUND_FRAMES)


def _db(value: float) -> float:
    return round(20 * float(np.log10(max(value, 1e-6))), 1)
