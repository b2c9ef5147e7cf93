"""What the person asked, and what is known of the number: beats everything else at once, and never runs out. ENG-001 step 2."""

from compliance.rules.consent import is_express, revocation_reaches, why_not
from compliance.rules.decision import Verdict, allowed, denied
from compliance.rules.facts import (
    ContactFacts,
    Purpose,
    SuppressionFact,
    SuppressionKind,
    SuppressionScope,
)
from compliance.rules.policy import Policy
from compliance.rules.purposes import is_emergency

NOT_THEIRS = (SuppressionKind.WRONG_NUMBER, SuppressionKind.REASSIGNED)
DEBT_ONLY = (SuppressionKind.CEASED, SuppressionKind.REPRESENTED)
NEVER_LIFTED = frozenset({SuppressionKind.LITIGATOR, *DEBT_ONLY})


def not_suppressed(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a number whose person asked not to be contacted, or that is not theirs; the strongest reason is told.

    Whatever the purpose. An emergency passes a revocation alone, since it needs no consent (FED-007, FED-015); the book does
    not say that it passes a request not to be called, so it does not.
    """
    if not facts.suppressions and not facts.crm_do_not_call:
        return allowed("FED-006", "not on the internal do-not-call list")
    heard: dict[SuppressionKind, str] = {}
    for fact in facts.suppressions:
        if fact.kind not in heard and _binds(fact, facts, policy):
            heard[fact.kind] = _when(fact)
    if (words := heard.get(SuppressionKind.LITIGATOR)) is not None:
        return denied("FED-006", "LITIGATOR", f"known to sue over calls, never contacted{words}")
    if (words := heard.get(SuppressionKind.DO_NOT_CALL)) is not None:
        return denied("FED-006", "DNC_INTERNAL", f"asked not to be called{words}")
    if facts.crm_do_not_call:
        return denied("FED-006", "DNC_INTERNAL", "the CRM says do not call")
    if (words := heard.get(SuppressionKind.REVOKED)) is not None:
        return denied("FED-012", "REVOKED", f"took the consent back{words}")
    if (words := heard.get(SuppressionKind.CEASED)) is not None:
        return denied(
            "REGF-005", "DNC_INTERNAL", f"asked in writing that contacts about the debt cease{words}"
        )
    if (words := heard.get(SuppressionKind.REPRESENTED)) is not None:
        return denied(
            "REGF-005", "DNC_INTERNAL", f"has an attorney for the debt, to be contacted instead{words}"
        )
    for kind in NOT_THEIRS:
        if kind in heard:
            return denied("FED-030", "WRONG_NUMBER", f"the number is not this person's{heard[kind]}")
    if any(fact.lifted_on for fact in facts.suppressions):
        return allowed("FED-006", "asked to be contacted again, and two people lifted the request")
    return allowed("FED-006", "not on the internal do-not-call list")


def _when(fact: SuppressionFact) -> str:
    heard = f" ({fact.heard_on}, {fact.at.day} {fact.at:%b %Y})" if fact.heard_on else ""
    return f"{heard}; the consent it was lifted on does not cover this" if fact.lifted_on else heard


def _binds(fact: SuppressionFact, facts: ContactFacts, policy: Policy) -> bool:
    return _reaches(fact, facts, policy) and not _is_lifted(fact, facts, policy)


def _reaches(fact: SuppressionFact, facts: ContactFacts, policy: Policy) -> bool:
    if fact.kind is SuppressionKind.LITIGATOR:
        return True
    if fact.kind in NOT_THEIRS and fact.person_ref:
        # Whoever heard it, the person does not have the number; another person may.
        return not facts.person_ref or fact.person_ref == facts.person_ref
    if fact.scope is not SuppressionScope.EVERYONE and fact.seller != facts.seller:
        return False
    if fact.kind in NOT_THEIRS:
        return True
    if fact.kind in DEBT_ONLY:
        return facts.purpose is Purpose.DEBT
    if fact.kind is SuppressionKind.REVOKED:
        return not is_emergency(facts) and revocation_reaches(fact, facts, policy)
    return _request_reaches(fact, facts, policy)


def _request_reaches(fact: SuppressionFact, facts: ContactFacts, policy: Policy) -> bool:
    """Every campaign of the seller is bound by a request made in one (FED-006 T2).

    "Not on this channel" spares the others in debt alone (REGF-005, FED-015 T3).
    """
    narrow = facts.purpose is Purpose.DEBT or policy.revocation_stops == "category"
    return not (narrow and fact.channels and facts.channel not in fact.channels)


def _is_lifted(fact: SuppressionFact, facts: ContactFacts, policy: Policy) -> bool:
    """Whether two people lifted it for this contact on a later consent, which the person came to the seller for (FED-006 T4).

    The consent's words are kept and name the seller, and it covers the contact: who wants texts again does not want calls. What
    was said to everybody is not taken back by what is said to one.
    """
    if not fact.lifted_on or fact.kind in NEVER_LIFTED or fact.scope is SuppressionScope.EVERYONE:
        return False
    return any(
        consent.ref == fact.lifted_on
        and consent.asked_by_person
        and consent.has_text
        and is_express(consent)
        and consent.obtained_by == facts.seller
        and facts.seller in consent.sellers
        and consent.given_at > fact.at
        and not why_not(consent, facts, policy)
        for consent in facts.consents
    )
