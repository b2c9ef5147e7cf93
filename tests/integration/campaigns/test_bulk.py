"""One thing done to many people: what it changes, what it leaves, and the way back."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import BulkAction, CampaignLead, Contact, ContactTag, Lead, LeadList, Tag
from campaigns.segments.fields import Operator
from campaigns.segments.tree import ALL, Condition, Group
from campaigns.selectors.browsing import Wanted
from campaigns.services import bulk
from campaigns.services.bulk import BulkRefused, Order
from compliance import selectors as compliance
from core import background, clock
from core.background import Stopped
from core.errors import Stale
from core.models import AuditEvent, BackgroundJob
from tests.conftest import NOW
from tests.factories.world import World, add_lead, make_world

pytestmark = pytest.mark.django_db

IN_FLORIDA = Wanted(rule=Group(ALL, (Condition("state", Operator.IS, "FL"),)))


@pytest.fixture
def world() -> World:
    """Two people in Florida and one in Illinois, all on the list."""
    made = make_world(NOW)
    for number, state in (("+14075550123", "FL"), ("+14075550124", "FL"), ("+13125550199", "IL")):
        add_lead(made, number, state=state)
    return made


@pytest.fixture
def manager(world: World) -> Client:
    client = Client()
    client.force_login(world.mia)
    return client


def done(verb: str, argument: object, wanted: Wanted = IN_FLORIDA) -> BulkAction:
    """Start the action and do it as a worker would."""
    job_id = bulk.start(Order(verb=verb, argument=str(argument), wanted=wanted), by="mia", now=NOW)
    work(job_id)
    return BulkAction.objects.get(job_id=job_id)


def work(job_id: int) -> BackgroundJob:
    row = BackgroundJob.objects.get(pk=job_id)
    outcome = bulk.run(row.arguments, _silent)
    BackgroundJob.objects.filter(pk=job_id).update(
        state="done", said=outcome.said, result_ref=outcome.result_ref, finished_at=NOW, began_at=NOW
    )
    row.refresh_from_db()
    return row


def _silent(done: int, total: int | None = None) -> None:
    """Report to nobody."""


def state_of() -> dict[str, Any]:
    """Return everything an action could change."""
    return {
        "leads": set(Lead.objects.values_list("lead_list_id", "contact_id", "debt_ref", "added_at")),
        "tags": set(ContactTag.objects.values_list("tag_id", "contact_id", "added_at")),
        "owners": set(Contact.objects.values_list("pk", "owner_name")),
        "campaign": set(CampaignLead.objects.values_list("contact_id", "state")),
    }


def arguments_of(world: World) -> dict[str, object]:
    other = LeadList.objects.create(name="Autumn", created_at=NOW)
    tag = Tag.objects.create(name="vip", created_at=NOW)
    for contact in Contact.objects.all():
        ContactTag.objects.create(contact=contact, tag=tag, added_at=NOW)
    Contact.objects.filter(state="FL").update(owner_name="Old Owner")
    Lead.objects.filter(contact__state="FL").update(debt_ref="debt 7")
    return {
        "add_to_list": other.pk, "remove_from_list": world.lead_list.pk, "tag": "new", "untag": tag.pk,
        "assign_owner": "New Owner",
    }  # fmt: skip


@pytest.mark.parametrize("verb", ["add_to_list", "remove_from_list", "tag", "untag", "assign_owner"])
def test_an_action_changes_whom_it_says_and_undo_puts_everything_back(world: World, verb: str) -> None:
    argument = arguments_of(world)[verb]
    before = state_of()
    order = Order(verb=verb, argument=str(argument), wanted=IN_FLORIDA)
    expected = bulk.count_changed(order, now=NOW)

    action = done(verb, argument)
    after = state_of()
    again = bulk.count_changed(order, now=NOW)
    undone = bulk.undo(action_id=action.pk, by="mia", now=NOW)

    assert (action.people, expected, again, undone) == (2, 2, 0, 2)
    assert after != before
    assert state_of() == before
    verbs = (
        AuditEvent.objects.filter(target=f"bulk:{action.pk}").order_by("id").values_list("verb", flat=True)
    )
    assert list(verbs) == [f"campaigns.bulk.{verb}", "campaigns.bulk.undone"]
    with pytest.raises(Stale):
        bulk.undo(action_id=action.pk, by="mia", now=NOW)


def test_undo_leaves_what_somebody_changed_since(world: World) -> None:
    action = done("assign_owner", "New Owner")
    changed = Contact.objects.filter(state="FL").order_by("pk")[0]
    Contact.objects.filter(pk=changed.pk).update(owner_name="Third Owner")

    assert bulk.undo(action_id=action.pk, by="mia", now=NOW) == 1
    assert Contact.objects.get(pk=changed.pk).owner_name == "Third Owner"


def test_who_is_added_to_a_list_joins_its_running_campaigns(world: World) -> None:
    newcomer = Contact.objects.create(first_name="Ida", state="FL", created_at=NOW, changed_at=NOW)

    done("add_to_list", world.lead_list.pk)

    assert CampaignLead.objects.filter(contact=newcomer, state="ready").exists()


def test_do_not_call_goes_through_the_gate_and_is_not_undone(world: World) -> None:
    action = done("do_not_call", "They called the office and said so")

    assert compliance.refused_numbers(["+14075550123", "+14075550124", "+13125550199"]) == {
        "+14075550123", "+14075550124",
    }  # fmt: skip
    assert action.people == 2
    event = AuditEvent.objects.filter(verb="compliance.number.suppressed").order_by("id")[0]
    assert event.after["raw_words"] == "They called the office and said so"  # type: ignore[index]
    assert event.actor == "mia"
    with pytest.raises(BulkRefused, match="lifted number by number"):
        bulk.undo(action_id=action.pk, by="mia", now=NOW)
    assert bulk.count_changed(Order(verb="do_not_call", argument="x", wanted=IN_FLORIDA), now=NOW) == 0


def test_a_stopped_refusal_keeps_what_it_did_and_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "NUMBERS_AT_ONCE", 1)
    job_id = bulk.start(Order(verb="do_not_call", argument="asked", wanted=IN_FLORIDA), by="mia", now=NOW)

    def stop_after_one(done: int, total: int | None = None) -> None:
        if done:
            raise Stopped("Stopped by mia.")

    outcome = bulk.run(BackgroundJob.objects.get(pk=job_id).arguments, stop_after_one)

    assert "Stopped after 1 of 2 people" in outcome.said
    assert BulkAction.objects.get().people == 1


@pytest.mark.parametrize(
    ("verb", "argument", "words"),
    [
        ("", "x", "Choose what is to be done"), ("drop", "x", "Choose what is to be done"), ("tag", " ", "Give the tag"),
        ("tag", "x" * 61, "at most 60"), ("tag", "a\nb", "Give the tag"), ("add_to_list", "99", "does not exist any more"),
        ("remove_from_list", "x", "does not exist any more"), ("untag", "²", "does not exist any more"),
        ("assign_owner", "x" * 121, "at most 120"), ("do_not_call", "", "Say in one line"), ("do_not_call", "x" * 201, "Say in one line"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_says_why(
    world: World, manager: Client, verb: str, argument: str, words: str
) -> None:
    response = manager.post(
        reverse("people-bulk"), {"verb": verb, "argument": argument, "act": "start", "agreed": "yes"}
    )

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not BulkAction.objects.exists()
    assert not BackgroundJob.objects.exists()


def test_a_filter_whose_list_was_removed_changes_nobody(world: World) -> None:
    extra = LeadList.objects.create(name="Gone", created_at=NOW)
    wanted = Wanted(rule=Group(ALL, (Condition("list", Operator.IS_NOT, str(extra.pk)),)))
    job_id = bulk.start(Order(verb="tag", argument="x", wanted=wanted), by="mia", now=NOW)
    extra.delete()

    background.run(job_id, bulk.run, clock=clock.now)

    row = BackgroundJob.objects.get(pk=job_id)
    assert (row.state, "Nobody was changed" in row.said) == ("failed", True)
    assert not ContactTag.objects.exists()


def test_the_pages_preview_start_show_and_undo(world: World, manager: Client) -> None:
    where = f"{reverse('list-bulk', args=[world.lead_list.pk])}?state=FL"

    first = manager.get(where).content.decode()
    preview = manager.post(where, {"verb": "tag", "argument": "vip"}, headers={"HX-Target": "bulk-part"})
    started = manager.post(where, {"verb": "tag", "argument": "vip", "act": "start"})
    job_id = BackgroundJob.objects.get().pk
    waiting = manager.get(started.headers["Location"]).content.decode()
    work(job_id)
    page = manager.get(started.headers["Location"]).content.decode()
    action = BulkAction.objects.get()
    undone = manager.post(reverse("bulk-undo", args=[action.pk]), follow=True).content.decode()

    assert "2 people" in first
    assert "State is “FL”" in first
    assert "<strong>2</strong> of 2 would be changed" in preview.content.decode()
    assert "<html" not in preview.content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    assert "Undo it" in page
    assert "is undone for 2 people" in undone
    assert manager.get(reverse("bulk-job-progress", args=[job_id])).headers["HX-Refresh"] == "true"
    assert manager.post(reverse("bulk-job-stop", args=[job_id])).status_code == 302
    assert manager.get(reverse("bulk-job", args=[99])).status_code == 404


def test_refusing_calls_asks_for_agreement(world: World, manager: Client) -> None:
    response = manager.post(
        reverse("people-bulk"), {"verb": "do_not_call", "argument": "asked", "act": "start"}
    )

    assert "Tick that their numbers are refused for good" in response.content.decode()
    assert not BulkAction.objects.exists()


def test_agents_may_do_none_of_it(world: World) -> None:
    client = Client()
    client.force_login(world.ana)

    assert (
        client.post(reverse("people-bulk"), {"verb": "tag", "argument": "x", "act": "start"}).status_code
        == 403
    )
    assert client.post(reverse("bulk-undo", args=[1])).status_code == 403
    assert client.get(reverse("bulk-job", args=[1])).status_code == 403
