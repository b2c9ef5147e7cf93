"""Signatures, retries, faults and detection."""

import json

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import (
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from sandbox.carrier.signing import SHARED_KEY_SID, sign
from tests.sandbox.carrier.kit import LEAD, wait_for

ALL = ["initiated", "ringing", "answered", "completed"]
PAUSE = "<Response><Pause length='9000'/></Response>"


def _is_signed(carrier, request):
    validator = RequestValidator(carrier.settings.auth_token)
    params = request.params if request.method == "POST" else {}
    return validator.validate(request.url, params, request.headers["X-Twilio-Signature"])


def test_the_vendors_validator_accepts_every_webhook(carrier, product):
    product.twiml["/voice"] = PAUSE
    carrier.fix(behaviour="person", ring_seconds=0, talk_seconds=5)

    carrier.call(
        url=f"{product.base}/voice?attempt=a%20b&x=%2B1",
        status_callback=f"{product.base}/status?n=1",
        status_callback_event=ALL,
    )
    carrier.call(status_callback=f"{product.base}/get?n=1", status_callback_method="GET")
    wait_for(lambda: len(product.received) == 6)

    assert len(product.at("/status")) == 4
    for request in product.received:
        assert _is_signed(carrier, request)
        assert request.headers["I-Twilio-Idempotency-Token"]
    assert "CallSid=" in product.at("/get")[0].url


@pytest.mark.parametrize("params", [{}, {"b": "2", "a": "1", "é": "ü"}])
@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_signature_equals_the_vendors(params, algorithm):
    url = "https://example.com/x?y=1"

    signature = sign("secret", url, params, algorithm=algorithm)

    theirs = RequestValidator("secret").compute_signature(url, params, f"HMAC_{algorithm.upper()}")
    assert signature == theirs


@pytest.mark.parametrize(
    ("shared_key", "secret"), [("", "sandboxsandboxsandboxsandbox0000"), ("shared", "shared")]
)
def test_the_vendors_validator_accepts_the_newer_signature(start_carrier, product, shared_key, secret):
    carrier = start_carrier(signature="sha256", shared_key=shared_key)
    product.twiml["/voice"] = PAUSE
    carrier.fix(behaviour="person", ring_seconds=0, talk_seconds=5)

    carrier.call(url=f"{product.base}/voice?a=1", status_callback=f"{product.base}/status")
    carrier.call(status_callback=f"{product.base}/get?n=1", status_callback_method="GET")
    wait_for(lambda: len(product.received) == 3)

    for request in product.received:
        settings = request.headers[SIGNATURE_SETTINGS_HEADER]
        algorithm = get_signature_algorithm(settings)
        params = request.params if request.method == "POST" else {}
        signature = request.headers["X-Twilio-Signature"]
        assert settings == f"key={SHARED_KEY_SID},algorithm=HMAC_SHA256"
        assert RequestValidator(secret).validate(request.url, params, signature, algorithm)
        assert not RequestValidator(secret).validate(request.url, params, signature)


def test_a_failing_document_goes_to_the_fallback_with_its_error(carrier, product):
    product.answers["/voice"] = [500]
    product.twiml["/fallback"] = PAUSE
    carrier.fix(behaviour="person", ring_seconds=0)

    call = carrier.call(url=f"{product.base}/voice", fallback_url=f"{product.base}/fallback")
    wait_for(lambda: product.at("/fallback"))

    assert len(product.at("/voice")) == 1
    assert product.at("/fallback")[0].params["ErrorCode"] == "11200"
    assert carrier.status(call.sid) == "in-progress"


@pytest.mark.parametrize(
    ("twiml", "code"),
    [
        ("<Response><Say>", "12100"),
        ("<Reply/>", "12100"),
        ("", "12100"),
        ("<Response>" + " " * 66_000, "11750"),
    ],
)
def test_bad_twiml_is_noted_and_ends_the_call(carrier, product, twiml, code):
    product.twiml["/voice"] = twiml
    carrier.fix(behaviour="person", ring_seconds=0)

    call = carrier.call(url=f"{product.base}/voice")

    wait_for(lambda: carrier.status(call.sid) == "completed")
    assert carrier.truth(call.sid)["notes"][0].startswith(code)


def test_url_fragment_overrides_the_retries_and_is_not_sent(carrier, product):
    product.answers["/status"] = [503, 503, 200]
    carrier.fix(behaviour="busy", ring_seconds=0)

    carrier.call(status_callback=f"{product.base}/status#rc=3&rp=5xx")
    wait_for(lambda: len(product.at("/status")) == 3)

    tokens = {each.headers["I-Twilio-Idempotency-Token"] for each in product.at("/status")}
    assert len(tokens) == 1
    log = carrier.get("webhooks")["webhooks"][-1]
    assert (log["outcome"], log["attempts"], log["status"]) == ("delivered", 3, 200)


def test_a_server_error_is_not_retried_by_default_and_no_connection_once(carrier, product):
    product.answers["/status"] = [500]
    carrier.fix(behaviour="busy", ring_seconds=0)

    carrier.call(status_callback=f"{product.base}/status")
    carrier.call(status_callback="http://127.0.0.1:9/nobody")
    wait_for(lambda: all(each["outcome"] == "failed" for each in carrier.get("webhooks")["webhooks"]))
    wait_for(lambda: len(carrier.get("webhooks")["webhooks"]) == 2)
    wait_for(lambda: all(each["outcome"] == "failed" for each in carrier.get("webhooks")["webhooks"]))

    attempts = {each["url"]: each["attempts"] for each in carrier.get("webhooks")["webhooks"]}
    assert attempts[f"{product.base}/status"] == 1
    assert attempts["http://127.0.0.1:9/nobody"] == 2


def test_a_slow_product_keeps_the_order_of_a_call(carrier, product):
    product.delays["/status"] = 0.1
    carrier.fix(behaviour="person", ring_seconds=0, talk_seconds=1)

    carrier.call(status_callback=f"{product.base}/status", status_callback_event=ALL)
    wait_for(lambda: len(product.at("/status")) == 4)

    assert product.events("/status") == ["initiated", "ringing", "in-progress", "completed"]


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("webhook_lost", ["initiated", "in-progress", "completed"]),
        ("webhook_duplicate", ["initiated", "ringing", "ringing", "in-progress", "completed"]),
        ("webhook_reorder", ["initiated", "in-progress", "ringing", "completed"]),
        ("webhook_late", ["initiated", "in-progress", "completed", "ringing"]),
    ],
)
def test_webhook_faults(carrier, product, kind, seen):
    carrier.post("faults", {"kind": kind, "count": 1, "match": "ringing"})
    carrier.fix(behaviour="person", ring_seconds=1, talk_seconds=3)

    carrier.call(status_callback=f"{product.base}/status", status_callback_event=ALL)
    wait_for(lambda: len(product.at("/status")) == len(seen))

    assert product.events("/status") == seen
    assert carrier.get("faults")["faults"][0]["hits"] == 1


def test_a_lost_connection_is_tried_again_with_the_same_token(carrier, product):
    product.breaks["/status"] = 1
    carrier.fix(behaviour="busy", ring_seconds=0)

    carrier.call(status_callback=f"{product.base}/status")
    wait_for(lambda: len(product.at("/status")) == 2)

    tokens = [each.headers["I-Twilio-Idempotency-Token"] for each in product.at("/status")]
    assert tokens[0] == tokens[1]


def test_a_duplicate_has_the_token_of_the_first_and_other_events_their_own(carrier, product):
    carrier.post("faults", {"kind": "webhook_duplicate", "count": 1, "match": "ringing"})
    carrier.fix(behaviour="busy", ring_seconds=1)

    carrier.call(status_callback=f"{product.base}/status", status_callback_event=ALL)
    wait_for(lambda: len(product.at("/status")) == 4)

    tokens = [each.headers["I-Twilio-Idempotency-Token"] for each in product.at("/status")]
    assert tokens[1] == tokens[2]
    assert len(set(tokens)) == 3


def test_bad_signature_fault_is_refused_by_the_validator(carrier, product):
    carrier.post("faults", {"kind": "webhook_bad_signature", "count": 1})
    carrier.fix(behaviour="busy", ring_seconds=0)

    carrier.call(status_callback=f"{product.base}/status", status_callback_event=ALL)
    wait_for(lambda: len(product.at("/status")) == 3)

    assert [_is_signed(carrier, each) for each in product.at("/status")] == [False, True, True]


@pytest.mark.parametrize(
    ("kind", "status", "code", "made"),
    [
        ("http_429", 429, 20429, 0),
        ("http_500", 500, 20500, 0),
        ("http_500_after_effect", 500, 20500, 1),
    ],
)
def test_api_faults(carrier, kind, status, code, made):
    carrier.post("faults", {"kind": kind, "count": 1, "match": "Calls.json"})

    with pytest.raises(TwilioRestException) as refused:
        carrier.call()

    assert (refused.value.status, refused.value.code) == (status, code)
    assert len(carrier.get("calls")["calls"]) == made
    carrier.call()


@pytest.mark.parametrize(("kind", "made"), [("timeout", 0), ("timeout_after_effect", 1)])
def test_timeout_faults_hold_the_connection_and_close_it(carrier, kind, made):
    carrier.post("faults", {"kind": kind, "count": 1, "match": "POST"})

    with pytest.raises(requests.exceptions.ConnectionError):
        carrier.call()

    assert len(carrier.get("calls")["calls"]) == made


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "other"},
        {"kind": "timeout", "rate": 2},
        {"kind": "timeout", "count": 0},
        {"kin": "timeout"},
        [],
    ],
)
def test_a_fault_that_cannot_be_is_refused(carrier, body):
    answer = requests.post(f"{carrier.base}/_sandbox/faults", data=json.dumps(body), timeout=30)

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_keys_reach_the_gather_action_and_silence_goes_on(carrier, product):
    gather = (
        "<Response><Gather numDigits='1' action='/keys' timeout='3'/><Redirect>/silent</Redirect></Response>"
    )
    product.twiml |= {"/voice": gather, "/keys": PAUSE, "/silent": PAUSE}
    carrier.fix(behaviour="person", ring_seconds=0, talk_seconds=9000, keys="9")
    carrier.fix("+13105550143", behaviour="person", ring_seconds=0, talk_seconds=9000)

    pressing = carrier.call(url=f"{product.base}/voice")
    silent = carrier.call(url=f"{product.base}/voice", to="+13105550143")
    wait_for(lambda: product.at("/keys") and product.at("/silent"))

    assert [(each.params["CallSid"], each.params["Digits"]) for each in product.at("/keys")] == [
        (pressing.sid, "9")
    ]
    assert [each.params["CallSid"] for each in product.at("/silent")] == [silent.sid]


def test_dial_number_reports_how_the_second_leg_ended(carrier, product):
    product.twiml["/voice"] = (
        "<Response><Dial action='/after'><Number>+13105550144</Number></Dial></Response>"
    )
    product.twiml["/after"] = "<Response/>"
    carrier.fix(behaviour="person", ring_seconds=0, talk_seconds=9000)
    carrier.fix("+13105550144", behaviour="busy", ring_seconds=0)

    call = carrier.call(url=f"{product.base}/voice")
    wait_for(lambda: product.at("/after"))

    assert product.at("/after")[0].params["DialCallStatus"] == "busy"
    children = carrier.client.calls.list(parent_call_sid=call.sid)
    assert [child.direction for child in children] == ["outbound-dial"]


def test_the_population_repeats_itself_for_the_same_seed(start_carrier):
    numbers = [f"+1310555{index:04d}" for index in range(100, 160)]
    kinds = []
    for _ in range(2):
        carrier = start_carrier(cps=1000, speed=2000)
        made = [carrier.call(to=number).sid for number in numbers]
        wait_for(lambda made=made, carrier=carrier: all(carrier.truth(sid)["behaviour"] for sid in made[-1:]))
        kinds.append([carrier.truth(sid)["behaviour"] for sid in made])

    assert kinds[0] == kinds[1]
    assert {"person", "no_answer", "machine"} <= set(kinds[0])


def test_the_population_can_be_changed_and_reset_brings_it_back(carrier):
    carrier.post("population", {"person": 0, "machine": 0, "no_answer": 0, "early_hangup": 0, "failed": 0})
    call = carrier.call()
    wait_for(lambda: carrier.status(call.sid) == "busy")

    carrier.post("reset")

    assert carrier.get("calls")["calls"] == []
    assert carrier.get("population")["person"] == 0.45
    refused = requests.post(f"{carrier.base}/_sandbox/population", json={"persons": 1}, timeout=30)
    assert refused.status_code == 400


def test_the_page_shows_calls_and_deliveries(carrier, product):
    carrier.fix(behaviour="busy", ring_seconds=0)
    empty = requests.get(carrier.base, timeout=30).text
    carrier.call(status_callback=f"{product.base}/status?<b>")
    wait_for(lambda: product.at("/status"))

    page = requests.get(carrier.base, timeout=30).text

    assert "No call yet" in empty
    assert LEAD in page
    assert "busy" in page
    assert "status?&lt;b&gt;" in page


def test_hanging_up_while_the_product_thinks_does_not_break_its_request_off(carrier, product):
    product.twiml["/voice"] = PAUSE
    product.delays["/voice"] = 0.2
    carrier.fix(behaviour="person", ring_seconds=0, talk_seconds=2)

    carrier.call(url=f"{product.base}/voice", status_callback=f"{product.base}/status")
    wait_for(lambda: product.at("/status"))

    wait_for(lambda: [each["outcome"] for each in carrier.get("webhooks")["webhooks"]] == ["delivered"] * 2)
