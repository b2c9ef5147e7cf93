"""The table of a message left on a machine: the carrier's word stands, and every order of it leaves a true record."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.dropflow import TRANSITIONS, DropNews, DropState, end_of, step

AT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
ENDS = (DropNews.ENDED_SOON, DropNews.ENDED_LATE, DropNews.INTERRUPTED, DropNews.GIVEN_UP)


def after(news: list[DropNews]) -> DropState:
    state = DropState.ASKED
    for one in news:
        state = step(state, one) or state
    return state


def test_nothing_leads_out_of_refused_or_played() -> None:
    assert not {DropState.REFUSED, DropState.PLAYED} & {state for state, _ in TRANSITIONS}


def test_what_is_open_can_be_closed_by_the_end_of_its_call() -> None:
    for state in DropState:
        if state.is_open:
            assert not (step(state, DropNews.ENDED_SOON) or state).is_open
            assert not (step(state, DropNews.ENDED_LATE) or state).is_open


@given(st.lists(st.sampled_from(list(DropNews))))
def test_once_the_carrier_said_that_it_was_heard_out_nothing_else_is_told(news: list[DropNews]) -> None:
    assert (after(news) is DropState.PLAYED) == (DropNews.HEARD_OUT in news)


@given(st.lists(st.sampled_from([each for each in DropNews if each is not DropNews.HEARD_OUT])))
def test_without_that_word_it_was_left_only_if_it_began_and_the_call_lasted(news: list[DropNews]) -> None:
    state = after(news)

    assert state is not DropState.PLAYED
    if state.is_left:
        assert news.index(DropNews.BEGAN) < news.index(DropNews.ENDED_LATE)


@given(st.lists(st.sampled_from(list(DropNews))), st.sampled_from(list(DropNews)))
def test_a_repeat_changes_nothing(news: list[DropNews], again: DropNews) -> None:
    assert after([*news, again]) is after([*news, again, again])


@pytest.mark.parametrize(
    ("began_at", "after_seconds", "news"),
    [
        (AT, 7.9, DropNews.ENDED_SOON),
        (AT, 8.0, DropNews.ENDED_LATE),
        (None, 60, DropNews.ENDED_SOON),
    ],
)
def test_the_end_of_a_call_is_compared_with_the_length(
    began_at: datetime | None, after_seconds: float, news: DropNews
) -> None:
    assert end_of(began_at, 8.0, now=AT + timedelta(seconds=after_seconds)) is news
