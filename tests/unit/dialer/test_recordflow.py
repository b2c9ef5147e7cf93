"""The table of a recording: what people ask, what the carrier confirms, and that nothing lifts a pause but a person."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.recordflow import (
    FINAL,
    Notice,
    RecordNews,
    RecordState,
    Standing,
    Wanted,
    records_nothing,
    step,
    wanted,
)

N, S = RecordNews, RecordState
FROM_PEOPLE = {N.AGREED, N.PAUSE_ASKED, N.RESUME_ASKED, N.STOP_ASKED, N.SKIP_ASKED}
FROM_CARRIER = sorted(set(N) - FROM_PEOPLE)


def standing(state: RecordState, **changes: object) -> Standing:
    facts = {
        "state": state,
        "has_ref": True,
        "was_tried": True,
        "notice": Notice.HEARD,
        "call_is_live": True,
        "is_gone": False,
    }
    return Standing(**(facts | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("news", "states"),
    [
        ([N.RUNS], [S.RECORDING]),
        ([N.RUNS, N.PAUSE_ASKED, N.PAUSED], [S.RECORDING, S.PAUSING, S.PAUSED]),
        ([N.RUNS, N.PAUSE_ASKED, N.PAUSED, N.RESUME_ASKED, N.RUNS], [S.RESUMING, S.RECORDING]),
        ([N.RUNS, N.ENDED, N.SKIP_ASKED], [S.STOPPED, S.SKIPPED]),
        ([N.RUNS, N.STOP_ASKED, N.ENDED], [S.STOPPING, S.STOPPED]),
        ([N.PAUSE_ASKED, N.BEGAN, N.PAUSED], [S.PAUSING, S.PAUSING, S.PAUSED]),
        ([N.ABSENT], [S.FAILED]),
    ],
)
def test_a_recording_goes_its_way(news: list[RecordNews], states: list[RecordState]) -> None:
    seen, state = [], S.ASKED
    for each in news:
        state = step(state, each).state
        seen.append(state)

    assert seen[-len(states) :] == states


@given(st.lists(st.sampled_from(FROM_CARRIER), max_size=12))
def test_no_news_of_the_carriers_brings_a_paused_recording_back_to_recording(news: list[RecordNews]) -> None:
    state = S.PAUSED
    for each in news:
        state = step(state, each).state

        assert state not in (S.RECORDING, S.RESUMING, S.ASKED)


def test_a_paused_recording_that_runs_at_the_carrier_is_paused_again() -> None:
    state = step(S.PAUSED, N.RUNS).state

    assert state is S.PAUSING
    assert wanted(standing(state)) is Wanted.PAUSE


@pytest.mark.parametrize("news", [N.BEGAN, N.RUNS, N.ENDED])
def test_a_recording_that_was_given_up_and_is_there_all_the_same_is_deleted(news: RecordNews) -> None:
    state = step(S.FAILED, news).state

    assert state is S.SKIPPED
    assert wanted(standing(state)) is Wanted.DELETE


@pytest.mark.parametrize(("state", "news"), list(product(sorted(FINAL - {S.FAILED}), N)))
def test_what_is_final_stays(state: RecordState, news: RecordNews) -> None:
    assert step(state, news).state is state


@pytest.mark.parametrize(
    ("standing_now", "asked"),
    [
        (standing(S.ASKED, has_ref=False, was_tried=False), Wanted.START),
        (standing(S.ASKED, has_ref=False), Wanted.FIND),  # never asked twice to begin
        (standing(S.PAUSING, has_ref=False), Wanted.FIND),
        (standing(S.RECORDING, notice=Notice.NOT_YET), Wanted.ANNOUNCE),
        (standing(S.RECORDING, notice=Notice.ASKED), Wanted.NOTHING),
        (standing(S.RECORDING, notice=Notice.NOT_YET, call_is_live=False), Wanted.NOTHING),
        (standing(S.RESUMING), Wanted.RESUME),
        (standing(S.STOPPING), Wanted.STOP),
        (standing(S.SKIPPED), Wanted.DELETE),
        (standing(S.SKIPPED, has_ref=False), Wanted.FIND),
        (standing(S.SKIPPED, has_ref=False, was_tried=False), Wanted.NOTHING),
        (standing(S.SKIPPED, is_gone=True), Wanted.NOTHING),
        (standing(S.PAUSED), Wanted.NOTHING),
    ],
)
def test_what_the_carrier_is_asked_next(standing_now: Standing, asked: Wanted) -> None:
    assert wanted(standing_now) is asked


@pytest.mark.parametrize("state", list(S))
def test_pci_004_card_data_may_be_taken_only_where_nothing_is_recorded(state: RecordState) -> None:
    safe = records_nothing(standing(state))

    assert safe == (state in {S.WAITING, S.NOT_RECORDED, S.PAUSED, S.STOPPED, S.FAILED})


def test_pci_004_a_skipped_recording_counts_once_it_is_gone_at_the_carrier() -> None:
    assert records_nothing(standing(S.SKIPPED, is_gone=True))
    assert not records_nothing(standing(S.SKIPPED))
