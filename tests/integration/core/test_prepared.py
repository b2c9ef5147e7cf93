"""Statements sent by name do what a cursor does, with its types, its errors and its transactions."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import DataError, IntegrityError, ProgrammingError, connection, transaction
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
