"""What a plan comes to, with bands: several played runs, each carried forward until the list is done. Pure.

Each run draws its own share of answers from what the calls counted leave open, and has its own people; the same numbers in every
forecast, so that two plans meet the same chance. A band is where 19 of 20 further runs would lie, by Student's distribution of so few;
of abandoned calls, which are counted over 30 days, it is where the mean of many runs lies.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Final

import numpy as np

from dialer.whatif.carrying import Carried, carry, date_after
from dialer.whatif.plan import PREVIEW, Plan
from dialer.whatif.playing import LEAST_ANSWERS, Played, play, span_of

RUNS: Final = 8
STUDENT: Final = 2.365  # 97.5 % of Student's distribution with RUNS - 1 degrees
REACH: Final = (
    STUDENT * (1 + 1 / RUNS) ** 0.5
)  # deviations from the mean that hold one more run in 19 of 20 cases
MOST_AGENTS: Final = 2000
OTHER_TEAMS: Final = (0.5, 0.75, 1.25, 1.5, 2.0)
PLAYED_AGAIN: Final = 3  # times at most, for the staff needed
Report = Callable[[int], None]
"""Told how many runs have been played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A figure: the mean of the runs, and between what 19 of 20 such runs would lie."""

    low: float
    mid: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """When the list is done: in the middle, at the earliest, at the latest; None: not within two years, or never."""

    early: date | None
    mid: date | None
    late: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAhead:
    """One calling day; leads left at its end."""

    on: date
    calls: float
    reached: float
    left: Band


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team of another size: carried forward from the same runs, not played."""

    agents: int
    finish: Finish


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a plan comes to."""

    runs: int
    span_seconds: float  # of a day, that each run played
    finish: Finish
    open_hours: Band  # of the team until then
    talk_minutes: Band  # of an agent in an hour at the desk
    idle_wait: Band  # seconds an agent waits for a call
    abandonment: (
        Band | None
    )  # of the calls people answer, over the campaign; None: no call is started without an agent
    calls_an_hour: Band  # of the team
    reached: Band  # people who talk with an agent until the list is done
    calls: Band
    short: float  # share of the team's time until then for which no lead is ready
    days: Sequence[DayAhead]
    teams: Sequence[Team]
    needed: int | None = (
        None  # fewest agents that finish by the wished day; None: none was wished, or no team does
    )
    nobody_answers: bool = False


def forecast(plan: Plan, *, report: Report = lambda done: None) -> Forecast:
    """Return what a plan comes to; the same plan gives the same figures. The plan must have no problems (`dialer.whatif.fields`)."""
    played = [_played(plan, seed, report) for seed in range(RUNS)]
    carried = [carry(plan, each) for each in played]
    made = _put_together(plan, played, carried)
    if plan.finish_by is None or made.nobody_answers:
        return made
    return replace(made, needed=_needed(plan, played, plan.finish_by, report))


def runs_of(plan: Plan) -> int:
    """Return how many runs are reported at most."""
    return RUNS * (1 + (PLAYED_AGAIN if plan.finish_by is not None else 0))


def band(values: Sequence[float], *, most: float = float("inf")) -> Band:
    """Return the mean of some runs, and where a further one would lie in 19 of 20 cases; never below 0 or above `most`."""
    mid = float(np.mean(values))
    reach = REACH * float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return Band(low=max(0.0, mid - reach), mid=mid, high=min(most, mid + reach))


def _mean_of(values: Sequence[float]) -> Band:
    """Return the mean of some shares, and where the mean of many would lie in 19 of 20 cases."""
    mid = float(np.mean(values))
    reach = STUDENT * float(np.std(values, ddof=1)) / len(values) ** 0.5
    return Band(low=max(0.0, mid - reach), mid=mid, high=min(1.0, mid + reach))


def _played(plan: Plan, seed: int, report: Report) -> Played:
    if plan.usual_answers() < LEAST_ANSWERS:
        return _nobody(plan)
    doubt = 1.0
    if plan.counted and plan.answers:
        draw = np.random.default_rng((seed, 7))
        people = plan.answers * plan.counted
        doubt = float(draw.beta(people + 0.5, plan.counted - people + 0.5)) / plan.answers
    share = min(plan.usual_answers(doubt), 1 - plan.machines - plan.busy - plan.failed)
    found = play(plan, answers=max(LEAST_ANSWERS, share), seed=seed)
    report(seed + 1)
    return replace(found, doubt=doubt)


def _nobody(plan: Plan) -> Played:
    """Where nobody answers, each agent dials on while it rings."""
    return Played(
        answers=plan.usual_answers(), at_desk=1.0, idle_per_dial=float(plan.ring), busy_per_dial=0.0, talk_share=0.0,
        wait=0.0, abandoned=0.0, persons=0,
    )  # fmt: skip


def _put_together(plan: Plan, played: Sequence[Played], carried: Sequence[Carried]) -> Forecast:
    hours = band([each.open_hours for each in carried])
    nobody = plan.usual_answers() < LEAST_ANSWERS
    return Forecast(
        runs=len(played),
        span_seconds=0.0 if nobody else span_of(plan, plan.usual_answers()),
        finish=Finish(early=None, mid=None, late=None) if nobody else _finish(plan, carried),
        open_hours=hours,
        talk_minutes=band([each.talk_share * 60 for each in played], most=60.0),
        idle_wait=band([each.wait for each in played]),
        abandonment=None if plan.mode == PREVIEW else _mean_of([each.abandoned for each in played]),
        calls_an_hour=band([_calls_an_hour(plan, each) for each in played], most=plan.cps * 3600),
        reached=band([each.reached for each in carried], most=float(plan.leads + plan.later)),
        calls=band([each.calls for each in carried]),
        short=_short(carried),
        days=_days(carried),
        teams=() if nobody else _teams(plan, played),
        nobody_answers=nobody,
    )


def _calls_an_hour(plan: Plan, played: Played) -> float:
    per_dial = max(played.idle_per_dial + played.busy_per_dial, 1e-3)
    return min(plan.agents * played.at_desk * 3600 / per_dial, plan.cps * 3600)


def _finish(plan: Plan, carried: Sequence[Carried]) -> Finish:
    """Return the days of finishing; a run beyond the horizon leaves the latest open, and the middle where most are."""
    done = [each.open_hours for each in carried if each.finished is not None]
    if not done:
        return Finish(early=None, mid=None, late=None)
    hours = band(done)
    mid = date_after(plan, hours.mid) if 2 * len(done) > len(carried) else None
    late = date_after(plan, hours.high) if len(done) == len(carried) else None
    return Finish(early=date_after(plan, max(hours.low, 1e-3)), mid=mid, late=late)


def _short(carried: Sequence[Carried]) -> float:
    shares = [sum(day.short for day in each.days) / max(1, len(each.days)) for each in carried]
    return float(np.mean(shares))


def _days(carried: Sequence[Carried]) -> list[DayAhead]:
    longest = max(carried, key=lambda each: len(each.days))
    found = []
    for index, day in enumerate(longest.days):
        rows = [each.days[index] if index < len(each.days) else None for each in carried]
        found.append(
            DayAhead(
                on=day.on,
                calls=float(np.mean([row.calls if row else 0.0 for row in rows])),
                reached=float(np.mean([row.reached if row else 0.0 for row in rows])),
                left=band([row.left if row else 0.0 for row in rows]),
            )
        )
    return found


def _teams(plan: Plan, played: Sequence[Played]) -> list[Team]:
    sizes = {max(1, round(plan.agents * times)) for times in OTHER_TEAMS} - {plan.agents}
    return [
        Team(agents=size, finish=_finish(plan, [carry(plan, each, agents=size) for each in played]))
        for size in sorted(sizes)
        if size <= MOST_AGENTS
    ]


def fewest(plan: Plan, played: Sequence[Played], by: date) -> int | None:
    """Return the fewest agents that finish by a day in the middle, carried forward from runs of another team."""

    def is_done(agents: int) -> bool:
        finish = _finish(plan, [carry(plan, each, agents=agents) for each in played]).mid
        return finish is not None and finish <= by

    low, high = 1, 1
    while not is_done(high):
        if high >= MOST_AGENTS:
            return None
        low, high = high + 1, min(MOST_AGENTS, high * 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_done(middle) else (middle + 1, high)
    return high


def _needed(plan: Plan, played: Sequence[Played], by: date, report: Report) -> int | None:
    """Return the fewest agents, played again at the size found until it stays: larger teams wait less, smaller ones more."""
    found = fewest(plan, played, by)
    for times in range(1, PLAYED_AGAIN + 1):
        if found is None:
            return None
        team = replace(plan, agents=found)
        told = partial(_further, report, RUNS * times)
        further = [_played(team, seed, told) for seed in range(RUNS)]
        again = fewest(team, further, by)
        if again is None or again == found:
            return again
        found = again
    return found


def _further(report: Report, before: int, done: int) -> None:
    report(before + done)
