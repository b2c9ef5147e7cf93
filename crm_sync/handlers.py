"""What happens here when the dialer or the gate publishes something; wired in config/wiring.py. Rows only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from compliance.selectors import means_calls, means_texts
from crm_sync.services import flags, outqueue, queueing


def on_call_logged(payload: Mapping[str, Any], now: datetime) -> None:
    """Have the call, and what goes along with it, written to the CRMs that know its person (topic dialer.call.logged)."""
    queueing.enqueue_call(payload, now=now)


def on_text_logged(payload: Mapping[str, Any], now: datetime) -> None:
    """Have a text written to the CRMs that know its sender (topic dialer.text.logged)."""
    outqueue.take_text(payload, now=now)


def on_numbers_revoked(payload: Mapping[str, Any], now: datetime) -> None:
    """Have the CRMs' do-not-call flags set (topic compliance.number.revoked).

    A CRM's flag holds for all calls, or all texts: a request about one campaign is less than it would say.
    """
    if payload["campaign_ref"]:
        return
    if means_calls(payload["channels"]):
        flags.tell_refused(numbers=payload["numbers"], now=now)
    if means_texts(payload["channels"]):
        outqueue.tell_opt_out(numbers=payload["numbers"], now=now)


def on_number_restored(payload: Mapping[str, Any], now: datetime) -> None:
    """Have the flags taken back that we set (topic compliance.number.restored)."""
    flags.tell_restored(number=payload["number"], now=now)
