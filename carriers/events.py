"""Our words for what a carrier tells us. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class CarrierNews(StrEnum):
    """One closed vocabulary; what we do not know maps to UNKNOWN and is kept raw in the inbox."""

    INITIATED = "initiated"  # the carrier started the call
    RINGING = "ringing"  # the far end rings
    ANSWERED = "answered"  # picked up, by whomever
    COMPLETED = "completed"  # ended after an answer
    BUSY = "busy"
    NO_ANSWER = "no_answer"  # rang until the time-out
    FAILED = "failed"  # could not be completed
    CANCELED = "canceled"  # withdrawn before an answer
    JOINED = "joined"  # a leg entered a conference
    LEFT = "left"  # a leg left a conference
    HELD = "held"
    RESUMED = "resumed"
    MUTED = "muted"
    UNMUTED = "unmuted"
    DETECTED = "detected"  # who picked up, by the carrier's ear
    PLAYED = "played"  # a message was played to its end
    KEYS = "keys"  # keys were pressed; `raw` has them
    RECORDS = "records"  # a recording began
    RECORDED = "recorded"  # a recording ended, with sound
    RECORDED_NOTHING = "recorded_nothing"  # a recording ended, without sound
    ANNOUNCED = "announced"  # an announcement was played to its end
    NOT_ANNOUNCED = "not_announced"  # an announcement could not be played
    UNKNOWN = "unknown"  # a word this version does not know


class Detected(StrEnum):
    """Who the carrier believes picked up."""

    PERSON = "person"
    MACHINE = "machine"
    FAX = "fax"
    UNKNOWN = "unknown"  # it listened and could not tell


class GreetingEnd(StrEnum):
    """How a machine's greeting ended, where the carrier waited for that."""

    BEEP = "beep"
    SILENCE = "silence"  # it stopped speaking; a person's long greeting sounds the same
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CarrierEvent:
    """One piece of news about one leg."""

    news: CarrierNews
    leg_ref: str  # the carrier's id of the call leg
    raw: str  # the carrier's own word
    sequence: int | None = None  # the carrier's order, where it gives one
    duration_seconds: int | None = None  # answer to end, with COMPLETED
    conference_name: str = ""
    conference_ref: str = ""  # the carrier's id of it: one name has many conferences, one after the other
    detected: Detected | None = None  # with DETECTED
    greeting_end: GreetingEnd | None = None  # with DETECTED, of a machine whose greeting is over
    after_ms: int | None = None  # with DETECTED: from the answer to the verdict, by the carrier's clock
    recording_ref: str = ""  # the carrier's id of a recording
    announce_url: str = ""  # with ANNOUNCED and NOT_ANNOUNCED: our own address of what was played


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierText:
    """A text somebody sent to a number of ours."""

    ref: str  # the carrier's id
    sender: str  # as the carrier writes it; mostly E.164
    to: str
    words: str
    is_answered: bool  # the carrier has answered it itself


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierTextStatus:
    """What became of a text of ours."""

    ref: str
    sender: str  # our number, or the carrier's id of a pool of them
    to: str
    status: str
    error_code: str  # the carrier's; empty without one
