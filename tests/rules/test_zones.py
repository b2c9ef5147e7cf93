"""Where a person may be, and what the clocks say there: the rule book's TZ vectors and the nights clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from compliance.rules import places
from compliance.rules.calling_window import next_open
from compliance.rules.decision import Outcome
from compliance.rules.engine import decide
from compliance.rules.facts import CampaignWindow, EvidenceKind, Purpose
from compliance.rules.places import SPLIT_AREA_CODES
from compliance.rules.policy import in_force
from tests.rules.making import at, facts


@pytest.mark.parametrize(
    ("name", "number", "instant", "code"),
    [
        ("TZ-005 T1 summer, Navajo 21:30", "+19285550123", "2026-07-15T03:30:00Z", "HOURS_FED"),
        ("TZ-005 T1 winter, both 20:30", "+19285550123", "2026-12-15T03:30:00Z", ""),
        ("TZ-005 T2 Phoenix 07:30", "+19285550123", "2026-07-15T14:30:00Z", "HOURS_FED"),
        ("TZ-005 T3 Eastern 08:30, Central 07:30", "+18505550123", "2026-11-23T13:30:00Z", "HOURS_FED"),
        ("TZ-006 T4 Puerto Rico 20:15", "+17875550123", "2026-11-24T00:15:00Z", ""),
        ("TZ-006 T4 Puerto Rico 21:15", "+17875550123", "2026-11-24T01:15:00Z", "HOURS_FED"),
        ("TZ-006 T5 Guam, Tuesday 08:00", "+16715550123", "2026-11-23T22:00:00Z", ""),
        ("TZ-006 T5 Guam 22:00", "+16715550123", "2026-11-23T12:00:00Z", "HOURS_FED"),
        ("TZ-007 T6 Chicago 07:30 after the change", "+13125550123", "2026-11-01T13:30:00Z", "HOURS_FED"),
        ("TZ-007 T6 Chicago 08:30 the day before", "+13125550123", "2026-10-31T13:30:00Z", ""),
        ("TZ-007 T6 Chicago 08:30 in spring", "+13125550123", "2027-03-14T13:30:00Z", ""),
    ],
)
def test_tz_vectors(name: str, number: str, instant: str, code: str) -> None:
    assert decide(facts(instant, number=number)).code == code, name


@pytest.mark.parametrize(
    "number", ["+18005550123", "+18885550123", "+15005550006", "+17005550123", "+19005550123", "+17105550123"]
)
def test_tz_002_numbers_of_no_place_are_refused_whatever_the_address(number: str) -> None:
    decision = decide(facts("2026-11-23T17:00:00Z", number=number, postal_code="32801", state="FL"))

    assert decision.code in {"TZ_UNKNOWN", "NUMBER_INVALID"}


@pytest.mark.parametrize("area_code", sorted(SPLIT_AREA_CODES))
def test_tz_005_split_area_codes_keep_every_zone(area_code: str) -> None:
    info = places.describe_number(f"+1{area_code}5550123")

    assert info.evidence is None or info.evidence.zones >= SPLIT_AREA_CODES[area_code]


def test_tz_001_evidence_only_adds() -> None:
    number = places.describe_number("+12125550123").evidence
    assert number is not None

    given = facts("2026-11-23T17:00:00Z", postal_code="60601", state="CA", stated_zone="America/Denver")

    assert set(given.zones) >= {
        "America/New_York",
        "America/Chicago",
        "America/Los_Angeles",
        "America/Denver",
    }
    assert set(given.states) == {"NY", "IL", "CA"}


@pytest.mark.parametrize(
    ("postal_code", "state", "city", "zones", "states"),
    [
        ("32801", "", "", {"America/New_York"}, {"FL"}),
        ("32801-1234", "FL", "Orlando", {"America/New_York"}, {"FL"}),
        ("", "Florida", "Orlando", {"America/New_York"}, {"FL"}),
        ("", "FL", "", {"America/New_York", "America/Chicago"}, {"FL"}),
        ("", " fl ", "Nowhere Such", {"America/New_York", "America/Chicago"}, {"FL"}),
        ("00000", "", "", set(), set()),
        ("K1A 0B1", "Ontario", "", set(), set()),
        ("", "District of Columbia", "", {"America/New_York"}, {"DC"}),
    ],
)
def test_addresses(postal_code: str, state: str, city: str, zones: set[str], states: set[str]) -> None:
    found = places.address_evidences(postal_code=postal_code, state=state, city=city, stated_zone="")

    assert {zone for evidence in found for zone in evidence.zones} == zones
    assert {code for evidence in found for code in evidence.states} == states


@pytest.mark.parametrize(
    "zone", ["EST", "Mars/Olympus", "../etc/passwd", "America", "UTC+5", "America/New_York\x00"]
)
def test_a_stated_zone_that_is_no_place_is_kept_as_evidence_of_nothing(zone: str) -> None:
    (found,) = places.address_evidences(postal_code="", state="", city="", stated_zone=zone)

    assert found.kind is EvidenceKind.STATED
    assert found.zones == frozenset()
    assert "not known" in found.source


@pytest.mark.parametrize(
    ("country", "outside"),
    [
        ("", ""),
        ("US", ""),
        ("usa", ""),
        ("United States of America", ""),
        ("Puerto Rico", ""),
        ("CA", "CA"),
        ("Georgia", "Georgia"),
        ("DE", "DE"),
        ("Canada ", "Canada"),
    ],
)
def test_countries_are_not_taken_for_states(country: str, outside: str) -> None:
    assert places.country_outside_us(country) == outside


def test_tz_007_next_open_on_the_nights_clocks_change() -> None:
    policy = in_force(at("2026-11-01T00:00:00Z"))
    autumn = facts("2026-11-01T02:00:00Z", number="+13125550123")  # Saturday 21:00 in Chicago
    spring = facts("2027-03-14T03:00:00Z", number="+13125550123")  # Saturday 21:00

    assert next_open(autumn, policy) == at("2026-11-01T14:00:00Z")  # 08:00 CST
    assert next_open(spring, policy) == at("2027-03-14T13:00:00Z")  # 08:00 CDT


@pytest.mark.parametrize(
    ("opens", "closes", "asked", "expected"),
    [
        # Clocks jump from 02:00 to 03:00: an opening at 02:30 happens when they do.
        ((2, 30), (5, 0), "2027-03-14T06:00:00Z", "2027-03-14T08:00:00Z"),
        # Clocks go back from 02:00 to 01:00: 01:30 comes twice, the first counts.
        ((1, 30), (5, 0), "2026-11-01T05:00:00Z", "2026-11-01T06:30:00Z"),
        # Closed at 01:45 the first time: open again when 01:30 comes the second time.
        ((1, 30), (1, 45), "2026-11-01T06:50:00Z", "2026-11-01T07:30:00Z"),
        # Closed at 01:30 the first time, open again when the hour repeats.
        ((0, 0), (1, 30), "2026-11-01T06:45:00Z", "2026-11-01T07:00:00Z"),
    ],
)
def test_next_open_inside_the_hour_of_the_change(
    opens: tuple[int, int], closes: tuple[int, int], asked: str, expected: str
) -> None:
    window = CampaignWindow(opens=time(*opens), closes=time(*closes))
    given = facts(asked, number="+13125550123", purpose=Purpose.SURVEY, window=window)

    assert next_open(given, in_force(given.at)) == at(expected)


def test_next_open_needs_every_zone() -> None:
    """An 850 number opens when Central does: 09:00 Eastern."""
    given = facts("2026-11-23T10:00:00Z", number="+18505550123")

    assert next_open(given, in_force(given.at)) == at("2026-11-23T14:00:00Z")


def test_next_open_gives_up_after_14_days() -> None:
    given = facts("2026-11-23T16:00:00Z", window=CampaignWindow(days=frozenset()))

    decision = decide(given)

    assert decision.next_allowed_at is None
    assert decision.sentence == "Not called: Monday in area code 212, the campaign does not call that day."


def test_the_campaign_schedule_is_in_the_persons_zone_and_binds_every_purpose() -> None:
    window = CampaignWindow(opens=time(9), closes=time(17), days=frozenset(range(5)))
    given = facts("2026-11-23T16:30:00Z", number="+12135550123", purpose=Purpose.SURVEY, window=window)

    decision = decide(given)

    assert decision.code == "HOURS_CAMPAIGN"
    assert (
        decision.sentence
        == "Not called: 08:30 in area code 213, the campaign allows from 09:00; next 09:00 today."
    )


@pytest.mark.parametrize(
    ("number", "zone_name"),
    [
        ("+12125550123", "America/New_York"),
        ("+16025550123", "America/Phoenix"),
        ("+18085550123", "Pacific/Honolulu"),
    ],
)
@pytest.mark.parametrize("day", [datetime(2026, 11, 1), datetime(2027, 3, 14)])  # noqa: DTZ001 - the zone is put on below
def test_days_of_change_are_open_exactly_inside_the_hours(number: str, zone_name: str, day: datetime) -> None:
    zone = ZoneInfo(zone_name)
    start = day.replace(tzinfo=zone).astimezone(UTC)

    for minutes in range(0, 25 * 60, 15):
        given = facts(start + timedelta(minutes=minutes), number=number, ring_seconds=15)
        local = given.at.astimezone(zone)
        assert (decide(given).outcome is Outcome.ALLOW) == (8 <= local.hour < 21), local
