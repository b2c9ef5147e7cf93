"""The word for how a campaign is, and its plain sentences."""

from datetime import UTC, datetime
from typing import Any

import pytest

from campaigns.services.campaigns import Setup, frozen
from campaigns.status import TONES, status
from campaigns.versions.fields import Names
from campaigns.versions.telling import Crowd, days, tell

OPENS = datetime(2026, 3, 5, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "facts", "code", "why"),
    [
        ("running", {"left": 5, "opens_at": None}, "running", ""),
        ("running", {"left": 5, "opens_at": OPENS}, "resting", "outside its calling hours"),
        ("running", {"left": 0, "opens_at": OPENS}, "exhausted", "goes on by itself when people are added"),
        ("paused", {"left": 0, "opens_at": None}, "paused", ""),
        ("draft", {"left": 0, "opens_at": None}, "draft", ""),
        ("stopped", {"left": 3, "opens_at": None, "is_archived": True}, "archived", "It was stopped"),
    ],
)
def test_the_word_for_a_campaign(state: str, facts: dict[str, Any], code: str, why: str) -> None:
    found = status(state, state.title(), **facts)

    assert found.code == code
    assert why in found.why
    assert found.tone == TONES[code]


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ("01234", "Monday to Friday"),
        ("0123456", "Monday to Sunday"),
        ("024", "Monday, Wednesday, Friday"),
        ("56", "Saturday, Sunday"),
        ("", "On no day"),
    ],
)
def test_days_are_said_as_people_say_them(chosen: str, words: str) -> None:
    assert days(chosen) == words


def test_a_campaign_is_told_in_plain_sentences() -> None:
    setup = Setup(
        name="Spring", purpose="telemarketing", caller_id="+14075550100", list_ids=(1,), disposition_set_id=7,
        mode="predictive", max_attempts=1, goal=20,
    )  # fmt: skip
    names = Names(
        things={"list": {"1": "Winter"}, "set": {"7": "Standard sales"}},
        choices={"purpose": {"telemarketing": "Sales"}, "audience": {"people": "People"}, "made_by": {"company": "A company"}},
    )  # fmt: skip

    told = tell(frozen(setup), names, Crowd(people=1200, reachable=1100, agents=2))

    assert told[0] == "Calls 1,100 of 1,200 people with a number on Winter."
    assert (
        "Monday to Saturday from 09:00 to 20:00 in each person’s own time, and never outside what the law allows there."
        in told
    )
    assert "At most 1 try a person, each ringing for 25 seconds." in told
    assert "At most abandoned, of the calls answered live: as much as the law allows." in told
    assert "Whom no agent is free for hears: standard text." in told
    assert "Agents have no script and choose among the results of Standard sales." in told
