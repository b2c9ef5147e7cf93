"""What was done with registries: copies loaded, lists scrubbed against them, numbers asked about at the reassigned database."""

from dataclasses import dataclass
from datetime import date, datetime

from compliance.models import DncListImport, ReassignedCheck
from compliance.reads.paging import Page, page_of
from core.models import AuditEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRow:
    """One registry file as it was loaded: rows in = accepted + duplicates + refused."""

    id: int
    name: str
    kind: str
    seller: str
    san: str
    as_of: date
    file_sha256: str
    accepted: int
    duplicates: int
    refused: int
    numbers: int
    imported_by: str
    imported_at: datetime
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubRow:
    """One list that was scrubbed: rows = listed + clean + refused."""

    id: int
    at: datetime
    by: str
    label: str
    file_sha256: str
    copies: tuple[str, ...]
    sans: tuple[str, ...]
    listed: int
    clean: int
    refused: int

    @property
    def rows(self) -> int:
        """Return how many rows the list had."""
        return self.listed + self.clean + self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassignedRow:
    """One answer of the Reassigned Numbers Database."""

    id: int
    number: str
    since: date
    answer: str
    checked_at: datetime
    database_version: str
    recorded_by: str


def list_loads(*, before: int | None = None) -> Page[LoadRow]:
    """Return registry files loaded, newest first. Hidden SQL: one query."""
    rows = DncListImport.objects.defer("refused_lines", "area_codes")
    return page_of(rows, _load, before=before)


def list_scrubs(seller: str, *, limit: int = 50) -> tuple[ScrubRow, ...]:
    """Return the lists last scrubbed for the seller, from the audit trail. Hidden SQL: one query."""
    rows = AuditEvent.objects.filter(target=scrub_target(seller)).order_by("-id")[:limit]
    return tuple(map(_scrub, rows))


def scrub_target(seller: str) -> str:
    """Return the audit trail's name for the seller's scrubs."""
    return f"scrub:{seller}"[:120]


def list_reassigned(*, answer: str = "", before: int | None = None) -> Page[ReassignedRow]:
    """Return the answers about reassigned numbers, newest first. Hidden SQL: one query."""
    rows = ReassignedCheck.objects.all()
    if answer:
        rows = rows.filter(answer=answer)
    return page_of(rows, _reassigned, before=before)


def reassigned_of(number: str) -> tuple[ReassignedRow, ...]:
    """Return the answers about a number, newest first. Hidden SQL: one query."""
    rows = ReassignedCheck.objects.filter(number=number).order_by("-checked_at", "-id")
    return tuple(map(_reassigned, rows))


def _load(row: DncListImport) -> LoadRow:
    return LoadRow(
        id=row.id,
        name=row.name,
        kind=row.kind,
        seller=row.seller,
        san=row.san,
        as_of=row.as_of,
        file_sha256=row.file_sha256,
        accepted=row.accepted,
        duplicates=row.duplicates,
        refused=row.refused,
        numbers=row.numbers,
        imported_by=row.imported_by,
        imported_at=row.imported_at,
        active=row.active,
    )


def _scrub(row: AuditEvent) -> ScrubRow:
    told = row.after or {}
    return ScrubRow(
        id=row.pk,
        at=row.at,
        by=row.actor,
        label=str(told.get("label", "")),
        file_sha256=str(told.get("sha256", "")),
        copies=tuple(map(str, told.get("copies", ()))),
        sans=tuple(map(str, told.get("sans", ()))),
        listed=int(told.get("listed", 0)),
        clean=int(told.get("clean", 0)),
        refused=int(told.get("refused", 0)),
    )


def _reassigned(row: ReassignedCheck) -> ReassignedRow:
    return ReassignedRow(
        id=row.id,
        number=row.number,
        since=row.since,
        answer=row.answer,
        checked_at=row.checked_at,
        database_version=row.database_version,
        recorded_by=row.recorded_by,
    )
