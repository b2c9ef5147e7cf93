"""Transactions and locks: one use case, one transaction, no network inside it."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, connections, transaction

Found = TypeVar("Found")
FEW = 2  # rows that are cheaper to insert in one round trip than to copy in several; measured, five are not
_UNCHECKED = """
SELECT CASE WHEN has_parameter_privilege('session_replication_role', 'SET')
            THEN set_config('session_replication_role', 'replica', TRUE) END
"""
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()  # connection → names of its statements


class InsideTransaction(RuntimeError):
    """Something slow or remote was about to run inside a transaction."""


@contextmanager
def use_case() -> Iterator[None]:
    """Open the one transaction of a use case; raises RuntimeError inside another (durable)."""
    with transaction.atomic(durable=True):
        yield


@contextmanager
def free_or(taken: Exception) -> Iterator[None]:
    """Raise `taken` where a unique constraint forbids the row, inside a savepoint of its own: the use case goes on."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise taken from None


@contextmanager
def snapshot() -> Iterator[None]:
    """Open a transaction that reads one instant of the database however long it takes, and writes nothing; durable.

    Inside the transaction a test case wraps around itself the database cannot be asked for one: there it only opens a block.
    """
    wrapped = connection.in_atomic_block
    with transaction.atomic(durable=True):
        if not wrapped:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def in_atomic() -> bool:
    """Return whether a transaction of ours is open; the one a test case wraps around itself does not count."""
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def require_atomic() -> None:
    """Raise unless a transaction is open: the caller writes rows that must stand or fall with others."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("This function must run inside core.db.use_case().")


def commit_without_waiting() -> None:
    """Let the open transaction's commit return before it is on disk: it may be lost, whole, if the server dies within a second.

    Only for work that finds again by itself what was not done. Transactions keep their order: none that was committed
    afterwards can survive one that was lost (PostgreSQL, "Asynchronous Commit").
    """
    require_atomic()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO OFF")


def refuse_in_atomic(what: str) -> None:
    """Raise InsideTransaction if a transaction is open: `what` would hold its locks, or outlive its rollback."""
    if in_atomic():
        raise InsideTransaction(f"{what} must not run inside a transaction.")


def lock_key(*parts: object) -> int:
    """Return a stable 63-bit key for an advisory lock named by `parts`."""
    digest = hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def advisory_xact_lock(*keys: int) -> None:
    """Wait for transaction-long advisory locks; sorted, so that two callers cannot deadlock each other."""
    require_atomic()
    with connection.cursor() as cursor:
        # One statement; unnest keeps the array's order, and the lock is taken row by row.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [sorted(set(keys))]
        )


@contextmanager
def pipeline() -> Iterator[None]:
    """Send the statements inside without waiting for each one's answer; they run in order, and a fetch waits for its own.

    An error of one is raised at a later fetch, or on leaving; those behind it did not run. COPY cannot be used inside.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


@contextmanager
def beside(read: Callable[[], Found]) -> Iterator[Future[Found]]:
    """Run `read` in a thread, in the transaction that is open here, while the block computes: the server works meanwhile.

    The connection is the thread's until the result is there: the block takes the result before it asks the database itself.
    """
    ours = connections[DEFAULT_DB_ALIAS]
    ours.inc_thread_sharing()

    def run() -> Found:
        connections[DEFAULT_DB_ALIAS] = ours
        return read()

    try:
        with ThreadPoolExecutor(max_workers=1) as pool:
            yield pool.submit(run)
    finally:
        ours.dec_thread_sharing()


@contextmanager
def driver_cursor() -> Iterator["psycopg.Cursor[Any]"]:
    """Open a cursor of the driver itself, for reading very many rows: values come in binary, in half the time Django takes.

    Instants are UTC; what is read stands in no query log. Raises Django's database errors.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.format = psycopg.pq.Format.BINARY
        yield cursor


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows by COPY, a quarter of the cost of objects and INSERT; columns that are not named take the table's defaults.

    Raises Django's database errors. The names come from our own code, never from outside.
    """
    require_atomic()
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


@contextmanager
def references_held() -> Iterator[None]:
    """Write rows whose foreign keys need no look of the server's: where our role may, it is told so; else it looks as ever.

    Only for rows that refer to what this very transaction made or holds locked: the checks, one by one, can find nothing then,
    and are a quarter of the work of an import. Triggers do not run either, so only for tables without any of their own.
    Source: PostgreSQL, session_replication_role (a superuser's, or GRANT SET ON PARAMETER from version 15).
    """
    require_atomic()
    with transaction.atomic(), connection.cursor() as cursor:  # a savepoint, so that an error ends it too
        told = connections[DEFAULT_DB_ALIAS].pg_version >= 150000  # type: ignore[attr-defined]  # of PostgreSQL's connection
        if told:
            cursor.execute(_UNCHECKED)
            told = cursor.fetchone()[0] is not None
        yield
        if told:
            cursor.execute("SET LOCAL session_replication_role TO origin")


def insert_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert a few rows by one statement, which may stand in a pipeline; else as copy_rows. No rows: no statement."""
    require_atomic()
    given = list(rows)
    if not given:
        return
    places = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(given))
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {places}"  # noqa: S608 - names of our own code
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for row in given for value in row])


@contextmanager
def inserting(rows: int) -> Iterator[Callable[[str, Sequence[str], Iterable[Sequence[Any]]], None]]:
    """Yield how about so many rows of several tables are best inserted: a few in one round trip, many by COPY.

    Errors of a few are raised on leaving, so that nothing inside may rely on a row being there.
    """
    if rows > FEW:
        yield copy_rows
        return
    with pipeline():
        yield insert_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A statement that the server reads and plans once a connection. In `sql` its parameters stand as %(name)s."""

    name: str  # our own, of one statement only
    sql: str
    types: Mapping[str, str]  # parameter → PostgreSQL's type


def prepare(statement: Prepared) -> None:
    """Have the server plan a statement that this connection has not met; never in a pipeline, where it may fail unnoticed."""
    places = {name: f"${number}" for number, name in enumerate(statement.types, start=1)}
    teach(statement.name, f"({', '.join(statement.types.values())}) AS {statement.sql % places}")


def teach(name: str, definition: str, *, to: Any = None) -> None:
    """Have the server prepare `definition` under a name of our own, if this connection has not done so yet.

    `to` is Django's connection itself, where the caller has it: the stand-in `connection` looks it up at every use.
    """
    ours = to or connections[DEFAULT_DB_ALIAS]
    ours.ensure_connection()
    known = _prepared.setdefault(ours.connection, set())
    if name not in known:
        with ours.wrap_database_errors:
            ours.connection.execute(f"PREPARE {name} {definition}")
        known.add(name)  # it outlives a rollback


def execute_prepared(cursor: Any, statement: Prepared, params: Mapping[str, object]) -> None:
    """Run a statement whose planning takes longer than running it; raises KeyError for a parameter that is not given.

    One plan serves all parameters (plan_cache_mode, config.settings.base); it is made anew when the tables' statistics change.
    In a pipeline it must have been prepared before.
    """
    prepare(statement)
    given = [params[name] for name in statement.types]
    cursor.execute(f"EXECUTE {statement.name} ({', '.join(['%s'] * len(given))})", given)


def try_session_locks(keys: Sequence[int]) -> set[int]:
    """Try to take advisory locks that last as long as this connection, without waiting; return those that were got."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, pg_try_advisory_lock(key) FROM unnest(%s::bigint[]) AS key", [list(keys)])
        return {key for key, is_ours in cursor.fetchall() if is_ours}


def release_session_lock(key: int) -> None:
    """Give back a lock taken by try_session_locks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def drop_session_locks() -> None:
    """Close the connection for good, so that its session locks end with it and do not wait in the pool for whoever comes next."""
    if connection.connection is not None:
        connection.connection.close()
    connection.close()
