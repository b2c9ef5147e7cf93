"""What pacing may know of a campaign at one instant."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PacingInputs:
    """A snapshot of one campaign."""

    mode: str  # campaigns.models.Campaign.Mode
    agents_ready: tuple[float, ...]  # seconds each ready agent has waited, longest first
    calls_open: int = 0  # started by the dialer and not with an agent yet: reserved, ringing, answered
