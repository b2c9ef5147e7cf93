"""A checked file → an import."""

from datetime import datetime
from typing import BinaryIO

from campaigns import csvheader, importplan
from campaigns.csvfile import CsvTable
from campaigns.importplan import Plan
from campaigns.models import ImportFile
from campaigns.services import filestore, imports
from core import db


def import_csv(
    *,
    stream: BinaryIO,
    table: CsvTable,
    list_name: str,
    file_name: str,
    by_id: int | None,
    by_name: str,
    now: datetime,
) -> int:
    """Keep a file that csvfile.check() accepted, have it imported by its column names and the usual rules, and return the import's id.

    Raises imports.ImportRefused for an unusable list name.
    """
    plan = Plan(
        encoding=table.encoding,
        separator=table.separator,
        has_header=table.has_header,
        targets=tuple(csvheader.target_of(name) for name in table.header),
    )
    name = imports.usable_list_name(list_name)
    with db.use_case():
        kept = ImportFile.objects.create(
            name=file_name.replace("\x00", "")[:200],
            kind="text",
            size=0,
            list_name=name,
            plan=importplan.as_json(plan),
            header=list(table.header),
            row_count=table.row_count,
            created_at=now,
            created_by_id=by_id,
        )
        size = filestore.keep(kept.pk, filestore.in_pieces(stream))
        ImportFile.objects.filter(pk=kept.pk).update(size=size)
    return begin(file_id=kept.pk, by_id=by_id, by_name=by_name, now=now)


def begin(*, file_id: int, by_id: int | None, by_name: str, now: datetime) -> int:
    """Have a kept file imported by its plan; return the import's id."""
    kept = ImportFile.objects.get(pk=file_id)
    import_id = imports.start_import(
        list_name=kept.list_name,
        source="csv",
        source_label=kept.name,
        source_ref="",
        by_id=by_id,
        by_name=by_name,
        now=now,
        header=kept.header,
        plan=importplan.from_json(kept.plan),
        file_id=kept.pk,
    )
    imports.begin_apply(import_id=import_id, now=now)
    return import_id
