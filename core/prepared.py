"""Statements the server has prepared, sent by their names in the protocol's own way: a quarter of what a cursor costs on both sides.

A cursor writes values into text that the server reads anew each time; here they go beside the statement's name (docs/measurements.md).
Values are adapted and rows are read by the driver as set up by Django, so both are what a cursor gives.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import errors, generators, pq
from psycopg.adapt import PyFormat, Transformer

from core import db

_NAME = re.compile(r"%\((\w+)\)s")
_TRANSFORMER = "_parley_transformer"
_ANSWERED = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)


class Answer(NamedTuple):
    """What came of a statement."""

    rows: Sequence[tuple[Any, ...]]
    touched: int  # rows found or changed


class _Named(NamedTuple):
    name: str
    definition: str
    call: str  # by a cursor
    formats: Sequence[PyFormat]
    has_rows: bool


def run(statement: str, params: Sequence[object]) -> Answer:
    """Run a statement with a %s for each value, prepared at its first use by this connection; raises Django's database errors.

    Cursors do it where somebody listens to them, as the tests' counts of queries do, and inside a pipeline.
    """
    named, ours = _named(statement), connections[DEFAULT_DB_ALIAS]
    ours.validate_no_broken_transaction()
    db.teach(named.name, named.definition, to=ours)
    raw: Any = ours.connection
    if ours.queries_logged or ours.execute_wrappers or raw.pgconn.pipeline_status:
        return _by_cursor(named, params)
    ours.validate_thread_sharing()
    with ours.wrap_database_errors:
        return _by_name(raw, named, params)


def run_named(statement: str, values: Mapping[str, object]) -> Answer:
    """As run, where values stand in the statement as %(name)s."""
    places, names = _in_order(statement)
    return run(places, [values[name] for name in names])


@lru_cache(maxsize=1000)
def _in_order(statement: str) -> tuple[str, Sequence[str]]:
    return _NAME.sub("%s", statement), _NAME.findall(statement)


def _by_name(raw: Any, named: _Named, params: Sequence[object]) -> Answer:
    server = raw.pgconn
    # Kept with the connection: it remembers how each type is read. It holds the connection, so no table of ours may hold it.
    transformer = vars(raw).get(_TRANSFORMER)
    if transformer is None:
        transformer = vars(raw)[_TRANSFORMER] = Transformer(raw)
    values = transformer.dump_sequence(params, named.formats)
    if not raw.autocommit and server.transaction_status == pq.TransactionStatus.IDLE:
        server.send_query(
            b"BEGIN"
        )  # as a cursor would: the driver opens a transaction with its first statement
        _answer(raw)
    server.send_query_prepared(named.name.encode(), values)
    result = _answer(raw)
    transformer.set_pgresult(result)
    return Answer(transformer.load_rows(0, result.ntuples, tuple), _count(result))


def _answer(raw: Any) -> Any:
    """Wait as the driver does, so that a task's time limit and Ctrl-C are heard meanwhile."""
    [result] = raw.wait(generators.execute(raw.pgconn))
    if result.status not in _ANSWERED:
        raise errors.error_from_result(result, raw.info.encoding)
    return result


def _count(result: Any) -> int:
    return int(result.command_tuples or 0)


def _by_cursor(named: _Named, params: Sequence[Any]) -> Answer:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(named.call, params)
        # In a pipeline nothing is known of the answer before it is fetched.
        return Answer(cursor.fetchall() if named.has_rows else [], cursor.rowcount)


@lru_cache(maxsize=1000)
def _named(statement: str) -> _Named:
    """Return a statement's name at the server, its definition there, and how a cursor calls it."""
    name = f"kept_{hashlib.blake2b(statement.encode(), digest_size=10).hexdigest()}"
    count = statement.replace("%%", "").count("%s")
    places = ", ".join(["%s"] * count)
    definition = statement % tuple(f"${number}" for number in range(1, count + 1))
    call = f"EXECUTE {name} ({places})" if count else f"EXECUTE {name}"
    has_rows = statement.lstrip().startswith("SELECT") or "RETURNING " in statement
    return _Named(name, f"AS {definition}", call, [PyFormat.TEXT] * count, has_rows)
