"""What was done to many people at once, as the pages show it."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.models import BulkAction
from core.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkFacts:
    """One action."""

    id: int
    said: str
    people: int | None
    job_id: int | None
    started_at: datetime
    started_by: str
    undone_at: datetime | None
    undone_by: str
    may_be_undone: bool
    is_final: bool  # for good: a request not to be called


def recent_actions(limit: int = 20) -> list[BulkFacts]:
    """Return the latest actions, newest first, in one query."""
    return [_facts(row) for row in BulkAction.objects.order_by("-id")[:limit]]


def action_of_job(job_id: int) -> BulkFacts:
    """Return the action that a job does, in one query. Raises NotFound."""
    row = BulkAction.objects.filter(job_id=job_id).first()
    if row is None:
        raise NotFound("There is no such action.")
    return _facts(row)


def get_action(action_id: int) -> BulkFacts:
    """Return one action, in one query. Raises NotFound."""
    row = BulkAction.objects.filter(pk=action_id).first()
    if row is None:
        raise NotFound("There is no such action.")
    return _facts(row)


def _facts(row: BulkAction) -> BulkFacts:
    is_final = row.verb == BulkAction.Verb.DO_NOT_CALL
    return BulkFacts(
        id=row.pk,
        said=row.said,
        people=row.people,
        job_id=row.job_id,
        started_at=row.started_at,
        started_by=row.started_by,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        may_be_undone=row.done_at is not None and row.undone_at is None and not is_final,
        is_final=is_final,
    )
