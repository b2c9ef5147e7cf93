"""A call survives a reload, a second window, the web server's restart and the agent's own line breaking off."""

import json
import re
import time
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.kit import LOOKS, behave, finish, shoot, sign_in, whole_product
from tests.e2e import stack

pytestmark = pytest.mark.slow_test
IN_ALL = {"PARLEY_LOST_LINE_RETURN_SECONDS": "4", "PARLEY_DESK_AWAY_SECONDS": "12"}


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product; away and handed over sooner than in life."""
    with whole_product("presence", extra=IN_ALL) as running:
        yield running


@pytest.fixture
def talking(browser: Browser, product: stack.Stack) -> Iterator[tuple[BrowserContext, Page]]:
    """Rosa at her desk, in a call with a person who talks for long."""
    context, page = at_desk(browser, product, "rosa")
    page.wait_for_selector("#act-dial:not([disabled])")
    dial(product, page)
    yield context, page
    live = next((one for one in context.pages if one.locator("#act-hang-up").count()), context.pages[-1])
    if live.locator("#act-hang-up").count():
        live.locator("#act-hang-up").click()
    save_and_pause(live)
    live.locator("#act-sign-off").click()
    expect(live.locator("#agent-state")).to_have_text("Signed off")
    finish(context, live)


def at_desk(browser: Browser, product: stack.Stack, name: str) -> tuple[BrowserContext, Page]:
    context, page = sign_in(browser, product, name)
    page.locator("form", has_text="Home energy check").get_by_role("button").click()
    return context, page


def dial(product: stack.Stack, page: Page) -> None:
    shown = page.locator(".call-number, #phone-choice option").first.inner_text()
    behave(
        product,
        "+1" + re.sub(r"\D", "", shown)[:10],
        behaviour="person",
        ring_seconds=1,
        talk_seconds=600,
    )
    page.locator("#act-dial").click()
    expect(state_of(page)).to_have_attribute("data-state", "connected")


def save_and_pause(page: Page) -> None:
    expect(state_of(page)).to_have_attribute("data-state", "ended")
    page.locator("input[value=interested]").check()
    page.locator("#act-save-pause").click()
    expect(page.locator("#agent-state")).to_have_text("Not ready")


def state_of(page: Page) -> Locator:
    return page.locator("#call-state")


def drop_line(product: stack.Stack, page: Page) -> None:
    """Let the phone of the window that works the desk end its call, once the voice is there and nowhere else."""
    session = page.evaluate("fetch('/desk/state').then((answer) => answer.json())")["session"]
    name = f"agent_{session['user_id']}_{session['tab']}"
    wait_for_voice(product, page, name)
    address = f"{product.sandbox('carrier')}/_sandbox/clients/{name}/hangup"
    urllib.request.urlopen(urllib.request.Request(address, method="POST"), timeout=10).close()


def wait_for_voice(product: stack.Stack, page: Page, name: str) -> None:
    """Wait until the phone of that name is the agent's only one in a call: a new window is rung while the former still speaks."""
    agent = f"client:{name}".rpartition("_")[0]
    deadline = time.monotonic() + 20
    while True:
        with urllib.request.urlopen(product.sandbox("carrier") + "/_sandbox/calls", timeout=10) as answer:
            calls = json.load(answer)["calls"]
        live = [one for one in calls if one["to"].startswith(agent + "_") and one["ended_at"] is None]
        if [(one["to"], one["status"]) for one in live] == [(f"client:{name}", "in-progress")]:
            return
        assert time.monotonic() < deadline, live
        page.wait_for_timeout(50)


def test_a_call_survives_a_reload(talking: tuple[BrowserContext, Page], product: stack.Stack) -> None:
    _, page = talking
    tab = page.locator("#desk").get_attribute("data-tab")

    page.reload()

    expect(page.locator("#desk")).to_have_attribute("data-connection", "live")
    expect(state_of(page)).to_have_attribute("data-state", "connected")
    assert page.locator("#desk").get_attribute("data-tab") != tab
    page.locator("#act-hold").click()
    expect(state_of(page)).to_have_attribute("data-state", "on_hold")
    page.locator("#act-hold").click()
    expect(state_of(page)).to_have_attribute("data-state", "connected")
    drop_line(product, page)  # the voice is in the window that was opened last
    expect(state_of(page)).to_have_attribute("data-state", "interrupted")
    expect(state_of(page)).to_have_attribute("data-state", "connected")


def test_a_second_window_takes_over_and_the_first_takes_back(
    talking: tuple[BrowserContext, Page], product: stack.Stack
) -> None:
    context, first = talking

    second = context.new_page()
    second.goto(product.url + "/desk/")

    expect(first.locator("#desk-elsewhere")).to_contain_text("Another window works this desk now")
    expect(first.locator("#act-hang-up")).to_have_count(0)
    expect(first.locator("#desk-result")).to_have_attribute("inert", "")
    first.keyboard.press("1")
    expect(first.locator("input[value=interested]")).not_to_be_checked()
    expect(state_of(second)).to_have_attribute("data-state", "connected")
    shoot(first, "70-desk-elsewhere", looks=[*LOOKS, ("narrow-dark", 390, 844, "dark")])
    refused = first.evaluate(
        """() => fetch("/desk/act/hang-up", {method: "POST", headers: {
             "X-CSRFToken": document.cookie.match(/csrftoken=([^;]+)/)[1],
             "X-Desk-Tab": document.getElementById("desk").dataset.tab}}).then((answer) => answer.status)"""
    )
    assert refused == 409
    second.locator("#act-hold").click()
    for window in (first, second):
        expect(state_of(window)).to_have_attribute("data-state", "on_hold")
    second.locator("#act-hold").click()
    expect(state_of(second)).to_have_attribute("data-state", "connected")

    first.bring_to_front()
    first.locator("#act-take-over").click()

    expect(first.locator("#act-hang-up")).to_be_enabled()
    expect(first.locator("#desk-result")).not_to_have_attribute("inert", "")
    expect(second.locator("#desk-elsewhere")).to_be_visible()
    expect(state_of(first)).to_have_attribute("data-state", "connected")
    second.close()


def test_a_call_survives_the_web_server_restarting(
    talking: tuple[BrowserContext, Page], product: stack.Stack
) -> None:
    _, page = talking
    page.locator("textarea[name=note]").fill("Wants the price in writing")

    product.kill("web")
    expect(page.locator("#connection-bar")).to_be_visible()
    product.start("web")
    product.wait_until_ready()

    expect(page.locator("#connection-bar")).to_have_count(0, timeout=30_000)
    expect(state_of(page)).to_have_attribute("data-state", "connected")
    expect(page.locator("textarea[name=note]")).to_have_value("Wants the price in writing")
    page.locator("#act-hold").click()
    expect(state_of(page)).to_have_attribute("data-state", "on_hold")


def test_the_person_is_kept_while_the_agents_line_comes_back(
    talking: tuple[BrowserContext, Page], product: stack.Stack, browser: Browser
) -> None:
    _, page = talking
    sol_context, sol = sign_in(browser, product, "sol")

    drop_line(product, page)

    expect(state_of(page)).to_have_attribute("data-state", "interrupted")
    expect(sol.locator("#floor")).to_contain_text("Present")
    expect(state_of(page)).to_have_attribute("data-state", "connected")
    finish(sol_context, sol)


def test_a_supervisor_logs_an_agent_out_after_the_call(
    talking: tuple[BrowserContext, Page], product: stack.Stack, browser: Browser
) -> None:
    _, page = talking
    context, sol = sign_in(browser, product, "sol")
    shoot(sol, "71-floor-presence", looks=[*LOOKS, ("narrow-dark", 390, 844, "dark")])

    sol.locator("#floor a", has_text="Stop").first.click()
    sol.get_by_role("button", name="Do it").click()
    expect(sol.locator("#form-errors")).to_be_visible()
    shoot(sol, "72-floor-stop", looks=[*LOOKS, ("narrow-dark", 390, 844, "dark")])
    sol.get_by_label("Not ready: they stay signed on, and nothing new comes to them").check()
    sol.get_by_label("Reason").fill("Training at eleven")
    sol.get_by_role("button", name="Do it").click()

    expect(sol.locator("#messages")).to_contain_text("as soon as the call is over and its result is saved")
    expect(sol.locator("#floor")).to_contain_text("Then not ready")
    expect(page.locator("#desk-asked")).to_contain_text("Training at eleven")
    expect(state_of(page)).to_have_attribute("data-state", "connected")
    shoot(page, "73-desk-asked", looks=LOOKS)
    finish(context, sol)


def test_keys_go_into_the_call_without_passing_the_server(
    talking: tuple[BrowserContext, Page],
) -> None:
    _, page = talking
    page.locator("#card-name").click()
    page.keyboard.press("k")
    expect(page.locator(".keypad")).to_be_visible()
    shoot(page, "75-desk-keypad", looks=[*LOOKS, ("narrow-dark", 390, 844, "dark")])
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)

    for key in "4111#":
        page.locator(f".keypad [data-digit='{key}']").click()

    page.wait_for_timeout(500)
    assert sent == []


def test_a_call_is_transferred_to_another_agent(browser: Browser, product: stack.Stack) -> None:
    context, page = at_desk(browser, product, "rosa")
    page.wait_for_selector("#act-dial:not([disabled])")
    name = page.locator("#card-name").inner_text()
    dial(product, page)
    expect(page.locator("#transfer-form option", has_text="Jonas Weber")).to_have_count(0)
    to_context, jonas = at_desk(browser, product, "jonas")
    jonas.wait_for_selector("#act-dial:not([disabled])")
    expect(page.locator("#transfer-form option", has_text="Jonas Weber")).to_have_count(1)

    page.locator("#transfer-form select").select_option(label="Jonas Weber")
    page.wait_for_timeout(6000)  # the list is read again meanwhile: the choice stands
    page.locator("#act-transfer").click()
    page.get_by_role("dialog").get_by_role("button", name="Transfer").click()

    expect(jonas.locator("#card-name")).to_have_text(name)
    expect(state_of(jonas)).to_have_attribute("data-state", "connected")
    expect(page.locator("#card-name")).not_to_have_text(name)
    shoot(jonas, "76-desk-transferred", looks=LOOKS[:1])
    jonas.locator("#act-hang-up").click()
    save_and_pause(jonas)
    for person in (page, jonas):
        if person.locator("#act-pause").count():
            person.locator("#act-pause").click()
        person.locator("#act-sign-off").click()
        expect(person.locator("#agent-state")).to_have_text("Signed off")
    finish(context, page)
    finish(to_context, jonas)


def test_an_agent_whose_window_is_gone_is_away(browser: Browser, product: stack.Stack) -> None:
    context, page = at_desk(browser, product, "jonas")
    page.wait_for_selector("#act-dial:not([disabled])")
    sol_context, sol = sign_in(browser, product, "sol")
    row = sol.locator("#floor tr", has_text="Jonas")
    expect(row).to_contain_text("Present")

    finish(context, page)

    expect(row).to_contain_text("Away", timeout=30_000)
    shoot(sol, "74-floor-away", looks=LOOKS[:2])
    finish(sol_context, sol)
