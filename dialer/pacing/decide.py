"""The decision, with the reasons a wallboard can show."""

from dataclasses import dataclass

from dialer.pacing.controllers import PreviewController, ProgressiveController
from dialer.pacing.inputs import PacingInputs


@dataclass(frozen=True, slots=True)
class PacingDecision:
    """How many cards to offer and calls to start, and why."""

    cards: int
    calls: int
    reason: str


def decide(inputs: PacingInputs) -> PacingDecision:
    """Return what to start now; raises ValueError for a mode this version does not pace."""
    longest = f", the longest for {inputs.agents_ready[0]:.0f} s" if inputs.agents_ready else ""
    match inputs.mode:
        case "preview":
            cards = PreviewController().cards(inputs)
            return PacingDecision(cards=cards, calls=0, reason=f"{cards} agents wait for a card{longest}")
        case "progressive" | "power" | "predictive":
            return PacingDecision(
                cards=0,
                calls=ProgressiveController().calls(inputs),
                reason=f"{len(inputs.agents_ready)} agents wait for a call{longest}; {inputs.calls_open} calls are on their way",
            )
        case _:
            raise ValueError(f"No controller for mode {inputs.mode!r}.")
