"""Whether a fitted model is better than the plain average: on calls it was not fitted to, by Brier's score. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from campaigns.besttime.model import Cell, Floats, Model, chances, counts, fit, sums

ENOUGH_TO_FIT: Final = 1000  # calls
ENOUGH_HELD_OUT: Final = 200
SURE: Final = (
    1.645  # standard errors by which it must be better: chance alone does that in one case of twenty
)
BINS: Final = 10
HELD_NEAR_ONE: Final = 0.3  # how wide the law is that the calibration's slope is drawn from


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Held-out calls with about the same chance by the model: what it said, and what came."""

    calls: int
    said: float
    came: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A model with what it is worth. Brier's score is the mean squared error of the chances: smaller is better."""

    model: Model  # fitted to all calls
    calls: int
    answers: int
    held_out: int
    brier: float
    brier_average: float  # of saying the average of the earlier calls of everybody
    z: float  # by how many standard errors the model's is smaller
    is_better: bool
    bins: Sequence[Bin]


def judge(early: Sequence[Cell], middle: Sequence[Cell], late: Sequence[Cell]) -> Judged:
    """Fit to early calls, calibrate on those between, judge on late ones; then fit to all, with that calibration."""
    fitted = _calibrated(fit(early), middle)
    known = [*early, *middle]
    calls, answers = (float(each.sum()) for each in counts(known))
    average = answers / calls if calls else 0.5
    said = chances(sums(fitted, late))
    brier, plain, z = _compared(said, average, late)
    held_out = int(counts(late)[0].sum())
    everything = [*known, *late]
    last = fit(everything)
    enough = calls >= ENOUGH_TO_FIT and held_out >= ENOUGH_HELD_OUT
    return Judged(
        model=replace(last, slope=fitted.slope, level=fitted.level),
        calls=int(counts(everything)[0].sum()),
        answers=int(counts(everything)[1].sum()),
        held_out=held_out,
        brier=brier,
        brier_average=plain,
        z=z,
        is_better=enough and z > SURE,
        bins=_bins(said, late),
    )


def _calibrated(model: Model, cells: Sequence[Cell]) -> Model:
    """Return the model with slope and level that fit these calls: a model too sure of itself gets a slope below one."""
    if not cells:
        return model
    calls, answers = counts(cells)
    x = sums(model, cells)
    slope, level = 1.0, 0.0
    for _ in range(20):
        chance = chances(level + slope * x)
        weight = calls * chance * (1 - chance)
        miss = answers - calls * chance
        narrow = 1 / HELD_NEAR_ONE**2
        gradient = np.array([miss.sum() - level, (miss * x).sum() - narrow * (slope - 1)])
        curve = np.array(
            [[weight.sum() + 1, (weight * x).sum()], [(weight * x).sum(), (weight * x * x).sum() + narrow]]
        )
        step = np.clip(np.linalg.solve(curve, gradient), -1, 1)
        level, slope = level + float(step[0]), slope + float(step[1])
    return replace(model, slope=round(min(1.5, max(0.0, slope)), 6), level=round(level, 6))


def _compared(said: Floats, average: float, cells: Sequence[Cell]) -> tuple[float, float, float]:
    """Return Brier's score of the chances, of the average, and the standard errors between them."""
    calls, answers = counts(cells)
    total = calls.sum()
    if not total:
        return 0.0, 0.0, 0.0
    silent = calls - answers
    brier = float((answers * (1 - said) ** 2 + silent * said**2).sum() / total)
    plain = float((answers * (1 - average) ** 2 + silent * average**2).sum() / total)
    gain_answered, gain_silent = (1 - average) ** 2 - (1 - said) ** 2, average**2 - said**2
    mean = plain - brier
    square = float((answers * gain_answered**2 + silent * gain_silent**2).sum() / total)
    error = (max(0.0, square - mean**2) / float(total)) ** 0.5
    return round(brier, 6), round(plain, 6), round(mean / error, 3) if error > 1e-12 else 0.0


def _bins(said: Floats, cells: Sequence[Cell]) -> list[Bin]:
    """Return tenths of the held-out calls by the chance the model gave them."""
    calls, answers = counts(cells)
    order = np.argsort(said, kind="stable")
    middle = calls[order].cumsum() - calls[order] / 2
    tenth = np.minimum(BINS - 1, (BINS * middle / max(1.0, float(calls.sum()))).astype(np.int64))
    found = []
    for number in range(BINS):
        rows = order[tenth == number]
        weight = float(calls[rows].sum())
        if weight:
            found.append(
                Bin(
                    calls=int(weight),
                    said=round(float((calls[rows] * said[rows]).sum() / weight), 4),
                    came=round(float(answers[rows].sum() / weight), 4),
                )
            )
    return found
