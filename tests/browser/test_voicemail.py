"""Voicemail messages, left by a rep with one key or by the dialer at the beep: a real browser, the whole product, the stand-in carrier."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.kit import LOOKS, behave, finish, shoot, sign_in, wait_until, whole_product
from tests.e2e import stack

pytestmark = pytest.mark.slow_test

ALL_LOOKS = [*LOOKS, ("narrow-dark", 390, 844, "dark")]
FIRST, SECOND, THIRD = "+13125550161", "+13125550162", "+13125550163"
SET_UP = f"""
from types import SimpleNamespace
from accounts.models import User
from campaigns.models import CampaignLead, DispositionSet, LeadList
from campaigns.services import campaigns, moves
from core import clock
from tests.factories.messages import sales_voicemail
from tests.factories.world import add_lead, agree_to_be_called
now = clock.now()
people = LeadList.objects.create(name="Machines", created_at=now)
first, second = (sales_voicemail(now, name=name, seconds=6) for name in ("Heat pumps", "Heat pumps, short"))
campaign = campaigns.create_campaign(
    setup=campaigns.Setup(
        name="Voicemail", purpose="telemarketing", caller_id="+13125550100", list_ids=[people.id],
        disposition_set_id=DispositionSet.objects.first().id, voicemail_message_id=first.id,
        voicemail_variant_ids=(second.id,),
    ),
    by_id=None, by_name="test", now=now,
)
campaigns.assign_agents(
    campaign_id=campaign, user_ids=[User.objects.get(username="rosa").id], by_name="test", now=now
)
for number, name in (("{FIRST}", "Ada"), ("{SECOND}", "Bea")):
    place = dict(city="Chicago", state="IL", postal_code="60601")
    from campaigns.models import Campaign
    world = SimpleNamespace(now=now, lead_list=people, campaign=Campaign.objects.get(id=campaign))
    add_lead(world, number, first_name=name, external_ref=None, **place)
    agree_to_be_called(number, now=now)
CampaignLead.objects.filter(campaign_id=campaign).delete()
moves.start(campaign_id=campaign, by_name="test", now=now)
"""
BY_ITSELF = f"""
from types import SimpleNamespace
from accounts.models import User
from campaigns.models import Campaign, CampaignLead, DispositionSet, LeadList, MessageVersion
from campaigns.services import campaigns, moves
from core import clock
from tests.factories.world import add_lead, agree_to_be_called
now = clock.now()
people = LeadList.objects.create(name="At the beep", created_at=now)
campaign = campaigns.create_campaign(
    setup=campaigns.Setup(
        name="At the beep", purpose="telemarketing", caller_id="+13125550100", list_ids=[people.id],
        disposition_set_id=DispositionSet.objects.first().id, mode="progressive", machine_detection="message",
        machine_sample_percent=0,
        voicemail_message_id=MessageVersion.objects.get(message__name="Heat pumps").id,
    ),
    by_id=None, by_name="test", now=now,
)
campaigns.assign_agents(
    campaign_id=campaign, user_ids=[User.objects.get(username="jonas").id], by_name="test", now=now
)
world = SimpleNamespace(now=now, lead_list=people, campaign=Campaign.objects.get(id=campaign))
add_lead(
    world, "{THIRD}", first_name="Cleo", external_ref=None, city="Chicago", state="IL", postal_code="60601"
)
agree_to_be_called("{THIRD}", now=now)
CampaignLead.objects.filter(campaign_id=campaign).delete()
moves.start(campaign_id=campaign, by_name="test", now=now)
"""


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product, calls twice as fast as in life."""
    with whole_product("browser-voicemail", extra={"SANDBOX_SPEED": "2"}) as running:
        running.manage("shell", "-c", SET_UP)
        yield running


def test_one_key_leaves_the_message_and_brings_the_next_card(browser: Browser, product: stack.Stack) -> None:
    for number in (FIRST, SECOND):
        behave(product, number, behaviour="machine", ring_seconds=2, talk_seconds=60)
    context, page = sign_in(browser, product, "rosa")
    page.locator("form", has_text="Voicemail").get_by_role("button").click()
    page.wait_for_selector("#act-dial:not([disabled])")
    name = page.locator("#card-name").inner_text()
    page.select_option("#voicemail-choice", label="Heat pumps, short, version 1")
    shoot(page, "60-voicemail-choice", looks=ALL_LOOKS)
    page.keyboard.press("Escape")
    page.locator("#card-name").click()
    page.keyboard.press("d")
    expect(page.locator("#call-state")).to_have_attribute("data-state", "connected")
    expect(page.locator("#voicemail-choice option:checked")).to_have_text("Heat pumps, short, version 1")
    shoot(page, "61-voicemail-key", looks=ALL_LOOKS)
    page.keyboard.press("Shift+?")
    expect(page.locator("dialog[open]")).to_contain_text("Leave a voicemail message")
    page.keyboard.press("Escape")

    page.keyboard.press("v")

    # The next card is there while the message still plays.
    expect(page.locator("#card-name")).not_to_have_text(name)
    page.wait_for_selector("#act-dial:not([disabled])")
    shoot(page, "62-voicemail-next-card", looks=ALL_LOOKS)
    page.wait_for_timeout(6000)
    finish(context, page)


def test_a_manager_sees_how_it_went_and_listens_to_it(browser: Browser, product: stack.Stack) -> None:
    context, page = sign_in(browser, product, "mona")
    page.goto(product.url + "/campaigns/")
    page.get_by_role("link", name="Voicemail").first.click()
    table = page.locator("table", has_text="To the end")
    expect(table).to_contain_text("Heat pumps, short, version 1")
    expect(table.locator("tbody td").nth(2)).to_have_text("1", timeout=40_000)
    shoot(page, "63-voicemail-figures", looks=ALL_LOOKS)
    page.get_by_role("link", name="Ada Alvarez").or_(
        page.get_by_role("link", name="Bea Alvarez")
    ).first.click()
    page.get_by_role("link", name="Message played").click()
    expect(page.locator("main")).to_contain_text("Heat pumps, short, version 1")
    expect(page.get_by_text("Heard to its end")).to_be_visible()
    assert page.evaluate("document.querySelector('audio').getAttribute('src')").endswith(".wav")
    wait_until(page, "document.querySelector('audio').duration > 5")
    shoot(page, "64-voicemail-listen", looks=ALL_LOOKS)
    page.goto(product.url + "/campaigns/new/")
    shoot(page, "65-voicemail-settings")
    finish(context, page)


def test_the_dialer_leaves_the_message_at_the_beep_and_needs_no_agent(
    browser: Browser, product: stack.Stack
) -> None:
    behave(
        product,
        THIRD,
        behaviour="machine",
        ring_seconds=2,
        greeting_seconds=4,
        message_end="beep",
        heard_as="machine",
        talk_seconds=60,
    )
    product.manage("shell", "-c", BY_ITSELF)
    agent_context, desk = sign_in(browser, product, "jonas")
    desk.locator("form", has_text="At the beep").get_by_role("button").click()
    expect(desk.locator("main")).to_contain_text("Waiting for a call")
    context, page = sign_in(browser, product, "mona")
    page.goto(product.url + "/campaigns/")
    page.get_by_role("link", name="At the beep").first.click()
    figures = page.locator("table", has_text="To the end")
    expect(figures.locator("tbody td").nth(2)).to_have_text("1", timeout=60_000)
    expect(figures).to_contain_text("Heat pumps, version 1")
    shoot(page, "66-voicemail-at-the-beep", looks=ALL_LOOKS)

    page.get_by_role("link", name="At the beep").click()  # the campaign's list
    page.get_by_role("link", name="Cleo Alvarez").click()
    expect(page.locator("main")).to_contain_text("Left a message")
    page.get_by_role("link", name="Message played").click()
    expect(page.get_by_text("Heard to its end")).to_be_visible()
    # Nobody had to listen to the machine: the agent waits for a person all the while.
    expect(desk.locator("main")).to_contain_text("Waiting for a call")
    finish(context, page)
    finish(agent_context, desk)
