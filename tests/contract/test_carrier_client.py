"""One suite for the in-memory carrier and for the real client against the sandbox; then what only a network can do wrong."""

import inspect
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from aiohttp import web

from carriers.protocol import (
    Callbacks,
    Carrier,
    CarrierError,
    ConnectAgent,
    Detection,
    Participation,
    PlaceCall,
)
from carriers.twiml import JoinConference, LeaveMessage
from compliance.rules.decision import Clearance
from core.types import PhoneNumber
from sandbox.carrier.app import make_app
from sandbox.carrier.settings import Settings
from sandbox.testing import run_in_thread
from tests.fakes.carrier import FakeCarrier

OURS = PhoneNumber("+14075550100")
THEIRS = PhoneNumber("+14075550123")


@dataclass
class Bench:
    """A carrier, and the stand-in behind it where there is one."""

    carrier: Carrier
    sandbox_url: str = ""

    def fault(self, kind: str, **more: object) -> None:
        """Let the next request go wrong."""
        requests.post(
            f"{self.sandbox_url}/_sandbox/faults",
            json={"kind": kind, "count": 1, "rate": 1.0, **more},
            timeout=5,
        ).raise_for_status()


@pytest.fixture(scope="module")
def sandbox_url() -> Iterator[str]:
    settings = Settings(numbers=(OURS,), speed=10.0, timeout_seconds=3.0)
    with run_in_thread(make_app(settings)) as url:
        yield url


@pytest.fixture
def twilio(sandbox_url: str, settings: object) -> Bench:
    from carriers.twilio.client import TwilioCarrier

    settings.TWILIO_BASE_URL = sandbox_url
    settings.CARRIER_TIMEOUT_SECONDS = 1.0
    requests.delete(f"{sandbox_url}/_sandbox/faults", timeout=5)
    return Bench(TwilioCarrier(), sandbox_url)


@pytest.fixture(params=["fake", "twilio"])
def bench(request: pytest.FixtureRequest) -> Bench:
    if request.param == "fake":
        return Bench(FakeCarrier())
    found: Bench = request.getfixturevalue("twilio")
    return found


def call(to: PhoneNumber = THEIRS, *, cleared_for: PhoneNumber | None = None) -> PlaceCall:
    clearance = Clearance(1, cleared_for or to, datetime.now(UTC) + timedelta(seconds=15))
    callbacks = Callbacks(
        answer_url="http://127.0.0.1:9/answer",
        status_url="http://127.0.0.1:9/status",
        fallback_url="http://127.0.0.1:9/fault",
    )
    return PlaceCall(
        attempt_id="a", to=to, caller_id=OURS, clearance=clearance, ring_seconds=25, callbacks=callbacks
    )


def test_the_fake_and_the_client_have_the_ports_methods() -> None:
    from carriers.twilio.client import TwilioCarrier

    for name, method in inspect.getmembers(Carrier, inspect.isfunction):
        if name.startswith("_"):
            continue
        wanted = list(inspect.signature(method).parameters)
        for implementation in (FakeCarrier, TwilioCarrier):
            assert list(inspect.signature(getattr(implementation, name)).parameters) == wanted, (
                implementation,
                name,
            )


def test_a_placed_call_and_an_agents_leg_get_ids_of_their_own(bench: Bench) -> None:
    first = bench.carrier.place_call(call())
    callbacks = Callbacks(
        answer_url="http://127.0.0.1:9/a",
        status_url="http://127.0.0.1:9/s",
        fallback_url="http://127.0.0.1:9/f",
    )
    second = bench.carrier.connect_agent(
        ConnectAgent(identity="agent-1", caller_id=OURS, callbacks=callbacks)
    )

    assert first.startswith("CA")
    assert first != second


def test_of_each_call_only_news_is_asked_for_that_is_needed(
    twilio: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    client: Any = twilio.carrier
    create = client._client.calls.create

    def note(**wish: Any) -> Any:
        asked.append(wish["status_callback_event"])
        return create(**wish)

    monkeypatch.setattr(client._client.calls, "create", note)
    urls = {name: f"http://127.0.0.1:9/{name}" for name in ("answer_url", "status_url", "fallback_url")}
    twilio.carrier.place_call(call())
    twilio.carrier.connect_agent(
        ConnectAgent(identity="agent-1", caller_id=OURS, callbacks=Callbacks(**urls))
    )

    assert asked == [["ringing", "answered", "completed"], ["completed"]]


def test_hanging_up_twice_is_no_error(bench: Bench) -> None:
    ref = bench.carrier.place_call(call())

    bench.carrier.hang_up(ref)
    bench.carrier.hang_up(ref)


def test_letting_a_leg_leave_that_is_in_no_conference_is_no_error(bench: Bench) -> None:
    bench.carrier.let_leave("agent-1", "CA" + "0" * 32)


def test_a_leg_has_no_place_in_a_conference_that_does_not_exist(bench: Bench) -> None:
    assert bench.carrier.participation("agent-1", "CA" + "0" * 32) is None


def test_a_place_in_a_conference_says_since_when_and_whether_on_hold(twilio: Bench) -> None:
    to, begun = PhoneNumber("+14075550178"), datetime.now(UTC).replace(microsecond=0)
    wish = {"behaviour": "person", "ring_seconds": 0, "talk_seconds": 900}
    requests.post(f"{twilio.sandbox_url}/_sandbox/numbers/{to}", json=wish, timeout=5).raise_for_status()

    with serving_silence() as answer_url:
        callbacks = replace(call().callbacks, answer_url=answer_url)
        agent = twilio.carrier.connect_agent(
            ConnectAgent(identity="agent_7", caller_id=OURS, callbacks=callbacks)
        )
        person = twilio.carrier.place_call(replace(call(to), callbacks=callbacks))
        for ref, is_agent in ((agent, True), (person, False)):
            wait_for_truth(twilio, ref, lambda truth: truth["status"] == "in-progress")
            alone = twilio.carrier.participation("agent-7", person)
            room = JoinConference(name="agent-7", is_agent=is_agent, events_url="http://127.0.0.1:9/events")
            twilio.carrier.redirect(ref, room)
            wait_for_truth(twilio, ref, lambda truth: truth["is_in_conference"])
        joined = twilio.carrier.participation("agent-7", person)
        twilio.carrier.set_hold("agent-7", person, True)
        held = twilio.carrier.participation("agent-7", person)

    assert alone is None
    assert joined is not None
    assert held is not None
    assert (joined.held, held.held, joined.has_begun) == (False, True, True)
    assert begun <= joined.joined_at <= datetime.now(UTC)


def test_a_call_that_is_taken_back_is_canceled_and_again_is_no_error(twilio: Bench) -> None:
    ref = twilio.carrier.place_call(call(PhoneNumber("+14075550129")))

    first = twilio.carrier.withdraw(ref)
    again = twilio.carrier.withdraw(ref)

    assert [event.news for event in (*first.news, *again.news)] == ["canceled", "canceled"]


def test_the_account_is_named(bench: Bench) -> None:
    assert "active" in bench.carrier.account()


def test_credentials_that_are_not_taken_are_told_from_other_refusals(
    sandbox_url: str, settings: object
) -> None:
    from carriers.twilio.client import TwilioCarrier

    settings.TWILIO_BASE_URL, settings.TWILIO_AUTH_TOKEN = sandbox_url, "another token"

    with pytest.raises(CarrierError) as error:
        TwilioCarrier().account()

    assert (error.value.refuses_us, error.value.code, error.value.kind) == (True, 20003, "retryable")


def test_a_call_nobody_made_is_not_found(bench: Bench) -> None:
    with pytest.raises(CarrierError) as error:
        bench.carrier.fetch_call("CA" + "0" * 32)

    assert error.value.kind == "permanent"


def test_there_is_no_audio_token_without_a_real_carrier(bench: Bench) -> None:
    assert bench.carrier.browser_token("agent-1") is None


def test_a_placed_call_is_found_by_number_and_time(twilio: Bench) -> None:
    since = datetime.now(UTC) - timedelta(seconds=5)
    number = PhoneNumber("+14075550124")
    ref = twilio.carrier.place_call(call(number))

    found = twilio.carrier.find_calls(to=number, since=since)

    assert [(one.ref, one.to, one.caller_id) for one in found] == [(ref, number, OURS)]


def test_a_clearance_for_another_number_calls_nobody(twilio: Bench) -> None:
    with pytest.raises(CarrierError, match="another number"):
        twilio.carrier.place_call(call(PhoneNumber("+14075550125"), cleared_for=THEIRS))

    assert (
        twilio.carrier.find_calls(
            to=PhoneNumber("+14075550125"), since=datetime.now(UTC) - timedelta(hours=1)
        )
        == []
    )


@pytest.mark.parametrize(
    ("fault", "kind", "was_created"),
    [
        ("http_429", "retryable", False),
        ("http_500", "unknown", False),
        ("http_500_after_effect", "unknown", True),
        ("timeout", "unknown", False),
        ("timeout_after_effect", "unknown", True),
    ],
)
def test_what_went_wrong_says_what_may_be_done_next(
    twilio: Bench, fault: str, kind: str, was_created: bool
) -> None:
    number = PhoneNumber(f"+1407555{130 + len(fault):04d}")
    since = datetime.now(UTC) - timedelta(seconds=5)
    before = len(twilio.carrier.find_calls(to=number, since=since))
    twilio.fault(fault, match="POST")

    with pytest.raises(CarrierError) as error:
        twilio.carrier.place_call(call(number))

    assert error.value.kind == kind
    assert len(twilio.carrier.find_calls(to=number, since=since)) - before == was_created


def test_a_carrier_that_is_not_there_may_be_asked_again(settings: object) -> None:
    from carriers.twilio.client import TwilioCarrier

    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"

    with pytest.raises(CarrierError) as error:
        TwilioCarrier().place_call(call())

    assert error.value.kind == "retryable"


@pytest.mark.parametrize("change", [{"TWILIO_AUTH_TOKEN": "wrong"}, {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32}])
def test_wrong_credentials_are_said_and_created_nothing(
    twilio: Bench, settings: object, change: dict[str, str]
) -> None:
    from carriers.twilio.client import TwilioCarrier

    for name, value in change.items():
        setattr(settings, name, value)

    with pytest.raises(CarrierError) as error:
        TwilioCarrier().place_call(call())

    assert error.value.kind in ("retryable", "permanent")


@pytest.fixture
def refuse(twilio: Bench) -> Callable[[PhoneNumber], CarrierError]:
    def attempt(number: PhoneNumber) -> CarrierError:
        with pytest.raises(CarrierError) as error:
            twilio.carrier.place_call(call(number))
        return error.value

    return attempt


def test_a_number_that_cannot_exist_is_permanent(refuse: Callable[[PhoneNumber], CarrierError]) -> None:
    assert refuse(PhoneNumber("+1407")).kind == "permanent"


def test_a_machine_is_told_of_at_the_end_of_its_greeting_and_hears_the_message_out(twilio: Bench) -> None:
    """What detection is asked for, and the plan that leaves a message, as the stand-in carrier understands them."""
    to = PhoneNumber("+14075550177")
    requests.post(
        f"{twilio.sandbox_url}/_sandbox/numbers/{to}",
        json={
            "behaviour": "machine",
            "ring_seconds": 0,
            "greeting_seconds": 5,
            "message_end": "beep",
            "talk_seconds": 900,
        },
        timeout=5,
    ).raise_for_status()
    request = replace(call(to), detection=Detection.MESSAGE_END, detect_seconds=20)
    plan = LeaveMessage(
        text="Hello, this is Northwind.",
        audio_url="",
        then_url="http://127.0.0.1:9/over",
        keys_url="http://127.0.0.1:9/keys",
    )

    with serving_silence() as answer_url:
        ref = twilio.carrier.place_call(
            replace(
                request,
                callbacks=replace(
                    request.callbacks, answer_url=answer_url, detected_url="http://127.0.0.1:9/detected"
                ),
            )
        )
        beep = wait_for_truth(twilio, ref, lambda truth: truth["answered_by_reported"])
        twilio.carrier.redirect(ref, plan)
        over = wait_for_truth(twilio, ref, lambda truth: truth["status"] == "completed")

    [heard] = over["heard"]
    assert beep["answered_by_reported"] == "machine_end_beep"
    assert heard["heard_seconds"] == heard["seconds"] > 0
    assert any("/over" in note or "11205" in note for note in over["notes"])


def test_a_leg_held_with_music_is_seen_in_its_place_until_it_is_taken_back(twilio: Bench) -> None:
    to = PhoneNumber("+14075550178")
    requests.post(
        f"{twilio.sandbox_url}/_sandbox/numbers/{to}",
        json={"behaviour": "person", "ring_seconds": 0, "talk_seconds": 900},
        timeout=5,
    ).raise_for_status()

    places: list[Participation | None] = []
    with serving_silence() as answer_url:
        callbacks = replace(call().callbacks, answer_url=answer_url)
        ref = twilio.carrier.place_call(replace(call(to), callbacks=callbacks))
        agent = twilio.carrier.connect_agent(
            ConnectAgent(identity="agent_7", caller_id=OURS, callbacks=callbacks)
        )
        for leg, is_agent in ((ref, False), (agent, True)):
            wait_for_truth(twilio, leg, lambda truth: truth["status"] == "in-progress")
            room = JoinConference(name="seats", is_agent=is_agent, events_url="http://127.0.0.1:9/events")
            twilio.carrier.redirect(leg, room)
            wait_for_truth(twilio, leg, lambda truth: truth["is_in_conference"])
            places.append(wait_for_place(twilio, ref))  # also in a conference of one, which has not begun
        twilio.carrier.set_hold("seats", ref, True, music_url="http://127.0.0.1:9/hold.wav")
        places.append(twilio.carrier.participation("seats", ref))
        twilio.carrier.set_hold("seats", ref, False)
        places.append(twilio.carrier.participation("seats", ref))
        twilio.carrier.hang_up(ref)

    assert [place and (place.held, place.has_begun) for place in places] == [
        (False, False),
        (False, True),
        (True, True),
        (False, True),
    ]
    assert twilio.carrier.participation("seats", ref) is None


def wait_for_place(bench: Bench, ref: str) -> Participation:
    deadline = time.monotonic() + 20
    while (found := bench.carrier.participation("seats", ref)) is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


@contextmanager
def serving_silence() -> Iterator[str]:
    """Serve a document that keeps a call without a sound."""

    async def silence(_: web.Request) -> web.Response:
        return web.Response(text="<Response><Pause length='600'/></Response>", content_type="text/xml")

    app = web.Application()
    app.router.add_post("/answer", silence)
    with run_in_thread(app) as url:
        yield f"{url}/answer"


def wait_for_truth(bench: Bench, ref: str, is_so: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Return what the stand-in knows of a call once it is so."""
    deadline = time.monotonic() + 20
    while True:
        calls = requests.get(f"{bench.sandbox_url}/_sandbox/calls", timeout=5).json()["calls"]
        found: dict[str, Any] = next(each for each in calls if each["sid"] == ref)
        if is_so(found):
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
