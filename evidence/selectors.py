"""The packs that were made, for the page; and what the records say about a file. Reads only."""

import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO

from django.conf import settings

from core.errors import NotFound
from evidence.canonical import JSON_NAME, PDF_NAME
from evidence.checking import Checked
from evidence.models import EvidencePack

PAGE = 25
PARTS = {"zip": "application/zip", "json": "application/json", "pdf": "application/pdf"}
_MEMBERS = {"json": JSON_NAME, "pdf": PDF_NAME}


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRow:
    """One pack as the list shows it."""

    id: int
    number: str
    complaint: str
    reason: str
    since: date | None
    until: date | None
    made_by: str
    made_at: datetime
    summary: str
    rows: int
    pages: int
    size: int
    sha256: str
    is_there: bool  # its file can still be downloaded


@dataclass(frozen=True, slots=True, kw_only=True)
class PackPage:
    """A page of packs, newest first; `next_before` continues it, None at the end."""

    rows: tuple[PackRow, ...]
    next_before: int | None


def list_packs(*, before: int | None = None, limit: int = PAGE) -> PackPage:
    """Return the packs made, newest first. Hidden SQL: one query."""
    found = EvidencePack.objects.order_by("-id")
    if before is not None:
        found = found.filter(id__lt=before)
    rows = list(found[: limit + 1])
    shown = tuple(_row(row) for row in rows[:limit])
    return PackPage(rows=shown, next_before=shown[-1].id if len(rows) > limit else None)


def open_part(pack_id: int, part: str) -> tuple[IO[bytes], str]:
    """Return a part of a pack (zip, json, pdf) to read, and a name for it without the number; raises NotFound."""
    row = EvidencePack.objects.filter(pk=pack_id).first()
    if row is None or part not in PARTS:
        raise NotFound("There is no such evidence pack.")
    name = f"evidence-{row.pk}-{row.sha256[:12]}.{part}"
    try:
        if part == "zip":
            return _path(row).open("rb"), name
        return zipfile.ZipFile(_path(row)).open(_MEMBERS[part]), name
    except (OSError, KeyError, zipfile.BadZipFile):
        raise NotFound("The pack's file is no longer there. Make a new one: the records stand.") from None


def recorded_problems(found: Checked) -> tuple[int | None, list[str]]:
    """Return which recorded pack a checked file is (None for none), and what differs from the record. Hidden SQL: two queries."""
    if found.manifest is not None:
        row = EvidencePack.objects.filter(sha256=str(found.manifest.get("sha256", ""))[:64]).first()
        what = "manifest"
    elif found.content_sha256:
        row, what = EvidencePack.objects.filter(content_sha256=found.content_sha256).first(), "content"
    else:
        row, what = EvidencePack.objects.filter(pdf_sha256=found.pdf_sha256).first(), "document"
    if row is None:
        return None, [f"No pack on record has this {what} hash."]
    problems = [
        f"The record names another {name}."
        for name in ("content_sha256", "json_sha256", "pdf_sha256")
        if getattr(found, name) and getattr(found, name) != getattr(row, name)
    ]
    before = EvidencePack.objects.filter(id__lt=row.pk).order_by("-id").first()
    if row.prev_sha256 != (before.sha256 if before else ""):
        problems.append("The pack before it on record is not the one it was linked to.")
    return row.pk, problems


def _path(row: EvidencePack) -> Path:
    return Path(settings.EVIDENCE_DIR) / row.file


def _row(row: EvidencePack) -> PackRow:
    return PackRow(
        id=row.pk,
        number=row.number,
        complaint=row.complaint,
        reason=row.reason,
        since=row.since,
        until=row.until,
        made_by=row.made_by,
        made_at=row.made_at,
        summary=row.summary,
        rows=sum(row.counts.values()),
        pages=row.pages,
        size=row.size,
        sha256=row.sha256,
        is_there=_path(row).is_file(),
    )
