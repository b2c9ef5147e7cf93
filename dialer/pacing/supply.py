"""How many numbers a list will give until the shift's end: those ready now, and those that become ready.

A snapshot tells of the numbers that may be dialed now, not of those that wait for their time. So it is learned by how many the list has
grown since the first snapshot: what is ready now and what has left it, less what was ready then. Where ready numbers are counted up to a
most only, a long list so appears to grow as fast as it is called.
"""

import math
from typing import Final

from dialer.pacing.guard import under_way
from dialer.pacing.snapshot import CallOutcome, PacingSnapshot

TRUST: Final = (
    120.0  # seconds over which it fades that a list grows as fast as it is called, where nothing was seen yet
)


class Supply:
    """Learns how fast a list grows."""

    def __init__(self) -> None:
        self._ended = 0  # attempts of this run that have resolved
        self._begun: tuple[float, int] | None = (
            None  # when the first snapshot was taken, and the numbers it told of
        )

    def observe(self, outcome: CallOutcome) -> None:
        """Learn from what became of a call."""
        self._ended += outcome.kind == "attempt" and outcome.at >= 0

    def numbers(self, s: PacingSnapshot, ahead: float, usual: float) -> float:
        """Return the calls that may still bring an answer, those under way with them, in so many seconds ahead.

        `usual`: the numbers called a second, by which a list of which nothing is known yet is taken to grow.
        """
        known = s.list_remaining + under_way(s) + self._ended
        since, before = self._begun or (s.now, known)
        self._begun = (since, before)
        elapsed = max(0.0, s.now - since)
        growth = max(0, known - before) / max(elapsed, TRUST) + usual * math.exp(-elapsed / TRUST)
        return s.list_remaining + under_way(s) + growth * ahead
