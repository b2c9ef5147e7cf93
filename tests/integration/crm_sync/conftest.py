"""What most tests of the CRM sync start from."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings

from accounts.models import User
from core import crypto
from crm_sync.models import CrmConnection
from tests.fakes.crm import FakeAccount

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


class Clock:
    """An instant that tests move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Return the present instant."""
        return self.now

    def tick(self, seconds: float) -> datetime:
        """Move on, and return the new instant."""
        self.now += timedelta(seconds=seconds)
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still unless told otherwise."""
    return Clock()


@pytest.fixture
def crm() -> FakeAccount:
    """A CRM in memory."""
    return FakeAccount()


@pytest.fixture(autouse=True)
def _no_broker() -> Iterator[None]:
    with override_settings(CELERY_TASK_ALWAYS_EAGER=False):
        yield


def make_connection(name: str = "Salesforce", kind: str = "salesforce", **values: object) -> CrmConnection:
    """Return a stored connection."""
    given: dict[str, object] = {
        "kind": kind,
        "name": name,
        "secrets": crypto.seal({"token": "good", "client_id": "c", "client_secret": "s"}),
        "settings": {"domain": "acme.my", "instance": "crm.example.com", "portal_id": "77"},
        "install_key": f"k{CrmConnection.objects.count()}",
        "created_at": NOW,
        **values,
    }
    return CrmConnection.objects.create(**given)


@pytest.fixture
def connection(db: None) -> CrmConnection:
    """A connected Salesforce."""
    return make_connection()


@pytest.fixture
def mia(db: None) -> User:
    """Mia, a campaign manager."""
    return User.objects.create_user("mia", password="correct horse", role="manager")


@pytest.fixture
def ana(db: None) -> User:
    """Ana, an agent."""
    return User.objects.create_user("ana", password="correct horse", role="agent")


@pytest.fixture
def sol(db: None) -> User:
    """Sol, a supervisor."""
    return User.objects.create_user("sol", password="correct horse", role="supervisor")


def call_logged(
    connection: CrmConnection, call_id: int = 1, version: int = 1, **values: object
) -> dict[str, object]:
    """Return the payload of a CallLogged event."""
    return {
        "call_id": call_id,
        "version": version,
        "contact_ref": f"{connection.kind}:{connection.id}:00Q1",
        "contact_name": "Lee Lead",
        "campaign_name": "Spring",
        "agent_name": "Ana Agent",
        "agent_email": "ana@example.com",
        "direction": "outbound",
        "number": "+14075550123",
        "caller_id": "+14075550100",
        "started_at": "2026-03-04T14:58:00+00:00",
        "answered_at": "2026-03-04T14:58:10+00:00",
        "ended_at": "2026-03-04T14:59:10+00:00",
        "duration_seconds": 60,
        "network_outcome": "answered",
        "disposition_code": "",
        "disposition_label": "",
        "disposition_category": "",
        "note": "",
        "local_date": "2026-03-04",
        **values,
    }
