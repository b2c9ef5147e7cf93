"""A campaign's plan of further tries where it meets the dialer: which number, when, and never more often than it allows."""

from datetime import datetime, timedelta

import pytest

from campaigns import recycling
from campaigns.models import CampaignLead, ContactPhone
from campaigns.recycling import OutcomeRule, Plan, Then
from core import db
from dialer.models import AgentSession, Call
from dialer.services import autodial, dialing, following, offers
from tests.factories.world import World, add_lead, agree_to_be_called
from tests.integration.dialer.conftest import sign_on

NEXT = Plan(rules=(OutcomeRule(code="no_answer", wait_minutes=240, then=Then.NEXT),), other_number_minutes=60)
SECOND = "+14075550124"


def give_plan(world: World, plan: Plan) -> None:
    world.campaign.attempt_plan = recycling.store(plan)
    world.campaign.save(update_fields=["attempt_plan"])


def add_number(lead: CampaignLead, number: str = SECOND) -> ContactPhone:
    return ContactPhone.objects.create(
        contact_id=lead.contact_id, number=number, raw=number, kind="mobile", position=1
    )


def ended_call(world: World, lead: CampaignLead, code: str, *, now: datetime, number: str = "") -> Call:
    """Store a call that ended with a result, as the dialer leaves it, and apply the result."""
    from tests.factories.world import add_attempt

    dialed = number or "+14075550123"
    attempt = add_attempt(lead, dialed, state="ended", now=now)
    found = world.campaign.disposition_set.dispositions.get(code=code)
    call = Call.objects.create(
        attempt=attempt, campaign=world.campaign, contact_id=lead.contact_id, number=dialed, caller_id=attempt.caller_id,
        state="ended", outcome="no_answer", created_at=now, ended_at=now, disposition=found, disposed_at=now,
    )  # fmt: skip
    with db.use_case():
        following.decide_next(
            call,
            campaign_lead_id=lead.pk,
            code=code,
            category=found.category,
            label=found.label,
            retry_minutes=found.retry_minutes,
            now=now,
        )
    lead.refresh_from_db()
    return call


def start(world: World, now: datetime) -> int:
    return autodial.start_calls(campaign_id=world.campaign.pk, count=5, now=now)


def test_without_a_plan_a_result_says_when_and_the_first_number_is_tried(world: World, now: datetime) -> None:
    lead = add_lead(world)
    add_number(lead)

    ended_call(world, lead, "no_answer", now=now)

    assert lead.next_try_at == now + timedelta(minutes=240)
    assert lead.next_number == ""


def test_the_next_number_is_dialed_after_a_result_that_says_so(world: World, now: datetime) -> None:
    lead = add_lead(world)
    add_number(lead)
    agree_to_be_called(SECOND, now=now)
    give_plan(world, NEXT)

    ended_call(world, lead, "no_answer", now=now)

    assert (lead.next_number, lead.next_try_at) == (SECOND, now + timedelta(minutes=60))
    later = lead.next_try_at
    assert start(world, later) == 1
    assert Call.objects.latest("pk").number == SECOND


def test_the_card_shows_the_number_the_plan_tries_next(world: World, now: datetime) -> None:
    from campaigns import cards

    lead = add_lead(world)
    add_number(lead)
    give_plan(world, NEXT)

    ended_call(world, lead, "no_answer", now=now)

    assert [phone.number for phone in cards.lead_card(lead.pk).phones] == [SECOND, "+14075550123"]


def test_a_lead_over_the_persons_cap_is_put_off_with_the_reason(world: World, now: datetime) -> None:
    lead = add_lead(world)
    agree_to_be_called("+14075550123", now=now)
    ended_call(world, lead, "busy", now=now - timedelta(hours=2))
    CampaignLead.objects.filter(pk=lead.pk).update(next_try_at=now)
    give_plan(world, Plan(max_per_person=1, person_days=3))

    assert start(world, now) == 0

    lead.refresh_from_db()
    assert lead.next_try_at == now - timedelta(hours=2) + timedelta(days=3)
    assert "over all campaigns" in lead.reason


def test_a_promised_callback_is_offered_whatever_the_plan_says(world: World, now: datetime) -> None:
    lead = add_lead(world)
    ended_call(world, lead, "busy", now=now - timedelta(hours=2))
    CampaignLead.objects.filter(pk=lead.pk).update(next_try_at=now, is_callback=True, callback_asked_at=now)
    give_plan(world, Plan(max_per_person=1))

    sign_on(world, now=now)

    lead.refresh_from_db()
    assert lead.state == "held"


def test_a_number_that_waits_is_refused_at_the_press_of_dial_and_the_other_one_is_not(
    world: World, now: datetime
) -> None:
    lead = add_lead(world)
    second = add_number(lead)
    give_plan(world, NEXT)
    ended_call(world, lead, "no_answer", now=now - timedelta(minutes=90))
    CampaignLead.objects.filter(pk=lead.pk).update(next_try_at=now)
    sign_on(world, now=now)
    version = AgentSession.objects.get().version
    first = ContactPhone.objects.get(number="+14075550123")

    with pytest.raises(dialing.CannotDial, match="does not try this number now"):
        dialing.reserve(user_id=world.ana.pk, version=version, phone_id=first.pk, now=now)
    assert dialing.reserve(user_id=world.ana.pk, version=version, phone_id=second.pk, now=now) is None


def test_a_lead_used_up_since_its_card_was_shown_is_refused_and_put_off(world: World, now: datetime) -> None:
    lead = add_lead(world)
    sign_on(world, now=now)
    give_plan(world, Plan(max_per_person=1))
    twin = add_lead(world, "+14075550177")
    ContactPhone.objects.filter(contact_id=twin.contact_id).update(number="+14075550123")
    ended_call(world, twin, "busy", now=now)

    refused = dialing.reserve(
        user_id=world.ana.pk, version=AgentSession.objects.get().version, phone_id=None, now=now
    )

    lead.refresh_from_db()
    assert refused is not None
    assert "over all campaigns" in refused
    assert lead.state == "ready"


def test_a_screened_batch_costs_one_more_query_with_a_plan(
    world: World, now: datetime, django_assert_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from campaigns.services import work

    for index in range(5):
        add_lead(world, f"+1407555{101 + index:04d}")
    counts = []
    for plan in (None, Plan(max_per_day=2)):
        world.campaign.attempt_plan = None if plan is None else recycling.store(plan)
        with db.use_case():
            items = work.candidates(campaign_id=world.campaign.pk, user_id=None, now=now, limit=5)
            with CaptureQueriesContext(
                connection,
            ) as found:
                offers.screen(world.campaign, items, now=now)
        counts.append(len(found))

    assert counts[1] == counts[0] + 1
