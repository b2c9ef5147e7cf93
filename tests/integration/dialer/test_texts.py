"""A no by text message holds on every channel before it is answered, and is answered once or not at all."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from carriers.models import CarrierInbox
from compliance import services as gate
from compliance.models import OpenClearance, ReceivedText, Revocation, Suppression
from compliance.rules.facts import Channel, Purpose
from core import clock, db
from core.types import PhoneNumber
from dialer.services import calls
from dialer.urls_out import number_setup, text_status_url
from tests.factories.world import CALLER_ID, SELLER, World, add_lead
from tests.integration.dialer.conftest import sign_on
from tests.integration.dialer.test_calls import post, post_form

WRITER = "+14075550123"
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
CONFIRMED = f"<Message>{SELLER}: you are unsubscribed and will receive no more messages.</Message>"
HELPED = f"<Message>{SELLER}: help at {CALLER_ID}. Reply STOP to opt out.</Message>"


class Time:
    """The webhooks' clock."""

    def __init__(self, now: datetime) -> None:
        self.now = now


@pytest.fixture(autouse=True)
def at(world: World, monkeypatch: pytest.MonkeyPatch, now: datetime) -> Time:
    """Stop the clock of the webhooks; the campaign calls from the number that is written to."""
    time = Time(now)
    monkeypatch.setattr(clock, "now", lambda: time.now)
    return time


def text(words: str, *, sid: str = "SM1", sender: str = WRITER, **more: str) -> str:
    """Send us a text and return the document it is answered with."""
    params = {
        "MessageSid": sid,
        "From": sender,
        "To": CALLER_ID,
        "Body": words,
        "SmsStatus": "received",
        **more,
    }
    answer = post(number_setup().text_url, params)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml; charset=utf-8")
    return str(answer.content.decode())


def told(code: str = "21610", **more: str) -> int:
    """Tell what became of a text of ours and return the answer's status."""
    params = {
        "MessageSid": "SMout", "From": CALLER_ID, "To": WRITER, "MessageStatus": "failed", "ErrorCode": code, **more,
    }  # fmt: skip
    return int(post(text_status_url(), params).status_code)


def request(**changes: Any) -> gate.ContactRequest:
    values: dict[str, Any] = {
        "number": PhoneNumber(WRITER), "channel": Channel.LIVE_PREVIEW, "purpose": Purpose.SURVEY, "seller": SELLER,
        "campaign_ref": "campaign:9", "person_ref": "contact:9", "attempt_ref": "a", "caller_id": PhoneNumber(CALLER_ID),
        "ring_seconds": 25, "postal_code": "32801", "state": "FL",
    }  # fmt: skip
    return gate.ContactRequest(**{**values, **changes})


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("STOP", ""),  # Twilio answers these itself
        (" stop ", ""),
        ("Quit", ""),
        pytest.param("Opt out", CONFIRMED, id="A2P-006 T1"),
        pytest.param("Stop.", CONFIRMED, id="FED-013 T1"),
        pytest.param("STOP IT", CONFIRMED, id="FED-013 T2"),
        pytest.param("please stop all messages", CONFIRMED, id="FED-012 T1"),
        ("por favor ya no me llamen", "no recibirá más mensajes"),
    ],
)
def test_a_no_in_any_words_holds_on_every_channel_in_the_same_second(
    words: str, answer: str, now: datetime
) -> None:
    with db.use_case():
        gate.clear_to_contact([request()], now=now)

    said = text(words)

    row = Revocation.objects.get()
    assert (row.raw_words, row.heard_on, row.seller) == (words.strip(), "text message", SELLER)
    assert (row.received_at, row.honoured_at) == (now, now)
    assert not OpenClearance.objects.filter(voided_at__isnull=True).exists()
    for channel in Channel:
        [verdict] = gate.explain([request(channel=channel)], now=now)
        assert verdict.code == "REVOKED", channel
    assert answer in said
    assert (said == EMPTY) is (answer == "")
    assert ReceivedText.objects.get().answer == said[len(EMPTY) - 11 : -11].removeprefix(
        "<Message>"
    ).removesuffix("</Message>")


def test_fed_013_t3_a_question_about_hours_is_kept_and_revokes_nothing() -> None:
    assert text("what time do you stop serving?") == EMPTY

    assert not Suppression.objects.exists()
    assert ReceivedText.objects.get().meaning == "none"


def test_fed_014_t1_and_t4_one_confirmation_and_then_silence(at: Time) -> None:
    assert CONFIRMED in text("remove me from your list")
    at.now += timedelta(days=1)
    assert text("I said remove me from your list", sid="SM2") == EMPTY

    assert Revocation.objects.count() == 2


def test_fed_014_t2_no_confirmation_after_more_than_five_minutes(at: Time) -> None:
    assert CONFIRMED in text("remove me from your list")
    at.now += timedelta(minutes=5)
    assert CONFIRMED in text("remove me from your list")  # the carrier did not hear us the first time
    at.now += timedelta(minutes=2)

    assert text("remove me from your list") == EMPTY
    assert Revocation.objects.count() == 1


def test_help_names_the_brand_once_a_day_and_changes_nothing(at: Time) -> None:
    first, again = text("HELP"), text("help", sid="SM2")
    at.now += timedelta(hours=24)

    assert HELPED in first
    assert again == EMPTY
    assert HELPED in text("info", sid="SM3")
    assert not Suppression.objects.exists()


def test_what_the_carrier_has_answered_is_not_answered_twice() -> None:
    assert text("HELP", OptOutType="HELP") == EMPTY
    assert text("please stop all messages", sid="SM2", OptOutType="STOP") == EMPTY

    assert Revocation.objects.count() == 1


def test_a2p_006_start_is_kept_and_lifts_nothing(now: datetime) -> None:
    text("STOP")
    assert text("START", sid="SM2") == EMPTY

    assert [row.meaning for row in ReceivedText.objects.order_by("id")] == ["revoked", "resubscribe"]
    assert gate.explain([request()], now=now)[0].code == "REVOKED"


def test_the_same_text_twice_is_one(world: World) -> None:
    assert [text("leave me alone, no more texts") for _ in range(3)].count(EMPTY) == 0
    repeated = {"MessageSid": "SM1", "From": WRITER, "To": CALLER_ID, "Body": "something else"}
    post(number_setup().text_url, repeated)

    assert (ReceivedText.objects.count(), Revocation.objects.count()) == (1, 1)
    assert ReceivedText.objects.get().raw_words == "leave me alone, no more texts"


def test_a_lead_who_wrote_no_is_not_dialed_any_more(world: World, now: datetime) -> None:
    add_lead(world, WRITER)
    text("STOP")

    assert sign_on(world, now=now).campaign_lead_id is None


def test_a_text_to_a_number_no_campaign_shows_holds_for_the_house(settings: Any) -> None:
    settings.SELLER_NAME = "The House"

    said = text("take me off your list", To="+12125550199")

    assert "The House: you are unsubscribed" in said
    assert Revocation.objects.get().seller == "The House"


@pytest.mark.parametrize("sender", ["whatsapp:+14075550123", "rcs:+14075550123"])
def test_a_no_by_another_messenger_is_a_no(sender: str) -> None:
    text("STOP", sender=sender)

    assert Revocation.objects.get().number == WRITER


@pytest.mark.parametrize(
    "sender", ["", "12345", "AMAZON", "+266696687", "+1407555", "anonymous", "+" + "9" * 400]
)
def test_a_sender_without_a_number_is_kept_and_silent(sender: str) -> None:
    assert text("STOP", sender=sender) == EMPTY

    assert CarrierInbox.objects.get().outcome == "ignored"
    assert not Revocation.objects.exists()


@pytest.mark.parametrize(
    "words",
    ["", " ", "\x00", "\ud83d", "🛑" * 700, "stop " * 400, "<Response><Dial>+19005550100</Dial></Response>", "]]>", "%s{brand}{0}"],
)  # fmt: skip
def test_any_words_are_kept_as_text_and_never_break_the_answer(words: str) -> None:
    said = text(words.encode("utf-8", "replace").decode())

    assert said.startswith('<?xml version="1.0" encoding="UTF-8"?><Response>')
    assert "<Dial>" not in said
    assert ReceivedText.objects.get().raw_words


def test_a_card_number_in_a_text_is_kept_nowhere() -> None:
    text("stop texting me, 4111 1111 1111 1111")

    stored = [
        *CarrierInbox.objects.values_list("payload", flat=True),
        *ReceivedText.objects.values_list("raw_words", flat=True),
    ]
    stored += Revocation.objects.values_list("raw_words", flat=True)
    assert len(stored) == 3
    assert "4111" not in str(stored)


def test_a_forged_text_changes_nothing() -> None:
    params = {"MessageSid": "SM1", "From": WRITER, "To": CALLER_ID, "Body": "STOP"}
    for headers in ({}, {"X-Twilio-Signature": "AAAA"}):
        assert post_form(number_setup().text_url, params, headers=headers).status_code == 403
        assert (
            post_form(text_status_url(), {**params, "ErrorCode": "21610"}, headers=headers).status_code == 403
        )
    for name in ("hook-text", "hook-text-status"):
        assert Client().get(reverse(name)).status_code == 405

    assert not CarrierInbox.objects.exists()


def test_a_text_that_could_not_be_applied_is_kept_and_applied_later(
    monkeypatch: pytest.MonkeyPatch, at: Time
) -> None:
    def broken(*args: Any, **values: Any) -> Any:
        raise RuntimeError("the classifier is away")

    with monkeypatch.context() as patch:
        patch.setattr("dialer.services.texts.apply", broken)
        with pytest.raises(RuntimeError):
            text("STOP")
    at.now += timedelta(minutes=30)
    calls.sweep_webhooks(now=at.now)

    row = Revocation.objects.get()
    assert (row.received_at, CarrierInbox.objects.get().outcome) == (
        at.now - timedelta(minutes=30),
        "applied",
    )


def test_a2p_008_t2_an_opt_out_at_the_carrier_is_one_here(now: datetime) -> None:
    assert told() == 204
    assert told() == 204

    row = Revocation.objects.get()
    assert (row.number, row.seller, row.matched_by) == (WRITER, SELLER, "provider:21610")
    assert row.raw_words == "Provider error 21610: the person opted out"
    assert gate.explain([request()], now=now)[0].code == "REVOKED"


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("", {"MessageStatus": "delivered"}),
        ("30003", {}),
        ("99999", {}),
        ("21610", {"To": "AMAZON"}),
        ("21610 OR 1=1", {}),
        ("2161021610", {}),
    ],
)
def test_any_other_status_changes_nothing(code: str, more: dict[str, str]) -> None:
    assert told(code, **more) == 204

    assert CarrierInbox.objects.get().outcome == "ignored"
    assert not Suppression.objects.exists()


def test_a_supervisor_reads_the_texts_and_an_officer_makes_a_no_of_one(world: World) -> None:
    text("<b>what time do you stop serving?</b>")
    text("START", sid="SM2")
    text("quit calling me already", sid="SM3")
    sol, cleo = Client(), Client()
    sol.force_login(world.sol)
    cleo.force_login(User.objects.create_user("cleo", role="compliance"))

    seen = sol.get("/compliance/texts/").content.decode()
    offered = cleo.get("/compliance/texts/?q=407555").content.decode()

    assert "&lt;b&gt;what time do you stop serving?" in seen
    assert "It is a no" not in seen
    assert (offered.count("It is a no"), offered.count("Record a consent")) == (2, 1)
    assert "Nobody has sent" in cleo.get("/compliance/texts/?q=999").content.decode()
    assert "quit calling me already" in cleo.get("/compliance/reviews/").content.decode()
