"""A line through the log odds of an answer, one term a factor, each term held near nothing until calls speak for it. Pure.

Newton's method factor by factor: the levels of one factor share no call, so each step is exact for the factor, and a few rounds settle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FACTORS: Final = ("hour", "weekday", "area", "line", "tries")
MOST_TRIES: Final = 5  # earlier tries told apart; more count as so many
# How far a level's odds may be from the average's before the calls say so: its terms are drawn from a normal law this wide.
SPREAD: Final[Mapping[str, float]] = {"hour": 0.5, "weekday": 0.3, "area": 0.3, "line": 0.5, "tries": 0.5}
ROUNDS: Final = 40
SETTLED: Final = 1e-6
FARTHEST: Final = 30.0  # log odds beyond which a chance is 0 or 1 in a float


@dataclass(frozen=True, slots=True)
class Cell:
    """Calls alike in everything the model looks at: how many there were, and how many a person answered."""

    levels: tuple[str, ...]  # in the order of FACTORS
    calls: int
    answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What was fitted: the average's log odds, what each level adds, and the calibration of the sum."""

    bias: float
    terms: Mapping[str, Mapping[str, float]]  # by factor, by level; a level never seen adds nothing
    slope: float = 1.0  # of the calibration: chance = 1 / (1 + exp(-(level + slope * sum)))
    level: float = 0.0

    def term(self, factor: str, level: str) -> float:
        """Return what a level adds, calibrated."""
        return self.slope * self.terms.get(factor, {}).get(level, 0.0)

    @property
    def base(self) -> float:
        """Return the log odds where every term is nothing, calibrated."""
        return self.level + self.slope * self.bias


def fit(cells: Sequence[Cell]) -> Model:
    """Return the model of these calls; without any, one that says one in two of everybody."""
    calls, answers = counts(cells)
    names, columns = _columns(cells)
    bias = log_odds(float(answers.sum()), float(calls.sum()))
    terms = {factor: np.zeros(len(names[factor])) for factor in FACTORS}
    odds = np.full(len(cells), bias)
    for _ in range(ROUNDS if len(cells) else 0):
        chance = chances(odds)
        weight = calls * chance * (1 - chance)
        step = float((answers - calls * chance).sum() / max(1e-9, weight.sum()))
        step = float(np.clip(step, -1, 1))
        bias, odds, farthest = bias + step, odds + step, abs(step)
        for factor in FACTORS:
            farthest = max(farthest, _step(factor, terms[factor], columns[factor], odds, calls, answers))
        if farthest < SETTLED:
            break
    found = {
        factor: {name: round(float(term), 6) for name, term in zip(names[factor], terms[factor], strict=True)}
        for factor in FACTORS
    }
    return Model(bias=round(bias, 6), terms=found)


def sums(model: Model, cells: Sequence[Cell]) -> Floats:
    """Return the calibrated log odds of each cell."""
    return np.array(
        [
            model.base
            + sum(model.term(factor, level) for factor, level in zip(FACTORS, cell.levels, strict=True))
            for cell in cells
        ],
        np.float64,
    )


def chances(odds: Floats) -> Floats:
    """Return log odds as chances."""
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -FARTHEST, FARTHEST))))


def counts(cells: Sequence[Cell]) -> tuple[Floats, Floats]:
    """Return the calls and the answers of each cell."""
    return (
        np.array([cell.calls for cell in cells], np.float64),
        np.array([cell.answers for cell in cells], np.float64),
    )


def log_odds(answers: float, calls: float) -> float:
    """Return the log odds of a share, half an answer and half a silence added so that none is beyond all bounds."""
    return float(np.log((answers + 0.5) / (calls - answers + 0.5)))


def _columns(cells: Sequence[Cell]) -> tuple[dict[str, list[str]], dict[str, Ints]]:
    """Return each factor's levels, and of each cell the index of its level."""
    names: dict[str, list[str]] = {}
    columns: dict[str, Ints] = {}
    for index, factor in enumerate(FACTORS):
        names[factor] = sorted({cell.levels[index] for cell in cells})
        place = {name: number for number, name in enumerate(names[factor])}
        columns[factor] = np.array([place[cell.levels[index]] for cell in cells], np.int64)
    return names, columns


def _step(factor: str, terms: Floats, column: Ints, odds: Floats, calls: Floats, answers: Floats) -> float:
    """Take one step for all levels of a factor, in place; return the longest."""
    chance = chances(odds)
    narrow = 1 / SPREAD[factor] ** 2
    slope = np.bincount(column, answers - calls * chance, len(terms)) - narrow * terms
    curve = np.bincount(column, calls * chance * (1 - chance), len(terms)) + narrow
    steps = np.clip(slope / curve, -1, 1)
    terms += steps
    odds += steps[column]
    return float(np.abs(steps).max(initial=0.0))
