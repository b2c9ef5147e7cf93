"""The rule book's test vectors for texts, registration, throughput and carriers' answers, named by rule id and number."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from compliance.rules.content import carrier_answers, opt_ins, registration, segments, texts, throughput
from compliance.rules.content.carrier_answers import Action
from compliance.rules.content.opt_ins import ConsentTier, OptIn
from compliance.rules.content.problems import blocking
from compliance.rules.content.registration import BrandForm, PoolReason, PublicPage, TollFreeForm
from compliance.rules.content.segments import Encoding
from compliance.rules.content.texts import TemplateKind
from compliance.rules.content.throughput import TrafficKind
from compliance.rules.facts import Purpose
from tests.rules.content_making import campaign_form, codes, numbers, template


@pytest.mark.parametrize(
    ("name", "text", "encoding", "parts"),
    [
        ("A2P-012 T1 155 characters and an emoji", "x" * 155 + "🙂", Encoding.UCS_2, 3),
        ("A2P-012 T2 161 GSM-7 characters", "x" * 161, Encoding.GSM_7, 2),
        ("160 are one part", "x" * 160, Encoding.GSM_7, 1),
        ("two parts hold 306", "x" * 306, Encoding.GSM_7, 2),
        ("and no more", "x" * 307, Encoding.GSM_7, 3),
        ("an extension character counts twice", "x" * 159 + "€", Encoding.GSM_7, 2),
        ("and is not split across parts", "x" * 152 + "€" + "x" * 152, Encoding.GSM_7, 3),
        ("70 UCS-2 units are one part", "ж" * 70, Encoding.UCS_2, 1),
        ("71 are two", "ж" * 71, Encoding.UCS_2, 2),
        ("an emoji is not split either", "ж" * 66 + "🙂" + "ж" * 66, Encoding.UCS_2, 3),
        ("accents of GSM-7 cost nothing", "é" * 160, Encoding.GSM_7, 1),
        ("a typographic quote costs much", "“" + "x" * 70, Encoding.UCS_2, 2),
        ("nothing is one part", "", Encoding.GSM_7, 1),
    ],
)
def test_a2p_012_parts(name: str, text: str, encoding: Encoding, parts: int) -> None:
    found = segments.count(text, numbers())

    assert (found.encoding, found.parts) == (encoding, parts), name


def test_a2p_012_t3_eleven_parts_are_too_many() -> None:
    assert codes(segments.length_problems("x" * (153 * 10 + 1), numbers())) == ["TOO_LONG"]
    assert segments.length_problems("x" * 153 * 10, numbers()) == ()


OPT_IN = "Acme: you're signed up for visit texts. 4 msgs per month. Msg & data rates may apply. Reply HELP for help, STOP to opt out."


@pytest.mark.parametrize(
    ("name", "body", "changes", "expected"),
    [
        ("FED-012 T3 the only way", "Acme: hi. Reply STOP is the only way to opt out.", {}, ["EXCLUSIVE_OPT_OUT"]),
        ("no replies and no other way", "Acme: see you at 9.", {"replies_possible": False}, ["NO_REPLY_ALTERNATIVE"]),
        (
            "no replies, said so, with another way",
            "Acme: see you at 9. We cannot receive replies. To opt out call 407-555-0123.",
            {"replies_possible": False, "other_opt_out": "+14075550123"},
            [],
        ),
        ("A2P-006 T3 reply 2", "Acme: hi. Reply 2 to unsubscribe.", {}, ["WRONG_KEYWORD"]),
        ("reply STOP", "Acme: hi. Reply STOP to unsubscribe.", {}, []),
        ("reply OPT OUT", "Acme: hi. Reply OPT OUT to unsubscribe.", {}, []),
        ("help and stop in one sentence", "Acme: hi. Reply HELP for help or STOP to end.", {}, []),
        ("A2P-010 T1 CBD gummies", "Acme: CBD gummies are back.", {}, ["CONTENT_REFUSE"]),
        ("A2P-010 T2 wine club, no age gate", "Acme: wine club tasting on Friday.", {}, ["CONTENT_AGE_GATE"]),
        ("A2P-010 T2 wine club behind the gate", "Acme: wine club tasting on Friday.", {"age_gated": True}, []),
        ("A2P-010 T3 a collections agency", "Acme: please call us. Reply STOP to opt out.", {"debt_collector": True}, ["CONTENT_REVIEW"]),
        ("a word inside another is none", "Acme: Begin your engines, Sussex. Swine show.", {}, []),
        ("A2P-011 T1 bit.ly", "Acme: see bit.ly/3xYz", {}, ["PUBLIC_SHORTENER"]),
        ("a shortener's own subdomain", "Acme: see https://go.bit.ly/3xYz.", {}, ["PUBLIC_SHORTENER"]),
        ("an own domain that ends alike", "Acme: see https://orbit.ly/a", {}, []),
        ("spintax", "Acme: {hi|hello} there.", {}, ["SPINTAX"]),
        ("REGF-005 T1 no opt-out line", "Acme: please call us about your visit.", {"purpose": Purpose.DEBT}, ["OPT_OUT_MISSING"]),
        ("with it", "Acme: please call us. Reply STOP to opt out.", {"purpose": Purpose.DEBT}, []),
        ("nobody says who sends it", "See you at 9.", {}, ["BRAND_MISSING"]),
        ("the model opt-in", OPT_IN, {"kind": TemplateKind.OPT_IN}, []),
        ("the model opt-out", "Acme: you are unsubscribed and will receive no more messages.", {"kind": TemplateKind.OPT_OUT}, []),
        (
            "the model help",
            "Acme: help at help@acme.example. Reply STOP to opt out.",
            {"kind": TemplateKind.HELP, "help_contact": "help@acme.example"},
            [],
        ),
        (
            "an opt-in that says nothing",
            "Thanks!",
            {"kind": TemplateKind.OPT_IN},
            ["BRAND_MISSING", "FREQUENCY_MISSING", "RATES_MISSING", "HELP_MISSING", "STOP_MISSING"],
        ),
    ],
)  # fmt: skip
def test_each_template(name: str, body: str, changes: dict[str, Any], expected: list[str]) -> None:
    assert codes(texts.problems(template(body, **changes), numbers())) == expected, name


def test_a2p_010_t3_is_for_a_person_to_accept() -> None:
    found = texts.problems(template("Acme: call us. Reply STOP to opt out.", debt_collector=True), numbers())

    assert blocking(found) == ()


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        ("all in order", {}, []),
        (
            "A2P-005 T1 the privacy page is not found",
            {"privacy": replace(campaign_form().privacy, status=404)},
            ["PAGE_NOT_PUBLIC"],
        ),
        (
            "the page asks to sign in",
            {"terms": replace(campaign_form().terms, needs_login=True)},
            ["PAGE_NOT_PUBLIC"],
        ),
        (
            "A2P-005 T2 no sample has a link",
            {"samples": ("Acme: call 407-555-0123.", "Acme: at 9. Reply STOP to opt out.")},
            ["SAMPLES_MISMATCH"],
        ),
        ("a link nobody declared", {"has_links": False}, ["SAMPLES_MISMATCH"]),
        ("one sample", {"samples": campaign_form().samples[:1], "has_phone_numbers": False}, ["SAMPLES"]),
        ("description too short", {"description": "Texts."}, ["LENGTH"]),
        ("description of 40", {"description": "x" * 40}, []),
        ("description of 4,097", {"description": "x" * 4097}, ["LENGTH"]),
        ("message flow of 2,049", {"message_flow": "x" * 2049}, ["LENGTH"]),
        ("the help reply names nobody", {"help_reply": "Help at 407-555-0123."}, ["REPLY_BRAND"]),
    ],
)
def test_a2p_005_each_registration(name: str, changes: dict[str, Any], expected: list[str]) -> None:
    assert codes(registration.campaign_problems(campaign_form(**changes), numbers())) == expected, name


def test_a2p_005_t3_a_required_box_is_declined() -> None:
    box = campaign_form().box
    assert box is not None

    (problem,) = registration.campaign_problems(campaign_form(box=replace(box, optional=False)), numbers())

    assert problem.code == "OPT_IN_BOX"
    assert "without it" in problem.message


def test_a2p_005_t4_not_sold_does_not_say_not_shared() -> None:
    privacy = replace(campaign_form().privacy, text="Your mobile number is not sold.")

    assert codes(registration.campaign_problems(campaign_form(privacy=privacy), numbers())) == [
        "SHARING_NOT_EXCLUDED"
    ]


BRAND = BrandForm(legal_name="Acme, LLC", irs_name="Acme, LLC", ein="12-3456789", platform_ein="98-7654321")


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        ("all in order", {}, []),
        ("A2P-002 T1 not the tax office's name", {"irs_name": "Acme Holdings, LLC"}, ["NAME_MISMATCH"]),
        ("no letter at hand", {"irs_name": ""}, ["NAME_MISMATCH"]),
        (
            "A2P-002 T2 the platform's number for a client",
            {"for_client": True, "ein": "987654321"},
            ["WRONG_EIN"],
        ),
        ("A2P-002 T3 public without Auth+", {"is_public": True}, ["AUTH_PLUS"]),
        ("public with Auth+", {"is_public": True, "auth_plus_passed": True}, []),
        ("political without token", {"is_political": True}, ["POLITICAL_TOKEN"]),
    ],
)
def test_a2p_002_each_brand(name: str, changes: dict[str, Any], expected: list[str]) -> None:
    assert codes(registration.brand_problems(replace(BRAND, **changes), numbers())) == expected, name


def test_a2p_002_t3_auth_plus_binds_from_august_2025() -> None:
    public = replace(BRAND, is_public=True)

    assert registration.brand_problems(public, numbers(date(2025, 7, 31))) == ()
    assert codes(registration.brand_problems(public, numbers(date(2025, 8, 1)))) == ["AUTH_PLUS"]


TOLL_FREE = TollFreeForm(
    business_registration_number="12-3456789",
    registration_country="US",
    entity_type="private",
    privacy_url="https://acme.example/privacy",
    terms_url="https://acme.example/terms",
)


@pytest.mark.parametrize(
    ("name", "changes", "on", "expected"),
    [
        ("all in order", {}, date(2026, 11, 21), []),
        (
            "A2P-007 T3 no registration number",
            {"business_registration_number": ""},
            date(2026, 11, 21),
            ["REGISTRATION_NUMBER"],
        ),
        ("before 2026 it was not asked", {"business_registration_number": ""}, date(2025, 12, 31), []),
        ("A2P-007 T2 political, no token", {"is_political": True}, date(2026, 2, 17), ["POLITICAL_TOKEN"]),
        ("the day before", {"is_political": True}, date(2026, 2, 16), []),
        ("no privacy address", {"privacy_url": ""}, date(2026, 9, 15), ["POLICY_URL"]),
    ],
)
def test_a2p_007_each_toll_free_form(
    name: str, changes: dict[str, Any], on: date, expected: list[str]
) -> None:
    assert codes(registration.tollfree_problems(replace(TOLL_FREE, **changes), numbers(on))) == expected, name


@pytest.mark.parametrize(
    ("name", "current", "added", "reason", "expected"),
    [
        ("A2P-011 T2 twenty more for speed", 5, 20, PoolReason.THROUGHPUT, ["NUMBER_ROTATION"]),
        ("for blocked ones", 5, 1, PoolReason.REPLACE_BLOCKED, ["NUMBER_ROTATION"]),
        ("for a new office", 48, 1, PoolReason.LOCAL_OFFICES, []),
        ("over 49", 49, 1, PoolReason.LOCAL_OFFICES, ["TOO_MANY_NUMBERS"]),
    ],
)
def test_a2p_011_adding_numbers(
    name: str, current: int, added: int, reason: PoolReason, expected: list[str]
) -> None:
    assert codes(registration.pool_problems(current, added, reason, numbers())) == expected, name


@pytest.mark.parametrize(
    ("score", "kind", "sms", "mms"),
    [
        (100, TrafficKind.STANDARD, 4500, 2400),
        (75, TrafficKind.STANDARD, 4500, 2400),
        (74, TrafficKind.STANDARD, 2400, 1200),
        (49, TrafficKind.STANDARD, 240, 150),
        (0, TrafficKind.STANDARD, 75, 50),
        (None, TrafficKind.STANDARD, 75, 50),
        (101, TrafficKind.STANDARD, 75, 50),
        (90, TrafficKind.LOW_VOLUME, 75, 50),
        (90, TrafficKind.SOLE_PROPRIETOR, 15, 50),
        (None, TrafficKind.SOCIAL, 9000, 2400),
        (None, TrafficKind.POLITICAL, 4500, 2400),
        (None, TrafficKind.CHARITY, 2400, 1200),
        (None, TrafficKind.PROXY, 60, 50),
    ],
)
def test_a2p_003_parts_per_minute(score: int | None, kind: TrafficKind, sms: int, mms: int) -> None:
    assert throughput.parts_per_minute(score, kind, numbers=numbers()) == sms
    assert throughput.parts_per_minute(score, kind, numbers=numbers(), mms=True) == mms


@pytest.mark.parametrize(
    ("score", "kind", "cap"),
    [
        (75, TrafficKind.STANDARD, 200_000),
        (50, TrafficKind.STANDARD, 40_000),
        (30, TrafficKind.STANDARD, 10_000),
        (1, TrafficKind.STANDARD, 2_000),
        (None, TrafficKind.STANDARD, 2_000),
        (-5, TrafficKind.STANDARD, 2_000),
        (None, TrafficKind.SOLE_PROPRIETOR, 1_000),
        (None, TrafficKind.RUSSELL_3000, 200_000),
    ],
)
def test_a2p_004_daily_cap(score: int | None, kind: TrafficKind, cap: int) -> None:
    assert throughput.daily_cap(score, kind, numbers=numbers()) == cap


AFTERNOON = datetime(2026, 11, 21, 20, tzinfo=UTC)
MIDNIGHT_PACIFIC = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "sent", "parts", "until"),
    [
        ("A2P-004 T1 the 10,001st part", {"twilio": 10_000}, 1, MIDNIGHT_PACIFIC),
        ("the 10,000th", {"twilio": 9_999}, 1, None),
        ("A2P-004 T2 two providers share the count", {"twilio": 6_000, "telnyx": 4_000}, 1, MIDNIGHT_PACIFIC),
        ("A2P-004 T3 three parts count three", {"twilio": 9_998}, 3, MIDNIGHT_PACIFIC),
        ("three parts that fit", {"twilio": 9_997}, 3, None),
    ],
)
def test_a2p_004_what_is_over_the_cap_waits(
    name: str, sent: dict[str, int], parts: int, until: datetime | None
) -> None:
    cap = throughput.daily_cap(30, numbers=numbers())

    found = throughput.queued_until(sent, parts, cap=cap, at=AFTERNOON, numbers=numbers())

    assert found == until, name


def test_a2p_004_t3_a_text_of_three_parts_counts_three_on_att() -> None:
    assert segments.count("x" * 307, numbers()).parts == 3


@pytest.mark.parametrize(
    ("at", "reset"),
    [
        ("2026-11-22T07:59:59", "2026-11-22T08:00:00"),
        ("2026-11-22T08:00:00", "2026-11-23T08:00:00"),
        ("2026-03-08T08:00:00", "2026-03-09T07:00:00"),  # the day of 23 hours
        ("2026-11-01T07:00:00", "2026-11-02T08:00:00"),  # the day of 25
    ],
)
def test_a2p_004_the_reset_is_at_midnight_pacific(at: str, reset: str) -> None:
    found = throughput.next_reset(datetime.fromisoformat(at).replace(tzinfo=UTC), numbers())

    assert found == datetime.fromisoformat(reset).replace(tzinfo=UTC)


def test_a2p_004_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        throughput.next_reset(datetime.fromisoformat("2026-11-22T00:00:00"), numbers())


@pytest.mark.parametrize(
    ("name", "filtered", "sent", "pauses"),
    [
        ("A2P-008 T1 three per cent", 30, 1_000, True),
        ("one per cent exactly", 10, 1_000, False),
        ("just over", 11, 1_000, True),
        ("nothing sent", 0, 0, False),
        ("the counts do not fit", 1, 0, True),
    ],
)
def test_a2p_008_t1_filtering_pauses_the_campaign(name: str, filtered: int, sent: int, pauses: bool) -> None:
    assert bool(carrier_answers.filtering_problems(filtered, sent, numbers())) is pauses, name


@pytest.mark.parametrize(
    ("name", "provider", "code", "action", "retries"),
    [
        ("A2P-008 T2 opted out at the carrier", "twilio", "21610", Action.SUPPRESS, 0),
        ("its twin", "Telnyx", "40300", Action.SUPPRESS, 0),
        ("A2P-008 T3 not registered", "twilio", "30034", Action.BLOCK_CAMPAIGN, 0),
        ("unreachable", "twilio", "30003", Action.RETRY, 2),
        ("filtered", "telnyx", "40322", Action.WATCH_FILTERING, 0),
        ("daily cap", "twilio", "30023", Action.QUEUE_UNTIL_RESET, 0),
        ("CID-004 rejected by analytics", "sip", "608", Action.REPUTATION, 0),
        ("never seen", "twilio", "99999", Action.REVIEW, 0),
    ],
)
def test_a2p_008_each_answer(name: str, provider: str, code: str, action: Action, retries: int) -> None:
    found = carrier_answers.answer_for(provider, code, numbers())

    assert (found.action, found.retries) == (action, retries), name


@pytest.mark.parametrize(
    ("name", "opt_in", "needs", "deactivated", "expected"),
    [
        (
            "A2P-009 T1 a question is no consent to promotion",
            OptIn(number="+14075550123", brand="Acme", tier=ConsentTier.CONVERSATIONAL),
            ConsentTier.PROMOTIONAL,
            (),
            ["CONSENT_TIER"],
        ),
        (
            "A2P-009 T2 another brand's opt-in",
            OptIn(number="+14075550123", brand="Bolt", tier=ConsentTier.PROMOTIONAL),
            ConsentTier.PROMOTIONAL,
            (),
            ["OTHER_BRAND"],
        ),
        (
            "A2P-009 T3 deactivated today",
            OptIn(number="+14075550123", brand="Acme", tier=ConsentTier.PROMOTIONAL),
            ConsentTier.PROMOTIONAL,
            ("+14075550123",),
            ["DEACTIVATED"],
        ),
        (
            "written consent covers an answer",
            OptIn(number="+14075550123", brand="ACME", tier=ConsentTier.PROMOTIONAL),
            ConsentTier.CONVERSATIONAL,
            (),
            [],
        ),
    ],
)
def test_a2p_009_each_opt_in(
    name: str, opt_in: OptIn, needs: ConsentTier, deactivated: tuple[str, ...], expected: list[str]
) -> None:
    found = opt_ins.opt_in_problems(opt_in, needs=needs, brand="Acme", deactivated=deactivated)

    assert codes(found) == expected, name


def test_an_unread_page_is_not_taken_for_a_good_one() -> None:
    found = registration.campaign_problems(campaign_form(privacy=PublicPage()), numbers())

    assert codes(found) == ["PAGE_NOT_PUBLIC", "SHARING_NOT_EXCLUDED"]


def test_the_reset_is_never_more_than_25_hours_away() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)

    waits = [
        throughput.next_reset(at, numbers()) - at
        for at in (start + timedelta(hours=n) for n in range(24 * 366))
    ]

    assert all(timedelta(0) < wait <= timedelta(hours=25) for wait in waits)
