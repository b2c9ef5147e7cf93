"""The caller ID: ours, working, and taking do-not-call requests (FED-025, CID-001), and not worn out (CID-003)."""

import re

from compliance.rules.days import PACIFIC, latest_day, next_midnight
from compliance.rules.decision import Verdict, allowed, denied, denied_for_now, not_bound
from compliance.rules.facts import Channel, ContactFacts
from compliance.rules.policy import Policy
from core.types import E164_PATTERN

IS_E164 = re.compile(E164_PATTERN).match
TEXTS = frozenset({Channel.SMS, Channel.MMS})


def proven_caller_id(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a contact whose caller ID, or text sender, is not proven to be the seller's to use. ENG-001 step 4.

    The law asks it of telemarketers; a number nobody can call back is not shown for any purpose.
    """
    problem = _problem(facts, policy)
    if problem:
        return denied("FED-025", "CLI_INVALID", problem)
    return allowed("FED-025", "the caller ID is ours, and takes do-not-call requests")


def rested_caller_id(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a call from a number dialed from too often today; a house limit. The day ends at midnight Pacific time."""
    if facts.channel in TEXTS:
        return not_bound("CID-003", "the limit is on dials, not on texts")
    limit = policy.caller_dials_per_day
    if facts.caller.dials_today < limit:
        return allowed("CID-003", f"the caller ID is below {limit} dials today")
    return denied_for_now(
        "CID-003",
        "CLI_WORN",
        f"{facts.caller.dials_today} calls went out from this caller ID today, the limit is {limit}",
        retry_at=next_midnight(facts.at, PACIFIC),
    )


def _problem(facts: ContactFacts, policy: Policy) -> str:
    caller = facts.caller
    if not IS_E164(facts.caller_id):
        return "there is no valid caller ID to show"
    if not caller.known:
        return "the caller ID is not in the inventory of caller numbers; add it there with the proof of the right to use it"
    if not caller.active:
        return "the caller ID is out of service; choose another"
    if caller.seller and caller.seller != facts.seller:
        return f"the caller ID belongs to {caller.seller}; choose one of {facts.seller}"
    if not caller.authority:
        return "there is no proof of the right to use the caller ID; record the contract, letter or purchase"
    if not caller.takes_requests:
        return "nobody takes do-not-call requests at the caller ID; route its calls to the request line"
    return _test_problem(facts, policy)


def _test_problem(facts: ContactFacts, policy: Policy) -> str:
    tested_on, today = facts.caller.tested_on, latest_day(facts)
    if tested_on is None or tested_on > today:
        return "the caller ID was never tested; call it back and record the day"
    age, limit = (today - tested_on).days, policy.caller_test_max_age_days
    if age > limit:
        return f"the caller ID was last tested {age} days ago, the limit is {limit}; call it back and record the day"
    return ""
