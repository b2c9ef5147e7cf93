"""The sentence at the top of the ladder: the first thing that holds the lead, and when it will dial."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.recycling import MayTry
from carriers.pool_choice import PoolStanding
from compliance.rules.decision import allowed, denied, denied_for_now, not_bound
from dialer.why.ladder import BUSY, Fix, Light, NumberLadder, Standing, answer, lead_rungs, rule_rung

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)  # Monday, 11:00 in New York
TOMORROW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)  # 09:00 in New York
STANDING = Standing(
    campaign="Spring solar",
    campaign_state="running",
    lists=["Spring"],
    agents=2,
    agents_ready=1,
    caller_usable=True,
    lead_id=7,
    lead_state="ready",
    max_attempts=6,
    next_try_at=NOW,
)
OPEN_RULE = rule_rung(allowed("FED-001", "inside the hours"), name="Federal hours", passes_at=None)
CLOSED_RULE = rule_rung(
    denied_for_now("FED-001", "HOURS_FED", "07:10 in Orlando, federal law allows from 08:00"),
    name="Federal hours",
    passes_at=TOMORROW,
)
SCHEDULE_RULE = rule_rung(
    denied_for_now("CAMPAIGN", "HOURS_CAMPAIGN", "07:10 in Orlando, the campaign allows from 10:00"),
    name="Campaign hours",
    passes_at=TOMORROW + timedelta(hours=1),
)
LISTED_RULE = rule_rung(
    denied("FED-006", "DNC_INTERNAL", "asked not to be called"), name="Not suppressed", passes_at=None
)
OPEN = NumberLadder(
    number="+14075550123",
    kind="main",
    rungs=[OPEN_RULE],
    allowed=True,
    next_at=NOW,
    sentence="May be called: every rule passed.",
    zone="America/New_York",
)
CLOSED = replace(OPEN, rungs=[CLOSED_RULE], allowed=False, next_at=TOMORROW, sentence="Not called: …")
LISTED = replace(
    OPEN,
    rungs=[LISTED_RULE, CLOSED_RULE],
    allowed=False,
    next_at=None,
    sentence="Not called: asked not to be called.",
)


def said(*numbers: NumberLadder, **changes: Any) -> str:
    rungs = lead_rungs(replace(STANDING, **changes), numbers=len(numbers), now=NOW)
    return answer(rungs, numbers, now=NOW).sentence


@pytest.mark.parametrize(
    ("numbers", "changes", "sentence"),
    [
        ([OPEN], {}, "Would dial now: it passes every condition."),
        ([LISTED, OPEN], {}, "Would dial now: it passes every condition."),
        ([OPEN], {"agents_ready": 0}, "Could dial now, but no agent assigned to it is waiting."),
        ([OPEN], {"agents": 0}, "Does not dial: nobody is assigned to the campaign; assign an agent."),
        (
            [OPEN],
            {"campaign_state": "paused"},
            "Does not dial: the campaign is paused; resume it.",
        ),
        (
            [CLOSED],
            {"campaign_state": "draft", "lead_id": None},
            "Does not dial: on “Spring”, but not a lead of “Spring solar” yet: it takes people from its lists when it starts.",
        ),
        (
            [OPEN],
            {"lead_state": "finished", "reason": "Not interested."},
            "Does not dial: the lead is finished: Not interested.",
        ),
        ([OPEN], {"lead_state": "held", "held_by": "Ana"}, "At work now: Ana has it on the desk now."),
        ([OPEN], {"lead_state": "held"}, "At work now: the dialer is calling it now."),
        ([], {}, "Does not dial: no phone number is on record; import or sync one."),
        ([LISTED], {}, "Not called: asked not to be called."),
        (
            [LISTED],
            {"next_try_at": NOW + timedelta(hours=2), "reason": "No answer"},
            "Not called: asked not to be called.",
        ),
        (
            [CLOSED, LISTED],
            {},
            "Not before 09:00 tomorrow: 07:10 in Orlando, federal law allows from 08:00.",
        ),
        (
            [replace(CLOSED, rungs=[CLOSED_RULE, SCHEDULE_RULE], next_at=SCHEDULE_RULE.passes_at)],
            {},
            "Not before 10:00 tomorrow: 07:10 in Orlando, the campaign allows from 10:00.",
        ),
        (
            [replace(OPEN, next_at=NOW + timedelta(hours=2))],
            {"next_try_at": NOW + timedelta(hours=2), "reason": "No answer"},
            "Not before 13:00 today: it waits after “No answer”.",
        ),
        (
            [replace(OPEN, next_at=TOMORROW)],
            {"next_try_at": TOMORROW, "is_callback": True, "callback_for": "Ana"},
            "Not before 09:00 tomorrow: Ana promised to call back then.",
        ),
        (
            [replace(OPEN, rungs=[OPEN_RULE, BUSY])],
            {},
            "Could dial now, but the number is being called now, or its last call is not settled yet.",
        ),
        (
            [OPEN],
            {"caller_usable": False},
            "Does not dial: the campaign's caller ID is not an active number of the inventory; choose another one.",
        ),
    ],
)
def test_one_sentence_says_what_holds_the_lead_and_when_it_dials(
    numbers: list[NumberLadder], changes: dict[str, Any], sentence: str
) -> None:
    found = said(*numbers, **changes)

    assert found == sentence


def test_a_callback_promised_by_one_agent_waits_for_that_agent() -> None:
    found = said(OPEN, agents_ready=0, callback_for="Ana", is_callback=True)

    assert found == "Could dial now, but Ana, who promised the call, is not waiting."


def test_a_rung_says_whether_time_lifts_it_and_where_the_missing_fact_is_supplied() -> None:
    unbound = rule_rung(not_bound("FED-031", "unknown"), name="Line type", passes_at=None)

    assert (CLOSED_RULE.light, CLOSED_RULE.fix, CLOSED_RULE.passes_at) == (
        Light.WAITS,
        Fix.NOWHERE,
        TOMORROW,
    )
    assert (LISTED_RULE.light, LISTED_RULE.fix) == (Light.STOPS, Fix.CODE)
    assert unbound.light is Light.NOT_BOUND


def test_the_rungs_come_in_the_order_from_list_to_gate() -> None:
    names = [rung.name for rung in lead_rungs(STANDING, numbers=1, now=NOW)]

    assert names == [
        "In the campaign",
        "Campaign running",
        "Caller ID usable",
        "Agent ready",
        "Lead open",
        "Attempts left",
        "Has a number",
        "Next try due",
        "Its turn",
    ]


POOL = PoolStanding(
    name="Florida",
    match_local=True,
    free=("+14075550100",),
    resting=1,
    capped=2,
    daily_cap=50,
    next_at=TOMORROW,
)


@pytest.mark.parametrize(
    ("pool", "light", "text"),
    [
        (
            POOL,
            Light.PASSED,
            "1 of the numbers of the pool “Florida” may be shown now (1 rests and 2 made their 50 calls",
        ),
        (
            replace(POOL, free=()),
            Light.WAITS,
            "every number of the pool “Florida” is held: 1 rests and 2 made their",
        ),
        (
            replace(POOL, free=(), resting=2, capped=0, next_at=None),
            Light.STOPS,
            "2 rest; a manager can end a rest",
        ),
        (
            replace(POOL, free=(), resting=0, capped=0, next_at=None),
            Light.STOPS,
            "none of its numbers is in use",
        ),
    ],
)
def test_a_pool_says_what_holds_its_numbers_and_until_when(
    pool: PoolStanding, light: Light, text: str
) -> None:
    rung = next(
        one for one in lead_rungs(replace(STANDING, pool=pool), numbers=1, now=NOW) if "Caller" in one.name
    )

    assert (rung.light, rung.passes_at) == (light, None if light is not Light.WAITS else TOMORROW)
    assert text in rung.text
    assert (rung.fix is Fix.POOLS) == (light is not Light.PASSED)


@pytest.mark.parametrize(
    ("plan", "light", "at", "text"),
    [
        (MayTry(numbers=("+14075550123",)), Light.PASSED, None, "the plan lets one number be tried now"),
        (
            MayTry(numbers=(), sentence="Waits: the campaign leaves time between two tries.", next_at=TOMORROW),
            Light.WAITS, TOMORROW, "waits: the campaign leaves time between two tries",
        ),
        (
            MayTry(numbers=(), sentence="Not called: every number was tried as often as the campaign allows."),
            Light.STOPS, None, "not called: every number was tried as often as the campaign allows",
        ),
    ],
)  # fmt: skip
def test_the_plan_of_further_tries_says_what_it_holds_and_until_when(
    plan: MayTry, light: Light, at: datetime | None, text: str
) -> None:
    rungs = lead_rungs(replace(STANDING, plan=plan), numbers=1, now=NOW)

    rung = next(one for one in rungs if one.name == "Plan of further tries")
    assert (rung.light, rung.passes_at, rung.text) == (light, at, text)
    assert "Plan of further tries" not in [one.name for one in lead_rungs(STANDING, numbers=1, now=NOW)]


def test_who_dials_first_is_said_and_holds_nothing() -> None:
    names = ["Autumn", "Winter", "Summer", "Fall"]

    assert said(OPEN, dials_first=names) == "Would dial now: it passes every condition."
    rung = next(
        one
        for one in lead_rungs(replace(STANDING, dials_first=names), numbers=1, now=NOW)
        if one.name == "Dials first"
    )
    assert rung.text.startswith("“Autumn”, “Winter”, “Summer” and 1 more dial before it")
