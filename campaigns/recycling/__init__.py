"""When a person is tried again, on which number, and when nothing is left to try. Pure."""

from campaigns.recycling.dayparts import DayPart, Window, open_parts, part_of
from campaigns.recycling.person import Person, Try
from campaigns.recycling.plan import AtLimit, OutcomeRule, Plan, Then, faults, read, store
from campaigns.recycling.results import Ending, NextStep, Result, next_step
from campaigns.recycling.standing import MayTry, may_try, next_by_plan

__all__ = [
    "AtLimit",
    "DayPart",
    "Ending",
    "MayTry",
    "NextStep",
    "OutcomeRule",
    "Person",
    "Plan",
    "Result",
    "Then",
    "Try",
    "Window",
    "faults",
    "may_try",
    "next_by_plan",
    "next_step",
    "open_parts",
    "part_of",
    "read",
    "store",
]
