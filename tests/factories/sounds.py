"""Recordings for tests: tones that swell like speech, in any format, and files that are none."""

from io import BytesIO

import numpy as np
import soundfile
from numpy.typing import NDArray

Wave = NDArray[np.float32]
Samples = NDArray[np.float32] | NDArray[np.int16]


def voice(seconds: float, *, rate: int = 16_000, loudness: float = 0.3) -> Wave:
    """Return a tone that swells three times a second, without a pause."""
    t = np.arange(int(seconds * rate)) / rate
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 3 * t)
    return (loudness * swell * np.sin(2 * np.pi * 300 * t)).astype(np.float32)


def silence(seconds: float, *, rate: int = 16_000) -> Wave:
    """Return nothing to hear."""
    return np.zeros(int(seconds * rate), np.float32)


def as_file(wave: Samples, *, kind: str = "WAV", rate: int = 16_000, subtype: str | None = None) -> bytes:
    """Return the wave as a file."""
    file = BytesIO()
    soundfile.write(file, wave, rate, format=kind, subtype=subtype)
    return file.getvalue()


def spoken(seconds: float = 8.0, **how: float) -> bytes:
    """Return a recording that can be used."""
    return as_file(voice(seconds, **how))  # type: ignore[arg-type]  # rate is whole, loudness is not
