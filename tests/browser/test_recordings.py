"""The recording of a call in a real browser: its true state at the desk, card data, a reload, the list, the player, a hold."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.kit import LOOKS, behave, fill, finish, shoot, sign_in, wait_until, whole_product
from tests.e2e import stack

pytestmark = pytest.mark.slow_test

ALL_LOOKS = [*LOOKS, ("narrow-dark", 390, 844, "dark")]
NUMBER = "+13035550171"


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product after noon, also past nine in Denver; calls three times as fast as in life."""
    with whole_product("browser-recordings", hour=14, extra={"SANDBOX_SPEED": "3"}) as running:
        yield running


def test_a_call_is_recorded_paused_for_card_data_heard_and_held(
    browser: Browser, product: stack.Stack
) -> None:
    start_campaign(browser, product)
    talk(browser, product)
    listen(browser, product)
    hold(browser, product)


def start_campaign(browser: Browser, product: stack.Stack) -> None:
    """A manager imports one person and starts a campaign that records every call."""
    context, page = sign_in(browser, product, "mona")
    page.goto(product.url + "/lists/import/")
    rows = "Name,Phone,ZIP,State\nIda Frost,(303) 555-0171,80202,CO\n"
    fill(page, {"list_name": "Trade fair"})
    page.set_input_files(
        "input[type=file]", {"name": "fair.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    page.get_by_role("button", name="Import at once").click()
    expect(page.locator("main")).to_contain_text("Done", timeout=40_000)
    page.goto(product.url + "/campaigns/new/")
    fill(page, {"name": "Recorded"})
    page.select_option("[name=purpose]", "telemarketing")
    page.select_option("[name=caller_id]", "+13125550100")
    page.select_option("[name=script_version]", index=1)
    page.get_by_label("Trade fair").first.check()
    page.get_by_role("button", name="Save as draft").click()
    page.get_by_label(re.compile("Rosa Marin")).check()
    page.get_by_role("button", name="Save agents").click()
    page.get_by_role("link", name="What is recorded, who listens").click()
    fill(page, {"percent": "100", "reason": "Coaching of new agents"})
    shoot(page, "60-recording-rule", looks=ALL_LOOKS)
    page.get_by_role("button", name="Put in force").click()
    expect(page.locator("table")).to_contain_text("100 %")
    page.get_by_role("link", name="Back to the campaign").click()
    page.get_by_role("button", name="Start campaign").click()
    expect(page.locator("body")).to_contain_text("Running")
    finish(context, page)


def talk(browser: Browser, product: stack.Stack) -> None:
    """An agent's call: recorded after its notice, paused by key and for card data, gone on with by key alone."""
    behave(product, NUMBER, behaviour="person", ring_seconds=2, talk_seconds=600)
    context, page = sign_in(browser, product, "rosa")
    page.locator("form", has_text="Recorded").get_by_role("button").click()
    page.wait_for_selector("#act-dial:not([disabled])")
    page.keyboard.press("d")
    state = page.locator("#recording-state")
    expect(state).to_have_attribute("data-state", "recording", timeout=30_000)
    expect(state).not_to_contain_text("being played", timeout=30_000)
    shoot(page, "61-desk-recording", looks=ALL_LOOKS)

    page.locator("#card-name").click()
    page.keyboard.press("e")
    expect(state).to_have_attribute("data-state", "paused")
    page.reload()
    expect(page.locator("#desk")).to_have_attribute("data-connection", "live", timeout=30_000)
    expect(state).to_have_attribute("data-state", "paused")
    page.locator("#act-hold").click()
    expect(page.locator("#call-state")).to_have_attribute("data-state", "on_hold")
    page.locator("#act-hold").click()
    expect(page.locator("#call-state")).to_have_attribute("data-state", "connected")
    expect(state).to_have_attribute("data-state", "paused")
    page.locator("#card-name").click()
    page.keyboard.press("e")
    expect(state).to_have_attribute("data-state", "recording")

    page.keyboard.press("b")
    expect(page.locator("#card-step")).to_have_attribute("data-open", "true")
    expect(state).to_have_attribute("data-state", "paused")
    shoot(page, "62-desk-card-data", looks=ALL_LOOKS)
    page.locator("#card-name").click()
    page.keyboard.press("b")
    expect(page.locator("#card-step")).to_have_count(0)
    expect(state).to_have_attribute("data-state", "paused")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Go on recording")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(state).to_have_attribute("data-state", "recording")

    page.keyboard.press("h")
    expect(page.locator("#call-state")).to_have_attribute("data-state", "ended")
    page.keyboard.press("1")
    page.locator("#act-save").click()
    expect(page.locator("#agent-state")).not_to_have_text("Wrap-up")
    finish(context, page)


def listen(browser: Browser, product: stack.Stack) -> None:
    """A supervisor finds the recording and hears it, by keyboard."""
    context, page = sign_in(browser, product, "sol")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Recordings").click()
    wait_for_sound(page)
    shoot(page, "63-recordings", looks=ALL_LOOKS)
    page.locator("a.row-link").first.click()
    expect(page.locator(".tracks svg")).to_have_count(2)
    expect(page.get_by_role("button", name="Download")).to_have_count(0)
    page.locator(".tracks").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tracks")).to_have_attribute("aria-valuenow", re.compile("[1-9]"))
    page.keyboard.press("k")
    wait_until(page, "!document.querySelector('audio').paused")
    page.keyboard.press("k")
    wait_until(page, "document.querySelector('audio').paused")
    shoot(page, "64-recording", looks=ALL_LOOKS)
    finish(context, page)


def hold(browser: Browser, product: stack.Stack) -> None:
    """An officer holds it."""
    context, page = sign_in(browser, product, "cora")
    page.goto(product.url + "/recordings/?number=303+555+0171")
    page.locator("a.row-link").first.click()
    page.get_by_label("Why").fill("Complaint 42")
    page.get_by_role("button", name="Hold it").click()
    expect(page.locator("main")).to_contain_text("Held by cora: Complaint 42")
    shoot(page, "65-recording-held", looks=ALL_LOOKS)
    finish(context, page)


def wait_for_sound(page: Page) -> None:
    for _ in range(60):
        if page.locator("td", has_text="Stored").count():
            return
        page.wait_for_timeout(1000)
        page.reload()
    raise AssertionError("The sound did not come from the carrier.")
