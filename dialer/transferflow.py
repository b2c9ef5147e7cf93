"""A call is handed on with a word first: the agent consults a target while the person hears music. One printed table. Pure.

Until both are known to be together the agent stays, so that whatever goes wrong on the way leads back to the agent, or, where
the agent's own line broke off, to what dialer.lostline does for somebody without an agent. Nobody is left alone on hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

AGENT_JOINS_WITHIN: Final = timedelta(seconds=10)  # the line is up; only the carrier has to move it
CARRIER_NEEDS: Final = timedelta(seconds=20)  # over the ringing, for the call to be placed and told of
MOVED_WITHIN: Final = timedelta(seconds=8)
ACTS_AGAIN_AFTER: Final = timedelta(seconds=5)


class Target(StrEnum):
    """Whom the call is handed on to. A queue is the agent it gives."""

    AGENT = "agent"
    NUMBER = "number"


class TransferState(StrEnum):
    """Where a transfer stands."""

    REFUSED = "refused"  # the gate does not allow the call to that number
    ASKED = "asked"  # the person goes on hold, the target is called
    RINGING = "ringing"
    CONSULTING = "consulting"  # agent and target talk, the person is on hold
    SWAPPED = "swapped"  # agent and person talk, the target is on hold
    TOGETHER = "together"  # all three talk
    COMPLETING = "completing"  # person and target are being brought together without the agent
    COMPLETED = "completed"
    RETURNING = "returning"  # the target is let go, the person comes back
    RETURNED = "returned"
    ENDED = "ended"  # the person hung up first

    @property
    def is_open(self) -> bool:
        """Return whether it goes on."""
        return self not in FINAL

    @property
    def may_hear(self) -> bool:
        """Return whether the target belongs in the agent's conference."""
        return self in (*CALLED, *TALKING)


class TransferNews(StrEnum):
    """What can happen to it: the agent's wishes, and what the carrier tells."""

    RINGS = "rings"
    JOINED = "joined"  # the target is in the agent's conference
    FAILED = "failed"  # the target could not be reached, or the two could not be brought together
    TARGET_LEFT = "target_left"
    SWAP = "swap"
    ALL = "all"
    COMPLETE = "complete"
    CANCEL = "cancel"
    MOVED = "moved"  # person and target are together, without the agent
    BACK = "back"  # the person has an agent again
    PERSON_LEFT = "person_left"
    AGENT_LOST = "agent_lost"  # the agent's line broke off


CALLED: Final = (TransferState.ASKED, TransferState.RINGING)
TALKING: Final = (TransferState.CONSULTING, TransferState.SWAPPED, TransferState.TOGETHER)
FINAL: Final = (
    TransferState.REFUSED,
    TransferState.COMPLETED,
    TransferState.RETURNED,
    TransferState.ENDED,
)
_OPEN: Final = (*CALLED, *TALKING, TransferState.COMPLETING, TransferState.RETURNING)
WISHES: Final = (TransferNews.SWAP, TransferNews.ALL, TransferNews.COMPLETE, TransferNews.CANCEL)

TRANSITIONS: Final[Mapping[tuple[TransferState, TransferNews], TransferState]] = {
    (TransferState.ASKED, TransferNews.RINGS): TransferState.RINGING,
    # Joined overtakes rings when the carrier's two messages cross.
    **{(state, TransferNews.JOINED): TransferState.CONSULTING for state in CALLED},
    (TransferState.CONSULTING, TransferNews.SWAP): TransferState.SWAPPED,
    (TransferState.SWAPPED, TransferNews.SWAP): TransferState.CONSULTING,
    (TransferState.TOGETHER, TransferNews.SWAP): TransferState.CONSULTING,
    (TransferState.CONSULTING, TransferNews.ALL): TransferState.TOGETHER,
    (TransferState.SWAPPED, TransferNews.ALL): TransferState.TOGETHER,
    **{(state, TransferNews.COMPLETE): TransferState.COMPLETING for state in TALKING},
    **{
        (state, news): TransferState.RETURNING
        for state in (*CALLED, *TALKING)
        for news in (
            TransferNews.CANCEL,
            TransferNews.FAILED,
            TransferNews.TARGET_LEFT,
            TransferNews.AGENT_LOST,
        )
    },
    # The agent's own line is needed no more once the two are on their way.
    (TransferState.COMPLETING, TransferNews.MOVED): TransferState.COMPLETED,
    (TransferState.COMPLETING, TransferNews.FAILED): TransferState.RETURNING,
    (TransferState.COMPLETING, TransferNews.TARGET_LEFT): TransferState.RETURNING,
    (TransferState.RETURNING, TransferNews.BACK): TransferState.RETURNED,
    **{(state, TransferNews.PERSON_LEFT): TransferState.ENDED for state in _OPEN},
}


def step(state: TransferState, news: TransferNews) -> TransferState | None:
    """Return the state after `news`, or None where it changes nothing; total."""
    return TRANSITIONS.get((state, news))


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """Who is to hear music; None: nobody is there to be held."""

    person: bool | None = None
    target: bool | None = None


_HOLDS: Final[Mapping[TransferState, Holds]] = {
    TransferState.ASKED: Holds(person=True),
    TransferState.RINGING: Holds(person=True),
    TransferState.CONSULTING: Holds(person=True, target=False),
    TransferState.SWAPPED: Holds(person=False, target=True),
    TransferState.TOGETHER: Holds(person=False, target=False),
    TransferState.RETURNING: Holds(person=False),
}


def holds(state: TransferState) -> Holds:
    """Return who is to hear music in the agent's conference."""
    return _HOLDS.get(state, Holds())


def late_at(state: TransferState, target: Target, since: datetime, *, ring: timedelta) -> datetime | None:
    """Return when waiting in `state` since `since` is over and counts as failed; None where nothing is waited for."""
    if state in CALLED:
        return since + (AGENT_JOINS_WITHIN if target is Target.AGENT else ring + CARRIER_NEEDS)
    if state is TransferState.COMPLETING and target is Target.NUMBER:
        return since + MOVED_WITHIN
    return None


def table() -> str:
    """Return the transition table as Markdown, for docs/call-states.md."""
    news = list(TransferNews)
    lines = ["| state | " + " | ".join(news) + " |", "|---" * (len(news) + 1) + "|"]
    for state in TransferState:
        cells = [TRANSITIONS.get((state, one), "·") for one in news]
        lines.append(f"| **{state}** | " + " | ".join(cells) + " |")
    return "\n".join(lines)
