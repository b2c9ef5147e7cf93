"""How long things take, learned from what was seen: chances by elapsed time, without assuming a shape."""

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEP: Final = 0.5  # seconds between two points of a horizon
POINTS: Final = 64
HORIZON: Final = np.arange(POINTS) * STEP
KEPT: Final = 2000  # handled calls remembered
# Ages at which chances are kept: fine where lengths are short, coarse where they are long.
AGES: Final = np.concatenate([np.arange(0, 40, 1.0), np.arange(40, 120, 4.0), np.arange(120, 900, 20.0)])


class Handling:
    """How soon a busy agent is free, given how long they have been busy."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque(maxlen=KEPT)
        self._new = 0
        rng = np.random.default_rng(7)  # before anything is seen: calls of 80 s, wrap-ups of 12 s
        talk, wrap = rng.lognormal(3.9, 0.95, 200), rng.lognormal(2.3, 0.6, 200)
        self._prior = np.stack([talk, wrap], axis=1)
        self.mean = 92.0
        self._fit()

    def add(self, talk: float, wrap: float) -> None:
        """Learn from a handled call."""
        self._seen.append((talk, wrap))
        self._new += 1
        if self._new >= max(20, len(self._seen) // 10):
            self._fit()

    def _fit(self) -> None:
        self._new = 0
        prior = self._prior[: max(0, 200 - len(self._seen))]
        seen = np.array(self._seen).reshape(-1, 2)
        pairs = np.concatenate([prior, seen]) if len(prior) else seen
        talk, wrap = pairs[:, 0], pairs[:, 1]
        self.mean = float((talk + wrap).mean())
        self.talking = _chances(talk, talk + wrap)
        self.wrapping = _chances(wrap, wrap)

    def freed(self, talking: list[float], wrapping: list[float]) -> Floats:
        """Return, at each point of the horizon, each busy agent's chance to be free: rows of agents."""
        rows = [self.talking[_row(talking)]] if talking else []
        if wrapping:
            rows.append(self.wrapping[_row(wrapping)])
        return np.concatenate(rows) if rows else np.zeros((0, POINTS))


def _row(ages: list[float]) -> NDArray[np.intp]:
    return np.clip(np.searchsorted(AGES, np.array(ages) + 0.25, side="right") - 1, 0, len(AGES) - 1)


def _chances(first: Floats, total: Floats) -> Floats:
    """Return P(total <= age + t | first > age) for the ages kept and the points of the horizon.

    Where few lengths are left beyond an age, those of about that age are taken with them: a tail is fitted, not guessed from one call.
    """
    order = np.argsort(first)
    first, total = first[order], total[order]
    table = np.empty((len(AGES), POINTS))
    count, least = len(first), 25
    for row, age in enumerate(AGES):
        begin = int(np.searchsorted(first, age, side="right"))
        if count - begin >= least:
            rest = np.sort(total[begin:] - age)
        else:
            # Scale invariance of long tails: the last calls' remaining lengths, stretched to this age.
            tail = max(0, count - least)
            base = first[tail - 1] if tail else 0.0
            stretch = max(1.0, age / max(base, 1.0))
            rest = np.sort((total[tail:] - base) * stretch)
        table[row] = np.searchsorted(rest, HORIZON, side="right") / max(1, len(rest))
    return table
