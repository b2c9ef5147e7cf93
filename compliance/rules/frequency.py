"""How often a person may be tried in any 24 hours, over all their numbers, channels and campaigns (ST-003)."""

from datetime import timedelta

from compliance.rules.calling_window import binding_rows
from compliance.rules.decision import Verdict, allowed, denied_for_now
from compliance.rules.facts import ContactFacts
from compliance.rules.policy import Policy

PERIOD = timedelta(hours=24)


def not_too_often(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny when the cap of attempts in (at - 24 h, at] is used up; unanswered attempts count, and so does every caller ID.

    The law binds telemarketing in some states; the house holds every purpose and state to the same cap.
    """
    limit, who = policy.attempts_per_24h, "the limit"
    for row in binding_rows(facts):
        if row.attempts_per_24h is not None and row.attempts_per_24h <= limit:
            limit, who = row.attempts_per_24h, row.name
    recent = sorted(attempt for attempt in facts.attempts if attempt > facts.at - PERIOD)
    if len(recent) < limit:
        return allowed("ST-003", f"attempt {len(recent) + 1} of {limit} in 24 hours")
    retry_at = recent[-limit] + PERIOD
    times = "once" if len(recent) == 1 else f"{len(recent)} times"
    rule = f"{who} is {limit}" if who == "the limit" else f"{who} allows {limit}"
    return denied_for_now(
        "ST-003", "FREQ_STATE", f"tried {times} in the last 24 hours, {rule}", retry_at=retry_at
    )
