"""Canada: the vectors of section 9.3, and where Canadian numbers may be (TZ-005)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from compliance.rules import canada, places
from compliance.rules.decision import Decision, Outcome
from compliance.rules.engine import decide
from compliance.rules.facts import (
    AbandonmentFacts,
    CampaignFacts,
    CampaignWindow,
    Channel,
    ConsentFact,
    ConsentKind,
    ContactFacts,
    Evidence,
    EvidenceKind,
    LineType,
    Purpose,
    RegistryFacts,
    RegistryListing,
    SuppressionFact,
    SuppressionScope,
)
from tests.rules.making import SELLER, ask, at, attempt, facts, law

TORONTO = "+14165550123"
FRIDAY_NOON = "2026-11-20T17:00:00Z"


def dncl(as_of: date, *, listed: bool = False) -> RegistryFacts:
    """Return a copy of the National DNCL alone."""
    copy = (RegistryListing(name=canada.DNCL, as_of=as_of),)
    return RegistryFacts(own_lists=copy, listings=copy if listed else ())


def call(instant: str, **changes: Any) -> ContactFacts:
    """Return the facts of a sales call to a landline in Toronto, with a fresh copy of the DNCL and nothing American."""
    values: dict[str, Any] = {
        "number": TORONTO,
        "registry": dncl(at(instant).date()),
        "registrations": (),
        "caller_id": TORONTO,
        **changes,
    }
    return facts(instant, **values)


def judge(given: ContactFacts, jurisdictions: str = "us,ca") -> Decision:
    """Return the gate's decision in a house that calls Canada."""
    return decide(given, law(given.at, jurisdictions=jurisdictions))


def consent(**changes: Any) -> ConsentFact:
    """Return an express consent to this seller."""
    values: dict[str, Any] = {
        "ref": "consent:1",
        "kind": ConsentKind.PEC,
        "number": TORONTO,
        "sellers": frozenset({SELLER}),
        "obtained_by": SELLER,
        "given_at": at("2026-10-01T12:00:00Z"),
    }
    return ConsentFact(**{**values, **changes})


def test_ca_001_t1_saturday_half_past_six_in_toronto_is_too_late() -> None:
    decision = judge(call("2026-11-21T23:30:00Z"))

    assert decision.code == "HOURS_FED"
    assert decision.sentence.startswith(
        "Not called: 18:30 on Saturday in area code 416, Canada allows 10:00–18:00 that day"
    )


def test_ca_002_t2_more_than_five_percent_abandoned_in_the_month_stops_predictive_calls() -> None:
    def in_october(abandoned: int) -> ContactFacts:
        counts = AbandonmentFacts(month_live=1000, month_abandoned=abandoned)
        return call(
            "2026-10-20T16:00:00Z",
            channel=Channel.LIVE_PREDICTIVE,
            campaign=CampaignFacts(abandonment=counts),
        )

    over, at_the_limit = ask(canada.abandonment, in_october(51)), ask(canada.abandonment, in_october(50))

    assert over.code == "ABANDON_CAP"
    assert over.retry_at == at("2026-11-01T07:00:00Z")  # midnight in Vancouver
    assert at_the_limit.outcome is Outcome.ALLOW
    assert not ask(canada.abandonment, replace(in_october(51), channel=Channel.LIVE_PREVIEW)).applies


def test_ca_003_t3_a_request_of_1_november_stops_a_call_on_16_november() -> None:
    request = SuppressionFact(
        seller=SELLER,
        scope=SuppressionScope.SELLER,
        reason="asked",
        heard_on="phone",
        at=at("2026-11-01T15:00:00Z"),
    )

    assert judge(call("2026-11-16T16:00:00Z", suppressions=(request,))).code == "DNC_INTERNAL"
    assert judge(call("2026-11-01T15:00:01Z", suppressions=(request,))).code == "DNC_INTERNAL"


def test_ca_005_t4_a_live_survey_at_eight_on_a_weekday_is_allowed() -> None:
    survey = call("2026-11-21T01:00:00Z", purpose=Purpose.SURVEY, registry=RegistryFacts())  # Friday

    assert judge(survey).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    ("name", "instant", "code"),
    [
        ("Friday 09:00", "2026-11-20T14:00:00Z", ""),
        ("a second before", "2026-11-20T13:59:59Z", "HOURS_FED"),
        ("Friday 21:29:04, rings out in time", "2026-11-21T02:29:04Z", ""),
        ("Friday 21:29:05 could ring past", "2026-11-21T02:29:05Z", "HOURS_FED"),
        ("Saturday 10:00", "2026-11-21T15:00:00Z", ""),
        ("Saturday 09:59", "2026-11-21T14:59:00Z", "HOURS_FED"),
        ("Sunday 17:30", "2026-11-22T22:30:00Z", ""),
        ("Sunday 18:00", "2026-11-22T23:00:00Z", "HOURS_FED"),
    ],
)
def test_ca_001_hours(name: str, instant: str, code: str) -> None:
    assert ask(canada.hours, call(instant)).code == code, name


def test_ca_001_the_person_is_called_when_canada_and_the_campaign_are_open() -> None:
    late = call("2026-11-21T23:30:00Z")
    weekdays = CampaignWindow(days=frozenset(range(5)))
    never = CampaignWindow(days=frozenset({6}), opens=late.window.closes, closes=late.window.closes)

    assert judge(late).next_allowed_at == at("2026-11-22T15:00:00Z")  # Sunday 10:00
    assert judge(replace(late, window=weekdays)).next_allowed_at == at("2026-11-23T14:00:00Z")
    assert judge(replace(late, window=never)).next_allowed_at is None


def test_ca_001_waiting_is_enough() -> None:
    late = call("2026-11-21T23:30:00Z")
    again = judge(late).next_allowed_at

    assert again is not None
    assert judge(call(again.isoformat())).outcome is Outcome.ALLOW


def test_ca_001_another_wait_that_ends_after_closing_goes_on_to_the_next_opening() -> None:
    now = at("2026-11-21T22:00:00Z")  # Saturday 17:00
    tried = tuple(attempt(now - timedelta(hours=hours), number=TORONTO) for hours in (22, 21, 20))

    decision = judge(call(now.isoformat(), attempts=tried))

    assert decision.code == "FREQ_STATE"  # until 19:00, when Canada is closed and the campaign is not
    assert decision.next_allowed_at == at("2026-11-22T15:00:00Z")


def test_ca_001_a_mobile_may_be_anywhere_in_canada_unless_its_place_is_said() -> None:
    morning = call(
        "2026-11-20T14:00:00Z", line_type=LineType.WIRELESS
    )  # 09:00 in Toronto, 06:00 in Vancouver
    afternoon = call("2026-11-20T18:00:00Z", line_type=LineType.WIRELESS)
    said = Evidence(
        kind=EvidenceKind.STATED, source="stated", zones=frozenset({"America/Toronto"}), place="Toronto"
    )

    assert ask(canada.hours, morning).code == "HOURS_FED"
    assert ask(canada.hours, afternoon).outcome is Outcome.ALLOW
    assert ask(canada.hours, replace(morning, evidences=(*morning.evidences, said))).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    ("name", "registry", "code"),
    [
        ("fresh", dncl(date(2026, 11, 20)), ""),
        ("31 days", dncl(date(2026, 10, 20)), ""),
        ("32 days", dncl(date(2026, 10, 19)), "SCRUB_STALE"),
        ("of tomorrow", dncl(date(2026, 11, 21)), "SCRUB_STALE"),
        ("listed", dncl(date(2026, 11, 20), listed=True), "DNC_NATIONAL"),
        ("no copy", RegistryFacts(), "SCRUB_STALE"),
        (
            "California's list is not Canada's",
            RegistryFacts(own_lists=(RegistryListing(name="CA", as_of=date(2026, 11, 20)),)),
            "SCRUB_STALE",
        ),
        ("a copy that cannot be read", replace(dncl(date(2026, 11, 20)), problem="broken"), "SCRUB_STALE"),
    ],
)
def test_ca_003_the_dncl(name: str, registry: RegistryFacts, code: str) -> None:
    assert judge(call(FRIDAY_NOON, registry=registry)).code == code, name


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("CA-004 a solicitation without consent", {"channel": Channel.PREREC}, "CONSENT_PEC"),
        ("CA-004 with it", {"channel": Channel.PREREC, "consents": (consent(),)}, ""),
        (
            "CA-004 the person only wrote to us",
            {"channel": Channel.PREREC, "consents": (consent(kind=ConsentKind.CONVERSATION),)},
            "CONSENT_PEC",
        ),
        ("CA-005 a recorded survey", {"channel": Channel.PREREC, "purpose": Purpose.SURVEY}, "CONSENT_PEC"),
        ("CA-005 a recorded emergency", {"channel": Channel.PREREC, "purpose": Purpose.EMERGENCY}, ""),
        ("CA-005 a text", {"channel": Channel.SMS}, "CONSENT_PEC"),
        ("CA-005 a text with consent", {"channel": Channel.SMS, "consents": (consent(),)}, ""),
        ("CA-005 a live survey", {"purpose": Purpose.SURVEY}, ""),
    ],
)
def test_ca_004_and_ca_005_consent(name: str, changes: dict[str, Any], code: str) -> None:
    assert ask(canada.consented, call(FRIDAY_NOON, **changes)).code == code, name


@pytest.mark.parametrize(
    ("changes", "jurisdictions", "code"),
    [
        ({}, "us", "JURISDICTION_UNKNOWN"),
        ({}, "us,uk", "JURISDICTION_UNKNOWN"),
        ({}, " US, CA ", ""),
        ({"country_stated": "Canada"}, "us,ca", ""),
        ({"country_stated": "CA"}, "us,ca", ""),
        ({"country_stated": "United Kingdom"}, "us,ca,uk", "JURISDICTION_UNKNOWN"),
        ({"country_stated": "France"}, "us,ca", "JURISDICTION_UNKNOWN"),
        ({"number": "+12125550123", "country_stated": "Canada"}, "us,ca", "JURISDICTION_UNKNOWN"),
        ({"region": "", "country_stated": "France"}, "us,ca", "JURISDICTION_UNKNOWN"),
    ],
)
def test_canada_is_called_only_where_the_house_switched_it_on(
    changes: dict[str, Any], jurisdictions: str, code: str
) -> None:
    decision = judge(call(FRIDAY_NOON, **changes), jurisdictions)

    assert decision.code == code


def test_the_law_of_the_states_does_not_bind_and_the_houses_rules_do() -> None:
    decision = judge(call(FRIDAY_NOON))
    tried = tuple(attempt(at(FRIDAY_NOON) - timedelta(hours=hour), number=TORONTO) for hour in (1, 2, 3))

    not_bound = {verdict.rule_id for verdict in decision.verdicts if not verdict.applies}
    assert {"FED-001", "FED-002", "ST-001", "ST-002", "ST-004", "ST-005", "UK-001"} <= not_bound
    assert judge(call(FRIDAY_NOON, attempts=tried)).code == "FREQ_STATE"
    assert judge(call("2026-11-21T02:10:00Z")).code == "HOURS_CAMPAIGN"  # 21:10 in Toronto


def test_an_address_in_a_state_brings_its_law_with_it() -> None:
    decision = judge(call(FRIDAY_NOON, state="FL", postal_code="32801"))

    assert decision.code == "REG_MISSING"


@pytest.mark.parametrize(
    ("area_code", "zones"),
    [
        ("250", {"America/Vancouver", "America/Edmonton"}),
        ("778", {"America/Vancouver", "America/Edmonton"}),
        ("306", {"America/Regina", "America/Edmonton"}),
        ("807", {"America/Toronto", "America/Winnipeg"}),
        ("418", {"America/Toronto", "America/Halifax"}),
        ("709", {"America/St_Johns", "America/Goose_Bay"}),
        ("867", {"America/Whitehorse", "America/Edmonton", "America/Rankin_Inlet", "America/Iqaluit"}),
        ("416", {"America/Toronto"}),
    ],
)
def test_tz_005_area_codes_of_canada(area_code: str, zones: set[str]) -> None:
    info = places.describe_number(f"+1{area_code}5550123")

    assert info.region == "CA"
    assert info.evidence is not None
    assert info.evidence.zones >= zones
    assert not info.evidence.states


def test_numbers_of_no_place_in_canada_are_refused() -> None:
    assert judge(call(FRIDAY_NOON, number="+16005550123")).code in {"TZ_UNKNOWN", "NUMBER_INVALID"}
