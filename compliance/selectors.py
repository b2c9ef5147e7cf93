"""Reads for the pages. Nothing here writes; the evidence for the rules is gathered in compliance.gathering."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from compliance.models import ComplianceDecision, DncListImport
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
    codes: tuple[str, ...] = ()  # any of these refusals
    number: str = ""
    campaign_ref: str = ""
    channel: str = ""
    purpose: str = ""
    since: date | None = None  # first and last day, UTC
    until: date | None = None


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
    """Return decisions, newest first, after the one with the id `before`. Hidden SQL: one query, a second one within days.

    Newest is the highest id; within a range of days it is the latest instant, so that an index finds the page.
    """
    rows = _narrowed(filters)
    within_days = filters.since is not None or filters.until is not None
    if before is not None:
        rows = rows.filter(_after(before) if within_days else Q(id__lt=before))
    order = ("-decided_at", "-id") if within_days else ("-id",)
    found = list(rows.defer("verdicts", "facts").order_by(*order)[: limit + 1])
    shown = tuple(_decision_row(row) for row in found[:limit])
    return DecisionPage(rows=shown, next_before=shown[-1].id if len(found) > limit else None)


def _narrowed(filters: DecisionFilters) -> "QuerySet[ComplianceDecision]":
    rows = ComplianceDecision.objects.all()
    equal = {
        name: value
        for name in ("outcome", "number", "campaign_ref", "channel", "purpose")
        if (value := getattr(filters, name))
    }
    if filters.codes:
        rows = rows.filter(code__in=filters.codes)
    if filters.since is not None:
        rows = rows.filter(decided_at__gte=datetime.combine(filters.since, time(0), UTC))
    if filters.until is not None:
        rows = rows.filter(decided_at__lt=datetime.combine(filters.until + timedelta(days=1), time(0), UTC))
    return rows.filter(**equal)


def _after(before: int) -> Q:
    """What follows this decision in a list ordered by instant."""
    last = ComplianceDecision.objects.filter(id=before).values_list("decided_at", flat=True).first()
    if last is None:
        return Q(id__lt=before)
    return Q(decided_at__lt=last) | Q(decided_at=last, id__lt=before)


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
