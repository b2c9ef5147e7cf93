"""The phone inside a CRM's page, the whole way: connected, a list imported, a number pressed on a record, the call, its result in the
phone, the record with the activity once, and the gate's refusal in the phone.

The CRM is another site to the browser (localhost), so nothing of ours comes with a cookie there.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.kit import LOOKS, ROOT, SHOTS, behave, fill, finish, shoot, sign_in, whole_product
from tests.e2e import stack

pytestmark = pytest.mark.slow_test
EXAMPLE = ROOT / "crm_sync/byfile/examples/plain-crm.yaml"


@dataclass(frozen=True)
class Kind:
    """A CRM, and how it is connected."""

    kind: str
    sandbox: str
    name: str
    values: dict[str, str]

    @property
    def pages(self) -> str:
        """Return what the link to a record names."""
        return {"salesforce": "Salesforce", "hubspot": "HubSpot", "rest": "localhost"}[self.kind]


KINDS = [
    Kind(
        "salesforce",
        "salesforce",
        "Salesforce",
        {"domain": "sandbox.my", "client_id": "parley-sandbox", "client_secret": "sandbox-secret"},
    ),
    Kind("hubspot", "hubspot", "HubSpot", {"token": "pat-na1-sandbox"}),
    Kind("rest", "plaincrm", "Plain CRM", {"secret": "plain-sandbox"}),
]


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product; the CRMs are at localhost, the product at 127.0.0.1."""
    ports = {name: str(stack.free_port()) for name in ("SALESFORCE", "HUBSPOT")}
    extra = {f"SANDBOX_{name}_PORT": port for name, port in ports.items()}
    extra |= {f"{name}_BASE_URL": f"http://localhost:{port}" for name, port in ports.items()}
    with whole_product("crm-phone", extra=extra) as running:
        yield running


@pytest.mark.parametrize("crm", KINDS, ids=lambda crm: crm.kind)
def test_from_a_number_on_a_record_to_its_activity(crm: Kind, browser: Browser, product: stack.Stack) -> None:
    there = product.sandbox(crm.sandbox).replace("127.0.0.1", "localhost")
    manager_context, manager = sign_in(browser, product, "mona")
    address = connected(manager, product, crm)
    campaign_of(manager, product, crm)
    finish(manager_context, manager)

    context, desk = sign_in(browser, product, "rosa")
    desk.locator("form", has_text=f"Calls of {crm.name}").get_by_role("button").click()
    desk.wait_for_selector("#act-dial:not([disabled])")
    link = desk.get_by_role("link", name=f"Open in {crm.pages}")
    shown = desk.locator(".call-number, #phone-choice option").first.inner_text()
    digits = re.sub(r"\D", "", shown)[:10]
    behave(product, f"+1{digits}", behaviour="person", ring_seconds=1, talk_seconds=600)

    page = context.new_page()
    page.set_default_timeout(20_000)
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.goto(f"{there}/phone-host")
    page.fill("[name=address]", address)
    page.get_by_role("button", name="Keep").click()
    page.goto(str(link.get_attribute("href")))
    numbers = page.locator("a[data-number]")
    number = next(each for each in numbers.all() if re.sub(r"\D", "", each.inner_text()).endswith(digits))
    record = number.get_attribute("data-record") or ""
    phone = page.frame_locator("#phone")
    phone.locator("#phone-sign-in").click()
    expect(number).to_have_attribute("aria-disabled", "false")

    number.click()
    expect(phone.locator("#phone-state")).to_have_text("On call")
    expect(page.locator("#popped")).to_have_text(record)
    expect(phone.locator("#phone-save")).to_be_disabled()
    phone.locator("#phone-note").fill("Please never again")
    page.screenshot(path=SHOTS / f"120-phone-{crm.kind}-on-call.png")
    phone.locator("#phone-hang-up").click()
    expect(phone.locator("#phone-save-pause")).to_be_enabled()
    phone.locator("#phone-code").select_option("do_not_call")
    page.screenshot(path=SHOTS / f"121-phone-{crm.kind}-result.png")
    phone.locator("#phone-save-pause").click()
    expect(phone.locator("#phone-state")).to_have_text("Not ready")

    number.click()
    expect(phone.locator("#phone-said")).to_be_visible()
    said = phone.locator("#phone-said").inner_text()
    page.screenshot(path=SHOTS / f"122-phone-{crm.kind}-refused.png")
    assert len(said.split()) > 5, said
    stands_once(page)
    desk.locator("#act-sign-off").click()
    expect(desk.locator("#agent-state")).to_have_text("Signed off")
    finish(context, desk)


def connected(page: Page, product: stack.Stack, crm: Kind) -> str:
    """Connect the CRM as a manager does, import its list, and return the phone's address from its page."""
    page.goto(f"{product.url}/crm/connect/{crm.kind}/")
    if crm.kind == "rest":
        at = product.sandbox("plaincrm")
        text = EXAMPLE.read_text(encoding="utf-8").replace("http://127.0.0.1:8104", at)
        text = re.sub(r"(?m)^((record|activity)_url: http://)127\.0\.0\.1", r"\1localhost", text)
        file = {"name": "plain.yaml", "mimeType": "application/yaml", "buffer": text.encode()}
        page.set_input_files("input[type=file]", file)  # type: ignore[arg-type]  # FilePayload
    fill(page, {"name": crm.name, **crm.values})
    page.get_by_role("button", name="Test and connect").click()
    expect(page.locator("main")).to_contain_text("Connected")
    page.goto(f"{product.url}/crm/")
    page.get_by_role("link", name=f"Phone in {crm.name}").click()
    looks = [*LOOKS, ("narrow-dark", 320, 844, "dark")] if crm.kind == "hubspot" else LOOKS[:1]
    shoot(page, f"119-phone-setup-{crm.kind}", looks=looks)
    address = page.get_by_label("The address that").input_value()
    page.goto(f"{product.url}/crm/")
    page.get_by_role("link", name=f"Lists of {crm.name}").click()
    page.locator("tr", has_text="Renewals due").get_by_role("link", name="Import").click()
    fill(page, {"list_name": f"People of {crm.name}"})
    page.get_by_role("button", name="Import").click()
    expect(page.locator("main")).to_contain_text("Done", timeout=40_000)
    return address


def campaign_of(page: Page, product: stack.Stack, crm: Kind) -> None:
    """Make a campaign in which Rosa dials the list, and start it."""
    page.goto(product.url + "/campaigns/new/")
    fill(page, {"name": f"Calls of {crm.name}"})
    page.select_option("[name=purpose]", "telemarketing")
    page.select_option("[name=caller_id]", "+13125550100")
    page.select_option("[name=script_version]", index=1)
    page.get_by_label(f"People of {crm.name}").first.check()
    page.get_by_role("button", name="Save as draft").click()
    page.get_by_label(re.compile("Rosa Marin")).check()
    page.get_by_role("button", name="Save agents").click()
    page.get_by_role("button", name="Start campaign").click()
    expect(page.locator("body")).to_contain_text("Running")


def stands_once(page: Page) -> None:
    """Wait for the activity on the record; then it is there once, with the note."""
    deadline = time.monotonic() + 20
    while "Please never again" not in page.content():
        assert time.monotonic() < deadline, "the record has no activity"
        page.wait_for_timeout(500)
        page.reload()
    page.wait_for_timeout(2500)
    page.reload()
    assert page.content().count("Please never again") == 1
