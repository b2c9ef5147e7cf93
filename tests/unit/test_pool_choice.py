"""Which number of a pool a call shows, and when one of them is answered less."""

import random
from collections import Counter

import pytest

from carriers.pool_choice import ALARM, choose, drop_evidence

ORLANDO, ORLANDO_2, MIAMI, CHICAGO = "+14075550100", "+14075550101", "+13055550100", "+13125550100"


@pytest.mark.parametrize(
    ("numbers", "to", "expected", "why"),
    [
        ([ORLANDO, MIAMI, CHICAGO], "+14075550123", ORLANDO, "same area code 407"),
        ([MIAMI, CHICAGO], "+14075550123", MIAMI, "same state"),
        ([CHICAGO], "+14075550123", CHICAGO, "no number near"),
        ([CHICAGO], "+442079460000", CHICAGO, "no number near"),
    ],
)
def test_a_number_near_the_person_is_shown(numbers: list[str], to: str, expected: str, why: str) -> None:
    found = choose(numbers, to=to, match_local=True, seed="s")

    assert found is not None
    assert found.number == expected
    assert found.why.startswith(why)


def test_no_number_no_choice() -> None:
    assert choose([], to=ORLANDO, match_local=True, seed="s") is None


def test_the_choice_is_fair_and_can_be_repeated() -> None:
    both = [ORLANDO, ORLANDO_2]
    seeds = [str(number) for number in range(2000)]

    drawn = [choose(both, to="+14075550123", match_local=True, seed=seed) for seed in seeds]

    assert drawn == [choose(both[::-1], to="+14075550123", match_local=True, seed=seed) for seed in seeds]
    counts = Counter(one.number for one in drawn if one)
    assert all(900 < count < 1100 for count in counts.values())
    anywhere = {
        found.number
        for seed in seeds
        if (found := choose([ORLANDO, CHICAGO], to=ORLANDO_2, match_local=False, seed=seed))
    }
    assert anywhere == {ORLANDO, CHICAGO}


def test_a_drop_is_found_soon_and_none_is_seldom() -> None:
    chance = random.Random(7)
    healthy = [drop_evidence([chance.random() < 0.2 for _ in range(500)], 0.2) for _ in range(200)]
    fallen = [drop_evidence([chance.random() < 0.08 for _ in range(800)], 0.2) for _ in range(50)]

    # 200 numbers with 500 calls each: a false alarm in 5,000 calls would be one for 20 of them at most.
    assert sum(each >= ALARM for each in healthy) <= 20
    assert sum(each >= ALARM for each in fallen) >= 45


def test_a_drop_after_many_good_calls_is_found_too() -> None:
    chance = random.Random(11)
    calls = [chance.random() < 0.3 for _ in range(2000)] + [chance.random() < 0.1 for _ in range(400)]

    assert drop_evidence(calls[:2000], 0.3) < ALARM * 5
    assert drop_evidence(calls, 0.3) >= ALARM


@pytest.mark.parametrize("usual", [0.0, 1.0, 0.5])
def test_evidence_is_a_number_whatever_the_rate(usual: float) -> None:
    assert drop_evidence([], usual) == 0.0
    assert 0 <= drop_evidence([True, False, True], usual) < 1e9
