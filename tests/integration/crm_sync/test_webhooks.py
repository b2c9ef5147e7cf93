"""HubSpot's webhooks: only its own, none twice, none too old, and what is unknown is kept."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings
from hubspot.utils.signature import Signature

from core import clock, crypto
from crm_sync import hubspot_signature, jobs
from crm_sync.models import CrmConnection, LiveList, WebhookEvent
from tests.integration.crm_sync.conftest import NOW, make_connection
from tests.integration.crm_sync.test_pages import HOSTILE

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "client-secret"
PUBLIC = "https://parley.example"
EVENT = {
    "eventId": 100,
    "subscriptionId": 7,
    "portalId": 24681012,
    "occurredAt": 1,
    "subscriptionType": "contact.deletion",
    "attemptNumber": 0,
    "objectId": 152,
}


@pytest.fixture(autouse=True)
def _pages() -> Any:
    with override_settings(ROOT_URLCONF="tests.integration.crm_sync.urls", PUBLIC_URL=PUBLIC):
        yield


@pytest.fixture
def hub(db: None) -> CrmConnection:
    """A HubSpot account that sends webhooks, with a followed list."""
    made = make_connection("HubSpot", "hubspot", secrets=crypto.seal({"token": "t", "client_secret": SECRET}))
    LiveList.objects.create(
        connection=made,
        list_kind="list",
        list_id="9",
        list_name="L",
        lead_list_name="L",
        lead_list_id=1,
        due_at=NOW.replace(year=2100),
        changes_since=NOW,
        created_at=NOW,
    )
    return made


def send(
    hub: CrmConnection, body: bytes, *, age: float = 0, secret: str = SECRET, **headers: str
) -> HttpResponse:
    """Send a webhook as HubSpot does, or as somebody else would."""
    path = f"/crm/hooks/hubspot/{hub.install_key}/"
    stamp = str(int((clock.now().timestamp() - age) * 1000))
    signature = hubspot_signature.sign(secret, "POST", PUBLIC + path, body, stamp)
    given = {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": stamp, **headers}
    answer: Any = Client(enforce_csrf_checks=True).post(
        path, body, content_type="application/json", headers=given
    )
    found: HttpResponse = answer
    return found


def is_due() -> bool:
    """Return whether the followed list is asked for at once."""
    return LiveList.objects.get().due_at <= clock.now()


def test_our_signature_is_the_one_hubspots_own_library_checks() -> None:
    stamp, uri = str(int(clock.now().timestamp() * 1000)), f"{PUBLIC}/crm/hooks/hubspot/k0/"
    signature = hubspot_signature.sign(SECRET, "POST", uri, b'[{"a": 1}]', stamp)

    assert Signature.is_valid(
        signature=signature,
        client_secret=SECRET,
        request_body='[{"a": 1}]',
        http_method="POST",
        http_uri=uri,
        timestamp=stamp,
        signature_version="v3",
    )


def test_a_genuine_event_has_the_lists_asked_at_once_and_counts_once(hub: CrmConnection) -> None:
    body = json.dumps([EVENT]).encode()

    assert send(hub, body).status_code == 204
    assert is_due()
    LiveList.objects.update(due_at=NOW.replace(year=2100))
    assert send(hub, body).status_code == 204

    assert WebhookEvent.objects.count() == 1
    assert not is_due()


def test_a_list_that_is_due_already_is_asked_at_once_too(
    hub: CrmConnection, sent_jobs: list[tuple[str, dict[str, Any]]]
) -> None:
    LiveList.objects.update(due_at=NOW.replace(year=2000))

    assert send(hub, json.dumps([EVENT]).encode()).status_code == 204

    assert [name for name, _ in sent_jobs] == [jobs.POLL_LISTS]


def test_unknown_events_are_kept_and_change_nothing(hub: CrmConnection) -> None:
    body = json.dumps([{**EVENT, "subscriptionType": "deal.daydreamed"}]).encode()

    assert send(hub, body).status_code == 204

    event = WebhookEvent.objects.get()
    assert (event.kind, event.is_known, event.body["objectId"]) == ("deal.daydreamed", False, 152)
    assert not is_due()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"secret": "other"}, "client secret"),
        ({"age": 301.0}, "five minutes"),
        ({"age": -301.0}, "from the future"),
        ({"X-HubSpot-Request-Timestamp": "soon"}, "timestamp"),
        ({"X-HubSpot-Signature-v3": ""}, "signature"),
    ],
)
def test_forged_and_old_requests_are_refused(changes: dict[str, Any], words: str, hub: CrmConnection) -> None:
    answer = send(hub, json.dumps([EVENT]).encode(), **changes)

    assert answer.status_code == 401
    assert words in answer.content.decode()
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[1]", b"\xff\xfe", json.dumps([EVENT] * 101).encode(), b"[" * 100_000]
)
def test_what_cannot_be_read_is_said_as_such(body: bytes, hub: CrmConnection) -> None:
    assert send(hub, body).status_code == 400
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("text", [*HOSTILE, "\ud800"])
def test_hostile_events_are_kept_without_harm(text: str, hub: CrmConnection) -> None:
    event = {**EVENT, "eventId": text, "subscriptionType": text, "objectId": {"deep": [text, None, 1e308]}}

    assert send(hub, json.dumps([event]).encode()).status_code == 204


def test_who_has_no_client_secret_expects_no_webhooks(db: None) -> None:
    made = make_connection("HubSpot", "hubspot", secrets=crypto.seal({"token": "t"}))

    assert send(made, b"[]").status_code == 404
    assert Client().get(f"/crm/hooks/hubspot/{made.install_key}/").status_code == 405
