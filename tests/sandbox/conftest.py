"""Stand-ins running for a test."""

import pytest

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
