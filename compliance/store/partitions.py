"""Months of the decision table: made ahead of time, found by name, and what went astray brought home."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import structlog
from django.db import connection

from core import db

log = structlog.get_logger(__name__)

PARENT = "compliance_compliancedecision"
DEFAULT = "compliance_decision_default"
MONTHS_AHEAD = 2
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"  # the gate must not queue behind us for longer
PARTITIONS = """
    SELECT child.relname, pg_total_relation_size(child.oid), pg_table_size(child.oid), child.reltuples::bigint
    FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
    WHERE inhparent = %s::regclass ORDER BY child.relname
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """One month's table. `month` None: the default one, for verdicts of a month nobody made a table for."""

    name: str
    month: date | None
    total_bytes: int
    table_bytes: int
    rows_about: int  # the planner's estimate; -1 = never counted


def list_partitions() -> tuple[Partition, ...]:
    """Return the partitions, oldest first, the default one last. Hidden SQL: one query."""
    with connection.cursor() as cursor:
        cursor.execute(PARTITIONS, [PARENT])
        rows = cursor.fetchall()
    found = [
        Partition(name=name, month=_month_of(name), total_bytes=total, table_bytes=table, rows_about=about)
        for name, total, table, about in rows
    ]
    return tuple(sorted(found, key=lambda each: each.month or date.max))


def manage_partitions(*, now: datetime) -> tuple[str, ...]:
    """Make the months from the present one to two ahead, and home verdicts from the default partition; return what was made.

    May be repeated, and run by several processes at once. Raises OperationalError when the gate keeps the table locked for 5 s;
    the next run makes up for it.
    """
    with db.use_case():
        db.advisory_xact_lock(db.lock_key("compliance.partitions"))
        standing = {each.month for each in list_partitions()}
        first = now.astimezone(UTC).date().replace(day=1)
        wanted = {_plus(first, months) for months in range(MONTHS_AHEAD + 1)}
        astray = _astray_months()
        missing = sorted((wanted | astray) - standing)
        if missing or astray:
            _make(missing, home_astray=bool(astray))
    if missing:
        log.info("compliance.partitions.made", months=[f"{month:%Y-%m}" for month in missing])
    return tuple(name_of(month) for month in missing)


def name_of(month: date) -> str:
    """Return the name of the month's table."""
    return f"compliance_decision_{month:%Y_%m}"


def next_month(month: date) -> date:
    """Return the first day of the following month."""
    return _plus(month, 1)


def _make(months: list[date], *, home_astray: bool) -> None:
    """Create the months. Verdicts in the default partition move: it is taken off, its rows put in again, and it is dropped."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_TIMEOUT)
        if home_astray:
            cursor.execute(f"ALTER TABLE {PARENT} DETACH PARTITION {DEFAULT}")
            cursor.execute(f"ALTER TABLE {DEFAULT} RENAME TO {DEFAULT}_leaving")
            _create(cursor, DEFAULT, "DEFAULT")
        for month in months:
            start, end = (f"{day} 00:00:00+00" for day in (month, next_month(month)))
            _create(cursor, name_of(month), f"FOR VALUES FROM ('{start}') TO ('{end}')")
        if home_astray:
            names = _columns(cursor)
            cursor.execute(f"INSERT INTO {PARENT} ({names}) SELECT {names} FROM {DEFAULT}_leaving")  # noqa: S608 - names of ours
            cursor.execute(f"DROP TABLE {DEFAULT}_leaving")


def _create(cursor: object, name: str, bound: str) -> None:
    cursor.execute(f"CREATE TABLE {name} PARTITION OF {PARENT} {bound}")  # type: ignore[attr-defined]  # Django's cursor has no type
    cursor.execute(  # type: ignore[attr-defined]
        f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {name} FOR EACH STATEMENT EXECUTE FUNCTION parley_append_only()"
    )


def _columns(cursor: object) -> str:
    cursor.execute(  # type: ignore[attr-defined]
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        [PARENT],
    )
    return str(cursor.fetchone()[0])  # type: ignore[attr-defined]


def _astray_months() -> set[date]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT date_trunc('month', decided_at AT TIME ZONE 'UTC')::date FROM {DEFAULT}"  # noqa: S608
        )
        return {row[0] for row in cursor.fetchall()}


def _month_of(name: str) -> date | None:
    if name == DEFAULT:
        return None
    year, month = name.rsplit("_", 2)[-2:]
    return date(int(year), int(month), 1)


def _plus(month: date, count: int) -> date:
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)
