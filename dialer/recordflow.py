"""The life of a call's recording as one table. Pure.

People's wishes move it into a state that only asks; what the carrier confirms moves it on. A pause ends by RESUME_ASKED alone,
which only a person says: no news of the carrier's lifts one, and where the carrier says that a paused recording runs, the pause
is asked for again. News that is not in the table changes nothing and is kept as ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class RecordState(StrEnum):
    """Where the recording of one call stands."""

    WAITING = "waiting"  # nothing is recorded until the agent notes that the person said yes
    NOT_RECORDED = "not_recorded"  # it never was, and never will be; the reason says why
    ASKED = "asked"  # the carrier is asked to begin
    RECORDING = "recording"
    PAUSING = "pausing"  # asked; it may still run
    PAUSED = "paused"
    RESUMING = "resuming"  # asked; nothing is recorded yet, as far as we know
    STOPPING = "stopping"
    STOPPED = "stopped"  # ended; there is sound
    FAILED = "failed"  # the carrier could not, or there was no sound
    SKIPPED = "skipped"  # no audio of the call is kept: it is stopped and deleted


class RecordNews(StrEnum):
    """What can happen to it."""

    AGREED = "agreed"  # a person: the other side said yes
    PAUSE_ASKED = "pause_asked"  # a person, or the card data step
    RESUME_ASKED = "resume_asked"  # a person
    STOP_ASKED = "stop_asked"  # a person: the other side objects (REC-002)
    SKIP_ASKED = "skip_asked"  # a person, or we, where the notice was not heard
    CALL_ENDED = "call_ended"
    BEGAN = "began"  # the carrier: it has been created; may come late
    RUNS = "runs"  # the carrier, asked or answering: it runs now
    PAUSED = "paused"  # the carrier, asked or answering: it is paused now
    ENDED = "ended"  # the carrier: over, with sound
    ABSENT = "absent"  # the carrier: over, or never there; no sound


_OPEN: Final = (
    RecordState.ASKED,
    RecordState.RECORDING,
    RecordState.PAUSING,
    RecordState.PAUSED,
    RecordState.RESUMING,
)
FINAL: Final = frozenset({RecordState.NOT_RECORDED, RecordState.FAILED, RecordState.SKIPPED})
ACTS: Final = frozenset(  # what the carrier is asked for, and asked for again until it has confirmed
    {RecordState.ASKED, RecordState.PAUSING, RecordState.RESUMING, RecordState.STOPPING, RecordState.SKIPPED}
)

TRANSITIONS: Final[Mapping[tuple[RecordState, RecordNews], RecordState]] = {
    (RecordState.WAITING, RecordNews.AGREED): RecordState.ASKED,
    (RecordState.WAITING, RecordNews.STOP_ASKED): RecordState.NOT_RECORDED,
    (RecordState.WAITING, RecordNews.CALL_ENDED): RecordState.NOT_RECORDED,
    (RecordState.ASKED, RecordNews.BEGAN): RecordState.RECORDING,
    (RecordState.ASKED, RecordNews.RUNS): RecordState.RECORDING,
    (RecordState.ASKED, RecordNews.PAUSED): RecordState.PAUSED,
    (RecordState.ASKED, RecordNews.PAUSE_ASKED): RecordState.PAUSING,
    (RecordState.RECORDING, RecordNews.PAUSE_ASKED): RecordState.PAUSING,
    (RecordState.RECORDING, RecordNews.PAUSED): RecordState.PAUSED,
    (RecordState.PAUSING, RecordNews.PAUSED): RecordState.PAUSED,
    (RecordState.PAUSING, RecordNews.RESUME_ASKED): RecordState.RESUMING,
    (RecordState.PAUSED, RecordNews.RESUME_ASKED): RecordState.RESUMING,
    (RecordState.PAUSED, RecordNews.RUNS): RecordState.PAUSING,  # nobody asked for that
    (RecordState.RESUMING, RecordNews.RUNS): RecordState.RECORDING,
    (RecordState.RESUMING, RecordNews.PAUSE_ASKED): RecordState.PAUSING,
    # Given up, and there all the same: it has no notice and nobody watches it.
    **{
        (RecordState.FAILED, news): RecordState.SKIPPED
        for news in (RecordNews.BEGAN, RecordNews.RUNS, RecordNews.ENDED)
    },
    **{(state, RecordNews.STOP_ASKED): RecordState.STOPPING for state in _OPEN},
    **{(state, RecordNews.ENDED): RecordState.STOPPED for state in (*_OPEN, RecordState.STOPPING)},
    **{(state, RecordNews.ABSENT): RecordState.FAILED for state in (*_OPEN, RecordState.STOPPING)},
    **{
        (state, RecordNews.SKIP_ASKED): RecordState.SKIPPED
        for state in (*_OPEN, RecordState.WAITING, RecordState.STOPPING, RecordState.STOPPED)
    },
}


@dataclass(frozen=True, slots=True)
class Step:
    """What one piece of news does."""

    state: RecordState
    ignored: bool = False


class Wanted(StrEnum):
    """What the carrier is to be asked now."""

    NOTHING = "nothing"
    START = "start"
    FIND = "find"  # it may have begun without our knowing its id
    ANNOUNCE = "announce"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    DELETE = "delete"


class Notice(StrEnum):
    """Whether the other side has heard that the call is recorded (REC-001)."""

    NOT_YET = "not_yet"
    ASKED = "asked"
    HEARD = "heard"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the next request to the carrier depends on."""

    state: RecordState
    has_ref: bool  # the carrier's id is known
    was_tried: bool  # the carrier was asked to begin; without an id it may have done so
    notice: Notice
    call_is_live: bool
    is_gone: bool  # deleted at the carrier, or known never to have been there


def step(state: RecordState, news: RecordNews) -> Step:
    """Return where `news` takes a recording in `state`; total: no pair raises."""
    following = TRANSITIONS.get((state, news))
    return Step(state, ignored=True) if following is None else Step(following)


def wanted(now: Standing) -> Wanted:
    """Return what the carrier is to be asked for; the same standing gives the same answer, so it can be asked again."""
    if now.state not in ACTS:
        is_due = (
            now.state is RecordState.RECORDING
            and now.notice is Notice.NOT_YET
            and now.has_ref
            and now.call_is_live
        )
        return Wanted.ANNOUNCE if is_due else Wanted.NOTHING
    if now.state is RecordState.SKIPPED:
        if now.is_gone or not (now.has_ref or now.was_tried):
            return Wanted.NOTHING
        return Wanted.DELETE if now.has_ref else Wanted.FIND
    if not now.has_ref:
        return Wanted.FIND if now.was_tried else Wanted.START
    return {
        RecordState.ASKED: Wanted.FIND,
        RecordState.PAUSING: Wanted.PAUSE,
        RecordState.RESUMING: Wanted.RESUME,
        RecordState.STOPPING: Wanted.STOP,
    }[now.state]


def records_nothing(now: Standing) -> bool:
    """Return whether it is certain that nothing said now is recorded: only then may card data be taken (PCI-004)."""
    if now.state is RecordState.SKIPPED:
        return now.is_gone or not (now.has_ref or now.was_tried)
    return now.state in (
        RecordState.PAUSED,
        RecordState.NOT_RECORDED,
        RecordState.WAITING,
        RecordState.STOPPED,
        RecordState.FAILED,
    )


def table() -> str:
    """Return the transition table as Markdown, for docs/recording-states.md."""
    news = list(RecordNews)
    lines = ["| state | " + " | ".join(news) + " |", "|---" * (len(news) + 1) + "|"]
    for state in RecordState:
        cells = [TRANSITIONS.get((state, one), "·") for one in news]
        lines.append(f"| **{state}** | " + " | ".join(cells) + " |")
    return "\n".join(lines)
