"""The plan of further tries, the order and the pool are parts of a version: built, changed, approved, brought back, copied."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from campaigns import ordering, recycling
from campaigns.models import Campaign, CampaignTemplate, CampaignVersion, LeadList
from campaigns.ordering import Kind, ListWeight, Order
from campaigns.recycling import OutcomeRule, Plan
from campaigns.selectors import versions as versions_read
from campaigns.selectors.attempts import digest
from campaigns.services import attempts, campaigns, changes, copying, moves
from campaigns.services.moves import CampaignRefused
from campaigns.versions.fields import LATE
from carriers import pools
from tests.integration.campaigns.conftest import NOW
from tests.integration.campaigns.test_builder import begun, page_of, send, signed_in
from tests.integration.campaigns.test_campaign_versions import LATER, change

pytestmark = pytest.mark.django_db
PLAN = Plan(rules=(OutcomeRule(code="busy", wait_minutes=30),), max_per_day=2)
STORED = recycling.store(PLAN)
EAST = ordering.store(Order(kind=Kind.EAST_FIRST))


@pytest.fixture
def pool(draft: int) -> int:
    made = pools.create_pool(spec=pools.PoolSpec(name="Florida"), by_name="mia", now=NOW)
    pools.add_number(pool_id=made, number="+14075550100", by_name="mia", now=NOW)
    return made


@pytest.fixture
def manager(mia: User) -> Client:
    return signed_in(mia)


def shown(client: Client, draft_id: int) -> dict[str, Any]:
    """Return the Attempts step as the page shows it, to be sent."""
    context = client.get(reverse("build-step", args=[draft_id, "attempts"])).context
    found: dict[str, Any] = {}
    for form in (context["tries_form"], context["order_form"]):
        found |= {name: form[name].value() for name in form.fields}
    return {
        "max_attempts": "6",
        **{name: value for name, value in found.items() if value not in (None, False, "")},
    }


def test_the_builder_sets_plan_order_and_pool_and_the_review_says_them(
    manager: Client, draft: int, pool: int
) -> None:
    begun_id = begun(manager, campaign=draft)

    send(manager, begun_id, "caller", caller_id="+14075550100", caller_pool=str(pool))
    sent = send(
        manager,
        begun_id,
        "attempts",
        shown(manager, begun_id),
        planned="on",
        wait_busy="2 h",
        kind="east_first",
    )
    review = page_of(manager, "build-step", begun_id, "review")
    send(manager, begun_id, "review")

    row = Campaign.objects.get(pk=draft)
    plan = recycling.read(row.attempt_plan)
    assert sent.status_code == 302
    assert "a number of the pool “Florida”" in review
    assert "after Busy: wait 2 h" in review
    assert plan is not None
    assert plan.wait_minutes("busy") == 120
    assert (row.order_plan, row.caller_pool_id, row.version) == (EAST, pool, 2)
    history = page_of(manager, "campaign-versions", draft)
    assert "Pool of numbers" in history
    assert "from the east to the west" in history


def test_what_is_typed_wrong_into_the_plan_is_said_at_its_field_and_kept(manager: Client, draft: int) -> None:
    begun_id = begun(manager, campaign=draft)

    answer = send(
        manager,
        begun_id,
        "attempts",
        shown(manager, begun_id),
        planned="on",
        wait_busy="soon",
        max_per_day="99",
    )

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "no length of time" in text
    assert 'value="soon"' in text
    assert send(manager, begun_id, "review").status_code == 422
    assert Campaign.objects.get(pk=draft).attempt_plan is None


def test_without_the_tick_what_the_plan_says_does_not_matter(manager: Client, draft: int) -> None:
    change(draft, attempt_plan=STORED)
    begun_id = begun(manager, campaign=draft)
    values = shown(manager, begun_id)
    assert values.pop("planned") is not False

    send(manager, begun_id, "attempts", {**values, "wait_busy": "soon"})
    send(manager, begun_id, "review")

    assert Campaign.objects.get(pk=draft).attempt_plan is None


def test_going_back_brings_the_plan_the_order_and_the_pool_back(draft: int, pool: int) -> None:
    change(draft, attempt_plan=STORED, order_plan=EAST, caller_pool_id=pool)
    change(draft, attempt_plan=None, order_plan=None, caller_pool_id=None)
    Campaign.objects.update(placed_at=NOW)

    changes.roll_back(campaign_id=draft, number=2, based_on=3, by_name="mia", now=LATER)

    row = Campaign.objects.get(pk=draft)
    assert (row.attempt_plan, row.order_plan, row.caller_pool_id, row.version) == (STORED, EAST, pool, 4)
    assert row.placed_at is None


def test_an_old_version_that_says_nothing_of_a_plan_leaves_it(draft: int, mia: User) -> None:
    change(draft, attempt_plan=STORED)
    older = {
        name: value for name, value in CampaignVersion.objects.get(number=1).setup.items() if name not in LATE
    }
    CampaignVersion.objects.create(
        campaign_id=draft, number=3, setup={**older, "max_attempts": 4}, created_at=NOW, created_by="mia"
    )

    saved = changes.roll_back(campaign_id=draft, number=3, based_on=3, by_name="mia", now=LATER)

    assert Campaign.objects.get(pk=draft).attempt_plan == STORED
    assert versions_read.newest(draft).setup["attempt_plan"] == STORED
    assert saved.is_new is False  # equal to what the newest says
    assert len(versions_read.list_versions(draft)) == 3


def test_a_running_campaign_takes_a_plan_and_no_other_pool(draft: int, pool: int) -> None:
    moves.start(campaign_id=draft, by_name="mia", now=NOW)

    change(draft, attempt_plan=STORED, order_plan=EAST)
    with pytest.raises(CampaignRefused, match="“Pool of numbers” cannot change meanwhile"):
        change(draft, caller_pool_id=pool)

    assert Campaign.objects.get(pk=draft).attempt_plan == STORED


def test_a_plan_waits_for_a_second_person_like_any_other_change(
    manager: Client, draft: int, mia: User
) -> None:
    change(draft, needs_approval=True)
    User.objects.create_user("max", password="correct horse", role="manager")
    changes.approve(campaign_id=draft, number=2, by_name="max", now=NOW)
    moves.start(campaign_id=draft, by_name="mia", now=NOW)

    saved = attempts.save_plan(
        campaign_id=draft, plan=PLAN, found=[], seen=digest(None), by_name="mia", now=LATER
    )
    page = page_of(manager, "campaign-attempts", draft)

    assert saved.waits
    assert Campaign.objects.get(pk=draft).attempt_plan is None
    assert "Own plan" in page
    changes.approve(campaign_id=draft, number=3, by_name="max", now=LATER)
    assert Campaign.objects.get(pk=draft).attempt_plan == STORED


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"attempt_plan": {"max_per_day": "many"}}, "cannot be read"),
        ({"order_plan": {"kind": "alphabet"}}, "cannot be read"),
        ({"attempt_plan": recycling.store(replace(PLAN, max_per_day=99))}, "between 1 and 20"),
        (
            {"attempt_plan": recycling.store(Plan(rules=(OutcomeRule(code="busy", wait_minutes=0),)))},
            "tried again at once",
        ),
        ({"order_plan": {"fresh_minutes": 0}}, "New people come first"),
        ({"caller_pool_id": 999_999}, "no numbers in use"),
    ],
)
def test_plans_that_cannot_be_are_refused_for_any_caller(
    draft: int, wanted: dict[str, Any], said: str
) -> None:
    with pytest.raises(CampaignRefused, match=said):
        change(draft, **wanted)


def test_weights_of_lists_the_campaign_does_not_have_are_dropped(draft: int) -> None:
    own = LeadList.objects.get().pk
    weights = (ListWeight(list_id=own, weight=2), ListWeight(list_id=999_999, weight=5))

    change(draft, order_plan=ordering.store(Order(weights=weights)))

    order = ordering.read(Campaign.objects.get(pk=draft).order_plan)
    assert order.weights == (ListWeight(list_id=own, weight=2),)


def test_copies_and_templates_carry_them(draft: int, pool: int) -> None:
    own = LeadList.objects.get().pk
    order = Order(kind=Kind.EAST_FIRST, weights=(ListWeight(list_id=own, weight=2),))
    change(draft, attempt_plan=STORED, order_plan=ordering.store(order), caller_pool_id=pool)

    made = copying.copy_campaign(campaign_id=draft, name="Copy", by_id=None, by_name="mia", now=NOW)
    kept = copying.save_template(campaign_id=draft, name="Usual", by_name="mia", now=NOW)

    row = Campaign.objects.get(pk=made)
    assert (row.attempt_plan, row.order_plan, row.caller_pool_id) == (STORED, ordering.store(order), pool)
    setup = campaigns.thawed(CampaignTemplate.objects.get(pk=kept).setup)
    assert (setup.attempt_plan, setup.order_plan, setup.caller_pool_id) == (STORED, EAST, pool)


def test_one_page_keeps_the_plans_it_does_not_show(manager: Client, draft: int) -> None:
    change(draft, attempt_plan=STORED, order_plan=EAST)
    form = manager.get(reverse("campaign-edit", args=[draft])).context["form"]
    values = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in values.items() if value not in (None, False, "")}

    answer = manager.post(reverse("campaign-edit", args=[draft]), {**sent, "max_attempts": "3"})

    row = Campaign.objects.get(pk=draft)
    assert answer.status_code == 302
    assert (row.max_attempts, row.attempt_plan, row.order_plan) == (3, STORED, EAST)
