"""Which consents of the ledger hold for this contact (FED-007, FED-008, FED-009)."""

from compliance.rules.facts import (
    Channel,
    ConsentFact,
    ConsentKind,
    ContactFacts,
    SuppressionKind,
    SuppressionScope,
)
from compliance.rules.policy import Policy

RECORDED = frozenset({Channel.PREREC})
TEXTS = frozenset({Channel.SMS, Channel.MMS})


def standing_consents(facts: ContactFacts, policy: Policy) -> tuple[ConsentFact, ...]:
    """Return the consents for this number, seller, purpose and channel that are in force; strength is for the rules to ask.

    A consent given before a revocation that stands is gone, whatever the ledger says of it.
    """
    return tuple(consent for consent in facts.consents if not why_not(consent, facts, policy))


def why_not(consent: ConsentFact, facts: ContactFacts, policy: Policy) -> str:
    """Return why a consent does not hold for this contact, "" when it does; of several reasons the first."""
    if consent.number != facts.number:
        return "it names another number"
    if consent.revoked_at is not None and consent.revoked_at <= facts.at:
        return "it was taken back"
    if consent.given_at > facts.at:
        return "it is dated in the future"
    if consent.valid_until is not None and facts.at >= consent.valid_until:
        return "it has run out"
    if consent.purposes and facts.purpose not in consent.purposes:
        return f"it is not for {facts.purpose.value} contacts"
    if consent.channels and facts.channel not in consent.channels:
        return "it is for other channels"
    if consent.sellers and facts.seller not in consent.sellers:
        return "it names another seller"
    if not consent.sellers and policy.seller_named_required and consent.kind is ConsentKind.PEWC:
        return "it names no seller"
    if _revoked_since(consent, facts):
        return "the person took it back"
    return ""


def has_express_consent(facts: ContactFacts, policy: Policy) -> bool:
    """Return whether a prior express consent, oral or written, holds (PEC)."""
    return any(
        consent.kind in (ConsentKind.PEC, ConsentKind.PEWC) for consent in standing_consents(facts, policy)
    )


def has_written_consent(facts: ContactFacts, policy: Policy) -> bool:
    """Return whether a complete prior express written consent holds (PEWC, FED-008)."""
    return any(
        consent.kind is ConsentKind.PEWC and not what_is_missing(consent)
        for consent in standing_consents(facts, policy)
    )


def what_is_missing(consent: ConsentFact) -> tuple[str, ...]:
    """Return what a written consent lacks of the content the rule asks for (FED-008), each as people say it."""
    lacks = (
        (not consent.has_text, "the words that were shown"),
        (not consent.signature, "the signature act"),
        (consent.box_preticked, "an act of the person: the box was ticked beforehand"),
        (not consent.authorises_automation, "leave to use an autodialer or a recorded voice"),
        (not consent.not_a_condition, "the words that it is not a condition of purchase"),
    )
    return tuple(words for missing, words in lacks if missing)


def _revoked_since(consent: ConsentFact, facts: ContactFacts) -> bool:
    return any(
        fact.kind is SuppressionKind.REVOKED
        and fact.at >= consent.given_at
        and (fact.scope is SuppressionScope.EVERYONE or fact.seller == facts.seller)
        for fact in facts.suppressions
    )
