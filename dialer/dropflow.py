"""What becomes of a message left on a machine, as one table. Pure.

The carrier tells by three ways that cross: its answer to our order to play, the question it asks behind the message, and the
end of the call. Each may be missing, late or repeated.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class DropState(StrEnum):
    """Where a message stands."""

    REFUSED = "refused"  # the gate does not allow it on this number now
    ASKED = "asked"  # cleared; the carrier has not said yet that it plays it
    PLAYING = "playing"
    PLAYED = "played"  # the carrier said that its end was reached
    UNTOLD = "untold"  # the call lasted longer than the message, and the carrier did not say that it ended
    CUT_OFF = "cut_off"  # the call ended, or a key was pressed, before the message did
    NOT_PLAYED = "not_played"  # the call ended or the carrier refused before it began

    @property
    def is_open(self) -> bool:
        """Return whether it may still be heard."""
        return self in (DropState.ASKED, DropState.PLAYING)

    @property
    def is_left(self) -> bool:
        """Return whether there is a whole message on the machine, as far as anybody can know."""
        return self in (DropState.PLAYED, DropState.UNTOLD)


class DropNews(StrEnum):
    """What can happen to it."""

    BEGAN = "began"  # the carrier took the order to play it
    HEARD_OUT = "heard_out"  # the carrier asks what comes behind it
    ENDED_SOON = "ended_soon"  # the call ended earlier than the message lasts
    ENDED_LATE = "ended_late"  # the call ended after it must have been over
    INTERRUPTED = "interrupted"  # somebody pressed a key
    GIVEN_UP = "given_up"  # the carrier could not be brought to play it


_BY_US: Final = (
    DropState.ASKED,
    DropState.PLAYING,
    DropState.UNTOLD,
    DropState.CUT_OFF,
    DropState.NOT_PLAYED,
)

TRANSITIONS: Final[Mapping[tuple[DropState, DropNews], DropState]] = {
    (DropState.ASKED, DropNews.BEGAN): DropState.PLAYING,
    (DropState.ASKED, DropNews.GIVEN_UP): DropState.NOT_PLAYED,
    (DropState.ASKED, DropNews.INTERRUPTED): DropState.CUT_OFF,
    (DropState.ASKED, DropNews.ENDED_SOON): DropState.NOT_PLAYED,
    (DropState.ASKED, DropNews.ENDED_LATE): DropState.NOT_PLAYED,
    (DropState.PLAYING, DropNews.INTERRUPTED): DropState.CUT_OFF,
    (DropState.PLAYING, DropNews.ENDED_SOON): DropState.CUT_OFF,
    (DropState.PLAYING, DropNews.ENDED_LATE): DropState.UNTOLD,
    # The carrier's word is better than what we made of the call's end, whenever it comes.
    **{(state, DropNews.HEARD_OUT): DropState.PLAYED for state in _BY_US},
}


def step(state: DropState, news: DropNews) -> DropState | None:
    """Return the state after `news`, or None where it changes nothing; total."""
    return TRANSITIONS.get((state, news))


def end_of(began_at: datetime | None, seconds: float, *, now: datetime) -> DropNews:
    """Return what the end of the call at `now` means for a message of so many seconds."""
    if began_at is None or now < began_at + timedelta(seconds=seconds):
        return DropNews.ENDED_SOON
    return DropNews.ENDED_LATE
