"""A dry run: the import itself, in a transaction that is rolled back. So it finds what the import will find, and writes nothing.

What it found is kept beside the file: counts, examples of each kind, and a report with every row.
"""

import csv
import io
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import cache
from django.db import connection, transaction

from campaigns import csvfile, jobs
from campaigns.models import ImportFile, ImportFilePart, LeadList, ListImport
from campaigns.services import applying, filestore, import_drafts
from core import db
from core.cells import harmless
from core.errors import AppError, NotFound
from core.jobs import enqueue_on_commit

log = structlog.get_logger(__name__)

EXAMPLES = 5  # of each outcome and reason
BATCH_ROWS = 5_000
HINT_LOST_AFTER = timedelta(minutes=1)
DIED_AFTER = timedelta(minutes=35)  # longer than a worker may take
_KEPT_SECONDS = 3_600
OUR_FAULT = (
    "The dry run failed by a fault of Parley’s own, which is in the log. Nothing was imported. Try it again."
)
TRIAL = ImportFile.Trial


class Stopped(AppError):
    """Somebody stopped the dry run."""


def start_trial(*, file_id: int, by_name: str, now: datetime) -> None:
    """Have the file tried out. Raises PlanRefused, NotFound, Stale."""
    import_drafts.choose(file_id=file_id, choices={}, by_name=by_name, now=now)
    with db.use_case():
        ImportFile.objects.filter(pk=file_id).update(trial=TRIAL.WAITING, trial_at=now, trial_said="")
        cache.delete_many([_progress_key(file_id), _stop_key(file_id)])
        enqueue_on_commit(jobs.TRY_IMPORT, file_id=file_id)


def stop_trial(*, file_id: int) -> None:
    """Have the dry run end soon. Raises NotFound."""
    with db.use_case():
        kept = ImportFile.objects.select_for_update().filter(pk=file_id).first()
        if kept is None:
            raise NotFound("This file is not kept any more. Upload it again.")
        if kept.trial == TRIAL.WAITING:
            _end_failed(file_id, "It was stopped. Nothing was imported.")
    cache.set(_stop_key(file_id), True, _KEPT_SECONDS)


def run_trial(*, file_id: int, now: datetime) -> bool:
    """Try the file out, if it waits for that; return whether this worker did."""
    with db.use_case():
        waiting = ImportFile.objects.filter(pk=file_id, trial=TRIAL.WAITING)
        if not waiting.update(trial=TRIAL.RUNNING, trial_at=now):
            return False
    try:
        found, report = _tried(ImportFile.objects.get(pk=file_id), now)
    except (AppError, csvfile.CsvRefused) as error:
        said = str(error)
    except SoftTimeLimitExceeded:
        said = "The file is too long for a dry run. Split it, or import it and take it back if the result is not what you want."
    except Exception:  # the page must not wait for ever; the worker's log has the rest
        with db.use_case():
            _end_failed(file_id, OUR_FAULT)
        raise
    else:
        with closing(report), db.use_case():
            filestore.keep(file_id, filestore.in_pieces(report), of=ImportFilePart.Of.REPORT)
            ImportFile.objects.filter(pk=file_id).update(trial=TRIAL.DONE, trial_found=found, trial_at=now)
        return True
    with db.use_case():
        _end_failed(file_id, said)
    return True


def progress_of(file_id: int) -> int:
    """Return how many rows the dry run has tried so far."""
    return int(cache.get(_progress_key(file_id), 0))


def resume_lost(now: datetime) -> int:
    """Send lost hints of dry runs again, end those whose worker died; return how many were touched."""
    lost = ImportFile.objects.filter(trial=TRIAL.WAITING, trial_at__lt=now - HINT_LOST_AFTER).order_by("id")
    ids = list(lost.values_list("id", flat=True))
    with db.use_case():
        for file_id in ids:
            ImportFile.objects.filter(pk=file_id, trial=TRIAL.WAITING).update(trial_at=now)
            enqueue_on_commit(jobs.TRY_IMPORT, file_id=file_id)
        died = ImportFile.objects.filter(trial=TRIAL.RUNNING, trial_at__lt=now - DIED_AFTER)
        ended = died.update(
            trial=TRIAL.FAILED, trial_said="The worker was lost. Nothing was imported. Try it again."
        )
    return len(ids) + ended


def _tried(kept: ImportFile, now: datetime) -> tuple[dict[str, Any], BinaryIO]:
    """Import the file and undo all of it; return what was found and the report, which the caller closes."""
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], list[list[str]]] = {}
    report = _Report(kept.header)
    try:
        with db.use_case():
            with connection.cursor() as cursor:
                # Checked statement by statement: the checks of a million rows would wait in memory for an end that never comes.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            list_import = _pretended(kept, now)
            with applying.source_of(list_import, batch_rows=BATCH_ROWS, now=now) as source:
                while rows := applying.apply_batch(list_import, source, now):
                    _count(rows, counts, examples)
                    report.add(rows)
                    _tell(kept.pk, sum(counts.values()))
            transaction.set_rollback(True)
    except BaseException:
        report.file.close()
        raise
    return _summary(counts, examples), report.finished()


def _pretended(kept: ImportFile, now: datetime) -> ListImport:
    lead_list, _ = LeadList.objects.get_or_create(name=kept.list_name, defaults={"created_at": now})
    return ListImport.objects.create(
        lead_list=lead_list,
        source="csv",
        source_label=kept.name,
        state=ListImport.State.APPLYING,
        file_id=kept.pk,
        plan=kept.plan,
        header=kept.header,
        rows_in=kept.row_count,
        started_at=now,
        progressed_at=now,
    )


def _count(
    rows: Sequence[applying.Row],
    counts: Counter[tuple[str, str]],
    examples: dict[tuple[str, str], list[list[str]]],
) -> None:
    for row in rows:
        key = (str(row.outcome), row.code)
        counts[key] += 1
        if counts[key] <= EXAMPLES:
            given = ", ".join(cell for cell in row.cells if cell)[:120]
            examples.setdefault(key, []).append([str(row.number), given, row.reason])


def _tell(file_id: int, done: int) -> None:
    cache.set(_progress_key(file_id), done, _KEPT_SECONDS)
    if cache.get(_stop_key(file_id)):
        raise Stopped("It was stopped. Nothing was imported.")


def _summary(
    counts: Counter[tuple[str, str]], examples: dict[tuple[str, str], list[list[str]]]
) -> dict[str, Any]:
    order = {name: index for index, name in enumerate(applying.OUTCOMES)}
    classes = [
        {"outcome": outcome, "code": code, "rows": number, "examples": examples[outcome, code]}
        for (outcome, code), number in sorted(
            counts.items(), key=lambda item: (order[item[0][0]], -item[1], item[0])
        )
    ]
    sums = {
        name: sum(number for (outcome, _), number in counts.items() if outcome == name)
        for name in applying.OUTCOMES
    }
    return {"rows_in": sum(counts.values()), **sums, "classes": classes}


def _end_failed(file_id: int, said: str) -> None:
    ImportFile.objects.filter(pk=file_id).update(trial=TRIAL.FAILED, trial_said=said)


def _progress_key(file_id: int) -> str:
    return f"import-trial:{file_id}"


def _stop_key(file_id: int) -> str:
    return f"import-trial-stop:{file_id}"


class _Report:
    """Every row with its outcome, as CSV in a file."""

    def __init__(self, header: Sequence[str]) -> None:
        self.file = tempfile.SpooledTemporaryFile(max_size=8 << 20)  # noqa: SIM115 - closed by who gets it
        self.text = io.StringIO()
        self.writer = csv.writer(self.text)
        self.writer.writerow([*csvfile.OUR_COLUMNS, "outcome", *header])
        self._flush("\ufeff")  # without the mark, Excel reads UTF-8 as Windows-1252

    def add(self, rows: Sequence[applying.Row]) -> None:
        for row in rows:
            cells = [str(row.number), row.reason or row.code, str(row.outcome), *row.cells]
            self.writer.writerow([harmless(cell) for cell in cells])
        self._flush()

    def finished(self) -> BinaryIO:
        return self.file  # type: ignore[return-value]  # it is one in all but name

    def _flush(self, before: str = "") -> None:
        self.file.write((before + self.text.getvalue()).encode())
        self.text.seek(0)
        self.text.truncate()
