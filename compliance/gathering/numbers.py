"""What the stores hold about numbers and the people who have them: one query a store, whatever the batch.

The SQL is written out: to build it anew for each contact took ten times as long as to run it.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from compliance.models import (
    ConsentRecord,
    LineRecord,
    Override,
    ReassignedCheck,
    RelationshipRecord,
    Suppression,
)
from compliance.rules.facts import (
    Channel,
    ConsentFact,
    ConsentKind,
    ContactRequest,
    LineFacts,
    LineType,
    OverrideFact,
    Purpose,
    ReassignedAnswer,
    ReassignedFact,
    RelationshipFact,
    SuppressionFact,
    SuppressionKind,
    SuppressionScope,
)

ENDS_CONSENT = frozenset({SuppressionKind.DO_NOT_CALL, SuppressionKind.REVOKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A suppression of a number. A lifted one binds no more, but consents from before it stay taken back."""

    fact: SuppressionFact
    is_lifted: bool

    def binds(self, request: ContactRequest) -> bool:
        """Return whether the rules are to hear of it: a pair's suppression says nothing about another person."""
        return not self.is_lifted and (
            not self.fact.person_ref or not request.person_ref or self.fact.person_ref == request.person_ref
        )


def refusals(numbers: Set[str]) -> dict[str, list[Refusal]]:
    """Return the suppressions of each number, oldest first."""
    rows = Suppression.objects.raw(
        """
        SELECT s.*, EXISTS (SELECT 1 FROM compliance_suppressionlift l WHERE l.suppression_id = s.id) AS is_lifted
        FROM compliance_suppression s WHERE s.number = ANY(%(numbers)s) ORDER BY s.id
        """,
        {"numbers": list(numbers)},
    )
    found: dict[str, list[Refusal]] = {}
    for row in rows:
        fact = SuppressionFact(
            seller=row.seller,
            scope=SuppressionScope(row.scope),
            reason=row.reason,
            heard_on=row.heard_on,
            at=row.at,
            kind=SuppressionKind(row.kind),
            channels=frozenset(Channel(word) for word in row.channels),
            campaign_ref=row.campaign_ref,
            person_ref=row.person_ref,
            category=row.category,
        )
        found.setdefault(row.number, []).append(Refusal(fact=fact, is_lifted=cast(Any, row).is_lifted))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A consent and who gave it; empty when the evidence does not say."""

    person_ref: str
    fact: ConsentFact


def consents(numbers: Set[str], persons: Set[str]) -> list[Given]:
    """Return the consents that name one of the numbers or persons, oldest first."""
    rows = ConsentRecord.objects.raw(
        """
        SELECT * FROM compliance_consentrecord WHERE number = ANY(%(numbers)s)
        UNION
        SELECT * FROM compliance_consentrecord WHERE person_ref = ANY(%(persons)s) ORDER BY id
        """,
        {"numbers": list(numbers), "persons": list(persons)},
    )
    return [Given(person_ref=row.person_ref, fact=_consent(row)) for row in rows]


def consents_of(request: ContactRequest, given: list[Given], said: list[Refusal]) -> tuple[ConsentFact, ...]:
    """Return the consents that may count for the request: those of its person, and those nobody is named in.

    Consent belongs to who gave it (FED-030): another person's on the same number is no evidence.
    """
    mine = [
        each
        for each in given
        if (each.person_ref and each.person_ref == request.person_ref)
        or (not each.person_ref and each.fact.number == request.number)
    ]
    return tuple(replace(each.fact, revoked_at=_taken_back(each.fact, request, said)) for each in mine)


def _taken_back(fact: ConsentFact, request: ContactRequest, said: list[Refusal]) -> datetime | None:
    """When a suppression that was lifted since ended the consent; those that stand are for the rules to judge."""
    if fact.number != request.number:
        return None
    instants = [
        refusal.fact.at
        for refusal in said
        if refusal.is_lifted
        and refusal.fact.kind in ENDS_CONSENT
        and refusal.fact.at >= fact.given_at
        and refusal.fact.seller in ("", request.seller)
    ]
    return min(instants, default=None)


def _consent(row: ConsentRecord) -> ConsentFact:
    return ConsentFact(
        ref=f"consent:{row.id}",
        kind=ConsentKind(row.kind),
        number=row.number,
        sellers=frozenset(row.sellers),
        obtained_by=row.obtained_by,
        given_at=row.given_at,
        valid_until=row.valid_until,
        purposes=frozenset(Purpose(word) for word in row.purposes),
        channels=frozenset(Channel(word) for word in row.channels),
        has_text=bool(row.text_shown),
        signature=row.signature,
        authorises_automation=row.authorises_automation,
        not_a_condition=row.not_a_condition,
        box_preticked=row.box_preticked,
        agrees_to_be_called=row.agrees_to_be_called,
    )


def relationships(persons: Set[str]) -> dict[str, list[RelationshipFact]]:
    """Return what each source says last of each person's dealings with each seller."""
    rows = RelationshipRecord.objects.raw(
        """
        SELECT DISTINCT ON (person_ref, seller, source) * FROM compliance_relationshiprecord
        WHERE person_ref = ANY(%(persons)s) ORDER BY person_ref, seller, source, id DESC
        """,
        {"persons": list(persons)},
    )
    found: dict[str, list[RelationshipFact]] = {}
    for row in rows:
        fact = RelationshipFact(
            seller=row.seller,
            last_purchase_on=row.last_purchase_on,
            last_inquiry_on=row.last_inquiry_on,
            customer=row.customer,
            source=row.source,
            personal=row.personal,
        )
        found.setdefault(row.person_ref, []).append(fact)
    return found


def lines(numbers: Set[str]) -> dict[str, LineFacts]:
    """Return each number's line. A type looked up before the last port is not known any more (FED-031)."""
    found = {}
    rows = LineRecord.objects.raw(
        "SELECT * FROM compliance_linerecord WHERE number = ANY(%(numbers)s)", {"numbers": list(numbers)}
    )
    for row in rows:
        is_ported = row.ported_at is not None and (row.checked_at is None or row.ported_at > row.checked_at)
        found[row.number] = LineFacts(
            type=LineType.UNKNOWN if is_ported else LineType(row.type),
            checked_at=None if is_ported else row.checked_at,
            protected=row.protected,
            account=row.account,
        )
    return found


def reassigned(numbers: Set[str]) -> dict[str, ReassignedFact]:
    """Return the newest answer of the Reassigned Numbers Database about each number."""
    rows = ReassignedCheck.objects.raw(
        """
        SELECT DISTINCT ON (number) * FROM compliance_reassignedcheck
        WHERE number = ANY(%(numbers)s) ORDER BY number, checked_at DESC, id DESC
        """,
        {"numbers": list(numbers)},
    )
    return {
        row.number: ReassignedFact(
            answer=ReassignedAnswer(row.answer), checked_at=row.checked_at, since=row.since
        )
        for row in rows
    }


def overrides(requests: Sequence[ContactRequest], at: datetime) -> list[Override]:
    """Return the overrides in force that name a number, person or campaign of the batch, oldest first."""
    rows = Override.objects.raw(
        """
        SELECT * FROM compliance_override
        WHERE at <= %(at)s AND until > %(at)s AND (
            number = ANY(%(numbers)s) OR person_ref = ANY(%(persons)s)
            OR campaign_ref = ANY(%(campaigns)s) AND number = '' AND person_ref = ''
        ) ORDER BY id
        """,
        {
            "at": at,
            "numbers": list({str(each.number) for each in requests}),
            "persons": list({each.person_ref for each in requests} - {""}),
            "campaigns": list({each.campaign_ref for each in requests} - {""}),
        },
    )
    return list(rows)


def overrides_of(request: ContactRequest, rows: list[Override]) -> tuple[OverrideFact, ...]:
    """Return the overrides all of whose words fit the request."""
    return tuple(
        OverrideFact(code=row.code, by=row.by, reason=row.reason, at=row.at, until=row.until)
        for row in rows
        if row.number in ("", request.number)
        and row.person_ref in ("", request.person_ref)
        and row.campaign_ref in ("", request.campaign_ref)
    )
