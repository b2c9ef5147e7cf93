"""A second opinion on one contact, written from the words of the rule book alone and naive on purpose.

It shares no code with the product but the shapes of the facts and the closed vocabulary of refusals. Numbers are typed
in by hand from the book: two people who read the same page must come to the same answer.
"""

from collections.abc import Callable

from compliance.rules.codes import NEVER_LIFTED
from compliance.rules.facts import ContactFacts
from tests.oracle import book_consent, book_counts, book_hours, book_registry, book_standing
from tests.oracle.case import Case, Refusal, Refusals, read

# In the order of ENG-001.
CHAPTERS: tuple[Callable[[Case], Refusals], ...] = (
    book_standing.number,
    book_standing.own_list,
    book_standing.purpose_and_channel,
    book_standing.registration,
    book_standing.caller_id,
    book_standing.sender,
    book_consent.consent,
    book_consent.mobile_ban,
    book_consent.maine_scrub,
    book_registry.national,
    book_registry.state_lists,
    book_hours.zones,
    book_hours.federal,
    book_hours.state,
    book_hours.declared_emergency,
    book_hours.campaign,
    book_counts.frequency,
    book_counts.debt,
    book_counts.abandonment,
    book_counts.assets,
    book_counts.ring,
)


def judge(facts: ContactFacts) -> frozenset[str]:
    """Return the codes of every refusal the book demands; empty = the contact may be made."""
    return frozenset(refusal.code for refusal in refusals(facts))


def refusals(facts: ContactFacts) -> list[Refusal]:
    """Return every refusal with its rule and reason, those a supervisor lifted left out (ENG-004)."""
    case = read(facts)
    found = [refusal for chapter in CHAPTERS for refusal in chapter(case)]
    lifted = {
        o.code for o in facts.overrides if o.by and o.reason and o.at <= facts.at < o.until
    } - NEVER_LIFTED
    return [refusal for refusal in found if refusal.code not in lifted]
