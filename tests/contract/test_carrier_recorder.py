"""One suite for the recorder in memory and for the real client against the sandbox."""

import inspect
import io
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
from django.conf import settings as django_settings

from carriers.protocol import CarrierError
from carriers.recorder import AtCarrier, Recorder
from carriers.twilio.recorder import TwilioRecorder
from sandbox.carrier.app import make_app
from sandbox.carrier.settings import Settings
from sandbox.testing import run_in_thread
from tests.fakes.recorder import FakeRecorder

OURS, THEIRS = "+14075550100", "+14075550123"
STATUS = "http://127.0.0.1:9/recording"
ROOM = "<Response><Dial><Conference>agent-1</Conference></Dial></Response>"


@dataclass
class Bench:
    """A recorder, and a call in progress."""

    recorder: Recorder
    call_ref: str


def a_second_of_sound() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x10\x00" * 16_000)
    return out.getvalue()


@pytest.fixture(scope="module")
def sandbox_url() -> Iterator[str]:
    with run_in_thread(make_app(Settings(numbers=(OURS,), speed=10.0, timeout_seconds=3.0))) as url:
        yield url


@pytest.fixture(params=["fake", "twilio"])
def bench(request: pytest.FixtureRequest, sandbox_url: str, settings: object) -> Bench:
    if request.param == "fake":
        return Bench(FakeRecorder(sound=a_second_of_sound()), "CA" + "1" * 32)
    from carriers.twilio.client import TwilioCarrier

    settings.TWILIO_BASE_URL = sandbox_url
    return Bench(TwilioCarrier().recorder, call_in_progress(sandbox_url))


def call_in_progress(url: str) -> str:
    wish = {"behaviour": "person", "ring_seconds": 1, "talk_seconds": 600}
    requests.post(f"{url}/_sandbox/numbers/{THEIRS}", json=wish, timeout=5).raise_for_status()
    account = f"{url}/api/2010-04-01/Accounts/{django_settings.TWILIO_ACCOUNT_SID}"
    secret = (django_settings.TWILIO_ACCOUNT_SID, django_settings.TWILIO_AUTH_TOKEN)
    form = {"To": THEIRS, "From": OURS, "Twiml": ROOM}
    call = requests.post(f"{account}/Calls.json", data=form, auth=secret, timeout=5).json()
    for _ in range(200):
        found = requests.get(f"{account}/Calls/{call['sid']}.json", auth=secret, timeout=5).json()
        if found["status"] == "in-progress":
            return str(call["sid"])
        time.sleep(0.02)
    raise AssertionError("nobody picked up")


def test_both_recorders_have_every_method_of_the_protocol_with_its_parameters() -> None:
    for name, method in inspect.getmembers(Recorder, inspect.isfunction):
        if name.startswith("_"):
            continue
        wanted = list(inspect.signature(method).parameters)
        for implementation in (FakeRecorder, TwilioRecorder):
            found = list(inspect.signature(getattr(implementation, name)).parameters)
            assert found == wanted, (implementation, name)


def test_a_recording_is_paused_goes_on_and_ends_and_each_answer_says_so(bench: Bench) -> None:
    recorder, call = bench.recorder, bench.call_ref

    started = recorder.start(call, status_url=STATUS)
    paused = recorder.set_paused(call, started.ref, True)
    while_paused = recorder.fetch(started.ref)
    resumed = recorder.set_paused(call, started.ref, False)
    stopped = recorder.stop(call, started.ref)

    states = [each.state for each in (started, paused, while_paused, resumed, stopped)]
    assert states == [
        AtCarrier.RUNNING,
        AtCarrier.PAUSED,
        AtCarrier.PAUSED,
        AtCarrier.RUNNING,
        AtCarrier.DONE,
    ]
    assert (started.channels, started.call_ref) == (2, call)
    assert [each.ref for each in recorder.of_call(call)] == [started.ref]


def test_the_sound_is_a_wave_file_of_two_channels(bench: Bench) -> None:
    started = bench.recorder.start(bench.call_ref, status_url=STATUS)
    time.sleep(0.2)
    bench.recorder.stop(bench.call_ref, started.ref)
    into = io.BytesIO()

    size = bench.recorder.download(started.ref, into)

    assert size == len(into.getvalue()) > 44
    with wave.open(io.BytesIO(into.getvalue())) as file:
        assert file.getnchannels() == 2


def test_a_recording_that_ended_cannot_be_paused_and_the_refusal_is_final(bench: Bench) -> None:
    started = bench.recorder.start(bench.call_ref, status_url=STATUS)
    bench.recorder.stop(bench.call_ref, started.ref)

    with pytest.raises(CarrierError) as caught:
        bench.recorder.set_paused(bench.call_ref, started.ref, True)

    assert (caught.value.kind, caught.value.code) == ("permanent", 21220)


def test_what_is_deleted_is_gone_and_deleting_it_again_is_no_error(bench: Bench) -> None:
    started = bench.recorder.start(bench.call_ref, status_url=STATUS)
    bench.recorder.stop(bench.call_ref, started.ref)

    bench.recorder.delete(started.ref)
    bench.recorder.delete(started.ref)

    for ask in (
        lambda: bench.recorder.fetch(started.ref),
        lambda: bench.recorder.download(started.ref, io.BytesIO()),
    ):
        with pytest.raises(CarrierError) as caught:
            ask()
        assert (caught.value.kind, caught.value.code) == ("permanent", 20404)
