"""The sound of a recording: a quiet tone where somebody was recorded, silence where it was paused."""

import array
import functools
import io
import math
import wave
from collections.abc import Sequence
from dataclasses import dataclass

# The vendor's wave files: 8,000 samples of 16 bits a second, 128 kilobits.
RATE, WIDTH = 8000, 2
# Whole numbers of waves in a second, so that one second can be repeated; the caller's side is the higher one.
CHANNEL_HERTZ = (350, 440)
LOUDNESS = 600
# An MPEG-2 layer III frame at 24 kHz and 32 kbit/s, mono: 576 samples in 96 bytes; zeros decode to silence.
MP3_HEADER, MP3_FRAME_BYTES, MP3_FRAME_SECONDS = b"\xff\xf3\x44\xc0", 96, 576 / 24_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a recording, in simulated seconds."""

    seconds: float
    is_silent: bool = False


def wav(stretches: Sequence[Stretch], channels: int) -> bytes:
    """Return a wave file as long as the stretches together."""
    target = io.BytesIO()
    with wave.open(target, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(WIDTH)
        out.setframerate(RATE)
        for stretch in stretches:
            frames = round(stretch.seconds * RATE)
            out.writeframes(_sound(frames, channels, stretch.is_silent))
    return target.getvalue()


def mp3(stretches: Sequence[Stretch]) -> bytes:
    """Return an MP3 file of silence as long as the stretches together, to a frame of 24 ms."""
    frames = round(sum(each.seconds for each in stretches) / MP3_FRAME_SECONDS)
    return (MP3_HEADER + bytes(MP3_FRAME_BYTES - len(MP3_HEADER))) * frames


def _sound(frames: int, channels: int, is_silent: bool) -> bytes:
    size = frames * channels * WIDTH
    if is_silent:
        return bytes(size)
    second = _second(channels)
    return (second * (size // len(second) + 1))[:size]


@functools.cache
def _second(channels: int) -> bytes:
    turns = [math.tau * hertz / RATE for hertz in CHANNEL_HERTZ[:channels]]
    samples = array.array(
        "h", (round(LOUDNESS * math.sin(turn * index)) for index in range(RATE) for turn in turns)
    )
    return samples.tobytes()
