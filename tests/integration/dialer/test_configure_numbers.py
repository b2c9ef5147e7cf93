"""The account's numbers beside ours: shown first, put right when asked to, nothing deleted."""

from dataclasses import replace
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from carriers.models import CallerNumber
from carriers.protocol import CarrierError, NumberSetup, OwnNumber
from core.models import AuditEvent
from dialer.urls_out import number_setup
from tests.fakes.carrier import FakeCarrier

EMPTY = NumberSetup(voice_url="", fallback_url="", status_url="", text_url="")


def own(
    ref: str, number: str, *, setup: NumberSetup = EMPTY, has_voice: bool = True, **more: Any
) -> OwnNumber:
    values: dict[str, Any] = {"handled_by": "", "has_texts": True, **more}
    return OwnNumber(ref=ref, number=number, label="New York", has_voice=has_voice, setup=setup, **values)


@pytest.fixture
def account(db: None, carrier: FakeCarrier) -> FakeCarrier:
    """One number as it should be, one new, one for texts only; one of ours the account does not have, one retired here."""
    for each in (
        own("PN1", "+14075550100", setup=number_setup()),
        own("PNnew", "+12125550100"),
        own("PNtext", "+13125550100", has_voice=False),
        own("PN2", "+13035550100", setup=number_setup()),
    ):
        carrier.numbers[each.ref] = each
    for number, active in (("+14075550100", True), ("+12065550100", True), ("+13035550100", False)):
        CallerNumber.objects.create(number=number, active=active)
    return carrier


def run(*words: str) -> str:
    out = StringIO()
    call_command("configure_numbers", *words, stdout=out)
    return out.getvalue()


def test_it_shows_what_differs_and_changes_nothing(account: FakeCarrier) -> None:
    before = dict(account.numbers)

    said = run()

    assert "+12125550100" in said
    assert f"voice URL        not set → {number_setup().voice_url}" in said
    assert f"fallback URL     not set → {number_setup().fallback_url}" in said
    assert f"status callback  not set → {number_setup().status_url}" in said
    assert f"text URL         not set → {number_setup().text_url}" in said
    assert "Status callback for texts, to be entered at your messaging service: http" in said
    assert "inventory        not there → in use" in said
    assert "in use → retired: the account does not have it" in said
    assert "+13125550100" not in said
    assert "6 to put right. Nothing was changed; run it with --apply" in said
    assert account.numbers == before
    assert CallerNumber.objects.count() == 3


def test_told_to_it_puts_everything_right_once(account: FakeCarrier) -> None:
    said = run("--apply")
    again = run("--apply")

    states = dict(CallerNumber.objects.values_list("number", "active"))
    assert "6 put right." in said
    assert "Everything is as it should be." in again
    assert account.numbers["PNnew"].setup == number_setup()
    assert states == {
        "+14075550100": True, "+12065550100": False, "+13035550100": False, "+12125550100": True,
    }  # fmt: skip
    assert CallerNumber.objects.get(number="+12125550100").label == "New York"
    assert AuditEvent.objects.filter(verb__startswith="carriers.number.").count() == 2


def test_a_number_that_an_application_handles_is_left_to_people(account: FakeCarrier) -> None:
    account.numbers["PNnew"] = own("PNnew", "+12125550100", handled_by="AP123")

    with pytest.raises(CommandError, match="1 must be put right at the carrier by hand"):
        run("--apply")

    assert account.numbers["PNnew"].setup == EMPTY


def test_a_carrier_that_refuses_is_said(account: FakeCarrier) -> None:
    account.fail_next = CarrierError("Too many requests", kind="retryable", code=20429)

    with pytest.raises(CommandError, match="The carrier refused: Too many requests Nothing more was changed"):
        run()


def test_a_public_address_the_carrier_cannot_reach_is_refused(account: FakeCarrier, settings: Any) -> None:
    settings.TWILIO_BASE_URL = ""

    with pytest.raises(CommandError, match="PARLEY_PUBLIC_URL"):
        run("--apply")


def test_an_empty_account_retires_what_is_in_use(db: None, carrier: FakeCarrier, now: datetime) -> None:
    CallerNumber.objects.create(number="+14075550100")

    run("--apply")

    assert not CallerNumber.objects.get().active


def test_texts_an_application_takes_are_left_to_a_person_and_numbers_without_texts_alone(
    db: None, carrier: FakeCarrier
) -> None:
    without_texts = replace(number_setup(), text_url="")
    carrier.numbers["PN1"] = own("PN1", "+14075550100", setup=without_texts, texts_handled_by="AP1")
    carrier.numbers["PN2"] = own("PN2", "+12125550100", setup=without_texts, has_texts=False)
    for number in ("+14075550100", "+12125550100"):
        CallerNumber.objects.create(number=number)

    with pytest.raises(CommandError, match="1 must be put right at the carrier by hand"):
        run("--apply")

    assert carrier.numbers["PN1"].setup == carrier.numbers["PN2"].setup == without_texts
