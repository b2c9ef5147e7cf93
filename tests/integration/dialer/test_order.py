"""The order of calls: places, shares of lists, the sun's way, people who came just now."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns import ordering
from campaigns.models import Campaign, CampaignLead, Lead, LeadList
from campaigns.ordering import Kind, ListWeight, Order
from campaigns.selectors import orders, turns
from campaigns.services import filling, imports, work
from core import db, realtime
from core.models import AuditEvent
from dialer.services import placing
from dialer.why import reading
from tests.factories.world import World, add_lead, agree_to_be_called
from tests.integration.campaigns.conftest import person, staged
from tests.integration.dialer.conftest import sign_on, tick

NEW = "+14075550166"
ORLANDO, CHICAGO, DENVER, SEATTLE = "+1407555", "+1312555", "+1303555", "+1206555"


def give_order(world: World, order: Order) -> Campaign:
    world.campaign.order_plan, world.campaign.placed_at = ordering.store(order), None
    world.campaign.save(update_fields=["order_plan", "placed_at"])
    return world.campaign


def taken(world: World, now: datetime, limit: int = 100) -> Sequence[int]:
    """Return the leads in the order they are handed out."""
    placed = ordering.read(world.campaign.order_plan).is_placed
    with db.use_case():
        items = work.candidates(
            campaign_id=world.campaign.pk, user_id=None, now=now, limit=limit, placed=placed
        )
    return [item.campaign_lead_id for item in items]


def ahead_of_each(now: datetime) -> dict[int, int]:
    """Return for each lead how many are offered before it."""
    rows: Any = turns.with_ahead(CampaignLead.objects.all(), now=now)
    return {row.pk: row.ahead for row in rows}


def place(world: World, now: datetime) -> int:
    world.campaign.refresh_from_db()
    return placing.place(world.campaign, now=now)


def test_the_sun_goes_from_the_east_to_the_west(world: World, now: datetime) -> None:
    leads = [
        add_lead(world, f"{area}0{100 + index}")
        for index, area in enumerate((SEATTLE, DENVER, ORLANDO, CHICAGO))
    ]
    give_order(world, Order(kind=Kind.EAST_FIRST))

    place(world, now)

    assert taken(world, now) == [leads[2].pk, leads[3].pk, leads[1].pk, leads[0].pk]
    ahead = ahead_of_each(now)
    assert sorted(ahead, key=lambda lead: ahead[lead]) == taken(world, now)
    seattle = reading.read_person(leads[0].contact_id, now=now).ladders[0]
    assert "3 due before it (east of those after it)" in [rung.text for rung in seattle.rungs]


def test_where_somebody_said_they_are_counts_before_their_area_code(world: World, now: datetime) -> None:
    moved = add_lead(world, f"{ORLANDO}0101", stated_zone="Pacific/Honolulu")
    there = add_lead(world, f"{SEATTLE}0102")
    give_order(world, Order(kind=Kind.EAST_FIRST))

    place(world, now)

    assert taken(world, now) == [there.pk, moved.pk]


def test_the_window_that_closes_soonest_comes_first_and_a_closed_one_last(
    world: World, now: datetime
) -> None:
    evening = now.replace(hour=23, minute=0)  # 18:00 in Orlando, 15:00 in Seattle
    Campaign.objects.update(window_closes=time(17, 30))
    closed, west, middle = (
        add_lead(world, f"{area}0{100 + index}") for index, area in enumerate((ORLANDO, SEATTLE, CHICAGO))
    )
    give_order(world, Order(kind=Kind.CLOSING_FIRST))
    world.campaign.refresh_from_db()

    placing.place(world.campaign, now=evening)

    assert taken(world, evening) == [middle.pk, west.pk, closed.pk]


@pytest.mark.parametrize(
    ("weights", "shares"), [((3, 1), (30, 10)), ((1, 1), (20, 20)), ((100, 1), (40, 0)), ((1, 0), (40, 0))]
)
def test_lists_are_mixed_by_weight(
    world: World, now: datetime, weights: tuple[int, int], shares: tuple[int, int]
) -> None:
    other = LeadList.objects.create(name="Autumn", created_at=now)
    world.campaign.lists.add(other)
    lists = {}
    for index in range(80):
        lead = add_lead(world, f"{ORLANDO}{100 + index:04d}")
        lists[lead.pk] = index % 2
        if index % 2:
            Lead.objects.filter(contact_id=lead.contact_id).update(lead_list=other)
    both = zip((world.lead_list.pk, other.pk), weights, strict=True)
    give_order(world, Order(weights=tuple(ListWeight(list_id=each, weight=weight) for each, weight in both)))

    place(world, now)

    first = Counter(lists[lead] for lead in taken(world, now, 40))
    assert (first[0], first[1]) == shares
    assert taken(world, now) == taken(world, now)


def test_a_promised_callback_and_then_who_came_just_now_are_before_all_places(
    world: World, now: datetime
) -> None:
    usual, fresh, stale, promised = (add_lead(world, f"{ORLANDO}01{index:02d}") for index in range(4))
    CampaignLead.objects.filter(pk=fresh.pk).update(fresh_until=now + timedelta(minutes=5))
    CampaignLead.objects.filter(pk=stale.pk).update(fresh_until=now - timedelta(minutes=5))
    CampaignLead.objects.filter(pk=promised.pk).update(is_callback=True)
    give_order(world, Order(kind=Kind.EAST_FIRST))
    place(world, now)

    assert taken(world, now) == [promised.pk, fresh.pk, usual.pk, stale.pk]
    assert ahead_of_each(now) == {promised.pk: 0, fresh.pk: 1, usual.pk: 2, stale.pk: 3}
    page = orders.get_page(world.campaign.pk, now=now)
    assert [one.lead_id for one in page.next_up] == [promised.pk, fresh.pk, usual.pk, stale.pk]
    assert [one.why for one in page.next_up][:2] == ["promised for this time", "came just now"]


def test_a_lead_that_comes_later_is_called_before_it_has_a_place_and_gets_one(
    world: World, now: datetime
) -> None:
    add_lead(world, f"{ORLANDO}0101")
    give_order(world, Order(kind=Kind.EAST_FIRST))
    place(world, now)
    late = add_lead(world, f"{ORLANDO}0102")

    assert taken(world, now)[-1] == late.pk
    assert place(world, now) == 1
    late.refresh_from_db()
    assert late.place is not None


def test_places_are_given_once_a_quarter(world: World, now: datetime) -> None:
    add_lead(world)
    give_order(world, Order(kind=Kind.CLOSING_FIRST))

    assert place(world, now) == 1
    assert place(world, now + timedelta(minutes=14)) == 0
    assert place(world, now + timedelta(minutes=16)) == 1


def test_people_who_come_onto_a_list_are_fresh_where_the_campaign_wants_it(
    world: World, now: datetime
) -> None:
    give_order(world, Order(fresh_minutes=30))
    new = add_lead(world)
    CampaignLead.objects.all().delete()
    old = add_lead(world, "+14075550124")
    Lead.objects.filter(contact_id=old.contact_id).update(added_at=now - timedelta(hours=2))
    CampaignLead.objects.all().delete()

    with db.use_case():
        assert filling.fill_from_list(world.lead_list.pk, now=now) == 2

    until = dict(CampaignLead.objects.values_list("contact_id", "fresh_until"))
    assert until == {new.contact_id: now + timedelta(minutes=30), old.contact_id: None}


def test_without_an_order_nobody_is_fresh_or_placed(world: World, now: datetime) -> None:
    add_lead(world)
    CampaignLead.objects.all().delete()

    with db.use_case():
        filling.fill_from_list(world.lead_list.pk, now=now)
    assert placing.sweep(now=now) == 0

    lead = CampaignLead.objects.get()
    assert (lead.fresh_until, lead.place, lead.score) == (None, None, None)


# -- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def manager(world: World, client: Client) -> Client:
    client.force_login(world.mia)
    return client


def typed(client: Client, world: World, **changes: str) -> dict[str, Any]:
    form = client.get(f"/campaigns/{world.campaign.pk}/order/").context["form"]
    shown = {name: form[name].value() for name in form.fields}
    return {**{name: value for name, value in shown.items() if value not in (None, False)}, **changes}


def test_an_order_is_stored_and_on_record(manager: Client, world: World) -> None:
    sent = typed(
        manager,
        world,
        kind="closing_first",
        fresh_minutes="60",
        mixed="on",
        **{f"weight_{world.lead_list.pk}": "5"},
    )

    assert manager.post(f"/campaigns/{world.campaign.pk}/order/", sent).status_code == 302

    world.campaign.refresh_from_db()
    weights = (ListWeight(list_id=world.lead_list.pk, weight=5),)
    assert ordering.read(world.campaign.order_plan) == Order(
        kind=Kind.CLOSING_FIRST, weights=weights, fresh_minutes=60
    )
    assert AuditEvent.objects.filter(verb="campaigns.campaign.changed", actor="mia").exists()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("kind", "alphabet", "valid choice"),
        ("fresh_minutes", "0", "1 to 1,440 minutes"),
        ("fresh_minutes", "1441", "1 to 1,440 minutes"),
        ("fresh_minutes", "soon", "whole number"),
        ("weight", "-1", "from 0 to 100"),
        ("weight", "0", "at least one list"),
        ("weight", "", "required"),
        ("seen", "another", "Somebody else changed the order"),
    ],
)
def test_bad_orders_are_refused(manager: Client, world: World, field: str, value: str, said: str) -> None:
    name = f"weight_{world.lead_list.pk}" if field == "weight" else field

    answer = manager.post(
        f"/campaigns/{world.campaign.pk}/order/", typed(manager, world, mixed="on", **{name: value})
    )

    world.campaign.refresh_from_db()
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert world.campaign.order_plan is None


def test_only_managers_see_and_change_the_order(client: Client, world: World) -> None:
    for user in (world.ana, world.nil):
        client.force_login(user)
        assert client.get(f"/campaigns/{world.campaign.pk}/order/").status_code == 403
        assert client.post(f"/campaigns/{world.campaign.pk}/order/").status_code == 403


def test_the_page_costs_the_same_queries_however_many_wait(manager: Client, world: World) -> None:
    counts = []
    for index in range(8):
        add_lead(world, f"{ORLANDO}01{index:02d}")
        if index in (1, 7):
            with CaptureQueriesContext(connection) as found:
                manager.get(f"/campaigns/{world.campaign.pk}/order/")
            counts.append(len(found))

    assert counts[0] == counts[1]


# -- speed to lead ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["preview", "progressive"])
def test_who_comes_by_an_import_is_called_at_the_loops_next_look(
    world: World, mode: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the import's end to the call reserved, or the card shown, while older leads wait and an agent is free."""
    told: list[str] = []
    monkeypatch.setattr(realtime, "push_on_commit", lambda topic, *_: told.append(topic))
    world.campaign.mode, world.campaign.order_plan = mode, ordering.store(Order(fresh_minutes=30))
    world.campaign.save(update_fields=["mode", "order_plan"])
    old = [add_lead(world, f"{ORLANDO}01{index:02d}") for index in range(5)]
    CampaignLead.objects.update(next_try_at=now + timedelta(hours=1))
    sign_on(world, now=now)
    CampaignLead.objects.update(next_try_at=now - timedelta(hours=1))
    agree_to_be_called(NEW, now=now)
    import_id = staged([person(1, NEW, postal_code="32801", state="FL", city="Orlando")], list_name="Spring")

    assert imports.apply_import(import_id=import_id, now=now + timedelta(seconds=1))
    tick(now=now + timedelta(seconds=2))

    taken = CampaignLead.objects.exclude(contact_id__in=[one.contact_id for one in old]).get()
    assert "pacer" in told
    assert taken.state == "held"
