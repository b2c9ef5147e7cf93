"""Snapshots that cannot be true are refused, with everything that is wrong in them."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.pacing import Contradiction, PacingSnapshot, check
from tests.unit.dialer.pacing.making import snapshot


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"agents_idle": [3.0, -0.5]}, "agents_idle holds -0.5"),
        ({"calls_ringing": [float("nan")]}, "calls_ringing holds nan"),
        ({"agents_leaving": -1}, "agents_leaving is -1"),
        ({"shift_end": float("inf")}, "shift_end is inf"),
        ({"calls_in_amd": [1.0] * 4, "max_lines": 3}, "4 calls are under way on 3 lines"),
        ({"calls_in_amd": [1.0], "amd_enabled": False}, "1 calls are in a detection that is off"),
        ({"abandoned": 3.0, "live_answered": 2.0}, "3 of 2 calls answered live were abandoned"),
        ({"target_abandon_rate": 0.05}, "the cap on abandoned calls is 0.05, the law's is 0.03"),
        ({"calls_ringing": [1.0], "ringing_scores": [0.2, 0.3]}, "2 scores stand for 1 ringing calls"),
    ],
)
def test_what_cannot_be_true_is_said(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(Contradiction, match=words):
        check(snapshot(**changes))


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Contradiction) as refusal:
        check(snapshot(abandoned=3.0, live_answered=2.0, target_abandon_rate=0.05))

    assert "were abandoned; the cap" in str(refusal.value)


def test_a_campaign_at_rest_is_no_contradiction() -> None:
    check(snapshot())


@given(st.sampled_from([one.name for one in fields(PacingSnapshot)]), st.floats(max_value=-1e-9))
def test_no_negative_age_or_count_passes(name: str, value: float) -> None:
    given = snapshot()
    before = getattr(given, name)
    if isinstance(before, bool) or name in {"time_of_day", "ringing_scores", "next_scores"}:
        return
    changed = snapshot(**{name: [value] if isinstance(before, list) else value})

    with pytest.raises(Contradiction):
        check(changed)
