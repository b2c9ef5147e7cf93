"""Fields of the house's own that lists are filtered and sorted by without waiting: each has an index of its own.

Managers say which; a worker makes and removes the indexes beside everybody's work, so that no row is locked meanwhile. What there is, the
database's catalogue alone says: a worker that dies leaves an index that is not valid, and the next one makes it anew.
"""

from datetime import datetime
from typing import Final

import structlog
from django.db import connection

from campaigns import jobs
from campaigns.models import CustomField
from campaigns.segments.fields import OWN_KINDS
from campaigns.selectors.customfields import index_of, indexes
from campaigns.selectors.own_sql import value_sql
from core import audit, db
from core.errors import AppError, NotFound
from core.jobs import enqueue_on_commit

log = structlog.get_logger(__name__)

MOST_QUICK: Final = (
    12  # each makes an import of a million people slower by seconds, and takes tens of megabytes
)


class TooManyQuick(AppError):
    """As many fields are quick as may be."""


def set_quick(*, key: str, is_quick: bool, by_name: str, now: datetime) -> None:
    """Have a field made quick to filter and sort by, or let it be slow again. Raises TooManyQuick, NotFound."""
    with db.use_case():
        rows = {row.key: row for row in CustomField.objects.select_for_update().order_by("pk")}
        row = rows.get(key)
        if row is None:
            raise NotFound("This field does not exist.")
        if row.is_quick == is_quick:
            return
        if is_quick and sum(each.is_quick for each in rows.values()) >= MOST_QUICK:
            raise TooManyQuick(
                f"{MOST_QUICK} fields are quick already, which is the most there can be. Let one of them be slow first."
            )
        row.is_quick = is_quick
        row.save(update_fields=["is_quick"])
        audit.record(
            actor=by_name,
            verb="campaigns.field.made_quick" if is_quick else "campaigns.field.made_slow",
            target=f"custom-field:{row.pk}",
            now=now,
            after={"label": row.label, "is_quick": is_quick},
        )
        enqueue_on_commit(jobs.KEEP_QUICK)


def keep_indexes() -> int:
    """Make the indexes that are missing and drop those nobody wants; return how many. Minutes, for a million people."""
    db.refuse_in_atomic("Making an index")
    key = db.lock_key("campaigns.quick_fields")
    if not db.try_session_locks([key]):
        return 0  # another worker is at it
    try:
        wanted = {index_of(row.pk): row for row in CustomField.objects.filter(is_quick=True).order_by("pk")}
        standing = indexes()
        useless = sorted(name for name, is_valid in standing.items() if name not in wanted or not is_valid)
        missing = sorted(name for name in wanted if not standing.get(name))
        for name in useless:
            _run(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        for name in missing:
            value = value_sql(OWN_KINDS[wanted[name].kind], wanted[name].key)
            _run(f"CREATE INDEX CONCURRENTLY {name} ON campaigns_contact (({value}), id)")
            log.info("campaigns.field.indexed", field=wanted[name].key)
        if missing:
            _run("ANALYZE campaigns_contact")  # else the planner does not know how rare a value is
    finally:
        db.release_session_lock(key)
    return len(useless) + len(missing)


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
