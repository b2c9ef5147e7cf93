"""A manager without a mouse: filters the people, makes a segment of it, and has a campaign call it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.kit import finish, shoot, sign_in, whole_product
from tests.e2e import stack

SET_UP = """
from types import SimpleNamespace
from campaigns.models import Campaign, CampaignLead, DispositionSet, LeadList
from campaigns.services import campaigns
from core import clock
from tests.factories.world import add_lead
now = clock.now()
people = LeadList.objects.create(name="Spring fair", created_at=now)
campaign = campaigns.create_campaign(
    setup=campaigns.Setup(
        name="Fair follow-up", purpose="telemarketing", caller_id="+13125550100", list_ids=[people.id],
        disposition_set_id=DispositionSet.objects.first().id,
    ),
    by_id=None, by_name="test", now=now,
)
world = SimpleNamespace(now=now, lead_list=people, campaign=Campaign.objects.get(id=campaign))
for index in range(70):
    city, state = (("Chicago", "IL"), ("Peoria", "IL"), ("Orlando", "FL"))[index % 3]
    add_lead(
        world, f"+1312555{3000 + index}", first_name=f"Visitor {index}", last_name="Winter", external_ref=None, city=city, state=state,
        postal_code="", company=f"Winter and Sons {index}",
    )
CampaignLead.objects.filter(campaign_id=campaign).delete()  # its start makes them
"""


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product with a list of seventy people and a draft over it."""
    with whole_product("browser-segments") as running:
        running.manage("shell", "-c", SET_UP)
        yield running


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(150):
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by Tab.")


def follow(page: Page, heading: str) -> None:
    """Press Enter on what has the focus, and wait for the page it leads to with its scripts."""
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(heading)
    page.wait_for_load_state("load")


def test_from_a_filter_to_the_audience_of_a_campaign(browser: Browser, product: stack.Stack) -> None:
    context, page = sign_in(browser, product, "mona")
    page.goto(product.url + "/lists/")
    shoot(page, "100-lists")
    tab_to(page, "nav[aria-label=Lists] a[href$='/people/']")
    follow(page, "All people")
    page.keyboard.press("f")
    page.keyboard.type("winter")
    expect(page.locator("#people-part")).to_contain_text("70 people")
    tab_to(page, "#state")
    page.keyboard.type("il")
    tab_to(page, "#people-part a")
    expect(page.locator("#people-part")).to_contain_text("47 people")
    assert "state=il" in page.url
    shoot(page, "101-people")

    tab_to(page, "#to-segment")
    follow(page, "New segment")
    expect(page.locator(".segment-count")).to_contain_text("fit")
    tab_to(page, "[id='add-0']")
    page.keyboard.press("Enter")
    expect(page.locator("[id='field-0.1']")).to_be_focused()
    page.keyboard.type("City")
    expect(page.locator("[id='value-0.1-text']")).to_be_visible()
    tab_to(page, "[id='value-0.1-text']")
    page.keyboard.type("peoria")
    expect(page.locator(".segment-count")).to_contain_text("23 people fit")
    expect(page.locator("[id='value-0.1-text']")).to_be_focused()
    shoot(page, "102-segment")
    tab_to(page, "#name")
    page.keyboard.type("Peoria visitors")
    follow(page, "All people")
    expect(page.locator("main")).to_contain_text("23 people")
    expect(page.locator("main .notice, .messages .notice").first).to_contain_text("is saved")

    page.goto(product.url + "/campaigns/")
    page.get_by_role("link", name="Fair follow-up").first.focus()
    follow(page, "Fair follow-up")
    tab_to(page, "a[href$='/settings/']")
    follow(page, "Settings of Fair follow-up")
    tab_to(page, "input[name=segments]")
    page.keyboard.press("Space")
    follow(page, "Fair follow-up")
    expect(page.locator("main")).to_contain_text("Peoria visitors")
    page.goto(product.url + "/lists/segments/")
    shoot(page, "103-segments")
    page.goto(product.url + "/lists/people/do/?state=il")
    page.select_option("#verb", "tag")
    page.fill("#argument-tag", "fair")
    expect(page.locator("#bulk-part")).to_contain_text("would be changed")
    shoot(page, "104-bulk")
    finish(context, page)
