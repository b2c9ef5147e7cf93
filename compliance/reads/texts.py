"""Texts people sent us."""

from dataclasses import dataclass
from datetime import datetime

from compliance.models import ReceivedText
from compliance.reads.paging import Page, page_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRow:
    """One text, as it was read and answered."""

    id: int
    number: str
    our_number: str
    raw_words: str
    meaning: str
    matched_by: str
    answer: str
    received_at: datetime


def list_texts(*, number_contains: str = "", before: int | None = None) -> Page[TextRow]:
    """Return texts that came in, newest first. Hidden SQL: one query."""
    rows = ReceivedText.objects.all()
    if number_contains:
        rows = rows.filter(number__contains=number_contains)
    return page_of(rows, _row, before=before)


def _row(row: ReceivedText) -> TextRow:
    return TextRow(
        id=row.pk,
        number=row.number,
        our_number=row.our_number,
        raw_words=row.raw_words,
        meaning=row.meaning,
        matched_by=row.matched_by,
        answer=row.answer,
        received_at=row.received_at,
    )
