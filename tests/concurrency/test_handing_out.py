"""Eight workers take ten thousand leads as fast as they can: each lead is handed out once, and none is left."""

from collections.abc import Iterator
from datetime import datetime
from time import perf_counter

import pytest
from django.db import connection

from campaigns.models import CampaignLead, Contact
from campaigns.services import work
from core import db
from tests.concurrency.test_dialing import at_once
from tests.factories.world import World, make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow_lane]
WORKERS, LEADS, AT_ONCE = 8, 10_000, 10


@pytest.fixture
def world(transactional_db: None, now: datetime) -> Iterator[World]:
    yield make_world(now)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE core_auditevent CASCADE")


@pytest.mark.parametrize("placed", [False, True])
def test_eight_workers_hand_out_ten_thousand_leads_once_each(
    world: World, now: datetime, placed: bool
) -> None:
    people = Contact.objects.bulk_create(
        Contact(first_name="Maria", created_at=now, changed_at=now) for _ in range(LEADS)
    )
    CampaignLead.objects.bulk_create(
        CampaignLead(
            campaign=world.campaign,
            contact=one,
            next_try_at=now,
            added_at=now,
            place=index % 97 if placed else None,
        )
        for index, one in enumerate(people)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE campaigns_campaignlead")

    def take_all(_: int) -> list[int]:
        mine: list[int] = []
        while True:
            with db.use_case():
                items = work.candidates(
                    campaign_id=world.campaign.pk, user_id=None, now=now, limit=AT_ONCE, placed=placed
                )
                for item in items:
                    work.hold(campaign_lead_id=item.campaign_lead_id, user_id=None, now=now)
            mine += [item.campaign_lead_id for item in items]
            if not items and not CampaignLead.objects.filter(state="ready").exists():
                return mine

    began = perf_counter()
    taken = at_once(WORKERS, take_all)
    seconds = perf_counter() - began

    print(f"handed out, placed={placed}: {LEADS / seconds:,.0f} leads/s")
    lists = [each for each in taken if isinstance(each, list)]
    assert len(lists) == WORKERS, taken
    handed_out = [lead for each in lists for lead in each]
    assert len(handed_out) == LEADS
    assert len(set(handed_out)) == LEADS
    assert CampaignLead.objects.filter(state="held").count() == LEADS
