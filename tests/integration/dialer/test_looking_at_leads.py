"""How many leads the dialer looks at for the calls it wants: as many, and more only where some may not be called."""

from datetime import datetime, timedelta

import pytest

from accounts.roles import Role
from campaigns.models import Campaign, CampaignLead
from campaigns.services import work
from core import db
from dialer.models import Call
from dialer.services import autodial
from tests.factories.world import LISTED, World, add_lead, agree_to_be_called, person
from tests.integration.dialer.conftest import sign_on

GOOD = ["+14075550101", "+14075550102", "+14075550103", "+14075550104"]


@pytest.fixture
def dialing(world: World, now: datetime) -> World:
    """Return the world with a campaign whose dialer calls, and an agent."""
    Campaign.objects.update(mode="progressive", started_at=now - timedelta(days=3))
    world.campaign.refresh_from_db()
    sign_on(world, now=now)
    return world


def add(world: World, numbers: list[str], *, now: datetime) -> list[CampaignLead]:
    """Add people in this order; those of GOOD agreed to be called."""
    for number in numbers:
        if number in GOOD:
            agree_to_be_called(number, now=now)
    return [add_lead(world, number) for number in numbers]


def called() -> list[str]:
    return list(Call.objects.order_by("pk").values_list("number", flat=True))


def test_leads_behind_those_that_are_called_are_not_looked_at(dialing: World, now: datetime) -> None:
    add(dialing, [GOOD[0], LISTED], now=now)

    started = autodial.start_calls(campaign_id=dialing.campaign.pk, count=1, now=now)

    assert (started, called()) == (1, GOOD[:1])
    assert CampaignLead.objects.get(state="ready").reason == ""  # the listed one was not put off


@pytest.mark.parametrize("refused", [1, 2])
def test_who_may_not_be_called_costs_no_call(dialing: World, now: datetime, refused: int) -> None:
    listed = [LISTED, "+14075550188"][:refused]  # nobody asked the second either
    add(dialing, [*listed, *GOOD], now=now)

    started = autodial.start_calls(campaign_id=dialing.campaign.pk, count=1, now=now)

    assert (started, called()) == (1, GOOD[:1])
    assert CampaignLead.objects.exclude(reason="").count() == refused


def test_at_most_three_leads_are_looked_at_for_a_call(dialing: World, now: datetime) -> None:
    unasked = [f"+140755501{index}" for index in range(80, 86)]
    add(dialing, [*unasked, GOOD[0]], now=now)

    started = autodial.start_calls(campaign_id=dialing.campaign.pk, count=1, now=now)

    assert (started, called()) == (0, [])
    assert CampaignLead.objects.exclude(reason="").count() == 3


def test_a_second_look_finds_what_the_first_left_in_order(dialing: World, now: datetime) -> None:
    add(dialing, [GOOD[0], LISTED, GOOD[1], GOOD[2]], now=now)

    started = autodial.start_calls(campaign_id=dialing.campaign.pk, count=2, now=now)

    assert (started, called()) == (2, GOOD[:2])


def test_promised_leads_come_first_then_new_ones_then_those_that_are_due(world: World, now: datetime) -> None:
    due, new, promised, of_another, later = (add_lead(world, f"+140755501{index}") for index in range(10, 15))
    ben = person("ben", Role.AGENT)
    CampaignLead.objects.filter(pk=new.pk).update(fresh_until=now + timedelta(minutes=5))
    CampaignLead.objects.filter(pk=promised.pk).update(is_callback=True)
    CampaignLead.objects.filter(pk=of_another.pk).update(is_callback=True, callback_for=ben)
    CampaignLead.objects.filter(pk=later.pk).update(next_try_at=now + timedelta(seconds=1))

    with db.use_case():
        everybody, bens = (
            work.candidates(campaign_id=world.campaign.pk, user_id=user, now=now, limit=9)
            for user in (None, ben.pk)
        )
        own = work.candidates(
            campaign_id=world.campaign.pk, user_id=ben.pk, now=now, limit=9, only_promised=True
        )

    assert [item.campaign_lead_id for item in everybody] == [promised.pk, new.pk, due.pk]
    assert [item.campaign_lead_id for item in bens] == [promised.pk, of_another.pk, new.pk, due.pk]
    assert [item.campaign_lead_id for item in own] == [of_another.pk]
