"""A manager without a mouse leaves people out, keeps days off, meets another manager, and sorts by a field of the house's own."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.kit import LOOKS, finish, shoot, sign_in, whole_product
from tests.browser.test_campaign_builder import press, tick, write
from tests.browser.test_segments import tab_to
from tests.e2e import stack

ENDS = [LOOKS[0], ("narrow-dark", 320, 844, "dark")]  # the two ends: what is between is alike
SET_UP = """
from campaigns.models import Contact, Lead, LeadList, Campaign
from campaigns.services import customfields
from core import clock, db
now = clock.now()
with db.use_case():
    for label, kind in (("Tariff", "text"), ("Income", "number"), ("Contract ends", "date")):
        customfields.ensure_field(label=label, kind=kind, choices=[], by_name="mona", now=now)
Contact.objects.bulk_create(
    Contact(
        first_name=f"Person {index}", last_name="Winter", company=f"Winter, Sons and Grandsons of Peoria {index}", state="IL",
        custom={"tariff": ("Gold", "Silver")[index % 2], "income": 40_000 + 7_919 * index % 50_000},
        created_at=now, changed_at=now,
    )
    for index in range(30)
)
people = list(Contact.objects.filter(last_name="Winter").order_by("id"))
for name, chosen in (("Spring fair", people), ("Customers", people[:12])):
    made = LeadList.objects.create(name=name, created_at=now)
    Lead.objects.bulk_create(Lead(lead_list=made, contact=each, added_at=now) for each in chosen)
"""


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product with thirty people, some of them customers."""
    with whole_product("browser-leaving-out") as running:
        running.manage("shell", "-c", SET_UP)
        yield running


def test_people_are_left_out_and_two_managers_meet(browser: Browser, product: stack.Stack) -> None:
    expect.set_options(timeout=20_000)
    context, page = sign_in(browser, product, "mona")
    build(page, product)
    other, second = sign_in(browser, product, "ada")
    meet(page, second, product)
    finish(other, second)
    sort(page, product)
    finish(context, page)


def build(page: Page, product: stack.Stack) -> None:
    page.goto(product.url + "/campaigns/build/")
    press(page.get_by_role("button", name="Begin", exact=True))
    press(page.get_by_role("link", name=re.compile("Audience")))
    tab_to(page, "input[name=lists]")
    tick(page.locator("[name=lists]").locator("..").filter(has_text="Spring fair").locator("input"))
    expect(page.locator("#audience-count")).to_contain_text("30 people chosen, each once")
    tab_to(page, "summary")
    page.keyboard.press("Enter")
    tick(page.locator("[name=excluded_lists]").locator("..").filter(has_text="Customers").locator("input"))
    expect(page.locator("#audience-count")).to_contain_text("18 people chosen, each once, 12 left out")
    shoot(page, "103-builder-left-out", looks=ENDS)
    press(page.get_by_role("link", name=re.compile("Schedule")))
    write(page.get_by_label("Days off"), "Christmas")
    press(page.get_by_role("button", name="Next"))
    expect(page.locator("#form-errors")).to_contain_text("“Christmas” is no day. Write it like 2026-12-25")
    write(page.get_by_label("Days off"), "12/25/2026")
    shoot(page, "104-builder-days-off", looks=ENDS)
    press(page.get_by_role("button", name="Next"))
    shoot(page, "105-builder-dialing", looks=ENDS)
    press(page.get_by_role("button", name="Leave and go on later"))
    expect(page.locator("h1")).to_have_text("Campaigns")


def meet(page: Page, second: Page, product: stack.Stack) -> None:
    """Both open the settings of one campaign; who saves second is told, and loses nothing."""
    for one in (page, second):
        one.goto(product.url + "/campaigns/")
        press(one.get_by_role("link", name="Home energy", exact=False).first)
        one.goto(re.sub(r"/$", "/settings/", one.url))
    write(second.get_by_label("Ring for (seconds)"), "31")
    write(second.get_by_label("Breaks"), "12:00-12:30")
    press(second.get_by_role("button", name="Save settings"))
    expect(second.locator("h1")).not_to_contain_text("Settings")
    write(page.get_by_label("Breaks"), "13:00-13:30")
    write(page.get_by_label("Days off"), "2026-12-25")
    press(page.get_by_role("button", name="Save settings"))
    told = page.locator("#form-errors")
    expect(told).to_contain_text("while you were typing")
    expect(told).to_contain_text("set “12:00-12:30”, you set “13:00-13:30”")
    expect(page.get_by_label("Ring for (seconds)")).to_have_value("31")
    expect(page.get_by_label("Days off")).to_have_value("2026-12-25")
    shoot(page, "106-two-managers", looks=ENDS)
    press(page.get_by_role("button", name="Save settings"))
    expect(page.locator("body")).to_contain_text("not on 2026-12-25")


def sort(page: Page, product: stack.Stack) -> None:
    page.goto(product.url + "/lists/fields/")
    press(page.get_by_role("button", name=re.compile("Make quick.*Income")))
    expect(page.locator("body")).to_contain_text("A worker prepares it")
    shoot(page, "107-own-fields", looks=ENDS)
    columns = (
        "company",
        "place",
        "tags",
        "attempts",
        "result",
        "called",
        "added",
        "source",
        "own.tariff",
        "own.income",
    )
    page.goto(product.url + "/lists/people/?" + "&".join(f"cols={name}" for name in columns))
    press(page.get_by_role("link", name="Income"))
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Income")
    shoot(page, "108-many-columns", looks=ENDS)
    expect(page.locator(".people-bar")).to_contain_text("by Income")
