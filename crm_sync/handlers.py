"""What happens here when the dialer or the gate publishes something; wired in config/wiring.py. Rows only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from compliance.selectors import means_calls
from crm_sync.services import flags, queueing


def on_call_logged(payload: Mapping[str, Any], now: datetime) -> None:
    """Have the call written to the CRM its person came from (topic dialer.call.logged)."""
    queueing.enqueue_call(payload, now=now)


def on_numbers_revoked(payload: Mapping[str, Any], now: datetime) -> None:
    """Have the CRMs' do-not-call flags set (topic compliance.number.revoked).

    A CRM's flag holds for all calls: a request about one campaign, or about texts alone, is more than it could say.
    """
    if not payload["campaign_ref"] and means_calls(payload["channels"]):
        flags.tell_refused(numbers=payload["numbers"], now=now)


def on_number_restored(payload: Mapping[str, Any], now: datetime) -> None:
    """Have the flags taken back that we set (topic compliance.number.restored)."""
    flags.tell_restored(number=payload["number"], now=now)
