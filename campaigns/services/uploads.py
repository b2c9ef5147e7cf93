"""A checked file → an import."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from campaigns import csvfile
from campaigns.csvfile import CsvRow, CsvTable
from campaigns.services import imports

ROWS_A_WRITE = 2_000  # bounds memory, whatever the file's length


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
    """Stage a file that csvfile.check() accepted, have it applied, and return the import's id.

    Raises imports.ImportRefused for an unusable list name. A file that changes under our hands fails the import.
    """
    import_id = imports.start_import(
        list_name=list_name,
        source="csv",
        source_label=file_name,
        source_ref="",
        by_id=by_id,
        by_name=by_name,
        now=now,
        header=table.header,
    )
    rows = csvfile.read(stream, table)
    try:
        while batch := _take(rows):
            imports.stage_rows(
                import_id=import_id,
                rows=[row.person for row in batch],
                cells=[row.cells for row in batch],
                now=now,
            )
    except csvfile.CsvRefused as refusal:
        imports.fail_import(import_id=import_id, failure=str(refusal), now=now)
    else:
        imports.begin_apply(import_id=import_id, now=now)
    return import_id


def _take(rows: Iterator[CsvRow]) -> list[CsvRow]:
    return list(islice(rows, ROWS_A_WRITE))
