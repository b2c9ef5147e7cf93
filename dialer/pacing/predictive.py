"""The predictive pacer: as many calls as the price of an abandonment bears, given how far each agent and each call is.

For every further call it asks how much the call adds to the expected number of people who answer and find no agent, over the
seconds in which it would be answered, and starts it while that is below a tolerated chance for each answer it brings. This is
an order-up-to rule whose level follows the state: agents long in wrap-up raise it, calls about to be answered lower it.

The more agents wait, the longer they will, and the more one more answer is worth; so the tolerance grows with the agents idle,
against the root of all, which is how far chance takes the gap. With known chances and the right tolerance this rule reaches
99.9 % and more of the optimum of the constrained decision process with 5, 10 and 20 agents, a constant one 99.75 % with 20
(docs/pacing.md).
"""

import math
from typing import Final

import numpy as np

from dialer.pacing.answers import Answers
from dialer.pacing.guard import Guard, staff
from dialer.pacing.lengths import HORIZON, POINTS, STEP, Handling
from dialer.pacing.reasons import Reasons, held
from dialer.pacing.shortage import Floats, Outlook, worth
from dialer.pacing.snapshot import CallOutcome, PacingSnapshot
from dialer.pacing.spending import Spending

GRID: Final = np.arange(0, 52, 3)  # points of the horizon looked at: every 1.5 s for 25 s
AHEAD: Final = 6  # the point of the grid, 9 s on, of which the reasons tell
GREETING: Final = 1.2  # seconds; the connect deadline runs from its end
WAITING: Final = 1.0  # how much more is borne for one more answer with as many agents idle as the root of all
STAFF_PER_GAP: Final = (
    400.0  # with so many agents a decision a second; with fewer, more often, so that it stays cheap
)


class PredictivePacer:
    """Starts calls ahead of agents becoming free, within the budget of abandoned calls."""

    event_driven = True

    def __init__(self) -> None:
        self.answers, self.handling, self.guard = Answers(), Handling(), Guard()
        self.spending = Spending(self.guard)
        self._decided = -1.0
        self.reasons: Reasons | None = None  # of the last decision

    def observe(self, o: CallOutcome) -> None:
        """Learn from what became of a call."""
        self.guard.observe(o)
        self.spending.supply.observe(o)
        if o.kind == "attempt":
            self.answers.add(o.result, o.ring_s, o.score, is_history=o.at < 0)
        elif o.kind == "handled" and not o.inbound:
            self.handling.add(o.talk_s, o.wrap_s, o.at)

    def calls_to_place(self, s: PacingSnapshot) -> int:
        """Return how many new calls to start now."""
        at_work = staff(s)
        passed = s.now - self._decided
        if self._decided >= 0 and passed < min(0.9, (at_work - 40) / STAFF_PER_GAP):
            return 0
        passed = max(0.0, passed) if self._decided >= 0 else 0.0
        if self._decided < 0 or passed > 0:
            self.answers.passed(passed, s.calls_ringing, at_work, s.ringing_scores)
            self._decided = s.now
        self.handling.talking_now = s.agents_talking
        self.spending.update(s, self.handling.mean + 20, self.answers.chance)
        budget = self.spending.budget(s)
        outlook = self._outlook(s, min(s.max_lines, s.list_remaining, int(s.cps_cap) + 1) if at_work else 0)
        more = WAITING * max(0, outlook.free) / math.sqrt(max(1, at_work))
        totals = worth(outlook, self.spending.tolerance * (1 + more))
        wanted = len(totals) - 1
        allowed = self.guard.admit(s, wanted, budget, totals)
        lost, answers = totals[allowed] - totals[0], float(outlook.fresh[:allowed, -1].sum())
        self.guard.foresee(s, allowed, lost)
        self.spending.spend(answers, lost, is_free=allowed == wanted, in_flight=totals[allowed])
        self.reasons = Reasons(
            at=s.now, wanted=wanted, allowed=allowed, held=held(self.guard, s, wanted, allowed, budget),
            budget=min(budget, self.guard.budget(s)), tolerance=self.spending.tolerance,
            agents_free=outlook.free + float(outlook.freed[:, AHEAD].sum()),
            answers=float(outlook.answering[:, AHEAD].sum()),
        )  # fmt: skip
        return allowed

    def _outlook(self, s: PacingSnapshot, most: int) -> Outlook:
        slack = round((s.connect_deadline_s + GREETING) / STEP)
        by_then = np.minimum(GRID + slack, POINTS - 1)
        freed = self.handling.freed(s.agents_talking + s.agents_inbound, s.agents_wrapup)[:, by_then]
        return Outlook(
            free=len(s.agents_idle) - len(s.calls_waiting) - len(s.inbound_waiting),
            freed=freed,
            answering=self._answering(s),
            fresh=self.answers.fresh(s.next_scores, most)[:, GRID],
            inbound=np.asarray(s.inbound_rate_forecast * HORIZON[by_then], dtype=np.float64),
        )

    def _answering(self, s: PacingSnapshot) -> Floats:
        ringing = self.answers.answering(s.calls_ringing, s.ringing_scores)[:, GRID]
        if not s.calls_in_amd:
            return ringing
        person = self.answers.person_in_detection(np.array(s.calls_in_amd))
        return np.concatenate([ringing, np.repeat(person[:, None], len(GRID), axis=1)])
