"""How much work to start now. Pure: a snapshot in, a decision with its reasons out."""

from dialer.pacing.controllers import PreviewController
from dialer.pacing.decide import PacingDecision, decide
from dialer.pacing.inputs import PacingInputs

__all__ = ["PacingDecision", "PacingInputs", "PreviewController", "decide"]
