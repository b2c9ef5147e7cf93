"""All that the gate knows about one number."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from compliance.models import ContactLedger, ContactOutcome, LineRecord, RelationshipRecord
from compliance.reads import debts, history, house, people
from compliance.registry.snapshot import SnapshotBroken
from compliance.registry_facts import copies_in_force
from compliance.rules import places
from core.types import PhoneNumber

LAST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """What is known of the line."""

    type: str
    checked_at: datetime | None
    source: str
    ported_at: datetime | None
    protected: str
    account: str
    recorded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingRow:
    """What one registry copy in force says about the number."""

    name: str
    as_of: date
    is_listed: bool | None  # None: it does not speak for the area code, or cannot be read
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationshipRow:
    """What one source says of a person's dealings with a seller."""

    person_ref: str
    seller: str
    source: str
    last_purchase_on: date | None
    last_inquiry_on: date | None
    customer: bool
    personal: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """One contact that was cleared, with what became of it."""

    decision_id: int
    at: datetime
    channel: str
    purpose: str
    campaign_ref: str
    caller_id: str
    person_ref: str
    outcome: str  # in words; empty when nobody reported one


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberKnowledge:
    """Everything, newest first in each part."""

    number: str
    place: str  # where the number is from
    problem: str  # why it cannot be dialed; empty when it can
    suppressions: tuple[people.SuppressionRow, ...]
    lifts: tuple[people.LiftRow, ...]
    consents: tuple[people.ConsentRow, ...]
    revocations: tuple[people.RevocationRow, ...]
    line: LineRow | None
    reassigned: tuple[history.ReassignedRow, ...]
    listings: tuple[ListingRow, ...]
    relationships: tuple[RelationshipRow, ...]
    overrides: tuple[house.OverrideRow, ...]
    contacts: tuple[ContactRow, ...]
    debt_wishes: tuple[debts.DebtWishRow, ...]

    @property
    def standing(self) -> tuple[people.SuppressionRow, ...]:
        """Return the requests that count now."""
        return tuple(row for row in self.suppressions if not row.is_lifted)


def know_number(number: PhoneNumber, *, seller: str) -> NumberKnowledge:
    """Return all that the gate knows about a number. Hidden SQL: eleven queries."""
    info = places.describe_number(number)
    contacts = _contacts(number)
    consents = people.consents_of(number)
    persons = {row.person_ref for row in contacts} | {row.person_ref for row in consents}
    return NumberKnowledge(
        number=number,
        place=info.evidence.source if info.evidence else "no known place",
        problem=info.problem,
        suppressions=people.suppressions_of(number),
        lifts=people.lifts_of(number),
        consents=consents,
        revocations=people.revocations_of(number),
        line=_line(number),
        reassigned=history.reassigned_of(number),
        listings=_listings(number, seller),
        relationships=_relationships(persons - {""}),
        overrides=house.overrides_of(number),
        contacts=contacts,
        debt_wishes=debts.debt_wishes_of(number, persons),
    )


def _line(number: str) -> LineRow | None:
    row = LineRecord.objects.filter(number=number).first()
    if row is None:
        return None
    return LineRow(
        type=row.type,
        checked_at=row.checked_at,
        source=row.source,
        ported_at=row.ported_at,
        protected=row.protected,
        account=row.account,
        recorded_by=row.recorded_by,
    )


def _listings(number: PhoneNumber, seller: str) -> tuple[ListingRow, ...]:
    found = []
    for copy in copies_in_force({seller}):
        is_listed, problem = None, copy.problem
        if copy.snapshot is not None and copy.covers(number):
            try:
                is_listed = copy.snapshot.is_listed(number)
            except SnapshotBroken as error:
                problem = str(error)
        found.append(
            ListingRow(name=copy.row.name, as_of=copy.row.as_of, is_listed=is_listed, problem=problem)
        )
    return tuple(found)


def _relationships(persons: set[str]) -> tuple[RelationshipRow, ...]:
    rows = (
        RelationshipRecord.objects.filter(person_ref__in=persons)
        .order_by("person_ref", "seller", "source", "-id")
        .distinct("person_ref", "seller", "source")
    )
    return tuple(
        RelationshipRow(
            person_ref=row.person_ref,
            seller=row.seller,
            source=row.source,
            last_purchase_on=row.last_purchase_on,
            last_inquiry_on=row.last_inquiry_on,
            customer=row.customer,
            personal=row.personal,
            at=row.at,
        )
        for row in rows
    )


def _contacts(number: str) -> tuple[ContactRow, ...]:
    outcome = ContactOutcome.objects.filter(decision_id=OuterRef("decision_id")).values(
        told=JSONObject(
            connected="connected", conversation="conversation", abandoned="abandoned", machine="machine"
        )
    )
    rows = ContactLedger.objects.filter(number=number).annotate(outcome=Subquery(outcome))
    return tuple(
        ContactRow(
            decision_id=row.decision_id,
            at=row.at,
            channel=row.channel,
            purpose=row.purpose,
            campaign_ref=row.campaign_ref,
            caller_id=row.caller_id,
            person_ref=row.person_ref,
            outcome=_in_words(row.outcome),
        )
        for row in rows.order_by("-at", "-id")[:LAST]
    )


def _in_words(outcome: dict[str, bool] | None) -> str:
    if not outcome:
        return ""
    words = {
        "conversation": "spoke",
        "abandoned": "answered, nobody was there",
        "machine": "a machine answered",
        "connected": "connected",
    }
    return next((said for name, said in words.items() if outcome[name]), "not connected")
