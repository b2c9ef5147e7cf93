"""The page about further tries: what it stores, what it refuses, and who may."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns import recycling
from campaigns.models import Campaign
from core.models import AuditEvent
from tests.factories.world import World, add_lead, make_world


@pytest.fixture
def world(db: None, now: datetime) -> World:
    return make_world(now)


@pytest.fixture
def manager(world: World, client: Client) -> Client:
    client.force_login(world.mia)
    return client


def url(world: World, end: str = "") -> str:
    return f"/campaigns/{world.campaign.pk}/attempts/{end}"


def typed(client: Client, world: World, **changes: str) -> dict[str, Any]:
    """Return the form as the page shows it, with changes typed in."""
    form = client.get(url(world)).context["form"]
    values = {name: form[name].value() for name in form.fields}
    shown = {name: value for name, value in values.items() if value not in (None, False)}
    return {**shown, **changes}


def stored() -> recycling.Plan | None:
    return recycling.read(Campaign.objects.get().attempt_plan)


def test_a_plan_is_stored_and_shown_and_is_on_record(manager: Client, world: World) -> None:
    sent = typed(
        manager, world, wait_busy="2 h", then_no_answer="next", max_per_day="2", max_busy="3", spread="on"
    )

    answer = manager.post(url(world), sent)

    assert answer.status_code == 302
    plan = stored()
    assert plan is not None
    assert (plan.max_per_day, plan.spread) == (2, True)
    assert plan.rule("busy") == recycling.OutcomeRule(code="busy", wait_minutes=120, max_tries=3)
    assert AuditEvent.objects.filter(verb="campaigns.campaign.changed", actor="mia").exists()
    assert "2 h" in manager.get(url(world)).content.decode()


def test_checking_stores_nothing(manager: Client, world: World) -> None:
    answer = manager.post(url(world), {**typed(manager, world, max_per_day="9"), "act": "check"})

    assert answer.status_code == 200
    assert "rule ST-003" in answer.content.decode()
    assert stored() is None


def test_a_plan_with_a_loop_is_refused_with_what_to_do(manager: Client, world: World) -> None:
    answer = manager.post(url(world), typed(manager, world, wait_busy="0 min"))

    assert answer.status_code == 422
    assert "Wait at least some minutes" in answer.content.decode()
    assert stored() is None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("wait_busy", "soon", "no length of time"),
        ("wait_busy", "99999 days", "between 0 and"),
        ("wait_busy", "", "required"),
        ("max_busy", "0", "between 1 and 50"),
        ("max_per_day", "-1", "between 1 and 20"),
        ("max_per_day", "1e9", "whole number"),
        ("then_busy", "elsewhere", "valid choice"),
        ("person_days", "400", "between 1 and 30"),
        ("other_number_minutes", "\x00", "Null characters"),
        ("seen", "", "required"),
        ("seen", "another", "Somebody else changed this plan"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_lost(
    manager: Client, world: World, field: str, value: str, said: str
) -> None:
    answer = manager.post(url(world), typed(manager, world, max_per_number="4", **{field: value}))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert stored() is None
    if field != "max_per_number":
        assert answer.context["form"]["max_per_number"].value() == "4"


def test_the_second_of_two_managers_is_told(manager: Client, world: World) -> None:
    first, second = typed(manager, world, max_per_day="2"), typed(manager, world, max_per_day="1")
    manager.post(url(world), first)

    answer = manager.post(url(world), second)

    assert answer.status_code == 422
    assert "Somebody else changed this plan" in answer.content.decode()


def test_the_plain_rule_comes_back(manager: Client, world: World) -> None:
    manager.post(url(world), typed(manager, world, max_per_day="2"))
    page = manager.get(url(world)).context["page"]

    manager.post(url(world, "plain/"), {"seen": page.seen})

    assert stored() is None


def test_a_stopped_campaign_keeps_its_plan(manager: Client, world: World) -> None:
    sent = typed(manager, world, max_per_day="2")
    Campaign.objects.update(state="stopped")

    answer = manager.post(url(world), sent)

    assert answer.status_code == 422
    assert "stopped" in answer.content.decode()


def test_only_managers_may(client: Client, world: World) -> None:
    for user in (world.ana, world.nil):
        client.force_login(user)
        assert client.get(url(world)).status_code == 403
        assert client.post(url(world), {}).status_code == 403
        assert client.post(url(world, "plain/"), {}).status_code == 403


def test_a_campaign_that_is_not_there_is_not_found(manager: Client, world: World) -> None:
    assert manager.get("/campaigns/999999/attempts/").status_code == 404
    assert manager.post("/campaigns/999999/attempts/plain/").status_code == 404


def test_the_page_costs_the_same_queries_however_many_people(manager: Client, world: World) -> None:
    counts = []
    for people in (1, 10):
        for index in range(people):
            add_lead(world, f"+1407555{100 * people + index:04d}")
        with CaptureQueriesContext(connection) as found:
            manager.get(url(world))
        counts.append(len(found))

    assert counts[0] == counts[1]
