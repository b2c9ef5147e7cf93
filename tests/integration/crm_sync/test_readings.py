"""The page of one reading: how far, how fast, how long still, and stopping it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings

from accounts.models import User
from crm_sync.models import CrmConnection, ListPull
from crm_sync.selectors import readings
from tests.integration.crm_sync.conftest import NOW
from tests.integration.crm_sync.test_pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona(mia: User) -> Client:
    """A manager at her browser."""
    return signed_in(mia)


def pull(connection: CrmConnection, **values: Any) -> ListPull:
    """Return a reading that has gone on for ten seconds."""
    given: dict[str, Any] = {
        "connection": connection, "import_id": 7, "list_kind": "campaign", "list_id": "701A", "state": "reading",
        "rows_read": 9_990, "left_out": 10, "rows_total": 100_000, "began_at": NOW, "created_at": NOW,
        "progressed_at": NOW + timedelta(seconds=10), **values,
    }  # fmt: skip
    return ListPull.objects.create(**given)


@pytest.mark.parametrize(
    ("values", "rate", "left"),
    [
        ({}, 1000, 90),
        ({"rows_total": None}, 1000, None),
        ({"progressed_at": NOW + timedelta(seconds=2)}, None, None),
        ({"rows_read": 0, "left_out": 0}, None, None),
        ({"began_at": None}, None, None),
        ({"rows_total": 5_000}, 1000, 0),  # the list grew shorter meanwhile
    ],
)
def test_rate_and_time_left(
    values: dict[str, Any], rate: int | None, left: int | None, connection: CrmConnection
) -> None:
    pull(connection, **values)

    found = readings.get_reading(7)

    assert (found.rate, found.seconds_left) == (rate, left)


def test_the_page_says_how_far_and_how_long_still(connection: CrmConnection, mona: Client) -> None:
    pull(connection)

    page = mona.get("/crm/reading/7/").content.decode()

    assert "10,000 of 100,000 records read, 1,000 a second, about 90 seconds left." in page
    assert "9,990 people + 10 left out" in page


def test_the_page_says_why_it_waits_and_until_when(connection: CrmConnection, mona: Client) -> None:
    due_at = NOW + timedelta(minutes=5)
    pull(connection, state="waiting", due_at=due_at, last_error="Salesforce said <no> more.")

    page = mona.get("/crm/reading/7/progress/").content.decode()

    assert "Salesforce said &lt;no&gt; more." in page
    assert "what was read is kept" in page


def test_one_that_is_being_gathered_is_not_called_waiting(connection: CrmConnection, mona: Client) -> None:
    pull(connection, state="waiting", due_at=NOW, rows_read=0, left_out=0, rows_total=50_000)

    page = mona.get("/crm/reading/7/").content.decode()

    assert "Salesforce gathers 50,000 records" in page
    assert "Waits for the CRM" not in page


def test_one_that_has_ended_leads_to_its_import(connection: CrmConnection, mona: Client) -> None:
    pull(connection, state="done")

    assert mona.get("/crm/reading/7/")["Location"] == "/lists/imports/7/"
    assert mona.get("/crm/reading/7/progress/")["HX-Redirect"] == "/lists/imports/7/"
    assert mona.post("/crm/reading/7/stop/")["Location"] == "/lists/imports/7/"
    assert mona.get("/crm/reading/8/").status_code == 404
    assert mona.post("/crm/reading/8/stop/").status_code == 404


def test_readings_under_way_cost_one_query(connection: CrmConnection, django_assert_num_queries: Any) -> None:
    for number in range(3):
        pull(connection, import_id=number)

    with django_assert_num_queries(1):
        assert [row.import_id for row in readings.list_open(connection.id)] == [0, 1, 2]


@pytest.mark.django_db(transaction=True)
@override_settings(CELERY_TASK_ALWAYS_EAGER=False)
def test_stopping_is_asked_for_and_audited(connection: CrmConnection, mona: Client) -> None:
    from core.models import AuditEvent

    pull(connection)

    assert mona.post("/crm/reading/7/stop/")["Location"] == "/crm/reading/7/"

    assert "Stopping after the page under way" in mona.get("/crm/reading/7/").content.decode()
    assert AuditEvent.objects.get(verb="crm_sync.reading.stop_asked").actor == "mia"
