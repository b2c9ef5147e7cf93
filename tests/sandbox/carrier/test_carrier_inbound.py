"""The account's numbers: what they are set to, and calls that come in on them."""

import pytest
import requests

from tests.sandbox.carrier.kit import LEAD, OWN, wait_for

PAUSE = "<Response><Pause length='1'/><Say>Good morning.</Say><Pause length='9000'/></Response>"


def _number(carrier, number=OWN):
    return carrier.client.incoming_phone_numbers.list(phone_number=number)[0]


@pytest.fixture
def answered(carrier, product):
    """The number's calls are answered at /voice, with /fallback, and end at /status."""
    product.twiml |= {"/voice": PAUSE, "/fallback": PAUSE}
    return _number(carrier).update(
        voice_url=f"{product.base}/voice",
        voice_fallback_url=f"{product.base}/fallback",
        status_callback=f"{product.base}/status",
    )


def _call_in(carrier, **wishes):
    return carrier.post("inbound", {"from": LEAD, "to": OWN, **wishes})["sid"]


def test_a_number_keeps_what_it_is_set_to(carrier, product):
    before = _number(carrier)

    after = before.update(
        friendly_name="Front desk",
        voice_url=f"{product.base}/voice",
        voice_method="GET",
        sms_url=f"{product.base}/sms",
        voice_caller_id_lookup=True,
    )

    assert (before.voice_url, before.voice_method) == (None, "POST")
    assert after.voice_url == f"{product.base}/voice"
    fetched = carrier.client.incoming_phone_numbers(before.sid).fetch()
    assert (fetched.voice_method, fetched.sms_url, fetched.sms_method) == (
        "GET",
        f"{product.base}/sms",
        "POST",
    )
    assert fetched.voice_caller_id_lookup is True
    assert [each.sid for each in carrier.client.incoming_phone_numbers.list(friendly_name="Front desk")] == [
        before.sid
    ]
    assert _number(carrier, "+13125550111").voice_url is None


def test_an_empty_address_is_taken_away_and_a_bad_one_refused(carrier, product, answered):
    assert answered.update(voice_url="").voice_url is None
    with pytest.raises(Exception, match="VoiceUrl"):
        answered.update(voice_url="somewhere")


def test_a_call_comes_in_on_the_numbers_document(carrier, product, answered):
    sid = _call_in(carrier, talk_seconds=6)
    wait_for(lambda: product.at("/status"))

    asked = product.at("/voice")[0].params
    assert (asked["Direction"], asked["CallStatus"]) == ("inbound", "ringing")
    assert (asked["From"], asked["To"], asked["CallSid"]) == (LEAD, OWN, sid)
    assert product.events("/status") == ["completed"]
    truth = carrier.truth(sid)
    assert (truth["direction"], truth["ended_by"]) == ("inbound", "caller")
    fetched = carrier.client.calls(sid).fetch()
    assert (fetched.direction, fetched.status, fetched.phone_number_sid) == (
        "inbound",
        "completed",
        answered.sid,
    )


def test_the_keys_of_the_caller_reach_the_product(carrier, product, answered):
    product.twiml |= {
        "/voice": "<Response><Gather numDigits='1' action='/keys'><Say>Press 9.</Say></Gather></Response>",
        "/keys": "<Response><Hangup/></Response>",
    }

    sid = _call_in(carrier, keys="9")

    wait_for(lambda: product.at("/status"))
    assert product.at("/keys")[0].params["Digits"] == "9"
    assert carrier.truth(sid)["ended_by"] == "twiml"


def test_a_broken_document_goes_to_the_fallback(carrier, product, answered):
    product.answers["/voice"] = [503]

    sid = _call_in(carrier)

    wait_for(lambda: product.at("/fallback") and carrier.status(sid) == "in-progress")
    assert product.at("/fallback")[0].params["ErrorCode"] == "11200"


def test_broken_documents_end_the_call_after_an_apology(carrier, product, answered):
    product.answers |= {"/voice": [503], "/fallback": [503]}

    sid = _call_in(carrier)

    wait_for(lambda: product.at("/status"))
    assert carrier.status(sid) == "completed"
    assert [note[:5] for note in carrier.truth(sid)["notes"]] == ["11200", "11200"]


@pytest.mark.parametrize(("reason", "status"), [("busy", "busy"), ("rejected", "no-answer")])
def test_a_rejected_call_is_never_answered(carrier, product, answered, reason, status):
    product.twiml["/voice"] = f"<Response><Reject reason='{reason}'/></Response>"

    sid = _call_in(carrier)

    wait_for(lambda: product.at("/status"))
    assert carrier.status(sid) == status
    assert carrier.truth(sid)["answered_at"] is None


def test_a_number_set_to_nothing_takes_no_call(carrier):
    sid = _call_in(carrier)

    wait_for(lambda: carrier.status(sid) == "failed")
    assert carrier.truth(sid)["notes"][0].startswith("11100")


def test_a_caller_joins_the_agents_conference_and_is_recorded(carrier, product, answered):
    product.twiml["/voice"] = "<Response><Dial><Conference>agent-7</Conference></Dial></Response>"
    agent = carrier.client.conferences("agent-7").participants.create(from_=OWN, to="client:ana")
    wait_for(lambda: carrier.status(agent.call_sid) == "in-progress")

    sid = _call_in(carrier, talk_seconds=9000)
    wait_for(lambda: carrier.truth(sid)["is_in_conference"])
    made = carrier.client.calls(sid).recordings.create()
    carrier.post(f"calls/{sid}/hangup")

    wait_for(lambda: product.at("/status"))
    assert carrier.client.recordings(made.sid).fetch().status == "completed"
    assert carrier.status(agent.call_sid) == "in-progress"


@pytest.mark.parametrize(
    "body",
    [
        {"from": LEAD, "to": "+19995550100"},
        {"from": "me", "to": OWN},
        {"from": LEAD, "to": OWN, "talk_seconds": "long"},
        {"from": LEAD, "to": OWN, "mood": "good"},
    ],
)
def test_a_call_that_cannot_come_in_is_refused(carrier, body):
    answer = requests.post(f"{carrier.base}/_sandbox/inbound", json=body, timeout=30)

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_reset_takes_the_numbers_settings_away(carrier, answered):
    carrier.post("reset")

    assert _number(carrier).voice_url is None
    assert _number(carrier).sid == answered.sid
