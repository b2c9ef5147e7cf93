"""What we ask of a carrier. Strings and dataclasses only; no HTTP type crosses this line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from carriers.events import CarrierEvent, CarrierText, CarrierTextStatus
from carriers.lookups import LookedUp, LookUp
from carriers.recorder import Recorder
from carriers.twiml import Plan
from compliance.rules.decision import Clearance
from core.types import PhoneNumber

ErrorKind = Literal["permanent", "retryable", "unknown"]


class CarrierError(Exception):
    """The carrier refused, or did not answer.

    permanent: the same request will be refused again; retryable: nothing happened, it may be asked again later;
    unknown: it may have happened (creating a call is not idempotent), so the number is not dialed again until settled.
    """

    def __init__(
        self, message: str, *, kind: ErrorKind, code: int | None = None, refuses_us: bool = False
    ) -> None:
        super().__init__(message)
        self.kind: ErrorKind = kind
        self.code = code
        self.refuses_us = refuses_us  # it does not take our credentials, or our account: nothing will go until that is mended


class Detection(StrEnum):
    """What the carrier is to find out about who picked up. It listens while the call goes on; it never holds it up."""

    OFF = "off"
    PARTY = "party"  # person or machine, as soon as it knows
    MESSAGE_END = "message_end"  # a person as soon as it knows, a machine when its greeting is over


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Where the carrier asks what to do, and where it tells us what happened. Absolute URLs with our own id in them."""

    answer_url: str
    status_url: str
    fallback_url: str  # asked when the answer URL gives no answer: needs no database of ours
    detected_url: str = ""  # where it tells who picked up


@dataclass(frozen=True, slots=True)
class PlaceCall:
    """Ring a person. Without a clearance this does not type-check."""

    attempt_id: str
    to: PhoneNumber
    caller_id: PhoneNumber
    clearance: Clearance
    ring_seconds: int
    callbacks: Callbacks
    detection: Detection = Detection.OFF
    detect_seconds: int = 30  # how long it listens at most; then who it is stays unknown


@dataclass(frozen=True, slots=True)
class ConnectAgent:
    """Bring up an agent's own leg: rings the agent's browser, never a telephone number."""

    identity: str
    caller_id: PhoneNumber
    callbacks: Callbacks


@dataclass(frozen=True, slots=True)
class CarrierCall:
    """A call in the carrier's own list."""

    ref: str
    to: str
    caller_id: str
    news: Sequence[CarrierEvent]  # what its present state implies, in order
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Participation:
    """A leg's place in a conference, as the carrier's own list has it."""

    joined_at: datetime  # by the carrier's clock, which may count whole seconds only
    held: bool
    has_begun: bool  # the conference: it waits while the leg is alone in it


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberSetup:
    """Where the carrier asks and tells about calls and texts that come in on a number of ours. Absolute URLs, asked by POST."""

    voice_url: str
    fallback_url: str
    status_url: str
    text_url: str  # where texts come in; asked again where it does not answer


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNumber:
    """A number the account has at the carrier."""

    ref: str
    number: str  # E.164
    label: str
    has_voice: bool
    setup: NumberSetup  # as it is there; empty texts where nothing is set
    handled_by: str  # an application or trunk there that takes its calls, so that the addresses do not count; usually empty
    has_texts: bool = False
    texts_handled_by: str = ""  # the same for its texts


class Carrier(Protocol):
    """Every method may raise CarrierError and must run outside a transaction."""

    @property
    def recorder(self) -> Recorder:
        """Return what records calls."""
        ...

    def place_call(self, request: PlaceCall, /) -> str:
        """Start the call and return the carrier's id for it."""
        ...

    def connect_agent(self, request: ConnectAgent, /) -> str:
        """Ring the agent's browser and return the carrier's id for the leg."""
        ...

    def hang_up(self, call_ref: str, /) -> None:
        """End a live call, or withdraw one that has not been answered."""
        ...

    def redirect(self, call_ref: str, plan: Plan, /) -> None:
        """Let a call in progress follow another plan at once; one that has ended already is no error."""
        ...

    def withdraw(self, call_ref: str, /) -> CarrierCall:
        """Take back a call nobody has answered, never end one that was, and return what became of it."""
        ...

    def set_hold(self, conference_name: str, call_ref: str, held: bool, /, *, music_url: str = "") -> None:
        """Let one leg of a conference hear music and nobody hear them, or take them back; no address: the carrier's own music."""
        ...

    def set_mute(self, conference_name: str, call_ref: str, muted: bool, /) -> None:
        """Mute or unmute one leg of a conference."""
        ...

    def let_leave(self, conference_name: str, call_ref: str, /) -> None:
        """Let the conference go on when this leg leaves it; a leg that is not in it any more is no error."""
        ...

    def participation(self, conference_name: str, call_ref: str, /) -> Participation | None:
        """Return the leg's place in the conference; None where it is not in it, or there is no such conference."""
        ...

    def fetch_call(self, call_ref: str, /) -> CarrierCall:
        """Return what the carrier knows of one call."""
        ...

    def find_calls(self, *, to: PhoneNumber, since: datetime) -> Sequence[CarrierCall]:
        """Return calls to a number created at or after `since`, oldest first."""
        ...

    def account(self) -> str:
        """Return the account's name and state, for people: an answer means that our credentials are taken."""
        ...

    def own_numbers(self) -> Sequence[OwnNumber]:
        """Return all numbers of the account, in order."""
        ...

    def set_up_number(self, ref: str, setup: NumberSetup, /) -> OwnNumber:
        """Store where calls and texts to a number of ours go, and return the number as it is then."""
        ...

    def look_up(self, asked: LookUp, /) -> LookedUp:
        """Ask what kind of line a number is, and whether it changed hands. Each part costs money, also where it finds nothing."""
        ...

    def browser_token(self, identity: str, /) -> str | None:
        """Return a short-lived token for the browser's softphone, or None where there is no audio (sandbox)."""
        ...


class Webhooks(Protocol):
    """How this carrier's webhooks are checked, read and answered."""

    def is_genuine(
        self, *, url: str, form: Mapping[str, Sequence[str]], body: bytes, headers: Mapping[str, str]
    ) -> bool:
        """Return whether the carrier signed exactly this request; `form` is empty where the body is no form."""
        ...

    def token(self, *, headers: Mapping[str, str]) -> str:
        """Return the mark the carrier puts on a webhook and on its repeats, empty where it puts none."""
        ...

    def key(self, *, kind: str, subject_ref: str, params: Mapping[str, str]) -> str:
        """Return a key that is equal for a repeat of the same webhook and different for any other."""
        ...

    def events(self, *, kind: str, params: Mapping[str, str]) -> Sequence[CarrierEvent]:
        """Return our words for it; total: an unknown payload gives UNKNOWN."""
        ...

    def text(self, *, params: Mapping[str, str]) -> CarrierText:
        """Return a text that came in; total: what is not said is empty."""
        ...

    def text_status(self, *, params: Mapping[str, str]) -> CarrierTextStatus:
        """Return what became of a text of ours; total: what is not said is empty."""
        ...
