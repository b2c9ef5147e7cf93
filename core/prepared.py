"""Statements the server has prepared, sent by their names in the protocol's own way: a quarter of what a cursor costs on both sides.

A cursor writes values into text that the server reads anew each time; here they go beside the statement's name (docs/measurements.md).
Values are adapted and rows are read by the driver as set up by Django, so both are what a cursor gives.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import errors, generators, pq
from psycopg.adapt import PyFormat, Transformer

from core import db

_NAME = re.compile(r"%\((\w+)\)s")
_TRANSFORMER, _AHEAD = "_parley_transformer", "_parley_ahead"
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
    if _by_cursors(ours):
        return _by_cursor(named, params)
    ours.validate_thread_sharing()
    with ours.wrap_database_errors:
        return _by_name(raw, named, params)


class Asked(NamedTuple):
    """A statement that only reads, with its values."""

    statement: str
    params: Sequence[object]


@contextmanager
def ahead(*asked: Asked) -> Iterator[None]:
    """Ask several questions in one round trip; run() finds their answers inside the block, each once. The server answers all in order.

    A hint, and nothing but time depends on it: what is asked otherwise, or nobody takes the answer of, changes nothing. A question that
    fails breaks an open transaction, as it would by itself. Where cursors do the work (see run) nothing is asked ahead.
    """
    ours = connections[DEFAULT_DB_ALIAS]
    ours.validate_no_broken_transaction()
    ours.ensure_connection()
    raw: Any = ours.connection
    begins = not raw.autocommit and raw.pgconn.transaction_status == pq.TransactionStatus.IDLE
    if _by_cursors(ours) or begins or not asked:
        yield
        return
    named = [_named(each.statement) for each in asked]
    for each in named:
        db.teach(each.name, each.definition, to=ours)
    ours.validate_thread_sharing()
    with ours.wrap_database_errors:
        answers = _ask_all(raw, named, [each.params for each in asked])
    known = vars(raw).setdefault(_AHEAD, {})
    known.update(answers)
    try:
        yield
    finally:
        for question in answers:
            known.pop(question, None)


def _ask_all(raw: Any, named: Sequence["_Named"], params: Sequence[Sequence[object]]) -> dict[Any, Any]:
    """Return the answers by (name, values); none of an error, which whoever asks again gets."""
    transformer, server = _transformer(raw), raw.pgconn
    asked = [
        _question(each, transformer.dump_sequence(values, each.formats))
        for each, values in zip(named, params, strict=True)
    ]
    results = _in_one_trip(
        raw, [partial(server.send_query_prepared, name.encode(), values) for name, values in asked]
    )
    pairs = zip(asked, results, strict=True)
    return {question: result for question, result in pairs if result.status in _ANSWERED}


def _question(named: "_Named", values: Sequence[Any]) -> tuple[str, tuple[bytes | None, ...]]:
    """Return a statement's name with its values as they are sent; the driver gives some of them in buffers."""
    return named.name, tuple(None if value is None else bytes(value) for value in values)


def _in_one_trip(raw: Any, sends: Sequence[Callable[[], None]]) -> list[Any]:
    """Send what `sends` sends and return the results, in order; behind an error the rest is not done."""
    server = raw.pgconn
    server.enter_pipeline_mode()
    try:
        for send in sends:
            send()
        server.pipeline_sync()
        results = [result for [result] in raw.wait(_answers(server, len(sends)))]
    except BaseException:
        raw.close()  # interrupted, or broken, in mid-trip: nothing can be asked of it any more
        raise
    server.exit_pipeline_mode()
    return results


def _answers(server: Any, count: int) -> Any:
    yield from generators.send(server)
    results = []
    for _ in range(count):
        results.append((yield from generators.fetch_many(server)))
    yield from generators.fetch_many(server)  # the end of the trip
    return results


def _transformer(raw: Any) -> Any:
    """Return what adapts values and rows. The connection keeps it, which it holds: no table of ours may."""
    found = vars(raw).get(_TRANSFORMER)
    if found is None:
        found = vars(raw)[_TRANSFORMER] = Transformer(raw)
    return found


def _by_cursors(ours: Any) -> bool:
    """Return whether somebody listens to cursors, or a pipeline is open."""
    return bool(ours.queries_logged or ours.execute_wrappers or ours.connection.pgconn.pipeline_status)


def run_named(statement: str, values: Mapping[str, object]) -> Answer:
    """As run, where values stand in the statement as %(name)s."""
    places, names = _in_order(statement)
    return run(places, [values[name] for name in names])


@lru_cache(maxsize=1000)
def _in_order(statement: str) -> tuple[str, Sequence[str]]:
    return _NAME.sub("%s", statement), _NAME.findall(statement)


def _by_name(raw: Any, named: _Named, params: Sequence[object]) -> Answer:
    server, transformer = raw.pgconn, _transformer(raw)
    values = transformer.dump_sequence(params, named.formats)
    known = vars(raw).get(_AHEAD)
    result = known.pop(_question(named, values), None) if known else None
    if result is None and not raw.autocommit and server.transaction_status == pq.TransactionStatus.IDLE:
        # As a cursor would: the driver opens a transaction with its first statement; here both go in one round trip.
        begun, result = _in_one_trip(
            raw,
            [
                partial(server.send_query_params, b"BEGIN", None),
                partial(server.send_query_prepared, named.name.encode(), values),
            ],
        )
        _require_answer(raw, begun)
        _require_answer(raw, result)
    elif result is None:
        server.send_query_prepared(named.name.encode(), values)
        [result] = raw.wait(generators.execute(server))
        _require_answer(raw, result)
    transformer.set_pgresult(result)
    return Answer(transformer.load_rows(0, result.ntuples, tuple), _count(result))


def _require_answer(raw: Any, result: Any) -> None:
    if result.status not in _ANSWERED:
        raise errors.error_from_result(result, raw.info.encoding)


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
