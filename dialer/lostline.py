"""What somebody hears whose agent's line broke off in mid-call. Pure.

First the same agent is waited for, whose browser is rung at once; then any free agent of the campaign; in the end words. They spoke
to an agent, so that the call is no abandoned one in the law's sense (FED-016); it is counted by itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

STAY: Final = "We are sorry, the line was interrupted. Please stay on the line, we are bringing you back."
GOODBYE: Final = (
    "We are sorry, the line to our colleague was interrupted and nobody else is free. "
    "Please excuse us. Goodbye."
)
ASKS_WITHIN: Final = timedelta(seconds=3)  # the carrier asks by itself when the agent's line has ended
SILENT_AFTER: Final = timedelta(
    seconds=20
)  # music asks again every eight seconds: one that did not is told once more


class Turn(StrEnum):
    """What the person's leg does next."""

    JOIN = "join"  # back to the agent
    HOLD = "hold"  # music
    CLAIM = "claim"  # another agent, else music
    GIVE_UP = "give_up"  # words, then the end
    END = "end"  # the agent had hung up already


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """An interrupted call as far as the next turn depends on it. Instants are aware."""

    lost_since: datetime
    agent_is_back: bool
    hang_up_asked: bool = False
    told: str = ""  # the last turn the person's leg was told; empty: none yet
    told_at: datetime | None = None


def next_turn(call: Interrupted, *, same_agent: timedelta, in_all: timedelta, now: datetime) -> Turn:
    """Return the next turn; the same facts at the same instant give the same one."""
    if call.hang_up_asked:
        return Turn.END
    if call.agent_is_back:
        return Turn.JOIN
    if now >= call.lost_since + in_all:
        return Turn.GIVE_UP
    return Turn.CLAIM if now >= call.lost_since + same_agent else Turn.HOLD


def must_be_told(call: Interrupted, turn: Turn, *, now: datetime) -> bool:
    """Return whether the carrier is to be asked to do `turn`, or whether the person's leg does it, or asks in a moment by itself."""
    if call.told_at is not None and now >= call.told_at + SILENT_AFTER:
        return True
    if turn in (Turn.JOIN, Turn.END):
        return call.told != turn
    return not call.told and now >= call.lost_since + ASKS_WITHIN
