"""What takes a contact out of the national registry's reach (ENG-001 step 9): FED-003, FED-004, FED-011, FED-027, FED-033, FED-035.

None of it lifts a state's own list, the internal list, a consent, the hours or any other duty.
"""

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta

from compliance.rules.consent import standing_consents, why_not
from compliance.rules.days import latest_day
from compliance.rules.facts import (
    Channel,
    ConsentFact,
    ContactFacts,
    LineType,
    RelationshipFact,
    SuppressionScope,
)
from compliance.rules.holder import is_confirmed
from compliance.rules.lines import believed_type
from compliance.rules.policy import Policy
from compliance.rules.purposes import candidate_states

CHOSEN_BY_A_PERSON = frozenset({Channel.LIVE_MANUAL, Channel.LIVE_PREVIEW})
LIVE = CHOSEN_BY_A_PERSON | {Channel.LIVE_PREDICTIVE}
TEXTS = frozenset({Channel.SMS, Channel.MMS})
UNSIGNED = ("", "voice")  # an agreement "signed in writing" is more than a recorded yes (FED-004, FED-008 T3)
SEVENTH_CIRCUIT = frozenset({"IL", "IN", "WI"})


def what_lifts_registry(facts: ContactFacts, policy: Policy) -> str:
    """Return why the national registry does not bar the contact, as people say it; "" when it does."""
    return (
        _nonprofit(facts)
        or _business_line(facts, policy)
        or _answer(facts, policy)
        or _court(facts, policy)
        or _permission(facts, policy)
        or _relationship(facts, policy)
    )


def permission_of_others(facts: ContactFacts, policy: Policy) -> ConsentFact | None:
    """Return a signed agreement to be called on this number that would hold, did it name this seller; one of a named seller first."""
    found = [
        consent
        for consent in facts.consents
        if facts.seller not in consent.sellers
        and _is_agreement(consent)
        and not why_not(replace(consent, sellers=frozenset({facts.seller})), facts, policy)
    ]
    return max(found, key=lambda consent: bool(consent.sellers), default=None)


def add_months(day: date, months: int) -> date:
    """Return the same day of the month so many months later; the month's last day where it has no such day."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _nonprofit(facts: ContactFacts) -> str:
    """FED-033: calling for itself; a fundraiser for profit is under the TSR."""
    if facts.campaign.nonprofit and not facts.campaign.paid_fundraiser:
        return "a tax-exempt nonprofit calls for itself"
    return ""


def _business_line(facts: ContactFacts, policy: Policy) -> str:
    """FED-035: a mobile used for business may be residential, so only a landline known to be a business's counts."""
    campaign = facts.campaign
    if not campaign.to_businesses or campaign.office_supplies:
        return ""
    if believed_type(facts, policy) is not LineType.LANDLINE_BIZ:
        return ""
    today = latest_day(facts)
    if any(policy.book.laws("no_business_exemption", state, today) for state in candidate_states(facts)):
        return ""
    return "a business is called on its landline"


def _answer(facts: ContactFacts, policy: Policy) -> str:
    """FED-027 T2: an answer to the person's own text, while the conversation lasts."""
    asked_at = facts.message.replies_to
    if asked_at is None or facts.channel not in TEXTS:
        return ""
    if timedelta(0) <= facts.at - asked_at <= timedelta(hours=policy.conversation_hours):
        return "it answers the person's own message"
    return ""


def _court(facts: ContactFacts, policy: Policy) -> str:
    """FED-011: only where counsel set the switch, and the person can be nowhere else."""
    if policy.texts_are_calls_in_seventh_circuit or facts.channel not in TEXTS:
        return ""
    if facts.states and SEVENTH_CIRCUIT.issuperset(facts.states):
        return "texts are not calls in the Seventh Circuit"
    return ""


def permissions_held(facts: ContactFacts, policy: Policy) -> tuple[ConsentFact, ...]:
    """Return the signed agreements to be contacted that name this seller and hold (FED-004)."""
    return tuple(
        consent
        for consent in standing_consents(facts, policy)
        if facts.seller in consent.sellers and _is_agreement(consent)
    )


def _is_agreement(consent: ConsentFact) -> bool:
    return (
        consent.agrees_to_be_called
        and consent.has_text
        and consent.signature not in UNSIGNED
        and not consent.box_preticked
    )


def _permission(facts: ContactFacts, policy: Policy) -> str:
    """FED-004: a signed agreement with this seller, by name, of the number's holder of today (FED-030)."""
    for consent in permissions_held(facts, policy):
        if is_confirmed((consent,), facts, policy):
            return f"the person agreed in writing to be contacted by {facts.seller} ({consent.ref})"
    return ""


def _relationship(facts: ContactFacts, policy: Policy) -> str:
    """FED-003, FED-004: live calls only; a request not to be called ends it, even if the person goes on buying."""
    if not facts.relationships or facts.channel not in LIVE or _asked_to_stop(facts):
        return ""
    for relationship in facts.relationships:
        if relationship.seller != facts.seller:  # an affiliate's reach is not shown
            continue
        if relationship.personal and facts.channel in CHOSEN_BY_A_PERSON:
            return "the caller knows the person"
        if words := _within_clocks(relationship, facts, policy):
            return words
    return ""


def _within_clocks(relationship: RelationshipFact, facts: ContactFacts, policy: Policy) -> str:
    today = latest_day(facts)
    purchase_months, inquiry_months = policy.relationship_purchase_months, policy.relationship_inquiry_months
    for state in candidate_states(facts):
        for law in policy.book.laws("relationship_months", state, today):
            if not law.value:
                return ""
            purchase_months, inquiry_months = min(purchase_months, law.value), min(inquiry_months, law.value)
    bought, asked = relationship.last_purchase_on, relationship.last_inquiry_on
    if bought and _is_recent(bought, today, purchase_months, policy.relationship_purchase_days):
        return f"a customer of {facts.seller}, last purchase {_day(bought)}"
    if asked and _is_recent(asked, today, inquiry_months, policy.relationship_inquiry_days):
        return f"the person asked {facts.seller} on {_day(asked)}"
    return ""


def _is_recent(since: date, today: date, months: int, days: int) -> bool:
    """Both clocks must run still, their last day included; a date in the future says nothing."""
    return since <= today <= min(add_months(since, months), since + timedelta(days=days))


def _asked_to_stop(facts: ContactFacts) -> bool:
    return facts.crm_do_not_call or any(
        (request.scope is SuppressionScope.EVERYONE or request.seller == facts.seller)
        and request.person_ref in ("", facts.person_ref)
        for request in facts.suppressions
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
