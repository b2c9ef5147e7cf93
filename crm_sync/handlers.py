"""What happens here when the dialer publishes something; wired in config/wiring.py. Rows only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm_sync.services import queueing


def on_call_logged(payload: Mapping[str, Any], now: datetime) -> None:
    """Have the call written to the CRM its person came from (topic dialer.call.logged)."""
    queueing.enqueue_call(payload, now=now)
