"""The national do-not-call registry and state-run lists, and the age of the copy (FED-002)."""

from datetime import UTC, date
from zoneinfo import ZoneInfo

from compliance.rules.decision import Verdict, allowed, denied, not_bound
from compliance.rules.facts import ContactFacts
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.policy import Policy
from compliance.rules.purposes import is_telemarketing

NATIONAL = "national"


def not_registered(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny telemarketing to a listed number, and to any number when the seller's own copy is missing or too old."""
    if not is_telemarketing(facts):
        return not_bound("FED-002", "the registries bind sales contacts only")
    for listing in sorted(facts.registry.listings, key=lambda each: (each.name != NATIONAL, each.name)):
        if listing.name == NATIONAL:
            return denied(
                "FED-002",
                "DNC_NATIONAL",
                f"on the national do-not-call list (registry of {_day(listing.as_of)})",
            )
        name = STATE_NAMES.get(listing.name, listing.name)
        return denied("FED-002", "DNC_STATE", f"on the do-not-call list of {name} (of {_day(listing.as_of)})")
    return _fresh(facts, policy)


def _fresh(facts: ContactFacts, policy: Policy) -> Verdict:
    registry = facts.registry
    if registry.problem:
        return denied("FED-002", "SCRUB_STALE", registry.problem)
    if not registry.seller_has_snapshot:
        return denied(
            "FED-002", "SCRUB_STALE", f"no national do-not-call registry is loaded for {facts.seller}"
        )
    if not registry.covers_number or registry.as_of is None:
        return denied(
            "FED-002",
            "SCRUB_STALE",
            f"the do-not-call registry loaded does not cover area code {facts.number[2:5]}",
        )
    # The latest day it may be anywhere the person may be: the strictest reading of "31 days".
    today = max(
        [
            facts.at.astimezone(UTC).date(),
            *(facts.at.astimezone(ZoneInfo(zone)).date() for zone in facts.zones),
        ]
    )
    age = (today - registry.as_of).days
    if age > policy.registry_max_age_days:
        limit = policy.registry_max_age_days
        return denied(
            "FED-002",
            "SCRUB_STALE",
            f"the do-not-call registry of {_day(registry.as_of)} is {age} days old, the limit is {limit}",
        )
    if age < 0:
        return denied(
            "FED-002",
            "SCRUB_STALE",
            f"the do-not-call registry is dated in the future ({_day(registry.as_of)})",
        )
    return allowed("FED-002", f"not on the registry of {_day(registry.as_of)}, {age} days old")


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
