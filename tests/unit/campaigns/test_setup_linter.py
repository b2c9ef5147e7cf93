"""What the checks find in a campaign's setup: one row a check."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from campaigns.linter.base import Severity, blocking, unread
from campaigns.linter.setup import Place, SetupFacts, lint

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
DAYTIME = (time(8), time(21))
ALABAMA = Place(name="Alabama", people=120, hours=(*[(time(8), time(20))] * 6, None))
OHIO = Place(name="Ohio", people=880, hours=(DAYTIME,) * 7)
FIT = SetupFacts(
    now=NOW, lists=1, people=1000, reachable=1000, agents=5, days=(0, 1, 2, 3, 4), places=(ALABAMA, OHIO)
)


def test_a_fit_setup_has_no_finding() -> None:
    assert lint(FIT) == []


@pytest.mark.parametrize(
    ("changes", "code", "severity", "field", "words"),
    [
        ({"lists": 0, "people": 0}, "AUDIENCE_NONE", "error", "lists", "no list"),
        ({"people": 0}, "AUDIENCE_EMPTY", "error", "lists", "Nobody is on"),
        ({"reachable": 0}, "AUDIENCE_UNREACHABLE", "error", "lists", "has a phone number"),
        ({"reachable": 499}, "AUDIENCE_FEW_NUMBERS", "warning", "lists", "499 of the 1,000"),
        ({"goal": 1001}, "GOAL_TOO_HIGH", "warning", "goal", "1,001"),
        ({"caller_problem": "Not ours."}, "CALLER_ID", "error", "caller_id", "Not ours."),
        ({"agents": 0}, "NO_AGENTS", "error", "agents", "assigned"),
        ({"agents": 2, "dials_ahead": True}, "FEW_AGENTS", "note", "agents", "one to one"),
        ({"lacks_message": True}, "MESSAGE_MISSING", "error", "abandoned_message", "FED-017"),
        ({"has_script": False}, "NO_SCRIPT", "note", "script_version", "no script"),
        ({"script_problems": ("Say who calls.",)}, "SCRIPT_LACKS", "warning", "script_version", "Say who calls."),
        ({"stops_at": NOW}, "STOP_PAST", "error", "stops_at", "is over"),
        (
            {"stops_at": NOW + timedelta(days=1), "callbacks_after": 1},
            "CALLBACKS_AFTER_STOP", "warning", "stops_at", "1 person was promised",
        ),
        ({"days": (6,)}, "WINDOW_NEVER_OPEN_HERE", "warning", "window_opens", "Alabama: 120 people"),
        ({"days": (5, 6)}, "DAYS_CLOSED", "note", "window_days", "Alabama"),
        (
            {"window": (time(20), time(21))},
            "WINDOW_NEVER_OPEN_HERE", "warning", "window_opens", "20:00 to 21:00, Mon Tue Wed Thu Fri,",
        ),
        ({"window": (time(21), time(23))}, "WINDOW_NEVER_OPEN", "error", "window_opens", "nobody can ever be called"),
    ],
)  # fmt: skip
def test_each_check_says_what_where_and_how_much_it_weighs(
    changes: dict[str, object], code: str, severity: str, field: str, words: str
) -> None:
    [found] = lint(replace(FIT, **changes))  # type: ignore[arg-type]  # fields by name

    assert (found.code, found.severity, found.field) == (code, severity, field)
    assert words in found.sentence
    assert found.fix.endswith((".", "!"))


def test_errors_come_first_and_only_unread_warnings_wait() -> None:
    found = lint(replace(FIT, has_script=False, goal=5000, agents=0))

    assert [one.severity for one in found] == [Severity.ERROR, Severity.WARNING, Severity.NOTE]
    assert [one.code for one in blocking(found)] == ["NO_AGENTS"]
    assert [one.code for one in unread(found, [])] == ["GOAL_TOO_HIGH"]
    assert unread(found, ["GOAL_TOO_HIGH"]) == []
