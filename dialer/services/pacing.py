"""One tick of one campaign: look, decide, act."""

from datetime import datetime

from campaigns.cards import running_campaigns
from dialer import selectors
from dialer.pacing import PacingInputs, decide
from dialer.services import offers

__all__ = ["running_campaigns", "tick"]


def tick(*, campaign_id: int, mode: str, now: datetime) -> int:
    """Offer cards to the campaign's waiting agents; returns how many were offered."""
    waiting = selectors.ready_sessions(campaign_id)
    inputs = PacingInputs(
        mode=mode, agents_ready=tuple((now - since).total_seconds() for _, since in waiting)
    )
    decision = decide(inputs)
    return sum(
        offers.offer_next(session_id=session_id, now=now) for session_id, _ in waiting[: decision.cards]
    )
