"""The picture of a stored recording: how loud each channel is along its time. Pure, but for reading the file."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

STEPS = 480  # of the picture, whatever the length
MAX_CHANNELS = 2
BLOCK = 65_536


class SoundUnreadable(ValueError):
    """The file is no sound that can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Loudness from 0 to 100, one list a channel, each of at most STEPS; and how long it is."""

    peaks: list[list[int]]
    seconds: float


def picture(path: Path) -> Picture:
    """Return the picture of a WAV file, read in blocks, so that an hour of sound needs no hour of memory. Raises SoundUnreadable."""
    try:
        with soundfile.SoundFile(path) as file:
            frames, channels = file.frames, file.channels
            if not frames or channels > MAX_CHANNELS:
                raise SoundUnreadable(f"The file has {frames} frames in {channels} channels.")
            highest = np.zeros((STEPS, channels), np.float32)
            at = 0
            while len(block := file.read(BLOCK, dtype="float32", always_2d=True)):
                places = np.minimum(np.arange(at, at + len(block)) * STEPS // frames, STEPS - 1)
                np.maximum.at(highest, places, np.abs(block))
                at += len(block)
            seconds = frames / file.samplerate
    except (soundfile.SoundFileError, RuntimeError, OSError) as error:
        raise SoundUnreadable(f"The file cannot be read as sound: {error}") from error
    used = min(STEPS, frames)
    kept = highest[np.arange(used) * STEPS // used]
    loud = np.clip(np.rint(kept * 100), 0, 100).astype(int)
    return Picture(
        peaks=[[int(each) for each in loud[:, channel]] for channel in range(channels)], seconds=seconds
    )
