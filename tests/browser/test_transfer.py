"""A call is handed on with a word first, by the keyboard alone: to another agent, and to a number outside."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from config import embedded
from tests.browser.test_presence import at_desk, dial, save_and_pause, state_of
from tests.browser.test_story import LOOKS, SHOTS, behave, finish, shoot, sign_in
from tests.e2e import stack
from tests.e2e.scene import clock_offset

pytestmark = pytest.mark.slow_test
ALL_LOOKS = [*LOOKS, ("narrow-dark", 390, 844, "dark")]
OUTSIDE = "+14075550177"


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product at 10:00 in New York on a Monday."""
    folder = Path(embedded.data_folder("transfer"))
    shutil.rmtree(folder, ignore_errors=True)
    SHOTS.mkdir(exist_ok=True)
    with stack.running(folder, clock_offset=clock_offset(10, 0)) as running:
        yield running


def stands(page: Page, state: str) -> None:
    expect(page.locator("#transfer-live")).to_have_attribute("data-state", state)


def stop(page: Page) -> None:
    """Leave the desk, whatever the agent does."""
    if page.locator("#act-pause").count():
        page.locator("#act-pause").click()
    page.locator("#act-sign-off").click()
    expect(page.locator("#agent-state")).to_have_text("Signed off")


def test_a_warm_transfer_to_another_agent_by_the_keyboard_alone(
    browser: Browser, product: stack.Stack
) -> None:
    context, page = at_desk(browser, product, "rosa")
    page.wait_for_selector("#act-dial:not([disabled])")
    name = page.locator("#card-name").inner_text()
    dial(product, page)
    to_context, jonas = at_desk(browser, product, "jonas")
    jonas.wait_for_selector("#act-dial:not([disabled])")
    expect(page.locator("#transfer-form option", has_text="Jonas Weber")).to_have_count(1)
    page.locator("#card-name").click()
    shoot(page, "80-desk-transfer", looks=ALL_LOOKS)
    page.bring_to_front()

    page.keyboard.press("f")
    page.keyboard.type("Jonas")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    stands(page, "consulting")
    expect(state_of(page)).to_have_attribute("data-state", "on_hold")
    expect(page.locator("#transfer-target")).to_have_text("On the line")
    expect(jonas.locator("#agent-state")).to_have_text("Consulted")
    expect(jonas.locator("#desk-notice")).to_contain_text(f"Rosa Marin asks you about a call with {name}")
    expect(page.locator("#act-hang-up")).to_be_disabled()
    shoot(page, "81-desk-consulting", looks=ALL_LOOKS)
    shoot(jonas, "82-desk-consulted", looks=ALL_LOOKS)
    page.bring_to_front()
    page.locator("#card-name").click()
    page.keyboard.press("i")
    stands(page, "swapped")
    expect(page.locator("#transfer-target")).to_have_text("On hold, music")
    expect(page.locator("#transfer-person")).to_have_text("On the line")
    page.keyboard.press("j")
    stands(page, "together")
    expect(page.locator("#transfer-target")).to_have_text("On the line")
    page.keyboard.press("g")

    expect(jonas.locator("#card-name")).to_have_text(name)
    expect(state_of(jonas)).to_have_attribute("data-state", "connected")
    expect(page.locator("#transfer-live")).to_have_count(0)
    jonas.locator("#act-hang-up").click()
    save_and_pause(jonas)
    stop(page)
    stop(jonas)
    finish(context, page)
    finish(to_context, jonas)


def test_a_warm_transfer_to_a_number_of_the_campaigns_list(browser: Browser, product: stack.Stack) -> None:
    mia_context, mia = sign_in(browser, product, "mona")
    mia.goto(product.url + "/campaigns/")
    mia.get_by_role("link", name="Home energy check").first.click()
    mia.get_by_role("link", name="Numbers its calls may be handed on to").click()
    mia.get_by_role("button", name="Add").click()
    expect(mia.locator("#form-errors")).to_be_visible()
    mia.get_by_label("Who answers there").fill("Fitters in Orlando")
    mia.get_by_label("Number", exact=True).fill("407 555 0177")
    mia.get_by_label("ZIP").fill("32801")
    mia.get_by_label("State").select_option(label="Florida")
    mia.get_by_role("button", name="Add").click()
    expect(mia.locator("main")).to_contain_text("(407) 555-0177")
    shoot(mia, "83-campaign-transfers", looks=ALL_LOOKS)
    finish(mia_context, mia)
    behave(product, OUTSIDE, behaviour="person", ring_seconds=1, talk_seconds=600)
    context, page = at_desk(browser, product, "rosa")
    page.wait_for_selector("#act-dial:not([disabled])")
    dial(product, page)
    page.locator("#card-name").click()

    page.keyboard.press("f")
    page.keyboard.type("Fitters")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    stands(page, "consulting")
    expect(page.locator("#transfer-state")).to_contain_text("Fitters in Orlando")
    shoot(page, "84-desk-outside", looks=LOOKS[:1])
    page.locator("#card-name").click()
    page.keyboard.press("q")
    expect(page.locator("#transfer-live")).to_have_count(0)
    expect(state_of(page)).to_have_attribute("data-state", "connected")
    page.keyboard.press("u")
    page.keyboard.type("407 555 0177")
    page.keyboard.press("Enter")
    stands(page, "consulting")
    page.locator("#card-name").click()
    page.keyboard.press("g")

    expect(state_of(page)).to_have_attribute("data-state", "transferred")
    expect(page.locator("#agent-state")).to_have_text("Wrap-up")
    expect(page.locator("#act-hang-up")).to_have_count(0)
    shoot(page, "85-desk-handed-out", looks=ALL_LOOKS)
    page.locator("#card-name").click()
    page.keyboard.press("1")
    page.keyboard.press("w")
    expect(page.locator("#agent-state")).to_have_text("Not ready")
    stop(page)
    finish(context, page)


def test_a_number_the_gate_refuses_stays_uncalled_and_the_desk_says_why(
    browser: Browser, product: stack.Stack
) -> None:
    context, page = at_desk(browser, product, "rosa")
    page.wait_for_selector("#act-dial:not([disabled])")
    dial(product, page)

    page.locator("#transfer-number").fill("+1 808 555 0123")  # five in the morning in Hawaii
    page.locator("#act-consult").click()

    expect(page.locator("#messages")).to_contain_text("Not called: ")
    expect(page.locator("#messages")).to_contain_text("The person is still with you.")
    expect(state_of(page)).to_have_attribute("data-state", "connected")
    page.locator("#act-hang-up").click()
    save_and_pause(page)
    stop(page)
    finish(context, page)
