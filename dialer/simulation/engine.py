"""A campaign's day, event by event, driven by the same pacers that drive real ones. Times in seconds."""

import heapq
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dialer.pacing.snapshot import CallOutcome, Pacer, PacingSnapshot
from dialer.simulation.callers import Caller, Callers, chance_of_person, fate
from dialer.simulation.history import history
from dialer.simulation.results import IDLE, INBOUND, OFF, PAUSED, TALKING, WRAP, Result, Tally
from dialer.simulation.scenario import Scenario


@dataclass(slots=True, eq=False)
class Agent:
    """Somebody at work."""

    number: int
    state: int = OFF
    since: float = 0.0
    leaving: bool = False  # pauses or goes home when the call is done
    going_home: bool = False
    call: "Call | None" = None
    pause: float = 0.0  # how long the one that was asked for


@dataclass(slots=True, eq=False)
class Call:
    """One call under way, out or in."""

    caller: Caller
    at: float  # originated; an inbound call: arrived
    is_person: bool = False
    is_inbound: bool = False
    answered_at: float = 0.0
    connected_at: float = 0.0
    done: bool = False
    stage: str = "ringing"


class Simulation:
    """One run of a scenario with a seed and a pacer."""

    def __init__(self, scenario: Scenario, pacer: Pacer, seed: int = 0) -> None:
        self.it, self.pacer, self.now = scenario, pacer, 0.0
        self.tally = Tally()
        self._callers = Callers(scenario, seed)
        self._world = np.random.default_rng((seed, 1))  # the same for every pacer, whatever it does
        self._phase = float(self._world.random()) * scenario.swing_period
        blocks = int(scenario.seconds // 600) + 2
        self._noise = (1 + scenario.noise * self._world.standard_normal(blocks)).tolist()
        self._events: list[tuple[float, int, Callable[..., None], Any]] = []
        self._order = itertools.count()
        self._agents = [Agent(number) for number in range(scenario.agents)]
        self._habits = [np.random.default_rng((seed, 2, number)) for number in range(scenario.agents)]
        self._outside = np.random.default_rng((seed, 3))  # inbound callers
        self._idle: deque[Agent] = deque()
        self._ringing: dict[Call, None] = {}
        self._in_amd: dict[Call, None] = {}
        self._waiting: deque[Call] = deque()
        self._inbound_waiting: deque[Call] = deque()
        self._placed, self._tokens, self._tokens_at = 0, scenario.cps, 0.0
        self._drops = self._persons_handled = self._machines_handled = 0
        self._event_driven = bool(getattr(pacer, "event_driven", False))
        self._observe: Callable[[CallOutcome], None] = getattr(pacer, "observe", lambda outcome: None)

    def run(self) -> Result:
        """Play the whole day and return what it came to."""
        for outcome in history(self.it):
            self._observe(outcome)
        self._people_come()
        self._at(0.0, self._tick, None)
        if self.it.inbound and self.it.inbound.rate:
            self._at(float(self._outside.exponential(1 / self.it.inbound.rate)), self._inbound_arrives, None)
        end, events = self.it.seconds, self._events
        while events and events[0][0] < end:
            self.now, _, happen, what = heapq.heappop(events)
            happen(what)
        self.now = end
        for agent in self._agents:
            self._leave_state(agent)
        return self.tally.result(self.now)

    # What happens.

    def _at(self, when: float, happen: Callable[..., None], what: Any) -> None:
        heapq.heappush(self._events, (when, next(self._order), happen, what))

    def _tick(self, _: None) -> None:
        self._decide()
        self._at(self.now + self.it.tick, self._tick, None)

    def _changed(self) -> None:
        if self._event_driven:
            self._decide()

    def _decide(self) -> None:
        snapshot = self._snapshot()
        asked = self.tally.decided(self.pacer, snapshot)
        cps = self.it.cps
        self._tokens = min(max(1.0, cps), self._tokens + (self.now - self._tokens_at) * cps)
        self._tokens_at = self.now
        lines = self.it.max_lines - len(self._ringing) - len(self._in_amd) - len(self._waiting)
        lines -= sum(agent.state == TALKING for agent in self._agents)
        count = max(0, min(int(asked), int(self._tokens), lines, snapshot.list_remaining))
        self._tokens -= count
        for index in range(count):
            self._place(self.now + index / cps)

    def _place(self, when: float) -> None:
        it, caller = self.it, self._callers.get(self._placed)
        self._placed += 1
        self.tally.dials += 1
        call = Call(caller, when)
        self._ringing[call] = None
        kind, ring = fate(caller, it, chance_of_person(caller, self.person_share(when)))
        call.is_person = kind == "person"
        if kind in ("person", "machine"):
            self._at(when + ring, self._answer, call)
        else:
            self._at(when + ring, self._fails, (call, kind))

    def person_share(self, when: float) -> float:
        """Return the share of the numbers called at an instant that a person answers: what no pacer is told."""
        it = self.it
        share = it.person * (1 + it.swing * np.sin(2 * np.pi * (when + self._phase) / it.swing_period))
        share *= self._noise[int(when // 600)]
        for since, factor in it.shifts:
            if when >= since:
                share *= factor
        return float(min(0.98, max(0.0, share)))

    def _fails(self, failed: tuple[Call, str]) -> None:
        call, result = failed
        del self._ringing[call]
        self._tell_attempt(call, result, self.now - call.at)
        self._changed()

    def _answer(self, call: Call) -> None:
        it, caller = self.it, call.caller
        del self._ringing[call]
        call.answered_at = self.now
        if not it.amd:
            self._tell_attempt(call, "answered", self.now - call.at)
            self._hand_over(call)
            return
        self._in_amd[call] = None
        after = caller.greeting + caller.verdict[0] if call.is_person else caller.verdict[1]
        self._at(self.now + after, self._verdict, call)
        self._changed()

    def _verdict(self, call: Call) -> None:
        it = self.it
        del self._in_amd[call]
        wrong = it.person_as_machine if call.is_person else it.machine_as_person
        says_person = call.is_person != (call.caller.amd_luck < wrong)
        self._tell_attempt(call, "human" if says_person else "machine", call.answered_at - call.at)
        if says_person:
            self._hand_over(call)
        else:
            self.tally.taken_for_machines += call.is_person
            self._changed()

    def _hand_over(self, call: Call) -> None:
        """An answered call wants an agent; the longest idle takes it."""
        if call.is_person:
            self.tally.persons += 1
        if self._idle:
            self._connect(self._idle.popleft(), call)
        else:
            call.stage = "waiting"
            self._waiting.append(call)
            self._at(max(self.now, self._given_up_at(call)), self._gives_up, call)
        self._changed()

    def _given_up_at(self, call: Call) -> float:
        if self.it.patience:
            return call.answered_at + call.caller.patience
        return call.answered_at + call.caller.greeting + self.it.deadline

    def _gives_up(self, call: Call) -> None:
        if call.stage != "waiting":
            return
        call.stage = "dropped"
        self._waiting.remove(call)
        self._drops += 1
        self.tally.abandoned += call.is_person
        self._observe(CallOutcome("abandoned", self.now, wait_s=self.now - call.answered_at))
        self._changed()

    def _connect(self, agent: Agent, call: Call) -> None:
        self.tally.waits.append(self.now - agent.since)
        if call.is_inbound:
            self.tally.inbound_waits.append(self.now - call.at)
        self._move(agent, INBOUND if call.is_inbound else TALKING)
        agent.call, call.connected_at, call.stage = call, self.now, "talking"
        talk = call.caller.talk[0 if call.is_person else 1]
        self._at(self.now + talk, self._talk_ends, agent)

    def _talk_ends(self, agent: Agent) -> None:
        call = agent.call
        assert call is not None
        self._move(agent, WRAP)
        self._at(self.now + call.caller.wrap[0 if call.is_person else 1], self._wrap_ends, agent)
        self._changed()

    def _wrap_ends(self, agent: Agent) -> None:
        call, agent.call = agent.call, None
        assert call is not None
        which = 0 if call.is_person else 1
        if not call.is_inbound:
            self._persons_handled += call.is_person
            self._machines_handled += not call.is_person
        self._observe(
            CallOutcome(
                "handled", self.now, talk_s=call.caller.talk[which], wrap_s=call.caller.wrap[which],
                inbound=call.is_inbound, party="human" if call.is_person else "machine",
            )
        )  # fmt: skip
        if agent.leaving:
            self._go(agent)
        else:
            self._becomes_free(agent)
        self._changed()

    def _becomes_free(self, agent: Agent) -> None:
        self._move(agent, IDLE)
        for queue in (self._waiting, self._inbound_waiting):
            if queue:
                self._connect(agent, queue.popleft())
                return
        self._idle.append(agent)

    # Agents come, pause and go.

    def _people_come(self) -> None:
        for agent in self._agents:
            self._at(float(self._world.random()) * self.it.log_in_over, self._logs_in, agent)
        for when, count in self.it.leave_at:
            self._at(when, self._some_leave, count)

    def _logs_in(self, agent: Agent) -> None:
        self._becomes_free(agent)
        self._plan_pause(agent)
        self._changed()

    def _plan_pause(self, agent: Agent) -> None:
        if self.it.pause_every:
            habit = self._habits[agent.number]
            after = float(habit.exponential(self.it.pause_every))
            self._at(self.now + after, self._wants_pause, (agent, float(self.it.pause.draw(habit, 1)[0])))

    def _wants_pause(self, wish: tuple[Agent, float]) -> None:
        agent, length = wish
        if agent.going_home:
            return
        agent.leaving, agent.pause = True, length
        if agent.state == IDLE:
            self._idle.remove(agent)
            self._go(agent)
        self._changed()

    def _go(self, agent: Agent) -> None:
        agent.leaving = False
        self._move(agent, OFF if agent.going_home else PAUSED)
        if not agent.going_home:
            self._at(self.now + agent.pause, self._comes_back, agent)

    def _comes_back(self, agent: Agent) -> None:
        if agent.going_home:
            self._move(agent, OFF)
            return
        self._becomes_free(agent)
        self._plan_pause(agent)
        self._changed()

    def _some_leave(self, count: int) -> None:
        for agent in [one for one in self._agents if not one.going_home][:count]:
            agent.going_home = True
            if agent.state == IDLE:
                self._idle.remove(agent)
                self._go(agent)
            elif agent.state not in (PAUSED, OFF):
                agent.leaving = True
        self._changed()

    def _move(self, agent: Agent, state: int) -> None:
        self._leave_state(agent)
        agent.state, agent.since = state, self.now

    def _leave_state(self, agent: Agent) -> None:
        with_person = agent.call is not None and agent.call.is_person
        self.tally.spent(agent.state, agent.since, self.now, with_person)

    # Inbound callers.

    def _inbound_arrives(self, _: None) -> None:
        inbound = self.it.inbound
        assert inbound is not None
        self._at(self.now + float(self._outside.exponential(1 / inbound.rate)), self._inbound_arrives, None)
        talk, wrap = (float(length.draw(self._outside, 1)[0]) for length in (inbound.talk, inbound.wrap))
        patience = float(inbound.patience.draw(self._outside, 1)[0]) if inbound.patience else 1e12
        caller = Caller(0.0, (0, 0, 0, 0), 0.0, (0, 0), 0.0, (talk, talk), (wrap, wrap), patience, 1.0, 0.0)
        call = Call(caller, self.now, is_person=True, is_inbound=True, answered_at=self.now)
        self.tally.inbound += 1
        if self._idle:
            self._connect(self._idle.popleft(), call)
        else:
            call.stage = "waiting"
            self._inbound_waiting.append(call)
            self._at(self.now + patience, self._inbound_gives_up, call)
        self._changed()

    def _inbound_gives_up(self, call: Call) -> None:
        if call.stage == "waiting":
            call.stage = "dropped"
            self._inbound_waiting.remove(call)
            self.tally.inbound_lost += 1
            self._changed()

    # What the pacer sees.

    def _tell_attempt(self, call: Call, result: str, ring: float) -> None:
        self._observe(CallOutcome("attempt", self.now, result=result, ring_s=ring, score=call.caller.score))

    def _snapshot(self) -> PacingSnapshot:
        it, now = self.it, self.now
        talking: list[float] = []
        inbound: list[float] = []
        wrapping: list[float] = []
        idle: list[float] = []
        leaving = paused = 0
        for agent in self._agents:
            state = agent.state
            if agent.leaving:
                leaving += 1
            elif state == TALKING:
                talking.append(now - agent.since)
            elif state == IDLE:
                idle.append(now - agent.since)
            elif state == WRAP:
                wrapping.append(now - agent.since)
            elif state == INBOUND:
                inbound.append(now - agent.since)
            elif state == PAUSED:
                paused += 1
        seen = self._persons_handled + self._machines_handled
        share = self._persons_handled / seen if seen else 1.0
        abandoned = self._drops * share
        tells = it.has_scores and it.shows_scores
        remaining = 10**9 if it.numbers is None else it.numbers - self._placed
        return PacingSnapshot(
            now=now, time_of_day=(it.starts_at + now) % 86400, shift_end=it.seconds, agents_idle=idle,
            agents_talking=talking, agents_inbound=inbound, agents_wrapup=wrapping, agents_leaving=leaving,
            agents_paused=paused, calls_ringing=[max(0.0, now - call.at) for call in self._ringing],
            calls_in_amd=[now - call.answered_at for call in self._in_amd],
            calls_waiting=[now - call.answered_at for call in self._waiting],
            inbound_waiting=[now - call.at for call in self._inbound_waiting],
            inbound_rate_forecast=it.inbound.rate if it.inbound else 0.0, abandoned=abandoned,
            live_answered=it.history_handled + self._persons_handled + abandoned, target_abandon_rate=it.target, cps_cap=it.cps,
            max_lines=it.max_lines, list_remaining=remaining, ring_timeout_s=min(it.ring_timeout, 1e6),
            connect_deadline_s=it.deadline, amd_enabled=it.amd,
            ringing_scores=[call.caller.score for call in self._ringing] if tells else [],
            next_scores=(
                [self._callers.get(self._placed + i).score for i in range(min(64, remaining))]
                if tells else []
            ),
        )  # fmt: skip
