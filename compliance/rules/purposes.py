"""What a contact is for, in the eyes of the law."""

from compliance.rules.facts import ContactFacts, Purpose


def is_telemarketing(facts: ContactFacts) -> bool:
    """Return whether the rules for sales bind: by the purpose said, or because an answer or the message is used to sell.

    A survey whose answers feed sales (FED-034) and a message with marketing in it (FED-007 T3) are telemarketing, whatever
    they are called.
    """
    return facts.purpose is Purpose.TELEMARKETING or facts.campaign.sells_later or facts.message.marketing


def is_emergency(facts: ContactFacts) -> bool:
    """Return whether the contact is for the health and safety of people and sells nothing (FED-024): no hour and no cap binds it."""
    return facts.purpose is Purpose.EMERGENCY and not is_telemarketing(facts)
