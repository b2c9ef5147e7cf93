"""A list called to its end: nobody is lost, and more agents never need longer."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.whatif.carrying import carry, date_after
from dialer.whatif.hours import HORIZON, slots
from dialer.whatif.plan import Retries
from dialer.whatif.playing import Played
from tests.unit.dialer.whatif.making import MONDAY, plan

NEVER_AGAIN = Retries(no_answer=None, machine=None, busy=None, failed=None, abandoned=None)


def played(**changes: float) -> Played:
    """Return a run: 33 s of waiting and as many of work for each call, of which 22 in 100 are answered."""
    usual = {
        "answers": 0.22, "at_desk": 1.0, "idle_per_dial": 33.0, "busy_per_dial": 33.0, "talk_share": 0.4, "wait": 60.0,
        "abandoned": 0.0, "persons": 100,
    }  # fmt: skip
    return Played(**{**usual, **changes})  # type: ignore[arg-type]  # a number in each


def test_each_person_who_is_tried_once_is_called_once() -> None:
    found = carry(plan(leads=3000, retries=NEVER_AGAIN), played())

    assert found.calls == pytest.approx(3000, abs=1)
    assert found.reached == pytest.approx(660, abs=1)


def test_who_does_not_answer_is_tried_as_often_as_the_campaign_allows() -> None:
    found = carry(plan(leads=1000, attempts=3), played())

    missed = 1 - 0.22
    assert found.calls == pytest.approx(1000 * (1 + missed + missed**2), rel=0.01)
    assert found.reached == pytest.approx(1000 * (1 - missed**3), rel=0.01)


def test_attempts_made_before_count() -> None:
    found = carry(plan(leads=1000, attempts=3, tried=(0.0, 0.0, 1.0)), played())

    assert found.calls == pytest.approx(1000, abs=1)


def test_who_was_tried_as_often_as_allowed_is_not_called() -> None:
    assert carry(plan(leads=1000, attempts=2, tried=(0.5, 0.0, 0.5)), played()).calls < 1000


def test_people_of_the_next_day_are_called_then() -> None:
    found = carry(plan(leads=0, later=100, retries=NEVER_AGAIN), played())

    assert [day.calls for day in found.days] == [0, pytest.approx(100, abs=1)]
    assert found.finished == MONDAY + timedelta(days=1)


def test_a_short_list_leaves_agents_without_leads_and_says_for_how_long() -> None:
    assert carry(plan(leads=50, agents=100), played()).days[0].short > 0.9


def test_a_list_too_long_is_not_done_within_the_horizon() -> None:
    found = carry(plan(leads=5_000_000, agents=1), played())

    assert found.finished is None
    assert found.days[-1].on < MONDAY + timedelta(days=HORIZON)


def test_nobody_is_called_on_other_days_or_before_the_first_hour() -> None:
    weekend = plan(days="56", begins=date(2026, 11, 28), not_before=time(12))

    found = [(slot.day, slot.hour) for slot, _ in zip(slots(weekend), range(6), strict=False)]

    assert found[:5] == [(date(2026, 11, 28), hour) for hour in (12, 13, 14, 15, 16)]
    assert found[5] == (date(2026, 11, 29), 9)


def test_hours_that_begin_at_the_half_are_counted_by_the_half() -> None:
    first, second = [slot for slot, _ in zip(slots(plan(opens=time(9, 30))), range(2), strict=False)]

    assert (first.hours, second.hours) == (0.5, 1.0)


def test_open_hours_end_on_the_day_they_are_used_up() -> None:
    assert date_after(plan(), 8.0) == MONDAY
    assert date_after(plan(), 8.5) == MONDAY + timedelta(days=1)
    assert date_after(plan(), 41.0) == MONDAY + timedelta(days=7)


def test_in_hours_of_fewer_answers_more_calls_are_started() -> None:
    quiet_morning = plan(by_hour=((9, 0.5), (10, 1.0)), leads=1_000_000)
    [nine] = carry(plan(leads=1_000_000, closes=time(10), days="0"), played()).days[:1]

    [first] = carry(
        plan(leads=1_000_000, closes=time(10), days="0", by_hour=quiet_morning.by_hour), played()
    ).days[:1]

    assert first.calls > nine.calls
    assert first.reached < nine.reached


@given(
    agents=st.integers(1, 60),
    more=st.integers(1, 60),
    answers=st.floats(0.02, 0.9),
    attempts=st.integers(1, 8),
    leads=st.integers(1, 20_000),
    retry=st.sampled_from([30, 240, 1440, 4000]),
)
def test_more_agents_never_finish_later(
    agents: int, more: int, answers: float, attempts: int, leads: int, retry: int
) -> None:
    asked = plan(
        answers=answers, machines=0.0, busy=0.0, failed=0.0, attempts=attempts, leads=leads,
        retries=Retries(no_answer=retry),
    )  # fmt: skip

    few, many = (carry(asked, played(answers=answers), agents=each) for each in (agents, agents + more))

    assert few.finished is None or (many.finished is not None and many.finished <= few.finished)


@given(answers=st.floats(0.0, 1.0), abandoned=st.floats(0.0, 0.2), leads=st.integers(1, 5000))
def test_nobody_is_lost_or_made_up(answers: float, abandoned: float, leads: int) -> None:
    asked = plan(answers=answers, machines=0.0, busy=0.0, failed=0.0, leads=leads)

    found = carry(asked, played(answers=answers, abandoned=abandoned))

    assert 0 <= found.reached <= leads + 0.5
    left = [day.left for day in found.days]
    assert all(after <= before + 1e-6 for before, after in zip([float(leads), *left], left, strict=False))
