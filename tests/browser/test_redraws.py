"""The page of the desk asks for its state when something has changed that it does not show, and only then."""

import json
import time
from collections.abc import Iterator

import pytest
import redis
from playwright.sync_api import Browser, Page, Request, expect

from core.realtime import PREFIX
from tests.browser.kit import finish, sign_in, whole_product
from tests.e2e import stack
from tests.e2e.redraws import REDRAWS, Redraw

pytestmark = pytest.mark.slow_test
SHOWN_IN_TABLE = 7
STILL_SECONDS = 1.5
QUIET_MS = 600  # longer than what is gathered, asked and drawn


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product."""
    with whole_product("redraws") as running:
        yield running


@pytest.fixture(scope="module")
def desk(browser: Browser, product: stack.Stack) -> Iterator[Page]:
    """Rosa's desk, her phone connected."""
    context, page = sign_in(browser, product, "rosa")
    page.locator("form", has_text="Home energy check").get_by_role("button").click()
    expect(page.locator("#leg-state")).to_have_text("Phone connected")
    yield page
    finish(context, page)


@pytest.fixture
def page(desk: Page) -> Page:
    """Rosa at her desk with a card, and nothing happens."""
    if desk.locator("#act-ready").count():
        desk.locator("#act-ready").click()
    expect(desk.locator("#act-dial")).to_be_enabled()
    since, version = time.monotonic(), ""
    while time.monotonic() < since + STILL_SECONDS:
        now = desk.locator("#desk-after").get_attribute("data-version") or ""
        since, version = (since, version) if now == version else (time.monotonic(), now)
        desk.wait_for_timeout(50)
    return desk


@pytest.mark.parametrize("redraw", REDRAWS, ids=lambda redraw: redraw.name)
def test_the_page_asks_when_it_does_not_show_it(product: stack.Stack, page: Page, redraw: Redraw) -> None:
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if "/desk/live" in request.url else None)
    shown = page.locator("#desk-after")
    session, version = (int(shown.get_attribute(f"data-{name}") or 0) for name in ("session", "version"))
    user = page.evaluate("fetch('/desk/state').then((answer) => answer.json())")["session"]["user_id"]

    with redis.Redis.from_url(product.env["REDIS_URL"]) as stream:
        for told_session, told_version in redraw.told:
            about = {
                "session": session + told_session - 1,
                "version": version + told_version - SHOWN_IN_TABLE,
            }
            stream.xadd(f"{PREFIX}agent:{user}", {"event": "changed", "data": json.dumps(about)})
    if redraw.resync:
        page.evaluate("document.getElementById('desk').dispatchEvent(new CustomEvent('desk:resync'))")
    if redraw.pressed:
        page.locator("#act-pause").click()
        expect(page.locator("#agent-state")).to_have_text("Not ready")
    page.wait_for_timeout(QUIET_MS)

    assert len(asked) == redraw.asks
    for request in asked:
        assert ("shown_version=" in request.url) == redraw.names_version


def test_a_redraw_of_what_is_shown_brings_nothing(page: Page) -> None:
    with page.expect_response("**/desk/live?*") as answer:
        page.evaluate("document.getElementById('desk').dispatchEvent(new CustomEvent('desk:changed'))")

    assert answer.value.status == 204


def test_a_redraw_after_missed_events_brings_everything(page: Page) -> None:
    with page.expect_response("**/desk/live?*") as answer:
        page.evaluate("document.getElementById('desk').dispatchEvent(new CustomEvent('desk:resync'))")

    assert answer.value.status == 200
