"""Statements sent by name do what a cursor does, with its types, its errors and its transactions."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import DataError, IntegrityError, OperationalError, ProgrammingError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from core import db, prepared
from core.models import OutboxMessage
from dialer.agentflow import AgentState

NOW = datetime(2026, 11, 20, 17, 0, 0, 123456, tzinfo=UTC)
pytestmark = pytest.mark.django_db
VALUES: list[tuple[str, Any]] = [
    ("bigint", 2**40),
    ("integer", -5),
    ("boolean", True),
    ("text", "Zoë’s “%s” \\ ' quote"),
    ("text", ""),
    ("text", None),
    ("varchar", AgentState.READY),
    ("double precision", 0.1),
    ("numeric", Decimal("12.340")),
    ("timestamptz", NOW),
    ("date", date(2026, 2, 28)),
    ("time", time(8, 30)),
    ("interval", timedelta(days=2, seconds=3.5)),
    ("uuid", UUID(int=7)),
    ("bytea", b"\x00\xff'"),
    ("bigint[]", [1, 2, 3]),
    ("text[]", ["a,b", '"', None]),
]
INSERT = """
    INSERT INTO core_outboxmessage (topic, key, payload, created_at, due_at, attempts, last_error)
    VALUES (%s, '', '{}', now(), now(), 0, '')"""


@pytest.fixture
def no_leftovers() -> Iterator[None]:
    """Remove what real transactions left."""
    yield
    OutboxMessage.objects.all().delete()


def run_alone(statement: str, value: object) -> None:
    """Run a statement in a savepoint of its own."""
    with transaction.atomic():
        prepared.run(statement, [value])


def run_without_savepoint(statement: str) -> None:
    """Run a statement that breaks the transaction it is in."""
    with transaction.atomic(savepoint=False):
        prepared.run(statement, [0])


def insert_and_fail(topic: str) -> None:
    """Insert a row in a use case that breaks."""
    with db.use_case():
        prepared.run(INSERT, [topic])
        prepared.run("SELECT 1 / %s::int", [0])


@pytest.mark.parametrize(("kind", "value"), VALUES)
def test_values_go_and_come_as_with_a_cursor(kind: str, value: Any) -> None:
    statement = f"SELECT %s::{kind}"
    with connection.cursor() as cursor:
        cursor.execute(statement, [value])
        wanted = cursor.fetchall()

    answer = prepared.run(statement, [value])

    assert answer.rows == wanted
    assert [type(each) for each in answer.rows[0]] == [type(each) for each in wanted[0]]


def test_values_may_have_names_and_stand_more_than_once() -> None:
    answer = prepared.run_named("SELECT %(b)s::int, %(a)s::text, %(b)s::int", {"a": "x", "b": 1, "c": 3})

    assert answer.rows == [(1, "x", 1)]


def test_what_was_touched_is_counted() -> None:
    answers = [prepared.run(INSERT, ["t"]) for _ in range(2)]

    assert [(each.touched, each.rows) for each in answers] == [(1, []), (1, [])]
    assert prepared.run("DELETE FROM core_outboxmessage WHERE topic = %s", ["t"]).touched == 2


@pytest.mark.parametrize(
    ("statement", "value", "error"),
    [
        ("SELECT %s::int", "no number", DataError),
        ("SELECT 1 FROM no_such_table WHERE 1 = %s", 1, ProgrammingError),
        ("SELECT 1 / %s::int", 0, DataError),
        (
            "INSERT INTO core_outboxmessage (topic, key, payload, created_at) VALUES (%s, '', '{}', now())",
            "t",
            IntegrityError,
        ),
    ],
)
def test_errors_are_djangos_and_end_the_transaction(statement: str, value: object, error: Any) -> None:
    with transaction.atomic():
        with pytest.raises(error):
            run_alone(statement, value)

        assert prepared.run("SELECT %s::int", [1]).rows == [(1,)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_leftovers")
def test_the_first_statement_opens_the_transaction_and_an_error_takes_all_of_it_back() -> None:
    with db.use_case():
        prepared.run(INSERT, ["kept"])
    with pytest.raises(DataError):
        insert_and_fail("gone")
    prepared.run(INSERT, ["alone"])

    assert set(OutboxMessage.objects.values_list("topic", flat=True)) == {"kept", "alone"}


@pytest.mark.django_db(transaction=True)
def test_a_broken_transaction_takes_no_more_statements() -> None:
    with transaction.atomic():
        with pytest.raises(DataError):
            run_without_savepoint("SELECT 1 / %s::int")
        with pytest.raises(TransactionManagementError):
            prepared.run("SELECT %s::int", [1])
        transaction.set_rollback(True)


def test_who_counts_statements_sees_them() -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = prepared.run("SELECT %s::int", [1])

    assert (answer.rows, len(queries)) == ([(1,)], 1)


def test_in_a_pipeline_the_cursor_does_it() -> None:
    prepared.run("SELECT %s::int", [0])  # taught before
    with db.pipeline():
        answer = prepared.run("SELECT %s::int", [1])

    assert answer.rows == [(1,)]


def test_answers_asked_ahead_are_those_of_each_by_itself() -> None:
    asked = [prepared.Asked(f"SELECT %s::{kind}", [value]) for kind, value in VALUES]
    wanted = [prepared.run(*each).rows for each in asked]

    with prepared.ahead(*asked):
        found = [prepared.run(*each).rows for each in reversed(asked)]

    assert found == wanted[::-1]


def test_what_was_asked_ahead_is_answered_once_and_only_inside_the_block() -> None:
    asked = prepared.Asked("SELECT count(*) FROM core_outboxmessage WHERE topic = %s", ["ahead"])
    prepared.run(
        *asked
    )  # where nothing has been asked yet, the transaction begins with the first statement proper

    with prepared.ahead(asked):
        prepared.run(INSERT, ["ahead"])
        first, second = prepared.run(*asked).rows, prepared.run(*asked).rows
    with prepared.ahead(asked):
        pass
    prepared.run(INSERT, ["ahead"])

    assert (first, second) == ([(0,)], [(1,)])
    assert prepared.run(*asked).rows == [(2,)]


def test_other_values_are_another_question() -> None:
    with prepared.ahead(prepared.Asked("SELECT %s::int", [1])):
        assert prepared.run("SELECT %s::int", [2]).rows == [(2,)]


def test_blocks_may_stand_in_each_other() -> None:
    one, two = (prepared.Asked("SELECT %s::int", [value]) for value in (1, 2))
    prepared.run(*one)

    with prepared.ahead(one):
        with prepared.ahead(two):
            inner = prepared.run(*two).rows
        outer = prepared.run(*one).rows

    assert (inner, outer) == ([(2,)], [(1,)])


@pytest.mark.django_db(transaction=True)
def test_a_question_that_fails_ahead_fails_where_it_is_asked_and_spoils_no_other() -> None:
    good, bad = prepared.Asked("SELECT %s::int", [1]), prepared.Asked("SELECT 1 / %s::int", [0])

    with prepared.ahead(good, bad, good):
        assert prepared.run(*good).rows == [(1,)]
        with pytest.raises(DataError):
            prepared.run(*bad)

    assert prepared.run(*good).rows == [(1,)]


def test_who_counts_statements_sees_those_asked_ahead_once() -> None:
    asked = prepared.Asked("SELECT %s::int", [1])

    with CaptureQueriesContext(connection) as queries, prepared.ahead(asked):
        answer = prepared.run(*asked)

    assert (answer.rows, len(queries)) == ([(1,)], 1)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_breaks_in_mid_trip_is_given_up_and_the_next_one_works() -> None:
    prepared.run("SELECT pg_sleep(%s::float8)", [0])
    raw = connection.connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()

    with (
        pytest.raises(OperationalError),
        prepared.ahead(
            prepared.Asked("SELECT pg_terminate_backend(%s::int)", [pid]),
            prepared.Asked("SELECT pg_sleep(%s::float8)", [5]),
        ),
    ):
        pytest.fail("nothing was asked")

    assert raw.closed
    connection.close()
    assert prepared.run("SELECT %s::int", [1]).rows == [(1,)]
