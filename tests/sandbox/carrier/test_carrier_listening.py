"""What is played on a call: how long it lasts, and whether it was heard to its end."""

import pytest

from sandbox.carrier.media import Stretch, wav
from tests.sandbox.carrier.kit import wait_for

SECONDS = 12.0


def _leave(product, *, keys=False):
    product.files["/message.wav"] = wav([Stretch(SECONDS)], 1)
    sound = f"<Play>{product.base}/message.wav</Play>"
    if keys:
        sound = f"<Gather input='dtmf' numDigits='1' timeout='1' action='/keys'>{sound}</Gather>"
    product.twiml["/voice"] = f"<Response>{sound}<Redirect>/over</Redirect></Response>"
    product.twiml["/over"] = product.twiml["/keys"] = "<Response><Hangup/></Response>"


def _heard(carrier, call):
    wait_for(lambda: carrier.truth(call.sid)["status"] == "completed")
    [found] = carrier.truth(call.sid)["heard"]
    return found


@pytest.mark.parametrize("keys", [False, True])
def test_a_message_is_as_long_as_its_file_and_its_end_is_told(carrier, product, keys):
    _leave(product, keys=keys)
    carrier.fix(behaviour="machine", ring_seconds=0, talk_seconds=9000)

    call = carrier.call(url=f"{product.base}/voice")
    found = _heard(carrier, call)

    assert (found["seconds"], found["heard_seconds"]) == (SECONDS, SECONDS)
    assert len(product.at("/over")) == 1
    assert int(carrier.client.calls(call.sid).fetch().duration) >= SECONDS


def test_a_machine_that_stops_recording_cuts_the_message_off(carrier, product):
    _leave(product)
    carrier.fix(behaviour="machine", ring_seconds=0, talk_seconds=6)

    call = carrier.call(url=f"{product.base}/voice")
    found = _heard(carrier, call)

    assert 0 < found["heard_seconds"] < SECONDS
    assert product.at("/over") == []


def test_a_person_who_presses_the_key_hears_a_part(carrier, product):
    _leave(product, keys=True)
    carrier.fix(behaviour="person", ring_seconds=0, talk_seconds=9000, keys="9")

    call = carrier.call(url=f"{product.base}/voice")
    found = _heard(carrier, call)

    assert found["heard_seconds"] == 1.5
    assert product.at("/keys")[0].params["Digits"] == "9"
    assert product.at("/over") == []


def test_a_call_told_to_do_something_else_hears_a_part(carrier, product):
    _leave(product)
    carrier.fix(behaviour="machine", ring_seconds=0, talk_seconds=9000)
    call = carrier.call(url=f"{product.base}/voice")
    wait_for(lambda: carrier.truth(call.sid)["heard"])

    carrier.client.calls(call.sid).update(twiml="<Response><Hangup/></Response>")
    found = _heard(carrier, call)

    assert found["heard_seconds"] < SECONDS


def test_a_file_that_is_not_there_is_noted_and_the_call_goes_on(carrier, product):
    _leave(product)
    del product.files["/message.wav"]
    product.answers["/message.wav"] = [404]
    carrier.fix(behaviour="machine", ring_seconds=0, talk_seconds=9000)

    call = carrier.call(url=f"{product.base}/voice")
    _heard(carrier, call)

    assert any(note.startswith("11200") for note in carrier.truth(call.sid)["notes"])
    assert len(product.at("/over")) == 1
