"""What a simulated day came to."""

import time
from dataclasses import dataclass, field

import numpy as np

from dialer.pacing.snapshot import Pacer, PacingSnapshot
from dialer.simulation.scenario import HOUR

IDLE, TALKING, INBOUND, WRAP, PAUSED, OFF = range(6)  # what an agent does
TIMED = 7  # one decision in so many is timed


@dataclass(frozen=True, slots=True)
class Result:
    """One run's figures; times in seconds, shares from 0 to 1."""

    utilization: float  # talk with people / time staffed without pauses
    idle_share: float
    wait_mean: float
    wait_p95: float
    persons: int  # answered by a person and handed over
    abandoned: int  # of them, those no agent was there for
    abandonment: float
    taken_for_machines: int
    dials: int
    handled: int
    inbound: int
    inbound_lost: int
    worst_hour: float  # the lowest utilization of a clock hour
    decisions: int
    decision_ms_mean: float  # of processor time, so that neighbours on the machine do not count
    decision_ms_p99: float
    bound: float  # utilization if no agent ever waited
    staffed: float  # agents' seconds without pauses


@dataclass(slots=True)
class Tally:
    """Counts on the way."""

    decisions: int = 0
    dials: int = 0
    persons: int = 0
    abandoned: int = 0
    taken_for_machines: int = 0
    inbound: int = 0
    inbound_lost: int = 0
    inbound_waits: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)  # of agents for a call
    _spent: list[float] = field(default_factory=lambda: [0.0] * 6)
    _with_people: float = 0.0
    _hours_talk: dict[int, float] = field(default_factory=dict)
    _hours_all: dict[int, float] = field(default_factory=dict)
    _times: list[float] = field(default_factory=list)

    def decided(self, pacer: Pacer, snapshot: PacingSnapshot) -> int:
        """Ask the pacer, and keep how long it took: one decision in `TIMED`, since reading the clock may cost more than deciding."""
        self.decisions += 1
        if self.decisions % TIMED:
            return pacer.calls_to_place(snapshot)
        began = time.thread_time()
        asked = pacer.calls_to_place(snapshot)
        self._times.append(time.thread_time() - began)
        return asked

    def spent(self, state: int, since: float, until: float, with_person: bool) -> None:
        """Keep an agent's time in a state."""
        took = until - since
        self._spent[state] += took
        talking = state in (TALKING, INBOUND) and with_person
        if talking:
            self._with_people += took
        if state in (PAUSED, OFF):
            return
        while since < until:
            hour = int(since // HOUR)
            part = min(until, (hour + 1) * HOUR) - since
            self._hours_all[hour] = self._hours_all.get(hour, 0.0) + part
            if talking:
                self._hours_talk[hour] = self._hours_talk.get(hour, 0.0) + part
            since += part

    def result(self, end: float) -> Result:
        """Return the figures of the whole run."""
        idle, talk, inbound, wrap, _, _ = self._spent
        staffed = idle + talk + inbound + wrap
        waits = np.array(self.waits or [0.0])
        times = np.array(self._times or [0.0]) * 1000
        busy = staffed - idle
        hours = [
            self._hours_talk.get(hour, 0.0) / spent for hour, spent in self._hours_all.items() if spent > 60
        ]
        return Result(
            utilization=self._with_people / staffed if staffed else 0.0,
            idle_share=idle / staffed if staffed else 0.0,
            wait_mean=float(waits.mean()),
            wait_p95=float(np.quantile(waits, 0.95)),
            persons=self.persons,
            abandoned=self.abandoned,
            abandonment=self.abandoned / self.persons if self.persons else 0.0,
            taken_for_machines=self.taken_for_machines,
            dials=self.dials,
            handled=len(self.waits),
            inbound=self.inbound,
            inbound_lost=self.inbound_lost,
            worst_hour=min(hours, default=0.0),
            decisions=self.decisions,
            decision_ms_mean=float(times.mean()),
            decision_ms_p99=float(np.quantile(times, 0.99)),
            bound=self._with_people / busy if busy else 0.0,
            staffed=staffed,
        )
