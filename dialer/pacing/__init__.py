"""How much work to start now. Pure: a snapshot in, a decision with its reasons out."""

from dialer.pacing.controllers import PreviewController
from dialer.pacing.decide import PacingDecision, decide
from dialer.pacing.inputs import PacingInputs
from dialer.pacing.predictive import PredictivePacer
from dialer.pacing.ratios import PowerPacer, ProgressivePacer
from dialer.pacing.reasons import Held, Reasons
from dialer.pacing.snapshot import CallOutcome, PacingSnapshot

__all__ = [
    "CallOutcome",
    "Held",
    "PacingDecision",
    "PacingInputs",
    "PacingSnapshot",
    "PowerPacer",
    "PredictivePacer",
    "PreviewController",
    "ProgressivePacer",
    "Reasons",
    "decide",
]
