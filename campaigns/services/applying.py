"""One batch of an import: where its rows come from, what they mean, and what became of each.

Rows of a CRM or of the API were staged one by one and get their outcome there. Rows of a file are read from the file itself and
written once, with their outcome: the next batch is read and cleaned in a thread while the database works on this one.
"""

import gc
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import BinaryIO, Protocol

import msgspec
from django.db import connection

from campaigns import csvfile, csvheader, importing, importplan
from campaigns.importing import CleanPerson, RawPerson, Reading, Refusal
from campaigns.importplan import Plan
from campaigns.models import ImportRow, ListImport
from campaigns.selectors import customfields
from campaigns.services import filestore, masking, people
from campaigns.services.roster import Placed
from carriers import selectors as carriers
from compliance.redaction import record_redaction
from core import db

OUTCOME = ImportRow.Outcome
OUTCOMES = ("created", "updated", "duplicate", "refused")
_ROW_COLUMNS = ("list_import_id", "number", "raw", "outcome", "reason_code", "reason", "contact_id", "before")
_OUTCOMES = """
UPDATE campaigns_importrow AS import_row
   SET outcome = placed.outcome, reason_code = placed.code, reason = placed.why, contact_id = placed.contact,
       before = placed.before
  FROM jsonb_to_recordset(%s::jsonb) AS placed(id bigint, outcome text, code text, why text, contact bigint, before jsonb)
 WHERE import_row.id = placed.id
"""


@dataclass(slots=True)
class Row:
    """One row on its way in."""

    number: int
    item: CleanPerson | Refusal
    id: int | None = None  # of the staged row
    cells: Sequence[str] = ()  # of a file, without card data
    outcome: str = ""
    code: str = ""
    reason: str = ""
    placed: Placed | None = None

    @property
    def contact_id(self) -> int | None:
        """Return the person the row means, once the batch is written."""
        return self.placed.known.id if self.placed else None


class Source(Protocol):
    """Where the rows of an import come from, in order."""

    def is_behind(self, placed: int) -> bool:
        """Return whether another worker has placed rows meanwhile, so that this one must stop."""
        ...

    def take(self) -> list[Row]:
        """Return the next rows; none at the end."""
        ...

    def store(self, rows: Sequence[Row]) -> None:
        """Keep what became of the rows."""
        ...

    def masked(self) -> Counter[str]:
        """Return what card data was taken out of the rows last taken."""
        ...


@contextmanager
def source_of(list_import: ListImport, *, batch_rows: int, now: datetime) -> Iterator[Source]:
    """Open the source of an import's rows, at the first that has no outcome yet."""
    plan = importplan.from_json(list_import.plan)
    reading = reading_for(plan, now)
    if list_import.file_id is None:
        yield Staged(list_import, reading, batch_rows)
        return
    stream = filestore.opened(list_import.file_id)
    collects = gc.isenabled()
    gc.disable()  # a batch is hundreds of thousands of objects without a cycle: looking for one takes a quarter of the time
    try:
        source = FromFile(list_import, plan, reading, stream, batch_rows)
        with source.reader:
            yield source
    finally:
        if collects:
            gc.enable()
        stream.close()


def reading_for(plan: Plan, now: datetime) -> Reading:
    """Return what the rows of an import are read with, in two queries."""
    return Reading(
        region=plan.region,
        date_order=plan.date_order,
        own=frozenset(carriers.active_caller_numbers()),
        fields=customfields.specs(),
        today=now.date(),
        consent_by=plan.consent_by.strip(),
    )


def apply_batch(list_import: ListImport, source: Source, now: datetime) -> Sequence[Row]:
    """Apply the next rows in order and return them with their outcomes. The caller holds the import's row."""
    rows = source.take()
    if not rows:
        return rows
    # One import at a time matches persons: two lists that name the same new person must not create them twice.
    db.advisory_xact_lock(db.lock_key("campaigns.persons"))
    roster = people.Roster(
        list_import=list_import,
        persons=[row.item for row in rows if isinstance(row.item, CleanPerson)],
        now=now,
        plan=importplan.from_json(list_import.plan),
    )
    for row in rows:
        if isinstance(row.item, Refusal):
            row.outcome, row.code, row.reason = OUTCOME.REFUSED, row.item.code, row.item.reason[:300]
        else:
            row.placed = roster.place(row.item)
            row.outcome, row.code, row.reason = row.placed.outcome, row.placed.code, row.placed.reason[:300]
    roster.write()
    source.store(rows)
    if found := source.masked():
        record_redaction(
            cards=found["cards"],
            codes=found["codes"],
            actor="import",
            target=f"import:{list_import.pk}",
            now=now,
        )
    return rows


@dataclass
class Staged:
    """Rows that were staged as they came."""

    list_import: ListImport
    reading: Reading
    batch_rows: int

    def is_behind(self, placed: int) -> bool:
        """Return False: the rows without an outcome are asked for anew each time."""
        return False

    def take(self) -> list[Row]:
        """Return the next rows without an outcome."""
        waiting = ImportRow.objects.filter(list_import=self.list_import, outcome=OUTCOME.WAITING)
        rows = waiting.order_by("number").values_list("id", "number", "raw")[: self.batch_rows]
        return [
            Row(number, importing.clean(person_of(number, raw), reading=self.reading), id=row_id)
            for row_id, number, raw in rows
        ]

    def store(self, rows: Sequence[Row]) -> None:
        """Write each row's outcome beside it."""
        placed = [
            {
                "id": row.id,
                "outcome": row.outcome,
                "code": row.code,
                "why": row.reason,
                "contact": row.contact_id,
                "before": row.placed.before if row.placed else None,
            }
            for row in rows
        ]
        with connection.cursor() as cursor:
            cursor.execute(_OUTCOMES, [json.dumps(placed)])

    def masked(self) -> Counter[str]:
        """Return nothing: the rows were masked when they were staged."""
        return Counter()


@dataclass
class FromFile:
    """Rows of a kept file."""

    list_import: ListImport
    plan: Plan
    reading: Reading
    stream: BinaryIO
    batch_rows: int
    position: int = 0  # rows handed out or placed before
    reader: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=1))
    found: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Go to the first row without an outcome and have the first batch read."""
        self.position = placed_of(self.list_import)
        table = csvfile.CsvTable(
            encoding=self.plan.encoding,
            separator=self.plan.separator,
            header=tuple(self.list_import.header),
            columns=csvheader.chosen(self.plan.targets),
            row_count=0,
            has_header=self.plan.has_header,
        )
        self.columns = table.columns
        self.rows = islice(csvfile.read_cells(self.stream, table), self.position, None)
        self.next: Future[tuple[list[Row], Counter[str]]] = self.reader.submit(self._read)

    def is_behind(self, placed: int) -> bool:
        """Return whether rows were placed that this source did not hand out."""
        return placed != self.position

    def take(self) -> list[Row]:
        """Return the rows read meanwhile, and have the next ones read."""
        rows, self.found = self.next.result()
        self.next = self.reader.submit(self._read)
        self.position += len(rows)
        return rows

    def store(self, rows: Sequence[Row]) -> None:
        """Write the rows with their outcomes."""
        import_id = self.list_import.pk
        encode = msgspec.json.encode
        db.copy_rows(
            "campaigns_importrow",
            _ROW_COLUMNS,
            (
                (
                    import_id, row.number, encode({"cells": row.cells}).decode(), row.outcome, row.code, row.reason,
                    row.contact_id, json.dumps(before) if row.placed and (before := row.placed.before) else None,
                )
                for row in rows
            ),
        )  # fmt: skip

    def masked(self) -> Counter[str]:
        """Return what was taken out of the batch."""
        return self.found

    def _read(self) -> tuple[list[Row], Counter[str]]:
        """Read and clean a batch. In the thread: it must not touch the database."""
        found: Counter[str] = Counter()
        rows = []
        for line, cells in islice(self.rows, self.batch_rows):
            clear = masking.cells_without_cards(cells, found)
            person = csvfile.person_of(
                line, cells if clear is cells else self._unmasked(cells, clear), self.columns
            )
            rows.append(Row(line, importing.clean(person, reading=self.reading), cells=clear))
        return rows, found

    def _unmasked(self, cells: Sequence[str], clear: Sequence[str]) -> Sequence[str]:
        """Return the masked cells with phone numbers and IDs as they came: digits of their own, and never a card's."""
        kept = {index for _, index in self.columns.phones} | set(self.columns.fields.get("external_id", ()))
        return [cells[index] if index in kept else cell for index, cell in enumerate(clear)]


def placed_of(list_import: ListImport) -> int:
    """Return how many rows of the import have an outcome."""
    return sum(getattr(list_import, name) for name in OUTCOMES)


def person_of(number: int, raw: dict[str, dict[str, object]]) -> RawPerson:
    """Return a staged row as it came."""
    values = dict(raw["person"])
    phones = tuple((kind, text) for kind, text in values.pop("phones", ()))  # type: ignore[attr-defined]  # JSON
    return RawPerson(row_number=number, phones=phones, **values)  # type: ignore[arg-type]  # JSON
