"""Abandoned calls: the limit, and what counts as one (FED-016, FED-018, FED-020)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from compliance.rules.abandonment import LiveAnswer, was_abandoned, within_abandonment_limit
from compliance.rules.facts import AbandonmentFacts, CampaignFacts, Channel, ContactFacts, Purpose
from compliance.rules.policy import in_force
from tests.rules.making import at, facts

NOON = at("2026-11-23T17:00:00Z")
POLICY = in_force(NOON)


def predictive(counts: AbandonmentFacts, **changes: Any) -> ContactFacts:
    """Return a predictive call of a campaign with those counts."""
    values: dict[str, Any] = {"channel": Channel.LIVE_PREDICTIVE, **changes}
    return facts(NOON, campaign=CampaignFacts(abandonment=counts), **values)


@pytest.mark.parametrize(
    ("name", "counts", "code"),
    [
        ("FED-016 T1 300 of 10,000", AbandonmentFacts(period_live=10_000, period_abandoned=300), ""),
        ("FED-016 T1 301 of 10,000", AbandonmentFacts(period_live=10_000, period_abandoned=301), "ABANDON_CAP"),
        # 20,000 machines answered too: they are in neither number.
        ("FED-016 T2 300 of 8,000", AbandonmentFacts(period_live=8_000, period_abandoned=300), "ABANDON_CAP"),
        (
            "FED-016 T3 the second period alone is over, the last 30 days are not",
            AbandonmentFacts(
                period_live=1_000, period_abandoned=34, trailing_live=2_000, trailing_abandoned=54
            ),
            "ABANDON_CAP",
        ),
        (
            "the last 30 days alone are over",
            AbandonmentFacts(
                period_live=1_000, period_abandoned=20, trailing_live=2_000, trailing_abandoned=61
            ),
            "ABANDON_CAP",
        ),
        ("FED-016 T4 the call the agent joined at 2.4 s is the 301st",
         AbandonmentFacts(period_live=10_000, period_abandoned=300 + 1), "ABANDON_CAP"),
        ("FED-020 T1 the person taken for a machine is the 301st",
         AbandonmentFacts(period_live=10_000, period_abandoned=300 + 1), "ABANDON_CAP"),
        ("no live call yet", AbandonmentFacts(), ""),
        ("the first live call was abandoned", AbandonmentFacts(period_live=1, period_abandoned=1), "ABANDON_CAP"),
        ("half a person by estimate", AbandonmentFacts(period_live=0.5, period_abandoned=0.5), ""),
        ("one person and a half", AbandonmentFacts(period_live=49.5, period_abandoned=1.5), "ABANDON_CAP"),
        ("one and a half of enough", AbandonmentFacts(period_live=50, period_abandoned=1.5), ""),
        ("counts that cannot be", AbandonmentFacts(period_abandoned=1), "ABANDON_CAP"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("purpose", [Purpose.TELEMARKETING, Purpose.SURVEY, Purpose.DEBT])
def test_abandonment_limit(name: str, counts: AbandonmentFacts, code: str, purpose: Purpose) -> None:
    assert within_abandonment_limit(predictive(counts, purpose=purpose), POLICY).code == code, name


@pytest.mark.parametrize("channel", sorted(set(Channel) - {Channel.LIVE_PREDICTIVE}))
def test_a_campaign_over_the_limit_may_dial_by_preview(channel: Channel) -> None:
    counts = AbandonmentFacts(period_live=100, period_abandoned=50)

    verdict = within_abandonment_limit(predictive(counts, channel=channel), POLICY)

    assert (verdict.code, verdict.applies) == ("", False)


def test_the_reason_counts() -> None:
    verdict = within_abandonment_limit(
        predictive(AbandonmentFacts(period_live=10_000, period_abandoned=301)), POLICY
    )

    assert (
        verdict.reason
        == "301 of the 10000 calls answered live in this 30-day period were abandoned, the limit is 3 %; dial by preview"
    )


def seconds(count: float) -> datetime:
    return NOON + timedelta(seconds=count)


@pytest.mark.parametrize(
    ("name", "changes", "abandoned"),
    [
        ("an agent at 2.0 s", {"agent_joined_at": seconds(2.0)}, False),
        ("FED-016 T4 an agent at 2.4 s who sells", {"agent_joined_at": seconds(2.4)}, True),
        ("nobody", {}, True),
        (
            "FED-016 the message for abandoned calls does not cure it",
            {"message_began_at": seconds(1.9)},
            True,
        ),
        (
            "FED-018 T1 a recorded voice at 1.8 s with written consent",
            {"message_began_at": seconds(1.8), "has_written_consent": True},
            False,
        ),
        (
            "FED-018 T2 at 3 s",
            {"message_began_at": seconds(3), "has_written_consent": True},
            True,
        ),
        # FED-018 T3: without written consent the recorded call is denied before (FED-007); had it been made, it counts.
        ("FED-018 T3 without consent", {"message_began_at": seconds(1.8)}, True),
        ("FED-020 T1 detection said machine and hung up on a person", {}, True),
        (
            "FED-020 T2 detection took 3.5 s before the agent was there",
            {"agent_joined_at": seconds(3.5)},
            True,
        ),
    ],
)
def test_what_counts_as_abandoned(name: str, changes: dict[str, Any], abandoned: bool) -> None:
    answer = LiveAnswer(greeting_ended_at=NOON, **changes)

    assert was_abandoned(answer, POLICY) is abandoned, name
