"""Reads for the pages. Nothing here writes; the evidence for the rules is gathered in compliance.gathering."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from compliance.models import CallerAuthority, DncListImport, Suppression
from compliance.registry_facts import file_problem
from compliance.rules.policy import in_force
from compliance.store.explorer import (
    DecisionDetail,
    DecisionFilters,
    DecisionPage,
    DecisionRow,
    decisions_for_number,
    get_decision,
    list_decisions,
    number_of_decision,
)
from core.errors import NotFound

PAGE = 50

__all__ = [
    "DecisionDetail",
    "DecisionFilters",
    "DecisionPage",
    "DecisionRow",
    "RegistryImportRow",
    "decisions_for_number",
    "get_decision",
    "list_decisions",
    "list_registry_imports",
    "means_calls",
    "number_of_decision",
    "number_of_suppression",
    "refused_numbers",
    "takes_requests",
]


def takes_requests(number: str, *, seller: str) -> bool:
    """Return whether a test call showed that our number answers do-not-call requests in business hours (FED-025).

    The seller's own row counts before one for every seller. Hidden SQL: one query.
    """
    rows = CallerAuthority.objects.filter(number=number, seller__in=(seller, ""), active=True)
    row = rows.order_by("-seller", "id").first()
    return row is not None and row.takes_requests and row.tested_on is not None


def number_of_suppression(suppression_id: int) -> str:
    """Return the number a request not to be called is about; raises NotFound. Hidden SQL: one query."""
    found = Suppression.objects.filter(id=suppression_id).values_list("number", flat=True).first()
    if found is None:
        raise NotFound("There is no such request.")
    return found


def refused_numbers(numbers: Iterable[str]) -> set[str]:
    """Return those of the numbers on which a request not to be called stands, of any seller. Hidden SQL: one query.

    Requests about one campaign or channel other than calls, and wrong numbers of one person, are none.
    """
    rows = Suppression.objects.filter(
        number__in=list(numbers), lift=None, person_ref="", campaign_ref=""
    ).values_list("number", "channels")
    return {number for number, channels in rows if means_calls(channels)}


def means_calls(channels: Iterable[str]) -> bool:
    """Return whether what was said about the channels is about calls; no channel means all."""
    told = list(channels)
    return not told or any(word.startswith("live") for word in told)


def means_texts(channels: Iterable[str]) -> bool:
    """Return whether what was said about the channels is about texts; no channel means all."""
    told = list(channels)
    return not told or any("text" in word or "sms" in word for word in told)


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
