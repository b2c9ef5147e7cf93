"""States that ask for consent to sales contacts: written for some channels (ST-006), any for mobiles (ST-008)."""

from collections.abc import Mapping
from datetime import date
from enum import IntEnum
from functools import lru_cache
from typing import Final

from compliance.rules.calling_window import NO_ZONE
from compliance.rules.consent import has_express_consent, has_written_consent, held
from compliance.rules.consent_words import what_lacks
from compliance.rules.decision import Verdict, allowed, denied, not_bound
from compliance.rules.facts import Channel, ConsentFact, ContactFacts, LineType
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.lines import believed_type, is_wireless
from compliance.rules.pack import RuleBook, StateLaw
from compliance.rules.policy import Policy
from compliance.rules.purposes import binds_us, is_telemarketing

WRITTEN, WRITTEN_REVIEW, MOBILE = "written_consent", "written_consent_review", "mobile_ban"
REASSIGNED_CHECK = "reassigned_check"
KINDS: Final = (WRITTEN, WRITTEN_REVIEW, MOBILE, REASSIGNED_CHECK)
NO_LAWS: Final[Mapping[str, tuple[StateLaw, ...]]] = dict.fromkeys(KINDS, ())
STATE_UNKNOWN: Final = (
    "the person's state is not known and some states ask for consent; add an address, or record consent"
)


class Lift(IntEnum):
    """Whether an exception of a law holds, best last."""

    NO = 0
    REVIEW = 1  # counsel has not confirmed the exception
    YES = 2


def state_written_consent(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a sales contact without the written consent that any candidate state asks for on its channel. ST-006."""
    if not binds_us(facts):
        return not_bound("ST-006", "the law of the United States does not bind numbers abroad")
    if not is_telemarketing(facts):
        return not_bound("ST-006", "the states' consent binds sales contacts only")
    if not facts.zones:
        return denied("ST-006", "TZ_UNKNOWN", NO_ZONE)
    by_kind = binding_laws(facts, policy)
    laws = by_kind[WRITTEN] + by_kind[WRITTEN_REVIEW]
    if not laws:
        return not_bound("ST-006", "no candidate state asks for written consent to this")
    law, lift = _least_lifted(laws, facts, policy)
    if lift is Lift.YES:
        return allowed("ST-006", f"{_names(laws)} asks for written consent, or its exception, and it holds")
    if not facts.states:
        return denied("ST-006", "CONSENT_PEWC", STATE_UNKNOWN)
    lack = what_lacks(facts, policy, written=True)
    reason = f"{STATE_NAMES[law.state]} asks for written consent: {lack.reason}"
    if lack.only_seller:
        return denied("ST-006", "CONSENT_SELLER", reason)
    review = lack.for_review or lift is Lift.REVIEW
    return denied("ST-006", "CONSENT_PEWC", reason, needs_review=review)


def no_mobile_ban(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny an unsolicited sales call to a mobile, or to a line not known to be none, where a candidate state bans it. ST-008."""
    if not binds_us(facts):
        return not_bound("ST-008", "the law of the United States does not bind numbers abroad")
    laws = binding_laws(facts, policy)[MOBILE]
    if not laws or not is_wireless(facts, policy):
        return not_bound("ST-008", "no candidate state bans sales calls to this line")
    law, lift = _least_lifted(laws, facts, policy)
    if lift is Lift.YES:
        return allowed("ST-008", f"consent, or being a customer, lifts the ban of {_names(laws)}")
    if not facts.states:
        return denied("ST-008", "MOBILE_BAN", STATE_UNKNOWN)
    state = STATE_NAMES[law.state]
    if lift is Lift.REVIEW:
        reason = f"{state} bans sales calls to mobiles; record consent, or a supervisor judge the exception for customers"
        return denied("ST-008", "MOBILE_BAN", reason, needs_review=True)
    if believed_type(facts, policy) is LineType.UNKNOWN:
        reason = f"{state} bans sales calls to mobiles and the line type is not known; look it up, or record consent"
        return denied("ST-008", "MOBILE_BAN", reason)
    return denied("ST-008", "MOBILE_BAN", f"{state} bans sales calls to mobiles; record the person's consent")


def binding_laws(facts: ContactFacts, policy: Policy) -> Mapping[str, tuple[StateLaw, ...]]:
    """Return the laws of KINDS that bind the contact, by kind, in any candidate state and on any candidate day.

    None outside telemarketing. Where no state is known, every state is a candidate.
    """
    if not is_telemarketing(facts):
        return NO_LAWS
    return _binding(policy.book, facts.states, facts.days, facts.channel)


def consents_used(
    facts: ContactFacts, policy: Policy, by_kind: Mapping[str, tuple[StateLaw, ...]]
) -> tuple[tuple[ConsentFact, ...], ...]:
    """Return, for each of the binding laws the contact meets by consent, the consents that meet it."""
    laws = by_kind[WRITTEN] + by_kind[WRITTEN_REVIEW]
    if by_kind[MOBILE] and is_wireless(facts, policy):
        laws += by_kind[MOBILE]
    return tuple(
        consents
        for law in laws
        if (consents := held(facts, policy, written="express_consent" not in law.lifted_by))
        and not _is_spared(law, facts)
    )


@lru_cache(maxsize=1 << 14)
def _binding(
    book: RuleBook, states: tuple[str, ...], days: tuple[date, ...], channel: Channel
) -> Mapping[str, tuple[StateLaw, ...]]:
    return {
        kind: tuple(
            dict.fromkeys(
                law
                for state in states or STATE_NAMES
                for day in days
                for law in book.laws(kind, state, day)
                if channel in law.channels
            )
        )
        for kind in KINDS
    }


def _least_lifted(laws: tuple[StateLaw, ...], facts: ContactFacts, policy: Policy) -> tuple[StateLaw, Lift]:
    """The law whose exceptions help least, and how far they do."""
    lifts = [(law, _lift(law, facts, policy)) for law in laws]
    return min(lifts, key=lambda each: each[1])


def _lift(law: StateLaw, facts: ContactFacts, policy: Policy) -> Lift:
    if "express_consent" in law.lifted_by and has_express_consent(facts, policy):
        return Lift.YES
    if "written_consent" in law.lifted_by and has_written_consent(facts, policy):
        return Lift.YES
    if _is_spared(law, facts):
        return Lift.YES
    if law.kind == WRITTEN_REVIEW:
        return Lift.REVIEW
    customer = "customer" in law.lifted_by and _is_customer(facts)
    inquired = "inquiry" in law.lifted_by and _has_inquired(facts)
    return Lift.REVIEW if customer or inquired else Lift.NO


def _is_spared(law: StateLaw, facts: ContactFacts) -> bool:
    """Customers, where the exception was read in the law itself: the others need counsel (table 4.2)."""
    return law.confidence == "H" and "customer" in law.lifted_by and _is_customer(facts)


def _is_customer(facts: ContactFacts) -> bool:
    return any(tie.customer and tie.seller == facts.seller for tie in facts.relationships)


def _has_inquired(facts: ContactFacts) -> bool:
    """Whether the person ever asked the seller; a supervisor judges whether it is still good (ST-006 T4)."""
    return any(tie.last_inquiry_on is not None and tie.seller == facts.seller for tie in facts.relationships)


def _names(laws: tuple[StateLaw, ...]) -> str:
    return ", ".join(dict.fromkeys(STATE_NAMES[law.state] for law in laws))
