"""A carrier stand-in and a product that records what it is told, both on free ports."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from twilio.rest import Client

from sandbox.carrier.app import make_app
from sandbox.carrier.settings import Settings
from sandbox.testing import run_in_thread
from tests.sandbox.carrier.kit import SPEED, Carrier, Product, RewritingClient


@pytest.fixture
def product() -> Iterator[Product]:
    product = Product()
    with run_in_thread(product.app()) as base:
        product.base = base
        yield product


@pytest.fixture
def start_carrier() -> Iterator[Callable[..., Carrier]]:
    with ExitStack() as stack:

        def start(**wishes: Any) -> Carrier:
            settings = Settings(**{"speed": SPEED, "timeout_seconds": 0.3, **wishes})
            base = stack.enter_context(run_in_thread(make_app(settings)))
            http = RewritingClient(base)
            if http.session is not None:
                stack.callback(http.session.close)
            client = Client(settings.account_sid, settings.auth_token, http_client=http)
            return Carrier(base, settings, client)

        yield start


@pytest.fixture
def carrier(start_carrier: Callable[..., Carrier]) -> Carrier:
    return start_carrier()
