"""One controller a dialing mode."""

from dialer.pacing.inputs import PacingInputs


class PreviewController:
    """Preview: a person looks at a card before the call, so every ready agent is owed one card and no call is started here."""

    def cards(self, inputs: PacingInputs) -> int:
        """Return how many cards to offer now."""
        return len(inputs.agents_ready)
