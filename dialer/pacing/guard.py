"""The cap on abandoned calls, whatever a pacer wants.

The invariant, with budget = cap x calls answered by a person - abandoned calls, over the compliance window, nothing ever reset:

1. With a budget under one call no call is started beyond the free agents: one to one.
2. Otherwise calls under way beyond the free agents ("over-dialed") are so few that, by an upper confidence bound on how many of
   them will be abandoned, the budget holds. Before anything is known of a campaign the bound is the worst case, all of them;
   so a small campaign cannot break the cap by bad luck.
3. Abandoned calls are estimated upwards: a dropped call was a person or a machine, and which is known only on average.

The law's denominator: calls answered by a person, per campaign and 30 days, 16 CFR 310.4(b)(4)(i) and 47 CFR 64.1200(a)(7).
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache
from typing import Final

from dialer.pacing.snapshot import CallOutcome, PacingSnapshot

LEGAL_CAP: Final = 0.03  # the highest a target may be: 16 CFR 310.4(b)(4)(i), 47 CFR 64.1200(a)(7)
SURE: Final = 3.0  # deviations of the bound on abandonments under way: about one in a thousand
RARE: Final = 0.00135  # the same as a chance, where the few calls abandoned are counted one by one
COUNTED: Final = 64  # so many are
REASONED: Final = 2.0  # deviations of the bound on how many of the dropped calls were people
MEMORY: Final = 0.9995  # kept of what was learned at each attempt: about the last 2,000


def under_way(s: PacingSnapshot) -> int:
    """Return the calls started that no agent has yet."""
    return len(s.calls_ringing) + len(s.calls_in_amd) + len(s.calls_waiting)


def staff(s: PacingSnapshot) -> int:
    """Return the agents at work, whatever they do; not those who pause or leave."""
    return len(s.agents_idle) + len(s.agents_talking) + len(s.agents_inbound) + len(s.agents_wrapup)


def at_hand(s: PacingSnapshot) -> int:
    """Return the agents free for calls that nobody is waiting for; below 0 when more wait than agents are free."""
    return len(s.agents_idle) - len(s.inbound_waiting)


class Guard:
    """Holds back calls that could break the cap. Learns how often over-dialed calls end abandoned."""

    def __init__(self) -> None:
        self._attempts = self._dropped = self._foreseen = 0.0
        self._open = (
            0,
            0.0,
        )  # calls let through that nothing is known of yet, and how many of them were expected abandoned
        self._people, self._machines = 1.0, 0.0
        self._drops = 0  # calls dropped in this run
        self._others = 0.0  # of them, for each one estimated a person
        self._begun: tuple[float, float] | None = None

    def observe(self, outcome: CallOutcome) -> None:
        """Learn from what became of a call."""
        if outcome.kind == "attempt" and outcome.at >= 0:
            calls, lost = self._open
            share = lost / max(1, calls)
            self._open = max(0, calls - 1), lost - share
            self._attempts = self._attempts * MEMORY + 1
            self._foreseen = self._foreseen * MEMORY + share
            self._dropped *= MEMORY
        elif outcome.kind == "abandoned":
            self._dropped += 1
            self._drops += outcome.at >= 0
        elif outcome.kind == "handled" and not outcome.inbound:
            self._people += outcome.party != "machine"
            self._machines += outcome.party == "machine"

    def cap(self, s: PacingSnapshot) -> float:
        """Return the share in force: the campaign's, never above the law's."""
        return min(LEGAL_CAP, max(0.0, s.target_abandon_rate))

    def doubt(self, abandoned: float) -> float:
        """Return by how many calls an estimate of abandoned calls may be too low; never by more than were dropped in all."""
        machines = self._machines / (self._people + self._machines)
        likely = REASONED * math.sqrt(max(0.0, abandoned) * machines)
        return min(likely, max(0.0, abandoned) * max(self._others, self._machines / self._people))

    def budget(self, s: PacingSnapshot) -> float:
        """Return how many more calls may be abandoned in the window now; below 0 when too many were."""
        self.run(s)
        return self.cap(s) * s.live_answered - s.abandoned - self.doubt(s.abandoned)

    def run(self, s: PacingSnapshot) -> tuple[float, float]:
        """Return the abandoned and answered calls since the first snapshot."""
        if self._begun is None:
            self._begun = (s.abandoned, s.live_answered)
        abandoned = max(0.0, s.abandoned - self._begun[0])
        self._others = self._drops / max(0.01, abandoned) - 1 if abandoned else 0.0
        return abandoned, max(0.0, s.live_answered - self._begun[1])

    def over_dial(self, budget: float) -> int:
        """Return the most calls under way beyond the free agents that a budget bears.

        Of m calls of which each is abandoned with chance q, nearly surely no more are than a Poisson law of mean mq allows; and never
        more than m.
        """
        if budget < 1:
            return 0
        return max(int(budget), int(_bearable(budget) / self._chance()))

    def foresee(self, s: PacingSnapshot, calls: int, lost: float) -> None:
        """Take note of calls about to start and of how many abandoned ones the forecast expects them to add."""
        ringing, before = len(s.calls_ringing) + len(s.calls_in_amd), self._open
        known = before[1] * min(1.0, ringing / max(1, before[0]))  # less those that never started
        self._open = ringing + calls, known + lost

    def borne(self, budget: float, totals: Sequence[float]) -> int:
        """Return how many more calls a budget bears, where `totals` are the abandonments foreseen with none, one, two, ... of them.

        The sum of the chances bounds them as in `_at_most`. The forecast counts by what became of it so far, taken upwards; before one
        abandoned call was foreseen of calls that have ended, it counts for nothing.
        """
        if budget < 1 or self._foreseen < 1:
            return 0
        excess = self._excess()
        beyond = (count for count, lost in enumerate(totals) if _at_most(lost * excess) > budget)
        return max(0, next(beyond, len(totals)) - 1)

    def needed(self, over: float, foreseen: float = math.inf) -> tuple[float, float]:
        """Return the budget that bears so many calls beyond the free agents, and how many of them are expected to be abandoned.

        `foreseen` is what a forecast says of that number; what asks for less counts.
        """
        expected = over * self._chance()
        if self._foreseen >= 1:
            expected = min(expected, foreseen * self._excess())
        return min(max(1.0, over), _at_most(expected)), expected

    def _excess(self) -> float:
        """Return by what to multiply a forecast of abandoned calls, taken upwards."""
        return self._upwards() / self._foreseen

    def _upwards(self) -> float:
        """Return the dropped calls remembered, taken upwards."""
        return self._dropped + 2 + 2 * math.sqrt(self._dropped + 1)

    def _chance(self) -> float:
        """Return the chance, taken upwards, that an over-dialed call ends abandoned."""
        return min(1.0, self._upwards() / (self._attempts + 4))

    def admit(
        self, s: PacingSnapshot, wanted: int, budget: float | None = None, totals: Sequence[float] = ()
    ) -> int:
        """Return how many of the calls wanted may start now.

        `budget` may be tighter than the window's, never wider; `totals` are the abandonments a forecast expects, as in `borne`.
        """
        left = self.budget(s) if budget is None else min(budget, self.budget(s))
        room = at_hand(s) + self.over_dial(left) - under_way(s)
        return max(0, min(wanted, max(room, self.borne(left, totals))))


def _at_most(expected: float) -> float:
    """Return how many are abandoned at most, nearly surely, where so many are expected.

    Few are counted by the Poisson law: a number of independent chances strays upwards less than one of the same mean (Anderson and
    Samuels, Some inequalities among binomial and Poisson probabilities, Fifth Berkeley Symposium, 1967). Beyond `COUNTED`, the mean,
    3 deviations and one: abandonments less their foreseen chances are a martingale whose steps are at most one and whose variance is at
    most the sum of the chances (Freedman, On tail probabilities for martingales, Annals of Probability 3, 1975).
    """
    means = _poisson_means()
    if expected <= means[-1]:
        return bisect_left(means, expected)
    return max(COUNTED, expected + SURE * math.sqrt(expected) + 1)


def _bearable(budget: float) -> float:
    """Return the most that may be expected abandoned for a budget to bear it: the inverse of `_at_most`."""
    means = _poisson_means()
    if budget < COUNTED:
        return means[int(budget)]
    root = (math.sqrt(SURE**2 + 4 * (budget - 1)) - SURE) / 2
    return max(means[-1], root * root)


@cache
def _poisson_means() -> list[float]:
    """Return, for each number below `COUNTED`, the mean of the Poisson law that passes it with the chance `RARE`. Bisection."""
    found = []
    for most in range(COUNTED):
        low, high = 0.0, most + 1.0
        for _ in range(40):
            middle = (low + high) / 2
            term = total = math.exp(-middle)
            for count in range(1, most + 1):
                term *= middle / count
                total += term
            low, high = (low, middle) if 1 - total > RARE else (middle, high)
        found.append(low)
    return found
