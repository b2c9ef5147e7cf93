"""Why a pacer started as many calls as it did: the numbers behind its last decision, for people to read."""

from dataclasses import dataclass
from enum import StrEnum

from dialer.pacing.guard import Guard
from dialer.pacing.snapshot import PacingSnapshot


class Held(StrEnum):
    """What kept a pacer from starting all the calls it wanted."""

    NOTHING = "nothing"
    ONE_TO_ONE = "one_to_one"  # the budget is under one call: none beyond the free agents
    BOUND = "bound"  # more calls beyond the free agents could cost more than the budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """One decision. Expectations are for the moment a call started now would be answered; None where a pacer has no forecast."""

    at: float  # the campaign's clock, in seconds
    wanted: int  # calls the pacer would start
    allowed: int  # calls it asked to start
    held: Held
    budget: (
        float | None
    )  # more calls that may be abandoned now; None: the pacer never dials beyond the free agents
    tolerance: float | None = None  # the chance of finding no agent borne for one more answer
    agents_free: float | None = None  # agents expected free by then, less people already waiting
    answers: float | None = None  # people expected to answer by then, of the calls under way


def held(guard: Guard, s: PacingSnapshot, wanted: int, allowed: int, budget: float) -> Held:
    """Return what stood between the calls wanted and the calls allowed."""
    if allowed >= wanted:
        return Held.NOTHING
    return Held.ONE_TO_ONE if min(budget, guard.budget(s)) < 1 else Held.BOUND
