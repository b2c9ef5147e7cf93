"""What if, on the campaign's page and by API: filled in, two side by side, refused in words, and made while one waits."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Campaign, Contact
from core import clock
from core import jobs as core_jobs
from dialer.forecasts import running
from dialer.why import counting
from tests.factories.world import World, add_lead
from tests.integration.dialer.conftest import carrier, world

__all__ = ["carrier", "world"]  # fixtures

QUICK = {"mode": "preview"}  # made at once


@pytest.fixture(autouse=True)
def _noon(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(clock, "now", lambda: now)
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the keys of the plans a worker was asked to play."""
    keys: list[str] = []
    monkeypatch.setattr(core_jobs, "enqueue_on_commit", lambda name, **ids: keys.append(ids.get("key", "")))
    return keys


def add_people(world: World, count: int = 3) -> None:
    """Add people in Orlando who may be called now."""
    for index in range(count):
        add_lead(world, f"+14075550{200 + index}", external_ref=None)


def get(person: object, name: str, *args: object, **query: str) -> HttpResponse:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]  # a user of the world
    return client.get(reverse(name, args=args), query)  # type: ignore[return-value]  # of a test


def page(world: World, **query: str) -> str:
    return str(get(world.mia, "campaign-what-if", world.campaign.pk, **query).content.decode())


def api(world: World, **query: str) -> tuple[int, dict[str, Any]]:
    response = get(world.mia, "campaign-what-if-json", world.campaign.pk, **query)
    return response.status_code, json.loads(response.content)


def test_the_campaigns_page_offers_it_to_managers(world: World) -> None:
    shown = get(world.mia, "campaign", world.campaign.pk).content.decode()

    assert reverse("campaign-what-if", args=[world.campaign.pk]) in shown


@pytest.mark.parametrize("name", ["campaign-what-if", "campaign-what-if-json"])
def test_agents_may_not_ask(world: World, name: str) -> None:
    assert get(world.ana, name, world.campaign.pk).status_code == 403


def test_a_campaign_that_is_not_there_is_not_found(world: World) -> None:
    assert get(world.mia, "campaign-what-if", 10**6).status_code == 404
    response = get(world.mia, "campaign-what-if-json", 10**6)
    assert (response.status_code, json.loads(response.content)["state"]) == (404, "missing")


def test_everything_is_filled_in_with_where_it_comes_from(world: World) -> None:
    add_people(world)

    shown = page(world, **QUICK)

    assert 'aria-label="Agents, scenario A"' in shown
    assert 'aria-label="Agents, scenario B"' in shown
    assert "a usual value: nothing measured yet" in shown
    assert "from the campaign’s settings" in shown
    assert "People reached" in shown


def test_two_scenarios_stand_side_by_side_with_their_differences(world: World) -> None:
    add_people(world)

    shown = page(world, **QUICK, b_mode="preview", talk_seconds="60", b_talk_seconds="300")

    assert "How B differs" in shown
    assert "B talks more" in shown
    assert shown.count('class="what-if-mid"') >= 8
    assert "A: entered; B: entered" in shown or "entered" in shown


def test_hours_of_the_team_can_be_given_a_rate_of_their_own(world: World) -> None:
    add_people(world)

    shown = page(
        world, **QUICK, opens="10:00", closes="12:00", answer_rate_10="31", zones="Eastern 60, Central 40"
    )

    assert 'name="answer_rate_10" type="number" step="any" inputmode="decimal" value="31"' in shown
    assert 'name="answer_rate_11"' in shown
    assert 'name="answer_rate_12"' not in shown
    assert "as the whole day; no calls" in shown
    assert ">Eastern 60, Central 40</textarea>" in shown


def test_what_is_wrong_with_an_hour_or_a_zone_stands_beside_it(world: World) -> None:
    add_people(world)

    response = get(world.mia, "campaign-what-if", world.campaign.pk, answer_rate_03="200", zones="Narnia 5")

    shown = response.content.decode()
    assert response.status_code == 422
    assert 'name="answer_rate_03"' in shown
    assert ">Narnia 5</textarea>" in shown
    assert "There is no zone “Narnia”" in shown


def test_another_campaign_fills_bs_column(world: World) -> None:
    add_people(world)
    other = Campaign.objects.get(pk=world.campaign.pk)
    other.pk, other.name, other.state, other.max_attempts, other.mode = None, "Autumn", "draft", 2, "preview"
    other.save()

    # B's column still shows the copy of A when the other is chosen.
    shown = page(world, **QUICK, against=str(other.pk), b_of="", b_attempts="6", b_mode="preview")

    assert '<option value="' + str(other.pk) + '" selected>Autumn' in shown
    assert 'name="b_attempts" type="number" step="1" inputmode="decimal" value="2"' in shown
    assert "The lists of “Autumn” are empty" in shown


def test_a_wished_day_asks_for_the_staff_needed(world: World, sent: list[str]) -> None:
    add_people(world)
    asked = {**QUICK, "finish_by": "2027-01-15", "b_mode": "preview", "attempts": "1", "b_attempts": "1"}
    page(world, **asked)
    for key in sent:
        running.play_kept(key)

    shown = page(world, **asked)

    assert "Agents needed" in shown
    assert "to be done by 15 Jan 2027" in shown
    assert "would be done by Fri 15 Jan 2027" in shown


def test_what_is_wrong_stands_on_top_and_beside_the_field_with_what_was_typed(world: World) -> None:
    add_people(world)

    response = get(
        world.mia, "campaign-what-if", world.campaign.pk, agents="0", b_cap="5", b_mode="predictive"
    )

    shown = response.content.decode()
    assert response.status_code == 422
    assert "Nothing was forecast: 2 things need your attention." in shown
    assert 'href="#agents"' in shown
    assert 'name="agents" type="number" step="1" inputmode="decimal" value="0"' in shown
    assert "47 CFR 64.1200(a)(7)" in shown


def test_a_list_the_rules_hold_says_why(world: World) -> None:
    add_people(world)
    Contact.objects.update(crm_do_not_call=True)

    shown = page(world)

    assert "The rules hold all 3 people" in shown
    assert "Whom the rules hold" in shown


def test_long_work_shows_how_far_it_is_and_then_the_figures(world: World, sent: list[str]) -> None:
    add_people(world)
    asked = {
        "mode": "progressive",
        "opens": "09:00",
        "closes": "09:20",
        "b_mode": "progressive",
        "b_agents": "3",
    }
    asked |= {"b_opens": "09:00", "b_closes": "09:20"}

    shown = page(world, **asked)
    cache.set(f"{sent[0]}:done", 3)

    key = shown.split("/what-if/")[1].split('"')[0]
    part = get(world.mia, "campaign-what-if-result", world.campaign.pk, key).content.decode()
    assert "3 of 16 runs played" in part
    for each in sent[:2]:
        running.play_kept(each)
    part = get(world.mia, "campaign-what-if-result", world.campaign.pk, key).content.decode()
    assert "How B differs" in part
    assert "hx-get" not in part


LONG = {"mode": "progressive", "opens": "09:00", "closes": "09:20"}  # played by a worker


def post(person: object, name: str, *args: object) -> HttpResponse:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]  # a user of the world
    return client.post(reverse(name, args=args))  # type: ignore[return-value]  # of a test


def test_what_is_being_played_can_be_cancelled_and_asked_for_again(world: World, sent: list[str]) -> None:
    add_people(world)
    key = page(world, **LONG).split("/what-if/")[1].split('"')[0]

    part = post(world.mia, "campaign-what-if-cancel", world.campaign.pk, key).content.decode()

    assert "was cancelled after 0 of 8 runs" in part
    assert "hx-get" not in part
    running.play_kept(sent[0])  # the worker comes to it now: it plays nothing
    assert "cancelled" in get(world.mia, "campaign-what-if-result", world.campaign.pk, key).content.decode()
    assert "Days are being played" in page(world, **LONG)
    running.play_kept(sent[1])
    assert "People reached" in page(world, **LONG)


def test_what_is_done_stays_when_it_is_cancelled_too_late(world: World, sent: list[str]) -> None:
    add_people(world)
    key = page(world, **LONG).split("/what-if/")[1].split('"')[0]
    running.play_kept(sent[0])

    part = post(world.mia, "campaign-what-if-cancel", world.campaign.pk, key).content.decode()

    assert "People reached" in part


def test_agents_may_not_cancel(world: World, sent: list[str]) -> None:
    add_people(world)
    key = page(world, **LONG).split("/what-if/")[1].split('"')[0]

    assert post(world.ana, "campaign-what-if-cancel", world.campaign.pk, key).status_code == 403
    assert post(world.mia, "campaign-what-if-cancel", world.campaign.pk, "gone").status_code == 404


def test_the_api_cancels_by_the_address_it_told(world: World, sent: list[str]) -> None:
    add_people(world)
    client = Client()
    client.force_login(world.mia)
    address = api(world, **LONG)[1]["next"]

    first, second = client.delete(address), client.delete(address)

    assert (first.status_code, first.json()["state"]) == (200, "cancelled")
    assert (second.status_code, second.json()["state"]) == (409, "idle")
    told = client.get(address)
    assert (told.status_code, told.json()["state"]) == (410, "cancelled")
    assert client.delete(address[:-4] + "gone").status_code == 404
    assert api(world, **LONG)[0] == 202  # asked anew it is made after all


def test_a_question_not_kept_is_not_found(world: World) -> None:
    assert get(world.mia, "campaign-what-if-result", world.campaign.pk, "gone").status_code == 404


def test_a_large_list_is_counted_first(
    world: World, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_people(world)
    monkeypatch.setattr(counting, "AT_ONCE", 0)

    shown = page(world)

    assert "The page goes on by itself" in shown
    assert 'hx-select="#what-if"' in shown
    assert api(world)[0] == 202


def test_the_api_answers_as_the_command_does(world: World) -> None:
    add_people(world)

    status, found = api(world, **QUICK, agents="2", b_agents="4")

    assert status == 200
    assert found["a"]["inputs"]["agents"] == {"value": "2", "unit": "", "basis": "entered"}
    assert found["b"]["forecast"]["people_reached"]["mid"] > 0
    assert found["differences"]


def test_the_api_tells_how_far_it_is_and_where_to_ask_again(world: World, sent: list[str]) -> None:
    add_people(world)

    status, found = api(world, mode="progressive", opens="09:00", closes="09:20")

    assert (status, found["state"], found["done"], found["of"]) == (202, "playing", 0, 8)
    running.play_kept(sent[0])
    client = Client()
    client.force_login(world.mia)
    assert client.get(found["next"]).json()["state"] == "done"


def test_the_api_refuses_with_everything_wrong_at_once(world: World) -> None:
    add_people(world)

    status, found = api(world, agents="0", b_answer_rate="120", colour="red")

    assert status == 400
    assert {(each["scenario"], each["field"]) for each in found["problems"]} == {
        ("a", "agents"),
        ("a", "colour"),
        ("b", "answer_rate"),
    }


def test_the_page_costs_a_fixed_number_of_queries(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    add_people(world, 3)
    page(world, **QUICK)  # counts the list, which is kept
    client = Client()
    client.force_login(world.mia)
    address = reverse("campaign-what-if", args=[world.campaign.pk])

    with django_assert_max_num_queries(22):
        client.get(address, QUICK)
