"""What a lead score says of an answer: a line through the log odds, fitted to what came of scored calls."""

from collections import deque
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

KEPT: Final = 4000  # attempts fitted
EVERY: Final = 200


def log_odds(scores: Floats) -> Floats:
    """Return scores as log odds."""
    inside = np.clip(scores, 0.005, 0.995)
    return np.asarray(np.log(inside / (1 - inside)))


class Scores:
    """Turns scores into factors on the odds of an answer. A noisy score moves the odds less than it claims: the slope is learned."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, bool]] = deque(maxlen=KEPT)
        self._new, self._slope, self._mean = 0, 0.8, 0.0

    def add(self, score: float, is_person: bool) -> None:
        """Learn from an attempt."""
        self._seen.append((score, is_person))
        self._new += 1
        if self._new >= EVERY:
            self._fit()

    def factors(self, scores: Sequence[float]) -> Floats:
        """Return by what to multiply the odds of the average call for each score."""
        return np.asarray(np.exp(self._slope * (log_odds(np.array(scores)) - self._mean)))

    def _fit(self) -> None:
        """Fit slope and level by Newton's method, the slope held near its first guess by a normal law around it."""
        self._new = 0
        seen = np.array(self._seen, dtype=np.float64)
        x, y = log_odds(seen[:, 0]), seen[:, 1]
        center = x - x.mean()
        level, slope = float(log_odds(np.array([y.mean()]))[0]), self._slope
        for _ in range(4):
            p = 1 / (1 + np.exp(-(level + slope * center)))
            weight = p * (1 - p)
            level += float((y - p).sum() / max(1e-9, weight.sum()))
            pull = (0.8 - slope) / 0.09
            slope += float(((center * (y - p)).sum() + pull) / ((center * center * weight).sum() + 1 / 0.09))
        self._slope = min(1.5, max(0.0, slope))
        # The average call's odds are the share's: the mean is put where factors average the share over the list.
        base = float(y.mean()) / max(1e-9, 1 - float(y.mean()))
        self._mean = float(x.mean()) + (np.log(max(1e-9, base)) - level) / max(0.05, self._slope)
