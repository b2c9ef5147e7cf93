"""Facts for rule tables: everything passes unless a test says otherwise."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from compliance.rules import places
from compliance.rules.decision import Verdict
from compliance.rules.engine import Rule
from compliance.rules.facts import (
    AttemptFact,
    CallerFacts,
    Channel,
    ConsentFact,
    ConsentKind,
    ContactFacts,
    LineFacts,
    LineType,
    Purpose,
    ReassignedAnswer,
    ReassignedFact,
    RegistrationFact,
    RegistryFacts,
    RegistryListing,
)
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.pack import Value
from compliance.rules.policy import HouseLimit, Policy, in_force

SELLER = "Northwind Home Energy"


def at(text: str) -> datetime:
    """Return the UTC instant written as in the rule book: 2026-11-24T01:59:30Z."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def facts(instant: str | datetime, *, number: str = "+12125550123", **changes: Any) -> ContactFacts:
    """Return facts of a telemarketing preview call to a landline; address parts as in a CRM record."""
    when = at(instant) if isinstance(instant, str) else instant
    info = places.describe_number(number)
    if "line_type" in changes:
        changes["line"] = LineFacts(type=changes.pop("line_type"), checked_at=when - timedelta(days=1))
    address = {part: changes.pop(part, "") for part in ("postal_code", "state", "city", "stated_zone")}
    values: dict[str, Any] = {
        "at": when,
        "number": number,
        "channel": Channel.LIVE_PREVIEW,
        "purpose": Purpose.TELEMARKETING,
        "seller": SELLER,
        "campaign_ref": "campaign:1",
        "person_ref": "lead:1",
        "attempt_ref": "attempt:1",
        "caller_id": "+14075550100",
        "ring_seconds": 25,
        "number_problem": info.problem,
        "region": info.region,
        "line": LineFacts(type=LineType.LANDLINE_RES, checked_at=when - timedelta(days=1)),
        "evidences": ((info.evidence,) if info.evidence else ()) + places.address_evidences(**address),
        "registry": fresh_registry(when.date()),
        "caller": CallerFacts(
            known=True,
            active=True,
            authority="carrier's order of 2 Jan 2026",
            takes_requests=True,
            tested_on=when.date(),
        ),
        "registrations": tuple(
            RegistrationFact(state=state, certificate=f"{state}-1", valid_from=date(2020, 1, 1))
            for state in STATE_NAMES
        ),
    }
    return ContactFacts(**{**values, **changes})


def fresh_registry(as_of: date) -> RegistryFacts:
    """Return copies of every list, of that day, on which the number does not stand."""
    return RegistryFacts(
        seller_has_snapshot=True,
        covers_number=True,
        as_of=as_of,
        own_lists=tuple(RegistryListing(name=state, as_of=as_of) for state in STATE_NAMES),
    )


def confirmed(when: datetime) -> ReassignedFact:
    """Return the reassigned numbers database's answer of the day before: the holder has been the same since 2020."""
    return ReassignedFact(
        answer=ReassignedAnswer.NO, checked_at=when - timedelta(days=1), since=date(2020, 1, 1)
    )


def attempt(when: datetime, **changes: Any) -> AttemptFact:
    """Return an earlier sales call to the number of `facts`."""
    values: dict[str, Any] = {
        "number": "+12125550123",
        "channel": Channel.LIVE_PREVIEW,
        "purpose": Purpose.TELEMARKETING,
        "seller": SELLER,
    }
    return AttemptFact(at=when, **{**values, **changes})


def listed(as_of: date, name: str = "national") -> RegistryFacts:
    """Return a registry on which the number stands."""
    return replace(fresh_registry(as_of), listings=(RegistryListing(name=name, as_of=as_of),))


def law(instant: datetime, **house: Value) -> Policy:
    """Return the law's numbers of the day, with what the house loosened or tightened by an override."""
    limits = tuple(
        HouseLimit(name=name, value=value, since=date(2020, 1, 1), is_override=True)
        for name, value in house.items()
    )
    return in_force(instant, house=limits)


def ask(rule: Rule, given: ContactFacts, **house: Value) -> Verdict:
    """Return one rule's answer."""
    return rule(given, law(given.at, **house))


def consent(**changes: Any) -> ConsentFact:
    """Return oral consent to the seller for the number of `facts`, of 2 March 2026, for every purpose and channel."""
    values: dict[str, Any] = {
        "ref": "consent:1",
        "kind": ConsentKind.PEC,
        "number": "+12125550123",
        "sellers": frozenset({SELLER}),
        "obtained_by": SELLER,
        "given_at": at("2026-03-02T15:00:00Z"),
    }
    return ConsentFact(**{**values, **changes})


def written(**changes: Any) -> ConsentFact:
    """Return a complete written consent to the seller for the number of `facts`."""
    values: dict[str, Any] = {
        "ref": "consent:2",
        "kind": ConsentKind.PEWC,
        "has_text": True,
        "signature": "typed name",
        "authorises_automation": True,
        "not_a_condition": True,
    }
    return consent(**{**values, **changes})
