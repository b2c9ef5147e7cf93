"""Statements the ORM writes once do what the ORM does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core import kept
from core.models import AuditEvent, OutboxMessage
from dialer.models import AgentSession
from tests.factories.world import make_world

NOW = datetime(2026, 11, 20, 17, 0, 0, 123456, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def message(**wish: Any) -> OutboxMessage:
    """Return a stored message."""
    given = {"topic": "t", "key": "k", "payload": {"a": [1, None, "é"]}, "created_at": NOW, "due_at": NOW}
    return OutboxMessage.objects.create(**given | wish)


def values_of(row: OutboxMessage) -> dict[str, Any]:
    """Return the columns of a row."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_query_gives_the_same_rows_as_the_orm() -> None:
    wanted = [message(), message(key="k", due_at=NOW + timedelta(hours=1))]
    message(key="other")
    query = kept.Query(lambda key: OutboxMessage.objects.filter(key=key).order_by("due_at", "id"))

    found = query.rows("k")

    assert [values_of(row) for row in found] == [values_of(row) for row in wanted]
    assert not found[0]._state.adding


def test_a_query_takes_new_values_every_time() -> None:
    first, second = message(key="a"), message(key="b")
    query = kept.Query(
        lambda key, due: OutboxMessage.objects.filter(key=key, due_at__lte=due).order_by("id"), values=2
    )

    assert [query.rows("a", NOW), query.rows("b", NOW)] == [[first], [second]]
    assert query.first("a", NOW - timedelta(seconds=1)) is None


def test_a_query_brings_related_rows_along() -> None:
    world = make_world(NOW)
    user = User.objects.create(username="ann", role="agent")
    session = AgentSession.objects.create(
        user=user, campaign=world.campaign, state="ready", state_since=NOW, started_at=NOW, seen_at=NOW
    )
    query = kept.Query(
        lambda row: AgentSession.objects.select_related("user", "campaign__disposition_set", "call").filter(
            pk=row
        )
    )

    [found] = query.rows(session.pk)
    with CaptureQueriesContext(connection) as queries:
        related = (found.user, found.campaign.disposition_set, found.call)

    assert (related, len(queries)) == ((user, world.campaign.disposition_set, None), 0)


def test_deferred_columns_are_read_when_they_are_asked_for() -> None:
    row = message()
    query = kept.Query(lambda key: OutboxMessage.objects.only("pk").filter(pk=key))

    [found] = query.rows(row.pk)

    assert found.get_deferred_fields() == set(values_of(row)) - {"id"}
    assert found.topic == "t"


def test_columns_come_as_the_orm_reads_them() -> None:
    message(), message(key="other")
    query = kept.Values(lambda key: OutboxMessage.objects.filter(key=key).values_list("payload", "due_at"))

    assert query.rows("k") == [({"a": [1, None, "é"]}, NOW)]


@pytest.mark.django_db(transaction=True)
def test_a_query_that_locks_is_refused_outside_a_transaction() -> None:
    row = message()
    query = kept.Query(lambda key: OutboxMessage.objects.select_for_update().filter(pk=key))

    with transaction.atomic():
        assert query.rows(row.pk) == [row]
    with pytest.raises(TransactionManagementError):
        query.rows(row.pk)


def test_saving_stores_the_named_fields_and_no_others() -> None:
    row = message()
    row.payload, row.attempts, row.topic = {"b": 2}, 7, "changed here only"

    kept.save(row, "payload", "attempts")

    stored = OutboxMessage.objects.get(pk=row.pk)
    assert (stored.payload, stored.attempts, stored.topic) == ({"b": 2}, 7, "t")


def test_saving_a_row_that_is_gone_is_an_error() -> None:
    row = message()
    OutboxMessage.objects.all().delete()

    with pytest.raises(DatabaseError, match="is gone"):
        kept.save(row, "topic")


def test_an_inserted_row_is_the_one_the_orm_reads() -> None:
    row = kept.insert(OutboxMessage(topic="t", key="k", payload=[1], created_at=NOW, due_at=NOW))

    assert not row._state.adding
    assert values_of(OutboxMessage.objects.get()) == values_of(row)


def test_an_update_changes_the_rows_that_answer_to_every_question() -> None:
    wanted = message(key="a", attempts=1)
    message(key="a", attempts=3)
    message(key="b", attempts=1)

    changed = kept.update(OutboxMessage, {"last_error": "x"}, key="a", attempts=(1, 2))

    assert changed == 1
    assert list(OutboxMessage.objects.exclude(last_error="")) == [wanted]


def test_errors_are_djangos() -> None:
    User.objects.create(username="ann", role="agent")
    with pytest.raises(IntegrityError), transaction.atomic():
        kept.insert(User(username="ann", role="agent"))
    with pytest.raises(FieldDoesNotExist):
        kept.update(OutboxMessage, {"no_such": 1}, pk=1)


def test_history_cannot_be_changed_this_way_either() -> None:
    event = kept.insert(AuditEvent(actor="a", verb="v", target="t", at=NOW))
    event.verb = "w"

    with pytest.raises(DatabaseError, match="append"):
        kept.save(event, "verb")


def test_the_server_keeps_a_statements_plan() -> None:
    query = kept.Query(lambda key: OutboxMessage.objects.filter(key=key, topic="the server keeps it"))

    for _ in range(4):
        query.rows("k")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%core_outboxmessage%'"
        )
        assert cursor.fetchone()[0] >= 1


def test_none_is_a_question_too() -> None:
    wanted = message(last_error="", attempts=1)
    user = User.objects.create(username="ann", role="agent")
    changed = kept.update(User, {"first_name": "Ann"}, pk=user.pk, last_login=None)
    again = kept.update(User, {"first_name": "Bea"}, pk=user.pk, last_login=(NOW,))

    assert (changed, again) == (1, 0)
    assert kept.delete(OutboxMessage, key="k", attempts=(1, 2)) == 1
    assert not OutboxMessage.objects.filter(pk=wanted.pk).exists()


def test_a_row_with_a_key_of_its_own_keeps_it() -> None:
    version = kept.insert(AuditEvent(pk=987_654_321, actor="a", verb="v", target="t", at=NOW))

    assert AuditEvent.objects.get().pk == version.pk == 987_654_321


def test_a_row_a_constraint_forbids_is_not_inserted_and_the_transaction_goes_on() -> None:
    with transaction.atomic():
        results = [kept.insert_unless_taken(User(username="ann", role="agent")) for _ in range(2)]
        kept.insert(User(username="bea", role="agent"))

    assert results == [True, False]
    assert User.objects.count() == 2


def test_a_related_row_is_read_once_and_kept_with_its_owner() -> None:
    world = make_world(NOW)
    user = User.objects.create(username="ann", role="agent")
    made = AgentSession.objects.create(
        user=user, campaign=world.campaign, state="ready", state_since=NOW, started_at=NOW, seen_at=NOW
    )
    session = AgentSession.objects.get(pk=made.pk)

    with CaptureQueriesContext(connection) as queries:
        found = [kept.related(session, "user"), kept.related(session, "user"), session.user]
        nothing = kept.related(session, "call")

    assert (found, nothing, len(queries)) == ([user] * 3, None, 1)


def test_values_may_be_lists_of_numbers() -> None:
    rows = [message(key=name) for name in "abc"]
    query = kept.Values(
        lambda ids: OutboxMessage.objects.filter(pk__in=kept.any_of(ids)).order_by("pk").values_list("key")
    )

    assert query.rows([rows[0].pk, rows[2].pk]) == [("a",), ("c",)]
    assert query.rows([]) == []
