"""How long things take, learned from what was seen: chances by elapsed time, without assuming a shape.

A call is reported when it is over, so that in the first minutes of a day the short ones are known and the long ones are not: with 500
agents their number soon outweighs the past, and agents are expected free too soon. So calls still going on count as well, each up to its
age (Kaplan and Meier, Nonparametric estimation from incomplete observations, Journal of the American Statistical Association 53, 1958),
and calls that began before the first one remembered count from the age they then had (delayed entry; Andersen, Borgan, Gill and Keiding,
Statistical Models Based on Counting Processes, 1993, ch. III).
"""

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
        self._seen: deque[tuple[float, float, float]] = deque(maxlen=KEPT)
        self.talking_now: list[float] = []  # ages of the calls going on
        self._new = 0
        rng = np.random.default_rng(7)  # before anything is seen: calls of 80 s, wrap-ups of 12 s
        talk, wrap = rng.lognormal(3.9, 0.95, 200), rng.lognormal(2.3, 0.6, 200)
        self._prior = np.stack([talk, wrap, np.zeros(200)], axis=1)
        self.mean = 92.0
        self._fit(0.0)

    def add(self, talk: float, wrap: float, at: float) -> None:
        """Learn from a handled call, reported at `at`."""
        self._seen.append((talk, wrap, at))
        self._new += 1
        if self._new >= max(20, len(self._seen) // 10):
            self._fit(at)

    def _fit(self, now: float) -> None:
        self._new = 0
        seen = np.array(self._seen).reshape(-1, 3)
        begun = seen[:, 2] - seen[:, 0] - seen[:, 1]
        since = float(seen[:, 2].min()) if len(seen) else now
        prior = self._prior[: max(0, 200 - len(seen))]
        entry = np.concatenate([np.zeros(len(prior)), np.maximum(0.0, since - begun)])
        talk, wrap, _ = np.concatenate([prior, seen]).T
        going_on = np.array(self.talking_now)
        weights = _weights(talk, entry, going_on, np.maximum(0.0, going_on - (now - since)))
        self.mean = float((talk + wrap).mean())
        self.talking = _chances(talk, talk + wrap, weights)
        self.wrapping = _chances(wrap, wrap, np.full(len(wrap), 1 / len(wrap)))

    def freed(self, talking: list[float], wrapping: list[float]) -> Floats:
        """Return, at each point of the horizon, each busy agent's chance to be free: rows of agents."""
        rows = [self.talking[_row(talking)]] if talking else []
        if wrapping:
            rows.append(self.wrapping[_row(wrapping)])
        return np.concatenate(rows) if rows else np.zeros((0, POINTS))


def _row(ages: list[float]) -> NDArray[np.intp]:
    return np.clip(np.searchsorted(AGES, np.array(ages) + 0.25, side="right") - 1, 0, len(AGES) - 1)


def _weights(lengths: Floats, entry: Floats, going_on: Floats, entry_of_those: Floats) -> Floats:
    """Return the chance that a length is each of those seen, where others have lasted `going_on` so far; the rest are longer than all.

    Each is at risk from the age of its entry on. Where most had ended before they entered, there is no such clock: all count alike.
    """
    is_seen = entry < lengths
    if 2 * is_seen.sum() < len(lengths):
        return np.full(len(lengths), 1 / len(lengths))
    order = np.argsort(lengths)
    ends = np.sort(np.concatenate([lengths[is_seen], going_on]))
    entries = np.sort(np.concatenate([entry[is_seen], entry_of_those]))
    at = lengths[order]
    at_risk = np.searchsorted(entries, at, side="left") - np.searchsorted(ends, at, side="left")
    hazard = np.where(is_seen[order], 1 / np.maximum(at_risk, 1), 0.0)
    survival = np.concatenate([[1.0], np.cumprod(1 - hazard)[:-1]])
    weights = np.empty(len(lengths))
    weights[order] = survival * hazard
    return weights


def _chances(first: Floats, total: Floats, weights: Floats) -> Floats:
    """Return P(total <= age + t | first > age) for the ages kept and the points of the horizon.

    Where few lengths are left beyond an age, those of about that age are taken with them: a tail is fitted, not guessed from one call.
    """
    order = np.argsort(first)
    first, total, weights = first[order], total[order], weights[order]
    longer = 1 - np.concatenate([[0.0], np.cumsum(weights)])  # P(longer than the first 0, 1, 2, ... of them)
    table = np.empty((len(AGES), POINTS))
    count, least = len(first), 25
    for row, age in enumerate(AGES):
        begin = int(np.searchsorted(first, age, side="right"))
        rest = total[begin:] - age
        if count - begin < least:
            # Scale invariance of long tails: the last calls' remaining lengths, stretched to this age.
            begin = max(0, count - least)
            base = first[begin - 1] if begin else 0.0
            rest = (total[begin:] - base) * max(1.0, age / max(base, 1.0))
        by = np.argsort(rest)
        done = np.concatenate([[0.0], np.cumsum(weights[begin:][by])])
        table[row] = done[np.searchsorted(rest[by], HORIZON, side="right")] / max(1e-9, float(longer[begin]))
    return np.minimum(table, 1.0)
