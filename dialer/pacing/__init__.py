"""How much work to start now. Pure: snapshots and outcomes in, a number of calls with its reasons out."""

from dialer.pacing.checking import Contradiction, check
from dialer.pacing.predictive import PredictivePacer
from dialer.pacing.ratios import PowerPacer, ProgressivePacer
from dialer.pacing.reasons import Held, Reasons
from dialer.pacing.snapshot import CallOutcome, PacingSnapshot

__all__ = [
    "CallOutcome",
    "Contradiction",
    "Held",
    "PacingSnapshot",
    "PowerPacer",
    "PredictivePacer",
    "ProgressivePacer",
    "Reasons",
    "check",
]
