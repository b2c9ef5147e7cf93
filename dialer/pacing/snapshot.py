"""What a pacer is given: the state of a campaign at one instant, and what became of its calls. All times in seconds.

The field's common interface of pacers; duck-typed, so that a bench may pass its own types of the same shape.
"""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(slots=True)
class PacingSnapshot:
    """One campaign now. Each logged-in agent is in exactly one group, each call under way in exactly one."""

    now: float  # the campaign's clock, from 0, never back
    time_of_day: float  # local seconds since midnight
    shift_end: float  # on the campaign's clock
    agents_idle: list[float]  # each available agent's seconds of waiting
    agents_talking: list[float]  # seconds since connected
    agents_inbound: list[float]  # likewise, with a blended inbound caller
    agents_wrapup: list[float]  # seconds since the call ended
    agents_leaving: int  # busy, and gone when they finish; in none of the lists
    agents_paused: int
    calls_ringing: list[float]  # seconds since originated
    calls_in_amd: list[float]  # seconds since answered
    calls_waiting: list[float]  # seconds since answered, no agent free
    inbound_waiting: list[float]
    inbound_rate_forecast: float  # arrivals a second over the next five minutes
    abandoned: float  # over the compliance window, history included
    live_answered: float
    target_abandon_rate: float
    cps_cap: float
    max_lines: int
    list_remaining: int
    ring_timeout_s: float
    connect_deadline_s: float  # after the greeting's end
    amd_enabled: bool
    ringing_scores: list[float] = field(default_factory=list)
    next_scores: list[float] = field(default_factory=list)


@dataclass(slots=True)
class CallOutcome:
    """What became of a call: an attempt that resolved, a person nobody was there for, a call an agent has handled."""

    kind: str  # attempt, abandoned, handled
    at: float  # negative: before the campaign began
    result: str = ""  # of an attempt: human, machine, answered, no_answer, busy, invalid
    ring_s: float = 0.0
    score: float = 0.0
    wait_s: float = 0.0
    talk_s: float = 0.0
    wrap_s: float = 0.0
    inbound: bool = False
    party: str = ""  # of a handled call: human, machine


class Pacer(Protocol):
    """What decides how many calls to start. A function of the snapshots and outcomes seen so far, and of nothing else."""

    def calls_to_place(self, s: PacingSnapshot) -> int:
        """Return how many new calls to start now."""
        ...
