"""The rule book's test vectors for recorded messages, named by rule id and number."""

from dataclasses import replace

import pytest

from compliance.rules.content import recordings
from compliance.rules.content.problems import blocking
from compliance.rules.content.recordings import Prerecorded, classify_prerecorded
from compliance.rules.content.sounds import CallbackLine, Delivery, MessageKind, OptOutStep, Recording
from compliance.rules.facts import Purpose
from tests.rules.content_making import (
    ABANDONED_SENTENCES,
    GOOD_LINE,
    SALES_SENTENCES,
    SELLER,
    abandoned,
    codes,
    limited,
    numbers,
    sales_voicemail,
)


@pytest.mark.parametrize("recording", [abandoned(), sales_voicemail(), limited()])
def test_content_that_is_right_has_no_problems(recording: Recording) -> None:
    assert recordings.problems(recording, numbers()) == ()


def test_fed_017_t1_a_campaign_without_a_message_does_not_start() -> None:
    (problem,) = recordings.start_problems(None, numbers())

    assert (problem.rule_id, problem.code, problem.needs_review) == ("FED-017", "MSG_MISSING", False)


def test_fed_017_t1_a_campaign_without_callback_number_does_not_start() -> None:
    found = recordings.start_problems(abandoned(callback=CallbackLine()), numbers())

    assert codes(found) == ["CALLBACK_NUMBER"]
    assert "no complete number" in found[0].message


def test_fed_017_a_message_of_another_kind_is_none() -> None:
    assert codes(recordings.start_problems(sales_voicemail(), numbers())) == ["MSG_MISSING"]


def test_fed_017_t2_a_message_that_sells_is_refused() -> None:
    found = recordings.problems(
        abandoned(transcript="Hi, great offer… " + " ".join(ABANDONED_SENTENCES)), numbers()
    )

    assert codes(blocking(found)) == ["CONTENT_EXTRA"]
    assert "“offer”" in found[0].message
    assert found[0].where == "transcript 0-16"


def test_fed_017_t2_the_offer_alone_lacks_everything_else() -> None:
    found = recordings.problems(abandoned(transcript="Hi, great offer…"), numbers())

    assert set(codes(found)) == {
        "PURPOSE_MISSING",
        "NAME_MISSING",
        "CALLBACK_NUMBER",
        "OPT_OUT",
        "CONTENT_EXTRA",
    }


def test_fed_017_a_harmless_sentence_more_is_for_a_person() -> None:
    found = recordings.problems(
        abandoned(transcript=" ".join(ABANDONED_SENTENCES) + " Have a nice day."), numbers()
    )

    assert [(problem.code, problem.needs_review) for problem in found] == [("CONTENT_EXTRA", True)]


@pytest.mark.parametrize(
    ("name", "steps", "expected"),
    [
        ("FED-017 T3 on the list before the line is dropped", (OptOutStep.SUPPRESS, OptOutStep.HANG_UP), []),
        ("the line is dropped first", (OptOutStep.HANG_UP, OptOutStep.SUPPRESS), ["OPT_OUT"]),
        ("nothing is recorded", (OptOutStep.HANG_UP,), ["OPT_OUT"]),
        ("the call goes on", (OptOutStep.SUPPRESS,), ["OPT_OUT"]),
    ],
)
def test_fed_017_t3_the_key_records_before_it_hangs_up(
    name: str, steps: tuple[OptOutStep, ...], expected: list[str]
) -> None:
    assert codes(recordings.problems(abandoned(opt_out_steps=steps), numbers())) == expected, name


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        (
            "FED-017 T4 voicemail only",
            replace(GOOD_LINE, takes_requests_in_business_hours=False),
            "takes do-not-call requests in business hours",
        ),
        ("not kept", replace(GOOD_LINE, kept_for_campaign=False), "stays in service"),
        ("a 900 number", replace(GOOD_LINE, number="+19005550123"), "premium"),
        ("a 976 number", replace(GOOD_LINE, number="+12129765555"), "premium"),
        ("another number than is said", replace(GOOD_LINE, number="+14075550124"), "does not say it"),
    ],
)
def test_fed_017_t4_each_bad_callback_number(name: str, line: CallbackLine, words: str) -> None:
    (problem,) = recordings.problems(abandoned(callback=line), numbers())

    assert problem.code == "CALLBACK_NUMBER", name
    assert words in problem.message


@pytest.mark.parametrize("first_word", [None, 2.0, 5.0, -1.0, float("nan")])
def test_fed_017_a_message_that_begins_late_is_refused(first_word: float | None) -> None:
    assert codes(recordings.problems(abandoned(first_word_at_seconds=first_word), numbers())) == [
        "STARTS_LATE"
    ]


@pytest.mark.parametrize(
    ("name", "seconds", "written_consent", "expected"),
    [
        ("FED-018 T1", 1.8, True, Prerecorded.NOT_ABANDONED),
        ("FED-018 T2", 3.0, True, Prerecorded.ABANDONED),
        ("FED-018 T3 no written consent", 1.8, False, Prerecorded.NOT_ALLOWED),
        ("two seconds are within", 2.0, True, Prerecorded.NOT_ABANDONED),
        ("not measured", None, True, Prerecorded.ABANDONED),
    ],
)
def test_fed_018_how_a_recorded_sales_call_counts(
    name: str, seconds: float | None, written_consent: bool, expected: Prerecorded
) -> None:
    found = classify_prerecorded(seconds, written_consent=written_consent, numbers=numbers())

    assert found is expected, name


@pytest.mark.parametrize(
    ("name", "recording", "expected"),
    [
        ("FED-021 T1 no toll-free opt-out", sales_voicemail(tollfree_opt_out=None), ["TOLLFREE_OPT_OUT"]),
        ("an ordinary number instead", sales_voicemail(tollfree_opt_out=GOOD_LINE), ["TOLLFREE_OPT_OUT"]),
        ("FED-021 T2 at the end of 40 seconds", sales_voicemail(opt_out_at_seconds=36.0), ["OPT_OUT_LATE"]),
        ("TSR-006 T3 after 5 seconds", sales_voicemail(opt_out_at_seconds=7.4), ["OPT_OUT_LATE"]),
        ("two seconds after are within", sales_voicemail(opt_out_at_seconds=4.4), []),
        ("not measured", sales_voicemail(opt_out_at_seconds=None), ["OPT_OUT_LATE"]),
        (
            "FED-029 T3 no consent because of voicemail",
            sales_voicemail(no_consent_because_voicemail=True),
            ["VOICEMAIL_CONSENT"],
        ),
        (
            "FED-028 an artificial voice that does not say so",
            sales_voicemail(artificial_voice=True),
            ["AI_DISCLOSURE"],
        ),
        ("what is sold is not said", sales_voicemail(goods="solar panels"), ["DISCLOSURES"]),
        (
            "named late",
            sales_voicemail(
                transcript="Good day to you and to all your family. " * 2 + " ".join(SALES_SENTENCES)
            ),
            ["NAME_LATE"],
        ),
    ],
)
def test_fed_021_each_defect_of_a_sales_message(name: str, recording: Recording, expected: list[str]) -> None:
    assert codes(recordings.problems(recording, numbers())) == expected, name


def test_tsr_006_t3_the_late_opt_out_is_told_under_its_rule() -> None:
    (problem,) = recordings.problems(sales_voicemail(opt_out_at_seconds=7.4), numbers())

    assert problem.rule_id == "TSR-006"
    assert "5 seconds after" in problem.message


def test_fed_021_t3_information_to_a_mobile_needs_no_key() -> None:
    reminder = Recording(
        kind=MessageKind.ANSWERED,
        purpose=Purpose.INFORMATIONAL,
        transcript=f"This is {SELLER}. Your technician comes tomorrow. Our number is 407-555-0123.",
        business_name=SELLER,
        callback=CallbackLine(number="+14075550123"),
    )

    assert recordings.problems(reminder, numbers()) == ()


def test_fed_021_t3_the_same_to_a_home_without_consent_needs_it() -> None:
    found = recordings.problems(
        replace(sales_voicemail(opt_out_key=""), purpose=Purpose.SURVEY, exempt_residential=True), numbers()
    )

    assert codes(found) == ["OPT_OUT"]


def test_fed_021_t4_a_nickname_is_for_a_person_to_accept() -> None:
    found = recordings.problems(
        abandoned(
            transcript=" ".join(ABANDONED_SENTENCES).replace(SELLER, "Northwind"), trade_names=("Northwind",)
        ),
        numbers(),
    )
    of_sales = recordings.problems(
        sales_voicemail(
            transcript=" ".join(SALES_SENTENCES).replace(SELLER, "Northwind"), trade_names=("Northwind",)
        ),
        numbers(),
    )

    assert ("NAME_NOT_REGISTERED", True) in [(each.code, each.needs_review) for each in found]
    assert [(each.rule_id, each.code, each.needs_review) for each in of_sales] == [
        ("FED-021", "NAME_NOT_REGISTERED", True)
    ]


def test_fed_007_an_offer_in_information_is_two_purposes() -> None:
    """FED-007 T3: a reminder that ends with an offer is telemarketing."""
    reminder = Recording(
        kind=MessageKind.ANSWERED,
        purpose=Purpose.INFORMATIONAL,
        transcript=f"This is {SELLER}, 407-555-0123. Your visit is tomorrow. Ask about our 20 % offer.",
        business_name=SELLER,
        callback=CallbackLine(number="+14075550123"),
    )

    assert codes(recordings.problems(reminder, numbers())) == ["DUAL_PURPOSE"]


def test_regf_004_t1_a_name_that_says_collections_is_refused() -> None:
    given = limited(
        business_name="ABC Collections",
        transcript="This is ABC Collections. This is Sam, please call 800-555-0199.",
    )

    assert codes(recordings.problems(given, numbers())) == ["NAME_REVEALS_DEBT"]


def test_regf_004_t2_the_model_message_passes() -> None:
    assert recordings.problems(limited(), numbers()) == ()


def test_regf_004_t3_it_may_not_be_left_with_a_person() -> None:
    assert codes(recordings.problems(limited(delivery=Delivery.LIVE), numbers())) == ["NOT_VOICEMAIL"]


@pytest.mark.parametrize(
    "extra",
    ["This is an important matter.", "Your account 4455.", "Ask for file 800-555-0777.", "The sky is blue."],
)
def test_regf_004_nothing_else_may_be_said(extra: str) -> None:
    given = limited(transcript=limited().transcript + " " + extra)

    assert "CONTENT_EXTRA" in codes(recordings.problems(given, numbers()))


def test_uk_002_the_number_must_be_free_basic_or_geographic() -> None:
    given = abandoned(country="GB")

    found = recordings.problems(given, numbers())
    right = recordings.problems(
        abandoned(
            country="GB",
            callback=replace(GOOD_LINE, number="+448001234567"),
            transcript=" ".join(ABANDONED_SENTENCES).replace("407-555-0123", "0800 123 4567"),
        ),
        numbers(),
    )

    assert [(each.rule_id, each.code) for each in found] == [("UK-002", "COUNTRY_IDENTITY")]
    assert right == ()


def test_ca_004_purpose_address_and_release_of_the_line_are_wanted() -> None:
    given = sales_voicemail(country="CA")

    (problem,) = recordings.problems(given, numbers())
    right = recordings.problems(
        sales_voicemail(
            country="CA",
            purpose_said="sales call about heat pumps",
            contact_address="help@northwind.example",
            line_released_after_seconds=3.0,
            transcript=" ".join(SALES_SENTENCES) + " Write to help@northwind.example.",
        ),
        numbers(),
    )

    assert problem.rule_id == "CA-004"
    assert "within 10 seconds" in problem.message
    assert right == ()
