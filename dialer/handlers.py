"""What happens here when the gate publishes something; wired in config/wiring.py. Rows only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from compliance.selectors import means_calls
from dialer.services import cancelling
from dialer.services.offers import campaign_id_of


def on_numbers_revoked(payload: Mapping[str, Any], now: datetime) -> None:
    """End calls to these numbers that still ring (topic compliance.number.revoked)."""
    if not means_calls(payload["channels"]):
        return  # another channel was refused, not calls
    cancelling.cancel_unanswered(
        numbers=payload["numbers"],
        seller=payload["seller"],
        campaign_id=campaign_id_of(payload["campaign_ref"]) if payload["campaign_ref"] else None,
        reason=payload["reason"],
        actor=payload.get("by") or "gate",  # events from before the name was told have none
        now=now,
    )
