"""One tick of one campaign: look, decide, act."""

from datetime import datetime

from campaigns.cards import running_campaigns
from dialer import selectors
from dialer.pacing import PacingInputs, decide
from dialer.services import autodial, offers

__all__ = ["running_campaigns", "tick"]


def tick(*, campaign_id: int, mode: str, now: datetime) -> int:
    """Offer cards to the campaign's waiting agents, or start calls for them; returns how many of either."""
    waiting = selectors.ready_sessions(campaign_id, now=now)
    inputs = PacingInputs(
        mode=mode,
        agents_ready=tuple((now - since).total_seconds() for _, since in waiting),
        calls_open=selectors.unclaimed_calls(campaign_id),
    )
    decision = decide(inputs)
    offered = sum(
        offers.offer_next(session_id=session_id, now=now) for session_id, _ in waiting[: decision.cards]
    )
    return offered + autodial.start_calls(campaign_id=campaign_id, count=decision.calls, now=now)
