"""What a connector's requests cost, counted and read from the CRM's own headers; and what its clock says."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from core.http import OutgoingSession
from crm_sync import quota
from crm_sync.protocol import Check, Usage

Reading = tuple[int, int]  # used, limit
_SALESFORCE: Final = re.compile(r"api-usage=(\d+)/(\d+)")


class Meter:
    """Counts the answers of a session and keeps the newest word on the day's limit."""

    def __init__(self, session: OutgoingSession, read: Callable[[Mapping[str, str]], Reading | None]) -> None:
        self._read, self._requests = read, 0
        self._newest: Reading | None = None
        self._said_at: datetime | None = None
        session.hooks["response"].append(self._hear)

    def usage(self) -> Usage:
        """Return what was counted so far."""
        used, limit = self._newest or (None, None)
        return Usage(requests=self._requests, used=used, limit=limit, said_at=self._said_at)

    def _hear(self, response: Any, **_: Any) -> None:
        self._requests += 1
        self._newest = self._read(response.headers) or self._newest
        self._said_at = clock_of(response.headers) or self._said_at


def clock_of(headers: Mapping[str, str]) -> datetime | None:
    """Return the sender's clock, from Date; None where it says nothing that can be read."""
    try:
        at = parsedate_to_datetime(headers.get("Date", ""))
    except ValueError:
        return None
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)


def salesforce(headers: Mapping[str, str]) -> Reading | None:
    """Return used and limit of the last 24 hours, from Sforce-Limit-Info."""
    found = _SALESFORCE.search(headers.get("Sforce-Limit-Info", ""))
    return (int(found[1]), int(found[2])) if found else None


def hubspot(headers: Mapping[str, str]) -> Reading | None:
    """Return used and limit of the day; answers of a search and of OAuth apps say nothing of it."""
    limit = headers.get("X-HubSpot-RateLimit-Daily", "")
    left = headers.get("X-HubSpot-RateLimit-Daily-Remaining", "")
    if not limit.isdigit() or not left.isdigit():
        return None
    return int(limit) - int(left), int(limit)


def check(usage: Usage) -> Check:
    """Return whether the day's limit leaves room to send."""
    if usage.used is None or not usage.limit:
        return Check("API requests", True, "The CRM says nothing of a daily limit.")
    left = f"{usage.used:,} of the day's {usage.limit:,} requests are used"
    if usage.used < usage.limit * (1 - quota.RESERVE):
        return Check("API requests", True, f"{left}.")
    return Check(
        "API requests",
        False,
        f"{left}: calls are sent in small steps until the CRM allows more. Find out which app uses them, or buy more.",
    )
