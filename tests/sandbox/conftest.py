"""Stand-ins running for a test."""

import pytest
from hubspot import HubSpot

from sandbox.hubspot import app as hubspot_app
from sandbox.salesforce import app as salesforce_app
from sandbox.testing import run_in_thread
from tests.sandbox.salesforce_client import sign_in


@pytest.fixture
def salesforce_url():
    with run_in_thread(salesforce_app.make_app(salesforce_app.Settings())) as url:
        yield url


@pytest.fixture
def sf(salesforce_url):
    client = sign_in(salesforce_url)
    yield client
    client.session.close()


@pytest.fixture
def hubspot_url():
    # the real limits are tested on their own; here they would only slow the tests down
    settings = hubspot_app.Settings(ten_second_limit=10_000, search_limit=1_000)
    with run_in_thread(hubspot_app.make_app(settings)) as url:
        yield url


@pytest.fixture
def hs(hubspot_url):
    return HubSpot(access_token="pat-na1-sandbox", host=hubspot_url)
