"""Whether a snapshot can be true. A pacer fed on contradictions would start calls nobody answers for."""

import math
from typing import Final

from dialer.pacing.guard import LEGAL_CAP
from dialer.pacing.snapshot import PacingSnapshot

AGES: Final = (
    "agents_idle", "agents_talking", "agents_inbound", "agents_wrapup", "calls_ringing", "calls_in_amd", "calls_waiting",
    "inbound_waiting",
)  # fmt: skip
COUNTS: Final = (
    "now", "shift_end", "agents_leaving", "agents_paused", "inbound_rate_forecast", "abandoned", "live_answered", "cps_cap",
    "max_lines", "list_remaining", "ring_timeout_s", "connect_deadline_s",
)  # fmt: skip


class Contradiction(ValueError):
    """The snapshot cannot be true; the text says which parts contradict each other."""


def check(s: PacingSnapshot) -> None:
    """Raise Contradiction with everything that cannot be true of one instant of a campaign."""
    wrong = [f"{name} holds {age!r}" for name in AGES for age in getattr(s, name) if not _is_count(age)] + [
        f"{name} is {getattr(s, name)!r}" for name in COUNTS if not _is_count(getattr(s, name))
    ]
    if wrong:
        raise Contradiction(f"Ages and counts are numbers from 0: {'; '.join(wrong)}.")
    wrong = []
    calls = len(s.calls_ringing) + len(s.calls_in_amd) + len(s.calls_waiting) + len(s.agents_talking)
    if calls > s.max_lines:
        wrong.append(f"{calls} calls are under way on {s.max_lines} lines")
    if s.calls_in_amd and not s.amd_enabled:
        wrong.append(f"{len(s.calls_in_amd)} calls are in a detection that is off")
    if s.abandoned > s.live_answered:
        wrong.append(f"{s.abandoned:g} of {s.live_answered:g} calls answered live were abandoned")
    if not 0 <= s.target_abandon_rate <= LEGAL_CAP:
        wrong.append(f"the cap on abandoned calls is {s.target_abandon_rate:g}, the law's is {LEGAL_CAP:g}")
    if s.ringing_scores and len(s.ringing_scores) != len(s.calls_ringing):
        wrong.append(f"{len(s.ringing_scores)} scores stand for {len(s.calls_ringing)} ringing calls")
    if wrong:
        raise Contradiction(f"The snapshot contradicts itself: {'; '.join(wrong)}.")


def _is_count(value: float) -> bool:
    return math.isfinite(value) and value >= 0
