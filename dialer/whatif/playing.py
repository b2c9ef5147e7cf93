"""Plays part of a plan's day with the pacers that dial real campaigns, and says what a call costs the team.

What is not as in life:

- Only part of the day is played, 10 to 80 minutes by the team's size, for the pacer as if the whole day lay ahead. The list does
  not end meanwhile. The share of answers stays, but for the simulator's noise from ten minutes to ten minutes.
- The predictive pacer decides every two seconds, not at each event: agents wait up to a second longer than they will.
- In preview no pacer decides: agents read, dial, listen to the ringing, talk and write, one after the other.
- Everybody is on the line of one carrier; breaks are as long as the usual ones of `dialer.simulation`, and as frequent as the plan says.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from dialer.pacing import CallOutcome, PacingSnapshot, PowerPacer, PredictivePacer, ProgressivePacer
from dialer.pacing.snapshot import Pacer
from dialer.simulation.callers import Callers, chance_of_person, fate
from dialer.simulation.engine import Simulation
from dialer.simulation.scenario import Length, Lengths, Scenario
from dialer.whatif.plan import PREDICTIVE, PREVIEW, Plan

AGENT_MINUTES: Final = 600.0  # played in one run
SHORTEST, LONGEST = 10 * 60.0, 80 * 60.0  # seconds of a day that are played
MOST_DIALS: Final = 5000  # in one run
TICK: Final = 2.0  # seconds between two decisions of the predictive pacer
REMEMBERED: Final = 1500  # calls of the past a campaign's pacer begins with, as in dialer.outcome_reads
IN_HAND: Final = 1.5  # calls that may be abandoned at the beginning
BREAK: Final = 0.7 * 180 + 0.3 * 750  # seconds on average, in the simulator
UNREACHED: Final = 4.0  # seconds to say that nobody answered, in preview
PREVIEWED: Final = 3000  # calls drawn for a run in preview
_SAMPLE: Final = 20_000
LEAST_ANSWERS: Final = 0.002  # fewer cannot be played


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a run came to. Seconds are an agent's; shares from 0 to 1."""

    answers: float  # the share of calls that was played
    at_desk: float  # share of the paid time, without breaks
    idle_per_dial: float  # seconds of the whole team's waiting for each call started
    busy_per_dial: float  # likewise of talking and writing
    talk_share: float  # of the time at the desk, with people
    wait: float  # mean, for a call with somebody
    abandoned: float  # of the calls answered by a person
    persons: int  # answered in the run
    doubt: float = 1.0  # what the share counted was multiplied with


class _Paced:
    """A pacer in the middle of its campaign.

    The day does not end with what is played, the budget of the calls before is spent but for IN_HAND calls, and it decides at ticks alone
    where that saves time.
    """

    def __init__(self, pacer: Pacer, plan: Plan, *, before: int) -> None:
        self._pacer, self._day = pacer, plan.day_seconds
        self._spent = max(0.0, plan.cap * before - IN_HAND)
        self.event_driven = plan.mode != PREDICTIVE

    def observe(self, outcome: CallOutcome) -> None:
        """Pass on what became of a call."""
        observe = getattr(self._pacer, "observe", None)
        if observe is not None:
            observe(outcome)

    def calls_to_place(self, s: PacingSnapshot) -> int:
        """Return how many new calls to start now."""
        s.shift_end = max(s.shift_end, self._day)
        s.abandoned += self._spent
        return self._pacer.calls_to_place(s)


def play(plan: Plan, *, answers: float, seed: int) -> Played:
    """Return one run at a share of answers; the same seed meets the same people. Raises ValueError for shares that are no shares."""
    scenario = _scenario(plan, answers)
    if plan.mode == PREVIEW:
        return _preview(plan, scenario, answers, seed)
    pacer = _Paced(_pacer(plan), plan, before=scenario.history_handled)
    run = Simulation(scenario, pacer, seed).run()
    dials = max(1, run.dials)
    idle = run.idle_share * run.staffed
    return Played(
        answers=answers,
        at_desk=run.staffed / (plan.agents * scenario.seconds),
        idle_per_dial=idle / dials,
        busy_per_dial=(run.staffed - idle) / dials,
        talk_share=run.utilization,
        wait=run.wait_mean,
        abandoned=run.abandonment,
        persons=run.persons,
    )


def span_of(plan: Plan, answers: float) -> float:
    """Return how many seconds of a day one run plays."""
    minutes = AGENT_MINUTES * (1 if plan.mode == PREDICTIVE else 2) / plan.agents
    span = min(LONGEST, max(SHORTEST, minutes * 60))
    per_dial = answers * (plan.talk + plan.wrap) + (plan.machines * 10 if plan.hears_machines else 0.0)
    dials = min(plan.cps, plan.agents / max(per_dial, 1.0)) * span
    return min(span * min(1.0, MOST_DIALS / max(dials, 1.0)), plan.day_seconds)


def _pacer(plan: Plan) -> Pacer:
    match plan.mode:
        case "predictive":
            return PredictivePacer()
        case "power":
            return PowerPacer(plan.ratio)
        case _:
            return ProgressivePacer()


def _scenario(plan: Plan, answers: float) -> Scenario:
    usual = Scenario()
    shares = np.array([answers, plan.machines, plan.busy, plan.failed])
    # Who would have answered, but after the ringing has ended, is told with those that do not answer.
    shares[0] /= _in_time(usual.person_ring, plan.ring)
    shares[1] /= _in_time(usual.machine_ring, plan.ring)
    shares /= max(1.0, float(shares.sum()) + 1e-9)
    person, machine, busy, failed = shares.tolist()
    return Scenario(
        name="what-if", agents=plan.agents, seconds=span_of(plan, answers), person=person, machine=machine,
        busy=busy, invalid=failed, swing=0.0, ring_timeout=float(plan.ring), amd=plan.detects,
        talk=Length(plan.talk, plan.talk_spread), wrap=Length(plan.wrap, 0.7) if plan.wrap else Length(0.0),
        log_in_over=30.0, pause_every=_between_breaks(plan), cps=plan.cps, max_lines=max(50, 20 * plan.agents), target=plan.cap,
        history_attempts=REMEMBERED, history_handled=int(REMEMBERED * answers), tick=TICK if plan.mode == PREDICTIVE else 1.0,
    )  # fmt: skip


def _between_breaks(plan: Plan) -> float | None:
    """Return how many seconds an agent works between two breaks, on average."""
    return BREAK * (1 - plan.break_share) / plan.break_share if plan.break_share > 0 else None


def _in_time(ring: Lengths, most: float) -> float:
    """Return the share of lengths that end in time."""
    drawn = ring.draw(np.random.default_rng(5), _SAMPLE)
    return max(0.05, float((drawn <= most).mean()))


def _preview(plan: Plan, it: Scenario, answers: float, seed: int) -> Played:
    callers = Callers(it, seed)
    talked = wrapped = waited = 0.0
    persons = 0
    for index in range(PREVIEWED):
        caller = callers.get(index)
        kind, ring = fate(caller, it, chance_of_person(caller, it.person))
        waited += plan.reading + ring
        if kind == "person":
            persons += 1
            talked += caller.talk[0]
            wrapped += caller.wrap[0]
        elif kind == "machine":
            wrapped += caller.talk[1] + caller.wrap[1]
        else:
            wrapped += UNREACHED
    whole = talked + wrapped + waited
    return Played(
        answers=answers,
        at_desk=1 - plan.break_share,
        idle_per_dial=waited / PREVIEWED,
        busy_per_dial=(talked + wrapped) / PREVIEWED,
        talk_share=talked / whole,
        wait=(whole - talked - persons * plan.wrap) / max(1, persons),
        abandoned=0.0,
        persons=persons,
    )
