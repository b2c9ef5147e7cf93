"""The chance of an answer by hour, weekday, area, line and past tries: fitted, calibrated, held against the plain average. Pure."""

from campaigns.besttime.judging import ENOUGH_HELD_OUT, ENOUGH_TO_FIT, Bin, Judged, judge
from campaigns.besttime.model import FACTORS, MOST_TRIES, Cell, Model, fit, log_odds

__all__ = [
    "ENOUGH_HELD_OUT",
    "ENOUGH_TO_FIT",
    "FACTORS",
    "MOST_TRIES",
    "Bin",
    "Cell",
    "Judged",
    "Model",
    "fit",
    "judge",
    "log_odds",
]
