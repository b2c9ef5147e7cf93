"""What a message declares, before the judge: the standard text has no problem, and every fact it lacks is found."""

from dataclasses import replace
from datetime import date

import pytest

from campaigns.recordings import standard
from campaigns.recordings.declared import Declared, offers_tollfree, read_seconds
from campaigns.recordings.judging import judge
from compliance.rules.content import packaged
from compliance.rules.content.sounds import MessageKind
from compliance.rules.facts import Purpose

TODAY = date(2026, 11, 23)
SALES_VOICEMAIL = Declared(
    purpose=Purpose.TELEMARKETING,
    transcript="Hello, this is Northwind Home Energy. To be placed on our do not call list, press 9. This is a sales call about heat "
    "pumps. Our number is (407) 555-0123. You can opt out at 800 555 0199.",
    business_name="Northwind Home Energy",
    goods="heat pumps",
    callback_number="+14075550123",
    callback_takes_requests=True,
    callback_is_kept=True,
    tollfree_number="+18005550199",
    tollfree_opts_out=True,
    opt_out_key="9",
    identity_ends_at=2.4,
    opt_out_at=2.8,
)


def codes(kind: MessageKind, declared: Declared, first_sound_at: float | None = 0.1) -> list[str]:
    found = judge(kind, declared, first_sound_at=first_sound_at, on=TODAY)
    return [problem.code for problem in found.problems]


@pytest.mark.parametrize("purpose", [purpose for purpose in Purpose if purpose is not Purpose.DEBT])
@pytest.mark.parametrize("seller", ["Northwind Home Energy", "Acme, Inc.", "José & Søn Straße GmbH"])
def test_the_standard_text_of_any_seller_has_no_problem(purpose: Purpose, seller: str) -> None:
    text = standard.abandoned(
        seller=seller, number="+13125550100", purpose=purpose, takes_requests=True, is_kept=True
    )

    assert codes(MessageKind.ABANDONED, text, None) == []


def test_only_sales_say_that_they_are() -> None:
    sales = standard.abandoned_text(seller="Acme", number="+13125550100", is_sales=True)
    other = standard.abandoned_text(seller="Acme", number="+13125550100", is_sales=False)

    assert "telemarketing purposes" in sales
    assert "telemarketing" not in other
    assert not standard.has_standard(Purpose.DEBT)


@pytest.mark.parametrize("fact", ["takes_requests", "is_kept"])
def test_fed_017_t4_the_standard_text_needs_a_number_that_was_tested(fact: str) -> None:
    known = {"takes_requests": True, "is_kept": True, fact: False}

    text = standard.abandoned(seller="Acme", number="+13125550100", purpose=Purpose.TELEMARKETING, **known)

    assert codes(MessageKind.ABANDONED, text, None) == ["CALLBACK_NUMBER"]


def test_a_recorded_sales_voicemail_that_has_everything_has_no_problem() -> None:
    assert codes(MessageKind.VOICEMAIL, SALES_VOICEMAIL) == []


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        ("FED-021 T1", {"tollfree_number": ""}, ["TOLLFREE_OPT_OUT"]),
        ("FED-021 T1, nobody called it", {"tollfree_opts_out": False}, ["TOLLFREE_OPT_OUT"]),
        ("FED-021 T2", {"opt_out_at": 38.0}, ["OPT_OUT_LATE"]),
        ("nobody noted the times", {"identity_ends_at": None, "opt_out_at": None}, ["OPT_OUT_LATE"]),
        ("FED-021 T4", {"business_name": "Northwind Home Energy of Delaware, LLC"}, ["NAME_MISSING"]),
        ("FED-028", {"artificial_voice": True}, ["AI_DISCLOSURE"]),
        ("no key", {"opt_out_key": ""}, ["OPT_OUT"]),
        ("another key than is said", {"opt_out_key": "7"}, ["OPT_OUT"]),
        ("nobody tested the line", {"callback_takes_requests": False}, ["CALLBACK_NUMBER"]),
        ("not said what is sold", {"goods": "windows"}, ["DISCLOSURES"]),
    ],
)  # fmt: skip
def test_each_fact_a_voicemail_lacks_is_found(
    name: str, changes: dict[str, object], expected: list[str]
) -> None:
    assert codes(MessageKind.VOICEMAIL, replace(SALES_VOICEMAIL, **changes)) == expected, name  # type: ignore[arg-type]


def test_a_text_that_is_read_needs_no_times_but_must_say_that_no_person_speaks() -> None:
    read = replace(SALES_VOICEMAIL, identity_ends_at=None, opt_out_at=None)
    disclosed = replace(read, transcript=read.transcript + " This is an automated voice.")

    assert codes(MessageKind.VOICEMAIL, read, None) == ["AI_DISCLOSURE"]
    assert codes(MessageKind.VOICEMAIL, disclosed, None) == []


def test_a_text_that_offers_the_opt_out_late_is_found_by_its_words() -> None:
    late = replace(
        SALES_VOICEMAIL,
        transcript="Hello, this is Northwind Home Energy. This is a sales call about heat pumps and how they warm a house. Our number "
        "is (407) 555-0123. To be placed on our do not call list, press 9. You can opt out at 800 555 0199. An automated voice.",
    )

    assert codes(MessageKind.VOICEMAIL, late, None) == ["OPT_OUT_LATE"]


def test_fed_017_t2_a_recording_that_begins_late_or_sells_is_found() -> None:
    text = standard.abandoned(
        seller="Acme", number="+13125550100", purpose=Purpose.TELEMARKETING, takes_requests=True, is_kept=True
    )

    assert codes(MessageKind.ABANDONED, text, 2.5) == ["STARTS_LATE"]
    assert "CONTENT_EXTRA" in codes(
        MessageKind.ABANDONED, replace(text, transcript="Hi, great offer… " + text.transcript)
    )


def test_regf_004_t2_a_limited_content_message_is_judged_as_one() -> None:
    limited = Declared(
        purpose=Purpose.DEBT,
        transcript="Hi Jane, this is Sam from ABC Services, please call 800-555-0199.",
        business_name="ABC Services",
        contact_name="Sam",
        callback_number="+18005550199",
    )

    assert codes(MessageKind.LIMITED_CONTENT, limited) == []
    assert codes(MessageKind.LIMITED_CONTENT, replace(limited, contact_name="")) == ["CONTACT_NAME_MISSING"]


def test_the_toll_free_number_counts_when_it_is_said_and_reaches_the_opt_out() -> None:
    numbers = packaged.in_force(TODAY)

    assert offers_tollfree(SALES_VOICEMAIL, numbers)
    assert not offers_tollfree(replace(SALES_VOICEMAIL, tollfree_opts_out=False), numbers)
    assert not offers_tollfree(replace(SALES_VOICEMAIL, tollfree_number="+14075550199"), numbers)
    assert not offers_tollfree(replace(SALES_VOICEMAIL, tollfree_number="+18005550188"), numbers)
    assert not offers_tollfree(replace(SALES_VOICEMAIL, tollfree_number=""), numbers)


def test_a_text_lasts_as_long_as_a_slow_voice_needs() -> None:
    assert read_seconds("one two three four") == 2.0
    assert read_seconds("call (312) 555-0100") == 6.5
