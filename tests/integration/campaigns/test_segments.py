"""Segments on their pages, and as the audience of campaigns."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, CampaignLead, Contact, Lead, LeadList, Segment, SegmentMember
from campaigns.services import audience, filling, moves, segments
from campaigns.services.campaigns import change_campaign, setup_of
from campaigns.services.moves import CampaignRefused
from campaigns.services.segments import SegmentRefused
from core import db
from core.errors import Stale
from core.models import AuditEvent
from dialer.why import reading, waterfall
from tests.conftest import NOW
from tests.factories.world import World, add_lead, make_world

pytestmark = pytest.mark.django_db

IN_FLORIDA = {"join": "all", "members": [{"field": "state", "operator": "is", "value": "fl"}]}
FORM = {
    "join.0": "all",
    "field.0.0": "state",
    "operator.0.0": "is",
    "value.0.0": "FL",
    "name": "Florida",
    "kind": "live",
}
STATE = CampaignLead.State


@pytest.fixture
def world() -> World:
    return make_world(NOW)


@pytest.fixture
def manager(world: World) -> Client:
    client = Client()
    client.force_login(world.mia)
    return client


def someone(world: World, state: str = "FL", **values: Any) -> Contact:
    """Add a person who is on no list."""
    return Contact.objects.create(
        first_name="Ida", last_name="Wells", state=state, created_at=world.now, changed_at=world.now, **values
    )


def segment(kind: str = "live", name: str = "Florida", rule: Any = IN_FLORIDA) -> int:
    return segments.create_segment(name=name, kind=kind, raw_rule=rule, by_id=None, by_name="mia", now=NOW)


def over(world: World, *segment_ids: int) -> None:
    """Make the segments an audience of the running campaign, and follow them."""
    world.campaign.segments.set(segment_ids)
    audience.follow_all(now=NOW)


def lead_of(contact: Contact) -> CampaignLead:
    return CampaignLead.objects.get(contact=contact)


def test_a_live_segment_adds_who_fits_and_lets_go_who_does_not(world: World) -> None:
    ida, bo = someone(world), someone(world, "IL")
    over(world, segment())
    assert list(CampaignLead.objects.values_list("contact_id", flat=True)) == [ida.pk]

    Contact.objects.filter(pk=ida.pk).update(state="IL")
    Contact.objects.filter(pk=bo.pk).update(state="FL")
    audience.follow_all(now=NOW)

    left = lead_of(ida)
    assert (left.state, left.left_segment, left.reason) == (STATE.FINISHED, True, audience.LEFT)
    assert lead_of(bo).state == STATE.READY
    Contact.objects.filter(pk=ida.pk).update(state="FL")
    audience.follow_all(now=NOW)
    assert (lead_of(ida).state, lead_of(ida).left_segment) == (STATE.READY, False)
    told = AuditEvent.objects.filter(verb="campaigns.campaign.segments_followed").order_by("id")
    assert [event.after for event in told] == [
        {"added": 1, "left": 0, "back": 0}, {"added": 1, "left": 1, "back": 0}, {"added": 0, "left": 0, "back": 1},
    ]  # fmt: skip


def test_lists_cards_callbacks_and_results_outrank_a_segment(world: World) -> None:
    listed, held, promised, finished = (someone(world) for _ in range(4))
    on_list_only = add_lead(world, state="IL")
    over(world, segment())
    Lead.objects.create(lead_list=world.lead_list, contact=listed, added_at=NOW)
    CampaignLead.objects.filter(contact=held).update(state=STATE.HELD, held_at=NOW, held_by=world.ana)
    CampaignLead.objects.filter(contact=promised).update(is_callback=True)
    CampaignLead.objects.filter(contact=finished).update(state=STATE.FINISHED, reason="Sold")
    before = list(CampaignLead.objects.order_by("id").values("id", "state", "reason", "left_segment"))

    Contact.objects.update(state="IL")
    audience.follow_all(now=NOW)
    Contact.objects.update(state="FL")
    audience.follow_all(now=NOW)

    assert list(CampaignLead.objects.order_by("id").values("id", "state", "reason", "left_segment")) == before
    on_list_only.refresh_from_db()
    assert on_list_only.state == STATE.READY


def test_a_snapshot_keeps_its_people_until_it_is_taken_anew(world: World) -> None:
    ida, bo = someone(world), someone(world, "IL")
    taken = segment("snapshot")
    over(world, taken)
    Contact.objects.filter(pk=ida.pk).update(state="IL")
    Contact.objects.filter(pk=bo.pk).update(state="FL")
    audience.follow_all(now=NOW)
    with db.use_case():
        filling.fill_campaigns([world.campaign.pk], now=NOW)
    assert list(CampaignLead.objects.values_list("contact_id", "state")) == [(ida.pk, "ready")]

    segments.retake_snapshot(segment_id=taken, by_name="mia", now=NOW)
    with db.use_case():
        filling.fill_campaigns([world.campaign.pk], now=NOW)

    assert SegmentMember.objects.get().contact_id == bo.pk
    assert (lead_of(ida).state, lead_of(bo).state) == (STATE.FINISHED, STATE.READY)


def test_a_rule_that_cannot_be_read_moves_nobody(world: World) -> None:
    extra = LeadList.objects.create(name="Gone soon", created_at=NOW)
    rule = {"join": "any", "members": [{"field": "list", "operator": "is", "value": str(extra.pk)}]}
    ida = someone(world)
    Lead.objects.create(lead_list=extra, contact=ida, added_at=NOW)
    over(world, segment(rule=rule))
    someone(world)

    extra.delete()
    audience.follow_all(now=NOW)

    assert list(CampaignLead.objects.values_list("contact_id", "state")) == [(ida.pk, "ready")]


def test_a_paused_campaign_follows_and_a_draft_or_stopped_one_does_not(world: World) -> None:
    someone(world)
    live = segment()
    for state, leads in (("draft", 0), ("stopped", 0), ("paused", 1)):
        Campaign.objects.filter(pk=world.campaign.pk).update(state=state)
        over(world, live)
        assert CampaignLead.objects.count() == leads, state


def test_starting_takes_the_segment_and_settings_keep_it(draft: int) -> None:
    person = Contact.objects.create(first_name="Ida", state="FL", created_at=NOW, changed_at=NOW)
    campaign = Campaign.objects.get(pk=draft)
    live = segment()
    from dataclasses import replace

    setup = replace(setup_of(campaign), list_ids=(), segment_ids=(live,))
    change_campaign(campaign_id=draft, setup=setup, by_name="mia", now=NOW)
    assert moves.start(campaign_id=draft, by_name="mia", now=NOW) == 1
    assert lead_of(person).by_segment is True
    moves.pause(campaign_id=draft, by_name="mia", now=NOW)

    with pytest.raises(CampaignRefused, match="a segment can be added, not removed"):
        change_campaign(
            campaign_id=draft, setup=replace(setup, segment_ids=(), list_ids=()), by_name="mia", now=NOW
        )
    with pytest.raises(SegmentRefused, match="is used by Spring offer"):
        segments.remove_segment(segment_id=live, by_name="mia", now=NOW)


def test_the_page_builds_saves_and_shows_a_segment(manager: Client, world: World) -> None:
    someone(world)
    someone(world, "IL")

    typing = manager.post(
        reverse("segment-new"), FORM, headers={"HX-Target": "builder", "HX-Request": "true"}
    )
    saved = manager.post(reverse("segment-new"), {**FORM, "act": "save"})
    page = manager.get(saved.headers["Location"]).content.decode()

    assert "<strong>1</strong> person fits" in typing.content.decode()
    assert "State is “FL”" in typing.content.decode()
    assert "<html" not in typing.content.decode()
    row = Segment.objects.get()
    assert saved.headers["Location"] == f"{reverse('all-people')}?segment={row.pk}"
    assert "“Florida” is saved" in page
    assert "1 person," in page
    assert manager.get(reverse("segments")).status_code == 200
    assert manager.get(reverse("segment", args=[row.pk])).status_code == 200


def test_buttons_add_groups_and_conditions_and_remove_them(manager: Client) -> None:
    def press(act: str, form: dict[str, str]) -> str:
        return manager.post(reverse("segment-new"), {**form, "act": act}).content.decode()

    assert 'name="field.0.1"' in press("condition:0", FORM)
    nested = press("group:0", FORM)
    assert 'name="join.0.1"' in nested
    assert 'name="field.0.1.0"' in nested
    removed = press("remove:0.0", {**FORM, "field.0.1": "city", "operator.0.1": "is", "value.0.1": "Tampa"})
    assert 'name="field.0.0"' not in removed
    assert "City is “Tampa”" in removed
    for nonsense in ("group:9.9", "remove:", "x", "condition:0.0", "remove:0"):
        assert "State is “FL”" in press(nonsense, FORM)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "Give the segment a name"),
        ({"name": "x" * 121}, "Give the segment a name"),
        ({"kind": "dead"}, "live or a snapshot"),
        ({"value.0.0": ""}, "Give a value to compare"),
        ({"value.0.0": "a\x00b"}, "one line of at most"),
        ({"value.0.0": "x" * 300}, "one line of at most"),
        ({"field.0.0": "password"}, "Choose what the condition is about"),
        ({"operator.0.0": "drop"}, "Choose how “State” is compared"),
        ({"field.0.0": "attempts", "operator.0.0": "at_least", "value.0.0": "-1"}, "a whole number from 0"),
        ({"field.0.0": "attempts", "operator.0.0": "at_least", "value.0.0": "²"}, "a whole number from 0"),
        ({"field.0.0": "created_at", "operator.0.0": "since", "value.0.0": "2026-02-30"}, "Give the date"),
        ({"field.0.0": "list", "operator.0.0": "is", "value.0.0": "99"}, "not there any more"),
        ({"join.0": "all", "field.0.0": "", "value.0.0": ""}, "Choose what the condition is about"),
    ],
)
def test_what_cannot_be_saved_says_why_and_stores_nothing(
    manager: Client, changes: dict[str, str], words: str
) -> None:
    response = manager.post(reverse("segment-new"), {**FORM, **changes, "act": "save"})

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Segment.objects.exists()


def test_a_segment_of_nothing_and_a_name_twice_are_refused(manager: Client) -> None:
    segment()

    nothing = manager.post(
        reverse("segment-new"), {"join.0": "all", "name": "All", "kind": "live", "act": "save"}
    )
    twice = manager.post(reverse("segment-new"), {**FORM, "act": "save"})

    assert "Add at least one condition" in nothing.content.decode()
    assert "There is a segment “Florida” already" in twice.content.decode()
    assert Segment.objects.count() == 1


def test_hostile_forms_are_read_without_falling_over(manager: Client) -> None:
    deep = {f"join.{'.'.join(['0'] * depth)}": "all" for depth in range(1, 40)}
    strange = {
        "join.": "all",
        "join.x": "1",
        "field.0.99999999": "state",
        "field.0.-1": "x",
        "value.0.0": "\ud7ff",
    }
    many = {f"field.0.{number}": "state" for number in range(400)}

    for form in (deep, strange, many, {**FORM, **many}):
        for act in ("", "save", "condition:0"):
            response = manager.post(reverse("segment-new"), {**form, "act": act})
            assert response.status_code in (200, 422), (form, act)


def test_the_second_of_two_managers_is_told(world: World) -> None:
    row = Segment.objects.get(pk=segment())
    seen = row.changed_at.isoformat()
    told = {"segment_id": row.pk, "raw_rule": IN_FLORIDA, "by_name": "mia"}
    segments.change_segment(**told, name="First", seen_at=seen, now=NOW + timedelta(seconds=1))  # type: ignore[arg-type]

    with pytest.raises(Stale, match="changed this segment meanwhile"):
        segments.change_segment(**told, name="Second", seen_at=seen, now=NOW)  # type: ignore[arg-type]

    row.refresh_from_db()
    assert row.name == "First"


def test_changes_are_audited_and_removal_leaves_the_people(manager: Client, world: World) -> None:
    someone(world)
    pk = segment("snapshot")

    manager.post(reverse("segment-act", args=[pk, "take"]))
    manager.post(reverse("segment-act", args=[pk, "nonsense"]))
    manager.post(reverse("segment-act", args=[pk, "remove"]))

    verbs = AuditEvent.objects.filter(target=f"segment:{pk}").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == [
        "campaigns.segment.created", "campaigns.segment.taken", "campaigns.segment.removed",
    ]  # fmt: skip
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("segments", []),
        ("segment-new", []),
        ("segment", [1]),
        ("all-people", []),
        ("people-csv", []),
        ("list-csv", [1]),
    ],
)
def test_agents_see_none_of_it(world: World, name: str, args: list[int]) -> None:
    client = Client()
    client.force_login(world.ana)

    assert client.get(reverse(name, args=args)).status_code == 403


def test_an_agent_cannot_remove_a_segment(world: World) -> None:
    pk = segment()
    client = Client()
    client.force_login(world.ana)

    assert client.post(reverse("segment-act", args=[pk, "remove"])).status_code == 403
    assert Segment.objects.exists()


def test_the_filters_of_a_list_begin_a_segment(manager: Client) -> None:
    page = manager.get(
        reverse("segment-new"), {"state": "FL", "called": "never", "dnc": "no"}
    ).content.decode()

    assert "State is “FL” and Last called never was and Do not call" in page


def test_the_waterfall_and_the_ladder_know_people_of_segments(world: World) -> None:
    ida = someone(world)
    world.campaign.segments.set([segment()])

    before = waterfall.waterfall(world.campaign.pk, now=NOW)
    audience.follow_all(now=NOW)
    after = waterfall.waterfall(world.campaign.pk, now=NOW)
    told = reading.read_person(ida.pk, now=NOW)

    assert (before.steps[0].leads, after.steps[0].leads) == (1, 1)
    assert "“Florida (segment)”" in str(told.ladders)
