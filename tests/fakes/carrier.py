"""An in-memory Carrier: remembers what it was asked, fails when told to. Checked against the sandbox in tests/contract."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from carriers.events import CarrierEvent, CarrierNews
from carriers.lookups import LookedUp, LookUp
from carriers.protocol import (
    CarrierCall,
    CarrierError,
    ConnectAgent,
    NumberSetup,
    OwnNumber,
    Participation,
    PlaceCall,
)
from carriers.twiml import Plan
from compliance.rules.records import ReassignedAnswer
from compliance.rules.vocabulary import LineType
from core.types import PhoneNumber
from tests.fakes.recorder import FakeRecorder


@dataclass
class FakeCarrier:
    """Records requests in order; `fail_next` makes the next one raise."""

    placed: list[PlaceCall] = field(default_factory=list)
    connected: list[ConnectAgent] = field(default_factory=list)
    hung_up: list[str] = field(default_factory=list)
    redirected: list[tuple[str, Plan]] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    held: list[tuple[str, str, bool]] = field(default_factory=list)
    music: list[str] = field(default_factory=list)  # of each in `held`
    muted: list[tuple[str, str, bool]] = field(default_factory=list)
    let_go: list[tuple[str, str]] = field(default_factory=list)
    listed: list[CarrierCall] = field(default_factory=list)
    joined: dict[tuple[str, str], Participation] = field(default_factory=dict)  # by conference and leg
    numbers: dict[str, OwnNumber] = field(default_factory=dict)
    looked_up: list[LookUp] = field(default_factory=list)
    lookups: dict[str, LookedUp | CarrierError] = field(
        default_factory=dict
    )  # by number; else a mobile, never reassigned
    recorder: FakeRecorder = field(default_factory=FakeRecorder)
    fail_next: CarrierError | None = None
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def place_call(self, request: PlaceCall, /) -> str:
        """Take the call."""
        self._maybe_fail()
        self.placed.append(request)
        return f"CA{next(self._numbers):032d}"

    def connect_agent(self, request: ConnectAgent, /) -> str:
        """Take the agent's leg."""
        self._maybe_fail()
        self.connected.append(request)
        return f"CA{next(self._numbers):032d}"

    def hang_up(self, call_ref: str, /) -> None:
        """Remember it."""
        self._maybe_fail()
        self.hung_up.append(call_ref)

    def redirect(self, call_ref: str, plan: Plan, /) -> None:
        """Remember it."""
        self._maybe_fail()
        self.redirected.append((call_ref, plan))

    def withdraw(self, call_ref: str, /) -> CarrierCall:
        """Remember it; a call listed as answered stays as it is."""
        call = self.fetch_call(call_ref)
        if call.news[-1].news not in (CarrierNews.INITIATED, CarrierNews.RINGING):
            return call
        self.withdrawn.append(call_ref)
        canceled = CarrierEvent(news=CarrierNews.CANCELED, leg_ref=call_ref, raw="canceled")
        return replace(call, news=[canceled])

    def set_hold(self, conference_name: str, call_ref: str, held: bool, /, *, music_url: str = "") -> None:
        """Remember it."""
        self._maybe_fail()
        self.held.append((conference_name, call_ref, held))
        self.music.append(music_url)

    def set_mute(self, conference_name: str, call_ref: str, muted: bool, /) -> None:
        """Remember it."""
        self._maybe_fail()
        self.muted.append((conference_name, call_ref, muted))

    def let_leave(self, conference_name: str, call_ref: str, /) -> None:
        """Remember it."""
        self._maybe_fail()
        self.let_go.append((conference_name, call_ref))

    def participation(self, conference_name: str, call_ref: str, /) -> Participation | None:
        """Return the place that `join` gave the leg."""
        self._maybe_fail()
        return self.joined.get((conference_name, call_ref))

    def fetch_call(self, call_ref: str, /) -> CarrierCall:
        """Return the listed call."""
        self._maybe_fail()
        for call in self.listed:
            if call.ref == call_ref:
                return call
        raise CarrierError("no such call", kind="permanent", code=20404)

    def find_calls(self, *, to: PhoneNumber, since: datetime) -> Sequence[CarrierCall]:
        """Return the listed calls to the number."""
        self._maybe_fail()
        return [call for call in self.listed if call.to == to and call.created_at >= since]

    def account(self) -> str:
        """Return a name."""
        self._maybe_fail()
        return "A carrier in memory (active)"

    def own_numbers(self) -> Sequence[OwnNumber]:
        """Return what was put into `numbers`."""
        self._maybe_fail()
        return sorted(self.numbers.values(), key=lambda each: each.number)

    def set_up_number(self, ref: str, setup: NumberSetup, /) -> OwnNumber:
        """Store it."""
        self._maybe_fail()
        self.numbers[ref] = replace(self.numbers[ref], setup=setup)
        return self.numbers[ref]

    def look_up(self, asked: LookUp, /) -> LookedUp:
        """Answer as told."""
        self._maybe_fail()
        self.looked_up.append(asked)
        told = self.lookups.get(asked.number)
        if isinstance(told, CarrierError):
            raise told
        return told or LookedUp(
            line=LineType.WIRELESS if asked.wants_line else None,
            reassigned=ReassignedAnswer.NO if asked.held_since else None,
        )

    def browser_token(self, identity: str, /) -> str | None:
        """No audio here."""
        return None

    def list_call(
        self,
        *,
        ref: str,
        to: str,
        caller_id: str,
        news: CarrierNews,
        created_at: datetime,
        duration_seconds: int | None = None,
    ) -> None:
        """Put a call on the carrier's own list."""
        event = CarrierEvent(news=news, leg_ref=ref, raw=news.value, duration_seconds=duration_seconds)
        self.listed.append(
            CarrierCall(ref=ref, to=to, caller_id=caller_id, news=[event], created_at=created_at)
        )

    def join(
        self, conference_name: str, ref: str, *, at: datetime, held: bool = False, has_begun: bool = True
    ) -> None:
        """Put a leg into a conference on the carrier's own list."""
        self.joined[conference_name, ref] = Participation(joined_at=at, held=held, has_begun=has_begun)

    def _maybe_fail(self) -> None:
        error, self.fail_next = self.fail_next, None
        if error is not None:
            raise error
