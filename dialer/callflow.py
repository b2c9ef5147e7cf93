"""The life of a call as one printed table. Pure.

Carriers repeat, delay and reorder what they tell us, so the table says for each state which news moves the call forward;
news that is not in the table changes nothing and is kept as ignored. A call never goes back and never leaves ENDED.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class CallState(StrEnum):
    """Where a call stands, as the agent sees it."""

    PLACING = "placing"  # reserved; the carrier has not said it took the call
    DIALING = "dialing"  # the carrier has the call
    RINGING = "ringing"
    ANSWERED = "answered"  # picked up; not yet joined to the agent
    CONNECTED = "connected"  # person and agent hear each other
    ON_HOLD = "on_hold"
    LEAVING_MESSAGE = "leaving_message"  # a recording plays to a machine; no agent is on the call any more
    INTERRUPTED = (
        "interrupted"  # between agents: a line broke off, or a transfer is under way; the person is kept
    )
    TRANSFERRED = "transferred"  # with somebody outside; no agent is on the call any more
    ENDED = "ended"


class CallNews(StrEnum):
    """What can happen to a call."""

    PLACED = "placed"  # the carrier took the call
    RINGING = "ringing"
    ANSWERED = "answered"
    JOINED = "joined"  # in the agent's conference
    HELD = "held"
    RESUMED = "resumed"
    MESSAGE_BEGAN = "message_began"  # the carrier plays a recording to whoever picked up
    AGENT_LOST = "agent_lost"  # the agent's line broke off
    TRANSFERRED = "transferred"  # the agent sent the person to another one
    HANDED_OUT = "handed_out"  # the person is with somebody outside, and the agent has left them
    COMPLETED = "completed"  # ended after an answer
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"  # the network could not complete it
    CANCELED = "canceled"  # withdrawn by us before an answer
    NOT_PLACED = (
        "not_placed"  # the carrier never had it: clearance gone, refused, or settled as never created
    )


class NetworkOutcome(StrEnum):
    """How the network ended a call; who answered and what the agent says are other axes."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    CANCELED = "canceled"
    NOT_PLACED = "not_placed"


class Party(StrEnum):
    """Who picked up; an axis of its own beside the network's outcome and what the agent says."""

    PERSON = "person"
    MACHINE = "machine"
    FAX = "fax"
    UNKNOWN = "unknown"  # detection ran and could not tell; treated as a person


class AttemptState(StrEnum):
    """Where the reservation of a number stands."""

    RESERVED = "reserved"  # cleared; nobody has asked the carrier yet
    DIALING = "dialing"  # a worker is asking the carrier
    PLACED = "placed"  # the carrier gave its id
    UNKNOWN = "unknown"  # asked, no answer: it may ring; settled by a webhook or the carrier's own list
    RELEASED = "released"  # never placed
    ENDED = "ended"

    @property
    def is_open(self) -> bool:
        """Return whether the number must not be dialed again yet."""
        return self in {
            AttemptState.RESERVED,
            AttemptState.DIALING,
            AttemptState.PLACED,
            AttemptState.UNKNOWN,
        }


_BEFORE_ANSWER: Final = (CallState.PLACING, CallState.DIALING, CallState.RINGING)
_WITH_SOMEBODY: Final = (CallState.ANSWERED, CallState.CONNECTED, CallState.ON_HOLD)
_AFTER_ANSWER: Final = (
    *_WITH_SOMEBODY,
    CallState.INTERRUPTED,
    CallState.LEAVING_MESSAGE,
    CallState.TRANSFERRED,
)

TRANSITIONS: Final[Mapping[tuple[CallState, CallNews], CallState]] = {
    (CallState.PLACING, CallNews.PLACED): CallState.DIALING,
    (CallState.PLACING, CallNews.RINGING): CallState.RINGING,
    (CallState.DIALING, CallNews.RINGING): CallState.RINGING,
    **{(state, CallNews.ANSWERED): CallState.ANSWERED for state in _BEFORE_ANSWER},
    # Joined overtakes answered when the carrier's two messages cross.
    **{(state, CallNews.JOINED): CallState.CONNECTED for state in (*_BEFORE_ANSWER, CallState.ANSWERED)},
    (CallState.CONNECTED, CallNews.HELD): CallState.ON_HOLD,
    (CallState.ON_HOLD, CallNews.RESUMED): CallState.CONNECTED,
    # From there only to the end: what was left to play cannot be given back to an agent.
    **{(state, CallNews.MESSAGE_BEGAN): CallState.LEAVING_MESSAGE for state in _WITH_SOMEBODY},
    **{
        (state, news): CallState.INTERRUPTED
        for state in (CallState.CONNECTED, CallState.ON_HOLD)
        for news in (CallNews.AGENT_LOST, CallNews.TRANSFERRED)
    },
    (CallState.INTERRUPTED, CallNews.JOINED): CallState.CONNECTED,
    # The agent's line may have broken off while the two were brought together.
    **{
        (state, CallNews.HANDED_OUT): CallState.TRANSFERRED
        for state in (CallState.CONNECTED, CallState.ON_HOLD, CallState.INTERRUPTED)
    },
    **{
        (state, news): CallState.ENDED
        for state in (*_BEFORE_ANSWER, *_AFTER_ANSWER)
        for news in (CallNews.COMPLETED, CallNews.FAILED)
    },
    **{
        (state, news): CallState.ENDED
        for state in _BEFORE_ANSWER
        for news in (CallNews.BUSY, CallNews.NO_ANSWER, CallNews.CANCELED)
    },
    # Only a call the carrier never had can turn out not placed.
    (CallState.PLACING, CallNews.NOT_PLACED): CallState.ENDED,
}

OUTCOMES: Final[Mapping[CallNews, NetworkOutcome]] = {
    CallNews.COMPLETED: NetworkOutcome.ANSWERED,
    CallNews.BUSY: NetworkOutcome.BUSY,
    CallNews.NO_ANSWER: NetworkOutcome.NO_ANSWER,
    CallNews.FAILED: NetworkOutcome.FAILED,
    CallNews.CANCELED: NetworkOutcome.CANCELED,
    CallNews.NOT_PLACED: NetworkOutcome.NOT_PLACED,
}


@dataclass(frozen=True, slots=True)
class Step:
    """What one piece of news does: the state after it, and whether it changed nothing."""

    state: CallState
    ignored: bool = False
    outcome: NetworkOutcome | None = None  # set exactly when the call ends


def step(state: CallState, news: CallNews) -> Step:
    """Return where `news` takes a call in `state`; total: no pair raises."""
    following = TRANSITIONS.get((state, news))
    if following is None:
        return Step(state, ignored=True)
    if following is not CallState.ENDED:
        return Step(following)
    outcome = OUTCOMES[news]
    if news is CallNews.FAILED and state in _AFTER_ANSWER:
        outcome = NetworkOutcome.ANSWERED  # the line broke in mid-call: it was answered all the same
    return Step(following, outcome=outcome)


def table() -> str:
    """Return the transition table as Markdown, for docs/call-states.md."""
    news = list(CallNews)
    lines = ["| state | " + " | ".join(news) + " |", "|---" * (len(news) + 1) + "|"]
    for state in CallState:
        cells = [TRANSITIONS.get((state, one), "·") for one in news]
        lines.append(f"| **{state}** | " + " | ".join(cells) + " |")
    return "\n".join(lines)
