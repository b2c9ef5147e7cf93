"""What a simulated day came to."""

import time
from dataclasses import dataclass, field

import numpy as np

from dialer.pacing.snapshot import Pacer, PacingSnapshot
from dialer.simulation.scenario import HOUR, Scenario

_IDLE, _TALKING, _INBOUND, _WRAP, _PAUSED, _OFF = range(6)


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


@dataclass(slots=True)
class Tally:
    """Counts on the way."""

    it: Scenario
    dials: int = 0
    persons: int = 0
    abandoned: int = 0
    machines_dropped: int = 0
    taken_for_machines: int = 0
    inbound: int = 0
    inbound_lost: int = 0
    inbound_waits: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    _spent: list[float] = field(default_factory=lambda: [0.0] * 6)
    _with_people: float = 0.0
    _machine_talk: float = 0.0
    _machine_wrap: float = 0.0
    _hours_talk: dict[int, float] = field(default_factory=dict)
    _hours_all: dict[int, float] = field(default_factory=dict)
    _times: list[float] = field(default_factory=list)

    def decided(self, pacer: Pacer, snapshot: PacingSnapshot) -> int:
        """Ask the pacer, and keep how long it took."""
        began = time.thread_time()
        asked = pacer.calls_to_place(snapshot)
        self._times.append(time.thread_time() - began)
        return asked

    def dropped(self, is_person: bool) -> None:
        """Count a call no agent was there for in time."""
        if is_person:
            self.abandoned += 1
        else:
            self.machines_dropped += 1

    def waited(self, seconds: float, at: float) -> None:
        """Keep an agent's wait for a call."""
        self.waits.append(seconds)

    def spent(self, state: int, since: float, until: float, with_person: bool) -> None:
        """Keep an agent's time in a state."""
        took = until - since
        self._spent[state] += took
        talking = state in (_TALKING, _INBOUND) and with_person
        if talking:
            self._with_people += took
        if not with_person:
            self._machine_talk += took if state == _TALKING else 0.0
            self._machine_wrap += took if state == _WRAP else 0.0
        if state in (_PAUSED, _OFF):
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
            decisions=len(self._times),
            decision_ms_mean=float(times.mean()),
            decision_ms_p99=float(np.quantile(times, 0.99)),
            bound=self._with_people / busy if busy else 0.0,
        )
