"""The table of transfers: total, always able to end, and nobody is left alone on hold, against a model of the three lines."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dialer.transferflow import (
    CALLED,
    FINAL,
    TALKING,
    TRANSITIONS,
    WISHES,
    Target,
    TransferNews,
    TransferState,
    holds,
    late_at,
    step,
)

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
RING = timedelta(seconds=25)


@pytest.mark.parametrize(("state", "news"), list(itertools.product(TransferState, TransferNews)))
def test_every_pair_has_an_answer(state: TransferState, news: TransferNews) -> None:
    assert step(state, news) in (None, *TransferState)


def test_nothing_leaves_a_final_state() -> None:
    assert all(state not in FINAL for state, _ in TRANSITIONS)


@pytest.mark.parametrize("state", [state for state in TransferState if state.is_open])
def test_a_person_who_hangs_up_ends_every_open_transfer(state: TransferState) -> None:
    assert step(state, TransferNews.PERSON_LEFT) is TransferState.ENDED


@pytest.mark.parametrize("state", [*CALLED, *TALKING])
def test_whatever_goes_wrong_before_the_agent_leaves_brings_the_person_back(state: TransferState) -> None:
    for news in (TransferNews.FAILED, TransferNews.TARGET_LEFT, TransferNews.AGENT_LOST, TransferNews.CANCEL):
        assert step(state, news) is TransferState.RETURNING


@pytest.mark.parametrize("state", CALLED)
def test_nothing_can_be_completed_before_the_target_is_there(state: TransferState) -> None:
    assert step(state, TransferNews.COMPLETE) is None


def test_somebody_hears_music_only_while_another_speaks_with_the_agent() -> None:
    for state in TransferState:
        wanted = holds(state)
        assert not (wanted.person and wanted.target)


@pytest.mark.parametrize(
    ("state", "target", "seconds"),
    [
        (TransferState.ASKED, Target.AGENT, 10),
        (TransferState.ASKED, Target.NUMBER, 45),
        (TransferState.RINGING, Target.NUMBER, 45),
        (TransferState.COMPLETING, Target.NUMBER, 8),
        (TransferState.COMPLETING, Target.AGENT, None),
        (TransferState.CONSULTING, Target.NUMBER, None),
        (TransferState.RETURNING, Target.NUMBER, None),
    ],
)
def test_waiting_has_an_end(state: TransferState, target: Target, seconds: int | None) -> None:
    late = late_at(state, target, NOW, ring=RING)

    assert late == (None if seconds is None else NOW + timedelta(seconds=seconds))


@given(st.lists(st.sampled_from(list(TransferNews))))
def test_any_order_of_news_is_final_at_most_once(news: list[TransferNews]) -> None:
    state, finals = TransferState.ASKED, 0

    for one in news:
        following = step(state, one)
        finals += following in FINAL
        state = following or state

    assert finals <= 1
    assert (state in FINAL) == (finals == 1)


@given(st.lists(st.sampled_from(list(TransferNews))))
def test_a_carriers_repeat_changes_nothing(news: list[TransferNews]) -> None:
    state = TransferState.ASKED
    for one in news:
        state = step(state, one) or state
        if one not in WISHES:
            assert step(state, one) is None


@dataclass
class Lines:
    """The three lines as they are in truth."""

    agent: bool = True
    target: bool = False
    person: bool = True


class Transfers(RuleBasedStateMachine):
    """Lines come and go in truth; the news of it comes late, twice or crossed, and may be missed until somebody looks."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = Lines()
        self.state = TransferState.ASKED
        self.waiting: list[TransferNews] = []
        self.told: list[TransferNews] = []

    @initialize()
    def begin(self) -> None:
        self.waiting.append(TransferNews.RINGS)

    @precondition(lambda self: self.state in CALLED and not self.lines.target)
    @rule()
    def target_picks_up(self) -> None:
        self.lines.target = True
        self.waiting.append(TransferNews.JOINED)

    @precondition(lambda self: self.lines.target)
    @rule()
    def target_hangs_up(self) -> None:
        self.lines.target = False
        self.waiting.append(TransferNews.TARGET_LEFT)

    @precondition(lambda self: self.lines.agent)
    @rule()
    def agents_line_breaks(self) -> None:
        self.lines.agent = False
        self.waiting.append(TransferNews.AGENT_LOST)

    @precondition(lambda self: self.lines.person)
    @rule()
    def person_hangs_up(self) -> None:
        self.lines.person = False
        self.waiting.append(TransferNews.PERSON_LEFT)

    @precondition(lambda self: self.state is TransferState.COMPLETING)
    @rule()
    def both_arrive(self) -> None:
        if self.lines.person and self.lines.target:
            self.waiting.append(TransferNews.MOVED)

    @precondition(lambda self: self.state is TransferState.RETURNING)
    @rule()
    def person_is_back(self) -> None:
        if self.lines.person:
            self.lines.agent = True  # the same or another one
            self.waiting.append(TransferNews.BACK)

    @rule(wish=st.sampled_from(WISHES))
    def press(self, wish: TransferNews) -> None:
        self.state = step(self.state, wish) or self.state

    @precondition(lambda self: bool(self.waiting))
    @rule(data=st.data(), twice=st.booleans())
    def news_comes(self, data: st.DataObject, twice: bool) -> None:
        one = self.waiting.pop(data.draw(st.integers(0, len(self.waiting) - 1)))
        for _ in range(1 + twice):
            self.state = step(self.state, one) or self.state
        self.told.append(one)

    @precondition(lambda self: bool(self.told))
    @rule(data=st.data())
    def old_news_comes_again(self, data: st.DataObject) -> None:
        old = data.draw(st.sampled_from(self.told))
        if old in (TransferNews.RINGS, TransferNews.JOINED):
            self.state = step(self.state, old) or self.state

    @invariant()
    def music_stops_when_everything_is_known(self) -> None:
        if not self.waiting and not self.lines.target and TransferNews.TARGET_LEFT in self.told:
            assert not (self.state in TALKING and holds(self.state).person)

    @invariant()
    def a_transfer_ends_with_the_person(self) -> None:
        if TransferNews.PERSON_LEFT in self.told:
            assert self.state in FINAL

    @invariant()
    def completed_means_that_the_two_were_brought_together(self) -> None:
        if self.state is TransferState.COMPLETED:
            assert TransferNews.MOVED in self.told


TestTransfers = Transfers.TestCase
TestTransfers.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
