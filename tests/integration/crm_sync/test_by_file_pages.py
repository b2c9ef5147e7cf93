"""Connecting a CRM by its mapping file: tried, refused with line and reason, stored, imported, followed."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from accounts.models import User
from core import crypto
from core.models import AuditEvent
from crm_sync.models import CrmConnection
from crm_sync.selectors import examples
from sandbox.plaincrm import app as plaincrm_app
from sandbox.testing import run_in_thread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow_lane]

PLAIN = examples.get_example("plain-crm") or ""
ODD = (Path(__file__).parents[2] / "contract" / "plain-jsonapi.yaml").read_text(encoding="utf-8")


@pytest.fixture
def url() -> Iterator[str]:
    """A fresh stand-in, and pages without their frame."""
    templates: Any = deepcopy(settings.TEMPLATES)
    processors = templates[0]["OPTIONS"]["context_processors"]
    templates[0]["OPTIONS"]["context_processors"] = [
        name for name in processors if name != "desk.context.shell"
    ]
    with run_in_thread(plaincrm_app.make_app(plaincrm_app.Settings())) as address:
        hosts = [address.removeprefix("http://")]
        with override_settings(
            ROOT_URLCONF="tests.integration.crm_sync.urls",
            TEMPLATES=templates,
            CRM_PRIVATE_HOSTS=hosts,
            CRM_TIMEOUT_SECONDS=1.5,
        ):
            yield address


@pytest.fixture
def client(mia: User) -> Client:
    """Mia's browser."""
    browser = Client()
    browser.force_login(mia)
    return browser


def entered(url: str, **values: str) -> dict[str, Any]:
    """Return what Mia enters."""
    text = PLAIN.replace("http://127.0.0.1:8104", url)
    return {"name": "Our CRM", "mapping": text, "user": "", "secret": "plain-sandbox", **values}


def test_trying_shows_what_came_and_stores_nothing(client: Client, url: str) -> None:
    answer = client.post("/crm/connect/rest/", {**entered(url), "try": "1"})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "4 found: Autumn outreach, Everybody, Nobody yet, Renewals due." in page
    assert "as they would be imported" in page
    assert "Nothing was stored" in page
    assert not CrmConnection.objects.exists()


def test_an_uploaded_file_is_connected(client: Client, url: str) -> None:
    upload = SimpleUploadedFile("crm.yaml", entered(url)["mapping"].encode())

    answer = client.post("/crm/connect/rest/", {**entered(url, mapping=""), "upload": upload})

    assert answer.status_code == 302, answer.content.decode()
    made = CrmConnection.objects.get()
    assert (made.kind, made.state) == ("rest", "connected")
    assert "plain-sandbox" not in str(made.settings) + made.secrets
    assert crypto.unseal(made.secrets) == {"secret": "plain-sandbox"}
    edit = client.get(f"/crm/{made.id}/edit/").content.decode()
    assert "given_name" in edit
    assert "plain-sandbox" not in edit
    assert client.get("/crm/").status_code == 200


REFUSED = [
    ({"mapping": "a: ["}, "line 1: This is neither YAML nor JSON"),
    ({"mapping": ""}, "Choose a file, or paste its text"),
    ({"mapping": "\x00"}, "Null characters"),
    ({"mapping": "parley: 1"}, "“base_url” is missing"),
    ({"secret": ""}, "This field is required"),
    ({"secret": "sécret"}, "plain letters"),
    ({"secret": "a\nb: c"}, "plain letters"),
    ({"secret": "wrong"}, "Enter the secret again"),
    ({"name": ""}, "This field is required"),
]


@pytest.mark.parametrize(("change", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_what_cannot_be_used_is_refused_and_what_was_typed_is_kept(
    change: dict[str, str], words: str, client: Client, url: str
) -> None:
    answer = client.post("/crm/connect/rest/", entered(url, **change))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert not CrmConnection.objects.exists()
    if "mapping" not in change:
        assert "given_name" in page


def test_files_that_are_no_text_are_refused(client: Client, url: str) -> None:
    for data in (b"\xff\xfe\x00", b"x" * 300_000, b"PK\x03\x04" + bytes(200)):
        upload = SimpleUploadedFile("crm.yaml", data)
        answer = client.post("/crm/connect/rest/", {**entered(url, mapping=""), "upload": upload})
        assert answer.status_code == 422


def test_an_address_inside_is_refused(client: Client, url: str) -> None:
    with override_settings(CRM_PRIVATE_HOSTS=[]):
        answer = client.post("/crm/connect/rest/", {**entered(url), "try": "1"})

    assert "must begin with https://" in answer.content.decode()


def test_examples_are_given_out_and_nothing_else(client: Client, url: str, sol: User) -> None:
    assert "EspoCRM" in client.get("/crm/examples/espocrm.yaml").content.decode()
    assert client.get("/crm/examples/nobody.yaml").status_code == 404
    page = client.get("/crm/connect/rest/").content.decode()
    for file, name in examples.list_examples():
        assert f'/crm/examples/{file}.yaml">{name}</a>' in page
    assert examples.list_examples()[-1][0] == "plain-crm"
    other = Client()
    other.force_login(sol)
    assert other.get("/crm/examples/espocrm.yaml").status_code == 403


def test_the_audit_trail_has_the_file_and_not_the_secret(client: Client, url: str) -> None:
    client.post("/crm/connect/rest/", entered(url))

    event = AuditEvent.objects.get(verb="crm_sync.connection.connected")
    assert "given_name" in str(event.after)
    assert "plain-sandbox" not in str(event.after)


def test_a_password_goes_with_its_client_and_neither_is_in_the_trail(client: Client, url: str) -> None:
    text = ODD.replace("http://127.0.0.1:8104", url)
    given = {**entered(url), "mapping": text, "user": "parley", "secret": "plain-password"}
    missing = client.post("/crm/connect/rest/", {**given, "user": ""})
    assert "enter the user or client id" in missing.content.decode()
    refused = client.post(
        "/crm/connect/rest/", {**given, "client_id": "parley-client", "client_secret": "no"}
    )
    assert "gave no token" in refused.content.decode()

    client.post(
        "/crm/connect/rest/", {**given, "client_id": "parley-client", "client_secret": "client-sandbox"}
    )

    made = CrmConnection.objects.get()
    assert set(crypto.unseal(made.secrets)) == {"secret", "user", "client_id", "client_secret"}
    assert made.settings["can"] == "fields search"
    event = AuditEvent.objects.get(verb="crm_sync.connection.connected")
    assert "plain-password" not in str(event.after)
    assert "client-sandbox" not in str(event.after)
