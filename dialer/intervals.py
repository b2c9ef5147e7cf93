"""How sure a share is that was counted. Pure."""

from dataclasses import dataclass
from math import sqrt
from typing import Final

Z: Final = 1.96  # 95 %


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`, with the 95 % interval of the share behind it, each 0 to 1."""

    part: float  # estimates are not whole
    whole: float
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """Return the share itself; None where nothing was counted."""
        return self.part / self.whole if self.whole else None


def share(part: float, whole: float) -> Share:
    """Return a share with its Wilson score interval, which holds for few and for one-sided counts (Wilson 1927).

    Raises ValueError for counts that are none.
    """
    if not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is no share.")
    if whole == 0:
        return Share(part, whole, 0.0, 1.0)
    middle = (part / whole + Z * Z / (2 * whole)) / (1 + Z * Z / whole)
    half = Z / (1 + Z * Z / whole) * sqrt(part * (whole - part) / whole**3 + Z * Z / (4 * whole * whole))
    # At the ends the two terms are equal but for rounding.
    low = middle - half if part else 0.0
    high = middle + half if part < whole else 1.0
    return Share(part, whole, low, high)
