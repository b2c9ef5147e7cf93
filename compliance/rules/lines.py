"""What kind of line we may believe it is (ENG-001 step 5, FED-031), and which lines are left alone (FED-032)."""

from datetime import datetime, timedelta

from compliance.rules.decision import Verdict, allowed, denied, denied_for_now, not_bound
from compliance.rules.facts import Channel, ContactFacts, LineType
from compliance.rules.policy import Policy

# Unknown lines, and numbers on the internet that ring anywhere, are treated as mobiles: the stricter reading.
AS_WIRELESS = frozenset({LineType.WIRELESS, LineType.VOIP, LineType.UNKNOWN})
BY_MACHINE = frozenset({Channel.LIVE_PREDICTIVE, Channel.PREREC})
AGAIN = timedelta(minutes=1)  # when to look whether the other line is free

WORDS = {each: f"the line is {each.value.replace('_', ' ')}" for each in LineType}


def believed_type(facts: ContactFacts, policy: Policy, at: datetime | None = None) -> LineType:
    """Return the line's type, UNKNOWN once the answer is older than the grace after a port (FED-031) or from the future.

    `at` asks for another instant than facts.at.
    """
    line = facts.line
    if line.checked_at is None:
        return LineType.UNKNOWN
    when = at or facts.at
    if line.checked_at > when or when - line.checked_at > timedelta(days=policy.line_type_max_age_days):
        return LineType.UNKNOWN
    return line.type


def is_wireless(facts: ContactFacts, policy: Policy) -> bool:
    """Return whether the line must be treated as a mobile."""
    return believed_type(facts, policy) in AS_WIRELESS


def line_type(facts: ContactFacts, policy: Policy) -> Verdict:
    """Say what the line is taken for; never denies, the rules after it do. ENG-001 step 5."""
    known = believed_type(facts, policy)
    if known is not LineType.UNKNOWN:
        return allowed("FED-031", WORDS[known])
    if facts.line.type is LineType.UNKNOWN:
        return not_bound("FED-031", "the line's type is not known: it counts as a mobile")
    return not_bound("FED-031", "the line's type was looked up too long ago: it counts as a mobile")


def not_protected(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny emergency lines, patients' rooms and their like on every channel, by hand and in an emergency too. FED-032."""
    if facts.line.protected:
        return denied("FED-032", "LINE_PROTECTED", f"the line is never dialed: {facts.line.protected[:60]}")
    return not_bound("FED-032", "no protected line")


def one_line_of_a_business(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a machine's call while another line of the same business account is being called. FED-032."""
    if facts.account_calls_open > 0 and facts.channel in BY_MACHINE:
        reason = "another line of this business is being called"
        return denied_for_now("FED-032", "LINE_BUSY_ACCOUNT", reason, retry_at=facts.at + AGAIN)
    return not_bound("FED-032", "no other line of the account is being called by machine")
