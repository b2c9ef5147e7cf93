"""The page that gives an administrator the phone's file for the CRM."""

import pytest
from django.test import Client, override_settings

from accounts.models import User
from crm_sync.models import CrmConnection
from tests.integration.crm_sync.conftest import make_connection

FACTS = [
    ("salesforce", {"instance": "acme.my.salesforce.com"}, "application/xml", "reqAdapterUrl"),
    ("hubspot", {"portal_id": "77"}, "application/json", '"isReady": true'),
    ("rest", {"record_url": "https://crm.example.com/c/{person_id}"}, "text/html", "<iframe"),
]


@pytest.fixture
def manager(client: Client, mia: User) -> Client:
    """Mia, signed in."""
    client.force_login(mia)
    return client


@override_settings(PUBLIC_URL="https://parley.example.com", SALESFORCE_BASE_URL="", HUBSPOT_BASE_URL="")
@pytest.mark.parametrize(("kind", "facts", "content_type", "words"), FACTS)
def test_each_kind_of_crm_has_its_file(
    kind: str, facts: dict[str, str], content_type: str, words: str, manager: Client
) -> None:
    made = make_connection("Our CRM", kind, settings=facts)

    page = manager.get(f"/crm/{made.id}/phone/")
    file = manager.get(f"/crm/{made.id}/phone/file")

    assert f"https://parley.example.com/phone/{made.id}/" in page.content.decode()
    assert "PARLEY_PUBLIC_URL" not in page.content.decode()
    assert file["Content-Type"].startswith(content_type)
    assert f'filename="parley-phone-{made.id}.' in file["Content-Disposition"]
    assert words in file.content.decode()


@override_settings(SALESFORCE_BASE_URL="")
def test_what_is_missing_is_said(manager: Client) -> None:
    made = make_connection(settings={})

    page = manager.get(f"/crm/{made.id}/phone/")

    assert "test the connection" in page.content.decode()
    assert manager.get(f"/crm/{made.id}/phone/file").status_code == 404
    assert manager.get("/crm/999999/phone/").status_code == 404


@override_settings(PUBLIC_URL="http://10.0.0.5", SALESFORCE_BASE_URL="")
def test_an_address_the_crm_will_not_take_is_said(manager: Client) -> None:
    made = make_connection(settings={"instance": "acme.my.salesforce.com"})

    assert "PARLEY_PUBLIC_URL" in manager.get(f"/crm/{made.id}/phone/").content.decode()


@pytest.mark.parametrize("path", ["phone/", "phone/file"])
def test_only_who_manages_crms_sees_it(
    path: str, client: Client, ana: User, connection: CrmConnection
) -> None:
    client.force_login(ana)

    assert client.get(f"/crm/{connection.id}/{path}").status_code == 403
