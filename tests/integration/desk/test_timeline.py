"""A person's timeline: every source, in order, each thing once however the pages are cut."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import BulkAction, BulkChange, CampaignLead, ContactNote, ImportRow, ListImport
from compliance.models import ReceivedText
from core import audit, db
from core.timeline import KINDS, Border, Happening
from crm_sync.models import CrmConnection, SyncQueueItem
from desk import timeline
from dialer.models import Call
from tests.conftest import NOW
from tests.factories.world import World, add_attempt, add_lead, agree_to_be_called, make_world

pytestmark = pytest.mark.django_db
NUMBER = "+14075550123"


@pytest.fixture
def world() -> World:
    return make_world(NOW)


@pytest.fixture
def lead(world: World) -> CampaignLead:
    """A person to whom something of every kind happened, three changes of them in one instant."""
    lead = add_lead(world, NUMBER)
    agree_to_be_called(NUMBER, now=NOW - timedelta(hours=2))
    attempt = add_attempt(lead, NUMBER, state="ended", now=NOW)
    Call.objects.create(
        attempt=attempt, campaign=world.campaign, contact=lead.contact, agent=world.ana, number=NUMBER,
        caller_id="+14075550100", state="ended", outcome="answered", created_at=NOW, ended_at=NOW,
        duration_seconds=42, note="wants an offer",
    )  # fmt: skip
    ReceivedText.objects.create(
        message_ref="SM1", number=NUMBER, our_number="+14075550100", raw_words="Call me later", meaning="other",
        received_at=NOW - timedelta(minutes=5), recorded_at=NOW,
    )  # fmt: skip
    run = ListImport.objects.create(
        lead_list=world.lead_list, source="csv", source_label="people.csv", started_at=NOW - timedelta(days=1),
        progressed_at=NOW,
    )  # fmt: skip
    ImportRow.objects.create(list_import=run, number=2, raw={}, outcome="created", contact=lead.contact)
    connection = CrmConnection.objects.create(
        pk=1, kind="salesforce", name="Sales", secrets="x", install_key="k", created_at=NOW
    )
    SyncQueueItem.objects.create(
        connection=connection, external_call_id="c1", person_id="00Q0123", payload={}, payload_version=1, due_at=NOW,
        created_at=NOW, changed_at=NOW - timedelta(minutes=1),
    )  # fmt: skip
    done = BulkAction.objects.create(
        verb="tag",
        argument="1",
        said="Tag with “vip”",
        people=1,
        done_at=NOW,
        started_at=NOW,
        started_by="mia",
    )
    BulkChange.objects.create(action=done, contact=lead.contact)
    ContactNote.objects.create(contact=lead.contact, text="Likes mornings", by="mia", at=NOW)
    with db.use_case():
        for number in range(2):
            audit.record(
                actor="mia", verb="campaigns.contact.changed", target=f"contact:{lead.contact_id}", now=NOW,
                after={"title": f"Owner {number}"},
            )  # fmt: skip
    return lead


@pytest.fixture
def manager(world: World) -> Client:
    client = Client()
    client.force_login(world.mia)
    return client


def everything(client: Client, lead: CampaignLead, **query: str) -> list[Happening]:
    """Read all pages."""
    found: list[Happening] = []
    url = reverse("contact-timeline", args=[lead.contact_id])
    context: Any = client.get(url, query).context
    while True:
        found += [row for row, _, _ in context["rows"]]
        if not context["next_url"]:
            return found
        context = client.get(context["next_url"]).context


def test_every_kind_is_there_newest_first_with_who(manager: Client, lead: CampaignLead) -> None:
    found = everything(manager, lead)

    assert {each.kind for each in found} == set(KINDS)
    assert [each.at for each in found] == sorted((each.at for each in found), reverse=True)
    assert all(each.who and each.what for each in found)
    page = manager.get(reverse("contact-timeline", args=[lead.contact_id])).content.decode()
    assert all(
        words in page
        for words in ("wants an offer", "Call me later", "people.csv", "Owner 1", "Tag with “vip”")
    )


@pytest.mark.parametrize("size", [1, 2, 3])
def test_small_pages_show_each_thing_once(
    manager: Client, lead: CampaignLead, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    whole = [(each.kind, each.id) for each in everything(manager, lead)]
    monkeypatch.setattr(timeline, "SIZE", size)

    assert [(each.kind, each.id) for each in everything(manager, lead)] == whole
    assert len(set(whole)) == len(whole)


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_can_be_shown_alone(manager: Client, lead: CampaignLead, kind: str) -> None:
    assert {each.kind for each in everything(manager, lead, kind=kind)} == {kind}


@pytest.mark.parametrize(
    "before",
    ["x", "1_call_x", "nan_call_1", "inf_call_1", "1e400_call_1", "9" * 19 + "_call_1", "1_no_1", "__"],
)
def test_a_border_that_makes_no_sense_is_the_first_page(
    manager: Client, lead: CampaignLead, before: str
) -> None:
    assert Border.read(before) is None
    assert everything(manager, lead, before=before)


def test_it_costs_the_same_however_much_happened(
    manager: Client, lead: CampaignLead, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(17):  # session, person, subject, and one or two for each source
        manager.get(reverse("contact-timeline", args=[lead.contact_id]))


def test_agents_do_not_see_it_and_nobody_is_404(world: World, manager: Client, lead: CampaignLead) -> None:
    client = Client()
    client.force_login(world.ana)

    assert client.get(reverse("contact-timeline", args=[lead.contact_id])).status_code == 403
    assert manager.get(reverse("contact-timeline", args=[99_999])).status_code == 404
