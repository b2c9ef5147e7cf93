"""What must be ready before a contact (FED-017, FED-021, REGF-004), and how long it must ring (FED-019)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from compliance.rules.assets import (
    abandoned_message,
    limited_content,
    message_ready,
    rang_too_short,
    rings_long_enough,
)
from compliance.rules.engine import decide
from compliance.rules.facts import (
    CampaignFacts,
    Channel,
    ContactFacts,
    LineType,
    MessageFacts,
    Purpose,
    SuppressionFact,
    SuppressionScope,
)
from compliance.rules.policy import in_force
from tests.rules.making import SELLER, at, confirmed, consent, facts

NOON = "2026-11-23T17:00:00Z"
POLICY = in_force(at(NOON))
READY = MessageFacts(ref="asset:1")


def predictive(message: MessageFacts, **changes: Any) -> ContactFacts:
    """Return a predictive sales call with that message for abandoned calls."""
    values: dict[str, Any] = {"channel": Channel.LIVE_PREDICTIVE, **changes}
    return facts(NOON, campaign=CampaignFacts(abandoned_message=message), **values)


@pytest.mark.parametrize(
    ("name", "given", "code"),
    [
        ("FED-017 T1 no message", predictive(MessageFacts()), "MSG_MISSING"),
        (
            "FED-017 T1 no callback number",
            predictive(MessageFacts(ref="asset:1", problems=("it names no callback number",))),
            "MSG_MISSING",
        ),
        (
            "FED-017 T2 “great offer”",
            predictive(MessageFacts(ref="asset:1", problems=("it says more than it may: “great offer”",))),
            "MSG_MISSING",
        ),
        (
            "FED-017 T4 the callback number takes no requests",
            predictive(
                MessageFacts(ref="asset:1", problems=("its number takes no requests in business hours",))
            ),
            "MSG_MISSING",
        ),
        ("ready", predictive(READY), ""),
        ("a survey needs none", predictive(MessageFacts(), purpose=Purpose.SURVEY), ""),
        ("a preview call needs none", predictive(MessageFacts(), channel=Channel.LIVE_PREVIEW), ""),
    ],
)
def test_fed_017_message_for_abandoned_calls(name: str, given: ContactFacts, code: str) -> None:
    assert abandoned_message(given, POLICY).code == code, name


def test_fed_017_a_paid_fundraiser_needs_it_too() -> None:
    campaign = CampaignFacts(paid_fundraiser=True)
    given = facts(NOON, channel=Channel.LIVE_PREDICTIVE, purpose=Purpose.CHARITY, campaign=campaign)

    assert abandoned_message(given, POLICY).code == "MSG_MISSING"


def test_fed_017_t3_the_key_press_put_the_number_on_the_list_so_the_next_dial_is_refused() -> None:
    pressed = SuppressionFact(
        seller=SELLER,
        scope=SuppressionScope.SELLER,
        reason="asked not to be called",
        heard_on="key 9",
        at=at(NOON),
    )

    decision = decide(facts(NOON, suppressions=(pressed,)))

    assert decision.code == "DNC_INTERNAL"


def recorded(**changes: Any) -> ContactFacts:
    """Return a recorded sales call."""
    return facts(NOON, **{"channel": Channel.PREREC, "message": READY, **changes})


WITH_NUMBER = MessageFacts(ref="asset:1", has_toll_free_opt_out=True)
PEC = (consent(given_at=at("2026-06-01T18:00:00Z")),)


@pytest.mark.parametrize(
    ("name", "given", "code"),
    [
        ("FED-021 T1 no toll-free number", recorded(), "MSG_MISSING"),
        ("with it", recorded(message=WITH_NUMBER), ""),
        (
            "FED-021 T2 opt-out at the end of 40 s",
            recorded(message=MessageFacts(ref="asset:1", problems=("the opt-out comes too late",))),
            "MSG_MISSING",
        ),
        (
            "FED-021 T3 informational to a mobile with consent",
            recorded(
                purpose=Purpose.INFORMATIONAL,
                consents=PEC,
                line_type=LineType.WIRELESS,
                reassigned=confirmed(at(NOON)),
            ),
            "",
        ),
        (
            "FED-021 to a home with a consent that may be another holder's (FED-030)",
            recorded(purpose=Purpose.INFORMATIONAL, consents=PEC),
            "MSG_MISSING",
        ),
        (
            "informational to a home without consent",
            recorded(purpose=Purpose.INFORMATIONAL),
            "MSG_MISSING",
        ),
        (
            "informational to a business",
            recorded(purpose=Purpose.INFORMATIONAL, line_type=LineType.LANDLINE_BIZ),
            "",
        ),
        (
            "FED-021 T4 a nickname for the registered name",
            recorded(message=MessageFacts(ref="asset:1", problems=("it does not say the registered name",))),
            "MSG_MISSING",
        ),
        (
            "an emergency",
            recorded(purpose=Purpose.EMERGENCY, campaign=CampaignFacts(emergency="boil water")),
            "",
        ),
        ("no recording", recorded(message=MessageFacts()), "MSG_MISSING"),
        ("no text", recorded(channel=Channel.SMS, message=MessageFacts()), "MSG_MISSING"),
        ("a text", recorded(channel=Channel.SMS), ""),
        ("a picture message", recorded(channel=Channel.MMS, message=MessageFacts()), "MSG_MISSING"),
        ("a live call", recorded(channel=Channel.LIVE_PREVIEW, message=MessageFacts()), ""),
    ],
)
def test_messages(name: str, given: ContactFacts, code: str) -> None:
    assert message_ready(given, POLICY).code == code, name


def test_the_reason_says_what_to_do() -> None:
    missing = message_ready(recorded(message=MessageFacts()), POLICY).reason
    unfit = message_ready(recorded(message=MessageFacts(ref="a", problems=("one", "two"))), POLICY).reason

    assert missing == "there is no recording; publish one and choose it in the campaign"
    assert unfit == "the recording cannot be used: one"


@pytest.mark.parametrize(
    ("name", "given", "code"),
    [
        ("REGF-004 T1 “this is ABC Collections”", recorded(purpose=Purpose.DEBT), "MSG_MISSING"),
        (
            "REGF-004 T2 “please call Sam from ABC Services”",
            recorded(purpose=Purpose.DEBT, message=MessageFacts(ref="asset:1", limited_content=True)),
            "",
        ),
        ("a text is bound by other rules", recorded(purpose=Purpose.DEBT, channel=Channel.SMS), ""),
        ("no debt", recorded(), ""),
    ],
)
def test_regf_004_limited_content(name: str, given: ContactFacts, code: str) -> None:
    assert limited_content(given, POLICY).code == code, name


@pytest.mark.parametrize(
    ("channel", "purpose", "ring_seconds", "code"),
    [
        (Channel.LIVE_PREDICTIVE, Purpose.TELEMARKETING, 14, "RING_SHORT"),
        (Channel.LIVE_PREDICTIVE, Purpose.TELEMARKETING, 15, ""),
        (Channel.PREREC, Purpose.TELEMARKETING, 14, "RING_SHORT"),
        (Channel.LIVE_PREVIEW, Purpose.TELEMARKETING, 14, "RING_SHORT"),
        (Channel.LIVE_MANUAL, Purpose.TELEMARKETING, 15, ""),
        (Channel.LIVE_PREDICTIVE, Purpose.SURVEY, 5, ""),
        (Channel.SMS, Purpose.TELEMARKETING, 0, ""),
    ],
)
def test_fed_019_ring_time_asked_for(
    channel: Channel, purpose: Purpose, ring_seconds: int, code: str
) -> None:
    given = facts(NOON, channel=channel, purpose=purpose, ring_seconds=ring_seconds)

    assert rings_long_enough(given, POLICY).code == code


def after(seconds: float) -> datetime:
    return at(NOON) + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("name", "ring_started_at", "ended_at", "answered", "too_short"),
    [
        ("FED-019 T1 no answer, cut at 12 s", after(0), after(12), False, True),
        ("FED-019 T2 given up after 18 s of which 6 s were not ringing", after(6), after(18), False, True),
        ("FED-019 T3 no agent free, ringing calls cancelled at 8 s", after(0), after(8), False, True),
        ("15 s are enough", after(0), after(15), False, False),
        ("answered after 3 s", after(0), after(3), True, False),
        ("never rang", None, after(3), False, False),
    ],
)
def test_fed_019_ring_of_a_finished_call(
    name: str, ring_started_at: datetime | None, ended_at: datetime, answered: bool, too_short: bool
) -> None:
    assert rang_too_short(ring_started_at, ended_at, answered, POLICY) is too_short, name
