"""The bounds the bench measures against, and the rivals it measures."""

import pytest

from bench.pacing.markov import MarkovModel, optimum, value
from bench.pacing.rivals import AdaptivePacer, RatioPacer
from dialer.pacing import CallOutcome
from tests.unit.dialer.pacing.making import snapshot


@pytest.mark.slow_test
def test_the_optimum_at_three_percent_with_five_agents_is_the_known_one() -> None:
    assert optimum(MarkovModel(agents=5)) == pytest.approx(0.7748, abs=0.001)


@pytest.mark.slow_test
def test_a_higher_cap_never_lowers_the_optimum() -> None:
    found = [optimum(MarkovModel(agents=2, cap=cap)) for cap in (0.01, 0.03, 0.1)]

    assert found == sorted(found)


def test_without_a_price_nobody_is_idle() -> None:
    assert value(MarkovModel(agents=2, cap=0.0), 0.0) > 0.97


def test_at_a_forbidding_price_each_agent_has_one_call_at_a_time() -> None:
    # 40 s until one of the calls of 10 s is answered, by one in four, then 80 s of handling.
    assert value(MarkovModel(agents=2, cap=0.0), 1e5) == pytest.approx(80 / 120, abs=1e-4)


def test_a_ratio_counts_calls_under_way() -> None:
    assert RatioPacer(3.0).calls_to_place(snapshot(agents_idle=[1.0, 1.0], calls_ringing=[3.0])) == 5


def test_the_adaptive_level_falls_to_one_to_one_above_the_drop_limit() -> None:
    pacer = AdaptivePacer("hard_limit")
    pacer.level = 3.0
    pacer.observe(CallOutcome("attempt", 1.0, result="human"))
    pacer.observe(CallOutcome("abandoned", 4.0))

    pacer.calls_to_place(snapshot(agents_idle=[1.0]))

    assert pacer.level == 1.0


def test_an_unknown_adaptive_method_is_refused() -> None:
    with pytest.raises(ValueError, match="tapered"):
        AdaptivePacer("wishful")
