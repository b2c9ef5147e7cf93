"""The best any dialer can do in a Markov scenario: the optimum of the constrained Markov decision process.

State: agents busy plus people waiting (x), calls ringing (r). Calls may be started at every event. With the reward
"busy agents less a price times (abandonments less the share allowed of the answers)" the best long-run reward is, at any price,
at least the best utilization under the cap, and at the best price it is equal to it (Altman, Constrained Markov Decision
Processes, 1999, ch. 4: the average cost and its dual programme). So the optimum is the least, over prices, of what relative value
iteration finds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkovModel:
    """A campaign without memory: means in seconds."""

    agents: int
    person: float = 0.25
    ring: float = 10.0
    handling: float = 80.0
    patience: float = 3.2
    cap: float = 0.03
    waiting: int = 6  # people waiting at most; one more is turned away as abandoned

    @property
    def lines(self) -> int:
        """Return the calls ringing at most: well above what any price near the best one orders."""
        return 20 + 4 * self.agents


def value(model: MarkovModel, price: float, precision: float = 1e-6) -> float:
    """Return the best long-run share of agents busy, each abandonment above the cap charged `price` agent-seconds."""
    people = np.arange(model.agents + model.waiting + 1.0)[:, None]
    ringing = np.arange(model.lines + 1.0)[None, :]
    busy = np.minimum(people, model.agents)
    ends = ringing / model.ring
    done, gone = busy / model.handling, (people - busy) / model.patience
    turned_away = np.zeros_like(people)
    turned_away[-1] = 1.0
    charged = gone + ends * model.person * (turned_away - model.cap)
    clock = model.agents / model.handling + model.waiting / model.patience + model.lines / model.ring
    stay = 1 - (ends + done + gone) / clock
    reward = (busy - price * charged) / clock
    best = np.zeros_like(reward)
    while True:
        fewer = np.concatenate([best[:, :1], best[:, :-1]], axis=1)
        answered = np.concatenate([fewer[1:], fewer[-1:]], axis=0)
        left = np.concatenate([best[:1], best[:-1]], axis=0)
        mixed = ends * ((1 - model.person) * fewer + model.person * answered) + (done + gone) * left
        after = reward + mixed / clock + stay * best
        # Starting calls is free and immediate: from r one may go to any more.
        found = np.maximum.accumulate(after[:, ::-1], axis=1)[:, ::-1]
        change = found - best
        low, high = float(change.min()) * clock, float(change.max()) * clock
        best = found - found[0, 0]
        if high - low < precision * model.agents:
            return (low + high) / 2 / model.agents


def optimum(model: MarkovModel) -> float:
    """Return the best utilization at the cap, by golden-section search over the price: the dual is convex in it."""
    ratio = (5**0.5 - 1) / 2
    low, high = 0.0, 400.0
    inner = [high - ratio * (high - low), low + ratio * (high - low)]
    found = [value(model, price) for price in inner]
    while high - low > 2.0:
        if found[0] < found[1]:
            high, inner[1], found[1] = inner[1], inner[0], found[0]
            inner[0] = high - ratio * (high - low)
            found[0] = value(model, inner[0])
        else:
            low, inner[0], found[0] = inner[0], inner[1], found[1]
            inner[1] = low + ratio * (high - low)
            found[1] = value(model, inner[1])
    return min(found)
