"""What somebody hears whose agent's line broke off."""

from datetime import UTC, datetime, timedelta

import pytest

from dialer.lostline import Interrupted, Turn, must_be_told, next_turn

AT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
SAME, ALL = timedelta(seconds=20), timedelta(seconds=120)


def interrupted(**changes: object) -> Interrupted:
    return Interrupted(**{"lost_since": AT, "agent_is_back": False, **changes})  # type: ignore[arg-type]


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("call", "seconds", "turn"),
    [
        (interrupted(), 0, Turn.HOLD),
        (interrupted(), 19.9, Turn.HOLD),
        (interrupted(), 20, Turn.CLAIM),
        (interrupted(), 119, Turn.CLAIM),
        (interrupted(), 120, Turn.GIVE_UP),
        (interrupted(agent_is_back=True), 1, Turn.JOIN),
        (interrupted(agent_is_back=True), 60, Turn.JOIN),
        (interrupted(agent_is_back=True, told="give_up"), 121, Turn.JOIN),
        (interrupted(hang_up_asked=True), 1, Turn.END),
        (interrupted(hang_up_asked=True, agent_is_back=True), 1, Turn.END),
    ],
)
def test_the_next_turn(call: Interrupted, seconds: float, turn: Turn) -> None:
    assert next_turn(call, same_agent=SAME, in_all=ALL, now=after(seconds)) is turn


@pytest.mark.parametrize(
    ("call", "turn", "seconds", "told"),
    [
        (interrupted(), Turn.HOLD, 1, False),  # their leg asks by itself in this instant
        (interrupted(), Turn.HOLD, 3, True),
        (interrupted(told="hold", told_at=AT), Turn.HOLD, 10, False),
        (interrupted(told="hold", told_at=AT), Turn.HOLD, 20, True),
        (interrupted(told="hold", told_at=AT), Turn.GIVE_UP, 10, False),
        (interrupted(told="hold", told_at=AT), Turn.JOIN, 1, True),
        (interrupted(), Turn.JOIN, 0, True),
        (interrupted(told="join", told_at=AT), Turn.JOIN, 5, False),
        (interrupted(told="join", told_at=AT), Turn.JOIN, 20, True),
        (interrupted(told="hold", told_at=AT), Turn.END, 1, True),
    ],
)
def test_the_carrier_is_asked_only_for_what_the_leg_does_not_do_by_itself(
    call: Interrupted, turn: Turn, seconds: float, told: bool
) -> None:
    assert must_be_told(call, turn, now=after(seconds)) is told
