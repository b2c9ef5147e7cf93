"""The page that says why a lead is not dialing: by role, by what is typed, and what it says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client, TestCase
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Campaign, CampaignLead, Contact
from compliance.models import DncListImport
from compliance.registry.snapshot import Snapshot, SnapshotBroken
from core import clock
from dialer import tasks
from dialer.why import counting, finding, reading
from tests.factories.world import World, add_lead
from tests.integration.desk.test_desk_pages import signed_in


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Stop the clock of the pages."""
    monkeypatch.setattr(clock, "now", lambda: now)
    cache.clear()


def page(client: Client, **query: str | int) -> str:
    answer = client.get("/why/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_condition_from_list_to_gate_is_shown(world: World) -> None:
    lead = add_lead(world)

    text = page(signed_in(world.mia), q=f"#{lead.pk}")

    assert "Could dial now, but no agent assigned to it is waiting." in text
    for name in (
        "In the campaign",
        "Agent ready",
        "Attempts left",
        "Its turn",
        "Federal hours",
        "Not too often",
    ):
        assert name in text
    assert "rules that bind it" in text


@pytest.mark.parametrize(
    "typed",
    ["+14075550123", "(407) 555-0123", "407.555.0123", "1 407 555 0123", "Alvarez", "maria alv", "5550123"],
)
def test_a_number_is_found_in_any_form_and_a_person_by_name(world: World, typed: str) -> None:
    add_lead(world)

    text = page(signed_in(world.sol), q=typed)

    assert "Spring solar" in text
    assert "Maria Alvarez" in text


def test_a_closed_window_says_when_it_opens_and_a_refusal_where_to_look(
    world: World, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    add_lead(world)
    add_lead(world, "+14075550199", last_name="Listed")
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=11))  # 22:00 in Orlando

    waits = page(signed_in(world.nil), q="+14075550123")
    listed = page(signed_in(world.nil), q="+14075550199")

    assert "Not before 09:00 tomorrow: 22:00 in Orlando" in waits
    assert "2026-11-24T14:00:00Z" in waits
    assert "Not called: on the national do-not-call list" in listed
    assert 'href="/compliance/registry/"' in listed


def test_each_rule_says_when_it_passes_by_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lead = add_lead(world)
    night = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # 06:00 in Orlando
    monkeypatch.setattr(clock, "now", lambda: night)

    person = reading.read_person(lead.contact_id, now=night)

    [number] = person.ladders[0].numbers
    passes = {rung.name: rung.passes_at for rung in number.rungs if rung.passes_at}
    assert passes == {
        "Federal hours": night + timedelta(hours=2),
        "State hours": night + timedelta(hours=2),
        "Campaign hours": night + timedelta(hours=3),
    }
    assert person.ladders[0].answer.sentence == (
        "Not before 09:00 today: 06:00 in Orlando, the campaign allows from 09:00."
    )


def test_who_is_on_no_list_and_what_number_nobody_has_is_said(world: World, now: datetime) -> None:
    alone = Contact.objects.create(first_name="Bo", last_name="Lee", created_at=now, changed_at=now)
    mia = signed_in(world.mia)

    person = page(mia, contact=alone.pk)
    number = page(mia, q="(407) 555-0123")

    assert "The person is on no list, so no campaign can call them." in person
    assert "Nobody here has this number" in number
    assert 'href="/compliance/?number=%2B14075550123"' in number


def test_a_person_on_a_list_of_a_draft_learns_that_the_draft_must_start(world: World, now: datetime) -> None:
    lead = add_lead(world)
    Campaign.objects.update(state="draft")
    CampaignLead.objects.all().delete()

    text = page(signed_in(world.mia), contact=lead.contact_id)

    assert "it takes people from its lists when it starts" in text


def test_another_campaigns_id_shows_that_the_person_is_not_in_it(world: World) -> None:
    add_lead(world)

    text = page(signed_in(world.mia), q="Alvarez", campaign=world.campaign.pk)
    other = page(signed_in(world.mia), q="Alvarez", campaign=world.campaign.pk + 1)
    by_contact = page(signed_in(world.mia), contact=Contact.objects.get().pk, campaign=world.campaign.pk + 1)

    assert "Lead open" in text
    assert "Nobody fits that" in other
    assert "the person is no lead" in by_contact


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12",
        "#",
        "#999999999999999999999",
        "#-1",
        "\x00",
        "' OR 1=1 --",
        "+1 (999) 000-0000",
        "%",
        "٤٠٧٥٥٥",
        "x" * 5000,
    ],
)
def test_nonsense_finds_nobody_and_says_what_may_be_typed(world: World, typed: str) -> None:
    add_lead(world)

    text = page(signed_in(world.mia), q=typed, campaign="x", contact="1e9")

    assert "Nobody" in text or "Type a number or a name" in text
    assert "Maria" not in text


def test_ten_thousand_people_are_a_list_to_choose_from(world: World, now: datetime) -> None:
    Contact.objects.bulk_create(
        [Contact(first_name="Bo", last_name="Lee", created_at=now, changed_at=now) for _ in range(10_000)]
    )

    found = finding.find("lee")
    text = page(signed_in(world.mia), q="Lee")

    assert (len(found.rows), found.has_more) == (finding.LIMIT, True)
    assert text.count('class="row-link"') == finding.LIMIT
    assert "type more to narrow it down" in text


def test_only_who_may_see_verdicts_sees_why(world: World) -> None:
    add_lead(world)

    refused = signed_in(world.ana).get("/why/", {"q": "Alvarez"})
    officer = page(signed_in(world.nil), q="Alvarez")
    manager = page(signed_in(world.mia), q="Alvarez")

    assert refused.status_code == 403
    assert Client().get("/why/").status_code == 302
    assert 'href="/campaigns/' not in officer  # a page the officer may not open is no link
    assert f'href="/campaigns/{world.campaign.pk}/"' in manager
    assert 'data-command="Why is a lead not dialing?"' in officer


def test_pages_that_show_a_lead_lead_to_why(world: World) -> None:
    lead = add_lead(world)
    CampaignLead.objects.update(reason="No answer")
    mia = signed_in(world.mia)

    campaign = mia.get(f"/campaigns/{world.campaign.pk}/").content.decode()
    contact = mia.get(f"/contacts/{lead.contact_id}/").content.decode()

    assert f'href="/why/?q=%23{lead.pk}"' in campaign
    assert f'href="/why/?contact={lead.contact_id}"' in contact


def test_the_queries_are_fixed_however_many_campaigns_and_numbers(
    world: World, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    lead = add_lead(world)
    for name in ("Second", "Third", "Fourth"):
        copy = Campaign.objects.get(pk=world.campaign.pk)
        copy.pk, copy.name = None, name
        copy.save(force_insert=True)
        copy.lists.add(world.lead_list)
        CampaignLead.objects.create(campaign=copy, contact=lead.contact, next_try_at=now, added_at=now)
        lead.contact.phones.create(number=f"+1407555013{copy.pk % 10}", raw="x", kind="work", position=1)

    with django_assert_num_queries(14):
        person = reading.read_person(lead.contact_id, now=now)

    assert [one.campaign for one in person.ladders] == ["Fourth", "Third", "Second", "Spring solar"]
    assert [len(one.numbers) for one in person.ladders] == [4, 4, 4, 4]


def test_the_campaigns_page_loads_its_waterfall_and_leads_to_examples(world: World) -> None:
    lead = add_lead(world)
    add_lead(world, "+14075550199", last_name="Listed")
    mia = signed_in(world.mia)

    whole = mia.get(f"/campaigns/{world.campaign.pk}/").content.decode()
    part = mia.get(f"/campaigns/{world.campaign.pk}/waterfall").content.decode()
    Campaign.objects.update(state="paused")
    paused = mia.get(f"/campaigns/{world.campaign.pk}/waterfall").content.decode()

    assert f'hx-get="/campaigns/{world.campaign.pk}/waterfall"' in whole
    assert ">1</strong> of 2 people can be called now, 1 by the end of their day" in part
    assert "could be called now if the campaign were running" in paused  # the count is kept, the state is not
    assert "Callable now" in part
    assert "1 held here" in part
    assert f'href="/why/?contact={lead.contact_id + 1}&amp;campaign={world.campaign.pk}"' in part
    assert "National do-not-call" in part


def test_a_campaign_without_people_says_what_is_missing(world: World) -> None:
    part = signed_in(world.mia).get(f"/campaigns/{world.campaign.pk}/waterfall").content.decode()

    assert "Nobody is on its lists yet." in part
    assert "Callable now" not in part


def test_a_large_campaign_is_counted_by_one_task_while_the_page_asks_again(
    world: World, monkeypatch: pytest.MonkeyPatch, sent_jobs: list[tuple[str, dict[str, Any]]], now: datetime
) -> None:
    add_lead(world)
    monkeypatch.setattr(counting, "AT_ONCE", 0)
    mia, url = signed_in(world.mia), f"/campaigns/{world.campaign.pk}/waterfall"

    with TestCase.captureOnCommitCallbacks(execute=True):
        asked, again = (mia.get(url).content.decode() for _ in range(2))
    for name, ids in sent_jobs:
        assert name == tasks.count_waterfall.name
        tasks.count_waterfall.run(**ids)
    counted = mia.get(url).content.decode()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=2))
    old = mia.get(url).content.decode()

    assert [name for name, _ in sent_jobs] == ["dialer.count_waterfall"]
    assert all("Counting…" in text and 'hx-trigger="load delay:1s"' in text for text in (asked, again, old))
    assert "Callable now" in counted
    assert "Counting" not in counted
    assert "Callable now" in old  # the last count, with its time


def test_a_registry_file_that_is_gone_holds_everybody(world: World) -> None:
    add_lead(world)
    row = DncListImport.objects.get(name="national")
    (Path(settings.REGISTRY_DIR) / row.file).unlink()

    part = signed_in(world.mia).get(f"/campaigns/{world.campaign.pk}/waterfall").content.decode()

    assert "Registry copy missing or too old" in part


def test_a_registry_file_that_breaks_while_it_is_read_is_said_in_place_of_the_count(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise SnapshotBroken("was altered: a part of it does not add up")

    add_lead(world)
    monkeypatch.setattr(Snapshot, "listed", broken)

    part = signed_in(world.mia).get(f"/campaigns/{world.campaign.pk}/waterfall").content.decode()

    assert "Load the same registry file again, then count." in part


def test_a_waterfall_is_for_who_manages_campaigns(world: World) -> None:
    url = f"/campaigns/{world.campaign.pk}/waterfall"

    assert signed_in(world.nil).get(url).status_code == 403
    assert signed_in(world.ana).get(url).status_code == 403
    assert signed_in(world.mia).get("/campaigns/999999/waterfall").status_code == 404
