"""How setups differ in words, and what becomes of two people's changes."""

from dataclasses import asdict, fields
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from campaigns import ordering, recycling
from campaigns.ordering import Kind, ListWeight, Order
from campaigns.recycling import OutcomeRule, Plan, Then
from campaigns.services.campaigns import Setup, frozen, thawed
from campaigns.versions import diff
from campaigns.versions.fields import BY_NAME, LATE, MOMENT_WORDS, STEP_NAMES, Moment, Names, Step, fields_of
from campaigns.versions.freezing import freeze

SETUP = Setup(
    name="Spring", purpose="survey", caller_id="+14075550100", list_ids=(2, 1), disposition_set_id=1,
    abandon_percent=Decimal("2.50"), stops_at=datetime(2026, 3, 9, 21, 0, tzinfo=UTC),
    voicemail_variant_ids=(UUID(int=2), UUID(int=1)), window_opens=time(9, 30),
)  # fmt: skip
NAMES = Names(
    things={"list": {"1": "Autumn", "2": "Winter"}, "pool": {"7": "Florida"}},
    choices={"mode": {"preview": "Preview", "power": "Power"}, "result": {"busy": "Busy"}},
    zone="America/New_York",
)
FROZEN = frozen(SETUP)


def test_every_setting_has_words_a_step_and_a_moment() -> None:
    assert set(BY_NAME) == {one.name for one in fields(Setup)}
    assert set(MOMENT_WORDS) == set(Moment)
    assert set(STEP_NAMES) == set(Step)
    assert all(fields_of(step) for step in Step if step is not Step.REVIEW)


def test_what_is_frozen_thaws_to_the_same() -> None:
    thawn = thawed(FROZEN)

    assert frozen(thawn) == FROZEN
    assert (thawn.window_opens, thawn.stops_at, thawn.list_ids) == (
        SETUP.window_opens,
        SETUP.stops_at,
        (1, 2),
    )
    assert thawn.abandon_percent == Decimal("2.5")


def test_a_version_from_before_a_setting_thaws_to_its_default() -> None:
    old = {name: value for name, value in FROZEN.items() if name not in ("goal", "needs_approval")}

    assert thawed({**old, "gone_since": 1}).needs_approval is False


def test_changes_are_said_in_words() -> None:
    after = {
        **FROZEN, "list_ids": [2, 9], "stops_at": None, "abandon_percent": None, "window_days": "06",
        "mode": "power", "goal": 40, "personal_voicemail": True, "caller_id": "+14075550101",
    }  # fmt: skip

    said = {one.field.name: (one.before, one.after) for one in diff.changes(FROZEN, after, NAMES)}

    assert said == {
        "list_ids": ("Autumn, Winter", "Winter, one that is gone (list 9)"),
        "stops_at": ("Mon 9 Mar 2026, 17:00 (America/New_York)", "never"),
        "abandon_percent": ("2.5 %", "as much as the law allows"),
        "window_days": ("Mon Tue Wed Thu Fri Sat", "Mon Sun"),
        "mode": ("Preview", "Power"),
        "goal": ("none", "40 conversions"),
        "personal_voicemail": ("no", "yes"),
        "caller_id": ("(407) 555-0100", "(407) 555-0101"),
    }


PLAN = recycling.store(Plan(rules=(OutcomeRule(code="busy", wait_minutes=30),), max_per_day=2))


def test_a_plan_that_is_new_is_said_whole_and_one_that_differs_part_by_part() -> None:
    with_plan = {**FROZEN, "attempt_plan": PLAN}
    other = Plan(
        rules=(OutcomeRule(code="busy", wait_minutes=120, max_tries=3, then=Then.NEXT),), max_per_day=2
    )

    (made,) = diff.changes(FROZEN, with_plan, NAMES)
    (altered,) = diff.changes(with_plan, {**FROZEN, "attempt_plan": recycling.store(other)}, NAMES)

    assert (made.label, made.before) == ("Further tries", "the plain rule: wait as each result says")
    assert made.after == (
        "after Busy: wait 30 min, then the same number; tries of one person on one day: 2; wait before another number: 1 h; "
        "spread over the parts of the day: no; after a wrong number: the other numbers are tried"
    )
    assert (altered.label, altered.before, altered.after) == (
        "Further tries: after Busy",
        "wait 30 min, then the same number",
        "wait 2 h, then the next number, at most 3, then the person is done",
    )


def test_an_order_and_a_pool_are_said_by_their_names() -> None:
    order = Order(
        kind=Kind.EAST_FIRST, weights=(ListWeight(list_id=1, weight=3), ListWeight(list_id=2, weight=1))
    )
    after = {**FROZEN, "order_plan": ordering.store(order), "caller_pool_id": 7}

    said = {one.label: (one.before, one.after) for one in diff.changes(FROZEN, after, NAMES)}

    assert said == {
        "Pool of numbers": ("none: the caller ID", "Florida"),
        "Order of calls": (
            "who is due longest first",
            "first: from the east to the west; new people: in turn; lists by weight: Autumn 3, Winter 1",
        ),
    }


def test_a_version_from_before_plans_were_kept_takes_what_is_in_force_and_says_what_is_new() -> None:
    old = {name: value for name, value in FROZEN.items() if name not in LATE}
    now = {**FROZEN, "attempt_plan": PLAN}

    assert diff.complete(old, now) == now
    assert diff.changes(old, now, NAMES) == []
    assert [(one.label, one.before) for one in diff.new_to(old, now, NAMES)] == [
        ("Further tries", "not kept with versions then")
    ]
    assert diff.new_to(FROZEN, now, NAMES) == []


def test_what_calls_under_way_were_cleared_for_is_held_back() -> None:
    after = {**FROZEN, "purpose": "political", "max_attempts": 9, "list_ids": [1, 2, 3]}

    assert [one.name for one in diff.held_back(FROZEN, after)] == ["purpose"]


def test_of_two_peoples_changes_each_keeps_their_own_and_clashes_are_named() -> None:
    ours = {**FROZEN, "max_attempts": 3, "ring_seconds": 30}
    theirs = {**FROZEN, "max_attempts": 4, "wrap_up_seconds": 10, "ring_seconds": 30}

    merged = diff.merge(FROZEN, ours, theirs)

    assert merged.setup == {**FROZEN, "max_attempts": 3, "ring_seconds": 30, "wrap_up_seconds": 10}
    assert (merged.taken, merged.clashes) == (["wrap_up_seconds"], ["max_attempts"])


SETUPS = st.fixed_dictionaries(
    {
        "max_attempts": st.integers(1, 3),
        "ring_seconds": st.integers(15, 17),
        "goal": st.none() | st.integers(1, 2),
    }
)


@given(base=SETUPS, ours=SETUPS, theirs=SETUPS)
def test_a_merge_loses_nobodys_change(
    base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any]
) -> None:
    merged = diff.merge(base, ours, theirs)

    for name, value in merged.setup.items():
        expected = ours[name] if ours[name] != base[name] else theirs[name]
        assert value == expected
    assert diff.merge(base, ours, base).setup == ours
    assert diff.merge(base, base, theirs).setup == theirs


def test_numbers_are_equal_however_many_zeros_they_have() -> None:
    assert freeze({"a": Decimal("2.00")}) == freeze({"a": Decimal(2)}) == {"a": "2"}
    assert asdict(SETUP)["abandon_percent"] != "2.5"
    assert diff.summary(diff.changes(FROZEN, {**FROZEN, "goal": 1, "max_attempts": 1}, NAMES), most=1) == (
        "Goal and 1 more"
    )
