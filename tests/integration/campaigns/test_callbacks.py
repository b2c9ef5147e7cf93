"""Promises to call back: who keeps them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from campaigns.models import Campaign, CampaignAgent, CampaignLead
from campaigns.selectors import callbacks as read
from campaigns.services import callbacks
from campaigns.services.callbacks import CallbackRefused
from core.errors import NotFound
from core.models import AuditEvent
from tests.factories.world import World, add_lead, make_world, person

MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(db: None, now: datetime) -> World:
    return make_world(now)


@pytest.fixture
def ben(world: World) -> User:
    """Another agent of the campaign."""
    user = person("ben", Role.AGENT)
    CampaignAgent.objects.create(campaign=world.campaign, user=user)
    return user


def promise(
    world: World, number: str, due: datetime, *, by: User | None = None, hard: bool = False
) -> CampaignLead:
    lead = add_lead(world, number)
    CampaignLead.objects.filter(pk=lead.pk).update(
        is_callback=True, next_try_at=due, callback_for=by, callback_hard=hard
    )
    return lead


def holder(lead: CampaignLead) -> int | None:
    return CampaignLead.objects.get(pk=lead.pk).callback_for_id


def test_the_list_has_mine_and_anyones_soonest_first_on_both_clocks(
    world: World, ben: User, now: datetime
) -> None:
    promise(world, "+14075550123", now + 30 * MINUTE, by=world.ana)
    promise(world, "+14075550124", now - MINUTE)
    promise(world, "+14075550125", now, by=ben)

    found = read.list_mine(world.ana.pk, now=now)

    assert [(row.agent, row.is_overdue) for row in found.rows] == [("", True), ("Ana", False)]
    assert found.rows[0].their_time == "Mon 23 Nov, 10:59 in Orlando"
    assert (found.total, found.overdue) == (2, 1)


def test_managers_see_all_by_agent_and_campaign(
    world: World, ben: User, now: datetime, django_assert_num_queries: Any
) -> None:
    promise(world, "+14075550123", now, by=world.ana)
    promise(world, "+14075550124", now + MINUTE)
    CampaignAgent.objects.filter(user=world.ana).delete()

    with django_assert_num_queries(4):
        found = read.list_all(now=now)

    assert [(row.agent, row.agent_away) for row in found.rows] == [("Ana", True), ("", False)]
    assert read.list_all(agent_id=0, now=now).total == 1
    assert read.list_all(agent_id=world.ana.pk, only_overdue=True, now=now).total == 1
    assert read.list_all(campaign_id=0, now=now).total == 0


def test_promises_are_given_to_another_agent_all_or_none(world: World, ben: User, now: datetime) -> None:
    first = promise(world, "+14075550123", now, by=world.ana, hard=True)
    second = promise(world, "+14075550124", now, by=world.ana)

    done = callbacks.reassign(lead_ids=[first.pk, second.pk], to_id=ben.pk, by_name="sol", now=now)

    assert (done, holder(first), holder(second)) == (2, ben.pk, ben.pk)
    assert AuditEvent.objects.filter(verb="campaigns.callback.reassigned").count() == 2
    CampaignLead.objects.filter(pk=second.pk).update(is_callback=False)
    with pytest.raises(CallbackRefused, match="1 of them are not waiting"):
        callbacks.reassign(lead_ids=[first.pk, second.pk], to_id=None, by_name="sol", now=now)
    assert holder(first) == ben.pk


@pytest.mark.parametrize("ids", [[], list(range(1, 502))])
def test_nothing_or_too_much_is_refused(world: World, now: datetime, ids: list[int]) -> None:
    with pytest.raises(CallbackRefused):
        callbacks.reassign(lead_ids=ids, to_id=None, by_name="sol", now=now)


def test_nobody_gets_what_they_do_not_work_on(world: World, now: datetime) -> None:
    lead = promise(world, "+14075550123", now, by=world.ana)

    with pytest.raises(CallbackRefused, match="does not work on Spring solar"):
        callbacks.reassign(lead_ids=[lead.pk], to_id=world.sol.pk, by_name="sol", now=now)


@pytest.mark.parametrize(
    ("minutes", "late", "hard", "works", "released"),
    [
        (10, 10, False, True, True),
        (10, 9, False, True, False),
        (10, 60, True, True, False),
        (None, 60, False, True, False),
        (10, 0, False, False, True),
        (10, -1, False, False, False),
        (10, 60, True, False, False),
    ],
)
def test_a_promise_falls_to_anyone_in_time(
    world: World, now: datetime, *, minutes: int | None, late: int, hard: bool, works: bool, released: bool
) -> None:
    callbacks.set_anyone_after(campaign_id=world.campaign.pk, minutes=minutes, by_name="mia", now=now)
    lead = promise(world, "+14075550123", now - late * MINUTE, by=world.ana, hard=hard)
    if not works:
        CampaignAgent.objects.filter(user=world.ana).delete()

    assert callbacks.release_overdue(now=now) == released

    row = CampaignLead.objects.get(pk=lead.pk)
    assert (row.callback_for_id is None) is released
    assert row.is_callback


def test_a_rule_that_cannot_be_is_refused(world: World, now: datetime) -> None:
    for minutes in (0, 10_081):
        with pytest.raises(CallbackRefused, match="between 1 and"):
            callbacks.set_anyone_after(campaign_id=world.campaign.pk, minutes=minutes, by_name="mia", now=now)
    with pytest.raises(NotFound):
        callbacks.set_anyone_after(campaign_id=0, minutes=5, by_name="mia", now=now)


def test_the_pages_show_and_change_them(world: World, ben: User, now: datetime, client: Client) -> None:
    lead = promise(world, "+14075550123", now - timedelta(days=900), by=world.ana)
    client.force_login(world.sol)
    page = client.get("/callbacks/?overdue=1&agent=x&campaign=").content.decode()
    assert "Maria Alvarez" in page
    assert "overdue" in page

    client.post("/callbacks/reassign/", {"lead": [lead.pk, "x"], "to": ben.pk})
    assert holder(lead) == ben.pk
    client.post(f"/callbacks/rules/{world.campaign.pk}/", {"minutes": "15"})
    assert Campaign.objects.get().callback_anyone_minutes == 15
    client.post(f"/callbacks/rules/{world.campaign.pk}/", {"minutes": "soon"})
    assert Campaign.objects.get().callback_anyone_minutes == 15
    refused = client.post("/callbacks/reassign/", {"lead": "\x00", "to": ""}, follow=True).content.decode()
    assert "Choose who takes them" in refused
    client.force_login(ben)
    assert "Maria Alvarez" in client.get("/callbacks/mine/").content.decode()


def test_who_may_not_give_callbacks_is_refused(world: World, now: datetime, client: Client) -> None:
    lead = promise(world, "+14075550123", now, by=world.ana)
    for user in (world.ana, world.nil):
        client.force_login(user)
        assert client.post("/callbacks/reassign/", {"lead": lead.pk, "to": "0"}).status_code == 403
        assert client.get("/callbacks/").status_code == 403
    assert holder(lead) == world.ana.pk
