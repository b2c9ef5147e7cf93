"""Carries a played day forward, hour by hour, until the list is done.

What is not as in life:

- Leads are a mass, not people: of each hour's calls the expected part is answered. A person's chance does not depend on how often they
  were tried, and what comes of an attempt depends on the hour alone.
- In an hour of other answers agents wait as long for each answer (predictive), or for each call started (other modes), as in the run.
- Answered people are done: callbacks they ask for, and people the gate comes to hold meanwhile (limits on attempts, new requests), are
  not foreseen. What ripens in closed hours waits for the next open one; the ready are called in proportion to their number.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dialer.whatif.plan import PREDICTIVE, Plan, seconds_of
from dialer.whatif.playing import Played

HORIZON: Final = 730  # days looked ahead
DONE: Final = 0.5  # leads
MACHINE_CALL: Final = 10.0  # seconds of an agent who hears a machine

Leads = NDArray[np.float64]  # by how often they were tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One calling day."""

    on: date
    calls: float
    reached: float  # people who talked with an agent
    left: float  # leads still to do at its end
    short: float  # share of the team's day for which no lead was ready


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A list called to its end, or to the horizon."""

    days: list[Day]
    finished: date | None  # None: not within the horizon
    open_hours: float  # the team's hours until then
    calls: float
    reached: float


@dataclass(frozen=True, slots=True)
class Slot:
    """One open hour, or what is left of it. `at` in hours since the plan's first midnight."""

    day: date
    at: float
    hour: int
    hours: float


def slots(plan: Plan) -> Iterator[Slot]:
    """Give the open hours from the plan's beginning to the horizon."""
    opens, closes, first = (seconds_of(clock) / 3600 for clock in (plan.opens, plan.closes, plan.not_before))
    for offset in range(HORIZON):
        day = plan.begins + timedelta(days=offset)
        if str(day.weekday()) not in plan.days:
            continue
        at = max(opens, first) if offset == 0 else opens
        while at < closes:
            until = min(closes, float(int(at) + 1))
            yield Slot(day, offset * 24 + at, int(at), until - at)
            at = until


def carry(plan: Plan, played: Played, *, agents: int | None = None) -> Carried:
    """Return how the list goes, with the plan's agents or as many as said."""
    list_ = _List(plan)
    days: list[Day] = []
    staff = plan.agents if agents is None else agents
    hours = calls = reached = 0.0
    for slot in slots(plan):
        list_.ripen(slot.at)
        able = _calls_an_hour(plan, played, plan_hour=slot.hour) * staff * played.at_desk
        able = min(able, plan.cps * 3600) * slot.hours
        answers = _answers(plan, played, slot.hour)
        made = list_.call(able, answers, played.abandoned, slot)
        hours += slot.hours * min(1.0, made / able if list_.left < DONE and able else 1.0)
        calls += made
        reached += made * answers * (1 - played.abandoned)
        short = slot.hours * (1 - made / able if able else 1.0) / (plan.day_seconds / 3600)
        talked = made * answers * (1 - played.abandoned)
        if days and days[-1].on == slot.day:
            last = days.pop()
            made, talked, short = made + last.calls, talked + last.reached, short + last.short
        days.append(Day(on=slot.day, calls=made, reached=talked, left=list_.left, short=short))
        if list_.left < DONE:
            return Carried(days=days, finished=slot.day, open_hours=hours, calls=calls, reached=reached)
    return Carried(days=days, finished=None, open_hours=hours, calls=calls, reached=reached)


def date_after(plan: Plan, open_hours: float) -> date | None:
    """Return the day on which so many open hours have passed, None beyond the horizon."""
    for slot in slots(plan):
        open_hours -= slot.hours
        if open_hours <= 1e-6:
            return slot.day
    return None


def _answers(plan: Plan, played: Played, hour: int) -> float:
    return min(1.0, played.answers * plan.answers_at(hour) / plan.answers) if plan.answers else 0.0


def _calls_an_hour(plan: Plan, played: Played, *, plan_hour: int) -> float:
    """Return the calls started in an hour for each agent at the desk, where the hour's answers are others than the run's."""
    here = _answers(plan, played, plan_hour)
    machines = plan.machines * MACHINE_CALL if plan.hears_machines else 0.0
    of_person = plan.talk + plan.wrap
    usual = played.answers * of_person + machines
    busy = played.busy_per_dial * (here * of_person + machines) / usual if usual else 0.0
    per_answer = plan.mode == PREDICTIVE and played.answers > 0
    idle = played.idle_per_dial * (here / played.answers if per_answer else 1.0)
    return 3600 / max(busy + idle, 1e-3)


class _List:
    """The leads still to do: ready ones, and those that wait for an hour."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._order = plan, count()
        tried = np.zeros(plan.attempts)
        # Who was tried as often as the plan allows is done.
        known = np.array(plan.tried[: plan.attempts], float)
        tried[: len(known)] = known
        self._ready: Leads = tried * plan.leads
        self._waiting: list[tuple[float, int, Leads]] = []
        self._put(24.0, tried * plan.later)
        self.left = float(tried.sum() * (plan.leads + plan.later))

    def ripen(self, at: float) -> None:
        """Make ready what has waited long enough."""
        while self._waiting and self._waiting[0][0] <= at + 1e-9:
            self._ready = self._ready + heapq.heappop(self._waiting)[2]

    def call(self, most: float, answers: float, abandoned: float, slot: Slot) -> float:
        """Call up to so many of the ready, in proportion, and return how many."""
        ready = float(self._ready.sum())
        made = min(most, ready)
        if made <= 0:
            return 0.0
        called = self._ready * (made / ready)
        self._ready = self._ready - called
        again, plan = np.concatenate([[0.0], called[:-1]]), self._plan
        rest = max(0.0, 1 - answers)
        others = plan.machines + plan.busy + plan.failed
        scale = min(1.0, rest / others) if others else 0.0
        results = (
            (answers * abandoned, plan.retries.abandoned),
            (plan.machines * scale, plan.retries.machine),
            (plan.busy * scale, plan.retries.busy),
            (plan.failed * scale, plan.retries.failed),
            (rest - others * scale, plan.retries.no_answer),
        )
        back = 0.0
        for part, minutes in results:
            if minutes is not None and part > 0:
                self._put(slot.at + slot.hours / 2 + minutes / 60, again * part)
                back += float(again.sum()) * part
        self.left -= made - back
        return made

    def _put(self, at: float, leads: Leads) -> None:
        if leads.sum() > 0:
            heapq.heappush(self._waiting, (at, next(self._order), leads))
