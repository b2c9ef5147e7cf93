"""The carrier's door: what is genuine comes in once, whatever else comes in has no effect."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from twilio.request_validator import HMAC_SHA256, RequestValidator

from carriers import door
from carriers import services as inbox
from carriers.models import CarrierInbox
from core.errors import Stale
from dialer.models import Call, CallEvent
from dialer.services import calls
from dialer.urls_out import call_callbacks
from tests.integration.dialer.test_calls import TOKEN, call, status

__all__ = ["call"]

BASE = "http://127.0.0.1:8000"
FORM = "application/x-www-form-urlencoded"
SHA256 = {"X-Twilio-Webhooks-Signature-Settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}


def send(
    url: str,
    body: str | bytes,
    *,
    signature: str,
    content_type: str = FORM,
    base: str = BASE,
    headers: dict[str, str] | None = None,
) -> Any:
    """Send a body as it stands; `base` is what the carrier sees before the path that reaches us."""
    return Client().post(
        url.removeprefix(base),
        body,
        content_type=content_type,
        headers={"X-Twilio-Signature": signature, **(headers or {})},
    )


def signed(url: str, params: Any, *, token: str = TOKEN, algorithm: str | None = None) -> str:
    return str(RequestValidator(token).compute_signature(url, params, algorithm))


def status_url() -> str:
    """Return an address of ours; the call itself need not be known to come in by the door."""
    return call_callbacks(uuid4()).status_url


PARAMS = {"CallSid": "CA1", "CallStatus": "ringing", "SequenceNumber": "1"}


@pytest.mark.parametrize(("headers", "algorithm"), [({}, None), (SHA256, HMAC_SHA256)])
@pytest.mark.parametrize(
    ("public", "as_signed"),
    [
        ("https://parley.example", "https://parley.example"),
        ("https://parley.example", "https://parley.example:443"),
        ("https://parley.example:8443", "https://parley.example"),
        ("https://parley.example:8443", "https://parley.example:8443"),
        ("https://parley.example/calls", "https://parley.example/calls"),
    ],
)
def test_a_genuine_webhook_comes_in_by_either_algorithm_with_or_without_port_or_path(
    db: None,
    settings: Any,
    headers: dict[str, str],
    algorithm: str | None,
    public: str,
    as_signed: str,
) -> None:
    settings.PUBLIC_URL = public
    url = status_url()
    signature = signed(url.replace(public, as_signed), PARAMS, algorithm=algorithm)

    answer = send(url, urlencode(PARAMS), signature=signature, base=public, headers=headers)

    assert url.startswith(f"{public}/hooks/")
    assert answer.status_code == 204
    assert CarrierInbox.objects.get().payload == PARAMS


def test_a_path_set_for_the_whole_site_is_not_signed_twice(db: None, settings: Any) -> None:
    from django.urls import set_script_prefix

    settings.PUBLIC_URL, settings.FORCE_SCRIPT_NAME = "https://parley.example/calls", "/calls"
    set_script_prefix("/calls/")
    try:
        url = status_url()
        answer = send(
            url, urlencode(PARAMS), signature=signed(url, PARAMS), base="https://parley.example/calls"
        )
    finally:
        set_script_prefix("/")

    assert url.startswith("https://parley.example/calls/hooks/")
    assert answer.status_code == 204


@pytest.mark.parametrize(
    "secret", ["TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_SECONDARY", "TWILIO_SHARED_KEY_SECRET"]
)
def test_each_secret_in_force_opens_the_door(db: None, settings: Any, secret: str) -> None:
    settings.TWILIO_AUTH_TOKEN_SECONDARY, settings.TWILIO_SHARED_KEY_SECRET = "the next token", "the key"
    url = status_url()

    answer = send(url, urlencode(PARAMS), signature=signed(url, PARAMS, token=getattr(settings, secret)))

    assert answer.status_code == 204


def test_an_empty_secret_opens_nothing(db: None, settings: Any) -> None:
    settings.TWILIO_AUTH_TOKEN_SECONDARY = ""
    url = status_url()

    assert send(url, urlencode(PARAMS), signature=signed(url, PARAMS, token="")).status_code == 403


def test_a_body_of_json_comes_in_by_its_hash(db: None) -> None:
    body = json.dumps({"CallSid": "CA1", "CallStatus": "ringing", "Deep": {"b": 1}})
    url = f"{status_url()}?bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"

    answer = send(url, body, signature=signed(url, {}), content_type="application/json")

    assert answer.status_code == 204
    assert CarrierInbox.objects.get().payload["Deep"] == '{"b": 1}'


def test_fields_that_come_twice_are_signed_by_their_distinct_values_and_kept(db: None) -> None:
    from django.http import QueryDict

    body = "CallSid=CA1&Note=b&Note=a&Note=b&CallStatus=ringing"
    url = status_url()

    answer = send(url, body, signature=signed(url, QueryDict(body)))

    assert answer.status_code == 204
    assert CarrierInbox.objects.get().payload["Note"] == "b, a"


def hash_url(body: bytes) -> str:
    return f"{status_url()}?bodySHA256={hashlib.sha256(body).hexdigest()}"


@pytest.mark.parametrize("signature", ["", "AAAA", "é", signed(BASE, PARAMS)])
def test_no_signature_or_a_wrong_one_is_refused_and_leaves_nothing(db: None, signature: str) -> None:
    answer = send(status_url(), urlencode(PARAMS), signature=signature)

    assert answer.status_code == 403
    assert not CarrierInbox.objects.exists()


def test_a_signature_of_an_unknown_kind_is_refused(db: None) -> None:
    url = status_url()
    headers = {"X-Twilio-Webhooks-Signature-Settings": "algorithm=NONE"}

    assert send(url, urlencode(PARAMS), signature=signed(url, PARAMS), headers=headers).status_code == 403


def test_another_body_under_a_genuine_signature_is_refused(db: None) -> None:
    url, body = status_url(), b'{"CallStatus": "completed"}'
    other = hash_url(b'{"CallStatus": "ringing"}')
    bare = signed(url, {})

    answers = [
        send(url, urlencode({**PARAMS, "CallStatus": "completed"}), signature=signed(url, PARAMS)),
        send(other, body, signature=signed(other, {}), content_type="application/json"),
        send(other, "a=1", signature=signed(other, {})),
        send(url, body, signature=bare, content_type="application/json"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    assert not CarrierInbox.objects.exists()


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"x=" + b"a" * 10_000_000, FORM, 413),
        ("&".join(f"f{index}=1" for index in range(10_000)), FORM, 413),
        (b"CallSid=\xff\xfe", FORM, 400),
        ("CallSid=CA1", "text/plain", 415),
        ("CallSid=CA1", "", 415),
        ("--x\r\n--x--", "multipart/form-data; boundary=x", 415),
    ],
)
def test_what_no_carrier_sends_is_refused_in_words(
    db: None, body: str | bytes, content_type: str, expected: int
) -> None:
    url = status_url()

    answer = send(url, body, signature=signed(url, {}), content_type=content_type)

    assert answer.status_code == expected
    assert answer.content
    assert not CarrierInbox.objects.exists()


@pytest.mark.parametrize("body", [b"[1, 2]", b"nonsense", b"[" * 60_000])
def test_json_that_is_no_object_is_refused(db: None, body: bytes) -> None:
    url = hash_url(body)

    assert send(url, body, signature=signed(url, {}), content_type="application/json").status_code == 400


def test_a_body_that_lies_about_its_length_is_read_no_further_than_a_webhook_is_long(db: None) -> None:
    url = status_url()

    answer = Client().post(
        url.removeprefix(BASE),
        b"x=" + b"a" * 100_000,
        content_type=FORM,
        headers={"X-Twilio-Signature": signed(url, {})},
        CONTENT_LENGTH="99999999999999999999",
    )

    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_other_methods_are_not_allowed(db: None, method: str) -> None:
    answer = getattr(Client(), method)(status_url().removeprefix(BASE))

    assert answer.status_code == 405


def test_nuls_and_halves_of_characters_are_stored_without_them(db: None) -> None:
    params = {"CallSid": "CA\x001", "CallStatus": "ring\x00ing", "Na\x00me": "x\x00"}
    body = b'{"CallSid": "CA1", "Half": "\\ud800"}'
    url, other = status_url(), hash_url(body)

    first = send(url, urlencode(params), signature=signed(url, params))
    second = send(other, body, signature=signed(other, {}), content_type="application/json")

    assert (first.status_code, second.status_code) == (204, 204)
    assert CarrierInbox.objects.filter(payload__CallStatus="ringing", payload__Name="x").exists()
    assert CarrierInbox.objects.filter(payload__Half="?").exists()


def test_a_repeat_is_known_by_the_carriers_token(db: None) -> None:
    url = status_url()
    headers = {"I-Twilio-Idempotency-Token": "token-1"}

    for _ in range(3):
        assert send(url, urlencode(PARAMS), signature=signed(url, PARAMS), headers=headers).status_code == 204

    assert CarrierInbox.objects.get().token == "token-1"


def test_the_same_words_under_another_token_are_news(db: None) -> None:
    url = status_url()

    for token in ("token-1", "token-2"):
        headers = {"I-Twilio-Idempotency-Token": token}
        send(url, urlencode(PARAMS), signature=signed(url, PARAMS), headers=headers)

    assert CarrierInbox.objects.count() == 2


def test_a_used_token_with_another_body_hides_no_news(db: None) -> None:
    url = status_url()
    other = {**PARAMS, "CallStatus": "completed"}
    headers = {"I-Twilio-Idempotency-Token": "token-1"}

    for params in (PARAMS, other, other, PARAMS):
        send(url, urlencode(params), signature=signed(url, params), headers=headers)

    stored = CarrierInbox.objects.order_by("id").values_list("payload__CallStatus", flat=True)
    assert list(stored) == ["ringing", "completed"]


def test_an_answer_asked_for_twice_is_the_same_and_changes_nothing(call: Call) -> None:
    url = call_callbacks(call.attempt_id).answer_url
    params = status(call, "in-progress", 3)
    headers = {"I-Twilio-Idempotency-Token": "token-1"}
    first = send(url, urlencode(params), signature=signed(url, params), headers=headers)
    events = CallEvent.objects.count()

    again = send(url, urlencode(params), signature=signed(url, params), headers=headers)

    assert again.content == first.content
    assert CallEvent.objects.count() == events


def test_an_answer_that_failed_is_kept_and_its_repeat_is_answered_in_full(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = call_callbacks(call.attempt_id).answer_url
    params = status(call, "in-progress", 3)
    headers = {"I-Twilio-Idempotency-Token": "token-1"}
    with monkeypatch.context() as broken:
        broken.setattr(calls, "apply_event", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send(url, urlencode(params), signature=signed(url, params), headers=headers)
    row = CarrierInbox.objects.get()
    assert (row.applied_at, row.effect) == (None, "failed: ZeroDivisionError: division by zero")

    again = send(url, urlencode(params), signature=signed(url, params), headers=headers)

    row.refresh_from_db()
    call.refresh_from_db()
    assert b"</Conference>" in again.content
    assert (row.effect, call.state) == ("call is answered", "answered")
    assert CarrierInbox.objects.count() == 1


def test_a_request_the_carrier_gave_up_is_said_to_have_broken_off_not_to_be_forged(db: None) -> None:
    url, body = status_url(), urlencode(PARAMS)
    request = RequestFactory().post(url.removeprefix(BASE), body[:9], content_type=FORM)
    request.META["CONTENT_LENGTH"] = str(len(body))

    refusal = door.admit(request)

    assert isinstance(refusal, HttpResponse)
    assert (refusal.status_code, refusal.content) == (400, b"The request broke off.")


def test_a_message_that_met_a_desk_in_motion_is_applied_at_once_all_the_same(
    call: Call, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = call_callbacks(call.attempt_id).status_url
    params = status(call, "ringing", 1)
    apply_event, met = calls.apply_event, []

    def moves_once(*args: Any, **more: Any) -> str:
        met.append(args)
        if len(met) == 1:
            raise Stale("what the session works on changed between the read and the lock")
        return apply_event(*args, **more)

    monkeypatch.setattr(calls, "apply_event", moves_once)
    send(url, urlencode(params), signature=signed(url, params))

    call.refresh_from_db()
    assert (call.state, len(met)) == ("ringing", 2)


def test_a_message_that_cannot_be_applied_is_kept_answered_and_left_to_a_worker(
    call: Call, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = call_callbacks(call.attempt_id).status_url
    params = status(call, "ringing", 1)

    def broken(*_: Any, **__: Any) -> str:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr(calls, "apply_event", broken)
        answer = send(url, urlencode(params), signature=signed(url, params))
    row = CarrierInbox.objects.get()
    assert (answer.status_code, row.effect) == (204, "failed: RuntimeError: a fault of ours")

    calls.sweep_webhooks(now=now + timedelta(minutes=1))
    call.refresh_from_db()
    assert call.state == "ringing"


def test_a_message_about_nothing_we_know_is_stored_counted_and_can_be_applied_again(
    call: Call, now: datetime
) -> None:
    from core import db

    url = status_url()
    send(url, urlencode(PARAMS), signature=signed(url, PARAMS))
    calls.sweep_webhooks(now=now + timedelta(minutes=1))
    row = CarrierInbox.objects.get()
    assert (row.outcome, row.effect) == ("unknown", "unknown: no call with this id")

    with db.use_case():
        inbox.reopen(inbox_id=row.pk, actor="ada", now=now)
    CarrierInbox.objects.filter(pk=row.pk).update(subject_ref=str(call.attempt_id))
    CarrierInbox.objects.filter(pk=row.pk).update(payload={**PARAMS, "CallSid": str(call.carrier_ref)})
    calls.apply_webhook(inbox_id=row.pk, now=now)

    row.refresh_from_db()
    call.refresh_from_db()
    assert (row.outcome, call.state) == ("applied", "ringing")


def test_old_messages_are_removed_once_they_were_applied(db: None, now: datetime, settings: Any) -> None:
    settings.CARRIER_INBOX_DAYS = 30
    for index in range(5):
        inbox.receive(
            inbox.Incoming(kind="call_status", key=f"k{index}", subject_ref="x", payload={}, received_at=now)
        )
    CarrierInbox.objects.filter(key__in=["k0", "k1", "k2"]).update(applied_at=now - timedelta(days=31))
    CarrierInbox.objects.filter(key="k3").update(applied_at=now - timedelta(days=29))

    removed = inbox.purge(now=now, limit=2)

    assert removed == 3
    assert set(CarrierInbox.objects.values_list("key", flat=True)) == {"k3", "k4"}


def test_pci_005_card_data_that_was_keyed_or_said_is_not_stored_with_a_webhook(
    db: None, now: datetime
) -> None:
    said = {
        "CallSid": "CA4111111111111111aaaaaaaaaaaaaaaa",
        "Digits": "4111111111111111",
        "SpeechResult": "my card is 4111 1111 1111 1111 and the cvv is 123",
        "From": "+14075550123",
    }

    incoming = inbox.Incoming(
        kind="inbound", key="k1", subject_ref="CA1", payload=said, received_at=now, token="t1"
    )

    inbox.receive(incoming)
    again = inbox.receive(incoming)

    kept = CarrierInbox.objects.get().payload
    assert again is None
    assert kept["Digits"].endswith("1111")
    assert "4111111111111111" not in kept["Digits"]
    assert "4111" not in kept["SpeechResult"]
    assert "123" not in kept["SpeechResult"]
    assert (kept["CallSid"], kept["From"]) == (said["CallSid"], said["From"])
