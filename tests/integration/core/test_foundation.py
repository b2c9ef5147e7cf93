"""Outbox, transactions, history, secrets, start-up checks, browser events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
import redis
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, connection, transaction
from django.test import override_settings

from core import audit, clock, crypto, db, outbox, realtime
from core.http import OutgoingSession
from core.models import AppendOnlyError, AuditEvent, OutboxMessage
from desk.stream import PING_SECONDS


@dataclass(frozen=True)
class Happened:
    topic: ClassVar[str] = "test.happened"
    number: int


@pytest.fixture
def database(request: pytest.FixtureRequest) -> None:
    """The db fixture by a name that leaves core.db its own."""
    request.getfixturevalue("db")


def publish(number: int, now: datetime, key: str = "a") -> None:
    with db.use_case():
        outbox.publish(Happened(number), key=key, now=now)


def test_events_are_handled_once_in_order_and_removed(database: None, now: datetime) -> None:
    seen: list[int] = []
    for number in range(3):
        publish(number, now)

    handled = outbox.relay({"test.happened": [lambda payload, _: seen.append(payload["number"])]}, now=now)

    assert (seen, handled, OutboxMessage.objects.count()) == ([0, 1, 2], 3, 0)


def test_a_failing_handler_keeps_its_message_and_blocks_its_own_key_alone(
    database: None, now: datetime
) -> None:
    seen: list[int] = []
    publish(1, now, key="bad")
    publish(2, now, key="bad")
    publish(3, now, key="good")

    def handler(payload: Mapping[str, Any], _: datetime) -> None:
        if payload["number"] == 1 and len(seen) < 2:
            raise ValueError("not now")
        seen.append(payload["number"])

    outbox.relay({"test.happened": [handler]}, now=now)
    first = list(seen)
    seen.append(0)
    outbox.relay({"test.happened": [handler]}, now=now + timedelta(minutes=20))

    assert first == [3]
    assert seen == [3, 0, 1, 2]


def test_an_event_cannot_be_published_outside_a_transaction(transactional_db: None, now: datetime) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        outbox.publish(Happened(1), key="a", now=now)


def test_only_a_transaction_that_asks_for_it_commits_without_waiting(transactional_db: None) -> None:
    def setting() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            return str(cursor.fetchone()[0])

    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO ON")
    with db.use_case():
        db.commit_without_waiting()
        inside = setting()
    after = setting()
    with connection.cursor() as cursor:
        cursor.execute("RESET synchronous_commit")
    with pytest.raises(transaction.TransactionManagementError):
        db.commit_without_waiting()

    assert (inside, after) == ("off", "on")


def test_nothing_remote_runs_inside_a_transaction(database: None) -> None:
    session = OutgoingSession(role="test", timeout_seconds=1)

    with pytest.raises(Exception, match="must not run inside a transaction"), transaction.atomic():
        session.get("http://127.0.0.1:9/")


def test_a_use_case_inside_another_is_found_at_once(transactional_db: None) -> None:
    with pytest.raises(RuntimeError, match="durable"), db.use_case(), db.use_case():
        pass


def test_history_cannot_be_changed_by_code_or_by_sql(database: None, now: datetime) -> None:
    with db.use_case():
        audit.record(actor="ana", verb="test.done", target="x:1", now=now)
    row = AuditEvent.objects.get()

    with pytest.raises(AppendOnlyError):
        row.save(update_fields=["actor"])
    with pytest.raises(IntegrityError, match="history"), transaction.atomic():
        AuditEvent.objects.update(actor="nobody")
    with pytest.raises(IntegrityError, match="history"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_auditevent")


def test_secrets_are_readable_with_any_configured_key() -> None:
    from cryptography.fernet import Fernet

    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    with override_settings(ENCRYPTION_KEYS=[old]):
        sealed = crypto.seal({"token": "x"})

    with override_settings(ENCRYPTION_KEYS=[new, old]):
        assert crypto.unseal(sealed) == {"token": "x"}
    with (
        override_settings(ENCRYPTION_KEYS=[new]),
        pytest.raises(crypto.SecretUnreadable, match="Put the old key back"),
    ):
        crypto.unseal(sealed)
    assert "x" not in sealed.split("=")[0][:5]


def test_production_refuses_the_demo_and_the_sandbox() -> None:
    with (
        override_settings(REQUIRE_REAL_CARRIER=True, DEMO_MODE=True),
        pytest.raises(SystemCheckError) as refused,
    ):
        call_command("check")

    assert {f"core.E00{number}" for number in (1, 2, 3, 5)} <= {
        word.strip("():") for word in str(refused.value).split()
    }


async def test_a_browser_resumes_only_where_nothing_is_missing(now: datetime) -> None:
    topic = f"test:{now.timestamp()}"
    for number in range(3):
        realtime._Told({(topic, "changed"): {"n": number}})()
    client = realtime.async_client(waits_seconds=1)

    first = (await realtime.read(client, {topic: "0-0"}, 0.1))[0].id
    everything = await realtime.read(client, {topic: first}, 0.1)
    can = await realtime.can_resume(client, topic, first)
    await client.xtrim(realtime.PREFIX + topic, maxlen=1, approximate=False)
    cannot = await realtime.can_resume(client, topic, first)
    from_the_future = await realtime.can_resume(client, topic, "9999999999999-0")
    await client.delete(realtime.PREFIX + topic)
    lost = await realtime.can_resume(client, topic, first)
    await client.aclose()

    assert [message.data["n"] for message in everything] == [1, 2]
    assert (can, cannot, from_the_future, lost) == (True, False, False, False)


async def test_a_quiet_stream_is_not_taken_for_a_server_that_is_away() -> None:
    client = realtime.async_client(waits_seconds=PING_SECONDS)

    gives_up_after = client.connection_pool.connection_kwargs["socket_timeout"]
    await client.aclose()

    assert gives_up_after > PING_SECONDS


def test_who_waits_for_events_does_not_spin_while_the_server_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    away = redis.Redis.from_url("redis://127.0.0.1:9")
    paused: list[float] = []
    monkeypatch.setattr(realtime, "_client", lambda: away)
    monkeypatch.setattr(clock, "pause", paused.append)

    seen = realtime.wait("outbox", "5-0", timeout_seconds=1.0)

    assert (seen, paused) == ("5-0", [1.0])


def test_logs_keep_four_digits_and_no_secrets() -> None:
    from core.logging import redact

    event = redact(None, "", {"number": "+14075550123", "auth_token": "abc", "text": "call +14075550123 now"})

    assert event == {"number": "…0123", "auth_token": "[hidden]", "text": "call …0123 now"}


def test_no_card_number_reaches_a_log() -> None:
    from config.settings.logging import LOGGING
    from core.logging import CardDataCleaner

    clean = CardDataCleaner(LOGGING["clean"])
    event = clean(
        None,
        "",
        {
            "event": "core.mail.read",
            "exception": "ValueError: 4111 1111 1111 1111",
            "payload": {"notes": ["4111-1111-1111-1111 cvv 123", "seen at 10"]},
            "rows": 4,
            "at": "2026-11-23T16:00:00.123456Z",
        },
    )

    assert event == {
        "event": "core.mail.read",
        "exception": "ValueError: ************1111",
        "payload": {"notes": ["************1111 cvv [removed]", "seen at 10"]},
        "rows": 4,
        "at": "2026-11-23T16:00:00.123456Z",
    }


def test_the_demo_clock_starts_at_ten_on_a_working_day_and_never_goes_back(tmp_path: Any) -> None:
    from config import demo_clock

    saturday = datetime.fromisoformat("2026-11-21T22:00:00+00:00")
    before_thanksgiving = datetime.fromisoformat("2026-11-25T16:00:00+00:00")
    first = demo_clock.offset_seconds(tmp_path / "clock.json")
    second = demo_clock.offset_seconds(tmp_path / "clock.json")

    assert demo_clock.next_start(saturday).isoformat() == "2026-11-23T15:00:00+00:00"
    assert demo_clock.next_start(before_thanksgiving).isoformat() == "2026-11-27T15:00:00+00:00"
    assert second > first


NUMBERS = db.Prepared(
    name="test_numbers",
    sql="SELECT %(first)s + %(second)s, %(first)s",
    types={"first": "int", "second": "int"},
)


def add(first: int, second: int) -> Any:
    with connection.cursor() as cursor:
        db.execute_prepared(cursor, NUMBERS, {"second": second, "first": first})
        return cursor.fetchone()


def test_a_prepared_statement_is_planned_once_and_takes_other_parameters(
    database: None, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        answers = [add(1, 2), add(5, 7)]

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans > 0, custom_plans FROM pg_prepared_statements WHERE name = 'test_numbers'"
        )
        plans = cursor.fetchone()
    assert (answers, plans) == ([(3, 1), (12, 5)], (True, 0))


def test_a_prepared_statement_outlives_a_rollback(database: None) -> None:
    with transaction.atomic():
        add(1, 1)
        transaction.set_rollback(True)

    assert add(2, 3) == (5, 2)


@pytest.mark.parametrize("count", [0, 1, db.FEW, db.FEW + 1])
def test_few_rows_and_many_are_inserted_the_same(database: None, count: int) -> None:
    given = [(f"it's \\ {number}", None, b"\x00'\\") for number in range(count)]

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE few_or_many (words text, at timestamptz, bytes bytea) ON COMMIT DROP"
        )
        with db.inserting(count) as insert:
            insert("few_or_many", ("words", "at", "bytes"), given)
        cursor.execute("SELECT words, at, bytes FROM few_or_many ORDER BY length(words), words")
        found = [(words, at, bytes(data)) for words, at, data in cursor.fetchall()]

    assert found == given


def insert_twice(count: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE once (id int PRIMARY KEY) ON COMMIT DROP")
        with db.inserting(count) as insert:
            insert("once", ("id",), [(1,), (1,)])


@pytest.mark.parametrize("count", [1, db.FEW + 1])
def test_a_row_that_cannot_stand_is_an_error_of_django(database: None, count: int) -> None:
    with pytest.raises(IntegrityError):
        insert_twice(count)
