"""Bringing rows into a list: stage all of them, then apply them batch by batch.

Nothing of an import is applied before every row is staged, so a file or CRM that fails half-way leaves nothing behind.
Each batch is one transaction that also marks its rows, so a worker killed at any point repeats nothing and loses nothing.
"""

import dataclasses
import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection
from django.db.models import F

from campaigns import importplan, jobs
from campaigns.importing import RawPerson
from campaigns.importplan import Plan
from campaigns.models import ImportFile, ImportRow, LeadList, ListImport
from campaigns.services import applying, filling, notices, tagging
from campaigns.services.masking import without_card_data
from compliance.redaction import record_redaction
from core import audit, db
from core.errors import AppError, NotFound, Stale
from core.jobs import enqueue_on_commit

log = structlog.get_logger(__name__)

STATE = ListImport.State
SOURCES = ("csv", "api", "salesforce", "hubspot", "rest")
ENDED = (STATE.DONE, STATE.STOPPED, STATE.UNDONE)
BATCH_ROWS = 5_000
BATCHES_A_TASK = 60  # a minute's work of a task that may take five
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
    plan: Plan | None = None,
    file_id: int | None = None,
) -> int:
    """Open an import into the list of that name, made if it is not there, and return the import's id.

    `source` is csv, api, salesforce, hubspot or rest; `header` the file's columns; `file_id` a kept file, whose rows are not staged.
    Raises ImportRefused without a usable list name.
    """
    name = usable_list_name(list_name)
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
            plan=importplan.as_json(plan) if plan else None,
            file_id=file_id,
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


def usable_list_name(given: str) -> str:
    """Return the name without the space around it; raises ImportRefused for one that cannot be a list's."""
    name = given.strip()
    if not name or len(name) > 120 or "\x00" in name:
        raise ImportRefused("Give the list a name of at most 120 characters.")
    return name


def stage_rows(
    *, import_id: int, rows: Sequence[RawPerson], now: datetime, cells: Sequence[Sequence[str]] = ()
) -> None:
    """Keep rows as they came; a row number that is staged already is left as it is, so a page may be staged twice.

    `cells` are the file's own cells, one sequence a row, for the download of refused rows. Raises Stale unless staging.
    Card numbers are masked, and that is recorded (PCI-001); phone numbers and the CRM's ids are left as they are.
    """
    with db.use_case():
        stage_within(import_id=import_id, rows=rows, now=now, cells=cells)


def stage_within(
    *, import_id: int, rows: Sequence[RawPerson], now: datetime, cells: Sequence[Sequence[str]] = ()
) -> None:
    """Keep rows as `stage_rows` does, in the caller's transaction: what else it writes stands or falls with them."""
    db.require_atomic()
    items = []
    found: Counter[str] = Counter()
    for index, person in enumerate(rows):
        given = {name: value for name in _PERSON_FIELDS if (value := getattr(person, name))}
        raw: dict[str, Any] = {
            "person": {
                name: value if name in _IDENTIFIERS else without_card_data(value, found)
                for name, value in given.items()
            }
        }
        if cells:
            raw["cells"] = [without_card_data(cell, found) for cell in cells[index]]
        items.append({"number": person.row_number, "raw": raw})
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


def begin_apply(*, import_id: int, now: datetime, hints: bool = True) -> None:
    """Close staging and have the rows applied, by a worker unless the caller does it (`hints`). Raises Stale unless staging."""
    with db.use_case():
        list_import = _locked(import_id, STATE.STAGING)
        if list_import.file_id is not None:
            rows_in = ImportFile.objects.values_list("row_count", flat=True).get(id=list_import.file_id)
        else:
            rows_in = ImportRow.objects.filter(list_import_id=import_id).count()
        ListImport.objects.filter(id=import_id).update(
            state=STATE.APPLYING, rows_in=rows_in, progressed_at=now
        )
        if hints:
            enqueue_on_commit(jobs.APPLY_IMPORT, import_id=import_id)


def fail_import(*, import_id: int, failure: str, now: datetime) -> None:
    """End an import that could not be read, and remove its staged rows. `failure` says what failed and what to do.

    Raises Stale once its rows are being applied: from there on it can only be finished.
    """
    with db.use_case():
        list_import = _locked(import_id, STATE.STAGING)
        ImportRow.objects.filter(list_import_id=import_id).delete()
        list_import.state, list_import.failure = STATE.FAILED, _storable(failure)
        ListImport.objects.filter(id=import_id).update(
            state=STATE.FAILED, failure=list_import.failure, finished_at=now, progressed_at=now
        )
        notices.tell_of_import(list_import, now=now)
        audit.record(
            actor="import",
            verb="campaigns.import.failed",
            target=f"import:{import_id}",
            now=now,
            after={"why": failure[:500]},
        )


def apply_import(
    *,
    import_id: int,
    now: datetime,
    batches: int = BATCHES_A_TASK,
    clock: Callable[[], datetime] | None = None,
) -> bool:
    """Apply up to `batches` batches of rows, and have the rest applied by another task; return whether the import is done.

    Returns False at once if another worker is applying it. An import that is not being applied (staging, failed) is left
    alone: a repeated or late hint finds nothing to do. `clock`, where given, says the time of each batch.
    """
    started = ListImport.objects.filter(id=import_id, state=STATE.APPLYING).first()
    if started is None:
        return ListImport.objects.filter(id=import_id, state__in=ENDED).exists()
    with applying.source_of(started, batch_rows=BATCH_ROWS, now=now) as source:
        for _ in range(batches):
            with db.use_case():
                list_import = (
                    ListImport.objects.select_for_update(skip_locked=True)
                    .filter(id=import_id, state=STATE.APPLYING)
                    .first()
                )
                if list_import is None:
                    return ListImport.objects.filter(id=import_id, state__in=ENDED).exists()
                if source.is_behind(applying.placed_of(list_import)):
                    return False
                if list_import.stop_asked_by:
                    _finish(list_import, now, state=STATE.STOPPED)
                    return True
                moment = clock() if clock else now
                if not _apply_batch(list_import, source, moment):
                    _finish(list_import, moment, state=STATE.DONE)
                    return True
    enqueue_on_commit(jobs.APPLY_IMPORT, import_id=import_id)
    return False


def stop_import(*, import_id: int, by_name: str, now: datetime) -> None:
    """Have an import end after the batch under way; what is imported stays, and can be taken back. Raises Stale unless applying."""
    with db.use_case():
        list_import = _locked(import_id, STATE.APPLYING)
        if list_import.stop_asked_by:
            return
        ListImport.objects.filter(id=import_id).update(stop_asked_by=by_name)
        audit.record(actor=by_name, verb="campaigns.import.stop_asked", target=f"import:{import_id}", now=now)
        enqueue_on_commit(jobs.APPLY_IMPORT, import_id=import_id)


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


def _apply_batch(list_import: ListImport, source: applying.Source, now: datetime) -> int:
    """Apply the next rows in order and return how many there were. The caller holds the import's row."""
    # A batch lost with the server is a batch not done: rows and progress go together, and the import goes on from there.
    db.commit_without_waiting()
    rows = applying.apply_batch(list_import, source, now)
    counts = Counter(str(row.outcome) for row in rows)
    if rows:
        ListImport.objects.filter(id=list_import.id).update(
            progressed_at=now, **{name: F(name) + counts[name] for name in applying.OUTCOMES}
        )
    return len(rows)


def _finish(list_import: ListImport, now: datetime, *, state: str) -> None:
    tagging.tag_people(list_import, now=now)
    added = filling.fill_from_list(list_import.lead_list_id, now=now)
    ListImport.objects.filter(id=list_import.id).update(
        state=state, finished_at=now, progressed_at=now, file=None
    )
    if list_import.file_id is not None:
        ImportFile.objects.filter(id=list_import.file_id).delete()
    sums = {name: getattr(list_import, name) for name in ("rows_in", *applying.OUTCOMES)}
    audit.record(
        actor=list_import.stop_asked_by or "import",
        verb=f"campaigns.import.{state}",
        target=f"import:{list_import.id}",
        now=now,
        after={**sums, "added_to_campaigns": added},
    )
    list_import.state = state
    notices.tell_of_import(list_import, now=now)
    log.info("campaigns.import.done", import_id=list_import.id, state=str(state), **sums)


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
