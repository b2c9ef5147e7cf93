"""Whether and when a call is answered by a person: hazards by ring time, and the level they are at now."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dialer.pacing.lengths import POINTS, STEP
from dialer.pacing.scores import Scores
from dialer.pacing.shortage import normal_cdf

Floats = NDArray[np.float64]

BINS: Final = 80  # half seconds of ringing
PRIOR: Final = 60.0  # attempts the first guess counts as
TRUST: Final = 40.0  # answers' worth of trust that the level is the usual one
MEMORY: Final = 900.0  # seconds by which one agent's answers count half
SHORTEST: Final = 240.0  # seconds; with less, large teams followed chance and lost more than they gained
TURNED: Final = 4.0  # deviations from which the last answers are no chance


class Answers:
    """Learns from attempts as they resolve."""

    def __init__(self) -> None:
        centers = (np.arange(BINS) + 0.5) * STEP
        shape = np.exp(-0.5 * ((np.log(np.maximum(centers - 1.2, 0.05)) - 2.05) / 0.53) ** 2) / np.maximum(
            centers - 1.2, 0.05
        )
        self._persons = 0.2 * PRIOR * shape / shape.sum()  # answered by persons, by ring time
        self._all = self._persons.copy()  # whatever ended, by ring time
        self._all[44] += PRIOR - self._all.sum()
        self.persons, self.machines = 0.2 * PRIOR, 0.1 * PRIOR
        self._new, self.level = 0, 1.0
        self._answered = self._expected = 0.0
        self._lately, self._heard, self._trust = (0.0, 0.0), 0, TRUST
        self.scores = Scores()
        self._fit()

    def add(self, result: str, ring: float, score: float = 0.0, *, is_history: bool = False) -> None:
        """Learn from an attempt; `ring` in seconds, a score of 0 is none."""
        bin_ = min(BINS - 1, max(0, int(ring / STEP)))
        is_person = result in ("human", "answered")
        self._all[bin_] += 1
        if is_person:
            self._persons[bin_] += 1
            self.persons += 1
            self._heard += not is_history
        elif result == "machine":
            self.machines += 1
        if score > 0:
            self.scores.add(score, is_person)
        self._new += 1
        if self._new >= max(10, min(100, int(self._all.sum() / 10))):
            self._fit()

    def passed(self, seconds: float, ringing: list[float], staff: int, scores: Sequence[float] = ()) -> None:
        """Let time pass over ringing calls: how many answers were to be expected at the usual level.

        Answers against expected ones, both fading, give the level now; an attempt counts from its first second of ringing, so that
        quick outcomes do not weigh more than slow ones, and by its score, so that a list called in the order of its scores is not
        counted twice, in the scores and in the level. How long they are remembered balances chance against a level that moves: the
        steady Kalman filter's memory, which falls with the root of the rate of answers. When the last answers contradict the level
        beyond chance (the list turned), the level starts again from them.
        """
        memory = max(SHORTEST, MEMORY / math.sqrt(max(1, staff)))
        due = self._due(ringing, scores) * seconds / STEP if ringing else 0.0
        heard, self._heard = self._heard, 0
        fade, quick = 0.5 ** (seconds / memory), 0.5 ** (seconds * 6 / memory)
        self._answered, self._expected = self._answered * fade + heard, self._expected * fade + due
        self._lately = (self._lately[0] * quick + heard, self._lately[1] * quick + due)
        usual = self._lately[1] * self.level
        if abs(self._lately[0] - usual) > TURNED * math.sqrt(usual + 2):
            (self._answered, self._expected), self._trust = self._lately, 4.0
        self._trust = TRUST + (self._trust - TRUST) * fade
        self.level = (self._answered + self._trust) / (self._expected + self._trust)

    @property
    def chance(self) -> float:
        """Return the chance that a call brings a person's answer now."""
        return min(0.99, max(1e-3, float(self.by_age[0, -1]) * self.level))

    def _due(self, ringing: list[float], scores: Sequence[float]) -> float:
        hazard = self.hazard[self._bins(ringing)]
        if len(scores) == len(ringing):
            factors = self.scores.factors(scores)
            hazard = hazard * factors / (1 - hazard + hazard * factors)
        return float(hazard.sum())

    def _fit(self) -> None:
        fade = min(1.0, 20_000 / max(1.0, float(self._all.sum())))
        self._all *= fade
        self._persons *= fade
        self._new = 0
        persons = np.convolve(self._persons, (0.25, 0.5, 0.25), mode="same")
        at_risk = np.maximum(np.cumsum(self._all[::-1])[::-1], 1e-9)
        self.hazard = (
            persons / at_risk
        )  # of a person's answer within this half second, still ringing at its start
        # P(a person has answered by t | still ringing at age a): rows of ages.
        ends = np.cumsum(persons)
        padded = np.concatenate([ends, np.full(POINTS, ends[-1])])
        before = np.concatenate([[0.0], ends[:-1]])
        index = np.arange(BINS)[:, None] + np.arange(POINTS)[None, :]
        shifted = np.concatenate([[0.0], padded])[index]  # by the start of bin a + t
        self.by_age = (shifted - before[:, None]) / at_risk[:, None]

    def _bins(self, ages: list[float]) -> NDArray[np.intp]:
        return np.clip((np.array(ages) / STEP).astype(np.intp), 0, BINS - 1)

    def answering(self, ringing: list[float], scores: list[float]) -> Floats:
        """Return each ringing call's chance of a person's answer by each point of the horizon: rows of calls."""
        if not ringing:
            return np.zeros((0, POINTS))
        return self._scored(np.minimum(self.by_age[self._bins(ringing)] * self.level, 0.99), scores)

    def fresh(self, scores: list[float], count: int) -> Floats:
        """Return the same for the calls that might be placed now, in dialing order: `count` rows."""
        rows = np.repeat(np.minimum(self.by_age[:1] * self.level, 0.99), count, axis=0)
        if not scores:
            return rows
        return self._scored(rows, (scores + scores[-1:] * count)[:count])

    def _scored(self, chances: Floats, scores: list[float]) -> Floats:
        if len(scores) != len(chances):
            return chances
        factors = self.scores.factors(scores)[:, None]
        return np.asarray(chances * factors / (1 - chances + chances * factors))

    def person_in_detection(self, ages: Floats) -> Floats:
        """Return the chance that an answered call still in detection after so many seconds will be passed on as a person.

        People are told about 2 s after the answer, when the greeting is over; machines talk on and are told at 1.5 to 4 s.
        """
        person = self.persons * self.level * np.maximum(1 - normal_cdf((ages - 1.9) / 0.4), 1e-6)
        machine = self.machines * np.clip((3.8 - ages) / 2.0, 0.02, 1.0)
        return np.asarray(person / (person + machine))
