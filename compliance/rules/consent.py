"""Which consents of the ledger hold for this contact (FED-007, FED-008, FED-009, FED-015)."""

from compliance.rules.facts import (
    Channel,
    ConsentFact,
    ConsentKind,
    ContactFacts,
    Purpose,
    SuppressionFact,
    SuppressionKind,
    SuppressionScope,
)
from compliance.rules.policy import Policy
from compliance.rules.purposes import is_telemarketing

RECORDED = frozenset({Channel.PREREC})
TEXTS = frozenset({Channel.SMS, Channel.MMS})
OTHER_SELLER, NO_SELLER, NOT_OURS = (
    "it names another seller",
    "it names no seller",
    "it was given to somebody else",
)
SELLER_REASONS = frozenset({OTHER_SELLER, NO_SELLER, NOT_OURS})
MARKETING = frozenset({"marketing", Purpose.TELEMARKETING.value})
PURPOSES = frozenset(purpose.value for purpose in Purpose)


def standing_consents(facts: ContactFacts, policy: Policy) -> tuple[ConsentFact, ...]:
    """Return the consents for this number, seller, purpose and channel that are in force; strength is for the rules to ask.

    A consent given before a revocation that stands is gone, whatever the ledger says of it.
    """
    if not facts.consents:
        return ()
    return tuple(consent for consent in facts.consents if not why_not(consent, facts, policy))


def why_not(consent: ConsentFact, facts: ContactFacts, policy: Policy) -> str:
    """Return why a consent does not hold for this contact, "" when it does; of several reasons the first.

    The seller is asked last: one of SELLER_REASONS means that nothing else is in the way.
    """
    if consent.number != facts.number:
        return "it names another number"
    if consent.revoked_at is not None and consent.revoked_at <= facts.at:
        return "it was taken back"
    if consent.given_at > facts.at:
        return "it is dated in the future"
    if consent.valid_until is not None and facts.at >= consent.valid_until:
        return "it has run out"
    if consent.purposes and _purpose(facts) not in consent.purposes:
        return f"it is not for {_purpose(facts).value} contacts"
    if consent.channels and facts.channel not in consent.channels:
        return "it is for other channels"
    if _revoked_since(consent, facts, policy):
        return "the person took it back"
    return _wrong_seller(consent, facts, policy)


def held(facts: ContactFacts, policy: Policy, *, written: bool) -> tuple[ConsentFact, ...]:
    """Return the standing consents that are strong enough: complete written ones, or any that count as express."""
    if not facts.consents:
        return ()
    counts = is_written if written else is_express
    return tuple(consent for consent in standing_consents(facts, policy) if counts(consent))


def has_express_consent(facts: ContactFacts, policy: Policy) -> bool:
    """Return whether a prior express consent, oral or written, holds (PEC)."""
    return bool(held(facts, policy, written=False))


def has_written_consent(facts: ContactFacts, policy: Policy) -> bool:
    """Return whether a complete prior express written consent holds (PEWC, FED-008)."""
    return bool(held(facts, policy, written=True))


def is_express(consent: ConsentFact) -> bool:
    """Return whether it counts as express: an act of the person, and more than having written to us (A2P-009)."""
    return consent.kind in (ConsentKind.PEC, ConsentKind.PEWC) and not consent.box_preticked


def is_written(consent: ConsentFact) -> bool:
    """Return whether it counts as written: complete, and signed otherwise than by voice (FED-008)."""
    return consent.kind is ConsentKind.PEWC and not what_is_missing(consent) and not is_spoken(consent)


def is_spoken(consent: ConsentFact) -> bool:
    """Return whether it was signed by voice: possible under E-SIGN, for counsel to judge (FED-008 T3)."""
    return consent.signature.strip().casefold() == "voice"


def what_is_missing(consent: ConsentFact) -> tuple[str, ...]:
    """Return what a written consent lacks of the content the rule asks for (FED-008), each as people say it."""
    lacks = (
        (not consent.has_text, "the words that were shown"),
        (not consent.signature.strip(), "the signature act"),
        (consent.box_preticked, "an act of the person: the box was ticked beforehand"),
        (not consent.authorises_automation, "leave to use an autodialer or a recorded voice"),
        (not consent.not_a_condition, "the words that it is not a condition of purchase"),
    )
    return tuple(words for missing, words in lacks if missing)


def revocation_reaches(fact: SuppressionFact, facts: ContactFacts, policy: Policy) -> bool:
    """Return whether a revocation of this seller's contacts stops this one (FED-015).

    Unless policy.revocation_stops is narrowed to "category", it stops everything. Then one of marketing still ends all marketing,
    and one whose category, or whose bearing on this contact, is not known still stops it.
    """
    if policy.revocation_stops != "category":
        return True
    category = fact.category.strip().casefold()
    if category in MARKETING:
        return is_telemarketing(facts)
    if fact.scope is SuppressionScope.CAMPAIGN and fact.campaign_ref not in ("", facts.campaign_ref):
        return False
    if fact.channels and facts.channel not in fact.channels:
        return False
    if category in PURPOSES:
        return category == facts.purpose
    subject = facts.campaign.subject.strip().casefold()
    return not category or not subject or category == subject


def _purpose(facts: ContactFacts) -> Purpose:
    """What the contact is for in law: a reminder with an offer in it is not covered by consent to reminders."""
    return Purpose.TELEMARKETING if is_telemarketing(facts) else facts.purpose


def _wrong_seller(consent: ConsentFact, facts: ContactFacts, policy: Policy) -> str:
    if consent.sellers:
        return "" if facts.seller in consent.sellers else OTHER_SELLER
    if consent.kind is ConsentKind.PEWC:
        return NO_SELLER if policy.seller_named_required else ""
    # What names nobody was said to whoever took it down (A2P-009: an opt-in is not transferable).
    return "" if consent.obtained_by == facts.seller else NOT_OURS


# "Take me off your list" is a revocation too (FED-012 T4): a consent from before never counts again.
ENDS_CONSENT = frozenset({SuppressionKind.REVOKED, SuppressionKind.DO_NOT_CALL})


def _revoked_since(consent: ConsentFact, facts: ContactFacts, policy: Policy) -> bool:
    return any(
        fact.kind in ENDS_CONSENT
        and fact.at >= consent.given_at
        and (fact.scope is SuppressionScope.EVERYONE or fact.seller == facts.seller)
        and revocation_reaches(fact, facts, policy)
        for fact in facts.suppressions
    )
