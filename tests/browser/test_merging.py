"""A manager without a mouse: looks for duplicates, compares two records, merges them, and parts them again."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.kit import finish, shoot, sign_in, whole_product
from tests.e2e import stack

SET_UP = """
from types import SimpleNamespace
from campaigns.models import Campaign, Contact
from core import clock
from tests.factories.world import add_lead
now = clock.now()
campaign = Campaign.objects.order_by("id").first()
world = SimpleNamespace(now=now, lead_list=campaign.lists.first(), campaign=campaign)
told = dict(last_name="Okafor", email="ada.okafor@example.com", external_ref=None, company="Okafor Ltd", city="Chicago", state="IL",
            postal_code="60601")
add_lead(world, "+13125553901", first_name="Ada", title="", **told)
add_lead(world, "+13125553902", first_name="Ada", title="Owner", **{**told, "city": "Evanston"})
"""


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product with a person who is there twice."""
    with whole_product("browser-merging") as running:
        running.manage("shell", "-c", SET_UP)
        yield running


def test_merge_and_undo_by_keyboard(browser: Browser, product: stack.Stack) -> None:
    context, page = sign_in(browser, product, "mona")
    page.goto(product.url + "/lists/duplicates/", wait_until="load")
    page.keyboard.press("n")
    expect(page.locator("#job-progress")).to_contain_text("look alike", timeout=20_000)
    time.sleep(0.3)
    page.keyboard.press("o")
    expect(page.locator("#alike")).to_be_visible()
    page.goto(page.url + "?ground=email_name", wait_until="load")
    shoot(page, "110-duplicates")
    page.keyboard.press("c")
    expect(page.locator("h1")).to_have_text("The same person?")
    page.wait_for_load_state("load")
    page.keyboard.press("s")
    page.keyboard.press("ArrowRight")
    shoot(page, "111-compare")

    page.keyboard.press("m")

    expect(page.locator("main .notice, .messages .notice").first).to_contain_text(
        "2 records are one person now: Ada Okafor"
    )
    page.wait_for_load_state("load")
    shoot(page, "112-merged")
    page.keyboard.press("u")
    expect(page.locator("main .notice, .messages .notice").first).to_contain_text("parted again")
    page.wait_for_load_state("load")
    page.keyboard.press("/")
    page.keyboard.type("okafor")
    page.keyboard.press("Enter")
    expect(page.locator("#people-part")).to_contain_text("2 people")
    page.click("#people-part .row-link >> nth=0")
    expect(page.locator("h1")).to_have_text("Ada Okafor")
    page.wait_for_load_state("load")
    page.keyboard.press("g")
    page.keyboard.type("vip")
    page.keyboard.press("Enter")
    expect(page.locator("main .notice, .messages .notice").first).to_contain_text("The tag is set.")
    shoot(page, "113-person")
    finish(context, page)
