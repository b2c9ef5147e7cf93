"""Says what keeps the nearest consent from holding, and how to supply what is missing."""

from dataclasses import dataclass

from compliance.rules.consent import (
    SELLER_REASONS,
    is_express,
    is_spoken,
    is_written,
    what_is_missing,
    why_not,
)
from compliance.rules.facts import ConsentFact, ConsentKind, ContactFacts
from compliance.rules.policy import Policy

STRENGTH = {ConsentKind.CONVERSATION: 0, ConsentKind.PEC: 1, ConsentKind.PEWC: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What is missing of the nearest consent."""

    reason: str  # the clause after "Not called: "
    only_seller: bool = False  # it would do for another seller
    for_review: bool = False  # counsel may find that it does


def what_lacks(facts: ContactFacts, policy: Policy, *, written: bool) -> Lack:
    """Return what keeps the contact from having the consent it needs; ask only when no consent holds."""
    if not facts.consents:
        return Lack(reason=_nothing(facts, written=written))
    consent = min(facts.consents, key=lambda each: _distance(each, facts, policy, written=written))
    problem = why_not(consent, facts, policy)
    name = f"the consent of {consent.given_at.day} {consent.given_at:%b %Y}"
    if problem:
        strong = is_written(consent) if written else is_express(consent)
        return Lack(
            reason=f"{name} does not count: {problem}; record one that {facts.seller} got from the person",
            only_seller=strong and problem in SELLER_REASONS,
        )
    if consent.kind is ConsentKind.CONVERSATION:
        return Lack(reason=f"{name} covers answers to the person's own texts only; record one for this")
    missing = what_is_missing(consent)
    if written and consent.kind is ConsentKind.PEWC and missing:
        return Lack(reason=f"{name} lacks {_listed(missing)}; have a complete one signed")
    if written and is_spoken(consent):
        return Lack(
            reason=f"{name} was given by voice; have one signed, or a supervisor judge the recording",
            for_review=True,
        )
    if written:
        return Lack(reason=f"{name} is not written; have one signed that names {facts.seller}")
    return Lack(reason=f"{name} was ticked beforehand, not by the person; record one that was")


def _distance(
    consent: ConsentFact, facts: ContactFacts, policy: Policy, *, written: bool
) -> tuple[object, ...]:
    """Nearest first: what holds but is too weak or incomplete, what only names the wrong seller, then the strongest and newest."""
    problem = why_not(consent, facts, policy)
    strong = is_written(consent) if written else is_express(consent)
    return (
        not (strong and problem in SELLER_REASONS),
        bool(problem),
        -STRENGTH[consent.kind],
        len(what_is_missing(consent)),
        -consent.given_at.timestamp(),
        consent.ref,
    )


def _nothing(facts: ContactFacts, *, written: bool) -> str:
    if written:
        return f"no written consent is on record; have one signed that names {facts.seller} and this number"
    return "no consent is on record; record what the person agreed to"


def _listed(items: tuple[str, ...]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
