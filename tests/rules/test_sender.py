"""Text senders: A2P-001, A2P-004, A2P-007, A2P-010, A2P-012 as far as a single send is concerned."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from compliance.rules.engine import RULES, decide
from compliance.rules.facts import Channel, ContactFacts, MessageFacts, Purpose, SenderFacts
from compliance.rules.sender import (
    SENDER_RULES,
    registered_sender,
    sendable_purpose,
    shares_cap,
    short_enough,
    within_carrier_cap,
)
from tests.rules.making import ask, at, facts

NOON = "2026-11-23T17:00:00Z"
LONG_CODE = SenderFacts(
    kind="long_code",
    brand_approved=True,
    campaign_approved=True,
    attached=True,
    in_pool=True,
    use_case="marketing",
    daily_cap=10_000,  # vetting score 30
)
TOLL_FREE = SenderFacts(kind="toll_free", toll_free_verified=True, use_case="marketing")


def text(sender: SenderFacts, instant: str = NOON, **changes: Any) -> ContactFacts:
    """Return the facts of a marketing text."""
    return facts(instant, **{"channel": Channel.SMS, "sender": sender, **changes})


@pytest.mark.parametrize(
    ("name", "given", "rule_id", "code"),
    [
        ("A2P-001 T1 pending", text(replace(LONG_CODE, campaign_approved=False)), "A2P-001", "A2P_UNREG"),
        ("A2P-001 T2 not in the pool", text(replace(LONG_CODE, in_pool=False)), "A2P-001", "A2P_UNREG"),
        ("A2P-001 T3", text(replace(LONG_CODE, use_case="customer_care")), "A2P-001", "A2P_UNREG"),
        ("A2P-007 T1", text(replace(TOLL_FREE, toll_free_verified=False)), "A2P-001", "A2P_UNREG"),
        ("A2P-007 T2", text(TOLL_FREE, purpose=Purpose.POLITICAL), "A2P-007", "A2P_UNREG"),
        (
            "FED-034 political texts need the token on long codes too",
            text(LONG_CODE, purpose=Purpose.POLITICAL),
            "A2P-007",
            "A2P_UNREG",
        ),
        (
            "with the token",
            text(replace(TOLL_FREE, political_token=True), purpose=Purpose.POLITICAL),
            "A2P-001",
            "",
        ),
        ("all in order", text(LONG_CODE), "A2P-001", ""),
        ("mixed use covers marketing", text(replace(LONG_CODE, use_case="mixed")), "A2P-001", ""),
        ("brand not approved", text(replace(LONG_CODE, brand_approved=False)), "A2P-001", "A2P_UNREG"),
        ("number not attached", text(replace(LONG_CODE, attached=False)), "A2P-001", "A2P_UNREG"),
        (
            "a care message on a care campaign",
            text(replace(LONG_CODE, use_case="customer_care"), purpose=Purpose.INFORMATIONAL),
            "A2P-001",
            "",
        ),
        (
            "a marketing body under another name",
            text(
                replace(LONG_CODE, use_case="customer_care"),
                purpose=Purpose.INFORMATIONAL,
                message=MessageFacts(ref="asset:1", marketing=True),
            ),
            "A2P-001",
            "A2P_UNREG",
        ),
        ("verified toll-free", text(TOLL_FREE), "A2P-001", ""),
        ("use case not known", text(replace(TOLL_FREE, use_case="")), "A2P-001", "A2P_UNREG"),
        (
            "a short code with its campaign",
            text(SenderFacts(kind="short_code", campaign_approved=True, use_case="marketing")),
            "A2P-001",
            "",
        ),
        ("a short code without", text(SenderFacts(kind="short_code")), "A2P-001", "A2P_UNREG"),
        ("nothing is known", text(SenderFacts()), "A2P-001", "A2P_UNREG"),
        ("a kind nobody knows", text(replace(LONG_CODE, kind="pager")), "A2P-001", "A2P_UNREG"),
        ("picture messages too", text(SenderFacts(), channel=Channel.MMS), "A2P-001", "A2P_UNREG"),
    ],
)
def test_registration_of_the_sender(name: str, given: ContactFacts, rule_id: str, code: str) -> None:
    verdict = ask(registered_sender, given)

    assert (verdict.rule_id, verdict.code) == (rule_id, code), name


@pytest.mark.parametrize(
    ("name", "sender", "parts", "code"),
    [
        ("A2P-004 T1 the 10,001st part", replace(LONG_CODE, parts_today=10_000), 1, "A2P_CAP"),
        ("A2P-004 T1 the 10,000th", replace(LONG_CODE, parts_today=9_999), 1, ""),
        (
            "A2P-004 T2 the counter is the brand's: parts sent through another provider are in it",
            replace(LONG_CODE, parts_today=10_000),
            1,
            "A2P_CAP",
        ),
        ("A2P-004 T3 three parts are three", replace(LONG_CODE, parts_today=9_998), 3, "A2P_CAP"),
        ("A2P-004 T3 and fit where three are left", replace(LONG_CODE, parts_today=9_997), 3, ""),
        ("a cap nobody knows", replace(LONG_CODE, daily_cap=None), 1, "A2P_CAP"),
        ("a message of no parts is one", replace(LONG_CODE, parts_today=10_000), 0, "A2P_CAP"),
    ],
)
def test_daily_cap(name: str, sender: SenderFacts, parts: int, code: str) -> None:
    given = text(sender, message=MessageFacts(ref="asset:1", parts=parts))

    assert ask(within_carrier_cap, given).code == code, name


@pytest.mark.parametrize(
    ("instant", "midnight"),
    [
        ("2026-11-23T17:00:00Z", "2026-11-24T08:00:00Z"),
        ("2026-11-24T07:59:59Z", "2026-11-24T08:00:00Z"),
        ("2026-11-24T08:00:00Z", "2026-11-25T08:00:00Z"),
        ("2026-11-01T06:59:59Z", "2026-11-01T07:00:00Z"),  # the night clocks go back
        ("2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z"),  # a day of 25 hours
        ("2027-03-14T17:00:00Z", "2027-03-15T07:00:00Z"),  # a day of 23
    ],
)
def test_a2p_004_t1_waits_for_midnight_pacific_time(instant: str, midnight: str) -> None:
    verdict = ask(within_carrier_cap, text(replace(LONG_CODE, parts_today=10_000), instant))

    assert verdict.waits
    assert verdict.retry_at == at(midnight)
    assert at(midnight) - at(instant) <= timedelta(hours=25)


def test_a_text_larger_than_the_whole_cap_does_not_wait() -> None:
    given = text(replace(LONG_CODE, daily_cap=2), message=MessageFacts(ref="asset:1", parts=3))

    assert not ask(within_carrier_cap, given).waits


@pytest.mark.parametrize(
    ("brand", "kind", "shared"),
    [
        ("123456789", "long_code", True),
        ("", "long_code", True),
        ("987654321", "long_code", False),
        ("123456789", "toll_free", False),
    ],
)
def test_a2p_004_t2_senders_of_one_brand_and_of_no_known_brand_share_the_cap(
    brand: str, kind: str, shared: bool
) -> None:
    mine = replace(LONG_CODE, brand="123456789")
    other = replace(LONG_CODE, brand=brand, kind=kind)

    assert shares_cap(mine, other) is shares_cap(other, mine) is shared
    assert shares_cap(replace(mine, brand=""), other) is (kind == "long_code")


@pytest.mark.parametrize("kind", ["toll_free", "short_code"])
def test_a2p_004_the_cap_is_on_ten_digit_numbers(kind: str) -> None:
    assert not ask(within_carrier_cap, text(SenderFacts(kind=kind))).applies


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.MMS])
def test_a2p_010_t3_collecting_debts_by_text_is_for_a_supervisor(channel: Channel) -> None:
    verdict = ask(sendable_purpose, text(LONG_CODE, channel=channel, purpose=Purpose.DEBT))

    assert (verdict.code, verdict.needs_review) == ("CHANNEL_BARRED", True)


@pytest.mark.parametrize(("parts", "code"), [(10, ""), (11, "MSG_MISSING")])
def test_a2p_012_t3_eleven_parts_are_too_many(parts: int, code: str) -> None:
    given = text(LONG_CODE, message=MessageFacts(ref="asset:1", parts=parts))

    assert ask(short_enough, given).code == code


@pytest.mark.parametrize("channel", [each for each in Channel if each not in (Channel.SMS, Channel.MMS)])
def test_calls_need_no_text_sender(channel: Channel) -> None:
    given = facts(NOON, channel=channel)

    assert not any(ask(rule, given).applies for rule in SENDER_RULES)


def test_the_gate_asks_them_all() -> None:
    decision = decide(text(SenderFacts(), message=MessageFacts(ref="asset:1", parts=11)))

    assert set(SENDER_RULES) <= set(RULES)
    assert {"A2P_UNREG", "A2P_CAP", "MSG_MISSING"} <= {verdict.code for verdict in decision.verdicts}
