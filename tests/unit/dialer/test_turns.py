"""Which campaign dials first."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from dialer.services.pacing import in_turn


@dataclass(frozen=True)
class Running:
    """As much of a running campaign as its turn depends on."""

    id: int
    priority: int


def order(campaigns: list[Running], turn: int) -> list[int]:
    return [one.id for one in in_turn(cast(Any, campaigns), turn)]


def test_priority_goes_before_and_equals_take_turns() -> None:
    campaigns = [Running(1, 3), Running(2, 1), Running(3, 3), Running(4, 5)]

    assert [order(campaigns, turn) for turn in range(3)] == [[2, 1, 3, 4], [2, 3, 1, 4], [2, 1, 3, 4]]
    assert order([], 7) == []


@given(priorities=st.lists(st.integers(1, 5), min_size=1, max_size=12))
def test_everybody_has_a_turn_and_each_of_a_priority_is_first_as_often(priorities: list[int]) -> None:
    campaigns = [Running(index, priority) for index, priority in enumerate(priorities)]
    by_id = {one.id: one.priority for one in campaigns}
    firsts: Counter[int] = Counter()

    rounds = 2520 // 6  # a multiple of most sizes; the rest differ by one
    for turn in range(rounds):
        found = order(campaigns, turn)
        assert sorted(found) == sorted(by_id)
        assert [by_id[each] for each in found] == sorted(priorities)
        firsts[found[0]] += 1

    best = [one.id for one in campaigns if one.priority == min(priorities)]
    assert set(firsts) == set(best)
    assert max(firsts.values()) - min(firsts.values()) <= 1
