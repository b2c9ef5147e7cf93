"""The waterfall and the lead's ladder know the plan of further tries: the same answer as when the dialer looks at the lead."""

from datetime import datetime, timedelta

import pytest

from campaigns.models import Campaign, CampaignLead
from campaigns.recycling import OutcomeRule, Plan
from campaigns.services import work
from dialer.services import offers
from dialer.why.reading import read_person
from dialer.why.waterfall import waterfall
from tests.factories.world import World, add_lead, agree_to_be_called
from tests.integration.dialer.test_attempt_plan import ended_call, give_plan

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("plan", "step", "waits"),
    [
        (Plan(rules=(OutcomeRule(code="busy", wait_minutes=60),)), "", None),
        (Plan(rules=(OutcomeRule(code="busy", wait_minutes=3 * 60),)), "Callable now", HOUR),
        (Plan(max_per_person=1, person_days=3), "Callable today", timedelta(days=3) - 2 * HOUR),
        (Plan(max_per_number=1), "Not tried too often", None),
    ],
    ids=["free", "wait", "person", "number"],
)
def test_who_the_plan_holds_is_held_where_it_says_and_as_long(
    world: World, now: datetime, plan: Plan, step: str, waits: timedelta | None
) -> None:
    lead = add_lead(world)
    add_lead(world, "+14075550177")
    for number in ("+14075550123", "+14075550177"):
        agree_to_be_called(number, now=now)
    ended_call(world, lead, "busy", now=now - 2 * HOUR)
    CampaignLead.objects.update(next_try_at=now)
    give_plan(world, plan)

    counted = waterfall(world.campaign.pk, now=now)
    ladder = read_person(lead.contact_id, now=now).ladders[0]
    screened = offers.screen(
        Campaign.objects.get(),
        work.candidates(campaign_id=world.campaign.pk, user_id=None, now=now, limit=5, placed=False),
        now=now,
    )

    held = {one.name: [reason.code for reason in one.reasons] for one in counted.steps if one.lost}
    assert held == ({step: ["PLAN"]} if step else {})
    assert counted.callable_now == sum(one.phone is not None for one in screened) == (1 if step else 2)
    rung = next(one for one in ladder.rungs if one.name == "Plan of further tries")
    assert rung.passes_at == (now + waits if waits else None)
    if waits:
        assert ladder.answer.next_at is not None


def test_a_promised_callback_is_held_by_no_plan(world: World, now: datetime) -> None:
    lead = add_lead(world)
    agree_to_be_called("+14075550123", now=now)
    ended_call(world, lead, "busy", now=now - HOUR)
    CampaignLead.objects.update(next_try_at=now, is_callback=True, callback_asked_at=now)
    give_plan(world, Plan(max_per_number=1))

    assert waterfall(world.campaign.pk, now=now).callable_now == 1
