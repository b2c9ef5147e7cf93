"""How setups differ in words, and what becomes of two people's changes."""

from dataclasses import asdict, fields
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from campaigns.services.campaigns import Setup, frozen, thawed
from campaigns.versions import diff
from campaigns.versions.fields import BY_NAME, MOMENT_WORDS, STEP_NAMES, Moment, Names, Step, fields_of
from campaigns.versions.freezing import freeze

SETUP = Setup(
    name="Spring", purpose="survey", caller_id="+14075550100", list_ids=(2, 1), disposition_set_id=1,
    abandon_percent=Decimal("2.50"), stops_at=datetime(2026, 3, 9, 21, 0, tzinfo=UTC),
    voicemail_variant_ids=(UUID(int=2), UUID(int=1)), window_opens=time(9, 30),
)  # fmt: skip
NAMES = Names(
    things={"list": {"1": "Autumn", "2": "Winter"}},
    choices={"mode": {"preview": "Preview", "power": "Power"}},
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
