"""Further tries and the order of calls, as a manager sets them: a loop is found, mended and saved."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.kit import finish, shoot, sign_in, whole_product
from tests.e2e import stack

NAME = "Solar, again"
SET_UP = f"""
from types import SimpleNamespace
import msgspec
from campaigns import besttime
from campaigns.models import Campaign, CampaignLead, DispositionSet, LeadList
from campaigns.services import campaigns
from core import clock
from dialer.models import BestTimeFit
from tests.factories.world import add_lead
now = clock.now()
people = LeadList.objects.create(name="Twelve in Chicago", created_at=now)
campaign = campaigns.create_campaign(
    setup=campaigns.Setup(
        name="{NAME}", purpose="telemarketing", caller_id="+13125550100", list_ids=[people.id],
        disposition_set_id=DispositionSet.objects.first().id, mode="preview",
    ),
    by_id=None, by_name="test", now=now,
)
world = SimpleNamespace(now=now, lead_list=people, campaign=Campaign.objects.get(id=campaign))
for index in range(12):
    add_lead(
        world, f"+1312555{{2000 + index}}", first_name=f"Person {{index}}", external_ref=None, city="Chicago", state="IL",
        postal_code="60601",
    )
def calls(seed):
    return [
        besttime.Cell((str(hour), str(day), "IL", line, "0"), 20, (hour - 8) * 20 // 24 + (4 if line == "mobile" else 0))
        for hour in range(9, 21) for day in range(6) for line in ("main", "mobile")
    ]
found = besttime.judge(calls(1), calls(2), calls(3))
BestTimeFit.objects.create(
    fitted_at=now, since=now, calls=found.calls, answers=found.answers, held_out=found.held_out, brier=found.brier,
    brier_average=found.brier_average, z=found.z, is_better=found.is_better, model=msgspec.to_builtins(found.model),
    bins=msgspec.to_builtins(found.bins),
)
"""


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product with one more draft, and calls that taught it when people answer."""
    with whole_product("browser-attempts") as running:
        running.manage("shell", "-c", SET_UP)
        yield running


def test_a_loop_is_found_mended_and_saved(browser: Browser, product: stack.Stack) -> None:
    context, page = sign_in(browser, product, "mona")
    page.goto(product.url + "/campaigns/")
    page.get_by_role("link", name=NAME).first.click()
    page.get_by_role("link", name="Further tries").click()
    page.get_by_label("Wait after Busy").fill("0 min")
    page.get_by_role("button", name="Check without saving").click()
    expect(page.get_by_text("is dialed over and over")).to_be_visible()
    shoot(page, "95-attempts-checked")

    page.get_by_role("button", name="Save plan").click()
    expect(page.get_by_role("alert")).to_contain_text("Wait at least some minutes")
    page.get_by_label("Wait after Busy").fill("4 h")
    page.get_by_label("Number after No answer").select_option("next")
    page.get_by_label("Tries of one person on one day").fill("2")
    page.get_by_role("button", name="Save plan").click()
    expect(page.get_by_text("It counts from the next result")).to_be_visible()
    expect(page.get_by_text("is dialed over and over")).to_have_count(0)

    page.get_by_role("link", name="Order of calls").click()
    page.get_by_label("From the east to the west").check()
    page.get_by_label("Mix the lists by weight").check()
    page.get_by_role("button", name="Save order").click()
    expect(page.get_by_text("everybody has their place within a minute")).to_be_visible()
    shoot(page, "96-order")
    page.get_by_role("link", name="how good it is").click()
    expect(page.get_by_text("Brier score of the plain average")).to_be_visible()
    shoot(page, "97-best-time")
    finish(context, page)
