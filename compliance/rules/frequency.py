"""How often a person may be tried, over all their numbers, channels, caller IDs and campaigns (ST-003)."""

from datetime import datetime, timedelta

from compliance.rules.decision import Verdict, allowed, denied, denied_for_now, not_bound
from compliance.rules.facts import ContactFacts
from compliance.rules.overlay import binding_rows
from compliance.rules.policy import Policy
from compliance.rules.purposes import is_emergency

DAY = 24
REACH = timedelta(days=31)  # how far back any rule about earlier contacts looks


def not_too_often(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny when a cap of attempts in (at - period, at] is used up; unanswered attempts count, and so does every caller ID.

    The law binds telemarketing in some states; the house holds every purpose and state to the same cap. Calls and texts
    count together (Oregon says so; the strictest reading elsewhere). A recording left on a call is no attempt beside that call: one
    ring, one contact; without a call of its own it would be one (FED-029).
    """
    if is_emergency(facts):
        return not_bound("ST-003", "an emergency waits for no cap")
    caps: dict[int, tuple[int, str]] = {DAY: (policy.attempts_per_24h, "the limit")}
    for row in binding_rows(facts, policy):
        if row.cap is not None and row.cap <= caps.get(row.cap_hours, (row.cap, ""))[0]:
            caps[row.cap_hours] = (row.cap, row.name)
    of_day = 0
    for hours, (limit, who) in sorted(caps.items()):
        recent = _within(facts, hours)
        if len(recent) >= limit:
            return _used_up(recent, hours, limit, who)
        if hours == DAY:
            of_day = len(recent)
    return allowed("ST-003", f"attempt {of_day + 1} of {caps[DAY][0]} in 24 hours")


def _within(facts: ContactFacts, hours: int) -> list[datetime]:
    if not facts.attempts:
        return []
    since = facts.at - timedelta(hours=hours)
    return [attempt.at for attempt in facts.attempts if attempt.at > since and not attempt.left_on_call]


def _used_up(recent: list[datetime], hours: int, limit: int, who: str) -> Verdict:
    rule = f"{who} is {limit}" if who == "the limit" else f"{who} allows {limit}"
    if limit <= 0:
        return denied("ST-003", "FREQ_STATE", f"{rule} attempts in {hours} hours")
    times = "once" if len(recent) == 1 else f"{len(recent)} times"
    return denied_for_now(
        "ST-003",
        "FREQ_STATE",
        f"tried {times} in the last {hours} hours, {rule}",
        retry_at=sorted(recent)[-limit] + timedelta(hours=hours),
    )
