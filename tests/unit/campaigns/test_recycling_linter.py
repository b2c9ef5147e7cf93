"""What the linter says of a plan: each contradiction once, in words that say what to do; a sound plan nothing."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import waits
from campaigns.linter.base import Severity
from campaigns.linter.recycling import LawfulHours, Planned, findings
from campaigns.recycling import OutcomeRule, Plan, Then, Window

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
BUSY = OutcomeRule(code="busy", wait_minutes=240)
AT_ONCE = OutcomeRule(code="busy", wait_minutes=0)
TURNS = OutcomeRule(code="busy", wait_minutes=240, then=Then.NEXT)
SOUND = Planned(
    plan=Plan(rules=(BUSY,), max_per_day=3),
    window=Window(opens=time(9), closes=time(20)),
    max_attempts=6,
    labels=(("busy", "Busy"),),
    hours=(LawfulHours(place="Florida", people=10, opens=time(8), closes=time(20)),),
    now=NOW,
)
MORNINGS = Window(opens=time(9), closes=time(12), days="01234")


def planned(plan: Plan | None, **changes: object) -> Planned:
    return replace(SOUND, plan=plan, **changes)  # type: ignore[arg-type]  # a table of settings


@pytest.mark.parametrize(
    ("subject", "codes"),
    [
        (SOUND, []),
        (planned(None, results=(BUSY,)), []),
        (planned(Plan(rules=(BUSY,), max_per_day=4)), ["DAY_OVER_LAW"]),
        (planned(Plan(rules=(BUSY,), max_per_day=3, max_per_person=2)), ["DAY_OVER_PERSON"]),
        (planned(Plan(rules=(replace(BUSY, wait_minutes=30),))), ["WAIT_UNDER_CAP"]),
        (planned(Plan(rules=(replace(BUSY, wait_minutes=30, max_tries=2),))), []),
        (planned(None, results=(replace(BUSY, wait_minutes=5),)), ["WAIT_UNDER_CAP"]),
        (planned(Plan(rules=(AT_ONCE,))), ["RETRY_LOOP"]),
        (planned(Plan(rules=(TURNS,), other_number_minutes=10), most_numbers=3), ["NUMBERS_DOUBLE"]),
        (planned(Plan(rules=(TURNS,), other_number_minutes=10), most_numbers=1), []),
        (planned(Plan(rules=(TURNS,), max_per_number=5), most_numbers=3), ["NUMBERS_OVER_ATTEMPTS"]),
        (planned(Plan(rules=(BUSY,)), window=Window(opens=time(20), closes=time(21))), ["ZONE_NEVER_OPEN"]),
        (planned(Plan(rules=(BUSY,), spread=True, spread_days=5), window=MORNINGS), ["SPREAD_HAS_ONE_PART"]),
        (
            planned(Plan(rules=(BUSY,), spread=True, spread_days=5), window=replace(MORNINGS, closes=time(18))),
            ["PART_NEVER_OPEN"],
        ),
        (planned(Plan(rules=(BUSY,), spread=True)), ["WEEKEND_OUT_OF_REACH"]),
        (planned(Plan(rules=(replace(BUSY, max_tries=9),))), ["LIMIT_NEVER_REACHED"]),
        (planned(Plan(rules=(BUSY,)), ends_on=NOW + timedelta(hours=3)), ["WAIT_PAST_END"]),
    ],
)  # fmt: skip
def test_each_contradiction_is_found(subject: Planned, codes: list[str]) -> None:
    found = findings(subject)

    assert [one.code for one in found] == codes
    assert all(one.sentence.endswith(".") and one.fix.endswith(".") and one.field for one in found)


def test_a_place_without_hours_stops_the_plan_only_where_everybody_is_there() -> None:
    closed = LawfulHours(place="Maine", people=1, opens=time(0), closes=time(0))

    some = findings(planned(SOUND.plan, hours=(*SOUND.hours, closed)))
    everybody = findings(planned(SOUND.plan, hours=(closed,)))

    assert [one.severity for one in some] == [Severity.WARNING]
    assert [one.severity for one in everybody] == [Severity.ERROR]
    assert "1 people in Maine" in some[0].sentence


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("30", 30), ("30 min", 30), ("4h", 240), (" 2 Days ", 2880), ("1 week", 10080), ("1 hr.", 60)],
)
def test_waits_are_read_as_people_write_them(text: str, minutes: int) -> None:
    assert waits.read(text) == minutes


@pytest.mark.parametrize("text", ["", "soon", "4 years", "-3 h", "1.5 h", "9999999", "４ h", "4 h 30"])
def test_what_is_no_wait_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(waits.NotAWait, match="4 h or 2 days"):
        waits.read(text)


@given(st.integers(0, 90 * 24 * 60))
def test_a_wait_is_read_as_it_was_said(minutes: int) -> None:
    assert waits.read(waits.say(minutes)) == minutes
