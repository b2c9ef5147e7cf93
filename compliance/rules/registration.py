"""The seller's registration, licence or bond in the states it calls into (ST-005)."""

from datetime import date

from compliance.rules.days import local_days
from compliance.rules.decision import Verdict, allowed, denied, not_bound
from compliance.rules.facts import Channel, ContactFacts, RegistrationFact
from compliance.rules.holder import has_confirmed_consent
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.pack import StateLaw
from compliance.rules.policy import Policy
from compliance.rules.purposes import binds_us, candidate_states, is_telemarketing

TEXTS = frozenset({Channel.SMS, Channel.MMS})


def registered(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a sales contact to a state that asks for a registration the seller does not hold on the day. ENG-001 step 4.

    A filed exemption counts like a certificate. Nonprofits are not exempt here: the stricter reading.
    """
    if not binds_us(facts):
        return not_bound("ST-005", "the states' registrations do not bind numbers abroad")
    if not is_telemarketing(facts):
        return not_bound("ST-005", "registrations are for sales contacts only")
    days = local_days(facts)
    lifted = []
    for state in candidate_states(facts):
        laws = policy.book.laws("registration", state, days[-1])
        bound = [law for law in laws if facts.channel in law.channels]
        if not bound or any(
            each.state == state and _counts(each, facts, days) for each in facts.registrations
        ):
            continue
        if not all(_is_lifted(law, facts, policy) for law in bound):
            return denied("ST-005", "REG_MISSING", _what_is_missing(state, facts))
        lifted.append(STATE_NAMES[state])
    if lifted:
        return allowed("ST-005", f"{', '.join(lifted)} asks for none from texts with written consent")
    return allowed("ST-005", "registered where the states ask for it")


def _counts(registration: RegistrationFact, facts: ContactFacts, days: tuple[date, ...]) -> bool:
    """Return whether it covers the channel on each of the days, its last one included."""
    if not (registration.certificate or registration.exemption):
        return False
    if registration.covers_texts_only and facts.channel not in TEXTS:
        return False
    return registration.valid_from <= days[0] and (
        registration.valid_to is None or days[-1] <= registration.valid_to
    )


def _is_lifted(law: StateLaw, facts: ContactFacts, policy: Policy) -> bool:
    return ("written_consent" in law.lifted_by and has_confirmed_consent(facts, policy, written=True)) or (
        "express_consent" in law.lifted_by and has_confirmed_consent(facts, policy, written=False)
    )


def _what_is_missing(state: str, facts: ContactFacts) -> str:
    name = STATE_NAMES[state]
    held = [each for each in facts.registrations if each.state == state]
    if any(each.valid_to is not None and each.valid_to < local_days(facts)[-1] for each in held):
        problem = f"{facts.seller}'s registration in {name} has run out"
    elif held:
        problem = f"{facts.seller}'s registration in {name} does not cover this contact"
    else:
        problem = f"{facts.seller} is not registered in {name}"
    unknown = "" if facts.states else " (the person's state is not known, so every state counts)"
    return f"{problem}{unknown}; record the certificate or the filed exemption, with its dates"
