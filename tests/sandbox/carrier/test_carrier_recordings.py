"""Recordings: states, pauses, callbacks, files."""

import io
import wave

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from sandbox.carrier import media
from sandbox.carrier.media import Stretch
from sandbox.carrier.model import Call, CallOptions, Source, World
from sandbox.carrier.recordings import Recordings, RecordingStateError
from sandbox.carrier.reports import Reporter
from sandbox.carrier.settings import Settings
from sandbox.carrier.webhooks import Webhooks
from tests.sandbox.carrier.kit import LEAD, OWN, StoppedClock, wait_for

ROOM = (
    "<Response><Dial><Conference record='record-from-start' recordingStatusCallback='{base}/recording'"
    " recordingStatusCallbackEvent='in-progress completed absent'>agent-7</Conference></Dial></Response>"
)


@pytest.fixture
def studio():
    """(recordings, a call, the clock)."""
    world = World(Settings())
    clock = StoppedClock()
    world.clock = clock  # type: ignore[assignment]  # it only has to tell the time
    options = CallOptions(LEAD, OWN, Source(text="<Response/>"))
    call = Call("CA1", options, clock.now(), clock.now())
    return Recordings(world, Reporter(world, Webhooks(world))), call, clock


def _frames(sound):
    with wave.open(io.BytesIO(sound)) as file:
        assert (file.getframerate(), file.getsampwidth()) == (8000, 2)
        return file.getnchannels(), file.readframes(file.getnframes())


@pytest.mark.parametrize(("behavior", "length"), [("silence", 16), ("skip", 10)])
def test_a_pause_is_silent_or_cut_out(studio, behavior, length):
    recordings, call, clock = studio
    recording = recordings.start(call, "OutboundAPI", hook=None, events=frozenset())

    clock.seconds += 4
    recordings.change(recording, "paused", behavior)
    clock.seconds += 6
    recordings.change(recording, "in-progress", "silence")
    clock.seconds += 6
    recordings.change(recording, "stopped", "silence")
    clock.seconds += 99

    assert recordings.length_seconds(recording) == length
    channels, sound = _frames(recordings.file(recording, "wav", 1))
    assert (channels, len(sound)) == (1, length * 16_000)
    second_by_second = [any(sound[start : start + 16_000]) for start in range(0, len(sound), 16_000)]
    silent = [False] * 6 if behavior == "silence" else []
    assert second_by_second == [True] * 4 + silent + [True] * 6


def test_changing_how_a_pause_is_heard_while_it_lasts_keeps_what_was(studio):
    recordings, call, clock = studio
    recording = recordings.start(call, "OutboundAPI", hook=None, events=frozenset())

    recordings.change(recording, "paused", "silence")
    clock.seconds += 5
    recordings.change(recording, "paused", "skip")
    clock.seconds += 5

    assert recordings.length_seconds(recording) == 5


def test_what_has_ended_cannot_be_changed(studio):
    recordings, call, _ = studio
    recording = recordings.start(call, "OutboundAPI", hook=None, events=frozenset())
    recordings.complete_for_call(call)

    with pytest.raises(RecordingStateError):
        recordings.change(recording, "paused", "skip")


def test_a_dual_file_has_each_side_on_its_own_channel():
    channels, sound = _frames(media.wav([Stretch(0.5)], 2))

    left = [sound[index : index + 2] for index in range(0, len(sound), 4)]
    right = [sound[index + 2 : index + 4] for index in range(0, len(sound), 4)]
    assert (channels, len(left)) == (2, 4000)
    assert left != right


def test_an_mp3_is_as_long_as_the_recording():
    sound = media.mp3([Stretch(10), Stretch(2, is_silent=True)])

    frames = [sound[start : start + 4] for start in range(0, len(sound), 96)]
    assert len(frames) == 500  # of 24 ms
    assert set(frames) == {b"\xff\xf3\x44\xc0"}


def _download(carrier, url, **query):
    path = url.removeprefix("https://api.twilio.com")
    auth = (carrier.settings.account_sid, carrier.settings.auth_token)
    return requests.get(f"{carrier.base}/api{path}", params=query, auth=auth, timeout=30)


@pytest.fixture
def talking(carrier):
    """A call in progress, with nothing recorded."""
    carrier.fix(behaviour="person", ring_seconds=0, talk_seconds=9000)
    call = carrier.call()
    wait_for(lambda: carrier.status(call.sid) == "in-progress")
    return call.sid


def _record(carrier, product, sid, **wishes):
    return carrier.client.calls(sid).recordings.create(
        recording_status_callback=f"{product.base}/recording",
        recording_status_callback_event=["in-progress", "completed", "absent"],
        **wishes,
    )


def test_call_recording_is_paused_and_ends_with_the_call(carrier, product, talking):
    recordings = carrier.client.calls(talking).recordings

    made = _record(carrier, product, talking)
    paused = recordings("Twilio.CURRENT").update(status="paused", pause_behavior="skip")
    resumed = recordings(made.sid).update(status="in-progress")
    carrier.client.calls(talking).update(status="completed")

    assert (paused.status, resumed.status) == ("paused", "in-progress")
    wait_for(lambda: len(product.at("/recording")) == 2)
    assert product.events("/recording", "RecordingStatus") == ["in-progress", "completed"]
    with pytest.raises(TwilioRestException) as refused:
        recordings.create()
    assert refused.value.code == 21220


def test_the_address_told_serves_a_file_as_long_as_told(carrier, product, talking):
    _record(carrier, product, talking, recording_channels="dual")
    carrier.client.calls(talking).update(status="completed")
    wait_for(lambda: len(product.at("/recording")) == 2)
    told = product.at("/recording")[-1].params

    plain = _download(carrier, told["RecordingUrl"])
    mixed = _download(carrier, told["RecordingUrl"] + ".wav", RequestedChannels=1)
    small = _download(carrier, told["RecordingUrl"] + ".mp3")

    channels, sound = _frames(plain.content)
    assert (told["RecordingChannels"], channels) == ("2", 2)
    assert round(len(sound) / 32_000) == int(told["RecordingDuration"])
    assert _frames(mixed.content)[0] == 1
    assert [each.headers["Content-Type"] for each in (plain, mixed, small)] == [
        "audio/x-wav",
        "audio/x-wav",
        "audio/mpeg",
    ]


def test_two_channels_of_a_mono_recording_are_refused(carrier, product, talking):
    made = _record(carrier, product, talking)
    carrier.client.calls(talking).recordings(made.sid).update(status="stopped")

    refused = _download(carrier, carrier.client.recordings(made.sid).fetch().media_url, RequestedChannels=2)

    assert (refused.status_code, refused.json()["code"]) == (400, 16113)


def test_a_file_is_there_only_between_end_and_deletion(carrier, product, talking):
    made = _record(carrier, product, talking)
    url = carrier.client.recordings(made.sid).fetch().media_url

    while_running = _download(carrier, url + ".wav").status_code
    carrier.client.calls(talking).recordings("Twilio.CURRENT").update(status="stopped")
    after = _download(carrier, url + ".wav").status_code
    carrier.client.recordings(made.sid).delete()

    assert (while_running, after, _download(carrier, url + ".wav").status_code) == (404, 200, 404)


def test_current_is_refused_when_two_recordings_run(carrier, product, talking):
    _record(carrier, product, talking)
    _record(carrier, product, talking)

    with pytest.raises(TwilioRestException) as refused:
        carrier.client.calls(talking).recordings("Twilio.CURRENT").update(status="paused")

    assert refused.value.code == 16108


def test_a_conference_recording_is_paused_by_its_conference(carrier, product):
    carrier.call(to="client:ana", twiml=ROOM.format(base=product.base))
    carrier.call(to="client:sol", twiml=ROOM.format(base=product.base))
    room = wait_for(lambda: carrier.client.conferences.list(friendly_name="agent-7", status="in-progress"))[0]

    paused = room.recordings("Twilio.CURRENT").update(status="paused", pause_behavior="silence")
    resumed = room.recordings(paused.sid).update(status="in-progress")
    carrier.client.conferences(room.sid).update(status="completed")

    assert (paused.status, resumed.status) == ("paused", "in-progress")
    wait_for(lambda: len(product.at("/recording")) == 2)
    last = product.at("/recording")[-1].params
    assert (last["RecordingStatus"], last["ConferenceSid"]) == ("completed", room.sid)
    assert last["RecordingSource"] == "Conference"


def test_a_recording_can_turn_out_absent(carrier, product, talking):
    carrier.post("faults", {"kind": "recording_absent", "count": 1})
    made = _record(carrier, product, talking)

    carrier.client.calls(talking).update(status="completed")

    wait_for(lambda: len(product.at("/recording")) == 2)
    last = product.at("/recording")[-1].params
    assert (last["RecordingStatus"], last["RecordingDuration"], last["ErrorCode"]) == ("absent", "0", "16102")
    fetched = carrier.client.recordings(made.sid).fetch()
    assert (fetched.status, fetched.error_code) == ("absent", 16102)
    assert _download(carrier, fetched.media_url).status_code == 404


def test_a_file_can_be_missing_for_a_while(carrier, product, talking):
    made = _record(carrier, product, talking)
    carrier.client.calls(talking).recordings(made.sid).update(status="stopped")
    carrier.post("faults", {"kind": "recording_missing", "count": 2, "match": made.sid})
    url = carrier.client.recordings(made.sid).fetch().media_url

    assert [_download(carrier, url).status_code for _ in range(3)] == [404, 404, 200]
