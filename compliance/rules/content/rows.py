"""The rows of the content tables (packs/*/): every number, list and class with its source and dates."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

CONFIDENCES = ("H", "M", "L")  # rule text seen; good secondary sources; weak or conflicting


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What every row says of itself, in force on [effective_from, effective_to); None = open on that side."""

    section: ClassVar[str]
    choices: ClassVar[dict[str, tuple[str, ...]]] = {}  # fields that take one of a few words

    rule: str
    citation: str
    confidence: str
    effective_from: date | None = None
    effective_to: date | None = None
    note: str = ""

    @property
    def key(self) -> str:
        """Return what may have one row in force at a time."""
        return str(getattr(self, "name", ""))

    def is_in_force(self, on: date) -> bool:
        """Return whether the row counts on that day."""
        return (self.effective_from is None or self.effective_from <= on) and (
            self.effective_to is None or on < self.effective_to
        )

    def overlaps(self, other: "Row") -> bool:
        """Return whether some day has both rows in force."""
        starts = max(self.effective_from or date.min, other.effective_from or date.min)
        ends = min(self.effective_to or date.max, other.effective_to or date.max)
        return starts < ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Row):
    """A limit. A name may end in ".WA": the row of one state."""

    section = "number"

    name: str
    value: int | float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Row):
    """A list of words or phrases; "*" at the end of one stands for any ending."""

    section = "words"

    name: str
    value: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty(Row):
    """A duty that begins or ends on a date; with no row in force it does not bind."""

    section = "duty"

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentClass(Row):
    """Words that carriers bar from texts, and how strictly."""

    section = "content_class"
    choices: ClassVar[dict[str, tuple[str, ...]]] = {"action": ("refuse", "age_gate", "review")}

    name: str
    value: tuple[str, ...]
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput(Row):
    """AT&T's parts per minute of one class of traffic; scores of 0 to 0 where the score does not count."""

    section = "throughput"
    choices: ClassVar[dict[str, tuple[str, ...]]] = {"per": ("campaign", "number")}

    name: str
    kind: str
    score_from: int
    score_to: int
    sms: int
    mms: int
    per: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyCap(Row):
    """T-Mobile's parts per day of one brand, by vetting score, inclusive on both sides."""

    section = "daily_cap"

    name: str
    kind: str
    score_from: int
    score_to: int
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierCode(Row):
    """A carrier's answer and what must be done about it."""

    section = "carrier_code"
    choices: ClassVar[dict[str, tuple[str, ...]]] = {
        "action": (
            "invalid_number", "suppress", "slow_down", "retry", "check_reassigned", "retype_line", "watch_filtering",
            "back_off", "queue", "queue_until_reset", "block_sender", "block_campaign", "reputation", "review",
        )
    }  # fmt: skip

    provider: str
    code: str
    meaning: str
    action: str

    @property
    def key(self) -> str:
        """Return what may have one row in force at a time."""
        return f"{self.provider} {self.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingState(Row):
    """Whose consent a state wants before a call is recorded."""

    section = "recording_state"
    choices: ClassVar[dict[str, tuple[str, ...]]] = {"value": ("all_party", "mixed", "one_party", "unknown")}

    state: str
    value: str

    @property
    def key(self) -> str:
        """Return what may have one row in force at a time."""
        return self.state


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention(Row):
    """How long a kind of record stays. `keep_months` is what we do and never less than `minimum_months`, the law's."""

    section = "retention"
    choices: ClassVar[dict[str, tuple[str, ...]]] = {"counts_from": ("created", "last_used")}

    name: str
    minimum_months: int  # 0 = no minimum
    keep_months: int  # 0 = never deleted
    counts_from: str
    erasable: bool  # a person's request deletes it before its time
    in_access_answer: bool  # a person who asks for their data receives it


SECTIONS: tuple[type[Row], ...] = (
    Number,
    Words,
    Duty,
    ContentClass,
    Throughput,
    DailyCap,
    CarrierCode,
    RecordingState,
    Retention,
)
