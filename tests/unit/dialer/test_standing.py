"""Why a running campaign does not dial: the first cause that holds, in the order in which one would mend them."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from dialer.standing import STOPS, Facts, Standing, opens_at, stand

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
WEEK = frozenset(range(7))
FINE: dict[str, Any] = {
    "signed_on": 5,
    "at_work": 5,
    "leads_ready": 50,
    "next_lead_at": NOW,
    "dials_itself": True,
}


def standing(**changes: Any) -> Standing:
    return stand(Facts(**{**FINE, **changes}), now=NOW).standing


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "dialing"),
        ({"carrier_trouble": "20003"}, "carrier_down"),
        ({"set_up_missing": "No caller ID."}, "set_up_missing"),
        ({"opens_at": NOW}, "outside_hours"),
        ({"opens_at": NOW, "under_way": 2}, "dialing"),
        ({"signed_on": 0, "at_work": 0}, "no_agents"),
        ({"at_work": 0}, "nobody_ready"),
        ({"at_work": 0, "leaving": 1}, "dialing"),
        ({"leads_ready": 0}, "list_short"),
        ({"leads_ready": 0, "next_lead_at": None}, "list_done"),
        ({"leads_ready": 0, "next_lead_at": None, "under_way": 1}, "dialing"),
        ({"refused_since": NOW - timedelta(seconds=4)}, "dialing"),
        ({"refused_since": NOW - timedelta(seconds=5)}, "held_by_rules"),
        ({"lines_left": 0}, "lines_full"),
        ({"lines_left": 0, "dials_itself": False}, "dialing"),
        ({"over_the_cap": "4 of 100 were abandoned."}, "cap_reached"),
        ({"contradiction": "-1 agents"}, "contradiction"),
        ({"over_dials": True, "budget": 0.9}, "cap_near"),
        ({"over_dials": True, "budget": 1.0}, "dialing"),
        ({"over_dials": False, "budget": 0.9}, "dialing"),
        ({"over_dials": True, "at_work": 2}, "few_agents"),
        ({"over_dials": False, "at_work": 2}, "dialing"),
        ({"carrier_trouble": "20003", "signed_on": 0, "at_work": 0, "leads_ready": 0}, "carrier_down"),
    ],
)
def test_each_cause_has_its_name(changes: dict[str, Any], expected: str) -> None:
    assert standing(**changes) == expected


def test_what_stops_and_what_only_slows_are_told_apart() -> None:
    assert {"no_agents", "outside_hours", "list_short", "carrier_down"} <= STOPS
    assert not {"dialing", "cap_near", "few_agents", "cap_reached"} & STOPS


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-23T12:29:00", "2026-11-23T12:30:00"),  # 8:59 in St. John's, where it begins
        ("2026-11-23T12:30:00", None),
        ("2026-11-24T05:59:00", None),  # 19:59 in Honolulu, where it ends
        ("2026-11-24T06:00:00", "2026-11-24T12:30:00"),
    ],
)
def test_hours_begin_in_the_east_and_end_in_the_west(now: str, opens: str | None) -> None:
    found = opens_at(time(9), time(20), WEEK, now=datetime.fromisoformat(now).replace(tzinfo=UTC))

    assert found == (datetime.fromisoformat(opens).replace(tzinfo=UTC) if opens else None)


def test_a_day_that_is_not_called_is_skipped() -> None:
    sunday = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)

    found = opens_at(time(9), time(20), frozenset(range(5)), now=sunday)

    assert found == datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
