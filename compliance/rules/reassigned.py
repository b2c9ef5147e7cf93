"""Whether the number is still that of the person who consented: the Reassigned Numbers Database (FED-030, ENG-001 step 7)."""

from datetime import timedelta

from compliance.rules import consent_needed, state_consent
from compliance.rules.consent import held
from compliance.rules.decision import Verdict, allowed, denied, not_bound
from compliance.rules.facts import ConsentFact, ContactFacts, ReassignedAnswer, ReassignedFact
from compliance.rules.permission import rests_on_permission
from compliance.rules.policy import Policy
from compliance.rules.purposes import binds_us, is_telemarketing

DATABASE = "the Reassigned Numbers Database"


def same_holder(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a contact that stands on a consent, or sells where the state asks for the check, without a good fresh answer.

    A contact that needs no consent has nothing that could have been another person's: a live sales call in most states.
    """
    if not binds_us(facts):
        return not_bound("FED-030", "the law of the United States does not bind numbers abroad")
    laws = state_consent.binding_laws(facts, policy)
    federal = consent_needed.consents_used(facts, policy)
    consents = federal + state_consent.consents_used(facts, policy, laws) + permission_used(facts, policy)
    if not consents and not laws[state_consent.REASSIGNED_CHECK]:
        return not_bound("FED-030", "the contact stands on no consent")
    fact = facts.reassigned
    if fact is not None and fact.answer is ReassignedAnswer.YES:
        reason = f"{DATABASE} says the number was given up after {fact.since.day} {fact.since:%b %Y}; get consent anew"
        return denied("FED-030", "RND_RISK", reason)
    if fact is None or not _is_fresh(facts, policy):
        days = policy.reassigned_max_age_days
        reason = f"{DATABASE} was not asked in the last {days} days; ask it about {_ask(consents)}"
        return denied("FED-030", "RND_RISK", reason)
    if fact.answer is not ReassignedAnswer.NO:
        reason = f"{DATABASE} knows nothing of the number; get consent anew, or let a supervisor judge"
        return denied("FED-030", "RND_RISK", reason, needs_review=True)
    if not all(_covers(fact, group) for group in consents):
        reason = f"{DATABASE} was asked about a day after the consent; ask it about {_ask(consents)}"
        return denied("FED-030", "RND_RISK", reason)
    checked = fact.checked_at
    return allowed("FED-030", f"not reassigned, asked on {checked.day} {checked:%b %Y}")


def permission_used(facts: ContactFacts, policy: Policy) -> tuple[tuple[ConsentFact, ...], ...]:
    """Return, as one group, the agreements that take a listed number out of the registry's reach (FED-004)."""
    agreements = rests_on_permission(facts, policy) if facts.consents and is_telemarketing(facts) else ()
    return (agreements,) if agreements else ()


def is_without_consent(facts: ContactFacts, policy: Policy) -> bool:
    """Return whether the contact counts among those made under an exemption (AttemptFact.with_consent False).

    A consent that the database has not confirmed does not take it out of the count (FED-022, FED-023).
    """
    if consent_needed.need_of(facts, policy) not in consent_needed.COUNTED:
        return False
    fact, consents = facts.reassigned, held(facts, policy, written=False)
    return not (
        fact is not None
        and fact.answer is ReassignedAnswer.NO
        and _is_fresh(facts, policy)
        and _covers(fact, consents)
    )


def _covers(fact: ReassignedFact, consents: tuple[ConsentFact, ...]) -> bool:
    """Whether the question reached back to one of the consents."""
    return any(fact.since <= consent.given_at.date() for consent in consents)


def _is_fresh(facts: ContactFacts, policy: Policy) -> bool:
    fact = facts.reassigned
    return fact is not None and timedelta(0) <= facts.at - fact.checked_at <= timedelta(
        days=policy.reassigned_max_age_days
    )


def _ask(consents: tuple[tuple[ConsentFact, ...], ...]) -> str:
    given = [max(each.given_at for each in group) for group in consents]
    if not given:
        return "the day the number was got"
    first = min(given)
    return f"{first.day} {first:%b %Y}, the day of the consent"
