"""What the stand-in remembers: calls, conferences, recordings, numbers. In memory only."""

import asyncio
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.carrier.crew import Crew
from sandbox.carrier.media import Stretch
from sandbox.carrier.population import Behaviour, Population
from sandbox.carrier.settings import Settings
from sandbox.clock import Clock
from sandbox.faults import FaultBook

API_VERSION = "2010-04-01"
LIVE = frozenset({"queued", "ringing", "in-progress"})
WEBHOOK_FAULTS = frozenset(
    {"webhook_duplicate", "webhook_late", "webhook_lost", "webhook_reorder", "webhook_bad_signature"}
)
REST_FAULTS = frozenset({"http_429", "http_500", "http_500_after_effect", "timeout", "timeout_after_effect"})
RECORDING_FAULTS = frozenset({"recording_absent", "recording_missing"})
OTHER_FAULTS = frozenset({"number_unreachable", "payment_declined"})
FAULT_KINDS = WEBHOOK_FAULTS | REST_FAULTS | RECORDING_FAULTS | OTHER_FAULTS


def new_sid(prefix: str) -> str:
    """Return a fresh identifier: two letters and 32 hexadecimal digits."""
    return prefix + uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Hook:
    """An address of the product and how to call it. The URL may end in `#rc=..&rp=..` retry overrides."""

    url: str
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Source:
    """Where TwiML comes from: an address to ask, with parameters to add, or the text itself."""

    hook: Hook | None = None
    text: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


NOTHING = Source(text="<Response/>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """How a call wants to know who answers: beside its document (`is_async`) or before it."""

    is_until_message_end: bool = False
    is_async: bool = False
    timeout_seconds: float = 30
    silence_timeout_seconds: float = 5.0
    speech_end_seconds: float = 1.2
    hook: Hook | None = None


@dataclass(frozen=True, slots=True)
class Entrance:
    """How a call enters a conference: the attributes of `<Conference>`, or what POST Participants.json says.

    `is_early` joins while it rings: those inside hear the ringing.
    """

    name: str
    label: str | None = None
    muted: bool = False
    start_on_enter: bool = True
    end_on_exit: bool = False
    coaching: bool = False
    call_sid_to_coach: str | None = None
    max_participants: int = 250
    is_early: bool = False
    record: bool = False
    wait: Hook | None = None
    status: Hook | None = None
    status_events: frozenset[str] = frozenset()
    recording: Hook | None = None
    recording_events: frozenset[str] = frozenset({"completed"})


@dataclass(frozen=True, slots=True)
class CallOptions:
    """What the product asked for when it created a call, or the TwiML verb that dialed it.

    A call with an `entrance` goes straight into a conference instead of running a document.
    """

    to: str
    sender: str
    source: Source = NOTHING
    entrance: Entrance | None = None
    fallback: Hook | None = None
    status: Hook | None = None
    status_events: frozenset[str] = frozenset({"completed"})
    timeout_seconds: float = 60
    time_limit_seconds: float = 14_400
    detection: Detection | None = None
    record: bool = False
    recording: Hook | None = None
    recording_events: frozenset[str] = frozenset({"completed"})
    recording_channels: int = 1


@dataclass(slots=True)
class Heard:
    """A sound that was begun on a call, and how much of it was heard. Units: simulated seconds."""

    verb: str
    what: str
    seconds: float
    heard_seconds: float = 0.0


@dataclass(slots=True, eq=False)
class Call:
    """One leg, in the carrier's words. `*_at` are of the shifted wall clock, `*_mark` of Clock.elapsed.

    `participant` is set while it is in a conference, `expected` while one waits for it to get there.
    """

    sid: str
    options: CallOptions
    created_at: datetime
    updated_at: datetime
    direction: str = "outbound-api"
    parent_sid: str | None = None
    status: str = "queued"
    fallback: Hook | None = None
    status_hook: Hook | None = None
    behaviour: Behaviour | None = None
    queue_ms: int = 0
    started_at: datetime | None = None
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    answered_mark: float = 0.0
    ended_at: datetime | None = None
    duration_seconds: int = 0
    answered_by: str | None = None
    ended_by: str | None = None
    sip_code: int | None = None
    sequence: int = 0
    keys: str = ""
    participant: "Participant | None" = None
    expected: "Participant | None" = None
    conference_sids: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    children: list["Call"] = field(default_factory=list)
    crew: Crew = field(default_factory=Crew)
    program: asyncio.Task[None] | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_live(self) -> bool:
        """Tell whether the call has not reached a final status."""
        return self.status in LIVE

    @property
    def own_number(self) -> str:
        """Return which number of the account takes part: who is called when it comes in, else who calls."""
        return self.options.to if self.direction == "inbound" else self.options.sender

    @property
    def other_number(self) -> str:
        """Return who is at the other end."""
        return self.options.sender if self.direction == "inbound" else self.options.to

    @property
    def is_client(self) -> bool:
        """Tell whether the called side is a browser leg (`client:name`)."""
        return self.options.to.startswith("client:")


@dataclass(slots=True, eq=False)
class Participant:
    """A call inside a conference; `released` is set when it is let go and its TwiML may go on."""

    call: Call
    conference: "Conference"
    label: str | None
    muted: bool
    start_on_enter: bool
    end_on_exit: bool
    coaching: bool
    call_sid_to_coach: str | None
    created_at: datetime
    updated_at: datetime
    hold: bool = False
    released: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True, eq=False)
class Conference:
    """A room; participants by call sid, in the order of joining, and those expected: dialed, not in yet.

    `entrance` is that of the first to join: where events go, how many it holds, whether it is recorded.
    """

    sid: str
    name: str
    created_at: datetime
    updated_at: datetime
    entrance: Entrance
    status: str = "init"
    participants: dict[str, Participant] = field(default_factory=dict)
    expected: dict[str, Participant] = field(default_factory=dict)
    was_joined: bool = False
    sequence: int = 0
    reason_ended: str | None = None
    ended_by_call_sid: str | None = None


@dataclass(slots=True, eq=False)
class Recording:
    """A recording; its sound is made when it is asked for. `stretches` go up to `running_mark`."""

    sid: str
    call_sid: str
    conference_sid: str | None
    source: str
    channels: int
    track: str
    created_at: datetime
    updated_at: datetime
    running_mark: float
    status: str = "in-progress"
    pause_behavior: str = "silence"
    stretches: list[Stretch] = field(default_factory=list)
    hook: Hook | None = None
    events: frozenset[str] = frozenset({"completed"})

    @property
    def is_open(self) -> bool:
        """Tell whether it can still be paused, resumed and stopped."""
        return self.status in ("in-progress", "paused")


@dataclass(slots=True)
class OwnNumber:
    """A number of the account; `wishes` are the members the product has set, by the names of the REST API."""

    sid: str
    number: str
    created_at: datetime
    updated_at: datetime
    wishes: dict[str, str] = field(default_factory=dict)

    def hook(self, name: str) -> Hook | None:
        """Return an address by its name: voice, voice_fallback, sms, sms_fallback, status_callback."""
        url = self.wishes.get(name if name == "status_callback" else f"{name}_url")
        return Hook(url, self.wishes.get(f"{name}_method", "POST")) if url else None


class World:
    """Everything in memory. Newest entries are last in each mapping."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock(settings.clock_offset_seconds, settings.speed)
        self.population = Population(settings.seed)
        self.faults = FaultBook(FAULT_KINDS, random.Random(settings.seed))
        self.calls: dict[str, Call] = {}
        self.conferences: dict[str, Conference] = {}
        # those that have not ended, by name
        self.rooms: dict[str, Conference] = {}
        self.recordings: dict[str, Recording] = {}
        # those that run, apart, as every call that ends looks for its own
        self.open_recordings: dict[str, Recording] = {}
        self.numbers = self._own_numbers()

    def reset(self) -> None:
        """Go back to the state after start-up."""
        for remembered in (
            self.calls,
            self.conferences,
            self.rooms,
            self.recordings,
            self.open_recordings,
        ):
            remembered.clear()
        self.faults.clear()
        self.population.reset()
        self.numbers = self._own_numbers()

    def _own_numbers(self) -> dict[str, OwnNumber]:
        now = self.clock.now()
        namespace = uuid.uuid5(uuid.NAMESPACE_URL, self.settings.account_sid)
        # the same number keeps its sid over a restart, as the product stores it
        sids = {number: "PN" + uuid.uuid5(namespace, number).hex for number in self.settings.numbers}
        return {number: OwnNumber(sid, number, now, now) for number, sid in sids.items()}

    def active_conference(self, sid_or_name: str) -> Conference | None:
        """Return a conference by sid, or the one by this name that has not ended."""
        found = self.conferences.get(sid_or_name)
        if found is not None:
            return found
        return self.rooms.get(sid_or_name)
