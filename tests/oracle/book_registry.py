"""Steps 8 and 9 of ENG-001: the do-not-call registries, and what lifts them (FED-002, -003, -004, -033, -035)."""

from datetime import date, timedelta

from compliance.rules.records import (
    ConsentFact,
    RelationshipFact,
    SuppressionFact,
    SuppressionKind,
    SuppressionScope,
)
from compliance.rules.vocabulary import Channel, Purpose
from tests.oracle.book_consent import covers, holder_known, is_business_line, is_reply
from tests.oracle.case import Case, Refusal, Refusals

LIVE = {
    Channel.LIVE_MANUAL,
    Channel.LIVE_PREVIEW,
    Channel.LIVE_PREDICTIVE,
}  # FED-003: "for live telemarketing"
# FED-035: "no B2B carve-out (AZ mobile ban, FL, IL …)": Arizona stands in the list, for more than mobiles in doubt.
NO_BUSINESS_EXEMPTION = frozenset({"AZ", "FL", "IL", "MD", "MS", "NC", "NY", "OK", "SC", "UT", "VA"})
OWN_LISTS = frozenset(
    ["CO", "FL", "IN", "LA", "MA", "MO", "OK", "PA", "TN", "TX", "WY"]
)  # table 4.2; section 13.8 for the "32"


def national(case: Case) -> Refusals:
    """FED-002: a copy of the registry at most 31 days old, and the number not on it, unless something lifts it."""
    copy = case.facts.registry
    if copy.problem and (case.telemarketing or case.facts.purpose is Purpose.CHARITY):
        yield Refusal("FED-002", "SCRUB_STALE", f"fail closed: {copy.problem}")
    business = is_business_line(case) and not case.states & NO_BUSINESS_EXEMPTION
    if not is_bound(case) or case.nonprofit_itself or business:
        return
    if is_reply(case):
        return  # FED-027 T2
    if has_permission(case) or knows_each_other(case) or has_relationship(case):
        return
    if not copy.seller_has_snapshot or not copy.covers_number or not is_fresh(copy.as_of, case):
        yield Refusal("FED-002", "SCRUB_STALE", "no own copy of at most 31 days that covers the number")
    if not any(listing.name == "national" for listing in copy.listings):
        return
    if any(case.facts.seller in c.sellers for c in agreements(case)) or not agreements(case):
        yield Refusal("FED-002", "DNC_NATIONAL", "listed, and nothing lifts it")
    else:  # T2, T3
        yield Refusal(
            "FED-004", "CONSENT_SELLER", "listed, and the agreement to be called names another, or nobody"
        )


def state_lists(case: Case) -> Refusals:
    """FED-002, table 4.2: the copies of the state-run lists of the candidate states, and the number on none at all."""
    copy = case.facts.registry
    if not (case.telemarketing or case.facts.purpose is Purpose.CHARITY):
        return  # FED-033: nonprofits are "not exempt from state law"
    for state in sorted(case.states & OWN_LISTS):
        dates = [own.as_of for own in copy.own_lists if own.name == state]
        if not any(is_fresh(day, case) for day in dates):
            yield Refusal("FED-002", "SCRUB_STALE", f"no copy of {state}'s list of at most 31 days")
    for listing in copy.listings:
        if listing.name != "national":
            yield Refusal("ST-001", "DNC_STATE", f"on {listing.name}'s list")


def is_bound(case: Case) -> bool:
    """Return whether the registries are asked: sales, and charity calls not "made by the nonprofit itself"."""
    return case.telemarketing or (case.facts.purpose is Purpose.CHARITY and not case.nonprofit_itself)


def is_fresh(as_of: date | None, case: Case) -> bool:
    """Return whether the copy is at most 31 days old on the latest date it may be now."""
    return as_of is not None and as_of <= case.last_date and case.last_date - as_of <= timedelta(days=31)


def has_permission(case: Case) -> bool:
    """Return whether FED-004 holds: the agreement names this seller, and the number's holder is still who signed."""
    return any(case.facts.seller in c.sellers and holder_known(c, case) for c in agreements(case))


def agreements(case: Case) -> list[ConsentFact]:
    """Return the agreements to be contacted in force, signed in writing, for this number, whomever they name."""
    return [
        c
        for c in case.facts.consents
        if c.agrees_to_be_called and c.has_text and c.signature not in {"", "voice"} and covers(c, case)
    ]


def knows_each_other(case: Case) -> bool:
    """Return whether the individual caller knows the person (FED-004): only where an individual chose to call."""
    individual = case.facts.channel in {Channel.LIVE_MANUAL, Channel.LIVE_PREVIEW}
    if any(ends_relationship(entry, case) for entry in case.facts.suppressions):
        return False
    return individual and any(r.personal and r.seller == case.facts.seller for r in case.facts.relationships)


def has_relationship(case: Case) -> bool:
    """Return whether FED-003 holds: the shorter of the FCC's and the FTC's clocks; not for recordings; ended by a request."""
    facts = case.facts
    if facts.channel not in LIVE or "IN" in case.states:
        return False  # Indiana is said to know no such exemption
    if any(ends_relationship(entry, case) for entry in facts.suppressions):
        return False
    ties = [r for r in facts.relationships if r.seller == facts.seller]
    return any(is_recent(tie, case.last_date, "PA" in case.states) for tie in ties)


def ends_relationship(entry: SuppressionFact, case: Case) -> bool:
    """Return whether it is a request not to be called that reached the seller, or word that the person does not have the number.

    FED-003: "A do-not-call request to the seller ends it"; that a later permission lifts the request (FED-006 T4) is not said to
    bring the relationship back. The relationship is with a person: where they were said not to have this number, it says nothing
    about whoever has it.
    """
    ours = entry.seller == case.facts.seller or entry.scope is SuppressionScope.EVERYONE
    anothers = entry.kind in {SuppressionKind.WRONG_NUMBER, SuppressionKind.REASSIGNED}
    return ours and (not anothers or entry.person_ref in {"", case.facts.person_ref})


def is_recent(tie: RelationshipFact, today: date, pennsylvania: bool) -> bool:
    """Return whether the purchase or inquiry is recent enough on both clocks, and on Pennsylvania's of 12 months."""
    bought, asked = tie.last_purchase_on, tie.last_inquiry_on
    months = 12 if pennsylvania else 18
    if bought is not None and bought <= today <= min(
        bought + timedelta(days=540), months_after(bought, months)
    ):
        return True
    return asked is not None and asked <= today <= min(asked + timedelta(days=90), months_after(asked, 3))


def months_after(day: date, months: int) -> date:
    """Return the same day that many months later, or the month's last day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
