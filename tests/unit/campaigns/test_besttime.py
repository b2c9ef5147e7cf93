"""The model of answers: it finds what is there, claims nothing that is not, and is held against the plain average."""

import math
import random
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import besttime
from campaigns.besttime import Cell, Model
from campaigns.besttime.model import chances, sums

HOURS, AREAS, LINES = range(9, 21), ("FL", "TX", "NY"), ("main", "mobile")


def simulated(seed: int, *, calls: int, strength: float) -> list[Cell]:
    """Calls whose answers depend on hour and line as strongly as told; each cell of so many calls."""
    dice = random.Random(seed)
    cells = []
    for hour, day, area, line, tries in product(HOURS, range(5), AREAS, LINES, range(3)):
        odds = -1.2 + strength * (0.12 * (hour - 14) + (0.5 if line == "mobile" else -0.5) - 0.2 * tries)
        chance = 1 / (1 + math.exp(-odds))
        answers = sum(dice.random() < chance for _ in range(calls))
        cells.append(Cell((str(hour), str(day), area, line, str(tries)), calls, answers))
    return cells


def test_a_model_of_what_is_there_beats_the_average_and_is_calibrated() -> None:
    found = besttime.judge(*(simulated(seed, calls=4, strength=1) for seed in (1, 2, 3)))

    assert found.is_better
    assert found.brier < found.brier_average
    assert found.model.term("hour", "20") > found.model.term("hour", "9")
    assert found.model.term("line", "mobile") > found.model.term("line", "main")
    for each in found.bins:
        # Three standard errors of a share of so many calls.
        assert abs(each.said - each.came) < 3 * (0.25 / each.calls) ** 0.5


def test_where_nothing_is_to_be_found_the_model_is_not_used() -> None:
    better = [
        besttime.judge(*(simulated(10 * seed + part, calls=2, strength=0) for part in range(3))).is_better
        for seed in range(8)
    ]

    assert sum(better) <= 1  # one in twenty by chance


def test_few_calls_are_never_enough() -> None:
    few = simulated(1, calls=4, strength=2)[:40]

    assert not besttime.judge(few, few, few).is_better


def test_no_calls_at_all_are_judged_without_an_error() -> None:
    found = besttime.judge([], [], [])

    assert (found.calls, found.brier, found.is_better, list(found.bins)) == (0, 0.0, False, [])


def test_one_lucky_call_moves_an_area_little() -> None:
    cells = [*simulated(1, calls=4, strength=1), Cell(("10", "1", "GU", "main", "0"), 1, 1)]

    assert abs(besttime.fit(cells).term("area", "GU")) < 0.1


def test_a_level_never_seen_adds_nothing() -> None:
    model = besttime.fit(simulated(1, calls=2, strength=1))

    assert model.term("area", "WY") == 0.0
    assert model.term("hour", "3") == 0.0


@given(
    st.lists(
        st.builds(
            lambda hour, area, calls, share: Cell(
                (str(hour), "0", area, "", "0"), calls, round(calls * share)
            ),
            st.integers(0, 23),
            st.sampled_from(["", "FL", "TX"]),
            st.integers(1, 10_000),
            st.floats(0, 1),
        ),
        max_size=40,
    )
)
def test_whatever_calls_there_were_chances_are_chances(cells: list[Cell]) -> None:
    found = besttime.judge(cells[::3], cells[1::3], cells[2::3])

    said = chances(sums(found.model, cells))
    assert np.isfinite(said).all()
    assert ((said >= 0) & (said <= 1)).all()
    assert found.brier >= 0


@pytest.mark.parametrize(("slope", "level"), [(1.0, 0.0), (0.5, -0.2)])
def test_terms_and_base_add_up_to_the_calibrated_sum(slope: float, level: float) -> None:
    model = Model(bias=-1.0, terms={"hour": {"9": 0.4}, "line": {"main": -0.2}}, slope=slope, level=level)
    cell = Cell(("9", "0", "FL", "main", "0"), 1, 0)

    assert sums(model, [cell])[0] == pytest.approx(level + slope * (-1.0 + 0.4 - 0.2))
