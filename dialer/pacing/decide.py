"""The decision, with the reasons a wallboard can show."""

from dataclasses import dataclass

from dialer.pacing.controllers import PreviewController
from dialer.pacing.inputs import PacingInputs


@dataclass(frozen=True, slots=True)
class PacingDecision:
    """How many cards to offer and calls to start, and why."""

    cards: int
    calls: int
    reason: str


def decide(inputs: PacingInputs) -> PacingDecision:
    """Return what to start now; raises ValueError for a mode this version does not pace."""
    if inputs.mode != "preview":
        raise ValueError(f"No controller for mode {inputs.mode!r}.")
    cards = PreviewController().cards(inputs)
    longest = f", the longest for {inputs.agents_ready[0]:.0f} s" if inputs.agents_ready else ""
    return PacingDecision(cards=cards, calls=0, reason=f"{cards} agents wait for a card{longest}")
