"""A script that branches, run on a call by keyboard, and a result that needs a note: a real browser, the whole product."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.kit import LOOKS, behave, finish, shoot, sign_in, whole_product
from tests.e2e import stack

pytestmark = pytest.mark.slow_test

NUMBER = "+13125550171"
SET_UP = f"""
from datetime import timedelta
from types import SimpleNamespace
from accounts.models import User
from campaigns.models import Campaign, CampaignLead, Disposition, DispositionSet, LeadList
from campaigns.services import campaigns, moves, result_sets, scripts
from campaigns.results import Question, Kind
from core import clock
from tests.factories.scripts import draft_of
from tests.factories.world import add_lead
now = clock.now()
people = LeadList.objects.create(name="Branching", created_at=now)
results = result_sets.create_set(name="Solar", copy_of=DispositionSet.objects.first().id, by_name="test", now=now)
sold = Disposition.objects.get(disposition_set_id=results, code="interested")
result_sets.save_result(
    set_id=results, disposition_id=sold.id, revision=0, by_name="test", now=now,
    spec=result_sets.ResultSpec(
        label="Interested", category="conversion", hotkey="1", needs_note=True,
        questions=[Question(code="", label="Which roof?", kind=Kind.CHOICE, options=("Tile", "Slate"))],
    ),
)
draft = draft_of(now, name="Solar, step by step")
version = scripts.publish(script_id=draft.script_id, revision=1, by_name="test", now=now)
from carriers import pools
from carriers.models import CallerNumber
pool = pools.create_pool(spec=pools.PoolSpec(name="Midwest", daily_cap=200), by_name="test", now=now)
for number in CallerNumber.objects.values_list("number", flat=True):
    pools.add_number(pool_id=pool, number=number, by_name="test", now=now)
campaign = campaigns.create_campaign(
    setup=campaigns.Setup(
        name="Branching", purpose="telemarketing", caller_id="+13125550100", list_ids=[people.id],
        disposition_set_id=results, script_version_id=version,
    ),
    by_id=None, by_name="test", now=now,
)
campaigns.assign_agents(
    campaign_id=campaign, user_ids=[User.objects.get(username="rosa").id], by_name="test", now=now
)
world = SimpleNamespace(now=now, lead_list=people, campaign=Campaign.objects.get(id=campaign))
place = dict(city="Chicago", state="IL", postal_code="60601", external_ref=None)
add_lead(world, "{NUMBER}", first_name="Ada", **place)
late = add_lead(world, "+13125550172", first_name="Bea", **place)
CampaignLead.objects.filter(campaign_id=campaign).delete()
moves.start(campaign_id=campaign, by_name="test", now=now)
CampaignLead.objects.filter(campaign_id=campaign, contact=late.contact).update(
    is_callback=True, next_try_at=now + timedelta(minutes=4), callback_for=User.objects.get(username="rosa")
)
"""


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product, calls twice as fast as in life."""
    with whole_product("browser-scripts", extra={"SANDBOX_SPEED": "2"}) as running:
        running.manage("shell", "-c", SET_UP)
        yield running


def test_a_call_goes_through_script_and_result_by_keyboard(browser: Browser, product: stack.Stack) -> None:
    behave(product, NUMBER, behaviour="person", ring_seconds=1, talk_seconds=60)
    context, page = sign_in(browser, product, "rosa")
    page.locator("form", has_text="Branching").get_by_role("button").click()
    page.wait_for_selector("#act-dial:not([disabled])")
    page.keyboard.press("d")
    expect(page.locator("#call-state")).to_have_attribute("data-state", "connected")
    expect(page.locator("#messages")).to_contain_text("Callback to Bea")
    shoot(page, "80-desk-script")

    # The digits are the script's while the call lasts, and the results' when it is over.
    page.keyboard.press("2")
    expect(page.locator("#script-title")).to_have_text("Goodbye")
    page.keyboard.press("z")
    expect(page.locator("#script-title")).to_have_text("Opening")
    page.keyboard.press("1")
    expect(page.locator("#script-title")).to_have_text("Close")
    expect(page.locator("input[name=result][value=interested]")).not_to_be_checked()
    page.keyboard.press("h")
    expect(page.locator("#act-save:not([disabled])")).to_be_visible()
    page.keyboard.press("1")
    expect(page.locator("input[name=result][value=interested]")).to_be_checked()
    page.keyboard.press("s")
    note = page.locator("textarea[name=note]")
    expect(note).to_be_focused()
    expect(page.locator("#messages")).to_contain_text("“Interested” needs a note")
    shoot(page, "81-desk-result-asks")
    note.fill("Wants a visit")
    page.keyboard.press("Tab")
    page.keyboard.press("w")
    expect(page.locator("#agent-state")).to_have_text("Not ready")
    page.goto(product.url + "/callbacks/mine/")
    shoot(page, "82-my-callbacks")
    finish(context, page)

    context, page = sign_in(browser, product, "mona")
    page.goto(product.url + "/scripts/")
    page.get_by_role("link", name="Solar, step by step").click()
    expect(page.locator("#figures")).to_contain_text("1 call")
    shoot(page, "83-script-builder", looks=[*LOOKS, ("narrowest", 320, 800, "dark")])
    page.goto(product.url + "/results/")
    page.get_by_role("link", name="Solar").click()
    shoot(page, "84-results", looks=[*LOOKS, ("narrowest", 320, 800, "dark")])
    page.get_by_role("link", name="Interested", exact=True).click()
    shoot(page, "85-result", looks=LOOKS[:1])
    page.goto(product.url + "/callbacks/")
    shoot(page, "86-callbacks", looks=[*LOOKS, ("narrowest", 320, 800, "dark")])
    page.goto(product.url + "/caller-ids/")
    page.get_by_role("link", name="Midwest").click()
    shoot(page, "87-caller-pool", looks=[*LOOKS, ("narrowest", 320, 800, "dark")])
    finish(context, page)
