"""What happens to a lead after a result, by the plain rule of a campaign without a plan. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Ending(StrEnum):
    """Why a lead is finished."""

    RESULT = "result"  # the result leaves nothing to do
    ATTEMPTS = "attempts"  # tried as often as the campaign allows
    OUTCOME = "outcome"  # one result came as often as its rule allows
    NUMBERS = "numbers"  # no number is left


@dataclass(frozen=True, slots=True)
class Result:
    """What is known when a call has been disposed of."""

    category: str  # campaigns.models.Disposition.Category
    label: str
    retry_minutes: int | None  # None: finished
    attempts: int  # calls so far, this one included
    max_attempts: int
    callback_at: datetime | None  # promised to the person


@dataclass(frozen=True, slots=True)
class NextStep:
    """Try again at `try_at`, or finished because of `ending`; `reason` is for people."""

    try_at: datetime | None
    reason: str
    is_callback: bool = False
    ending: Ending | None = None
    number: str = ""  # which one is tried; empty: in the order they are stored


def next_step(result: Result, *, now: datetime) -> NextStep:
    """Return when the lead is tried next. A promised callback stands even at the limit of attempts; nothing else does."""
    if result.callback_at is not None:
        return NextStep(try_at=result.callback_at, reason=f"{result.label}: promised", is_callback=True)
    if result.retry_minutes is None:
        return NextStep(try_at=None, reason=result.label, ending=Ending.RESULT)
    if result.attempts >= result.max_attempts:
        return NextStep(
            try_at=None,
            reason=f"{result.label}; tried {result.attempts} times, the campaign's limit",
            ending=Ending.ATTEMPTS,
        )
    return NextStep(try_at=now + timedelta(minutes=result.retry_minutes), reason=result.label)
