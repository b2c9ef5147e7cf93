"""From the answer to the agent: what a call does next, and how long it may wait."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.answerflow import (
    LISTEN_AT_MOST,
    Answered,
    Move,
    deadline,
    greeting_end,
    heard,
    if_nobody_is_free,
    is_late,
    next_move,
)
from dialer.callflow import Party

AT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
CONNECT = timedelta(seconds=2)
GREETING = timedelta(seconds=30)


def answered(**changes: object) -> Answered:
    return Answered(answered_at=AT, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "after_seconds", "move"),
    [
        (answered(has_agent=True), 0, Move.JOIN),
        (answered(has_agent=True, party=Party.MACHINE), 9, Move.JOIN),
        (answered(), 0, Move.CLAIM),
        (answered(agent_dialed=True), 0, Move.ABANDON),
        (answered(abandoned=True), 0, Move.ABANDON),
        (answered(detects=True), 0, Move.LISTEN),
        (answered(detects=True), 4, Move.CLAIM),
        (answered(detects=True, party=Party.PERSON), 1, Move.CLAIM),
        (answered(detects=True, party=Party.UNKNOWN), 1, Move.CLAIM),
        (answered(detects=True, party=Party.MACHINE), 1, Move.LEAVE),
        (answered(detects=True, party=Party.FAX), 1, Move.LEAVE),
        (answered(party=Party.MACHINE, abandoned=True), 9, Move.LEAVE),
        (answered(detects=True, greeting=GREETING), 29.9, Move.LISTEN),
        (answered(detects=True, greeting=GREETING), 30, Move.LEAVE),
        (answered(detects=True, greeting=GREETING, party=Party.PERSON), 2, Move.CLAIM),
        (answered(detects=True, greeting=GREETING, party=Party.UNKNOWN), 5, Move.CLAIM),
        (answered(detects=True, greeting=GREETING, party=Party.MACHINE), 12, Move.LEAVE),
    ],
)
def test_the_next_move(call: Answered, after_seconds: float, move: Move) -> None:
    assert next_move(call, now=AT + timedelta(seconds=after_seconds)) is move


@pytest.mark.parametrize(
    ("party", "after_ms", "seconds"),
    [
        (Party.PERSON, 2400, 1.2),  # spoke for 1.2 s, then 1.2 s of silence
        (Party.PERSON, 900, 0.0),  # sooner than the silence takes: no greeting to speak of
        (Party.UNKNOWN, 2400, None),
        (Party.MACHINE, 2400, None),
        (Party.PERSON, None, None),
    ],
)
def test_the_end_of_a_greeting_is_one_silence_before_the_verdict(
    party: Party, after_ms: int | None, seconds: float | None
) -> None:
    found = greeting_end(AT, party, after_ms)

    assert found == (None if seconds is None else AT + timedelta(seconds=seconds))


def test_the_two_seconds_run_from_the_greeting_where_it_is_known() -> None:
    known = answered(greeting_ended_at=AT + timedelta(seconds=1))

    assert deadline(answered(), connect=CONNECT) == AT + timedelta(seconds=2)
    assert deadline(known, connect=CONNECT) == AT + timedelta(seconds=3)
    assert not is_late(known, heard_at=AT + timedelta(seconds=3), connect=CONNECT)
    assert is_late(known, heard_at=AT + timedelta(seconds=3.001), connect=CONNECT)


@given(st.floats(0, 30), st.floats(0, 5))
def test_nobody_waits_beyond_the_deadline_by_more_than_the_carriers_whole_second(
    asked_after: float, greeting: float
) -> None:
    call = answered(greeting_ended_at=AT + timedelta(seconds=greeting))
    now = AT + timedelta(seconds=asked_after)

    wait = if_nobody_is_free(call, connect=CONNECT, now=now)

    last = deadline(call, connect=CONNECT)
    assert (wait is None) == (now >= last)
    if wait is not None:
        assert wait >= 1
        assert now + timedelta(seconds=wait) < last + timedelta(seconds=1)


@given(
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, *Party]),
    st.floats(0, 60),
)
def test_every_call_moves_and_none_listens_for_ever(
    detects: bool, has_agent: bool, agent_dialed: bool, abandoned: bool, party: Party | None, after: float
) -> None:
    call = answered(
        detects=detects, has_agent=has_agent, agent_dialed=agent_dialed, abandoned=abandoned, party=party
    )

    move = next_move(call, now=AT + timedelta(seconds=after))

    assert isinstance(move, Move)
    assert move is not Move.LISTEN or after < LISTEN_AT_MOST.total_seconds()


@pytest.mark.parametrize(
    ("detected", "after_ms", "greeting", "party"),
    [
        (Party.UNKNOWN, 30_000, GREETING, Party.MACHINE),  # it spoke until detection gave up
        (Party.UNKNOWN, 5_000, GREETING, Party.UNKNOWN),  # silence: may be a person
        (Party.UNKNOWN, 30_000, None, Party.UNKNOWN),  # the end of the greeting was not waited for
        (Party.UNKNOWN, None, GREETING, Party.UNKNOWN),
        (Party.PERSON, 30_000, GREETING, Party.PERSON),
    ],
)
def test_what_speaks_without_end_is_a_machine(
    detected: Party, after_ms: int | None, greeting: timedelta | None, party: Party
) -> None:
    assert heard(detected, after_ms, greeting=greeting) is party
