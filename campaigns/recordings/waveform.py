"""The picture of a recording: one path for an inline SVG. Pure."""

from collections.abc import Sequence

HEIGHT = 64
WIDTH = 480
LEAST = 1  # silence is a line, not a gap


def path(peaks: Sequence[int]) -> str:
    """Return the path of a closed shape, mirrored at the middle, in a box of WIDTH by HEIGHT; empty without peaks."""
    if not peaks:
        return ""
    half, step = HEIGHT / 2, WIDTH / len(peaks)
    highest = max(*peaks, 25)  # a soft voice fills the picture, a whisper does not
    heights = [max(LEAST, peak / highest * (half - 2)) for peak in peaks]
    upper = [f"{index * step:.1f} {half - height:.1f}" for index, height in enumerate(heights)]
    lower = [f"{index * step:.1f} {half + height:.1f}" for index, height in enumerate(heights)]
    return f"M{' L'.join([*upper, *reversed(lower)])}Z"
