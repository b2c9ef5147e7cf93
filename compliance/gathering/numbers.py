"""What the stores hold about numbers and the people who have them: each store's part of the statement, and what its rows mean.

A row comes back as JSON and is decoded as the dataclass named beside its part; `fact` is what the rules get to see.
The parameters are those of compliance.gathering.stores.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from compliance.gathering.merged import PERSONS, Merged
from compliance.rules.facts import (
    ConsentFact,
    ContactRequest,
    LineFacts,
    OverrideFact,
    ReassignedFact,
    RelationshipFact,
    SuppressionFact,
    SuppressionKind,
)

ENDS_CONSENT = frozenset({SuppressionKind.DO_NOT_CALL, SuppressionKind.REVOKED})

REFUSALS = """
SELECT s.number,
    (SELECT f FROM (
        SELECT s.seller, s.scope, s.reason, s.heard_on, s.at, s.kind, s.channels, s.campaign_ref, s.person_ref, s.category,
            coalesce((
                SELECT 'consent:' || l.consent_id FROM compliance_suppressionlift l WHERE l.suppression_id = s.id
            ), '') AS lifted_on
    ) f) AS fact
FROM compliance_suppression s WHERE s.number = ANY(%(numbers)s) ORDER BY s.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A suppression of a number, lifted or not."""

    number: str
    fact: SuppressionFact

    def concerns(self, request: ContactRequest) -> bool:
        """Return whether the rules are to hear of it: a pair's suppression says nothing about another person."""
        return (
            not self.fact.person_ref or not request.person_ref or self.fact.person_ref == request.person_ref
        )


CONSENTS = f"""
SELECT c.person_ref,
    (SELECT f FROM (
        SELECT 'consent:' || c.id AS ref, c.kind, c.number, c.sellers, c.obtained_by, c.given_at, c.valid_until, c.purposes,
            c.channels, c.text_shown <> '' AS has_text, c.signature, c.authorises_automation, c.not_a_condition,
            c.box_preticked, c.agrees_to_be_called, c.asked_how <> '' AS asked_by_person
    ) f) AS fact
FROM compliance_consentrecord c WHERE c.number = ANY(%(numbers)s) OR c.person_ref = ANY({PERSONS}) ORDER BY c.id
"""  # noqa: S608 - our own text


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A consent and who gave it; empty when the evidence does not say."""

    person_ref: str
    fact: ConsentFact


def consents_of(
    request: ContactRequest, given: Sequence[Given], said: Sequence[Refusal], merged: Merged
) -> tuple[ConsentFact, ...]:
    """Return the consents that may count for the request: those of its person, and those nobody is named in.

    Consent belongs to who gave it (FED-030): another person's on the same number is no evidence.
    """
    mine = [
        each
        for each in given
        if (each.person_ref and merged.may_speak(each.person_ref, request, each.fact.given_at))
        or (not each.person_ref and each.fact.number == request.number)
    ]
    return tuple(replace(each.fact, revoked_at=_taken_back(each.fact, request, said)) for each in mine)


def _taken_back(fact: ConsentFact, request: ContactRequest, said: Sequence[Refusal]) -> datetime | None:
    """When a suppression that was lifted since ended the consent; those that stand are for the rules to judge."""
    if fact.number != request.number:
        return None
    instants = [
        refusal.fact.at
        for refusal in said
        if refusal.fact.lifted_on
        and refusal.fact.kind in ENDS_CONSENT
        and refusal.fact.at >= fact.given_at
        and refusal.fact.seller in ("", request.seller)
    ]
    return min(instants, default=None)


# What each source says last of the person's dealings with each seller.
RELATIONSHIPS = f"""
SELECT DISTINCT ON (r.person_ref, r.seller, r.source) r.person_ref, r.at,
    (SELECT f FROM (
        SELECT r.seller, r.last_purchase_on, r.last_inquiry_on, r.customer, r.source, r.personal
    ) f) AS fact
FROM compliance_relationshiprecord r
WHERE r.person_ref = ANY({PERSONS}) ORDER BY r.person_ref, r.seller, r.source, r.id DESC
"""  # noqa: S608 - our own text


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """What ties a person to a seller, and when it was recorded."""

    person_ref: str
    at: datetime
    fact: RelationshipFact


# A type looked up before the last port is not known any more (FED-031).
LINES = """
SELECT n.number,
    (SELECT f FROM (
        SELECT CASE WHEN p.after THEN 'unknown' ELSE n.type END AS type,
            CASE WHEN NOT p.after THEN n.checked_at END AS checked_at, n.protected, n.account
    ) f) AS fact
FROM compliance_linerecord n,
    LATERAL (SELECT n.ported_at IS NOT NULL AND (n.checked_at IS NULL OR n.ported_at > n.checked_at) AS after) p
WHERE n.number = ANY(%(numbers)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A number's line."""

    number: str
    fact: LineFacts


# The newest answer about each number.
REASSIGNED = """
SELECT DISTINCT ON (r.number) r.number, (SELECT f FROM (SELECT r.answer, r.checked_at, r.since) f) AS fact
FROM compliance_reassignedcheck r WHERE r.number = ANY(%(numbers)s) ORDER BY r.number, r.checked_at DESC, r.id DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassigned:
    """What the Reassigned Numbers Database said of a number."""

    number: str
    fact: ReassignedFact


OVERRIDES = f"""
SELECT v.number, v.person_ref, v.campaign_ref, (SELECT f FROM (SELECT v.code, v.by, v.reason, v.at, v.until) f) AS fact
FROM compliance_override v
WHERE v.at <= %(at)s AND v.until > %(at)s AND (
    v.number = ANY(%(numbers)s) OR v.person_ref = ANY({PERSONS})
    OR v.campaign_ref = ANY(%(campaigns)s) AND v.number = '' AND v.person_ref = ''
) ORDER BY v.id
"""  # noqa: S608 - our own text


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A denial that was lifted, and for whom; empty = for anybody."""

    number: str
    person_ref: str
    campaign_ref: str
    fact: OverrideFact

    def fits(self, request: ContactRequest, merged: Merged) -> bool:
        """Return whether all its words fit the request."""
        return (
            self.number in ("", request.number)
            and (not self.person_ref or merged.may_speak(self.person_ref, request, self.fact.at))
            and self.campaign_ref in ("", request.campaign_ref)
        )
