"""Which record stays, and where one person stands who was in a campaign twice."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.merging import Record, Standing, one_standing, source_of, survivor_of

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


def record(number: int, **changes: object) -> Record:
    values: dict[str, object] = {
        "id": number, "values": {}, "own": {}, "external_ref": "", "consents": 0, "attempts": 0, "created_at": NOW,
    }  # fmt: skip
    return Record(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"external_ref": "hubspot:1:1"}, {"consents": 5}),
        ({"consents": 1}, {"attempts": 9}),
        ({"attempts": 1}, {"values": {"city": "Orlando"}}),
        ({"values": {"city": "Orlando"}}, {}),
        ({"own": {"tariff": 0}}, {"own": {"tariff": ""}}),
        ({"created_at": NOW - timedelta(days=1)}, {}),
    ],
)
def test_the_record_that_is_best_known_stays(better: dict[str, object], worse: dict[str, object]) -> None:
    assert survivor_of([record(1, **worse), record(2, **better)]).id == 2


def test_a_field_comes_from_the_survivor_or_from_whoever_knows_it() -> None:
    one, two, three = record(1), record(2, values={"city": "Orlando"}), record(3, own={"tariff": "Gold"})

    assert [source_of(name, one, [one, two, three]).id for name in ("city", "own:tariff", "title")] == [
        2,
        3,
        1,
    ]
    assert source_of("city", two, [record(9, values={"city": "Tampa"}), two]).id == 2


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    state = draw(st.sampled_from(["ready", "finished"]))
    is_callback = state == "ready" and draw(st.booleans())
    left = state == "finished" and draw(st.booleans())
    called = draw(st.none() | st.integers(-50, 0))
    return Standing(
        state=state,
        next_try_at=NOW + timedelta(hours=draw(st.integers(-90, 90))),
        is_callback=is_callback,
        callback_asked_at=NOW if is_callback else None,
        attempts=draw(st.integers(0, 30_000)),
        last_result=draw(st.sampled_from(["", "Sold", "Busy"])),
        last_called_at=None if called is None else NOW + timedelta(hours=called),
        reason="done" if state == "finished" else "",
        by_segment=left or draw(st.booleans()),
        left_segment=left,
        left_out=state == "finished" and not left and draw(st.booleans()),
        added_at=NOW + timedelta(hours=draw(st.integers(-99, 0))),
        left_list=state == "finished" and draw(st.booleans()),
    )


@given(standings(), standings())
def test_one_standing_is_never_laxer_than_the_two(ours: Standing, theirs: Standing) -> None:
    joined = one_standing(ours, theirs)

    assert joined.attempts == min(ours.attempts + theirs.attempts, 32_767)
    if ours.is_done or theirs.is_done:
        assert joined.state == "finished"
    elif (ours.left_out or theirs.left_out) and not (ours.is_callback or theirs.is_callback):
        assert joined.left_out
    elif "ready" in (ours.state, theirs.state):
        assert joined.state == "ready"
    promises = [each.next_try_at for each in (ours, theirs) if each.is_callback]
    if joined.state == "ready":
        assert joined.is_callback is bool(promises)
        waits = [each.next_try_at for each in (ours, theirs) if each.state == "ready"]
        assert joined.next_try_at == (min(promises) if promises else max(waits))
    assert not joined.left_segment or (joined.state == "finished" and joined.by_segment)
    assert not joined.left_out or (joined.state == "finished" and not joined.left_segment)
    assert joined.added_at == min(ours.added_at, theirs.added_at)
