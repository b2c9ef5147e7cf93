"""Pacers that need no forecast: one call for each free agent, and so many for each free agent."""

from dialer.pacing.guard import Guard, at_hand, under_way
from dialer.pacing.reasons import Held, Reasons, held
from dialer.pacing.snapshot import CallOutcome, PacingSnapshot


class ProgressivePacer:
    """One call under way for each free agent. Nobody who answers finds no agent, unless an agent leaves meanwhile."""

    event_driven = True

    def __init__(self) -> None:
        self.reasons: Reasons | None = None  # of the last decision

    def calls_to_place(self, s: PacingSnapshot) -> int:
        """Return how many new calls to start now."""
        count = max(0, at_hand(s) - under_way(s))
        self.reasons = Reasons(at=s.now, wanted=count, allowed=count, held=Held.NOTHING, budget=None)
        return count


class PowerPacer:
    """So many calls under way for each free agent, held by the guard."""

    event_driven = True

    def __init__(self, ratio: float = 2.0) -> None:
        if not 1 <= ratio <= 10:
            raise ValueError(f"A power ratio is 1 to 10 calls for each free agent, not {ratio}.")
        self.ratio, self.guard = ratio, Guard()
        self.reasons: Reasons | None = None  # of the last decision

    def observe(self, o: CallOutcome) -> None:
        """Learn from what became of a call."""
        self.guard.observe(o)

    def calls_to_place(self, s: PacingSnapshot) -> int:
        """Return how many new calls to start now."""
        wanted = max(0, int(self.ratio * at_hand(s)) - under_way(s))
        allowed, budget = self.guard.admit(s, wanted), self.guard.budget(s)
        self.reasons = Reasons(
            at=s.now,
            wanted=wanted,
            allowed=allowed,
            held=held(self.guard, s, wanted, allowed, budget),
            budget=budget,
        )
        return allowed
