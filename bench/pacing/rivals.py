"""Other ways to pace, to be measured on the same callers."""

import itertools
from typing import Final

from dialer.pacing.guard import under_way
from dialer.pacing.snapshot import CallOutcome, PacingSnapshot

METHODS: Final = ("hard_limit", "average", "tapered")
# Drop limit, highest level and intensity in percent, as a manager may set them.
SETTINGS: Final = tuple(itertools.product((0.01, 0.02, 0.03), (1.5, 2.0, 3.0, 4.0), (-40.0, 0.0, 40.0)))


class RatioPacer:
    """So many calls under way for each free agent, and nothing that holds it."""

    def __init__(self, ratio: float) -> None:
        self.ratio = ratio

    def calls_to_place(self, s: PacingSnapshot) -> int:
        """Return how many new calls to start now."""
        return max(0, int(self.ratio * len(s.agents_idle)) - under_way(s))


class AdaptivePacer:
    """In the manner of VICIdial's adaptive dialing: its cycles and methods as commonly described, not its source.

    Every 2.5 s lines are filled up to the dial level for each agent ready or on a call; every 15 s the level is changed:

    - `hard_limit`: one-to-one above the drop limit, else up or down with the agents waiting;
    - `average`: down above the limit, but never to the bottom at once;
    - `tapered`: as `average`, the limit met at the end of the shift only.

    `intensity` (percent) scales each change; drops are those of the calendar day, as it counts them.
    """

    ADAPT: Final = 15.0
    DIAL: Final = 2.5

    def __init__(
        self,
        method: str = "hard_limit",
        *,
        drop_limit: float = 0.03,
        highest: float = 3.0,
        intensity: float = 0.0,
    ) -> None:
        if method not in METHODS:
            raise ValueError(f"No adaptive method {method!r}: hard_limit, average or tapered.")
        self.method, self.limit, self.highest = method, drop_limit, highest
        self.step = 1 + intensity / 100
        self.level, self._answers, self._drops = 1.0, 0, 0
        self._adapted = self._dialed = 0.0
        self._waiting: list[float] = []

    def observe(self, o: CallOutcome) -> None:
        """Count today's answers and drops."""
        if o.at < 0:
            return
        self._answers += o.kind == "attempt" and o.result in ("human", "answered")
        self._drops += o.kind == "abandoned"

    def calls_to_place(self, s: PacingSnapshot) -> int:
        """Return how many new calls to start now."""
        self._waiting.append(len(s.agents_idle) - len(s.calls_waiting))
        if s.now - self._adapted >= self.ADAPT:
            self._adapt(s)
        if s.now - self._dialed < self.DIAL:
            return 0
        self._dialed = s.now
        agents = len(s.agents_idle) + len(s.agents_talking)
        lines = under_way(s) + len(s.agents_talking)
        return max(0, round(self.level * agents) - lines)

    def _adapt(self, s: PacingSnapshot) -> None:
        self._adapted = s.now
        surplus = sum(self._waiting) / len(self._waiting)
        self._waiting.clear()
        dropped = self._drops / max(1, self._answers)
        limit = self.limit
        if self.method == "tapered" and s.shift_end > s.now:
            limit *= 1 + (s.shift_end - s.now) / s.shift_end
        agents = max(1, len(s.agents_idle) + len(s.agents_talking) + len(s.agents_wrapup))
        if dropped > limit:
            self.level = 1.0 if self.method == "hard_limit" else max(1.0, self.level - 0.1 * self.step)
        else:
            self.level += self.step * (surplus - 1) / agents
        self.level = min(self.highest, max(1.0, self.level))
