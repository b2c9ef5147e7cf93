"""Whether the number is still that of the person who consented: the Reassigned Numbers Database (FED-030, ENG-001 step 7)."""

from compliance.rules import consent_needed, state_consent
from compliance.rules.decision import Verdict, allowed, denied, not_bound
from compliance.rules.facts import ConsentFact, ContactFacts, ReassignedAnswer
from compliance.rules.holder import has_confirmed_consent, is_fresh, reaches_back
from compliance.rules.policy import Policy
from compliance.rules.purposes import binds_us

DATABASE = "the Reassigned Numbers Database"


def same_holder(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a contact that stands on a consent, or sells where the state asks for the check, without a good fresh answer.

    A contact that needs no consent has nothing that could have been another person's: a live sales call in most states.
    """
    if not binds_us(facts):
        return not_bound("FED-030", "the law of the United States does not bind numbers abroad")
    laws = state_consent.binding_laws(facts, policy)
    federal = consent_needed.consents_used(facts, policy)
    consents = federal + state_consent.consents_used(facts, policy, laws)
    if not consents and not laws[state_consent.REASSIGNED_CHECK]:
        return not_bound("FED-030", "the contact stands on no consent")
    fact = facts.reassigned
    if fact is not None and fact.answer is ReassignedAnswer.YES:
        reason = f"{DATABASE} says the number was given up after {fact.since.day} {fact.since:%b %Y}; get consent anew"
        return denied("FED-030", "RND_RISK", reason)
    if fact is None or not is_fresh(facts, policy):
        days = policy.reassigned_max_age_days
        reason = f"{DATABASE} was not asked in the last {days} days; ask it about {_ask(consents)}"
        return denied("FED-030", "RND_RISK", reason)
    if fact.answer is not ReassignedAnswer.NO:
        reason = f"{DATABASE} knows nothing of the number; get consent anew, or let a supervisor judge"
        return denied("FED-030", "RND_RISK", reason, needs_review=True)
    if not all(reaches_back(fact, group) for group in consents):
        reason = f"{DATABASE} was asked about a day after the consent; ask it about {_ask(consents)}"
        return denied("FED-030", "RND_RISK", reason)
    checked = fact.checked_at
    return allowed("FED-030", f"not reassigned, asked on {checked.day} {checked:%b %Y}")


def is_without_consent(facts: ContactFacts, policy: Policy) -> bool:
    """Return whether the contact counts among those made under an exemption (AttemptFact.with_consent False).

    A consent that the database has not confirmed does not take it out of the count (FED-022, FED-023).
    """
    if consent_needed.need_of(facts, policy) not in consent_needed.COUNTED:
        return False
    return not has_confirmed_consent(facts, policy, written=False)


def _ask(consents: tuple[tuple[ConsentFact, ...], ...]) -> str:
    given = [max(each.given_at for each in group) for group in consents]
    if not given:
        return "the day the number was got"
    first = min(given)
    return f"{first.day} {first:%b %Y}, the day of the consent"
