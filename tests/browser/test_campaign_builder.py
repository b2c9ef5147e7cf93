"""A campaign from nothing to its end, by keyboard: built, checked, reviewed, approved, started, changed, brought back, drained."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.kit import LOOKS, finish, shoot, sign_in, whole_product
from tests.e2e import stack

ALL_LOOKS = [*LOOKS, ("narrow-dark", 320, 844, "dark")]
NAME = "Autumn survey"
SET_UP = """
from types import SimpleNamespace
from campaigns.models import Contact, LeadList
from campaigns.importing import RawPerson
from campaigns.services import imports
from core import clock
now = clock.now()
import_id = imports.start_import(
    list_name="Forty in Chicago", source="csv", source_label="people.csv", source_ref="", by_id=None, by_name="mona", now=now
)
rows = [
    RawPerson(
        row_number=index + 2, phones=(("main", f"+1312555{2000 + index}"),), first_name=f"Person {index}", city="Chicago",
        state="IL" if index % 8 else "AL", postal_code="60601",
    )
    for index in range(40)
]
imports.stage_rows(import_id=import_id, rows=rows, now=now)
imports.begin_apply(import_id=import_id, now=now)
imports.apply_import(import_id=import_id, now=now)
from carriers import pools
made = pools.create_pool(spec=pools.PoolSpec(name="Chicago numbers", daily_cap=100), by_name="mona", now=now)
pools.add_number(pool_id=made, number="+13125550100", by_name="mona", now=now)
"""


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product with a list of forty people."""
    with whole_product("browser-builder") as running:
        running.manage("shell", "-c", SET_UP)
        yield running


def test_a_campaigns_whole_life_by_keyboard(browser: Browser, product: stack.Stack) -> None:
    expect.set_options(timeout=20_000)
    context, page = sign_in(browser, product, "mona")
    build(page, product)
    other, second = sign_in(browser, product, "ada")
    approve(second, product)
    start_change_go_back_and_drain(page, product)
    approve_again(second, product)
    drain(page)
    finish(other, second)
    finish(context, page)


def build(page: Page, product: stack.Stack) -> None:
    page.goto(product.url + "/campaigns/")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1)).to_have_text("New campaign")
    shoot(page, "95-builder-begin")
    press(page.get_by_role("button", name="Begin", exact=True))

    press(page.get_by_role("button", name="Next"))  # nothing said yet
    expect(page.locator("#form-errors")).to_be_focused()
    shoot(page, "96-builder-basics", looks=ALL_LOOKS)
    write(page.get_by_label("Name"), NAME)
    expect(page.locator("[data-autosave-state]")).to_contain_text("Saved", timeout=6_000)
    choose(page.get_by_label("What the calls are for"), "survey")
    tick(page.get_by_label(re.compile("its answers are never used to sell")))
    tick(page.get_by_label(re.compile("A second person must approve")))
    write(page.get_by_label("Goal (conversions)"), "500")
    press(page.get_by_role("button", name="Leave and go on later"))
    press(page.get_by_role("link", name=NAME))
    press(page.get_by_role("button", name="Next"))

    tick(page.get_by_label("Forty in Chicago").first)
    press(page.get_by_role("button", name="Next"))
    choose(page.locator("[name=caller_id]"), "+13125550100")
    choose(
        page.get_by_label("Pool of numbers"),
        page.locator("[name=caller_pool] option").nth(1).get_attribute("value") or "",
    )
    shoot(page, "97-builder-caller", looks=ALL_LOOKS)
    press(page.get_by_role("button", name="Next"))
    write(page.get_by_label("Breaks"), "12:00-12:30")
    shoot(page, "97-builder-schedule", looks=ALL_LOOKS)
    press(page.get_by_role("button", name="Next"))
    press(page.get_by_role("button", name="Next"))
    plan(page, "2 h")
    tick(page.get_by_label("From the east to the west"))
    shoot(page, "98-builder-attempts", looks=ALL_LOOKS)
    press(page.get_by_role("button", name="Next"))
    tick(page.get_by_label(re.compile("Rosa Marin")))
    press(page.get_by_role("button", name="Next"))
    press(page.get_by_role("button", name="Next"))
    expect(page.locator("main")).to_contain_text("Calls 40 people on Forty in Chicago.")
    expect(page.locator("main")).to_contain_text("People see a number of the pool “Chicago numbers”")
    expect(page.locator("main")).to_contain_text("from 09:00 to 20:00, but for 12:00-12:30,")
    expect(page.locator("main")).to_contain_text("after Busy: wait 2 h, then the same number")
    expect(page.locator(".findings")).to_contain_text("The goal is 500 conversions")
    shoot(page, "99-builder-review", looks=ALL_LOOKS)
    press(page.get_by_role("button", name="Save campaign"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Review")
    expect(page.locator("main")).to_contain_text("somebody else who manages campaigns must approve it")


def plan(page: Page, wait: str) -> None:
    """Have people tried again so long after a busy line."""
    planned = page.get_by_label("Plan further tries in detail")
    if not planned.is_checked():
        tick(planned)
        press(page.get_by_text("The plan of further tries"))
    write(page.get_by_label("Wait after Busy"), wait)


def approve(page: Page, product: stack.Stack) -> None:
    page.goto(product.url + "/campaigns/")
    press(page.get_by_role("link", name=f"{NAME}, version 1"))
    shoot(page, "100-review", looks=ALL_LOOKS)
    press(page.get_by_role("button", name="Approve version 1"))
    expect(page.locator("body")).to_contain_text("Version 1 is approved")


def start_change_go_back_and_drain(page: Page, product: stack.Stack) -> None:
    page.reload()
    press(page.get_by_role("button", name="Start campaign"))
    expect(page.locator("body")).to_contain_text("Tick on the review page that you have read it")
    tick(page.get_by_label(re.compile("I have read this")))
    press(page.get_by_role("button", name="Start campaign"))
    expect(page.locator("body")).to_contain_text("Started with 40 people to call.")
    press(page.get_by_role("button", name="Change in steps"))
    press(page.get_by_role("link", name=re.compile("Attempts")))
    write(page.get_by_label("Attempts a person"), "3")
    plan(page, "5 h")
    press(page.get_by_role("button", name="Next"))
    press(page.get_by_role("link", name=re.compile("Review")))
    press(page.get_by_role("button", name="Save as the next version"))
    expect(page.locator("body")).to_contain_text("waits for the approval of a second person")


def approve_again(page: Page, product: stack.Stack) -> None:
    page.goto(product.url + "/campaigns/")
    press(page.get_by_role("link", name=f"{NAME}, version 2"))
    press(page.get_by_role("button", name="Approve version 2"))
    expect(page.locator("body")).to_contain_text("Version 2 is approved and in force")
    shoot(page, "101-versions", looks=ALL_LOOKS)
    expect(page.locator("main")).to_contain_text("Further tries: after Busy")
    press(page.get_by_role("button", name="Go back to version 1"))
    press(page.get_by_role("dialog").get_by_role("button", name="Go back"))
    expect(page.locator("body")).to_contain_text("Version 3 is as version 1 was. It waits")


def drain(page: Page) -> None:
    page.goto(re.sub(r"review/$", "", page.url))
    expect(page.locator("main")).to_contain_text("it calls by version 2")
    press(page.get_by_role("button", name="Drain"))
    # The page comes anew when the last call has ended: what is looked at must not go away meanwhile.
    expect(page.locator(".badge", has_text=re.compile("^Paused$")).first).to_be_visible(timeout=40_000)
    shoot(page, "102-campaign-drained")


def press(what: Locator) -> None:
    """Press it as somebody does who has no mouse."""
    what.focus()
    expect(what).to_be_focused()
    what.press("Enter")


def tick(what: Locator) -> None:
    what.focus()
    what.press("Space")
    expect(what).to_be_checked()


def write(what: Locator, text: str) -> None:
    what.focus()
    what.press("Control+a")
    what.press_sequentially(text)


def choose(what: Locator, value: str) -> None:
    """Choose in a list; a list that opens is the browser's own, which no test can steer by keys."""
    what.focus()
    what.select_option(value)
