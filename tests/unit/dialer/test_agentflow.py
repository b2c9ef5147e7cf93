"""The agent's table."""

import pytest

from dialer.agentflow import TRANSITIONS, AgentNews, AgentState, step


def test_nothing_leaves_offline() -> None:
    assert all(state is not AgentState.OFFLINE for state, _ in TRANSITIONS)


@pytest.mark.parametrize(
    "state",
    [
        state
        for state in AgentState
        if state not in (AgentState.OFFLINE, AgentState.ON_CALL, AgentState.CONSULTING)
    ],
)
def test_an_agent_can_leave_from_every_state_but_a_call_and_a_consultation(state: AgentState) -> None:
    assert step(state, AgentNews.LEFT) is AgentState.OFFLINE


def test_an_agent_cannot_leave_a_call() -> None:
    assert step(AgentState.ON_CALL, AgentNews.LEFT) is None
    assert step(AgentState.CONSULTING, AgentNews.LEFT) is None


def test_every_state_can_come_back_to_ready() -> None:
    reach = {AgentState.READY}
    for _ in AgentState:
        reach |= {state for (state, _news), after in TRANSITIONS.items() if after in reach}

    assert reach == set(AgentState) - {AgentState.OFFLINE}


def test_a_message_left_frees_the_agent_at_once() -> None:
    assert step(AgentState.ON_CALL, AgentNews.MESSAGE_LEFT) is AgentState.READY
    assert [state for state, news in TRANSITIONS if news is AgentNews.MESSAGE_LEFT] == [AgentState.ON_CALL]
