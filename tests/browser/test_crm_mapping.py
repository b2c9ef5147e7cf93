"""A manager maps a field, tries it on a record, saves it, and after a call it stands on the record's page in the CRM."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.kit import LOOKS, SHOTS, fill, finish, shoot, sign_in, whole_product
from tests.e2e import stack

LEAD = "00QHs0000000001MAA"  # the stand-in's first
# What the dialer publishes when a call's result is saved, and a text from a number that two people of the CRM have.
HAPPENS = f"""
from datetime import timedelta
from core import clock, db, outbox
from crm_sync.models import CrmConnection
from dialer.events import CallLogged, TextLogged
now = clock.now()
at = (now - timedelta(minutes=1)).isoformat()
connection = CrmConnection.objects.get()
with db.use_case():
    outbox.publish(CallLogged(
        call_id=900001, version=1, contact_ref=f"salesforce:{{connection.pk}}:{LEAD}", contact_name="Their first lead",
        campaign_name="Spring roofs", agent_name="Ana", agent_email="ana@example.com", direction="outbound", number="+13125550123",
        caller_id="+13125550100", started_at=at, answered_at=at, ended_at=now.isoformat(), duration_seconds=55,
        network_outcome="answered", disposition_code="interested", disposition_label="Interested", disposition_category="right_party",
        note="Wants a visit", local_date=now.date().isoformat(), campaign_id=1, lead_id=1,
    ), key="call:900001", now=now)
    outbox.publish(TextLogged(
        text_id=900001, number="+12125559876", our_number="+13125550100", words="Who is this?", answer="", meaning="other",
        received_at=at, local_date=now.date().isoformat(),
    ), key="text:900001", now=now)
"""


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product."""
    with whole_product("browser-mapping") as running:
        yield running


def test_from_a_row_of_the_mapping_to_the_record_in_the_crm(browser: Browser, product: stack.Stack) -> None:
    context, page = sign_in(browser, product, "mona")
    page.goto(product.url + "/crm/connect/salesforce/")
    fill(
        page,
        {
            "name": "Salesforce",
            "domain": "sandbox.my",
            "client_id": "parley-sandbox",
            "client_secret": "sandbox-secret",
        },
    )
    page.get_by_role("button", name="Test and connect").click()
    expect(page.locator("body")).to_contain_text("Salesforce is connected")
    page.goto(product.url + "/crm/")
    page.get_by_role("link", name="Mapping of Salesforce").click()
    shoot(page, "110-mappings", looks=LOOKS[:1])
    page.get_by_role("link", name="Rules of matching").click()
    page.get_by_label("People who call or write to us").check()
    shoot(page, "111-match-rules")
    page.get_by_role("button", name="Save").click()

    page.get_by_role("link", name="Map Leads").click()
    page.get_by_label("Fact of Parley").select_option("call.result")
    page.get_by_label("Field of the CRM").select_option("Description")
    page.get_by_label("Where both have a value").select_option("append")
    page.get_by_role("button", name="Add a row").click()
    page.locator("#row-1-ours").select_option("call.campaign")
    page.locator("#row-1-theirs").select_option("Title")
    page.get_by_label("Record id").fill(LEAD)
    page.get_by_role("button", name="Test on this record").click()
    expect(page.locator("main")).to_contain_text("nothing was written")
    shoot(page, "112-mapping-tested")
    page.get_by_role("button", name="Save as version 1").click()
    expect(page.locator("body")).to_contain_text("Saved as version 1")

    product.manage("shell", "-c", HAPPENS)
    page.goto(product.url + "/crm/activity/?q=Their+first")
    for _ in range(40):
        if page.locator("main td .badge.is-good").count() >= 2:  # the call and the fields
            break
        page.wait_for_timeout(500)
        page.reload()
    shoot(page, "113-activity-of-kinds", looks=LOOKS[:1])
    page.goto(f"{product.sandbox('salesforce')}/lightning/r/Lead/{LEAD}/view")
    expect(page.locator("body")).to_contain_text("Spring roofs")
    expect(page.locator("body")).to_contain_text("Call: Interested")
    page.screenshot(path=SHOTS / "114-record-after.png", full_page=True)

    page.goto(product.url + "/crm/people/")
    for _ in range(60):
        if page.get_by_role("button", name="New record (n)").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    shoot(page, "115-who-is-it")
    page.keyboard.press("n")
    expect(page.locator("body")).to_contain_text("Decided")
    page.goto(product.url + "/crm/1/mapping/of/Lead/versions/")
    shoot(page, "116-versions", looks=LOOKS[:1])
    page.goto(product.url + "/crm/1/mapping/conflicts/")
    shoot(page, "117-conflicts", looks=LOOKS[:1])
    finish(context, page)
