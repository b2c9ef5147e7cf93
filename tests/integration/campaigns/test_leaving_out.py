"""Lists and segments that a campaign leaves out."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, CampaignDraft, CampaignLead, Contact, Lead, LeadList, Segment
from campaigns.services import audience, changes, linting, membership, segments
from campaigns.services.campaigns import change_campaign, setup_of
from campaigns.services.moves import CampaignRefused
from campaigns.services.segments import SegmentRefused
from core import db
from core.models import AuditEvent
from dialer.why import reading, waterfall
from tests.conftest import NOW
from tests.factories.world import World, add_lead, make_world
from tests.integration.campaigns.test_segments import IN_FLORIDA, segment

pytestmark = pytest.mark.django_db
STATE = CampaignLead.State


@pytest.fixture
def world() -> World:
    return make_world(NOW)


@pytest.fixture
def customers(world: World) -> LeadList:
    return LeadList.objects.create(name="Customers", created_at=NOW)


@pytest.fixture
def manager(world: World) -> Client:
    client = Client()
    client.force_login(world.mia)
    return client


def put_on(lead_list: LeadList, contact: Contact) -> None:
    Lead.objects.create(lead_list=lead_list, contact=contact, added_at=NOW)


def save(world: World, **changed: Any) -> None:
    world.campaign.refresh_from_db()
    setup = replace(setup_of(world.campaign), **changed)
    change_campaign(campaign_id=world.campaign.pk, setup=setup, by_name="mia", now=NOW)


def standing(lead: CampaignLead) -> tuple[str, bool]:
    lead.refresh_from_db()
    return lead.state, lead.left_out


def test_who_is_on_a_list_left_out_waits_until_they_are_not(world: World, customers: LeadList) -> None:
    ida, bo = add_lead(world), add_lead(world, "+14075550124")
    put_on(customers, ida.contact)

    save(world, excluded_list_ids=[customers.pk])

    assert (standing(ida), standing(bo)) == ((STATE.FINISHED, True), (STATE.READY, False))
    assert ida.reason == "Left out by the campaign’s settings: is on or in “Customers”."
    put_on(customers, bo.contact)
    Lead.objects.filter(lead_list=customers, contact=ida.contact).delete()
    audience.follow_all(now=NOW)
    assert (standing(ida), standing(bo)) == ((STATE.READY, False), (STATE.FINISHED, True))
    save(world, excluded_list_ids=[])
    assert standing(bo) == (STATE.READY, False)
    told = AuditEvent.objects.filter(verb="campaigns.campaign.left_out").order_by("id")
    assert [event.after for event in told] == [
        {"left_out": 1, "back": 0}, {"left_out": 1, "back": 1}, {"left_out": 0, "back": 1},
    ]  # fmt: skip


def test_a_segment_left_out_outranks_lists_and_segments(world: World) -> None:
    ida = add_lead(world)
    florida = segment()

    save(world, excluded_segment_ids=[florida])

    assert standing(ida) == (STATE.FINISHED, True)
    Contact.objects.update(state="IL")
    audience.follow_all(now=NOW)
    assert standing(ida) == (STATE.READY, False)


def test_cards_callbacks_and_results_stay_as_they_are(world: World, customers: LeadList) -> None:
    held, promised, sold = (add_lead(world, f"+1407555012{n}") for n in (3, 4, 5))
    for lead in (held, promised, sold):
        put_on(customers, lead.contact)
    CampaignLead.objects.filter(pk=held.pk).update(state=STATE.HELD, held_at=NOW, held_by=world.ana)
    CampaignLead.objects.filter(pk=promised.pk).update(is_callback=True)
    CampaignLead.objects.filter(pk=sold.pk).update(state=STATE.FINISHED, reason="Sold")

    save(world, excluded_list_ids=[customers.pk])
    save(world, excluded_list_ids=[])

    assert [standing(lead)[0] for lead in (held, promised, sold)] == [
        STATE.HELD,
        STATE.READY,
        STATE.FINISHED,
    ]
    assert not CampaignLead.objects.filter(left_out=True).exists()


def test_nobody_comes_back_while_a_rule_cannot_be_read(world: World) -> None:
    ida = add_lead(world)
    florida = segment()
    save(world, excluded_segment_ids=[florida])
    Segment.objects.filter(pk=florida).update(
        rule={"join": "all", "members": [{"field": "tag", "operator": "is", "value": "999"}]}
    )

    audience.follow_all(now=NOW)

    assert standing(ida) == (STATE.FINISHED, True)


def test_who_leaves_the_crms_list_meanwhile_does_not_come_back(world: World, customers: LeadList) -> None:
    ida = add_lead(world)
    put_on(customers, ida.contact)
    save(world, excluded_list_ids=[customers.pk])

    with db.use_case():
        membership.leave_list(
            lead_list_id=world.lead_list.pk, refs=[str(ida.contact.external_ref)], left_lately=[], told_by="Salesforce"
        )  # fmt: skip
    save(world, excluded_list_ids=[])

    assert standing(ida) == (STATE.FINISHED, False)
    assert ida.reason.startswith(membership.LEFT)


def test_a_list_is_not_both_called_and_left_out(world: World) -> None:
    with pytest.raises(CampaignRefused, match="both called and left out"):
        save(world, excluded_list_ids=[world.lead_list.pk])
    with pytest.raises(CampaignRefused, match="to leave out does not exist"):
        save(world, excluded_segment_ids=[4711])


def test_a_segment_left_out_somewhere_is_not_removed(world: World) -> None:
    florida = segment()
    save(world, excluded_segment_ids=[florida])

    with pytest.raises(SegmentRefused, match="Spring solar"):
        segments.remove_segment(segment_id=florida, by_name="mia", now=NOW)


def test_it_is_a_version_with_a_way_back(world: World, customers: LeadList) -> None:
    ida = add_lead(world)
    put_on(customers, ida.contact)
    save(world, excluded_list_ids=[customers.pk])
    world.campaign.refresh_from_db()

    changes.roll_back(
        campaign_id=world.campaign.pk, number=1, based_on=world.campaign.version, by_name="mia", now=NOW
    )

    assert not world.campaign.excluded_lists.exists()
    assert standing(ida) == (STATE.READY, False)


def test_the_waterfall_and_the_ladder_name_it(world: World, customers: LeadList) -> None:
    ida = add_lead(world)
    put_on(customers, ida.contact)
    save(world, excluded_list_ids=[customers.pk])

    [step] = [each for each in waterfall.waterfall(world.campaign.pk, now=NOW).steps if each.name == "Still to do"]  # fmt: skip
    person = reading.read_person(ida.contact_id, now=NOW)

    assert (step.leads, step.lost) == (0, 1)
    assert "Customers" in person.ladders[0].answer.sentence


def test_a_draft_counts_without_them(world: World, customers: LeadList, manager: Client) -> None:
    ida, _bo = add_lead(world), add_lead(world, "+14075550124")
    put_on(customers, ida.contact)
    CampaignLead.objects.all().delete()
    Campaign.objects.update(state=Campaign.State.DRAFT)
    save(world, excluded_list_ids=[customers.pk])

    assert waterfall.waterfall(world.campaign.pk, now=NOW).steps[0].leads == 1
    person = reading.read_person(ida.contact_id, now=NOW)
    assert "“Spring solar” leaves out" in person.ladders[0].answer.sentence
    told = manager.get(reverse("campaign-review", args=[world.campaign.pk])).content.decode()
    assert "Calls 1 people on Spring." in told
    assert "Left out, whatever else they are on: who is on or in Customers." in told


def test_the_checks_say_that_everybody_is_left_out(world: World, customers: LeadList) -> None:
    put_on(customers, add_lead(world).contact)
    setup = replace(setup_of(world.campaign), excluded_list_ids=[customers.pk])

    found = linting.findings(setup, campaign_id=world.campaign.pk, agent_ids=[world.ana.pk], now=NOW)

    assert [one.code for one in found if one.field == "excluded_lists"] == ["AUDIENCE_LEFT_OUT"]


def test_the_builder_counts_what_is_ticked(world: World, customers: LeadList, manager: Client) -> None:
    ida, _bo = add_lead(world), add_lead(world, "+14075550124")
    put_on(customers, ida.contact)
    manager.post(reverse("build-begin"))
    draft = CampaignDraft.objects.latest("pk").pk
    ticked = {"lists": [world.lead_list.pk, "x"], "excluded_lists": [customers.pk], "segments": ["9" * 30]}

    told = manager.post(reverse("build-count", args=[draft]), ticked)

    assert " ".join(told.content.decode().split()).startswith(
        '<p><strong class="num">1</strong> person chosen'
    )
    assert manager.post(reverse("build-count", args=[draft + 1]), ticked).status_code == 404
    other = Client()
    other.force_login(world.ana)
    assert other.post(reverse("build-count", args=[draft]), ticked).status_code == 403


def test_what_is_ticked_is_kept_and_saved(world: World, customers: LeadList, manager: Client) -> None:
    add_lead(world)
    segment(rule=IN_FLORIDA)
    manager.post(reverse("build-begin"), {"campaign": world.campaign.pk})
    draft = CampaignDraft.objects.latest("pk").pk
    step = reverse("build-step", args=[draft, "audience"])
    manager.post(
        step, {"lists": [world.lead_list.pk], "excluded_lists": [customers.pk], "audience": "people"}
    )

    assert f'name="excluded_lists" value="{customers.pk}"' in manager.get(step).content.decode()
    manager.post(reverse("build-step", args=[draft, "review"]), {"note": "Customers are not called."})
    assert [each.name for each in Campaign.objects.get().excluded_lists.all()] == ["Customers"]
