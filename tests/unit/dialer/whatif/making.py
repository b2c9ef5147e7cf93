"""A plan for tests."""

from datetime import date, time
from typing import Any

from dialer.whatif import Plan
from dialer.whatif.fields import Limits

MONDAY = date(2026, 11, 23)
LIMITS = Limits(cap=0.03, ring=15, opens=time(8), closes=time(21), sells=True, today=MONDAY)


def plan(**changes: Any) -> Plan:
    """Return 10 agents who call 5,000 people one to one on working days from nine to five."""
    usual: dict[str, Any] = {
        "agents": 10, "opens": time(9), "closes": time(17), "days": "01234", "begins": MONDAY, "not_before": time(9),
        "mode": "progressive", "cap": 0.03, "answers": 0.22, "machines": 0.3, "busy": 0.04, "failed": 0.05, "talk": 120.0,
        "wrap": 30.0, "reading": 15.0, "ring": 25, "attempts": 4, "detects": True, "cps": 10.0, "leads": 5000,
    }  # fmt: skip
    return Plan(**{**usual, **changes})
