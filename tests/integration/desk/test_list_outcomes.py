"""What came of a list: counted by people and by calls, of the campaigns over it alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, CampaignLead, Disposition
from compliance.services import suppress
from core import db
from core.types import PhoneNumber
from desk.list_outcomes import reached_bars
from dialer import list_reads
from dialer.models import Call
from tests.conftest import NOW
from tests.factories.world import SELLER, World, add_attempt, add_lead, clear_number, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world(NOW)


def called(world: World, lead: CampaignLead, result: str, *, days_ago: int = 0) -> Call:
    """Add a call that ended with the result."""
    number = lead.contact.phones.order_by("id")[0].number
    attempt = add_attempt(lead, number, state="ended", now=NOW)
    return Call.objects.create(
        attempt=attempt, campaign=lead.campaign, contact=lead.contact, number=number, caller_id="+14075550100",
        state="ended", outcome="answered" if result else "busy", ended_at=NOW,
        created_at=NOW - timedelta(days=days_ago), disposed_at=NOW if result else None,
        disposition=Disposition.objects.get(code=result) if result else None,
    )  # fmt: skip


def test_people_are_counted_once_and_calls_each(world: World) -> None:
    leads = [add_lead(world, f"+1407555012{index}") for index in range(4)]
    called(world, leads[0], "no_answer", days_ago=1)
    called(world, leads[1], "interested")
    called(world, leads[2], "", days_ago=40)

    told = list_reads.list_outcomes(world.lead_list.pk, now=NOW)

    assert (told.people, told.calls) == (4, 3)
    assert (told.called.part, told.reached.part, told.converted.part) == (3, 1, 1)
    assert told.results == [("Interested", 1), ("No answer", 1), ("no result: busy", 1)]
    assert [(day.calls, day.reached.part) for day in told.days[-2:]] == [(1, 0), (1, 1)]
    assert sum(day.calls for day in told.days) == 2
    assert len(told.days) == 30


def test_calls_of_campaigns_over_other_lists_do_not_count(world: World) -> None:
    lead = add_lead(world)
    called(world, lead, "interested")
    Campaign.objects.get(pk=world.campaign.pk).lists.clear()

    assert list_reads.list_outcomes(world.lead_list.pk, now=NOW).calls == 0


def test_refusals_of_the_gate_are_counted_by_reason(world: World, django_assert_num_queries: Any) -> None:
    number = PhoneNumber("+14075550123")
    add_lead(world, number)
    with db.use_case():
        suppress(
            number=number,
            seller=SELLER,
            reason="said so",
            raw_words="no",
            heard_on="phone",
            actor="test",
            now=NOW,
        )
    with pytest.raises(AssertionError):
        clear_number(number, now=NOW)

    with django_assert_num_queries(5):
        told = list_reads.list_outcomes(world.lead_list.pk, now=NOW)

    assert [number for _, number in told.refused] == [1]


def test_the_page_has_figures_intervals_and_the_table(world: World) -> None:
    client = Client()
    client.force_login(world.mia)
    where = reverse("list-outcomes", args=[world.lead_list.pk])
    empty = client.get(where).content.decode()
    called(world, add_lead(world), "interested")
    page = client.get(where).content.decode()

    assert "Nobody was called yet" in empty
    assert "95 % interval" in page
    assert "The same as a table" in page
    assert "Interested" in page
    assert client.get(reverse("list-outcomes", args=[99])).status_code == 404
    client.force_login(world.ana)
    assert client.get(where).status_code == 403


def test_the_line_of_an_interval_stays_in_the_drawing(world: World) -> None:
    called(world, add_lead(world), "interested")

    [bar] = reached_bars(list_reads.list_outcomes(world.lead_list.pk, now=NOW).days)

    assert bar.low is not None
    assert bar.high is not None
    assert 0 <= bar.high <= bar.low <= 96
