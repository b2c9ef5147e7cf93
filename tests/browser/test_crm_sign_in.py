"""A CRM connected at its own page, step by step, and a list read while the CRM stumbles."""

from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.browser.kit import fill, finish, shoot, sign_in, whole_product
from tests.e2e import stack

pytestmark = pytest.mark.slow_lane


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product."""
    with whole_product("browser-crm-oauth") as running:
        yield running


def test_connecting_by_signing_in_there_and_reading_a_list(browser: Browser, product: stack.Stack) -> None:
    context, page = sign_in(browser, product, "mona")

    page.goto(product.url + "/crm/")
    page.get_by_role("link", name="Connect a CRM").first.click()
    shoot(page, "crm-choose")
    page.get_by_role("link", name="Salesforce, Sign in at Salesforce").click()
    fill(
        page,
        {"domain": "sandbox.my", "client_id": "parley-sandbox", "client_secret": "sandbox-secret"},
    )
    shoot(page, "crm-sign-in")
    page.get_by_role("button", name="Go on").click()
    shoot(page, "crm-go-there")
    page.get_by_role("link", name="Go to Salesforce").click()
    expect(page.locator("main")).to_contain_text("parley-sandbox")
    page.get_by_role("button", name="Allow").click()

    expect(page.locator("main")).to_contain_text("Connected")
    shoot(page, "crm-checks")
    page.get_by_role("link", name="Next: lists").click()
    shoot(page, "crm-lists")
    page.locator("tr", has_text="All Contacts").get_by_role("link", name="Import").click()
    fill(page, {"list_name": "All contacts"})
    fault = {"kind": "http_500", "count": 2, "match": "/query"}
    requests.post(f"{product.sandbox('salesforce')}/_sandbox/faults", json=fault, timeout=5)
    page.get_by_role("button", name="Import").click()
    expect(page.locator("main")).to_contain_text("Waits for the CRM")
    shoot(page, "crm-reading", looks=[("wide-light", 1440, 900, "light")])

    expect(page.locator("main")).to_contain_text("Done", timeout=40_000)
    finish(context, page)
