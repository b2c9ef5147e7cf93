"""E-mails that ask not to be contacted: those that wait for a person, and what became of the others."""

from dataclasses import dataclass
from datetime import datetime

from compliance.models import MailRequest
from compliance.reads.paging import Page, page_of
from core.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow:
    """One e-mail; `outcome` is empty while it waits."""

    id: int
    address: str
    raw_words: str
    meaning: str
    matched_by: str
    received_at: datetime
    recorded_by: str
    outcome: str
    numbers: tuple[str, ...]
    note: str
    settled_by: str
    settled_at: datetime | None


def list_mail(*, waiting: bool, before: int | None = None) -> Page[MailRow]:
    """Return the e-mails that wait, or those that are settled, newest first. Hidden SQL: one query."""
    rows = MailRequest.objects.filter(settlement__isnull=waiting).select_related("settlement")
    return page_of(rows, _row, before=before)


def count_waiting() -> int:
    """Return how many e-mails wait for a person. Hidden SQL: one query."""
    return MailRequest.objects.filter(settlement__isnull=True).count()


def get_mail(request_id: int) -> MailRow:
    """Return one e-mail; raises NotFound. Hidden SQL: one query."""
    row = MailRequest.objects.select_related("settlement").filter(pk=request_id).first()
    if row is None:
        raise NotFound("There is no such e-mail.")
    return _row(row)


def _row(row: MailRequest) -> MailRow:
    settlement = getattr(row, "settlement", None)
    return MailRow(
        id=row.pk,
        address=row.address,
        raw_words=row.raw_words,
        meaning=row.meaning,
        matched_by=row.matched_by,
        received_at=row.received_at,
        recorded_by=row.recorded_by,
        outcome=settlement.outcome if settlement else "",
        numbers=tuple(settlement.numbers) if settlement else (),
        note=settlement.note if settlement else "",
        settled_by=settlement.settled_by if settlement else "",
        settled_at=settlement.at if settlement else None,
    )
