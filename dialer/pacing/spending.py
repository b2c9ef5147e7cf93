"""What an abandoned call costs now: the tolerance that spends the budget evenly until the shift ends.

The best policy under an average constraint maximises the reward less a constant price times the cost (Altman, Constrained Markov
Decision Processes, 1999). The right price is unknown, so the share of answers that may still be abandoned is planned anew at each
decision, and turned into a tolerance by what the forecast itself says a tolerance costs: calls bring so many expected answers and
add so many expected abandonments. That is known after tens of calls; what was really abandoned, of which there is little, only
corrects the forecast's level, slowly. A tolerance that follows chance is a loss: far from the end it hardly moves.

Worse is to meet the guard: teams held to one-to-one for ten minutes lose more than a higher tolerance had gained before. So the plan
keeps off it as far as chance may reach. What is abandoned over the next h answers strays from its mean by a multiple of the root of h,
so a share p is borne by the budget in hand B where (p - cap) h + z s sqrt(h) <= B for every h until the end; the worst h is (2 B / z s)^2.
"""

import math
from typing import Final

from dialer.pacing.guard import Guard, at_hand, staff, under_way
from dialer.pacing.snapshot import PacingSnapshot
from dialer.pacing.supply import Supply

COST: Final = 0.45  # before anything was learned: the share lost on average for each tolerance at the margin
TRUST: Final = 20.0  # answers' worth of trust in it
FADE: Final = 0.998  # kept of what was learned at each answer: about the last 500
LEVEL: Final = 15.0  # abandoned calls' worth of trust in the forecast's level
LEVEL_FADE: Final = 0.997  # kept at each abandoned call
MOST_OFF: Final = 2.0  # times the forecast's level may be off when nothing was abandoned yet
SHOWN: Final = 10.0  # abandoned calls by which the forecast may be off downwards by once its level more
IN_FLIGHT: Final = 60.0  # seconds over which the calls in flight are averaged
STRAYS: Final = 1.5  # deviations by which chance may take the calls abandoned before the guard is met
STRAYS_END: Final = 0.4  # and before the shift's end, towards which the plan can still be mended
TOGETHER: Final = 0.15  # by how much their variance grows with each call abandoned in `SPELL`: the level of answers moves all at once
SPELL: Final = 600.0  # seconds
COUNTED_ON: Final = 0.9  # of the answers to come, since one-to-one brings fewer; and near its end
SPARED: Final = 5.0  # so many answers less: the shift pays for what it has
LAST: Final = 0.5  # abandoned calls of the shift that are never spent
KEPT: Final = 1.6  # abandoned calls that are not planned for: with less in hand the guard would hold
READY: Final = 0.5  # of what the guard wants to see in hand, where that is more
STEADY: Final = 30.0  # answers over which a surplus or a debt is spread at least, so that the end of a shift is no lottery
HASTE: Final = 2.5  # times the cap planned for at most, when much was left over
HIGHEST: Final = 0.5


class Spending:
    """Plans the share of answers that may be abandoned from now on, and turns it into a tolerance."""

    def __init__(self, guard: Guard) -> None:
        self._guard, self.supply = guard, Supply()
        self._answers, self._lost = TRUST, TRUST * COST  # expected, each answer weighed by the tolerance
        self._foreseen, self._seen = LEVEL, LEVEL  # abandoned calls
        self._before = 0.0
        self._staffed = self._flying = self._in_flight = self._foreseen_in_flight = 0.0
        self._last: float | None = None  # when the last snapshot was taken; the clock may begin anywhere
        self.tolerance = (
            0.05  # of one answer more: the expected number of people without an agent it may cause
        )
        self.to_come = 0.0  # answers until the shift's end, or the list's
        self._rate = 0.0  # of answers, a second

    def update(self, s: PacingSnapshot, cycle: float, chance: float = 1.0) -> None:
        """Take a snapshot in; `cycle`: how long a call keeps an agent, wait included, in seconds; `chance` that a call brings a person."""
        at_work = staff(s)
        passed = 0.0 if self._last is None else max(0.0, s.now - self._last)
        self._staffed += at_work * passed
        self._last = s.now
        over = max(0, under_way(s) - at_hand(s))
        new = 1 - math.exp(-passed / IN_FLIGHT)
        self._flying += (over - self._flying) * new
        self._foreseen_in_flight += (self._in_flight - self._foreseen_in_flight) * new
        abandoned, answered = self._guard.run(s)
        self._rate = (answered + 10) / (self._staffed + 10 * cycle) * at_work
        ahead = max(0.0, s.shift_end - s.now)
        self.to_come = min(self._rate * ahead, chance * self.supply.numbers(s, ahead, self._rate / chance))
        more = max(0.0, abandoned - self._before)
        self._before = abandoned
        fade = LEVEL_FADE**more
        self._seen, self._foreseen = self._seen * fade + more, self._foreseen * fade
        level = min(MOST_OFF, max(1 / (MOST_OFF + abandoned / SHOWN), self._seen / self._foreseen))
        cost = self._lost / self._answers * level
        self.tolerance = min(HIGHEST, self._share(s, abandoned, answered) / cost)

    def spend(self, answers: float, lost: float, *, is_free: bool, in_flight: float = 0.0) -> None:
        """Take note of the expected answers of calls being started and the abandonments they add.

        `is_free`: it was the tolerance that stopped them, not the guard or the list. `in_flight`: the abandonments foreseen of all
        calls under way, with them.
        """
        self._in_flight = in_flight
        self._foreseen += lost
        if is_free and self.tolerance > 0:
            fade = FADE**answers
            self._answers = self._answers * fade + answers
            self._lost = self._lost * fade + lost / self.tolerance

    def budget(self, s: PacingSnapshot) -> float:
        """Return how many calls may be abandoned now: by the window, and by this shift with some answers to come."""
        abandoned, answered = self._guard.run(s)
        ahead = max(0.0, COUNTED_ON * self.to_come - SPARED)
        shift = self._guard.cap(s) * (answered + ahead) - abandoned - self._guard.doubt(abandoned) - LAST
        return min(shift, self._guard.budget(s))

    def _share(self, s: PacingSnapshot, abandoned: float, answered: float) -> float:
        cap, coming = self._guard.cap(s), max(STEADY, self.to_come)
        # What the guard wants to see in hand to bear the calls in flight, so that it is the price that holds back and seldom the guard.
        ready, _ = self._guard.needed(self._flying, self._foreseen_in_flight)
        deviation = math.sqrt(cap * (1 + TOGETHER * cap * self._rate * SPELL))
        whole = cap * (answered + coming)
        run = whole - abandoned - self._guard.doubt(whole) - max(KEPT, READY * ready)
        share = min(
            cap + bearable(self._guard.budget(s) - ready, STRAYS * deviation, coming),
            (run - STRAYS_END * deviation * math.sqrt(coming)) / coming,
        )
        return min(HASTE * cap, max(0.1 * cap, share))


def bearable(in_hand: float, deviation: float, coming: float) -> float:
    """Return by how much the share abandoned may be above the cap, for `in_hand` to last over all answers to come.

    `deviation` is how far chance takes the abandoned calls of one answer, with the safety wanted; that of n answers is its product with
    the root of n. With nothing in hand: -1, none at all.
    """
    if in_hand <= 0:
        return -1.0
    if deviation * math.sqrt(coming) <= 2 * in_hand:
        return (in_hand - deviation * math.sqrt(coming)) / coming
    return -(deviation**2) / (4 * in_hand)
