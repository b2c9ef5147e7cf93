"""Lists that are queries of ours, in both CRMs: refused in words, kept, read with a bar; and both sides compared on a page."""

from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.browser.kit import LOOKS, fill, finish, shoot, sign_in, whole_product
from tests.e2e import stack

pytestmark = pytest.mark.slow_lane
COMPARE = """
from datetime import timedelta
from core import clock, db, outbox
from dialer.events import CallLogged
from crm_sync.models import CrmConnection
from crm_sync.services import comparing_kinds, reconciling
made = CrmConnection.objects.get(kind="salesforce")
now = clock.now()
at = (now - timedelta(minutes=1)).isoformat()
for number in range(3):
    with db.use_case():
        outbox.publish(CallLogged(
            call_id=900001 + number, version=1, contact_ref=f"salesforce:{made.pk}:00QHs000000000{number + 1}MAA", contact_name="A lead",
            campaign_name="Spring", agent_name="Ana", agent_email="ana@example.com", direction="outbound", number="+13125550123",
            caller_id="+13125550100", started_at=at, answered_at=at, ended_at=now.isoformat(), duration_seconds=55,
            network_outcome="answered", disposition_code="later", disposition_label="Call back", disposition_category="callback",
            note="Wants a visit", local_date=now.date().isoformat(), campaign_id=1, lead_id=1 + number,
            callback_at=(now + timedelta(days=2)).isoformat(), callback_date=(now + timedelta(days=2)).date().isoformat(),
        ), key=f"call:{900001 + number}", now=now)
from crm_sync.models import SyncQueueItem
import time
until = time.monotonic() + 20
while SyncQueueItem.objects.filter(state="done").count() < 6 and time.monotonic() < until:
    time.sleep(0.3)
reconciling.reconcile(connection_id=made.pk, clock=clock.now)
comparing_kinds.compare(connection_id=made.pk, clock=clock.now)
"""


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product."""
    with whole_product("browser-crm-queries") as running:
        yield running


def connect(page: Page, product: stack.Stack, kind: str, values: dict[str, str]) -> None:
    """Connect a stand-in, and go to its lists."""
    page.goto(f"{product.url}/crm/connect/{kind}/?way={'secret' if kind == 'salesforce' else 'token'}")
    fill(page, {"name": kind.capitalize(), **values})
    shoot(page, f"119-connect-{kind}", looks=LOOKS[:1])
    page.get_by_role("button", name="Test and connect").click()
    expect(page.locator("body")).to_contain_text("is connected")


def test_queries_of_both_crms_are_tried_kept_and_read_with_a_bar(
    browser: Browser, product: stack.Stack
) -> None:
    context, page = sign_in(browser, product, "mona")
    connect(
        page, product, "salesforce",
        {"domain": "sandbox.my", "client_id": "parley-sandbox", "client_secret": "sandbox-secret"},
    )  # fmt: skip
    page.goto(product.url + "/crm/1/lists/")
    page.get_by_role("link", name="New SOQL query").click()
    fill(page, {"name": "Florida", "text": "SELECT Id FROM Lead WHERE Stat = 'FL'"})
    page.get_by_role("button", name="Try and keep").click()
    expect(page.locator("main")).to_contain_text("No such column")
    shoot(page, "120-soql-refused")
    fill(page, {"text": "SELECT Id FROM Lead WHERE State = 'FL' ORDER BY LastName"})
    page.get_by_role("button", name="Try and keep").click()
    expect(page.locator("body")).to_contain_text("It is kept among the lists")
    fill(page, {"list_name": "Florida"})
    fault = {"kind": "http_500", "count": 1, "match": "/query"}
    requests.post(f"{product.sandbox('salesforce')}/_sandbox/faults", json=fault, timeout=5)
    page.get_by_role("button", name="Import").click()
    expect(page.locator("#reading-progress progress")).to_be_visible()
    shoot(page, "121-reading-bar", looks=LOOKS[:1])
    expect(page.locator("main")).to_contain_text("Done", timeout=30_000)
    page.goto(product.url + "/crm/1/lists/")
    expect(page.locator("tr", has_text="Florida").first).to_be_visible()
    shoot(page, "122-lists")

    connect(page, product, "hubspot", {"token": "pat-na1-sandbox", "do_not_call_property": "do_not_call"})
    page.goto(product.url + "/crm/2/checks/")
    shoot(page, "123-hubspot-checks", looks=LOOKS[:1])
    page.goto(product.url + "/crm/2/lists/")
    page.get_by_role("link", name="New search").click()
    fill(page, {"name": "New ones", "property_1": "hs_lead_status", "value_1": "NEW"})
    page.select_option("[name=operator_1]", "EQ")
    shoot(page, "123-hubspot-search")
    page.get_by_role("button", name="Try and keep").click()
    expect(page.locator("body")).to_contain_text("It is kept among the lists")

    product.manage("shell", "-c", COMPARE)
    page.goto(product.url + "/crm/1/")
    expect(page.locator("main")).to_contain_text("Callbacks")
    expect(page.locator("main")).to_contain_text("Results and notes")
    shoot(page, "124-health")
    finish(context, page)
