"""The leads still to do: limits on tries, callbacks, those who wait for a time, and whose turn it is; nobody is lost."""

from datetime import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dialer.whatif.carrying import Carried, carry
from dialer.whatif.hours import slots
from dialer.whatif.leads import Leads, tries_left
from dialer.whatif.plan import ORDERS, Retries
from tests.unit.dialer.whatif.making import plan
from tests.unit.dialer.whatif.test_carrying import NEVER_AGAIN, played

AT_ONCE = Retries(no_answer=0, machine=0, busy=0, failed=0, abandoned=0)
ALWAYS = {"machines": 0.0, "busy": 0.0, "failed": 0.0}
TWO = (("America/New_York", 50.0), ("America/Los_Angeles", 50.0))


def carried(**changes: object) -> Carried:
    return carry(plan(**changes), played())


def test_one_number_is_tried_no_more_often_than_the_plan_says() -> None:
    one, two = (
        carried(leads=1000, attempts=6, per_number=2, numbers=numbers) for numbers in ((1.0,), (0.0, 1.0))
    )

    missed = 1 - 0.22
    assert one.calls == pytest.approx(1000 * (1 + missed), rel=0.01)
    assert two.calls == pytest.approx(1000 * sum(missed**tried for tried in range(4)), rel=0.01)


def test_tries_left_are_those_of_the_stricter_limit_less_those_made() -> None:
    asked = plan(attempts=4, per_number=1, numbers=(0.5, 0.5), tried=(0.8, 0.2))

    assert tries_left(asked).tolist() == pytest.approx([0.4 + 0.1, 0.4, 0.0, 0.0])


def test_a_person_is_tried_once_a_day_where_the_plan_says_so() -> None:
    found = carried(leads=100, attempts=3, per_day=1, retries=AT_ONCE)

    calls = [round(day.calls) for day in found.days]
    assert calls == [100, 78, 61]


def test_twice_a_day_is_in_between() -> None:
    found = carried(leads=100, attempts=4, per_day=2, retries=AT_ONCE)

    assert [round(day.calls) for day in found.days] == [178, 108]


def test_a_limit_over_days_spaces_the_tries() -> None:
    found = carried(leads=100, attempts=3, per_person=2, person_days=8, retries=AT_ONCE, days="0123456")

    assert [index for index, day in enumerate(found.days) if day.calls > 0.5] == [0, 4, 8]


def test_who_asks_to_be_called_again_is_reached_once_and_called_twice() -> None:
    usual = {"leads": 1000, "attempts": 3, "retries": NEVER_AGAIN, "callback_days": 1.0}
    without, with_them = (carried(**usual, callback_rate=rate) for rate in (0.0, 0.5))

    assert with_them.reached == pytest.approx(without.reached, abs=1)
    assert with_them.calls == pytest.approx(1000 * (1 + 0.11 + 0.11**2), rel=0.01)


def test_callbacks_come_first() -> None:
    asked = plan(leads=100_000, callback_rate=1.0, callback_days=1 / 24, retries=NEVER_AGAIN)

    found = carry(asked, played())

    # Each answer is called once more within the day, before the many who were never called.
    assert found.days[0].reached < found.days[0].calls * 0.22 * 0.9


def test_who_waits_for_a_time_is_called_from_then_on() -> None:
    found = carried(leads=10, later=90, due=((15, 5), (48 + 9, 60)), retries=NEVER_AGAIN)

    assert [round(day.calls) for day in found.days] == [10, 30, 60]


def test_more_who_wait_than_there_are_leads_are_cut_to_them() -> None:
    assert carried(leads=10, due=((30, 500),), retries=NEVER_AGAIN).calls == pytest.approx(10, abs=1)


@pytest.mark.parametrize(("order", "east"), [("due", 0.5), ("closing_first", 1.0), ("east_first", 1.0)])
def test_the_zone_that_closes_first_comes_first_where_the_order_says_so(order: str, east: float) -> None:
    asked = plan(
        leads=10_000, zones=TWO, works_from=time(12), works_until=time(17), not_before=time(12), order=order
    )
    leads = Leads(asked)
    first = next(iter(slots(asked)))
    leads.ripen(first)
    called = leads._chosen(100.0, first)

    assert called[:, 0].sum() / called.sum() == pytest.approx(east)


def test_people_of_a_closed_zone_wait_until_it_opens() -> None:
    found = carried(
        leads=300, zones=TWO, agents=100, retries=NEVER_AGAIN, works_from=time(9), works_until=time(11)
    )

    # The west is never open from nine to eleven in New York.
    assert found.finished is None
    assert found.calls == pytest.approx(150, abs=1)


@given(
    per_day=st.none() | st.integers(1, 4),
    per_number=st.none() | st.integers(1, 3),
    callback_rate=st.floats(0, 1),
    attempts=st.integers(1, 6),
    later=st.integers(0, 500),
    due=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 300)), max_size=4),
    order=st.sampled_from(ORDERS),
    zones=st.sampled_from([(), TWO]),
)
@example(
    per_day=None, per_number=None, callback_rate=0.0, attempts=1, later=2, due=[(0, 201), (0, 300)], order=ORDERS[0], zones=()
)  # fmt: skip
def test_nobody_is_lost_or_made_up(
    per_day: int | None,
    per_number: int | None,
    callback_rate: float,
    attempts: int,
    later: int,
    due: list[tuple[int, int]],
    order: str,
    zones: tuple[tuple[str, float], ...],
) -> None:
    asked = plan(
        leads=500, later=later, per_day=per_day, per_number=per_number, callback_rate=callback_rate, attempts=attempts,
        due=tuple(due), order=order, zones=zones, **ALWAYS,
    )  # fmt: skip

    found = carry(asked, played())

    whole = 500 + later
    left = [day.left for day in found.days]
    assert all(after <= before + 1e-6 for before, after in zip([float(whole), *left], left, strict=False))
    assert found.finished is not None
    assert whole - 0.5 <= found.calls <= whole * attempts + 0.5
    assert found.reached <= whole + 0.5
