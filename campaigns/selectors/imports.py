"""Imports as the pages show them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from django.db.models import Q, QuerySet

from campaigns.importing import RawPerson
from campaigns.models import ImportRow, ListImport
from campaigns.paging import Cursor, Page, page_of
from core.errors import NotFound

STATE = ListImport.State
OUTCOME = ImportRow.Outcome
OUTCOMES = (OUTCOME.CREATED, OUTCOME.UPDATED, OUTCOME.DUPLICATE, OUTCOME.REFUSED)
# What the download shows of a row that came from a CRM, which has no cells of its own.
_CRM_COLUMNS = tuple(
    field.name for field in fields(RawPerson) if field.name not in {"row_number", "phones", "custom"}
)


@dataclass(frozen=True, slots=True)
class ImportFacts:
    """One import. The sum of the four outcomes is `rows_in` once it is done."""

    id: int
    list_id: int
    list_name: str
    source: str
    source_label: str
    state: str
    state_label: str
    failure: str
    header: Sequence[str]
    rows_in: int
    created: int
    updated: int
    duplicate: int
    refused: int
    started_at: datetime
    finished_at: datetime | None
    started_by: str
    progressed_at: datetime
    is_stopping: bool

    @property
    def is_final(self) -> bool:
        """Return whether nothing more will happen."""
        return self.state not in {STATE.STAGING, STATE.APPLYING}

    @property
    def placed(self) -> int:
        """Return how many rows have an outcome."""
        return self.created + self.updated + self.duplicate + self.refused

    @property
    def may_undo(self) -> bool:
        """Return whether the import can still be taken back, as far as its state says."""
        return self.state in {STATE.DONE, STATE.STOPPED} and bool(self.created or self.updated)

    @property
    def left_over(self) -> int:
        """Return how many rows a stopped import did not reach."""
        return self.rows_in - self.placed

    @property
    def rate(self) -> int:
        """Return rows a second so far; 0 when it is too early to say."""
        seconds = (self.progressed_at - self.started_at).total_seconds()
        return round(self.placed / seconds) if seconds > 1 else 0

    @property
    def seconds_left(self) -> int | None:
        """Return how long the rest takes at this rate; None when it is too early to say."""
        return round(self.left_over / self.rate) if self.rate else None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row nobody can call, and why."""

    number: int
    given: str
    reason: str


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row."""

    outcome: str
    code: str
    reason: str
    contact_id: int | None


def first_unsettled(source_ref: str, *, since: datetime) -> datetime | None:
    """Return when the first of a source's imports began that is being applied now, or ended after `since`. One query."""
    known = ListImport.objects.filter(source_ref=source_ref)
    unsettled = known.filter(Q(state=STATE.APPLYING) | Q(finished_at__gt=since))
    return unsettled.order_by("started_at", "id").values_list("started_at", flat=True).first()


def results_of(import_id: int) -> dict[int, RowResult]:
    """Return what became of each row, by its number, in one query."""
    rows = ImportRow.objects.filter(list_import_id=import_id).order_by("number")
    found = rows.values_list("number", "outcome", "reason_code", "reason", "contact_id")
    return {row[0]: RowResult(row[1], row[2], row[3], row[4]) for row in found}


def get_import(import_id: int) -> ImportFacts:
    """Return one import, in one query or two. Raises NotFound.

    While it is being read, `rows_in` counts the rows staged so far.
    """
    found = ListImport.objects.select_related("lead_list", "started_by").filter(id=import_id).first()
    if found is None:
        raise NotFound("This import does not exist.")
    facts = as_facts(found)
    if facts.state != STATE.STAGING:
        return facts
    staged = ImportRow.objects.filter(list_import_id=import_id).count()
    return as_facts(found, rows_in=staged)


def as_facts(row: ListImport, *, rows_in: int | None = None) -> ImportFacts:
    """Return the row for a page; needs lead_list and started_by at hand."""
    return ImportFacts(
        id=row.id,
        list_id=row.lead_list_id,
        list_name=row.lead_list.name,
        source=row.source,
        source_label=row.source_label,
        state=row.state,
        state_label=STATE(row.state).label,
        failure=row.failure,
        header=row.header,
        rows_in=row.rows_in if rows_in is None else rows_in,
        created=row.created,
        updated=row.updated,
        duplicate=row.duplicate,
        refused=row.refused,
        started_at=row.started_at,
        finished_at=row.finished_at,
        started_by=row.started_by.display_name if row.started_by else "",
        progressed_at=row.progressed_at,
        is_stopping=bool(row.stop_asked_by),
    )


def list_imports(limit: int = 10) -> list[ImportFacts]:
    """Return the latest imports, newest first, in one query."""
    rows = ListImport.objects.select_related("lead_list", "started_by").order_by("-id")[:limit]
    return [as_facts(row) for row in rows]


def list_refusals(import_id: int, cursor: Cursor, *, total: int) -> Page[RefusedRow]:
    """Return one page of refused rows, in one query."""
    return page_of(_refused(import_id), cursor, _as_refused, total=total)


def rows_for_download(facts: ImportFacts, outcome: str) -> Iterator[Sequence[str]]:
    """Yield the header, then each row of that outcome as it came, with its line and reason; reads in pieces."""
    columns = list(facts.header) or ["phone", *_CRM_COLUMNS]
    yield ["line", "reason", *columns]
    rows = ImportRow.objects.filter(list_import_id=facts.id, outcome=outcome).order_by("number")
    for row in rows.iterator(chunk_size=1_000):
        yield [str(row.number), row.reason, *_cells(row)]


def _refused(import_id: int) -> QuerySet[ImportRow]:
    return ImportRow.objects.filter(list_import_id=import_id, outcome=OUTCOME.REFUSED)


def _cells(row: ImportRow) -> list[str]:
    if "cells" in row.raw:
        return [str(cell) for cell in row.raw["cells"]]
    person = row.raw["person"]
    phones = "; ".join(text for _, text in person.get("phones", ()))
    return [phones, *(str(person.get(name, "")) for name in _CRM_COLUMNS)]


def _as_refused(row: ImportRow) -> RefusedRow:
    given = ", ".join(cell for cell in _cells(row) if cell)
    return RefusedRow(number=row.number, given=given[:120], reason=row.reason)
