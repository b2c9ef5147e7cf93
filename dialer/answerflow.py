"""What happens to a call between the answer and the agent. Pure.

The law gives two seconds from the end of the greeting (FED-016). Nobody tells us when a greeting ends, so it is estimated, and
where there is nothing to estimate from, the two seconds run from the answer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from dialer.callflow import Party
from dialer.intervals import Share

# Detection speaks one silence after a person's greeting; the carrier is asked for this one (MachineDetectionSpeechEndThreshold).
SILENCE_AFTER_GREETING: Final = timedelta(milliseconds=1200)
LISTEN_AT_MOST: Final = timedelta(seconds=4)  # no verdict by then: it is treated as a person
MARGIN: Final = timedelta(seconds=1)  # detection's own clock against ours
PRIOR_RATE: Final = 0.015
PRIOR_CALLS: Final = 50
NOBODY: Final = frozenset({Party.MACHINE, Party.FAX})


def people_hung_up_on(machines: int, checked: Share) -> float:
    """Return how many of the machines hung up on were people, in hundredths: the regulator's reasoned estimate (FED-020).

    Few checked calls are weighed with what vendors report, 1.5 % of people taken for machines, as if 50 had been checked.
    """
    rate = (checked.part + PRIOR_RATE * PRIOR_CALLS) / (checked.whole + PRIOR_CALLS)
    return round(machines * rate, 2)


def is_sampled(attempt: UUID, percent: int) -> bool:
    """Return whether this call goes to an agent although detection heard a machine: the same answer whenever it is asked."""
    return attempt.int % 100 < percent


class Move(StrEnum):
    """What the call does next."""

    JOIN = "join"  # to the agent it belongs to
    LISTEN = "listen"  # until detection has spoken
    CLAIM = "claim"  # the agent who waits longest, else `if_nobody_is_free`
    LEAVE = "leave"  # no person is there
    ABANDON = "abandon"  # say who called and how to refuse, and end it


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answered call as far as the next move depends on it. Instants are aware."""

    answered_at: datetime
    greeting_ended_at: datetime | None = None
    party: Party | None = None  # None: not known (yet)
    detects: bool = False  # the carrier listens for who it is
    greeting: timedelta | None = (
        None  # it tells of a machine when the greeting is over, and this is as long as one may be
    )
    has_agent: bool = False  # whose conference it goes to
    agent_dialed: bool = False  # an agent pressed Dial: nobody else takes the call
    abandoned: bool = False


def next_move(call: Answered, *, now: datetime) -> Move:
    """Return the next move of an answered call that has not ended; the same facts at the same instant give the same move."""
    if call.has_agent:
        return Move.JOIN
    if call.party in NOBODY:
        return Move.LEAVE
    if call.abandoned or call.agent_dialed:
        return Move.ABANDON
    if call.detects and call.party is None:
        if now < call.answered_at + (call.greeting or LISTEN_AT_MOST):
            return Move.LISTEN
        if call.greeting is not None:
            return Move.LEAVE  # it still speaks: no person does so for that long
    return Move.CLAIM


def heard(detected: Party, after_ms: int | None, *, greeting: timedelta | None) -> Party:
    """Return who picked up by what detection says: one it heard speak until its time was over is a machine that never ends.

    Silence makes it give up sooner, and may be a person.
    """
    if detected is not Party.UNKNOWN or greeting is None or after_ms is None:
        return detected
    return Party.MACHINE if timedelta(milliseconds=after_ms) >= greeting - MARGIN else detected


def deadline(call: Answered, *, connect: timedelta) -> datetime:
    """Return the instant by which an agent must be there."""
    return (call.greeting_ended_at or call.answered_at) + connect


def if_nobody_is_free(call: Answered, *, connect: timedelta, now: datetime) -> int | None:
    """Return how many whole seconds to wait for an agent, at least 1; None: no time is left, the call is abandoned."""
    left = (deadline(call, connect=connect) - now).total_seconds()
    return max(1, int(left)) if left > 0 else None


def greeting_end(answered_at: datetime, party: Party, after_ms: int | None) -> datetime | None:
    """Return when a person's greeting ended, from when detection spoke; None where that says nothing.

    Unknown means detection heard nothing it could place: no greeting to measure.
    """
    if party is not Party.PERSON or after_ms is None:
        return None
    return answered_at + max(timedelta(milliseconds=after_ms) - SILENCE_AFTER_GREETING, timedelta(0))


def is_late(call: Answered, *, heard_at: datetime, connect: timedelta) -> bool:
    """Return whether somebody who hears an agent, or hangs up, at `heard_at` had waited longer than the law allows."""
    return heard_at > deadline(call, connect=connect)
