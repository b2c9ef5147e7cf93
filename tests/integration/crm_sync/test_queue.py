"""The way of a call into the CRM, and every way it can be disturbed."""

from datetime import timedelta

import pytest
from django.db import transaction

from core.errors import NotFound, Stale
from crm_sync.handlers import on_call_logged
from crm_sync.models import CrmConnection, SyncQueueItem
from crm_sync.protocol import SyncError
from crm_sync.services import held, pushing, queueing
from tests.fakes.crm import FakeAccount
from tests.integration.crm_sync.conftest import NOW, Clock, call_logged, make_connection

pytestmark = pytest.mark.django_db(transaction=True)


class KilledError(BaseException):
    """The worker is gone: nothing catches this."""


def hear(connection: CrmConnection, *, now: object = NOW, **values: object) -> None:
    """Do what the relay does with an event."""
    with transaction.atomic():
        on_call_logged(call_logged(connection, **values), now)  # type: ignore[arg-type]  # fields by name


def push(crm: FakeAccount, clock: Clock) -> int:
    """Send what is due."""
    return pushing.push_due(clock=clock, connect=crm.connect)


def test_ten_changes_before_the_push_are_one_push(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    for version in range(1, 11):
        hear(connection, version=version, note=f"note {version}")

    assert push(crm, clock) == 1

    item = SyncQueueItem.objects.get()
    assert (item.state, item.sent_version, item.attempts) == ("done", 10, 1)
    assert crm.writes == [[f"parley-{connection.install_key}-1"]]
    assert crm.calls[item.external_call_id][1].note == "note 10"


def test_a_repeated_or_overtaken_event_changes_nothing(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    hear(connection, version=2, note="second")
    push(crm, clock)

    hear(connection, version=1, note="first")
    hear(connection, version=2, note="second")

    assert push(crm, clock) == 0
    assert SyncQueueItem.objects.get().payload["note"] == "second"


def test_a_change_while_in_flight_is_sent_again_afterwards(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    hear(connection, version=1)

    def change_once() -> None:
        crm.during_write = None
        hear(connection, version=2, note="changed on the way")

    crm.during_write = change_once

    assert push(crm, clock) == 2

    item = SyncQueueItem.objects.get()
    assert (item.state, item.sent_version) == ("done", 2)
    assert [len(batch) for batch in crm.writes] == [1, 1]
    assert len(crm.calls) == 1
    assert next(iter(crm.calls.values()))[1].note == "changed on the way"


def test_persons_of_files_and_calls_never_placed_are_not_logged(connection: CrmConnection) -> None:
    hear(connection, contact_ref="")
    hear(connection, contact_ref="salesforce:999:00Q1")
    hear(connection, contact_ref=f"hubspot:{connection.id}:1")
    hear(connection, network_outcome="not_placed")

    assert not SyncQueueItem.objects.exists()


def test_an_unknown_outcome_is_not_guessed(connection: CrmConnection) -> None:
    with pytest.raises(ValueError, match="telepathy"):
        hear(connection, network_outcome="telepathy")


@pytest.mark.parametrize("point", ["before the request", "after the request"])
def test_a_worker_killed_on_the_way_leaves_exactly_one_activity(
    point: str, connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    hear(connection)
    (crm.errors if point == "before the request" else crm.errors_after).append(KilledError())
    with pytest.raises(KilledError):
        push(crm, clock)
    assert SyncQueueItem.objects.get().state == "in_flight"
    assert push(crm, clock) == 0

    assert queueing.free_stuck(now=clock.tick(59)) == 0
    assert queueing.free_stuck(now=clock.tick(2)) == 1
    assert push(crm, clock) == 1

    assert len(crm.calls) == 1
    assert SyncQueueItem.objects.get().state == "done"


def test_a_worker_that_was_too_slow_leaves_the_item_to_the_next(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    hear(connection)

    def stall() -> None:
        crm.during_write = None
        queueing.free_stuck(now=clock.tick(61))
        push(crm, clock)
        hear(connection, version=2, note="later")

    crm.during_write = stall

    push(crm, clock)

    item = SyncQueueItem.objects.get()
    assert (item.state, item.sent_version, item.payload_version) == ("waiting", 1, 2)
    assert push(crm, clock) == 1
    assert len(crm.calls) == 1


def test_calls_to_one_person_are_sent_in_order(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    hear(connection, call_id=1)
    hear(connection, call_id=2)
    hear(connection, call_id=3, contact_ref=f"salesforce:{connection.id}:00Q2")
    first = f"parley-{connection.install_key}-1"
    crm.refused[first] = SyncError("The record is in use.", kind="retryable")

    push(crm, clock)

    assert {item.external_call_id[-1]: item.state for item in SyncQueueItem.objects.all()} == {
        "1": "waiting",
        "2": "waiting",
        "3": "done",
    }
    crm.refused.clear()
    clock.tick(3)
    push(crm, clock)
    assert crm.writes[-2:] == [[first], [f"parley-{connection.install_key}-2"]]
    assert SyncQueueItem.objects.filter(state="done").count() == 3


def test_a_record_refused_for_good_is_held_with_the_reason_and_holds_up_nobody(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    crm.people = {"00Q2"}
    hear(connection, call_id=1)
    hear(connection, call_id=2, contact_ref=f"salesforce:{connection.id}:00Q2")

    assert push(crm, clock) == 1

    held = SyncQueueItem.objects.get(state="held")
    assert held.reason == "The person was deleted in the CRM."
    connection.refresh_from_db()
    assert connection.state == "connected"


def test_a_held_call_goes_again_when_a_person_retries_or_the_call_changes(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    crm.people = {"nobody"}
    hear(connection)
    push(crm, clock)
    item = SyncQueueItem.objects.get()

    held.retry_item(item_id=item.id, by_name="mia", now=NOW)
    assert push(crm, clock) == 0
    crm.people = {"00Q1"}
    hear(connection, version=2)
    assert push(crm, clock) == 1

    with pytest.raises(Stale, match="not held"):
        held.retry_item(item_id=item.id, by_name="mia", now=NOW)
    with pytest.raises(NotFound):
        held.retry_item(item_id=item.id + 1, by_name="mia", now=NOW)


def test_a_busy_crm_is_left_alone_as_long_as_it_asks(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    hear(connection)
    crm.errors.append(SyncError("Too many requests.", kind="retryable", retry_after=30))

    push(crm, clock)

    connection.refresh_from_db()
    assert connection.paused_until == NOW + timedelta(seconds=30)
    assert connection.state == "connected"
    item = SyncQueueItem.objects.get()
    assert (item.state, item.reason) == ("waiting", "Too many requests.")
    clock.tick(29)
    assert push(crm, clock) == 0
    clock.tick(1)
    assert push(crm, clock) == 1
    mended = CrmConnection.objects.get()
    assert mended.paused_until is None
    assert (mended.failures, mended.last_error) == (0, "")


def test_pauses_grow_while_a_crm_is_down_and_one_item_is_tried_at_a_time(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    for call_id in range(1, 6):
        hear(connection, call_id=call_id, contact_ref=f"salesforce:{connection.id}:00Q{call_id}")
    pauses = []
    for _ in range(4):
        crm.errors.append(SyncError("Down.", kind="retryable"))
        push(crm, clock)
        connection.refresh_from_db()
        assert connection.paused_until is not None
        pauses.append((connection.paused_until - clock()).total_seconds())
        clock.now = connection.paused_until

    assert pauses == [2, 4, 8, 16]
    assert push(crm, clock) == 5
    assert [len(batch) for batch in crm.writes] == [1, 4]


def test_a_refused_sign_in_marks_the_connection_and_loses_nothing(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    hear(connection)
    crm.errors.append(SyncError("The token has expired.", kind="unauthorized"))

    push(crm, clock)

    connection.refresh_from_db()
    assert (connection.state, connection.last_error) == ("failing", "The token has expired.")
    assert SyncQueueItem.objects.get().state == "waiting"
    assert push(crm, clock) == 0
    clock.tick(301)
    assert push(crm, clock) == 1
    connection.refresh_from_db()
    assert (connection.state, connection.last_error) == ("connected", "")


def test_a_missing_field_makes_items_wait_for_the_administrator(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    hear(connection)
    call_ref = f"parley-{connection.install_key}-1"
    crm.refused[call_ref] = SyncError("Create the field first.", kind="config")

    push(crm, clock)

    connection.refresh_from_db()
    assert (connection.state, connection.last_error) == ("failing", "Create the field first.")
    assert SyncQueueItem.objects.get().state == "waiting"


def test_a_fault_of_ours_on_one_connection_does_not_stop_the_other(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    other = make_connection("HubSpot", "hubspot")
    hear(connection)
    hear(other, contact_ref=f"hubspot:{other.id}:55")
    crm.errors.append(KeyError("surprise"))

    assert push(crm, clock) == 1

    assert SyncQueueItem.objects.get(connection=connection).state == "waiting"
    connection.refresh_from_db()
    assert "fault of its own" in connection.last_error


def test_a_disconnected_crm_keeps_its_calls(crm: FakeAccount, clock: Clock) -> None:
    gone = make_connection(state="disconnected", secrets="")
    hear(gone)

    assert push(crm, clock) == 0
    assert SyncQueueItem.objects.get().state == "waiting"


def test_lag_is_measured_to_the_confirmation(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    hear(connection)
    clock.tick(1)

    def take_time() -> None:
        clock.tick(2)

    crm.during_write = take_time
    push(crm, clock)

    item = SyncQueueItem.objects.get()
    assert item.first_sent_at == NOW + timedelta(seconds=1)
    assert item.acknowledged_at == NOW + timedelta(seconds=3)
