"""Reads: the evidence for the rules, and what the pages show. Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Q

from compliance.models import ComplianceDecision, ContactLedger, DncListImport, Suppression
from compliance.registry_facts import file_problem, registry_facts
from compliance.rules import frequency, places, stored
from compliance.rules.decision import Verdict
from compliance.rules.facts import (
    AttemptFact,
    CampaignWindow,
    Channel,
    ContactFacts,
    ContactRequest,
    Purpose,
    RegistryFacts,
    SuppressionFact,
    SuppressionScope,
)
from compliance.rules.policy import in_force
from core.errors import NotFound

PAGE = 50
# An attempt whose clearance ran out unused never rang, so it does not count; the minute allows for servers' clocks to differ.
UNUSED_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    person_ref: str
    fact: AttemptFact


def load_facts(requests: Sequence[ContactRequest], at: datetime) -> list[ContactFacts]:
    """Gather the evidence for each request, in order. Hidden SQL: three queries, however many requests."""
    numbers = {request.number for request in requests}
    persons = {request.person_ref for request in requests} - {""}
    suppressions: dict[str, list[SuppressionFact]] = {}
    for row in Suppression.objects.filter(number__in=numbers).order_by("id"):
        fact = SuppressionFact(
            seller=row.seller,
            scope=SuppressionScope(row.scope),
            reason=row.reason,
            heard_on=row.heard_on,
            at=row.at,
        )
        suppressions.setdefault(row.number, []).append(fact)
    registries = registry_facts(requests)
    attempts = _recent_attempts(numbers, persons, at)
    return [
        _facts(
            request,
            at,
            suppressions=tuple(suppressions.get(request.number, ())),
            registry=registry,
            attempts=tuple(
                attempt.fact
                for attempt in attempts
                if attempt.fact.number == request.number
                or (request.person_ref and attempt.person_ref == request.person_ref)
            ),
        )
        for request, registry in zip(requests, registries, strict=True)
    ]


def _facts(
    request: ContactRequest,
    at: datetime,
    *,
    suppressions: tuple[SuppressionFact, ...],
    registry: RegistryFacts,
    attempts: tuple[AttemptFact, ...],
) -> ContactFacts:
    number = places.describe_number(request.number)
    address = places.address_evidences(
        postal_code=request.postal_code,
        state=request.state,
        city=request.city,
        stated_zone=request.stated_zone,
    )
    return ContactFacts(
        at=at,
        number=request.number,
        channel=request.channel,
        purpose=request.purpose,
        seller=request.seller,
        campaign_ref=request.campaign_ref,
        person_ref=request.person_ref,
        attempt_ref=request.attempt_ref,
        caller_id=request.caller_id,
        ring_seconds=request.ring_seconds,
        number_problem=number.problem,
        region=number.region,
        country_stated=places.country_outside_us(request.country),
        evidences=((number.evidence,) if number.evidence else ()) + address,
        window=CampaignWindow(
            opens=request.window_opens, closes=request.window_closes, days=request.window_days
        ),
        suppressions=suppressions,
        crm_do_not_call=request.crm_do_not_call,
        campaign=request.campaign,
        message=request.message,
        debt=request.debt,
        registry=registry,
        attempts=attempts,
    )


def _recent_attempts(numbers: set[Any], persons: set[str], at: datetime) -> list[_Attempt]:
    rows = (
        ContactLedger.objects.filter(
            Q(number__in=numbers) | Q(person_ref__in=persons), at__gt=at - frequency.REACH
        )
        .exclude(decision__clearance__voided_at__isnull=False)
        .exclude(
            decision__clearance__consumed_at__isnull=True,
            decision__clearance__expires_at__lte=at - UNUSED_AFTER,
        )
        .order_by("id")
    )
    return [
        _Attempt(
            person_ref=row.person_ref,
            fact=AttemptFact(
                at=row.at,
                number=row.number,
                channel=Channel(row.channel),
                purpose=Purpose(row.purpose),
                seller=row.seller,
                campaign_ref=row.campaign_ref,
            ),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFilters:
    """What the verdict explorer is narrowed to; empty means all."""

    outcome: str = ""
    code: str = ""
    number: str = ""
    campaign_ref: str = ""
    day: date | None = None  # UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One decision as a list shows it."""

    id: int
    decided_at: datetime
    number: str
    outcome: str
    code: str
    sentence: str
    channel: str
    purpose: str
    campaign_ref: str
    next_allowed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPage:
    """A page of decisions, newest first; `next_before` continues it, None at the end."""

    rows: tuple[DecisionRow, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionDetail:
    """One decision with all it was based on."""

    row: DecisionRow
    attempt_ref: str
    person_ref: str
    seller: str
    verdicts: tuple[Verdict, ...]
    facts: ContactFacts
    rules_version: str
    rules_hash: str


def list_decisions(filters: DecisionFilters, *, before: int | None = None, limit: int = PAGE) -> DecisionPage:
    """Return decisions, newest first, with ids under `before`. Hidden SQL: one query."""
    rows = ComplianceDecision.objects.all()
    if filters.outcome:
        rows = rows.filter(outcome=filters.outcome)
    if filters.code:
        rows = rows.filter(code=filters.code)
    if filters.number:
        rows = rows.filter(number=filters.number)
    if filters.campaign_ref:
        rows = rows.filter(campaign_ref=filters.campaign_ref)
    if filters.day is not None:
        start = datetime.combine(filters.day, time(0), UTC)
        rows = rows.filter(decided_at__gte=start, decided_at__lt=start + timedelta(days=1))
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows.defer("verdicts", "facts").order_by("-id")[: limit + 1])
    shown = tuple(_decision_row(row) for row in found[:limit])
    return DecisionPage(rows=shown, next_before=shown[-1].id if len(found) > limit else None)


def get_decision(decision_id: int) -> DecisionDetail:
    """Return one decision; raises NotFound. Hidden SQL: one query."""
    row = ComplianceDecision.objects.filter(id=decision_id).first()
    if row is None:
        raise NotFound("There is no verdict with this number.")
    return DecisionDetail(
        row=_decision_row(row),
        attempt_ref=row.attempt_ref,
        person_ref=row.person_ref,
        seller=row.seller,
        verdicts=stored.verdicts_from_json(row.verdicts),
        facts=stored.facts_from_json(row.facts),
        rules_version=row.rules_version,
        rules_hash=row.rules_hash,
    )


def decisions_for_number(number: str, *, limit: int = PAGE) -> tuple[DecisionRow, ...]:
    """Return the number's newest decisions. Hidden SQL: one query."""
    return list_decisions(DecisionFilters(number=number), limit=limit).rows


def _decision_row(row: ComplianceDecision) -> DecisionRow:
    return DecisionRow(
        id=row.id,
        decided_at=row.decided_at,
        number=row.number,
        outcome=row.outcome,
        code=row.code,
        sentence=row.sentence,
        channel=row.channel,
        purpose=row.purpose,
        campaign_ref=row.campaign_ref,
        next_allowed_at=row.next_allowed_at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionRow:
    """One request not to be called."""

    id: int
    number: str
    seller: str
    scope: str
    reason: str
    raw_words: str
    heard_on: str
    recorded_by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionPage:
    """A page of requests, newest first; `next_before` continues it, None at the end."""

    rows: tuple[SuppressionRow, ...]
    next_before: int | None


def list_suppressions(
    *, number_contains: str = "", before: int | None = None, limit: int = PAGE
) -> SuppressionPage:
    """Return requests not to be called, newest first; `number_contains` holds digits. Hidden SQL: one query."""
    rows = Suppression.objects.all()
    if number_contains:
        rows = rows.filter(number__contains=number_contains)
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows.order_by("-id")[: limit + 1])
    shown = tuple(
        SuppressionRow(
            id=row.id,
            number=row.number,
            seller=row.seller,
            scope=row.scope,
            reason=row.reason,
            raw_words=row.raw_words,
            heard_on=row.heard_on,
            recorded_by=row.recorded_by,
            at=row.at,
        )
        for row in found[:limit]
    )
    return SuppressionPage(rows=shown, next_before=shown[-1].id if len(found) > limit else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryImportRow:
    """One registry copy with its age."""

    id: int
    name: str
    seller: str
    san: str
    area_codes: tuple[str, ...]
    as_of: date
    age_days: int
    is_too_old: bool
    accepted: int
    duplicates: int
    refused: int
    refused_lines: tuple[tuple[int, str, str], ...]
    imported_by: str
    imported_at: datetime
    active: bool
    file_sha256: str
    kind: str
    numbers: int
    removed: int
    needs_person: bool
    activated_by: str
    activated_at: datetime | None
    refused_file: str
    problem: str  # why the gate cannot use an active copy's file; empty when it can

    @property
    def rows(self) -> int:
        """Return how many rows the file had."""
        return self.accepted + self.duplicates + self.refused

    @property
    def refused_percent(self) -> float:
        """Return how much of the file could not be read."""
        return 100 * self.refused / self.rows if self.rows else 0.0


def list_registry_imports(*, now: datetime, limit: int = PAGE) -> tuple[RegistryImportRow, ...]:
    """Return registry copies, active ones first, then newest. Hidden SQL: one query."""
    rows = DncListImport.objects.order_by("-active", "-needs_person", "-as_of", "-id")[:limit]
    return tuple(_import_row(row, now) for row in rows)


def get_registry_import(import_id: int, *, now: datetime) -> RegistryImportRow:
    """Return one registry copy; raises NotFound. Hidden SQL: one query."""
    row = DncListImport.objects.filter(id=import_id).first()
    if row is None:
        raise NotFound("There is no such registry copy.")
    return _import_row(row, now)


def _import_row(row: DncListImport, now: datetime) -> RegistryImportRow:
    age = (now.date() - row.as_of).days
    return RegistryImportRow(
        id=row.id,
        name=row.name,
        seller=row.seller,
        san=row.san,
        area_codes=tuple(row.area_codes),
        as_of=row.as_of,
        age_days=age,
        is_too_old=age > in_force(now).registry_max_age_days,
        accepted=row.accepted,
        duplicates=row.duplicates,
        refused=row.refused,
        refused_lines=tuple((line[0], line[1], line[2]) for line in row.refused_lines),
        imported_by=row.imported_by,
        imported_at=row.imported_at,
        active=row.active,
        file_sha256=row.file_sha256,
        kind=row.kind,
        numbers=row.numbers,
        removed=row.removed,
        needs_person=row.needs_person,
        activated_by=row.activated_by,
        activated_at=row.activated_at,
        refused_file=row.refused_file,
        problem=file_problem(row) if row.active else "",
    )
