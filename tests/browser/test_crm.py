"""The CRM pages in a real browser: connect, follow a list, look at its health, edit what the CRM refused."""

from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.kit import LOOKS, fill, finish, shoot, sign_in, whole_product
from tests.e2e import stack

pytestmark = pytest.mark.slow_test

ALL_LOOKS = [*LOOKS, ("narrow-dark", 320, 844, "dark")]
REASON = "A validation rule of your Salesforce refuses this task: edit it to fit and retry. Salesforce said: No prices."


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product."""
    with whole_product("browser-crm") as running:
        yield running


def test_a_manager_follows_a_list_and_settles_what_was_refused(
    browser: Browser, product: stack.Stack
) -> None:
    context, page = sign_in(browser, product, "mona")
    page.goto(product.url + "/crm/connect/salesforce/")
    secret = {"client_id": "parley-sandbox", "client_secret": "sandbox-secret"}
    fill(page, {"name": "Salesforce", "domain": "sandbox.my", **secret})
    page.get_by_role("button", name="Test and connect").click()
    expect(page.locator("main")).to_contain_text("Connected")

    page.locator("a[href$='/lists/']").first.click()
    page.locator("tr", has_text="Renewals due").get_by_role("link", name="Import").click()
    page.get_by_label("Keep up to date").check()
    page.get_by_role("button", name="Import").click()
    page.wait_for_url("**/crm/live/")
    expect(page.locator("table")).to_contain_text("Renewals due")
    for _ in range(40):
        if page.get_by_text("Followed", exact=True).count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator("table")).to_contain_text("Followed")
    shoot(page, "80-crm-live", looks=ALL_LOOKS)

    store_held_call(product)
    page.goto(product.url + "/crm/")
    page.get_by_role("link", name="Health").first.click()
    expect(page.get_by_role("heading", name="Both sides compared")).to_be_visible()
    page.get_by_role("button", name="Compare both sides now").click()
    for _ in range(40):
        if page.get_by_text("Even", exact=True).count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator("main")).to_contain_text("No prices.")
    shoot(page, "81-crm-health", looks=ALL_LOOKS)

    page.get_by_role("link", name="Edit or send again").click()
    shoot(page, "82-crm-held", looks=ALL_LOOKS)
    page.get_by_role("link", name="Edit Call: Interested").click()
    shoot(page, "83-crm-held-call", looks=ALL_LOOKS)
    page.get_by_label("Note").fill("Wants to hear more.")
    page.get_by_role("button", name="Save and send again").click()
    expect(page.locator("#messages")).to_contain_text("sent again")
    finish(context, page)


def store_held_call(product: stack.Stack) -> None:
    """Have one call of a followed person wait with the CRM's reason."""
    with psycopg.connect(product.env["DATABASE_URL"]) as connection:
        connection.execute(
            """
            INSERT INTO crm_sync_syncqueueitem (
                connection_id, kind, external_call_id, person_id, person_name, payload, payload_version, sent_version, state, attempts,
                due_at, created_at, changed_at, crm_id, reason)
            SELECT connection.id, 'call', 'parley-' || connection.install_key || '-1', member.person_id, 'Lee Alvarez', jsonb_build_object(
                     'external_call_id', 'parley-' || connection.install_key || '-1', 'person_id', member.person_id,
                     'subject', 'Call: Interested', 'direction', 'outbound', 'number', '+14075550123', 'caller_id', '+14075550100',
                     'started_at', '2026-11-20T15:00:00.000Z', 'ended_at', '2026-11-20T15:01:05.000Z', 'local_date', '2026-11-20',
                     'duration_seconds', 65, 'network_outcome', 'answered', 'disposition_label', 'Interested',
                     'disposition_category', 'conversion', 'note', 'Asked for prices: $450.', 'campaign_name', 'Spring',
                     'agent_name', 'Rosa', 'agent_email', 'rosa@example.com'),
                   1, 0, 'held', 1, now(), now(), now(), '', %s
              FROM crm_sync_crmconnection AS connection
              JOIN crm_sync_livelist AS live ON live.connection_id = connection.id
              JOIN crm_sync_livemember AS member ON member.live_list_id = live.id
             LIMIT 1
            """,
            (REASON,),
        )
