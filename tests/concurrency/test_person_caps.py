"""One person on the lists of several campaigns, all dialed at the same instant: the cap over all campaigns holds."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db import connection

from campaigns import recycling
from campaigns.models import Campaign, CampaignLead
from campaigns.recycling import Plan
from carriers import registry
from dialer.models import Call
from dialer.services import autodial
from tests.concurrency.test_dialing import at_once
from tests.factories.world import World, add_lead, agree_to_be_called, make_world
from tests.fakes.carrier import FakeCarrier

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow_test]
CAMPAIGNS = 6


@pytest.fixture
def world(transactional_db: None, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    fake = FakeCarrier()
    monkeypatch.setattr(registry, "carrier", lambda: fake)
    yield make_world(now)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE dialer_callevent, dialer_agentstatechange, core_auditevent CASCADE")


def test_six_campaigns_at_once_try_a_person_no_oftener_than_the_cap(world: World, now: datetime) -> None:
    """Each has a number of the person to itself, so that only the person is what they share."""
    lead = add_lead(world)
    plan = recycling.store(Plan(max_per_person=2))
    ids = []
    for index in range(CAMPAIGNS):
        number = f"+1407555{140 + index:04d}"
        agree_to_be_called(number, now=now)
        campaign = Campaign.objects.get(pk=world.campaign.pk)
        campaign.pk, campaign.name, campaign.attempt_plan = None, f"Copy {index}", plan
        campaign.save(force_insert=True)
        ids.append(campaign.pk)
        lead.contact.phones.create(number=number, raw=number, kind="main", position=index)
        CampaignLead.objects.create(
            campaign=campaign, contact=lead.contact, next_try_at=now, added_at=now, next_number=number
        )
    lead.contact.phones.filter(number="+14075550123").delete()

    started = at_once(CAMPAIGNS, lambda index: autodial.start_calls(campaign_id=ids[index], count=1, now=now))

    assert [each for each in started if isinstance(each, Exception)] == []
    assert Call.objects.count() <= 2
