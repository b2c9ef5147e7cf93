"""Reads for the pages. Nothing here writes; the evidence for the rules is gathered in compliance.gathering."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from compliance.models import ComplianceDecision, DncListImport, Suppression
from compliance.registry_facts import file_problem
from compliance.rules import stored
from compliance.rules.decision import Verdict
from compliance.rules.facts import ContactFacts
from compliance.rules.policy import in_force
from core.errors import NotFound

PAGE = 50


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


def number_of_decision(decision_id: int) -> str:
    """Return the number a decision is about; raises NotFound. Hidden SQL: one query."""
    found = ComplianceDecision.objects.filter(id=decision_id).values_list("number", flat=True).first()
    if found is None:
        raise NotFound("There is no verdict with this number.")
    return found


def number_of_suppression(suppression_id: int) -> str:
    """Return the number a request not to be called is about; raises NotFound. Hidden SQL: one query."""
    found = Suppression.objects.filter(id=suppression_id).values_list("number", flat=True).first()
    if found is None:
        raise NotFound("There is no such request.")
    return found


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
