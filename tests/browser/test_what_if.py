"""What if before launch, as the manager sees it: asked, waited for, compared, refused."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.kit import LOOKS, fill, finish, shoot, sign_in, whole_product
from tests.e2e import stack

NAME = "Solar, what if"
SET_UP = f"""
from types import SimpleNamespace
from campaigns.models import Campaign, CampaignLead, Contact, DispositionSet, LeadList
from campaigns.services import campaigns
from core import clock
from tests.factories.world import add_lead, agree_to_be_called
now = clock.now()
people = LeadList.objects.create(name="Sixty in Chicago", created_at=now)
for name in ("{NAME}", "Solar, second draft"):
    campaign = campaigns.create_campaign(
        setup=campaigns.Setup(
            name=name, purpose="telemarketing", caller_id="+13125550100", list_ids=[people.id],
            disposition_set_id=DispositionSet.objects.first().id, mode="predictive",
        ),
        by_id=None, by_name="test", now=now,
    )
world = SimpleNamespace(now=now, lead_list=people, campaign=Campaign.objects.get(id=campaign))
for index in range(60):
    number = f"+1312555{{2000 + index}}"
    add_lead(
        world, number, first_name=f"Person {{index}}", external_ref=None, city="Chicago", state="IL", postal_code="60601"
    )
    if index % 3:
        agree_to_be_called(number, now=now)
Contact.objects.filter(phones__number__endswith="7").update(crm_do_not_call=True)
CampaignLead.objects.filter(campaign_id=campaign).delete()  # its start makes them
"""


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product with two drafts over one list."""
    with whole_product("browser-what-if") as running:
        running.manage("shell", "-c", SET_UP)
        yield running


def test_from_the_campaigns_page_to_two_side_by_side(browser: Browser, product: stack.Stack) -> None:
    context, page = sign_in(browser, product, "mona")
    page.goto(product.url + "/campaigns/")
    page.get_by_role("link", name=NAME).first.click()
    page.get_by_role("link", name="What if").click()
    # The predictive pacer plays in a worker; the figures come by themselves.
    expect(page.locator(".what-if-figures")).to_contain_text("People reached", timeout=120_000)
    expect(page.locator("#what-if-result")).to_contain_text("held until something changes")
    shoot(page, "90-what-if")

    fill(page, {"leads": "100000", "agents": "25", "b_leads": "100000", "b_agents": "25"})
    page.select_option("[name=mode]", "progressive")
    page.select_option("[name=b_mode]", "power")
    page.get_by_role("button", name="Forecast").first.click()
    expect(page.locator("#what-if-result")).to_contain_text("How B differs", timeout=120_000)
    page.get_by_text("As a table").click()
    shoot(page, "91-what-if-two")
    finish(context, page)


def test_what_is_played_is_cancelled_with_the_keyboard_and_asked_for_again(
    browser: Browser, product: stack.Stack
) -> None:
    context, page = sign_in(browser, product, "mona")
    page.goto(product.url + "/campaigns/")
    page.get_by_role("link", name=NAME).first.click()
    page.get_by_role("link", name="What if").click()
    page.get_by_text("People who answer, hour by hour").click()
    fill(page, {"agents": "60", "b_agents": "70", "zones": "Eastern 60, Pacific 40", "answer_rate_10": "31"})
    fill(page, {"breaks": "12:00-13:00"})
    page.get_by_role("button", name="Forecast").first.click()
    cancel = page.get_by_role("button", name="Cancel")
    cancel.focus()
    expect(page.locator("#what-if-runs")).to_contain_text("runs played", timeout=60_000)
    expect(cancel).to_be_focused()  # the count was drawn anew beside it
    cancel.press("Enter")
    expect(page.locator("#what-if-result")).to_contain_text("was cancelled after")
    expect(page.get_by_role("button", name="Forecast again")).to_be_focused()
    shoot(page, "93-what-if-cancelled", looks=LOOKS[::2])

    page.keyboard.press("Enter")
    expect(page.locator("#what-if-runs")).to_be_visible()
    expect(page.locator("[name=answer_rate_10]")).to_have_value("31")
    page.get_by_role("button", name="Cancel").click()
    finish(context, page)


def test_another_draft_fills_the_second_column(browser: Browser, product: stack.Stack) -> None:
    context, page = sign_in(browser, product, "mona")
    page.goto(product.url + "/campaigns/")
    page.get_by_role("link", name=NAME).first.click()
    page.get_by_role("link", name="What if").click()
    page.select_option("[name=mode]", "preview")
    page.select_option("[name=against]", label="Solar, second draft")
    page.get_by_role("button", name="Forecast").first.click()
    expect(page.locator("#what-if-result")).to_contain_text("Solar, second draft", timeout=120_000)
    page.go_back()
    expect(page.locator("h1")).to_contain_text("What if")
    finish(context, page)


def test_what_cannot_be_is_refused_beside_the_field(browser: Browser, product: stack.Stack) -> None:
    context, page = sign_in(browser, product, "mona")
    page.goto(product.url + "/campaigns/")
    page.get_by_role("link", name=NAME).first.click()
    page.get_by_role("link", name="What if").click()
    fill(page, {"agents": "0", "cap": "4", "b_answer_rate": "120"})
    page.get_by_role("button", name="Forecast").first.click()
    expect(page.locator("#form-errors")).to_contain_text("3 things need your attention")
    expect(page.locator("#form-errors")).to_contain_text("47 CFR 64.1200(a)(7)")
    expect(page.locator("[name=agents]")).to_have_value("0")
    shoot(page, "92-what-if-refused", looks=LOOKS[::2])
    finish(context, page)
