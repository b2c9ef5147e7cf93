"""One controller a dialing mode."""

from dialer.pacing.inputs import PacingInputs


class PreviewController:
    """Preview: a person looks at a card before the call, so every ready agent is owed one card and no call is started here."""

    def cards(self, inputs: PacingInputs) -> int:
        """Return how many cards to offer now."""
        return len(inputs.agents_ready)


class ProgressiveController:
    """Progressive: one call for each free agent, so that whoever answers finds somebody waiting."""

    def calls(self, inputs: PacingInputs) -> int:
        """Return how many calls to start now."""
        return max(0, len(inputs.agents_ready) - inputs.calls_open)
