"""The CRM pages: who may open them, what they show, what hostile input gets."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client, override_settings
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from crm_sync import selectors
from crm_sync.handlers import on_call_logged
from crm_sync.models import CrmConnection, SyncQueueItem
from tests.integration.crm_sync.conftest import NOW, call_logged, make_connection

pytestmark = pytest.mark.django_db

HOSTILE = [
    "'; DROP TABLE crm_sync_crmconnection; --",
    "<script>alert(1)</script>",
    "\x00",
    "x" * 5000,
    "\ud83d",
    "９",
    "-1",
    "1e9",
]


@pytest.fixture(autouse=True)
def _pages() -> Iterator[None]:
    templates: Any = deepcopy(settings.TEMPLATES)
    processors = templates[0]["OPTIONS"]["context_processors"]
    templates[0]["OPTIONS"]["context_processors"] = [
        name for name in processors if name != "desk.context.shell"
    ]
    # Nothing listens there: whatever asks the CRM is refused at once.
    with override_settings(
        ROOT_URLCONF="tests.integration.crm_sync.urls",
        TEMPLATES=templates,
        SALESFORCE_BASE_URL="http://127.0.0.1:9",
        HUBSPOT_BASE_URL="http://127.0.0.1:9",
    ):
        yield


def signed_in(user: User) -> Client:
    """Return a browser."""
    client = Client()
    client.force_login(user)
    return client


def hear(connection: CrmConnection, **values: object) -> None:
    """Store a call as the relay would."""
    with transaction.atomic():
        on_call_logged(call_logged(connection, **values), NOW)  # type: ignore[arg-type]  # fields by name


def finish(item: SyncQueueItem, lag_seconds: float, at: Any = NOW) -> None:
    """Mark a call confirmed."""
    SyncQueueItem.objects.filter(id=item.id).update(
        state="done",
        crm_id=f"00T{item.id}",
        sent_version=item.payload_version,
        changed_at=at - timedelta(seconds=lag_seconds),
        first_sent_at=at,
        sent_at=at,
        acknowledged_at=at,
        attempts=1,
    )


ADDRESSES = [
    ("get", "/crm/", {"mia", "sol"}),
    ("get", "/crm/activity/", {"mia", "sol"}),
    ("get", "/crm/connect/salesforce/", {"mia"}),
    ("get", "/crm/{id}/", {"mia", "sol"}),
    ("get", "/crm/live/", {"mia", "sol"}),
    ("post", "/crm/live/1/stop/", {"mia"}),
    ("post", "/crm/{id}/reconcile/", {"mia"}),
    ("post", "/crm/activity/set-aside/", {"mia"}),
    ("get", "/crm/{id}/edit/", {"mia"}),
    ("post", "/crm/{id}/test/", {"mia"}),
    ("post", "/crm/{id}/disconnect/", {"mia"}),
    ("get", "/crm/{id}/lists/", {"mia"}),
    ("get", "/crm/{id}/lists/import/", {"mia"}),
    ("post", "/crm/activity/1/retry/", {"mia"}),
    ("get", "/crm/connect/", {"mia"}),
    ("get", "/crm/sign-in/return/", {"mia"}),
    ("get", "/crm/{id}/checks/", {"mia"}),
    ("get", "/crm/{id}/lists/query/", {"mia"}),
    ("post", "/crm/{id}/lists/query/1/remove/", {"mia"}),
    ("get", "/crm/reading/1/", {"mia"}),
    ("get", "/crm/reading/1/progress/", {"mia"}),
    ("post", "/crm/reading/1/stop/", {"mia"}),
]


@pytest.mark.parametrize(("method", "address", "allowed"), ADDRESSES)
def test_pages_open_for_those_whose_role_has_the_permission(
    method: str, address: str, allowed: set[str], connection: CrmConnection, mia: User, sol: User, ana: User
) -> None:
    path = address.format(id=connection.id)

    for user in (mia, sol, ana):
        status = getattr(signed_in(user), method)(path).status_code
        assert (status == 403) == (user.username not in allowed), (user.username, path, status)

    answer = getattr(Client(), method)(path)
    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/sign-in/")


def test_the_connections_page_shows_health(connection: CrmConnection, sol: User) -> None:
    CrmConnection.objects.filter(id=connection.id).update(
        state="failing", last_error="The <token> has expired."
    )
    hear(connection)

    page = signed_in(sol).get("/crm/").content.decode()

    assert "The &lt;token&gt; has expired." in page
    assert "Failing" in page
    assert "Connect Salesforce" not in page
    assert "/disconnect/" not in page


def test_lag_counts_only_calls_confirmed_in_the_last_hour(connection: CrmConnection) -> None:
    for call_id in range(1, 22):
        hear(connection, call_id=call_id)
    for item in SyncQueueItem.objects.order_by("id")[:20]:
        finish(item, lag_seconds=2)
    finish(SyncQueueItem.objects.order_by("id")[20], lag_seconds=600, at=NOW - timedelta(hours=2))

    row = selectors.get_connection(connection.id, NOW)

    assert (row.done_last_hour, row.lag_p95) == (20, timedelta(seconds=2))


def test_lists_of_rows_hold_their_query_count(
    connection: CrmConnection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        other = make_connection(f"Other {number}")
        hear(other, call_id=number)

    with django_assert_num_queries(2):
        assert len(selectors.list_connections(NOW)) == 4
    with django_assert_num_queries(1):
        assert len(selectors.list_activity().rows) == 3


def test_activity_is_paged_by_key_in_both_directions(connection: CrmConnection, sol: User) -> None:
    for call_id in range(1, 121):
        hear(connection, call_id=call_id)
    client = signed_in(sol)
    seen, address = [], "/crm/activity/?state=waiting"

    for _ in range(3):
        answer = client.get(address)
        seen.append([row.id for row in answer.context["rows"]])
        address = "/crm/activity/" + (answer.context["page"].next_url or "")
    back = client.get("/crm/activity/" + answer.context["page"].previous_url)

    assert [len(ids) for ids in seen] == [50, 50, 20]
    everything = [item_id for ids in seen for item_id in ids]
    assert everything == sorted(everything, reverse=True)
    assert answer.context["page"].next_url == ""
    assert parse_qs(urlsplit(answer.context["page"].previous_url).query)["state"] == ["waiting"]
    assert [row.id for row in back.context["rows"]] == seen[1]


def test_activity_shows_the_call_its_lag_and_its_record(connection: CrmConnection, sol: User) -> None:
    hear(connection, contact_name="Lee <b>Lead</b>")
    finish(SyncQueueItem.objects.get(), lag_seconds=1.5)

    page = signed_in(sol).get("/crm/activity/").content.decode()

    assert "1.5 s" in page
    assert "Lee &lt;b&gt;Lead&lt;/b&gt;" in page
    assert f"http://127.0.0.1:9/00T{SyncQueueItem.objects.get().id}" in page
    assert "http://127.0.0.1:9/lightning/r/Lead/00Q1/view" in page


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_filters_get_a_page(text: str, connection: CrmConnection, sol: User) -> None:
    hear(connection)
    client = signed_in(sol)

    for name in ("q", "state", "connection", "before", "after"):
        answer = client.get("/crm/activity/", {name: text.encode("utf-8", "replace").decode()})
        assert answer.status_code == 200
        assert b"<script>alert" not in answer.content


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("kind", ["salesforce", "hubspot"])
def test_hostile_connections_are_refused_in_words(kind: str, text: str, mia: User) -> None:
    text = text.encode("utf-8", "replace").decode()
    names = (
        "name",
        "domain",
        "client_id",
        "client_secret",
        "username",
        "private_key",
        "token",
        "do_not_call_property",
    )
    for sign_in in ("secret", "key", text):
        fields = {**dict.fromkeys(names, text), "sign_in": sign_in}

        answer = signed_in(mia).post(f"/crm/connect/{kind}/", fields)

        assert answer.status_code == 422
        assert b"<script>alert" not in answer.content
    assert not CrmConnection.objects.exists()


def test_an_unreachable_crm_says_which_call_failed(mia: User) -> None:
    fields = {"name": "Ours", "token": "pat-1", "do_not_call_property": ""}

    answer = signed_in(mia).post("/crm/connect/hubspot/", fields)

    assert answer.status_code == 422
    assert "HubSpot did not answer (GET /crm/v3/properties/calls/dialer_call_id)" in answer.content.decode()
    assert b"pat-1" not in answer.content
    assert not CrmConnection.objects.exists()


def test_lists_that_cannot_be_read_say_why(connection: CrmConnection, mia: User) -> None:
    CrmConnection.objects.filter(id=connection.id).update(state="disconnected", secrets="")

    answer = signed_in(mia).get(f"/crm/{connection.id}/lists/")

    assert answer.status_code == 502
    assert "is disconnected" in answer.content.decode()


def test_importing_asks_for_a_name_and_leads_to_the_import(connection: CrmConnection, mia: User) -> None:
    client = signed_in(mia)
    query = {"list_kind": "campaign", "list_id": "701A", "crm_list_name": "Spring “A” <x>"}

    form = client.get(f"/crm/{connection.id}/lists/import/", query)
    assert "Spring “A” &lt;x&gt;" in form.content.decode()
    for name in ("", "x" * 121):
        refused = client.post(f"/crm/{connection.id}/lists/import/", {**query, "list_name": name})
        assert refused.status_code == 422
    assert (
        client.post(
            f"/crm/{connection.id}/lists/import/", {**query, "list_id": "a b", "list_name": "S"}
        ).status_code
        == 422
    )


def test_what_does_not_exist_is_404(connection: CrmConnection, mia: User) -> None:
    client = signed_in(mia)

    for address in ("/crm/connect/pipedrive/", "/crm/999/edit/", "/crm/999/lists/", f"/crm/{10**30}/lists/"):
        assert client.get(address).status_code == 404
    for address in ("/crm/999/test/", "/crm/999/disconnect/", "/crm/activity/999/retry/"):
        assert client.post(address).status_code == 404
    assert client.get(f"/crm/{connection.id}/disconnect/").status_code == 405


def test_a_held_call_can_be_retried(connection: CrmConnection, mia: User, sol: User) -> None:
    hear(connection)
    SyncQueueItem.objects.update(state="held", reason="The person was deleted.")
    item = SyncQueueItem.objects.get()
    assert "/retry/" not in signed_in(sol).get("/crm/activity/").content.decode()

    page = signed_in(mia).get("/crm/activity/?state=held").content.decode()
    assert f"/crm/activity/{item.id}/retry/" in page


@pytest.mark.django_db(transaction=True)
def test_posting_writes_what_it_says(connection: CrmConnection, mia: User) -> None:
    hear(connection)
    SyncQueueItem.objects.update(state="held", reason="The person was deleted.")
    item = SyncQueueItem.objects.get()
    client = signed_in(mia)

    assert client.post(f"/crm/activity/{item.id}/retry/").status_code == 302
    assert SyncQueueItem.objects.get().state == "waiting"
    query = {"list_kind": "campaign", "list_id": "701A", "crm_list_name": "Spring", "list_name": "Spring"}
    answer = client.post(f"/crm/{connection.id}/lists/import/", query)
    assert answer.headers["Location"].startswith("/crm/reading/")
    assert client.post(f"/crm/{connection.id}/disconnect/").headers["Location"] == "/crm/"
    connection.refresh_from_db()
    assert connection.state == "disconnected"
