"""The states of an agent at work as one table. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class AgentState(StrEnum):
    """What an agent is doing."""

    OFFLINE = "offline"
    NOT_READY = "not_ready"
    READY = "ready"  # waiting for a card
    PREVIEW = "preview"  # looks at a card
    ON_CALL = "on_call"  # from dialing to the end of the call
    CONSULTING = "consulting"  # another agent asks them about a call, while its person is on hold
    WRAP_UP = "wrap_up"  # after the call, before the result is saved


class LegState(StrEnum):
    """The agent's own telephone leg, which stays up between calls."""

    DOWN = "down"
    CONNECTING = "connecting"
    UP = "up"
    LOST = "lost"  # was up and ended without being asked to


class AgentNews(StrEnum):
    """What moves an agent from state to state."""

    READY = "ready"  # pressed Ready
    NOT_READY = "not_ready"  # pressed Not ready
    OFFERED = "offered"  # got a card
    WITHDRAWN = "withdrawn"  # the card was skipped or taken back
    DIALED = "dialed"  # pressed Dial, the call is reserved
    CLAIMED = "claimed"  # a person answered a call of the dialer and goes to this agent
    MISSED = "missed"  # that person hung up before the two heard each other
    HANDED_OVER = "handed_over"  # their line broke off and another agent took the call
    TRANSFERRED = "transferred"  # sent the person to another agent, who saves the result
    HANDED_OUT = "handed_out"  # brought the person together with somebody outside; saves the result now
    CONSULTED = "consulted"  # another agent asks them about a call
    CONSULT_OVER = "consult_over"  # the other agent has the call still, or it ended
    RELEASED = "released"  # the call was never placed: back to the card
    CALL_ENDED = "call_ended"
    MESSAGE_LEFT = "message_left"  # the call plays a message without them: next
    DISPOSED_READY = "disposed_ready"  # saved the result: next
    DISPOSED_NOT_READY = "disposed_not_ready"  # saved the result: pause
    LEFT = "left"  # signed off, or the page went away


TRANSITIONS: Final[Mapping[tuple[AgentState, AgentNews], AgentState]] = {
    (AgentState.NOT_READY, AgentNews.READY): AgentState.READY,
    (AgentState.READY, AgentNews.NOT_READY): AgentState.NOT_READY,
    (AgentState.PREVIEW, AgentNews.NOT_READY): AgentState.NOT_READY,
    (AgentState.READY, AgentNews.OFFERED): AgentState.PREVIEW,
    (AgentState.PREVIEW, AgentNews.WITHDRAWN): AgentState.READY,
    (AgentState.PREVIEW, AgentNews.DIALED): AgentState.ON_CALL,
    (AgentState.ON_CALL, AgentNews.RELEASED): AgentState.PREVIEW,
    (AgentState.READY, AgentNews.CLAIMED): AgentState.ON_CALL,
    (AgentState.ON_CALL, AgentNews.MISSED): AgentState.READY,
    # Somebody whose agent's line broke off outranks a card nobody has dialed.
    (AgentState.PREVIEW, AgentNews.CLAIMED): AgentState.ON_CALL,
    (AgentState.ON_CALL, AgentNews.HANDED_OVER): AgentState.NOT_READY,
    (AgentState.ON_CALL, AgentNews.TRANSFERRED): AgentState.READY,
    (AgentState.ON_CALL, AgentNews.CALL_ENDED): AgentState.WRAP_UP,
    (AgentState.ON_CALL, AgentNews.HANDED_OUT): AgentState.WRAP_UP,
    (AgentState.READY, AgentNews.CONSULTED): AgentState.CONSULTING,
    (AgentState.PREVIEW, AgentNews.CONSULTED): AgentState.CONSULTING,
    (AgentState.CONSULTING, AgentNews.CONSULT_OVER): AgentState.READY,
    (AgentState.CONSULTING, AgentNews.CLAIMED): AgentState.ON_CALL,
    (AgentState.ON_CALL, AgentNews.MESSAGE_LEFT): AgentState.READY,
    (AgentState.WRAP_UP, AgentNews.DISPOSED_READY): AgentState.READY,
    (AgentState.WRAP_UP, AgentNews.DISPOSED_NOT_READY): AgentState.NOT_READY,
    (AgentState.NOT_READY, AgentNews.LEFT): AgentState.OFFLINE,
    (AgentState.READY, AgentNews.LEFT): AgentState.OFFLINE,
    (AgentState.PREVIEW, AgentNews.LEFT): AgentState.OFFLINE,
    (AgentState.WRAP_UP, AgentNews.LEFT): AgentState.OFFLINE,
}


def step(state: AgentState, news: AgentNews) -> AgentState | None:
    """Return the state after `news`, or None where it is not allowed in `state`."""
    return TRANSITIONS.get((state, news))
