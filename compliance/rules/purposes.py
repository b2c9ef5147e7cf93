"""What a contact is for, and whose law binds it."""

from compliance.rules.facts import ContactFacts, Purpose
from compliance.rules.jurisdictions.us_states import STATE_NAMES

CANADA, UNITED_KINGDOM = "CA", "GB"
SALES = frozenset({Purpose.TELEMARKETING, Purpose.UNKNOWN})
ABROAD = frozenset({CANADA, UNITED_KINGDOM})
_EVERY_STATE = tuple(sorted(STATE_NAMES))


def is_telemarketing(facts: ContactFacts) -> bool:
    """Return whether the rules for sales bind: by the purpose said, or because an answer or the message is used to sell.

    A survey whose answers feed sales (FED-034) and a message with marketing in it (FED-007 T3) are telemarketing, whatever
    they are called. What a contact is for that nobody says may be to sell (ENG-001).
    """
    return facts.purpose in SALES or facts.campaign.sells_later or facts.message.marketing


def binds_us(facts: ContactFacts) -> bool:
    """Return whether the law of the United States binds: not for numbers abroad, unless the person may be in a state."""
    return facts.region not in ABROAD or bool(facts.states)


def candidate_states(facts: ContactFacts) -> tuple[str, ...]:
    """Return every state whose law may bind the contact, sorted; all of them when none is known (ENG-001: unknown denies)."""
    return facts.states or _EVERY_STATE


def is_emergency(facts: ContactFacts) -> bool:
    """Return whether the contact belongs to an approved emergency and sells nothing (FED-024); in doubt it does not."""
    return (
        facts.purpose is Purpose.EMERGENCY and bool(facts.campaign.emergency) and not is_telemarketing(facts)
    )
