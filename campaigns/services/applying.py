"""One batch of an import: where its rows come from, what they mean, and what became of each.

Rows of a CRM or of the API were staged one by one and get their outcome there. Rows of a file are read from the file itself and
written once, with their outcome: the next batch is read and cleaned while the database works on this one.
"""

import gc
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from django.db import connection

from campaigns import importing, importplan, rowreading
from campaigns.importing import CleanPerson, RawPerson, Reading, Refusal
from campaigns.importplan import Plan
from campaigns.models import ImportRow, ListImport
from campaigns.selectors import customfields
from campaigns.services import filestore, people, readers
from campaigns.services.roster import Placed
from carriers import selectors as carriers
from compliance.redaction import record_redaction
from core import db

OUTCOME = ImportRow.Outcome
OUTCOMES = ("created", "updated", "duplicate", "refused")
TURN_SECONDS = 0.0005  # a thread that reads gives way to the one the database waits for
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
    raw: str = ""  # of a file: its cells without card data, as JSON
    outcome: str = ""
    code: str = ""
    reason: str = ""
    placed: Placed | None = None

    @property
    def cells(self) -> Sequence[str]:
        """Return the cells of a file's row, without card data."""
        return rowreading.cells_of(self.raw)

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

    def masked(self) -> Mapping[str, int]:
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
    collects, turns = gc.isenabled(), sys.getswitchinterval()
    sys.setswitchinterval(TURN_SECONDS)
    gc.disable()  # a batch is hundreds of thousands of objects without a cycle: looking for one takes a quarter of the time
    position = placed_of(list_import)
    order = readers.order_for(plan, list_import.header, reading, position=position, batch_rows=batch_rows)
    try:
        with readers.ahead(stream, order, rows=list_import.rows_in - position) as reader:
            yield FromFile(list_import, reader, position)
    finally:
        sys.setswitchinterval(turns)
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
            cards=found.get("cards", 0),
            codes=found.get("codes", 0),
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

    def masked(self) -> Mapping[str, int]:
        """Return nothing: the rows were masked when they were staged."""
        return {}


@dataclass
class FromFile:
    """Rows of a kept file."""

    list_import: ListImport
    reader: readers.Ahead
    position: int  # rows handed out or placed before
    found: Mapping[str, int] = field(default_factory=dict)

    def is_behind(self, placed: int) -> bool:
        """Return whether rows were placed that this source did not hand out."""
        return placed != self.position

    def take(self) -> list[Row]:
        """Return the rows read meanwhile, and have the next ones read."""
        batch = self.reader.take()
        self.found = batch.found
        self.position += len(batch.rows)
        return [Row(row.number, row.item, raw=row.raw) for row in batch.rows]

    def store(self, rows: Sequence[Row]) -> None:
        """Write the rows with their outcomes."""
        import_id = self.list_import.pk
        with db.references_held():  # the import is locked by the caller, people by the roster
            db.copy_rows(
                "campaigns_importrow",
                _ROW_COLUMNS,
                (
                    (
                        import_id, row.number, row.raw, row.outcome, row.code, row.reason,
                        row.contact_id, json.dumps(before) if row.placed and (before := row.placed.before) else None,
                    )
                    for row in rows
                ),
            )  # fmt: skip

    def masked(self) -> Mapping[str, int]:
        """Return what was taken out of the batch."""
        return self.found


def placed_of(list_import: ListImport) -> int:
    """Return how many rows of the import have an outcome."""
    return sum(getattr(list_import, name) for name in OUTCOMES)


def person_of(number: int, raw: dict[str, dict[str, object]]) -> RawPerson:
    """Return a staged row as it came."""
    values = dict(raw["person"])
    phones = tuple((kind, text) for kind, text in values.pop("phones", ()))  # type: ignore[attr-defined]  # JSON
    return RawPerson(row_number=number, phones=phones, **values)  # type: ignore[arg-type]  # JSON
