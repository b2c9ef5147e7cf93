"""The national do-not-call registry and state-run lists, and the age of the seller's copies (FED-002)."""

from datetime import date
from functools import lru_cache

from compliance.rules.days import latest_day
from compliance.rules.decision import Verdict, allowed, denied, not_bound
from compliance.rules.facts import ContactFacts, Purpose, RegistryListing
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.permission import (
    permission_of_others,
    permissions_held,
    what_lifts_registry,
)
from compliance.rules.policy import Policy
from compliance.rules.purposes import binds_us, candidate_states, is_telemarketing

NATIONAL = "national"
NONPROFIT_HINT = "; if a tax-exempt nonprofit calls for itself, say so in the campaign"


def not_registered(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a sales contact to a listed number, and to any number when the seller's own copy is missing or too old.

    Days are counted to the latest day it may be where the person is: the strictest reading of "31 days".
    What lifts the national registry lifts neither a state's own list nor the duty to have a copy of it: the stricter reading.
    Charity is bound too unless a nonprofit calls for itself (FED-002, FED-033).
    """
    if not binds_us(facts):
        return not_bound("FED-002", "the registries of the United States do not bind numbers abroad")
    if not is_telemarketing(facts) and facts.purpose is not Purpose.CHARITY:
        return not_bound("FED-002", "the registries bind sales contacts only")
    lifted, today = what_lifts_registry(facts, policy), latest_day(facts)
    denial = (
        (None if lifted else _listed(facts, policy))
        or _listed_by_a_state(facts, policy)
        or _unreadable(facts)
        or (None if lifted else _stale(facts, policy, today))
        or _stale_in_a_state(facts, policy, today)
    )
    if denial is not None:
        return denial
    if lifted:
        return allowed("FED-002", f"the national registry does not bar it: {lifted}")
    as_of = facts.registry.as_of
    assert as_of is not None  # _stale denied without one
    return allowed("FED-002", f"not on the registry of {_day(as_of)}, {(today - as_of).days} days old")


def _listed(facts: ContactFacts, policy: Policy) -> Verdict | None:
    if not facts.registry.listings:
        return None
    listing = next((each for each in facts.registry.listings if each.name == NATIONAL), None)
    if listing is None or policy.lifted & {"DNC_NATIONAL", "CONSENT_SELLER"}:
        return None
    where = f"on the national do-not-call list (registry of {_day(listing.as_of)})"
    if held := permissions_held(facts, policy):
        reason = f"{where}, and the agreement to be called ({held[0].ref}) counts only once the Reassigned Numbers Database confirms it"
        return denied("FED-002", "DNC_NATIONAL", reason)
    consent = permission_of_others(facts, policy)
    if consent is None:
        return denied("FED-002", "DNC_NATIONAL", where + _hint(facts))
    if consent.sellers:
        names = ", ".join(sorted(consent.sellers))[:60]
        return denied(
            "FED-004", "CONSENT_SELLER", f"{where}, and the consent names {names}, not {facts.seller}"
        )
    return denied(
        "FED-004",
        "CONSENT_SELLER",
        f"{where}, and the consent names no seller; get one that names {facts.seller}",
        needs_review=True,
    )


def _listed_by_a_state(facts: ContactFacts, policy: Policy) -> Verdict | None:
    if not facts.registry.listings:
        return None
    listings = sorted((each.name, each.as_of) for each in facts.registry.listings if each.name != NATIONAL)
    if not listings or "DNC_STATE" in policy.lifted:
        return None
    name, as_of = listings[0]
    who = STATE_NAMES.get(name, name)
    return denied("FED-002", "DNC_STATE", f"on the do-not-call list of {who} (of {_day(as_of)})")


def _unreadable(facts: ContactFacts) -> Verdict | None:
    if not facts.registry.problem:
        return None
    return denied("FED-002", "SCRUB_STALE", facts.registry.problem)


def _stale(facts: ContactFacts, policy: Policy, today: date) -> Verdict | None:
    registry = facts.registry
    if registry.problem:
        return denied("FED-002", "SCRUB_STALE", registry.problem)
    if not registry.seller_has_snapshot:
        return denied(
            "FED-002",
            "SCRUB_STALE",
            f"no national do-not-call registry is loaded for {facts.seller}{_hint(facts)}",
        )
    if not registry.covers_number or registry.as_of is None:
        return denied(
            "FED-002",
            "SCRUB_STALE",
            f"the do-not-call registry loaded does not cover area code {facts.number[2:5]}{_hint(facts)}",
        )
    problem = _age_problem(registry.as_of, today, policy.registry_max_age_days)
    if not problem:
        return None
    return denied("FED-002", "SCRUB_STALE", f"the do-not-call registry {problem}{_hint(facts)}")


def _stale_in_a_state(facts: ContactFacts, policy: Policy, today: date) -> Verdict | None:
    """Deny without a fresh copy of each state-run list that may hold the number (table 4.2, "own list")."""
    if not policy.state_lists_required:
        return None
    for state in candidate_states(facts):
        for law in policy.book.laws("own_list", state, today):
            name = f"do-not-call list of {STATE_NAMES[state]}"
            copy = _newest(facts.registry.own_lists, state)
            if copy is None:
                reason = f"no copy of the {name} is loaded for {facts.seller}; load it under Registry copies"
                return denied("FED-002", "SCRUB_STALE", reason)
            limit = policy.registry_max_age_days if law.days is None else law.days
            if problem := _age_problem(copy.as_of, today, limit):
                reason = f"the {name} {problem}; load a new copy under Registry copies"
                return denied("FED-002", "SCRUB_STALE", reason)
    return None


def _newest(copies: tuple[RegistryListing, ...], name: str) -> RegistryListing | None:
    found = [each for each in copies if each.name == name]
    return max(found, key=lambda each: each.as_of) if len(found) > 1 else found[0] if found else None


def _age_problem(as_of: date, today: date, limit: int) -> str:
    age = (today - as_of).days
    if age > limit:
        return f"of {_day(as_of)} is {age} days old, the limit is {limit}"
    if age < 0:
        return f"is dated in the future ({_day(as_of)})"
    return ""


def _hint(facts: ContactFacts) -> str:
    return "" if is_telemarketing(facts) else NONPROFIT_HINT


@lru_cache(maxsize=1024)
def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
