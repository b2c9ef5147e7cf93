"""One tick of one campaign: look, decide, act."""

from datetime import datetime

from campaigns.cards import running_campaigns
from campaigns.services import work
from dialer import selectors
from dialer.pacing import PacingInputs, decide
from dialer.services import autodial, offers

__all__ = ["running_campaigns", "tick"]


def tick(*, campaign_id: int, mode: str, now: datetime) -> int:
    """Offer cards to the campaign's waiting agents, or start calls for them; returns how many of either."""
    waiting = selectors.ready_sessions(campaign_id, now=now)
    inputs = PacingInputs(
        mode=mode,
        agents_ready=tuple((now - since).total_seconds() for _, _, since in waiting),
        calls_open=selectors.unclaimed_calls(campaign_id),
    )
    decision = decide(inputs)
    if not decision.calls:
        return sum(
            offers.offer_next(session_id=session_id, now=now)
            for session_id, _, _ in waiting[: decision.cards]
        )
    # Nobody on their way to an answer counts on as many agents as calls may be started for.
    owed = work.promised_to(campaign_id=campaign_id, now=now)
    promised = [session_id for session_id, user_id, _ in waiting if user_id in owed][: decision.calls]
    offered = sum(offers.offer_promised(session_id=session_id, now=now) for session_id in promised)
    return offered + autodial.start_calls(campaign_id=campaign_id, count=decision.calls - offered, now=now)
