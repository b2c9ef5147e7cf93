"""Bringing rows into a list: stage all of them, then apply them batch by batch.

Nothing of an import is applied before every row is staged, so a file or CRM that fails half-way leaves nothing behind.
Each batch is one transaction that also marks its rows, so a worker killed at any point repeats nothing and loses nothing.
"""

import dataclasses
import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection
from django.db.models import F

from campaigns import importing, jobs
from campaigns.importing import CleanPerson, RawPerson, Refusal
from campaigns.models import ImportRow, LeadList, ListImport
from campaigns.services import filling, people
from carriers import selectors as carriers
from compliance.redaction import record_redaction
from compliance.rules import card_data
from core import audit, db
from core.errors import AppError, NotFound, Stale
from core.jobs import enqueue_on_commit

log = structlog.get_logger(__name__)

STATE = ListImport.State
SOURCES = ("csv", "salesforce", "hubspot")
BATCH_ROWS = 1_000
BATCHES_A_TASK = 10
RESUME_AFTER = timedelta(minutes=2)  # an import being applied moves every second or two
GIVE_UP_STAGING_AFTER = timedelta(minutes=30)  # longer than a CRM's rate limit holds up a page

_IDENTIFIERS = frozenset({"phones", "external_ref", "crm_url"})  # digits of their own, and never a card's
_PERSON_FIELDS = tuple(field.name for field in dataclasses.fields(RawPerson) if field.name != "row_number")

# A batch goes in as one JSON text: Django's bulk writes took four times as long (100,000 rows, psycopg 3.2).
_STAGE = """
INSERT INTO campaigns_importrow (list_import_id, number, raw, outcome, reason_code, reason)
SELECT %(import)s, (item ->> 'number')::integer, item -> 'raw', '', '', ''
  FROM jsonb_array_elements(%(rows)s::jsonb) AS item
    ON CONFLICT (list_import_id, number) DO NOTHING
"""
_OUTCOMES = """
UPDATE campaigns_importrow AS import_row
   SET outcome = placed.outcome, reason_code = placed.code, reason = placed.why, contact_id = placed.contact
  FROM jsonb_to_recordset(%s::jsonb) AS placed(id bigint, outcome text, code text, why text, contact bigint)
 WHERE import_row.id = placed.id
"""


class ImportRefused(AppError):
    """The import cannot begin as asked."""


def start_import(
    *,
    list_name: str,
    source: str,
    source_label: str,
    source_ref: str,
    by_id: int | None,
    by_name: str,
    now: datetime,
    header: Sequence[str] = (),
) -> int:
    """Open an import into the list of that name, made if it is not there, and return the import's id.

    `source` is csv, salesforce or hubspot; `header` the file's columns. Raises ImportRefused without a usable list name.
    """
    name = list_name.strip()
    if not name or len(name) > 120 or "\x00" in name:
        raise ImportRefused("Give the list a name of at most 120 characters.")
    if source not in SOURCES:
        raise ValueError(f"unknown source {source!r}")
    with db.use_case():
        lead_list, _ = LeadList.objects.get_or_create(
            name=name, defaults={"created_at": now, "created_by_id": by_id}
        )
        list_import = ListImport.objects.create(
            lead_list=lead_list,
            source=source,
            source_label=_storable(source_label)[:200],
            source_ref=source_ref,
            header=[_storable(column) for column in header],
            started_at=now,
            progressed_at=now,
            started_by_id=by_id,
        )
        audit.record(
            actor=by_name,
            verb="campaigns.import.started",
            target=f"import:{list_import.id}",
            now=now,
            after={"list": name, "source": source, "label": list_import.source_label},
        )
    return list_import.id


def stage_rows(
    *, import_id: int, rows: Sequence[RawPerson], now: datetime, cells: Sequence[Sequence[str]] = ()
) -> None:
    """Keep rows as they came; a row number that is staged already is left as it is, so a page may be staged twice.

    `cells` are the file's own cells, one sequence a row, for the download of refused rows. Raises Stale unless staging.
    Card numbers are masked, and that is recorded (PCI-001); phone numbers and the CRM's ids are left as they are.
    """
    items = []
    found: Counter[str] = Counter()
    for index, person in enumerate(rows):
        given = {name: value for name in _PERSON_FIELDS if (value := getattr(person, name))}
        raw: dict[str, Any] = {
            "person": {
                name: value if name in _IDENTIFIERS else _without_card_data(value, found)
                for name, value in given.items()
            }
        }
        if cells:
            raw["cells"] = [_without_card_data(cell, found) for cell in cells[index]]
        items.append({"number": person.row_number, "raw": raw})
    with db.use_case():
        _locked(import_id, STATE.STAGING)
        with connection.cursor() as cursor:
            cursor.execute(_STAGE, {"import": import_id, "rows": _as_json(items)})
        if found:
            record_redaction(
                cards=found["cards"],
                codes=found["codes"],
                actor="import",
                target=f"import:{import_id}",
                now=now,
            )
        ListImport.objects.filter(id=import_id).update(progressed_at=now)


def begin_apply(*, import_id: int, now: datetime) -> None:
    """Close staging and have the rows applied. Raises Stale unless staging."""
    with db.use_case():
        _locked(import_id, STATE.STAGING)
        rows_in = ImportRow.objects.filter(list_import_id=import_id).count()
        ListImport.objects.filter(id=import_id).update(
            state=STATE.APPLYING, rows_in=rows_in, progressed_at=now
        )
        enqueue_on_commit(jobs.APPLY_IMPORT, import_id=import_id)


def fail_import(*, import_id: int, failure: str, now: datetime) -> None:
    """End an import that could not be read, and remove its staged rows. `failure` says what failed and what to do.

    Raises Stale once its rows are being applied: from there on it can only be finished.
    """
    with db.use_case():
        _locked(import_id, STATE.STAGING)
        ImportRow.objects.filter(list_import_id=import_id).delete()
        ListImport.objects.filter(id=import_id).update(
            state=STATE.FAILED, failure=_storable(failure), finished_at=now, progressed_at=now
        )
        audit.record(
            actor="import",
            verb="campaigns.import.failed",
            target=f"import:{import_id}",
            now=now,
            after={"why": failure[:500]},
        )


def apply_import(*, import_id: int, now: datetime, batches: int = BATCHES_A_TASK) -> bool:
    """Apply up to `batches` batches of rows, and have the rest applied by another task; return whether the import is done.

    Returns False at once if another worker is applying it. An import that is not being applied (staging, failed) is left
    alone: a repeated or late hint finds nothing to do.
    """
    for _ in range(batches):
        with db.use_case():
            list_import = (
                ListImport.objects.select_for_update(skip_locked=True)
                .filter(id=import_id, state=STATE.APPLYING)
                .first()
            )
            if list_import is None:
                return ListImport.objects.filter(id=import_id, state=STATE.DONE).exists()
            if not _apply_batch(list_import, now):
                _finish(list_import, now)
                return True
    enqueue_on_commit(jobs.APPLY_IMPORT, import_id=import_id)
    return False


def resume_stuck(now: datetime) -> int:
    """Start imports again that stand still because a hint or a worker was lost; end those never fully read.

    Returns how many imports were touched.
    """
    touched = 0
    stuck = ListImport.objects.filter(state=STATE.APPLYING, progressed_at__lt=now - RESUME_AFTER).order_by(
        "id"
    )
    for import_id in stuck.values_list("id", flat=True):
        with db.use_case():
            still = ListImport.objects.filter(
                id=import_id, state=STATE.APPLYING, progressed_at__lt=now - RESUME_AFTER
            )
            # Moved on first, so an import that fails each time is tried every few minutes and not at every sweep.
            if still.update(progressed_at=now):
                enqueue_on_commit(jobs.APPLY_IMPORT, import_id=import_id)
                log.warning("campaigns.import.resumed", import_id=import_id)
                touched += 1
    given_up = ListImport.objects.filter(
        state=STATE.STAGING, progressed_at__lt=now - GIVE_UP_STAGING_AFTER
    ).order_by("id")
    for import_id in given_up.values_list("id", flat=True):
        try:
            fail_import(
                import_id=import_id,
                failure="Reading stopped before the last row. Nothing was imported; start the import again.",
                now=now,
            )
        except Stale:  # it moved on between the two statements
            continue
        touched += 1
    return touched


def _locked(import_id: int, state: str) -> ListImport:
    list_import = ListImport.objects.select_for_update().filter(id=import_id).first()
    if list_import is None:
        raise NotFound("This import does not exist.")
    if list_import.state != state:
        raise Stale(
            f"This import is not in the state “{STATE(state).label}” any more: it is “{STATE(list_import.state).label}”."
        )
    return list_import


def _apply_batch(list_import: ListImport, now: datetime) -> int:
    """Apply the next rows in order and return how many there were. The caller holds the import's row."""
    waiting = ImportRow.objects.filter(list_import=list_import, outcome=ImportRow.Outcome.WAITING)
    rows = list(waiting.order_by("number")[:BATCH_ROWS])
    if not rows:
        return 0
    # One import at a time matches persons: two lists that name the same new person must not create them twice.
    db.advisory_xact_lock(db.lock_key("campaigns.persons"))
    own = frozenset(carriers.active_caller_numbers())
    cleaned = [importing.clean(_person(row), own=own) for row in rows]
    roster = people.Roster(
        list_import=list_import, persons=[item for item in cleaned if isinstance(item, CleanPerson)], now=now
    )
    placed: list[people.Placed | None] = []
    for row, item in zip(rows, cleaned, strict=True):
        if isinstance(item, Refusal):
            row.outcome, row.reason_code, row.reason = ImportRow.Outcome.REFUSED, item.code, item.reason[:300]
            placed.append(None)
        else:
            result = roster.place(item)
            row.outcome, row.reason_code, row.reason = result.outcome, result.code, result.reason[:300]
            placed.append(result)
    roster.write()
    for row, result_or_none in zip(rows, placed, strict=True):
        if result_or_none is not None:
            row.contact = result_or_none.known.contact
    _store_outcomes(rows)
    counts = Counter(str(row.outcome) for row in rows)
    ListImport.objects.filter(id=list_import.id).update(
        progressed_at=now,
        **{name: F(name) + counts[name] for name in ("created", "updated", "duplicate", "refused")},
    )
    return len(rows)


def _store_outcomes(rows: Sequence[ImportRow]) -> None:
    placed = [
        {
            "id": row.id,
            "outcome": row.outcome,
            "code": row.reason_code,
            "why": row.reason,
            "contact": row.contact_id,
        }
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.execute(_OUTCOMES, [json.dumps(placed)])


def _finish(list_import: ListImport, now: datetime) -> None:
    added = filling.fill_from_list(list_import.lead_list_id, now=now)
    ListImport.objects.filter(id=list_import.id).update(state=STATE.DONE, finished_at=now, progressed_at=now)
    sums = {
        name: getattr(list_import, name) for name in ("rows_in", "created", "updated", "duplicate", "refused")
    }
    audit.record(
        actor="import",
        verb="campaigns.import.done",
        target=f"import:{list_import.id}",
        now=now,
        after={**sums, "added_to_campaigns": added},
    )
    log.info("campaigns.import.done", import_id=list_import.id, **sums)


def _person(row: ImportRow) -> RawPerson:
    values = dict(row.raw["person"])
    phones = tuple((kind, text) for kind, text in values.pop("phones", ()))
    return RawPerson(row_number=row.number, phones=phones, **values)


def _without_card_data(value: Any, found: Counter[str]) -> Any:
    """Return the value, a text without its card data. Short texts and those with few digits are passed by: that is nearly all."""
    if not isinstance(value, str) or len(value) < 13 or sum(map(str.isdecimal, value)) < 13:
        return value
    redaction = card_data.redact(value)
    if redaction.alert:
        found.update(cards=redaction.cards, codes=redaction.codes)
    return redaction.text


def _as_json(items: Sequence[Any]) -> str:
    """Return the JSON text of what PostgreSQL can keep. Nearly always that is all of it, which the text shows sooner than each value."""
    text = json.dumps(items)
    if "\\u0000" in text or "\\ud" in text:
        text = json.dumps(_storable(items))
    return text


def _storable(value: Any) -> Any:
    """Return the value without what PostgreSQL cannot keep in text: NUL characters and halves of surrogate pairs."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
    return value
