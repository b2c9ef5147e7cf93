"""Whether and when a call is answered by a person: hazards by ring time, and the level they are at now."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dialer.pacing.lengths import HORIZON, POINTS, STEP

Floats = NDArray[np.float64]

BINS: Final = 80  # half seconds of ringing
PRIOR: Final = 60.0  # attempts the first guess counts as


class Answers:
    """Learns from attempts as they resolve."""

    def __init__(self) -> None:
        centers = (np.arange(BINS) + 0.5) * STEP
        shape = np.exp(-0.5 * ((np.log(np.maximum(centers - 1.2, 0.05)) - 2.05) / 0.53) ** 2) / np.maximum(centers - 1.2, 0.05)
        self._persons = 0.2 * PRIOR * shape / shape.sum()  # answered by persons, by ring time
        self._all = self._persons.copy()  # whatever ended, by ring time
        self._all[44] += PRIOR - self._all.sum()
        self.persons, self.machines = 0.2 * PRIOR, 0.1 * PRIOR
        self._new, self.level = 0, 1.0
        self._answered = self._expected = 0.0
        self._fit()

    def add(self, result: str, ring: float, is_history: bool = False) -> None:
        """Learn from an attempt."""
        bin_ = min(BINS - 1, int(ring / STEP))
        self._all[bin_] += 1
        if result in ("human", "answered"):
            self._persons[bin_] += 1
            self.persons += 1
            self._answered += not is_history
        elif result == "machine":
            self.machines += 1
        self._new += 1
        if self._new >= 100:
            self._fit()

    def passed(self, seconds: float, ringing: list[float], memory: float) -> None:
        """Let time pass over ringing calls: how many answers were to be expected at the usual level.

        Answers against expected ones, both fading with `memory` seconds, give the level now; an attempt counts from its first
        second of ringing, so that quick outcomes do not weigh more than slow ones.
        """
        fade = 0.5 ** (seconds / memory)
        due = float(self.hazard[self._bins(ringing)].sum()) * seconds / STEP if ringing else 0.0
        self._answered *= fade
        self._expected = self._expected * fade + due
        weight = 40.0  # answers' worth of trust that nothing has changed
        self.level = (self._answered + weight) / (self._expected + weight)

    def _fit(self) -> None:
        fade = min(1.0, 20_000 / max(1.0, float(self._all.sum())))
        self._all *= fade
        self._persons *= fade
        self._new = 0
        persons = np.convolve(self._persons, (0.25, 0.5, 0.25), mode="same")
        at_risk = np.maximum(np.cumsum(self._all[::-1])[::-1], 1e-9)
        self.hazard = persons / at_risk  # of a person's answer within this half second, still ringing at its start
        # P(a person has answered by t | still ringing at age a): rows of ages.
        ends = np.cumsum(persons)
        padded = np.concatenate([ends, np.full(POINTS, ends[-1])])
        before = np.concatenate([[0.0], ends[:-1]])
        index = np.arange(BINS)[:, None] + np.arange(POINTS)[None, :]
        shifted = np.concatenate([[0.0], padded])[index]  # by the start of bin a + t
        self.by_age = (shifted - before[:, None]) / at_risk[:, None]

    def _bins(self, ages: list[float]) -> NDArray[np.intp]:
        return np.minimum((np.array(ages) / STEP).astype(np.intp), BINS - 1)

    def answering(self, ringing: list[float]) -> Floats:
        """Return each ringing call's chance of a person's answer by each point of the horizon: rows of calls."""
        return np.minimum(self.by_age[self._bins(ringing)] * self.level, 0.99)

    def fresh(self) -> Floats:
        """Return the same for a call placed now."""
        return np.minimum(self.by_age[0] * self.level, 0.99)
