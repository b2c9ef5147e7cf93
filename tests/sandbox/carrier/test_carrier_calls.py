"""The life of a call, through the vendor's own library."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from sandbox.clock import Clock
from tests.sandbox.carrier.kit import LEAD, OWN, wait_for

ALL = ["initiated", "ringing", "answered", "completed"]
SAY = "<Response><Say>Good morning, this is a test.</Say></Response>"


@pytest.mark.parametrize(
    ("behaviour", "status", "sip_code", "seen"),
    [
        ("person", "completed", "200", ["initiated", "ringing", "in-progress", "completed"]),
        ("machine", "completed", "200", ["initiated", "ringing", "in-progress", "completed"]),
        ("early_hangup", "completed", "200", ["initiated", "ringing", "in-progress", "completed"]),
        ("busy", "busy", "486", ["initiated", "ringing", "busy"]),
        ("no_answer", "no-answer", "487", ["initiated", "ringing", "no-answer"]),
        ("failed", "failed", "404", ["initiated", "failed"]),
    ],
)
def test_each_outcome_is_told_in_order(carrier, product, behaviour, status, sip_code, seen):
    carrier.fix(behaviour=behaviour, ring_seconds=2, talk_seconds=12)

    call = carrier.call(status_callback=f"{product.base}/status", status_callback_event=ALL, timeout=15)
    wait_for(lambda: len(product.at("/status")) == len(seen))

    assert call.status == "queued"
    assert product.events("/status") == seen
    assert product.events("/status", "SequenceNumber") == [str(index) for index in range(len(seen))]
    last = product.at("/status")[-1].params
    assert last["SipResponseCode"] == sip_code
    assert last["CallSid"] == call.sid
    assert (last["To"], last["From"], last["Direction"]) == (LEAD, OWN, "outbound-api")
    assert last["CallbackSource"] == "call-progress-events"
    fetched = carrier.client.calls(call.sid).fetch()
    assert fetched.status == status
    assert fetched.duration == last["CallDuration"]


def test_talk_time_is_told_in_simulated_seconds(carrier, product):
    carrier.fix(behaviour="person", ring_seconds=1, talk_seconds=65)

    call = carrier.call(status_callback=f"{product.base}/status")
    wait_for(lambda: product.at("/status"))

    assert product.events("/status") == ["completed"]
    params = product.at("/status")[0].params
    # a busy machine hangs up late, never early
    assert int(params["CallDuration"]) >= 65
    assert int(params["Duration"]) == -(-int(params["CallDuration"]) // 60)
    assert carrier.truth(call.sid)["ended_by"] == "callee"


def test_the_answer_fetches_the_url_and_a_document_that_ends_hangs_up(carrier, product):
    product.twiml["/voice"] = SAY
    carrier.fix(behaviour="person", ring_seconds=1)

    call = carrier.call(url=f"{product.base}/voice", status_callback=f"{product.base}/status")
    wait_for(lambda: product.at("/status"))

    voice = product.at("/voice")[0]
    assert voice.params["CallStatus"] == "in-progress"
    assert voice.params["CallSid"] == call.sid
    assert voice.headers["User-Agent"] == "TwilioProxy/1.1"
    assert carrier.truth(call.sid)["ended_by"] == "twiml"


def test_a_ring_longer_than_timeout_is_no_answer(carrier, product):
    carrier.fix(behaviour="person", ring_seconds=17)

    call = carrier.call(timeout=15, status_callback=f"{product.base}/status")

    wait_for(lambda: product.at("/status"))
    assert carrier.status(call.sid) == "no-answer"


@pytest.mark.parametrize("status", ["canceled", "completed"])
def test_a_ringing_call_can_be_withdrawn(carrier, product, status):
    carrier.fix(behaviour="person", ring_seconds=600)
    call = carrier.call(status_callback=f"{product.base}/status", timeout=600)
    wait_for(lambda: carrier.status(call.sid) == "ringing")

    carrier.client.calls(call.sid).update(status=status)

    wait_for(lambda: product.at("/status"))
    assert product.events("/status") == ["canceled"]
    with pytest.raises(TwilioRestException) as refused:
        carrier.client.calls(call.sid).update(status="completed")
    assert refused.value.code == 21220


def test_canceled_leaves_an_answered_call_alone_and_completed_ends_it(carrier):
    carrier.fix(behaviour="person", ring_seconds=0, talk_seconds=9000)
    call = carrier.call()
    wait_for(lambda: carrier.status(call.sid) == "in-progress")

    assert carrier.client.calls(call.sid).update(status="canceled").status == "in-progress"
    assert carrier.client.calls(call.sid).update(status="completed").status == "completed"
    assert carrier.truth(call.sid)["ended_by"] == "api"


def test_redirect_runs_the_new_document(carrier, product):
    product.twiml["/second"] = SAY
    carrier.fix(behaviour="person", ring_seconds=0, talk_seconds=9000)
    call = carrier.call(status_callback=f"{product.base}/status")
    wait_for(lambda: carrier.status(call.sid) == "in-progress")

    carrier.client.calls(call.sid).update(url=f"{product.base}/second")

    wait_for(lambda: product.at("/status"))
    assert len(product.at("/second")) == 1
    assert carrier.truth(call.sid)["ended_by"] == "twiml"
    with pytest.raises(TwilioRestException) as refused:
        carrier.client.calls(call.sid).update(url=f"{product.base}/second")
    assert refused.value.code == 21220


def test_client_leg_answers_and_stays_until_the_browser_hangs_up(carrier):
    call = carrier.call(to="client:agent-7")
    wait_for(lambda: carrier.status(call.sid) == "in-progress")

    ended = carrier.post("clients/agent-7/hangup")["ended"]

    assert ended == [call.sid]
    assert carrier.status(call.sid) == "completed"
    assert requests.post(f"{carrier.base}/_sandbox/clients/agent-7/hangup", timeout=30).status_code == 404


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"to": "12"}, 21211),
        ({"to": ""}, 21201),
        ({"from_": "+19995550100"}, 21210),
        ({"from_": "me"}, 21212),
        ({"url": "ftp://x"}, 21205),
        ({"twiml": ""}, 21205),
    ],
)
def test_bad_wishes_are_refused_with_the_vendors_code(carrier, wishes, code):
    with pytest.raises(TwilioRestException) as refused:
        carrier.call(**wishes)

    assert (refused.value.status, refused.value.code) == (400, code)
    assert carrier.get("calls")["calls"] == []


def test_unknown_call_and_wrong_secret(carrier):
    with pytest.raises(TwilioRestException) as missing:
        carrier.client.calls("CA" + "0" * 32).fetch()
    carrier.client.auth = (carrier.settings.account_sid, "wrong")
    with pytest.raises(TwilioRestException) as refused:
        carrier.call()

    assert (missing.value.status, missing.value.code) == (404, 20404)
    assert (refused.value.status, refused.value.code) == (401, 20003)


def test_lists_are_filtered_and_paged_newest_first(start_carrier):
    carrier = start_carrier(cps=1000)
    carrier.fix(behaviour="busy", ring_seconds=0)
    made = [carrier.call().sid for _ in range(7)]
    other = carrier.call(to="+13105550199").sid
    wait_for(lambda: all(carrier.status(sid) == "busy" for sid in made))

    pages = carrier.client.calls.list(to=LEAD, status="busy", page_size=3)
    recent = carrier.client.calls.list(start_time_after=datetime.now(UTC) - timedelta(minutes=1))
    future = carrier.client.calls.list(start_time_after=datetime.now(UTC) + timedelta(days=2))

    assert [call.sid for call in pages] == made[::-1]
    assert {call.sid for call in recent} == {*made, other}
    assert future == []


def test_pages_do_not_shift_when_calls_are_added(carrier):
    made = [carrier.call().sid for _ in range(4)]
    first = carrier.client.calls.page(page_size=2)

    carrier.call()
    second = first.next_page()

    assert [call.sid for call in first] == made[:1:-1]
    assert [call.sid for call in second] == made[1::-1]


def test_calls_over_the_rate_are_queued_not_refused(start_carrier):
    carrier = start_carrier(cps=0.001)
    carrier.fix(behaviour="busy", ring_seconds=0)

    made = [carrier.call().sid for _ in range(3)]

    wait_for(lambda: carrier.status(made[0]) == "busy")
    assert [carrier.status(sid) for sid in made[1:]] == ["queued", "queued"]
    assert carrier.client.calls(made[0]).fetch().queue_time == "0"


def test_numbers_and_account(start_carrier):
    carrier = start_carrier(numbers=("+12125550101", "+13125550102"))

    numbers = carrier.client.incoming_phone_numbers.list()
    account = carrier.client.api.accounts(carrier.settings.account_sid).fetch()

    assert [number.phone_number for number in numbers] == ["+12125550101", "+13125550102"]
    assert carrier.client.incoming_phone_numbers(numbers[0].sid).fetch().capabilities["voice"] is True
    assert account.status == "active"


def test_the_clock_can_be_shifted():
    shifted = Clock(offset_seconds=86_400).now() - datetime.now(UTC)

    assert timedelta(hours=23) < shifted < timedelta(hours=25)


def test_a_shifted_clock_shows_in_every_timestamp(start_carrier, product):
    carrier = start_carrier(clock_offset_seconds=-7 * 86_400)
    carrier.fix(behaviour="busy", ring_seconds=0)

    call = carrier.call(status_callback=f"{product.base}/status")
    wait_for(lambda: product.at("/status"))

    age = datetime.now(UTC) - carrier.client.calls(call.sid).fetch().end_time.replace(tzinfo=UTC)
    assert timedelta(days=6, hours=23) < age < timedelta(days=7, hours=1)
    assert datetime.fromisoformat(carrier.truth(call.sid)["ended_at"]).tzinfo is not None
