"""A connection to each stand-in, for what is tried against both."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings

from core import crypto
from crm_sync import registry
from crm_sync.models import CrmConnection
from crm_sync.services import connections, pulling
from sandbox.hubspot import app as hubspot_app
from sandbox.salesforce import app as salesforce_app
from sandbox.testing import run_in_thread
from tests.fakes.crm import people_of_list
from tests.integration.crm_sync.conftest import Clock, make_connection

SECRETS = {
    "salesforce": {"client_id": "parley-sandbox", "client_secret": "sandbox-secret"},
    "hubspot": {"token": "pat-na1-sandbox"},
}
SETTINGS = {"salesforce": {"domain": "sandbox.my"}, "hubspot": {"do_not_call_property": "do_not_call"}}


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still unless told otherwise."""
    return Clock()


@pytest.fixture(params=["salesforce", "hubspot"])
def account(request: pytest.FixtureRequest) -> Iterator[tuple[CrmConnection, str, list[str]]]:
    """A connection to a fresh stand-in, its address, and the ids of people in it."""
    kind = request.param
    module: Any = {"salesforce": salesforce_app, "hubspot": hubspot_app}[kind]
    # HubSpot's five searches a second would only slow the tests down
    given = {"search_limit": 1000} if kind == "hubspot" else {}
    with (
        run_in_thread(module.make_app(module.Settings(**given))) as url,
        override_settings(**{f"{kind.upper()}_BASE_URL": url, "CRM_TIMEOUT_SECONDS": 2.0}),
    ):
        made = make_connection(kind, kind, secrets=crypto.seal(SECRETS[kind]), settings=SETTINGS[kind])
        assert connections.check_again(connection_id=made.id, clock=Clock()) == ""
        made.refresh_from_db()
        connector = registry.connect(
            kind, secrets=SECRETS[kind], settings=made.settings, ref_prefix=f"{kind}:{made.id}:"
        )
        chosen = next(
            item
            for item in pulling.list_crm_lists(connection_id=made.id, clock=Clock())
            if item.name == "Autumn outreach"
        )
        yield made, url, [row.external_ref for row in people_of_list(connector, chosen)]
