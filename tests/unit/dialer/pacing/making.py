"""Snapshots for the tests of pacing."""

from typing import Any

from dialer.pacing import PacingSnapshot


def snapshot(**changes: Any) -> PacingSnapshot:
    """Return a campaign at rest, ten minutes into its day, with what is changed."""
    settings: dict[str, Any] = {
        "now": 600.0, "time_of_day": 36_000.0, "shift_end": 28_800.0, "agents_idle": [], "agents_talking": [],
        "agents_inbound": [], "agents_wrapup": [], "agents_leaving": 0, "agents_paused": 0, "calls_ringing": [],
        "calls_in_amd": [], "calls_waiting": [], "inbound_waiting": [], "inbound_rate_forecast": 0.0,
        "abandoned": 0.0, "live_answered": 0.0, "target_abandon_rate": 0.03, "cps_cap": 30.0, "max_lines": 1000,
        "list_remaining": 100_000, "ring_timeout_s": 22.0, "connect_deadline_s": 2.0, "amd_enabled": True,
    }  # fmt: skip
    return PacingSnapshot(**{**settings, **changes})
