"""The fits of the chance of an answer: the one in use, and all of them for the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from campaigns.besttime import Bin, Model
from dialer.models import BestTimeFit

SHOWN = 30  # fits


@dataclass(frozen=True, slots=True, kw_only=True)
class FitRow:
    """One night's fit and what it was worth."""

    fitted_at: datetime
    calls: int
    answers: int
    held_out: int
    brier: float
    brier_average: float
    z: float
    is_better: bool
    bins: Sequence[Bin]
    model: Model

    @property
    def gain_percent(self) -> float:
        """Return by how much of it the average's score is larger."""
        return 100 * (1 - self.brier / self.brier_average) if self.brier_average else 0.0


def model_in_use() -> Model | None:
    """Return the newest model, if it beat the average on calls it had not seen; else none is used. One query."""
    newest = BestTimeFit.objects.order_by("-fitted_at", "-id").first()
    return msgspec.convert(newest.model, Model) if newest and newest.is_better else None


def list_fits() -> list[FitRow]:
    """Return the newest fits, newest first. One query."""
    return [
        FitRow(
            fitted_at=row.fitted_at,
            calls=row.calls,
            answers=row.answers,
            held_out=row.held_out,
            brier=row.brier,
            brier_average=row.brier_average,
            z=row.z,
            is_better=row.is_better,
            bins=msgspec.convert(row.bins, list[Bin]),
            model=msgspec.convert(row.model, Model),
        )
        for row in BestTimeFit.objects.order_by("-fitted_at", "-id")[:SHOWN]
    ]
