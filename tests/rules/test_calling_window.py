"""Hours that are not the federal or the states' ones: emergencies, debts, messages delivered later; and the nights clocks change."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from compliance.rules import places
from compliance.rules.calling_window import campaign_hours, debt_hours, federal_hours, is_open, next_open
from compliance.rules.decision import Outcome
from compliance.rules.facts import (
    CampaignFacts,
    CampaignWindow,
    Channel,
    ContactFacts,
    DebtFacts,
    Evidence,
    EvidenceKind,
    MessageFacts,
    Purpose,
)
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.policy import in_force
from compliance.rules.validity import known_zone
from tests.rules.making import at, facts

MINUTE = timedelta(minutes=1)
NIGHTS = [date(2026, 11, 1), date(2027, 3, 14)]
POLICY = in_force(at("2026-11-23T00:00:00Z"))
# Rule book TZ-005, by hand.
TABLE = """
219 270 334 364 423 448 483 574 606 812 850 906 930 931 765
308 432 580 605 620 701 785 915
208 986 541 458 775 928 907
250 236 257 672 778 306 474 639 807 418 367 581 709 879 867
"""
SPANNING = TABLE.split()


@pytest.mark.parametrize("instant", ["2026-11-23T08:00:00Z", "2026-11-22T05:00:00Z"])
@pytest.mark.parametrize("number", ["+12125550123", "+18005550123"])
def test_fed_024_t1_an_emergency_is_told_at_any_hour_day_and_place(instant: str, number: str) -> None:
    window = CampaignWindow(opens=time(10), closes=time(11), days=frozenset({2}))
    event = CampaignFacts(emergency="boil-water notice")
    given = facts(instant, number=number, purpose=Purpose.EMERGENCY, window=window, campaign=event)

    assert is_open(given, POLICY)
    assert not known_zone(given, POLICY).code


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("FED-024 T2 “urgent: your warranty expires”", {"message": MessageFacts(ref="a", marketing=True)}),
        ("answers feed sales", {"campaign": CampaignFacts(sells_later=True)}),
    ],
)
def test_what_sells_is_no_emergency(name: str, changes: dict[str, Any]) -> None:
    given = facts("2026-11-23T08:00:00Z", purpose=Purpose.EMERGENCY, **changes)

    assert federal_hours(given, POLICY).code == "HOURS_FED", name
    assert not is_open(given, POLICY)


@pytest.mark.parametrize(
    ("name", "instant", "code"),
    [
        ("FED-029 T2 queued at 20:50", "2026-11-24T01:50:00Z", ""),
        ("FED-029 T2 delivered at 21:05", "2026-11-24T02:05:00Z", "HOURS_FED"),
    ],
)
def test_the_hours_of_a_voicemail_count_when_it_is_delivered(name: str, instant: str, code: str) -> None:
    given = facts(instant, channel=Channel.PREREC)

    assert federal_hours(given, POLICY).code == code, name


def debt(instant: str, **changes: Any) -> ContactFacts:
    """Return a call about a debt."""
    return facts(instant, purpose=Purpose.DEBT, **changes)


WORKING_HOURS = tuple((day, time(9), time(17)) for day in range(5))


def not_during(*spans: tuple[int, int]) -> DebtFacts:
    """Return what the person ruled out, in whole hours."""
    return DebtFacts(inconvenient=tuple((time(since), time(until)) for since, until in spans))


@pytest.mark.parametrize(
    ("name", "given", "code", "opens"),
    [
        (
            "REGF-003 T1 07:30 Pacific, 10:30 Eastern",
            debt("2026-11-23T15:30:00Z", number="+12135550123", state="NY", city="New York"),
            "REGF_TIME",
            "2026-11-23T16:00:00Z",
        ),
        (
            "REGF-003 T2 not during work 9–5, at 14:00",
            debt("2026-11-23T19:00:00Z", debt=not_during((9, 17))),
            "REGF_TIME",
            "2026-11-23T22:00:00Z",
        ),
        (
            "REGF-003 T3 workplace",
            debt("2026-11-23T17:00:00Z", debt=DebtFacts(workplace=True)),
            "REGF_TIME",
            None,
        ),
        (
            "REGF-003 T3 any place they said",
            debt("2026-11-23T17:00:00Z", debt=DebtFacts(ruled_out_here=True)),
            "REGF_TIME",
            None,
        ),
        (
            "REGF-003 T2 not on Mondays",
            debt("2026-11-23T17:00:00Z", debt=DebtFacts(inconvenient_on=((0, time(0), time(0)),))),
            "REGF_TIME",
            "2026-11-24T13:00:00Z",
        ),
        (
            "REGF-003 T2 not from 9 to 5 on weekdays, a Monday at 14:00",
            debt("2026-11-23T19:00:00Z", debt=DebtFacts(inconvenient_on=WORKING_HOURS)),
            "REGF_TIME",
            "2026-11-23T22:00:00Z",
        ),
        (
            "not from 9 to 5 on weekdays, a Sunday at 14:00",
            debt("2026-11-22T19:00:00Z", debt=DebtFacts(inconvenient_on=WORKING_HOURS)),
            "",
            "2026-11-22T19:00:00Z",
        ),
        (
            "not on Sundays from 20:00 to 10:00, the Monday after at 9:00",
            debt("2026-11-23T14:00:00Z", debt=DebtFacts(inconvenient_on=((6, time(20), time(10)),))),
            "REGF_TIME",
            "2026-11-23T15:00:00Z",
        ),
        ("at noon", debt("2026-11-23T17:00:00Z"), "", "2026-11-23T17:00:00Z"),
        (
            "at 20:59:30 it could ring past 21:00",
            debt("2026-11-24T01:59:30Z"),
            "REGF_TIME",
            "2026-11-24T13:00:00Z",
        ),
        (
            "it could ring into the time they ruled out",
            debt("2026-11-23T13:59:30Z", debt=not_during((9, 17))),
            "REGF_TIME",
            "2026-11-23T22:00:00Z",
        ),
        (
            "ruled out over midnight, in the evening",
            debt("2026-11-24T00:30:00Z", debt=not_during((19, 10))),
            "REGF_TIME",
            "2026-11-24T15:00:00Z",
        ),
        (
            "ruled out over midnight, in the morning",
            debt("2026-11-23T14:30:00Z", debt=not_during((19, 10))),
            "REGF_TIME",
            "2026-11-23T15:00:00Z",
        ),
        (
            "ruled out round the clock",
            debt("2026-11-23T17:00:00Z", debt=not_during((9, 9))),
            "REGF_TIME",
            None,
        ),
        (
            "two spans, one after the other",
            debt("2026-11-23T17:00:00Z", debt=not_during((11, 13), (13, 15))),
            "REGF_TIME",
            "2026-11-23T20:00:00Z",
        ),
        (
            "texts too",
            debt("2026-11-24T03:00:00Z", channel=Channel.SMS),
            "REGF_TIME",
            "2026-11-24T13:00:00Z",
        ),
        (
            "no zone known",
            debt("2026-11-23T17:00:00Z", number="+18005550123"),
            "TZ_UNKNOWN",
            None,
        ),
        (
            "sales calls have hours of their own",
            facts("2026-11-23T19:00:00Z", debt=not_during((9, 17))),
            "",
            "2026-11-23T19:00:00Z",
        ),
    ],
)
def test_regf_003_debt_hours(name: str, given: ContactFacts, code: str, opens: str | None) -> None:
    verdict = debt_hours(given, POLICY)

    assert verdict.code == code, name
    assert next_open(given, POLICY) == (at(opens) if opens else None), name
    assert verdict.waits == (code == "REGF_TIME" and not (given.debt.workplace or given.debt.ruled_out_here))


def test_regf_003_says_what_they_asked_for() -> None:
    reason = debt_hours(debt("2026-11-23T19:00:00Z", debt=not_during((9, 17))), POLICY).reason

    assert reason == "14:00 in area code 212, they asked not to be called 09:00–17:00"


def us_zones() -> list[str]:
    """Return every zone an American ZIP or area code can lie in."""
    by_state = (
        places.address_evidences(postal_code="", state=state, city="", stated_zone="")
        for state in STATE_NAMES
    )
    from_codes = (zone for zones in places.SPLIT_AREA_CODES.values() for zone in zones)
    return sorted({zone for found in by_state for each in found for zone in each.zones} | set(from_codes))


def test_the_table_of_zones_has_the_places_that_keep_their_own_time() -> None:
    own = {"America/Phoenix", "America/Adak", "Pacific/Honolulu", "America/Puerto_Rico", "Pacific/Guam"}

    assert own <= set(us_zones())
    assert "America/Denver" in places.SPLIT_AREA_CODES["928"]  # the Navajo Nation


def in_zones(zones: frozenset[str], instant: datetime, **changes: Any) -> ContactFacts:
    """Return a call to Georgia, whose hours are the federal ones every day, on those zones' clocks."""
    here = Evidence(
        kind=EvidenceKind.AREA_CODE, source="test", states=frozenset({"GA"}), zones=zones, place="test"
    )
    return facts(instant, evidences=(here,), ring_seconds=0, **changes)


def by_the_wall(zones: frozenset[str], instant: datetime, opens: time, closes: time) -> bool:
    """Return whether every wall clock shows a time inside the hours, half a minute kept before closing."""
    shown = [instant.astimezone(ZoneInfo(zone)) for zone in zones]
    ends = [each.hour * 3600 + each.minute * 60 + each.second + POLICY.close_margin_seconds for each in shown]
    last = closes.hour * 3600 + closes.minute * 60
    return all(each.time() >= opens and end < last for each, end in zip(shown, ends, strict=True))


def minutes_of(night: date, zone: str) -> list[datetime]:
    """Return every minute from noon before the night to noon after the next."""
    start = datetime.combine(night - timedelta(days=1), time(12), ZoneInfo(zone)).astimezone(UTC)
    return [start + MINUTE * count for count in range(48 * 60)]


def check_a_night(zones: frozenset[str], night: date, given: ContactFacts, opens: time, closes: time) -> None:
    """Hold is_open and next_open to the wall clocks, minute by minute around each change of the answer."""
    grid = minutes_of(night, min(zones))
    naive = [by_the_wall(zones, instant, opens, closes) for instant in grid]
    turns = [0, *(index + 1 for index, (one, next_) in enumerate(pairwise(naive)) if one != next_)]
    near = {index + off for index in turns for off in range(-3, 4)} | set(range(0, len(grid), 11))

    for index in sorted(near & set(range(len(grid)))):
        assert is_open(given, POLICY, grid[index]) == naive[index], grid[index]
    for index in range(0, len(grid) - 26 * 60, 173):
        found = next_open(replace(given, at=grid[index]), POLICY)
        assert found == grid[naive.index(True, index)], grid[index]


@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize("zone", us_zones())
def test_tz_007_nights_of_change_in_every_zone(zone: str, night: date) -> None:
    zones = frozenset({zone})
    given = in_zones(zones, minutes_of(night, zone)[0])

    check_a_night(zones, night, given, time(8), time(21))


@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize("zone", us_zones())
def test_tz_007_a_schedule_inside_the_hours_of_change(zone: str, night: date) -> None:
    zones = frozenset({zone})
    window = CampaignWindow(opens=time(1, 15), closes=time(3, 30))
    given = in_zones(zones, minutes_of(night, zone)[0], purpose=Purpose.SURVEY, window=window)

    check_a_night(zones, night, given, time(1, 15), time(3, 30))


@cache
def zones_of(area_code: str) -> frozenset[str]:
    info = places.describe_number(f"+1{area_code}5550123")
    return info.evidence.zones if info.evidence else places.SPLIT_AREA_CODES[area_code]


@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize("area_code", SPANNING)
def test_tz_005_nights_of_change_in_every_area_code_that_spans_zones(area_code: str, night: date) -> None:
    zones = zones_of(area_code)
    given = in_zones(zones, minutes_of(night, min(zones))[0])

    assert len(zones) > 1
    check_a_night(zones, night, given, time(8), time(21))


def test_tz_005_the_table_is_complete() -> None:
    assert set(SPANNING) == set(places.SPLIT_AREA_CODES)


def test_a_line_type_that_grows_old_while_waiting_brings_the_strictest_hours() -> None:
    """On the 16th day the landline may have been ported: the number alone then says no more where the person is."""
    base = facts("2026-11-24T03:00:00Z")  # Monday 22:00 in New York
    stale = replace(base, line=replace(base.line, checked_at=base.at - timedelta(days=14, hours=18)))

    assert next_open(base, POLICY) == at("2026-11-24T13:00:00Z")
    assert next_open(stale, POLICY) == at("2026-11-24T15:00:00Z")


@pytest.mark.parametrize(
    ("instant", "reason", "opens"),
    [
        ("2026-03-02T16:00:00Z", "", None),
        (
            "2026-03-02T16:59:50Z",
            "it could ring into the campaign's break from 12:00 to 14:00",
            "2026-03-02T19:00:00Z",
        ),
        ("2026-03-02T17:30:00Z", "the campaign has a break from 12:00 to 14:00", "2026-03-02T19:00:00Z"),
        ("2026-03-02T19:00:00Z", "", None),
    ],
)
def test_nobody_is_called_in_a_break_of_the_campaign(instant: str, reason: str, opens: str | None) -> None:
    window = CampaignWindow(opens=time(9), closes=time(20), breaks=((time(12), time(14)),))
    given = facts(instant, number="+14075550123", purpose=Purpose.SURVEY, window=window)

    verdict = campaign_hours(given, POLICY)

    assert reason in verdict.reason
    if opens:
        assert verdict.code == "HOURS_CAMPAIGN"
        assert next_open(given, POLICY) == datetime.fromisoformat(opens)
    else:
        assert verdict.outcome is Outcome.ALLOW
