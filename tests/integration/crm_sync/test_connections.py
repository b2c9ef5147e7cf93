"""Connecting a CRM: asked first, stored only if it answers."""

import pytest
from django.db import transaction

from accounts.models import User
from core import crypto
from core.errors import AppError, NotFound
from core.models import AuditEvent
from crm_sync.handlers import on_call_logged
from crm_sync.models import CrmConnection, SyncQueueItem
from crm_sync.protocol import Check, SyncError
from crm_sync.services import connections, pushing
from tests.fakes.crm import FakeAccount
from tests.integration.crm_sync.conftest import NOW, Clock, call_logged, make_connection

pytestmark = pytest.mark.django_db(transaction=True)


def connect(crm: FakeAccount, mia: User, clock: Clock, *, token: str = "good", name: str = "Our CRM") -> int:
    """Connect a HubSpot."""
    return connections.connect_crm(
        kind="hubspot",
        name=name,
        secrets={"token": token},
        settings={"do_not_call_property": "dnc"},
        by_id=mia.id,
        by_name=mia.username,
        clock=clock,
        connect=crm.connect,
    )


def test_a_crm_that_answers_is_stored_with_its_secret_sealed(
    crm: FakeAccount, mia: User, clock: Clock
) -> None:
    connection_id = connect(crm, mia, clock)

    stored = CrmConnection.objects.get(id=connection_id)
    assert (stored.state, stored.checked_at) == ("connected", NOW)
    assert "good" not in stored.secrets
    assert crypto.unseal(stored.secrets) == {"token": "good"}
    assert stored.settings == {
        "do_not_call_property": "dnc",
        "instance": "crm.example.com",
        "portal_id": "77",
    }
    trail = AuditEvent.objects.get(verb="crm_sync.connection.connected")
    assert (trail.actor, "good" in str(trail.after)) == ("mia", False)


def test_a_crm_that_refuses_is_not_stored(crm: FakeAccount, mia: User, clock: Clock) -> None:
    with pytest.raises(connections.CrmRefusedError, match="enter the secret again"):
        connect(crm, mia, clock, token="bad")

    assert not CrmConnection.objects.exists()


def test_two_connections_cannot_have_one_name(crm: FakeAccount, mia: User, clock: Clock) -> None:
    connect(crm, mia, clock)

    with pytest.raises(connections.NameTakenError, match="Our CRM"):
        connect(crm, mia, clock)


def test_what_is_missing_in_the_crm_makes_it_failing_and_says_what(
    crm: FakeAccount, mia: User, clock: Clock
) -> None:
    crm.checks = [Check("Sign-in", True, "Signed in."), Check("Call log", False, "Create the field.")]

    connection_id = connect(crm, mia, clock)

    stored = CrmConnection.objects.get(id=connection_id)
    assert (stored.state, stored.last_error) == ("failing", "Call log: Create the field.")


def test_a_test_finds_what_broke_and_what_was_mended(
    crm: FakeAccount, connection: CrmConnection, clock: Clock
) -> None:
    crm.errors.append(SyncError("The token has expired.", kind="unauthorized"))
    said = connections.check_again(connection_id=connection.id, clock=clock, connect=crm.connect)
    connection.refresh_from_db()
    assert (said, connection.state) == ("The token has expired.", "failing")

    assert connections.check_again(connection_id=connection.id, clock=clock, connect=crm.connect) == ""
    connection.refresh_from_db()
    assert (connection.state, connection.last_error) == ("connected", "")


def test_an_unreadable_secret_is_said_and_loses_nothing(crm: FakeAccount, clock: Clock) -> None:
    connection = make_connection(secrets="sealed with a key that is gone")
    with transaction.atomic():
        on_call_logged(call_logged(connection), NOW)

    assert pushing.push_due(clock=clock, connect=crm.connect) == 0

    connection.refresh_from_db()
    assert (connection.state, "PARLEY_ENCRYPTION_KEYS" in connection.last_error) == ("failing", True)
    assert SyncQueueItem.objects.get().state == "waiting"


def test_disconnecting_forgets_the_secret_and_a_new_one_sends_what_waited(
    crm: FakeAccount, connection: CrmConnection, clock: Clock
) -> None:
    with transaction.atomic():
        on_call_logged(call_logged(connection), NOW)
    connections.disconnect(connection_id=connection.id, by_name="mia", now=NOW)
    connection.refresh_from_db()
    assert (connection.state, connection.secrets) == ("disconnected", "")
    with pytest.raises(AppError, match="disconnected"):
        connections.check_again(connection_id=connection.id, clock=clock, connect=crm.connect)

    connections.renew(
        connection_id=connection.id,
        secrets={"token": "new"},
        settings={},
        by_name="mia",
        clock=clock,
        connect=crm.connect,
    )

    assert pushing.push_due(clock=clock, connect=crm.connect) == 1
    with pytest.raises(NotFound):
        connections.disconnect(connection_id=connection.id + 1, by_name="mia", now=NOW)
