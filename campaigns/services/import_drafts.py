"""Files on their way to an import: kept, read anew as somebody says, their columns named, and begun or thrown away."""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import BinaryIO

from django.conf import settings

from campaigns import csvfile, guessing, importplan, sheets
from campaigns.csvfile import CsvRefused, CsvTable
from campaigns.importplan import Plan
from campaigns.models import ImportFile, ImportTemplate, ListImport
from campaigns.selectors import customfields as fields_read
from campaigns.services import customfields, filestore, imports, masking, uploads
from core import audit, db
from core.errors import AppError, NotFound, Stale

KEPT_FOR = timedelta(days=7)
NEW_FIELD = "new:"  # "new:date": a field of that kind is made, named as the column


class PlanRefused(AppError):
    """What was chosen for a file does not go together; `problems` says it sentence by sentence."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


def keep_upload(
    *, stream: BinaryIO, file_name: str, list_name: str, by_id: int | None, now: datetime, kind: str = "text"
) -> int:
    """Keep a file or pasted rows, with a first guess at everything, and return its id.

    Raises CsvRefused for what cannot be read, ImportRefused for an unusable list name.
    """
    name = imports.usable_list_name(list_name)
    stream.seek(0)
    if sheets.looks_like_one(stream.read(4)):
        sheet = sheets.as_text(stream, max_rows=settings.IMPORT_MAX_ROWS)
        with closing(sheet.text) as text:
            return _keep(text, file_name, name, "sheet", sheet.notes, by_id, now)
    return _keep(stream, file_name, name, kind, (), by_id, now)


def _keep(
    text: BinaryIO,
    file_name: str,
    name: str,
    kind: str,
    notes: Sequence[str],
    by_id: int | None,
    now: datetime,
) -> int:
    table = csvfile.inspect(text, max_rows=settings.IMPORT_MAX_ROWS)
    plan = guessing.proposed(table, _remembered(table.header))
    with db.use_case():
        kept = ImportFile.objects.create(
            name=file_name.replace("\x00", "")[:200],
            kind=kind,
            size=0,
            list_name=name,
            plan=importplan.as_json(plan),
            header=list(table.header),
            samples=_samples(table),
            row_count=table.row_count,
            notes=" ".join(notes),
            created_at=now,
            created_by_id=by_id,
        )
        size = filestore.keep(kept.pk, filestore.in_pieces(text))
        ImportFile.objects.filter(pk=kept.pk).update(size=size)
    return kept.pk


def read_anew(*, file_id: int, encoding: str, separator: str, has_header: bool) -> None:
    """Read the file as somebody says it is to be read; what the columns mean is guessed anew. Raises CsvRefused, NotFound, Stale."""
    if encoding not in csvfile.ENCODINGS or separator not in csvfile.SEPARATORS:
        raise CsvRefused("Choose an encoding and a separator from the lists.")
    with closing(filestore.opened(file_id)) as stream:
        table = csvfile.inspect(
            stream,
            max_rows=settings.IMPORT_MAX_ROWS,
            encoding=encoding,
            separator=separator,
            has_header=has_header,
        )
    plan = guessing.proposed(table, _remembered(table.header))
    with db.use_case():
        _changeable(file_id)
        ImportFile.objects.filter(pk=file_id).update(
            plan=importplan.as_json(plan),
            header=list(table.header),
            samples=_samples(table),
            row_count=table.row_count,
            trial="",
            trial_found={},
            trial_at=None,
        )


def choose(*, file_id: int, choices: Mapping[str, object], by_name: str, now: datetime) -> Plan:
    """Store choices for the file (fields of Plan) and forget what a trial found; return the plan.

    A target "new:date" makes a field of the house's own. Raises PlanRefused with every problem, and then stores nothing.
    """
    with db.use_case():
        kept = _changeable(file_id)
        plan = dataclasses.replace(importplan.from_json(kept.plan), **choices)  # type: ignore[arg-type]  # checked below
        if len(plan.targets) != len(kept.header):
            raise Stale("The file was read anew meanwhile. Look at its columns again.")
        targets = tuple(
            f"{importplan.CUSTOM}{_field_for(kept.header[position], target, by_name, now)}"
            if target.startswith(NEW_FIELD)
            else target
            for position, target in enumerate(plan.targets)
        )
        plan = dataclasses.replace(plan, targets=targets)
        if problems := importplan.why_not(plan, names=kept.header, custom=list(fields_read.specs())):
            raise PlanRefused(problems)
        ImportFile.objects.filter(pk=file_id).update(
            plan=importplan.as_json(plan), trial="", trial_found={}, trial_at=None
        )
    return plan


def begin(*, file_id: int, by_id: int | None, by_name: str, now: datetime) -> int:
    """Have the file imported by its plan, remember the plan for the next such file, and return the import's id.

    Raises PlanRefused, NotFound, Stale when it is imported already.
    """
    with db.use_case():
        kept = _changeable(file_id)
        plan = importplan.from_json(kept.plan)
        if problems := importplan.why_not(plan, names=kept.header, custom=list(fields_read.specs())):
            raise PlanRefused(problems)
        ImportTemplate.objects.update_or_create(
            header_key=guessing.header_key(kept.header),
            defaults={
                "name": kept.name,
                "header": kept.header,
                "plan": importplan.as_json(guessing.remembered_part(plan, kept.header)),
                "used_at": now,
            },
        )
    return uploads.begin(file_id=file_id, by_id=by_id, by_name=by_name, now=now)


def discard(*, file_id: int, by_name: str, now: datetime) -> None:
    """Throw a file away that is not imported. Raises NotFound, Stale."""
    with db.use_case():
        kept = _changeable(file_id)
        audit.record(
            actor=by_name,
            verb="campaigns.import.file_discarded",
            target=f"import-file:{file_id}",
            now=now,
            after={"name": kept.name},
        )
        kept.delete()


def purge_abandoned(now: datetime) -> int:
    """Throw away files nobody imported within a week; return how many."""
    with db.use_case():
        old = ImportFile.objects.filter(created_at__lt=now - KEPT_FOR).exclude(
            id__in=ListImport.objects.filter(file__isnull=False).values("file_id")
        )
        count = old.count()
        old.delete()
    return count


def _samples(table: CsvTable) -> list[Sequence[str]]:
    return [masking.cells_without_cards(list(cells), Counter()) for cells in table.samples]


def _changeable(file_id: int) -> ImportFile:
    kept = ImportFile.objects.select_for_update().filter(pk=file_id).first()
    if kept is None:
        raise NotFound("This file is not kept any more. Upload it again.")
    if ListImport.objects.filter(file_id=file_id).exists():
        raise Stale("This file is being imported already.")
    if kept.trial in (ImportFile.Trial.WAITING, ImportFile.Trial.RUNNING):
        raise Stale("The file is being tried out. Wait for the result, or stop it.")
    return kept


def _remembered(header: Sequence[str]) -> Plan | None:
    found = (
        ImportTemplate.objects.filter(header_key=guessing.header_key(header))
        .values_list("plan", flat=True)
        .first()
    )
    return None if found is None else importplan.from_json(found)


def _field_for(column: str, target: str, by_name: str, now: datetime) -> str:
    return customfields.ensure_field(
        label=column, kind=target.removeprefix(NEW_FIELD), choices=(), by_name=by_name, now=now
    )
