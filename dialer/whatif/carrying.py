"""Carries a played day forward, hour by hour, until the list is done.

What is not as in life, beside what `leads` and `hours` say: in an hour of other answers agents wait as long for each answer
(predictive), or for each call started (other modes), as in the run; what comes of an attempt depends on the hour alone; people the
gate comes to hold meanwhile (its own limits on attempts, new requests) are not foreseen.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from dialer.whatif.hours import HORIZON, slots
from dialer.whatif.leads import DONE, Leads
from dialer.whatif.plan import PREDICTIVE, Plan
from dialer.whatif.playing import Played

MACHINE_CALL: Final = 10.0  # seconds of an agent who hears a machine
HOPELESS: Final = 4.0  # times the calls of this hour, day and night until the horizon, that would not even call each lead once


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


def carry(plan: Plan, played: Played, *, agents: int | None = None) -> Carried:
    """Return how the list goes, with the plan's agents or as many as said; of these no further than it is seen that they never finish."""
    list_ = Leads(plan)
    days: list[Day] = []
    staff = plan.agents if agents is None else agents
    hours = calls = reached = 0.0
    for slot in slots(plan):
        list_.ripen(slot)
        able = _calls_an_hour(plan, played, plan_hour=slot.hour) * staff * played.at_desk
        able = min(able, plan.cps * 3600) * slot.hours
        answers = _answers(plan, played, slot.hour)
        done = list_.call(able, answers, played.abandoned, slot)
        made, talked = done.calls, done.reached
        hours += slot.hours * min(1.0, made / able if list_.left < DONE and able else 1.0)
        calls += made
        reached += talked
        short = slot.hours * (1 - made / able if able else 1.0) / (plan.day_seconds / 3600)
        if days and days[-1].on == slot.day:
            last = days.pop()
            made, talked, short = made + last.calls, talked + last.reached, short + last.short
        days.append(Day(on=slot.day, calls=made, reached=talked, left=list_.left, short=short))
        if list_.left < DONE:
            return Carried(days=days, finished=slot.day, open_hours=hours, calls=calls, reached=reached)
        if agents is not None and list_.left > HOPELESS * able * (HORIZON * 24 - slot.at) / slot.hours:
            break
    return Carried(days=days, finished=None, open_hours=hours, calls=calls, reached=reached)


def date_after(plan: Plan, open_hours: float) -> date | None:
    """Return the day on which so many open hours have passed, None beyond the horizon."""
    for slot in slots(plan):
        open_hours -= slot.hours
        if open_hours <= 1e-6:
            return slot.day
    return None


def _answers(plan: Plan, played: Played, hour: int) -> float:
    return plan.answers_at(hour, played.doubt)


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
