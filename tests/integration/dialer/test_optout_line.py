"""People who call our numbers back hear whose they are and are off the list by a key, before the line goes dead."""

from datetime import datetime
from typing import Any

import pytest

from carriers.models import CarrierInbox
from compliance.models import Revocation, Suppression
from core import clock
from dialer.services import calls
from dialer.urls_out import number_setup, opt_out_keys_url
from tests.factories.world import CALLER_ID, SELLER, World
from tests.integration.dialer.test_calls import post

CALLER = "+14075550123"


@pytest.fixture(autouse=True)
def still(world: World, monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Stop the clock of the webhooks; the campaign calls from the number that is called."""
    monkeypatch.setattr(clock, "now", lambda: now)


def coming(caller: str = CALLER, **more: str) -> dict[str, str]:
    return {
        "CallSid": "CAin1", "From": caller, "To": CALLER_ID, "CallStatus": "ringing", "Direction": "inbound", **more,
    }  # fmt: skip


def press(keys: str, *, caller: str = CALLER, round_number: int = 1) -> Any:
    return post(opt_out_keys_url(round_number=round_number), coming(caller, Digits=keys)).content.decode()


def test_a_caller_hears_whose_number_it_is_and_is_offered_a_key() -> None:
    answer = post(number_setup().voice_url, coming())

    words = answer.content.decode()
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert f"This is the calling line of {SELLER}. To be taken off our calling list, press 1 now." in words
    assert (
        f'<Gather input="dtmf" numDigits="1" timeout="8" method="POST" action="{opt_out_keys_url(round_number=1)}">'
        in words
    )
    assert words.endswith("<Hangup/></Response>")
    assert CarrierInbox.objects.get().outcome == "applied"


def test_the_key_takes_them_off_the_list_before_it_is_said(now: datetime) -> None:
    words = press("1")

    row = Revocation.objects.get()
    assert "Done. The number ending in 0 1 2 3 is off the calling list" in words
    assert "<Gather" not in words
    assert (row.number, row.seller, row.heard_on) == (CALLER, SELLER, "key press")
    assert (row.raw_words, row.honoured_at) == (f"Pressed 1 on the opt-out line {CALLER_ID}", now)
    assert Suppression.objects.filter(number=CALLER).exists()


def test_the_same_key_again_is_one_request() -> None:
    first = press("1")

    assert press("1") == first
    assert press("1", round_number=2) == first
    assert Revocation.objects.count() == 1


def test_a_lead_who_pressed_the_key_is_not_dialed_any_more(world: World, now: datetime) -> None:
    from tests.factories.world import add_lead
    from tests.integration.dialer.conftest import sign_on

    add_lead(world, CALLER)
    press("1")

    session = sign_on(world, now=now)

    assert session.state == "ready"
    assert session.campaign_lead_id is None


@pytest.mark.parametrize("keys", ["2", "", "*", "11", "0000000000", "911", "\x00", "1" * 500])
def test_a_key_that_means_nothing_changes_nothing_and_is_asked_again_a_few_times(keys: str) -> None:
    rounds = [press(keys, round_number=number) for number in (1, 2, 3)]

    assert "That was not understood. To be taken off our calling list, press 1 now." in rounds[0]
    assert opt_out_keys_url(round_number=2) in rounds[0]
    assert "<Gather" in rounds[1]
    assert "<Gather" not in rounds[2]
    assert "<Hangup/>" in rounds[2]
    assert not Revocation.objects.exists()


@pytest.mark.parametrize(
    "caller",
    ["+266696687", "+7378742833", "anonymous", "Restricted", "", "client:agent-1", "sip:a@b", "+1407555"],
)
def test_a_withheld_number_is_entered_by_hand(caller: str) -> None:
    words = post(number_setup().voice_url, coming(caller)).content.decode()
    nothing = press("1", caller=caller)

    done = press("4075550123#", caller=caller, round_number=2)

    assert "Your number is not shown to us." in words
    assert 'numDigits="11"' in words
    assert "That was not understood." in nothing
    assert "The number ending in 0 1 2 3" in done
    assert Revocation.objects.get().raw_words == f"Entered 4075550123 on the opt-out line {CALLER_ID}"


def test_a_number_we_never_called_is_taken_at_its_word() -> None:
    press("1", caller="+12125550177")

    assert Revocation.objects.get().number == "+12125550177"


def test_a_line_no_campaign_shows_speaks_for_the_house(world: World, settings: Any) -> None:
    settings.SELLER_NAME = "The House"
    world.campaign.caller_id = "+12125550100"
    world.campaign.save(update_fields=["caller_id"])

    words = post(number_setup().voice_url, coming()).content.decode()
    press("1")

    assert "This is the calling line of The House." in words
    assert Revocation.objects.get().seller == "The House"


def test_every_seller_that_calls_from_the_line_hears_of_it(world: World) -> None:
    other = world.campaign
    other.pk, other.name, other.seller = None, "Autumn roofs", "Eastwind Roofs"
    other.save(force_insert=True)

    press("1")

    assert set(Revocation.objects.values_list("seller", flat=True)) == {SELLER, "Eastwind Roofs"}


def test_the_end_of_such_a_call_is_kept(now: datetime) -> None:
    answer = post(number_setup().status_url, coming(CallStatus="completed"))
    calls.sweep_webhooks(now=now.replace(hour=17))

    assert answer.status_code == 204
    assert CarrierInbox.objects.get().effect == "the call to us is completed"


def test_a_stranger_without_signature_takes_nobody_off() -> None:
    answer = post(opt_out_keys_url(round_number=1), coming(Digits="1"), token="another")

    assert answer.status_code == 403
    assert not Revocation.objects.exists()
