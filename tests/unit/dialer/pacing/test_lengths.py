"""How soon agents are free: chances against the law calls were drawn from."""

import numpy as np
import pytest

from dialer.pacing.lengths import HORIZON, Handling

AT_TEN = int(np.searchsorted(HORIZON, 10.0))


def after_a_while(seconds: float, *, counts_those_going_on: bool) -> Handling:
    """Return what is learned from calls of 60 s on average that begin ten a second, all from 0 on."""
    rng = np.random.default_rng(4)
    begun = np.sort(rng.uniform(0, seconds, int(10 * seconds)))
    talk = rng.exponential(60.0, len(begun))
    ended = begun + talk
    handling = Handling()
    for index in np.argsort(ended):
        if ended[index] > seconds:
            continue
        if counts_those_going_on:
            at = ended[index]
            handling.talking_now = (at - begun[(begun <= at) & (ended > at)]).tolist()
        handling.add(float(talk[index]), 0.0, float(ended[index]))
    return handling


def test_the_long_calls_of_a_young_day_count_while_they_go_on() -> None:
    expected = 1 - np.exp(-10 / 60)

    fair, short = (
        float(after_a_while(100.0, counts_those_going_on=going_on).freed([5.0], [])[0, AT_TEN])
        for going_on in (True, False)
    )

    assert fair == pytest.approx(expected, abs=0.03)
    assert short > fair + 0.05


@pytest.mark.parametrize("age", [5.0, 30.0, 90.0])
def test_once_calls_come_and_go_evenly_chances_are_those_of_the_law(age: float) -> None:
    handling = after_a_while(600.0, counts_those_going_on=True)

    found = handling.freed([age], [])[0, AT_TEN]

    assert found == pytest.approx(1 - np.exp(-10 / 60), abs=0.04)


def test_calls_that_all_carry_the_same_time_count_alike() -> None:
    handling = Handling()
    for index in range(400):
        handling.add(20.0 + index % 40, 5.0, 0.0)

    found = handling.freed([10.0], [])[0]

    assert found[0] == 0.0
    assert found[int(np.searchsorted(HORIZON, 20.0))] == pytest.approx(0.125, abs=0.05)


def test_chances_never_fall_with_time_and_never_pass_one() -> None:
    handling = after_a_while(300.0, counts_those_going_on=True)

    rows = handling.freed([0.0, 40.0, 400.0, 3000.0], [0.0, 10.0])

    assert (np.diff(rows, axis=1) >= 0).all()
    assert rows.max() <= 1
    assert rows.min() >= 0
