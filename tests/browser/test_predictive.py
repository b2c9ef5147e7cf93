"""The ways of dialing: a predictive campaign from its start to its end, and a preview that runs out."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.kit import LOOKS, behave, fill, finish, shoot, sign_in, whole_product
from tests.e2e import stack

FIRST, SECOND = "+13125550141", "+13125550142"
NAME = "Solar, predictive"
SET_UP = f"""
from types import SimpleNamespace
from accounts.models import User
from campaigns.models import Campaign, CampaignLead, DispositionSet, LeadList
from campaigns.services import campaigns
from core import clock
from tests.factories.world import add_lead, agree_to_be_called
now = clock.now()
people = LeadList.objects.create(name="Two in Chicago", created_at=now)
campaign = campaigns.create_campaign(
    setup=campaigns.Setup(
        name="{NAME}", purpose="telemarketing", caller_id="+13125550100", list_ids=[people.id],
        disposition_set_id=DispositionSet.objects.first().id, mode="predictive",
    ),
    by_id=None, by_name="test", now=now,
)
campaigns.assign_agents(
    campaign_id=campaign, user_ids=[User.objects.get(username="rosa").id], by_name="test", now=now
)
world = SimpleNamespace(now=now, lead_list=people, campaign=Campaign.objects.get(id=campaign))
for number, name in (("{FIRST}", "Dora"), ("{SECOND}", "Emil")):
    add_lead(
        world, number, first_name=name, external_ref=None, city="Chicago", state="IL", postal_code="60601"
    )
    agree_to_be_called(number, now=now)
CampaignLead.objects.filter(campaign_id=campaign).delete()  # its start makes them
"""


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product with a draft of the campaign."""
    with whole_product("browser-predictive") as running:
        running.manage("shell", "-c", SET_UP)
        yield running


def test_from_start_to_drain(browser: Browser, product: stack.Stack) -> None:
    for number in (FIRST, SECOND):
        behave(product, number, behaviour="person", ring_seconds=3, talk_seconds=120)
    manager_context, manager = sign_in(browser, product, "mona")
    manager.goto(product.url + "/campaigns/")
    manager.get_by_role("link", name=NAME).first.click()
    shoot(manager, "80-predictive-draft")
    manager.get_by_role("button", name="Start").click()
    expect(manager.locator("#messages")).to_contain_text("Started with 2 people to call")
    expect(manager.locator("main")).to_contain_text("No agent is signed on to it")

    rep_context, rep = sign_in(browser, product, "rosa")
    rep.locator("form", has_text=NAME).get_by_role("button").click()
    rep.evaluate("""() => {
      window.tones = 0;
      document.getElementById("desk").addEventListener("desk:tone", () => (window.tones += 1));
    }""")
    # The card and the person come together, with a tone; nobody dialed.
    expect(rep.locator("#call-state")).to_have_attribute("data-state", "connected", timeout=60_000)
    expect(rep.locator("#card-name")).to_contain_text("Alvarez")
    assert rep.evaluate("window.tones") == 1
    shoot(rep, "81-predictive-call")

    supervisor_context, supervisor = sign_in(browser, product, "sol")
    supervisor.goto(product.url + "/floor/")
    floor = supervisor.locator("#standings")
    expect(floor).to_contain_text(NAME)
    expect(floor).to_contain_text("Dials one to one: 1 of the 3 agents")
    shoot(supervisor, "82-predictive-floor")
    expect(manager.locator("#pacing-part")).to_contain_text("one to one")
    shoot(manager, "83-predictive-running")

    # Drained: the call under way goes on, its result is saved, no other comes, and then it is paused by itself.
    manager.get_by_role("button", name="Drain").click()
    expect(manager.locator("#messages")).to_contain_text("then it pauses by itself")
    expect(manager.locator("#pacing-part")).to_contain_text("Draining")
    shoot(manager, "86-predictive-draining", looks=[*LOOKS, ("narrow-dark", 390, 844, "dark")])
    expect(floor).to_contain_text("1 person with an agent")
    expect(rep.locator("#call-state")).to_have_attribute("data-state", "connected")
    rep.keyboard.press("h")
    expect(rep.locator("#call-state")).to_have_attribute("data-state", "ended")
    rep.keyboard.press("1")
    rep.keyboard.press("s")
    expect(rep.locator("#card-name")).to_have_count(0)
    shoot(rep, "84-predictive-drained")
    expect(manager.get_by_role("button", name="Resume")).to_be_visible()
    expect(manager.get_by_role("button", name="Drain")).to_have_count(0)
    manager.get_by_role("button", name="Stop").click()
    manager.locator("dialog[open]").get_by_role("button", name="Stop").click()
    expect(manager.locator("body")).to_contain_text("Stopped")
    for context, page in ((rep_context, rep), (supervisor_context, supervisor), (manager_context, manager)):
        finish(context, page)


def test_a_cap_over_the_laws_is_refused_with_its_citation(browser: Browser, product: stack.Stack) -> None:
    context, page = sign_in(browser, product, "mona")
    page.goto(product.url + "/campaigns/new/")
    fill(page, {"name": "Too bold", "abandon_percent": "4"})
    page.select_option("[name=purpose]", "telemarketing")
    page.select_option("[name=caller_id]", "+13125550100")
    page.select_option("[name=mode]", "predictive")
    page.get_by_label("Two in Chicago").first.check()
    page.get_by_role("button", name="Save as draft").click()
    expect(page.locator("main")).to_contain_text("64.1200")
    shoot(page, "85-predictive-cap", looks=LOOKS[:1])
    finish(context, page)


def test_the_time_to_decide_on_a_card_runs_out(browser: Browser, product: stack.Stack) -> None:
    limit = (
        "from campaigns.models import Campaign; Campaign.objects.filter(name='Home energy check').update({})"
    )
    product.manage("shell", "-c", limit.format("preview_seconds=20"))
    context, page = sign_in(browser, product, "jonas")
    page.locator("form", has_text="Home energy check").get_by_role("button").click()
    countdown = page.locator(".countdown")
    expect(countdown).to_contain_text("the card goes back and you are not ready")
    shoot(page, "87-desk-countdown", looks=[*LOOKS, ("narrow-dark", 390, 844, "dark")])
    until = countdown.locator(".timer").get_attribute("data-until")

    page.keyboard.press("w")

    expect(countdown.locator(".timer")).not_to_have_attribute("data-until", until or "")
    expect(page.locator("#agent-state")).to_have_text("Not ready", timeout=40_000)
    expect(page.locator("#desk-live")).to_contain_text("The time to decide on the last card was over")

    product.manage("shell", "-c", limit.format("preview_seconds=8, preview_then='dial'"))
    page.keyboard.press("r")
    expect(countdown).to_contain_text("it dials by itself")
    shown = page.locator(".call-number, #phone-choice option").first.inner_text()
    number = "+1" + re.sub(r"\D", "", shown)[:10]
    behave(product, number, behaviour="person", ring_seconds=1, talk_seconds=600)
    expect(page.locator("#call-state")).to_have_attribute("data-state", "connected", timeout=30_000)
    page.keyboard.press("h")
    expect(page.locator("#call-state")).to_have_attribute("data-state", "ended")
    page.locator("input[value=interested]").check()
    page.locator("#act-save-pause").click()
    expect(page.locator("#agent-state")).to_have_text("Not ready")
    page.locator("#act-sign-off").click()
    expect(page.locator("#agent-state")).to_have_text("Signed off")
    finish(context, page)
