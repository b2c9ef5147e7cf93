"""Answering machine detection: what it says and when, and how it reaches the product."""

import pytest

from sandbox.carrier.detection import verdict
from sandbox.carrier.model import Detection
from sandbox.carrier.population import Behaviour
from tests.sandbox.carrier.kit import wait_for

PAUSE = "<Response><Pause length='9000'/></Response>"


def _callee(kind="machine", **more):
    usual = {"ring_seconds": 0, "talk_seconds": 100, "greeting_seconds": 8, "verdict_seconds": 2}
    return Behaviour(kind=kind, **{**usual, "heard_as": "machine", **more})


@pytest.mark.parametrize(
    ("until_end", "callee", "seconds", "word"),
    [
        (False, _callee("person", heard_as="human"), 2, "human"),
        (True, _callee("person", heard_as="human"), 2, "human"),
        (False, _callee(), 2, "machine_start"),
        (True, _callee(message_end="beep"), 8.4, "machine_end_beep"),
        (True, _callee(message_end="silence"), 9.2, "machine_end_silence"),
        (True, _callee(message_end="other"), 8, "machine_end_other"),
        (True, _callee(message_end="never", greeting_seconds=600), 30, "unknown"),
        (False, _callee(message_end="never", greeting_seconds=600), 2, "machine_start"),
        (True, _callee(heard_as="human"), 2, "human"),
        (False, _callee("person"), 2, "machine_start"),
        (True, _callee("person", greeting_seconds=1, message_end="beep"), 2, "machine_end_other"),
        (True, _callee("fax", heard_as="fax"), 2, "fax"),
        (False, _callee(heard_as="unknown"), 5, "unknown"),
    ],
)
def test_the_verdict_and_its_time(until_end, callee, seconds, word):
    wishes = Detection(is_until_message_end=until_end)

    assert verdict(wishes, callee) == (pytest.approx(seconds), word)


def test_detection_gives_up_at_its_timeout():
    wishes = Detection(is_until_message_end=True, timeout_seconds=5)

    assert verdict(wishes, _callee(message_end="beep")) == (5, "unknown")


@pytest.mark.parametrize(
    ("behaviour", "mode", "verdict_", "least_ms"),
    [
        ({"behaviour": "person", "greeting_seconds": 8}, "Enable", "human", 8500),
        ({"behaviour": "machine"}, "Enable", "machine_start", 1800),
        ({"behaviour": "machine", "greeting_seconds": 8}, "DetectMessageEnd", "machine_end_beep", 8000),
        (
            {"behaviour": "machine", "message_end": "silence"},
            "DetectMessageEnd",
            "machine_end_silence",
            1800,
        ),
        ({"behaviour": "fax"}, "Enable", "fax", 2000),
        ({"behaviour": "person", "heard_as": "machine"}, "Enable", "machine_start", 1800),
        ({"behaviour": "person", "heard_as": "unknown"}, "Enable", "unknown", 5000),
    ],
)
def test_asynchronous_detection_posts_its_verdict(carrier, product, behaviour, mode, verdict_, least_ms):
    product.twiml["/voice"] = PAUSE
    carrier.fix(ring_seconds=0, talk_seconds=9000, **behaviour)

    call = carrier.call(
        url=f"{product.base}/voice",
        machine_detection=mode,
        async_amd="true",
        async_amd_status_callback=f"{product.base}/amd",
    )
    wait_for(lambda: product.at("/amd"))

    params = product.at("/amd")[0].params
    assert params["AnsweredBy"] == verdict_
    assert int(params["MachineDetectionDuration"]) >= least_ms
    assert "AnsweredBy" not in product.at("/voice")[0].params
    assert carrier.client.calls(call.sid).fetch().answered_by == verdict_


def test_synchronous_detection_asks_for_the_document_after_the_verdict(carrier, product):
    product.twiml["/voice"] = PAUSE
    carrier.fix(behaviour="machine", ring_seconds=0, talk_seconds=9000)

    carrier.call(url=f"{product.base}/voice", machine_detection="Enable")

    wait_for(lambda: product.at("/voice"))
    assert product.at("/voice")[0].params["AnsweredBy"] == "machine_start"


def test_who_hangs_up_before_the_verdict_is_never_judged(carrier, product):
    carrier.fix(behaviour="early_hangup", ring_seconds=0, talk_seconds=1, greeting_seconds=5)

    call = carrier.call(
        machine_detection="Enable",
        async_amd="true",
        async_amd_status_callback=f"{product.base}/amd",
        status_callback=f"{product.base}/status",
    )
    wait_for(lambda: product.at("/status"))

    assert carrier.truth(call.sid)["answered_by"] == "human"
    assert carrier.client.calls(call.sid).fetch().answered_by is None
    assert product.at("/amd") == []
