"""Rate limits, enforced as HubSpot does: 190 requests in any 10 seconds, 5 searches in any one."""

import time
from collections import deque
from dataclasses import dataclass, field

from sandbox.hubspot.errors import HubSpotError

INTERVAL_SECONDS = 10.0
DAILY_LIMIT = 650_000


@dataclass
class _Window:
    limit: int
    seconds: float
    taken: deque[float] = field(default_factory=deque)

    def take(self, now: float) -> bool:
        while self.taken and self.taken[0] <= now - self.seconds:
            self.taken.popleft()
        if len(self.taken) >= self.limit:
            return False
        self.taken.append(now)
        return True


class Limits:
    """Counts requests in two sliding windows of the machine's own time, whatever the shifted clock says."""

    def __init__(self, *, ten_secondly: int, search_secondly: int) -> None:
        self._all = _Window(ten_secondly, INTERVAL_SECONDS)
        self._searches = _Window(search_secondly, 1.0)
        self._today = 0

    def take(self, *, search: bool) -> None:
        """Count a request; raises the 429 of the limit it would break."""
        window = self._searches if search else self._all
        self._today += 1
        if self._today > DAILY_LIMIT:
            raise exceeded(search=search, policy="DAILY")
        if not window.take(time.monotonic()):
            raise exceeded(search=search)

    def set_today(self, used: int) -> None:
        """Say how many requests of today are used."""
        self._today = used

    def headers(self) -> dict[str, str]:
        """Return the headers of every answer but a search's."""
        remaining = max(0, self._all.limit - len(self._all.taken))
        return {
            "X-HubSpot-RateLimit-Daily": str(DAILY_LIMIT),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, DAILY_LIMIT - self._today)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(int(INTERVAL_SECONDS * 1000)),
            "X-HubSpot-RateLimit-Max": str(self._all.limit),
            "X-HubSpot-RateLimit-Remaining": str(remaining),
        }


def exceeded(*, search: bool, policy: str = "") -> HubSpotError:
    """Return the error of a broken limit."""
    policy = policy or ("SECONDLY" if search else "TEN_SECONDLY_ROLLING")
    return HubSpotError(
        429,
        "RATE_LIMITS",
        f"You have reached your {policy.lower()} limit.",
        errorType="RATE_LIMIT",
        policyName=policy,
    )
