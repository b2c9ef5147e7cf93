"""Breaks in a campaign's hours: as written, what they leave, and when it opens again."""

import re
from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import breaks
from campaigns.hours import opens_at
from campaigns.linter import setup as linter
from campaigns.recycling import Window

NOON = (time(12), time(14))
EVERY_DAY = frozenset(range(7))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ""),
        ("12:00-14:00", "12:00-14:00"),
        (" 9:00 to 9:15 ; 12:00 – 13:00", "09:00-09:15, 12:00-13:00"),
        ("16:00-16:15, 12:00-14:00", "12:00-14:00, 16:00-16:15"),
        ("12:00-13:00,13:00-14:00", "12:00-13:00, 13:00-14:00"),
    ],
)
def test_breaks_are_read_as_people_write_them(text: str, said: str) -> None:
    assert breaks.say(breaks.read(text)) == said
    assert re.search(breaks.PATTERN, said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("noon", "Write it like 12:00-14:00"),
        ("12:00", "Write it like 12:00-14:00"),
        ("25:00-26:00", "no clock shows"),
        ("14:00-12:00", "ends before it begins"),
        ("12:00-12:00", "ends before it begins"),
        ("12:00-14:00, 13:00-15:00", "overlap"),
        ("9:00-9:05,10:00-10:05,11:00-11:05,12:00-12:05,13:00-13:05", "At most 4"),
        ("\x00-\x00", "no break"),
        ("١٢:00-14:00", "no break"),
    ],
)
def test_what_is_no_break_is_refused_with_what_to_write(text: str, said: str) -> None:
    with pytest.raises(breaks.NotBreaks, match=said):
        breaks.read(text)


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        ([NOON], ""),
        ([(time(8), time(10))], "not inside the hours"),
        ([(time(19), time(21))], "not inside the hours"),
        ([(time(9), time(20))], "leave nothing"),
    ],
)
def test_breaks_lie_inside_the_hours_and_leave_some(spans: list[breaks.Span], said: str) -> None:
    assert said in " ".join(breaks.faults(spans, time(9), time(20)))
    assert bool(said) == bool(breaks.faults(spans, time(9), time(20)))


@given(hours=st.lists(st.integers(0, 23 * 4), min_size=2, max_size=8, unique=True), at=st.integers(0, 95))
def test_a_time_is_left_or_in_a_break_and_never_both(hours: list[int], at: int) -> None:
    marks = [time(mark // 4, mark % 4 * 15) for mark in sorted(hours)]
    spans = [(marks[index], marks[index + 1]) for index in range(0, len(marks) - 1, 2)]
    now = time(at // 4, at % 4 * 15)

    left = breaks.left(spans, time(6), time(22))

    is_left = any(since <= now < until for since, until in left)
    in_break = any(since <= now < until for since, until in spans)
    assert is_left == (time(6) <= now < time(22) and not in_break)


def test_a_campaign_rests_in_its_break_only_where_it_has_one_everywhere() -> None:
    noon_in_new_york = datetime(2026, 3, 2, 17, 30, tzinfo=UTC)

    everywhere = opens_at(
        time(9), time(20), EVERY_DAY, breaks=[(time(9, 1), time(19, 59))], now=noon_in_new_york
    )

    assert opens_at(time(9), time(20), EVERY_DAY, breaks=[NOON], now=noon_in_new_york) is None
    assert everywhere is not None
    assert everywhere > noon_in_new_york


def test_no_try_is_put_into_a_break() -> None:
    window = Window(opens=time(9), closes=time(20), breaks=(NOON,))

    assert not window.holds(datetime(2026, 3, 2, 12, 30, tzinfo=UTC))
    assert window.holds(datetime(2026, 3, 2, 14, 0, tzinfo=UTC))


def test_the_checks_see_where_breaks_and_law_leave_nothing() -> None:
    place = linter.Place(name="Elsewhere", people=3, hours=[(time(12), time(14))] * 7)

    assert place.open_days([(time(9), time(20))], range(7)) == list(range(7))
    assert place.open_days(breaks.left([NOON], time(9), time(20)), range(7)) == []
