"""What people said: requests not to be called, consents, messages to read, lifts asked for."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from compliance.models import ConsentRecord, LiftRequest, Revocation, Suppression, SuppressionLift
from compliance.reads.paging import Page, page_of
from core.errors import NotFound

BUSIEST = 1_000  # a count above this is shown as "over 1,000": people who read messages need no exact one


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionRow:
    """One request not to be called."""

    id: int
    number: str
    seller: str  # empty = everybody
    kind: str
    channels: tuple[str, ...]  # empty = all
    campaign_ref: str
    person_ref: str
    reason: str
    raw_words: str
    heard_on: str
    recorded_by: str
    at: datetime
    is_lifted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRow:
    """One consent with its evidence."""

    id: int
    number: str
    person_ref: str
    kind: str
    sellers: tuple[str, ...]
    obtained_by: str
    given_at: datetime
    valid_until: datetime | None
    purposes: tuple[str, ...]
    channels: tuple[str, ...]
    text_shown: str
    signature: str
    authorises_automation: bool
    not_a_condition: bool
    box_preticked: bool
    source: str
    page_url: str
    evidence_file: str
    name_given: str
    asked_how: str  # what the person did who asked to be contacted again; empty = nothing is said
    asked_words: str
    asked_at: datetime | None
    recorded_by: str
    recorded_at: datetime
    row_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationRow:
    """One message that was taken for a revocation, and what a person found on reading it."""

    id: int
    suppression_id: int
    number: str
    seller: str
    raw_words: str
    matched_by: str
    tier: int
    language: str
    heard_on: str
    received_at: datetime
    honoured_at: datetime
    recorded_by: str
    needs_review: bool
    finding: str
    note: str
    reviewed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftRow:
    """A request to lift a suppression; approved when `approved_by` is set."""

    id: int
    number: str
    suppression_id: int
    consent_id: int
    said: str
    consented: str
    consent_given_at: datetime
    asked_how: str  # what the person did to be contacted again, in which words and when
    asked_words: str
    asked_at: datetime | None
    reason: str
    requested_by: str
    requested_at: datetime
    approved_by: str
    approved_at: datetime | None


def list_suppressions(
    *, number_contains: str = "", kind: str = "", before: int | None = None
) -> Page[SuppressionRow]:
    """Return requests not to be called, newest first; `number_contains` holds digits. Hidden SQL: one query."""
    rows = _suppressions()
    if number_contains:
        rows = rows.filter(number__contains=number_contains)
    if kind:
        rows = rows.filter(kind=kind)
    return page_of(rows, _suppression, before=before)


def suppressions_of(number: str) -> tuple[SuppressionRow, ...]:
    """Return every request of a number, newest first. Hidden SQL: one query."""
    return tuple(map(_suppression, _suppressions().filter(number=number).order_by("-id")))


def get_suppression(suppression_id: int) -> SuppressionRow:
    """Return one request; raises NotFound. Hidden SQL: one query."""
    row = _suppressions().filter(id=suppression_id).first()
    if row is None:
        raise NotFound("There is no such request.")
    return _suppression(row)


def list_consents(
    *,
    number_contains: str = "",
    kind: str = "",
    seller: str = "",
    source: str = "",
    before: int | None = None,
) -> Page[ConsentRow]:
    """Return consents, newest first; `number_contains` holds digits. Hidden SQL: one query."""
    rows = ConsentRecord.objects.all()
    if number_contains:
        rows = rows.filter(number__contains=number_contains)
    if kind:
        rows = rows.filter(kind=kind)
    if source:
        rows = rows.filter(source=source)
    if seller:
        rows = rows.filter(sellers__contains=[seller])
    return page_of(rows, _consent, before=before)


def consents_of(number: str) -> tuple[ConsentRow, ...]:
    """Return every consent of a number, newest first. Hidden SQL: one query."""
    return tuple(map(_consent, ConsentRecord.objects.filter(number=number).order_by("-id")))


def list_to_read(*, before: int | None = None) -> Page[RevocationRow]:
    """Return the messages a person is still to read, newest first. Hidden SQL: one query."""
    rows = Revocation.objects.filter(needs_review=True, review__isnull=True).select_related("review")
    return page_of(rows, _revocation, before=before)


def list_read(*, limit: int = 20) -> tuple[RevocationRow, ...]:
    """Return the messages read last. Hidden SQL: one query."""
    rows = Revocation.objects.filter(review__isnull=False).select_related("review")
    return tuple(map(_revocation, rows.order_by("-review__id")[:limit]))


def count_to_read() -> int:
    """Return how many messages wait to be read, at most BUSIEST + 1. Hidden SQL: one query."""
    return Revocation.objects.filter(needs_review=True, review__isnull=True)[: BUSIEST + 1].count()


def get_revocation(revocation_id: int) -> RevocationRow:
    """Return one message; raises NotFound. Hidden SQL: one query."""
    row = Revocation.objects.filter(id=revocation_id).select_related("review").first()
    if row is None:
        raise NotFound("There is no such message.")
    return _revocation(row)


def revocations_of(number: str) -> tuple[RevocationRow, ...]:
    """Return every revocation of a number, newest first. Hidden SQL: one query."""
    rows = Revocation.objects.filter(number=number).select_related("review")
    return tuple(map(_revocation, rows.order_by("-id")))


def list_lifts(*, before: int | None = None) -> Page[LiftRow]:
    """Return requests to lift, newest first, waiting and done. Hidden SQL: one query."""
    rows = LiftRequest.objects.select_related("suppression__lift", "consent")
    return page_of(rows, _lift, before=before)


def lifts_of(number: str) -> tuple[LiftRow, ...]:
    """Return the requests to lift that name a number, newest first. Hidden SQL: one query."""
    rows = LiftRequest.objects.filter(suppression__number=number)
    return tuple(map(_lift, rows.select_related("suppression__lift", "consent").order_by("-id")))


def get_lift(request_id: int) -> LiftRow:
    """Return one request to lift; raises NotFound. Hidden SQL: one query."""
    row = LiftRequest.objects.select_related("suppression__lift", "consent").filter(id=request_id).first()
    if row is None:
        raise NotFound("There is no such request.")
    return _lift(row)


def _suppressions() -> "QuerySet[Suppression]":
    lifted = Exists(SuppressionLift.objects.filter(suppression_id=OuterRef("id")))
    return Suppression.objects.annotate(is_lifted=lifted)


def _suppression(row: Suppression) -> SuppressionRow:
    return SuppressionRow(
        id=row.id,
        number=row.number,
        seller=row.seller,
        kind=row.kind,
        channels=tuple(row.channels),
        campaign_ref=row.campaign_ref,
        person_ref=row.person_ref,
        reason=row.reason,
        raw_words=row.raw_words,
        heard_on=row.heard_on,
        recorded_by=row.recorded_by,
        at=row.at,
        is_lifted=row.is_lifted,  # type: ignore[attr-defined]  # annotated by _suppressions
    )


def _consent(row: ConsentRecord) -> ConsentRow:
    return ConsentRow(
        id=row.id,
        number=row.number,
        person_ref=row.person_ref,
        kind=row.kind,
        sellers=tuple(row.sellers),
        obtained_by=row.obtained_by,
        given_at=row.given_at,
        valid_until=row.valid_until,
        purposes=tuple(row.purposes),
        channels=tuple(row.channels),
        text_shown=row.text_shown,
        signature=row.signature,
        authorises_automation=row.authorises_automation,
        not_a_condition=row.not_a_condition,
        box_preticked=row.box_preticked,
        source=row.source,
        page_url=row.page_url,
        evidence_file=row.evidence_file,
        name_given=row.name_given,
        asked_how=row.asked_how,
        asked_words=row.asked_words,
        asked_at=row.asked_at,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        row_hash=row.row_hash,
    )


def _revocation(row: Revocation) -> RevocationRow:
    review = getattr(row, "review", None)
    return RevocationRow(
        id=row.id,
        suppression_id=row.suppression_id,
        number=row.number,
        seller=row.seller,
        raw_words=row.raw_words,
        matched_by=row.matched_by,
        tier=row.tier,
        language=row.language,
        heard_on=row.heard_on,
        received_at=row.received_at,
        honoured_at=row.honoured_at,
        recorded_by=row.recorded_by,
        needs_review=row.needs_review,
        finding=review.finding if review else "",
        note=review.note if review else "",
        reviewed_by=review.reviewed_by if review else "",
    )


def _lift(row: LiftRequest) -> LiftRow:
    lift = getattr(row.suppression, "lift", None)
    is_this = lift is not None and lift.consent_id == row.consent_id
    return LiftRow(
        id=row.id,
        number=row.suppression.number,
        suppression_id=row.suppression_id,
        consent_id=row.consent_id,
        said=row.suppression.raw_words or row.suppression.reason,
        consented=row.consent.text_shown or row.consent.evidence_file,
        consent_given_at=row.consent.given_at,
        asked_how=row.consent.asked_how,
        asked_words=row.consent.asked_words,
        asked_at=row.consent.asked_at,
        reason=row.reason,
        requested_by=row.requested_by,
        requested_at=row.at,
        approved_by=lift.approved_by if lift and is_this else "",
        approved_at=lift.at if lift and is_this else None,
    )
