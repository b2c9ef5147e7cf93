"""Texts that come in on the account's numbers, and what becomes of texts sent."""

import pytest
import requests

from tests.sandbox.carrier.kit import LEAD, OWN, wait_for

REPLY = "<Response><Message>Acme: no more messages.</Message></Response>"


@pytest.fixture
def listening(carrier, product):
    """The number's texts are brought to /text, with /again behind it."""
    product.twiml |= {"/text": REPLY, "/again": "<Response/>"}
    number = carrier.client.incoming_phone_numbers.list(phone_number=OWN)[0]
    return number.update(sms_url=f"{product.base}/text", sms_fallback_url=f"{product.base}/again")


def test_a_text_is_brought_signed_and_the_answer_read(carrier, product, listening):
    found = carrier.post("texts", {"from": LEAD, "to": OWN, "body": "STOP", "opt_out_type": "STOP"})

    [brought] = product.at("/text")
    assert found == {
        "sid": brought.params["MessageSid"],
        "status": 200,
        "replies": ["Acme: no more messages."],
    }
    assert (brought.params["Body"], brought.params["From"], brought.params["OptOutType"]) == (
        "STOP",
        LEAD,
        "STOP",
    )
    assert brought.headers["X-Twilio-Signature"]


def test_a_text_that_finds_no_answer_comes_a_second_time(carrier, product, listening):
    product.answers["/text"] = [503]

    found = carrier.post("texts", {"from": LEAD, "to": OWN, "body": "hello"})

    assert (found["status"], found["replies"]) == (200, [])
    assert [each.params["MessageSid"] for each in product.at("/again")] == [found["sid"]]


def test_a_status_with_an_error_is_a_callback_of_its_own(carrier, product):
    told = {
        "from": OWN, "to": LEAD, "status": "failed", "error_code": 21610, "url": f"{product.base}/told",
    }  # fmt: skip

    sid = carrier.post("texts/status", told)["sid"]

    wait_for(lambda: product.at("/told"))
    params = product.at("/told")[0].params
    assert (params["MessageSid"], params["MessageStatus"], params["ErrorCode"]) == (sid, "failed", "21610")


@pytest.mark.parametrize(
    ("path", "wish", "problem"),
    [
        ("texts", {"from": LEAD, "to": LEAD}, "to must be a number of the account"),
        ("texts", {"from": LEAD, "to": OWN, "text": "x"}, "unknown member 'text'"),
        ("texts", {"from": LEAD, "to": OWN, "opt_out_type": "MAYBE"}, "opt_out_type"),
        ("texts", {"from": LEAD, "to": OWN, "body": "x"}, "no SmsUrl"),
        ("texts/status", {"from": LEAD, "to": OWN}, "from must be a number"),
        ("texts/status", {"from": OWN, "to": LEAD, "status": "lost"}, "status must be"),
        ("texts/status", {"from": OWN, "to": LEAD, "status": "sent", "url": "ftp://x"}, "url must be"),
    ],
)
def test_a_wish_nobody_understands_is_refused(carrier, path, wish, problem):
    answer = requests.post(f"{carrier.base}/_sandbox/{path}", json=wish, timeout=10)

    assert (answer.status_code, problem in answer.json()["error"]) == (400, True)
