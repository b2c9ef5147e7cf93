"""Days on which a campaign calls nobody."""

import re
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import daysoff
from campaigns.hours import opens_at
from campaigns.ordering import Kind, values_at
from campaigns.ordering.values import CLOSED
from campaigns.recycling import Window
from compliance.rules.calling_window import campaign_hours, next_open
from compliance.rules.facts import CampaignWindow, Purpose
from compliance.rules.policy import in_force
from tests.rules.making import facts

POLICY = in_force(datetime(2026, 11, 23, tzinfo=UTC))
THANKSGIVING = date(2026, 11, 26)
EVERY_DAY = frozenset(range(7))


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("", ""),
        (" \n, ", ""),
        ("2026-12-25, 2026-11-26", "2026-11-26, 2026-12-25"),
        ("12/25/2026\n2026-12-25;11/26/2026", "2026-11-26, 2026-12-25"),
    ],
)
def test_days_are_read_as_people_write_them(text: str, stored: str) -> None:
    assert daysoff.say(daysoff.read(text)) == stored


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Christmas", "is no day"),
        ("2026-02-30", "is in no calendar"),
        ("13/01/2026", "is in no calendar"),
        ("0026-01-01", "is no day"),
        ("2026-12-2５", "is no day"),
        ("2026-12-25 <b>", "is no day"),
        (", ".join(f"2026-12-{day:02}, 2027-01-{day:02}" for day in range(1, 22)), "At most 40"),
    ],
)
def test_what_is_no_day_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(daysoff.NotDays, match=said):
        daysoff.read(text)


@given(st.text(max_size=60))
def test_any_text_is_days_the_database_takes_or_refused(text: str) -> None:
    try:
        stored = daysoff.say(daysoff.read(text))
    except daysoff.NotDays:
        return
    assert re.fullmatch(daysoff.PATTERN, stored)
    assert len(stored) <= daysoff.LONGEST


def test_the_gate_refuses_calls_on_a_day_off_and_says_when_it_is_over() -> None:
    window = CampaignWindow(opens=time(9), closes=time(20), off=(THANKSGIVING, date(2026, 11, 27)))
    given_facts = facts("2026-11-26T17:00:00Z", number="+14075550123", purpose=Purpose.SURVEY, window=window)

    verdict = campaign_hours(given_facts, POLICY)

    assert verdict.code == "DAY_CAMPAIGN"
    assert "26 November in area code 407 is one of the campaign's days off" in verdict.reason
    assert next_open(given_facts, POLICY) == datetime(2026, 11, 28, 14, tzinfo=UTC)


def test_order_spread_and_rest_know_a_day_off() -> None:
    now = datetime(2026, 11, 26, 17, tzinfo=UTC)
    hours: Any = {"opens": time(9), "closes": time(20)}

    rests_until = opens_at(time(9), time(20), EVERY_DAY, off=(THANKSGIVING,), now=now)
    found = values_at(
        Kind.EAST_FIRST, frozenset(("America/New_York",)), **hours, off=(THANKSGIVING,), now=now
    )

    assert rests_until == datetime(2026, 11, 27, 12, 30, tzinfo=UTC)  # at nine in St. John's
    assert found.by_zone["America/New_York"] > CLOSED - 1_000
    assert not Window(**hours, off=(THANKSGIVING,)).holds(datetime(2026, 11, 26, 12, tzinfo=UTC))
