"""What an abandoned call costs now: the price that spends the budget evenly until the shift ends.

Keeping calls back is worth the price of an abandonment times its chance; the best price is one for the whole shift, since the
best policy under an average constraint maximises the reward less a constant price times the cost (Altman 1999; Bertsekas,
Dynamic Programming, vol. 2, on constrained problems). It is unknown, so it is tracked: the share of answers that may still be
abandoned is planned anew at each decision, and the tolerance that gives this share is learned from the tolerances so far.
"""

from typing import Final

from dialer.pacing.guard import Guard, staff
from dialer.pacing.snapshot import PacingSnapshot

# Before anything was learned: the chance tolerated at the margin for each share lost on average.
TOLERANCE_PER_SHARE: Final = 1.0
TRUST: Final = 6.0  # abandoned calls' worth of trust in it
FADE: Final = 0.993  # kept of what was learned at each abandoned call: about the last 140
RESERVE: Final = 1.0  # abandoned calls kept back to the end
COUNTED_ON: Final = 0.7  # of the answers to come, since one-to-one brings fewer; and near its end
SPARED: Final = 10.0  # so many answers less: the shift pays for what it has
LAST: Final = 1.0  # abandoned call of the shift that is never planned for
HIGHEST: Final = 0.5


class Spending:
    """Plans the share of answers that may be abandoned from now on, and turns it into a tolerance."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._tolerated, self._lost = TOLERANCE_PER_SHARE * TRUST, TRUST
        self._seen: tuple[float, float] | None = None
        self._staffed = self._last = 0.0
        self.tolerance = (
            0.05  # of one answer more: the expected number of people without an agent it may cause
        )
        self.to_come = 0.0

    def update(self, s: PacingSnapshot, cycle: float) -> None:
        """Take a snapshot in; `cycle` is how long a call keeps an agent, wait included, in seconds."""
        at_work = staff(s)
        self._staffed += at_work * max(0.0, s.now - self._last)
        self._last = s.now
        abandoned, answered = self._guard.run(s)
        rate = (answered + 10) / (self._staffed + 10 * cycle)
        self.to_come = rate * at_work * max(0.0, s.shift_end - s.now)
        self._learn(abandoned, answered, in_force=self.budget(s) < 1)
        share, cap = self._share(s, abandoned, answered), self._guard.cap(s)
        # The price rises faster than the budget falls, so that it is the price that holds back and seldom the guard.
        self.tolerance = min(HIGHEST, share * (share / cap if cap else 0.0) * self._tolerated / self._lost)

    def budget(self, s: PacingSnapshot) -> float:
        """Return how many calls may be abandoned now: by the window, and by this shift with some answers to come."""
        abandoned, answered = self._guard.run(s)
        ahead = max(0.0, COUNTED_ON * self.to_come - SPARED)
        shift = self._guard.cap(s) * (answered + ahead) - abandoned - self._guard.doubt(abandoned) - LAST
        return min(shift, self._guard.budget(s))

    def _share(self, s: PacingSnapshot, abandoned: float, answered: float) -> float:
        cap, coming = self._guard.cap(s), max(30.0, self.to_come)
        left = []
        for lost, live in ((abandoned, answered), (s.abandoned, s.live_answered)):
            whole = cap * (live + coming)
            left.append((whole - lost - self._guard.doubt(whole) - RESERVE) / coming)
        return min(1.5 * cap, max(0.1 * cap, min(left)))

    def _learn(self, abandoned: float, answered: float, *, in_force: bool) -> None:
        if self._seen is not None and not in_force:
            lost, live = max(0.0, abandoned - self._seen[0]), max(0.0, answered - self._seen[1])
            fade = FADE**lost
            self._tolerated = self._tolerated * fade + self.tolerance * live
            self._lost = self._lost * fade + lost
        self._seen = (abandoned, answered)
