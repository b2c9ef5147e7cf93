"""The call's table: total, forward only, always able to end."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.callflow import TRANSITIONS, CallNews, CallState, NetworkOutcome, step

RANK = {state: rank for rank, state in enumerate(CallState)}
ENDINGS = [
    CallNews.COMPLETED,
    CallNews.BUSY,
    CallNews.NO_ANSWER,
    CallNews.FAILED,
    CallNews.CANCELED,
    CallNews.NOT_PLACED,
]


@pytest.mark.parametrize(("state", "news"), list(itertools.product(CallState, CallNews)))
def test_every_pair_has_an_answer_and_an_outcome_exactly_when_the_call_ends(
    state: CallState, news: CallNews
) -> None:
    after = step(state, news)

    assert (after.outcome is not None) == (after.state is CallState.ENDED and not after.ignored)
    assert after.ignored == (after.state == state)


def test_no_news_leaves_ended() -> None:
    assert all(state is not CallState.ENDED for state, _ in TRANSITIONS)


def test_only_taking_a_call_off_hold_and_an_agents_line_that_comes_back_go_back() -> None:
    backward = [(state, news) for (state, news), after in TRANSITIONS.items() if RANK[after] < RANK[state]]

    assert backward == [(CallState.ON_HOLD, CallNews.RESUMED), (CallState.INTERRUPTED, CallNews.JOINED)]


@pytest.mark.parametrize("state", [state for state in CallState if state is not CallState.ENDED])
def test_every_state_can_reach_the_end(state: CallState) -> None:
    assert any(step(state, news).outcome is not None for news in CallNews)


def test_a_call_that_rang_cannot_turn_out_never_placed() -> None:
    assert step(CallState.RINGING, CallNews.NOT_PLACED).ignored


def test_a_line_that_breaks_in_mid_call_was_answered() -> None:
    assert step(CallState.CONNECTED, CallNews.FAILED).outcome is NetworkOutcome.ANSWERED


@given(st.lists(st.sampled_from(list(CallNews))))
def test_any_order_of_news_ends_at_most_once_and_never_goes_on_after(news: list[CallNews]) -> None:
    state, ended = CallState.PLACING, 0

    for one in news:
        after = step(state, one)
        ended += after.outcome is not None
        state = after.state

    assert ended <= 1
    assert (state is CallState.ENDED) == (ended == 1)


@given(
    st.permutations(
        [CallNews.PLACED, CallNews.RINGING, CallNews.ANSWERED, CallNews.JOINED, CallNews.COMPLETED]
    )
)
def test_a_whole_call_told_in_any_order_is_answered(news: list[CallNews]) -> None:
    state, outcomes = CallState.PLACING, []

    for one in news:
        after = step(state, one)
        outcomes += [after.outcome] if after.outcome else []
        state = after.state

    assert outcomes == [NetworkOutcome.ANSWERED]


@given(st.lists(st.sampled_from(list(CallNews))), st.data())
def test_a_repeat_changes_nothing(news: list[CallNews], data: st.DataObject) -> None:
    state = CallState.PLACING
    for one in news:
        state = step(state, one).state
        again = step(state, one)
        assert again.ignored, (state, one)


@given(st.lists(st.sampled_from(list(CallNews))))
def test_a_call_that_leaves_a_message_comes_back_to_no_agent(news: list[CallNews]) -> None:
    state = CallState.LEAVING_MESSAGE

    for one in news:
        state = step(state, one).state

    assert state in (CallState.LEAVING_MESSAGE, CallState.ENDED)


@pytest.mark.parametrize("state", [CallState.PLACING, CallState.DIALING, CallState.RINGING])
def test_no_message_is_left_before_somebody_picks_up(state: CallState) -> None:
    assert step(state, CallNews.MESSAGE_BEGAN).ignored
