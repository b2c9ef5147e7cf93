"""Whether a consent is still that of the number's holder, as far as the Reassigned Numbers Database was asked (FED-030).

An answer of yes, of no data, or none at all protects nobody: what such a consent would lift stays in force.
"""

from datetime import timedelta

from compliance.rules.consent import held
from compliance.rules.facts import ConsentFact, ContactFacts, ReassignedAnswer, ReassignedFact
from compliance.rules.policy import Policy


def is_confirmed(consents: tuple[ConsentFact, ...], facts: ContactFacts, policy: Policy) -> bool:
    """Return whether a fresh answer says that the number has not changed hands since one of the consents."""
    fact = facts.reassigned
    return (
        fact is not None
        and fact.answer is ReassignedAnswer.NO
        and is_fresh(facts, policy)
        and reaches_back(fact, consents)
    )


def has_confirmed_consent(facts: ContactFacts, policy: Policy, *, written: bool) -> bool:
    """Return whether a consent of that strength holds, and is confirmed: one that lifts hours, days or other duties."""
    return bool(facts.consents) and is_confirmed(held(facts, policy, written=written), facts, policy)


def is_fresh(facts: ContactFacts, policy: Policy) -> bool:
    """Return whether the database was asked in the last policy.reassigned_max_age_days."""
    fact = facts.reassigned
    return fact is not None and timedelta(0) <= facts.at - fact.checked_at <= timedelta(
        days=policy.reassigned_max_age_days
    )


def reaches_back(fact: ReassignedFact, consents: tuple[ConsentFact, ...]) -> bool:
    """Return whether the question reached back to the day of one of the consents."""
    return any(fact.since <= consent.given_at.date() for consent in consents)
