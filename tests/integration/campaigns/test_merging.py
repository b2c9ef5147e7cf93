"""Several records of one person become one, whole, and are parted again as they were."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from campaigns.importing import RawPerson
from campaigns.importplan import Plan
from campaigns.merging import Order
from campaigns.models import (
    CampaignLead,
    Contact,
    ContactPhone,
    ContactTag,
    DuplicateGroup,
    ImportRow,
    Lead,
    LeadList,
    Merge,
    MergedPerson,
    NotDuplicate,
    Tag,
)
from campaigns.selectors import comparing, timeline
from campaigns.selectors import duplicates as read
from campaigns.selectors import people as people_read
from campaigns.services import duplicates, imports, membership, merging
from campaigns.services.merging import MergeRefused
from compliance import services as gate
from compliance.gathering import load_facts
from compliance.models import PersonAlias, Suppression
from compliance.rules.facts import Channel, ContactRequest, Purpose, SuppressionKind
from core import db
from core.errors import NotFound, Stale
from core.models import AuditEvent
from core.types import PhoneNumber
from dialer.models import Call, DialAttempt
from tests.conftest import NOW
from tests.factories.world import CALLER_ID, SELLER, World, add_attempt, add_lead, bound_of, make_world

pytestmark = pytest.mark.django_db

A, B = "+14075550123", "+14075550124"
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def world() -> World:
    return make_world(NOW)


@pytest.fixture
def pair(world: World) -> tuple[CampaignLead, CampaignLead]:
    """Maria, twice in the campaign: by her own number, and by another with a bit more known."""
    ours = add_lead(world, A, email="maria@example.com")
    theirs = add_lead(world, B, first_name="Mary", title="Owner", crm_do_not_call=False)
    CampaignLead.objects.filter(pk=ours.pk).update(attempts=2, last_result="No answer", last_called_at=NOW)
    CampaignLead.objects.filter(pk=theirs.pk).update(attempts=1, next_try_at=NOW + timedelta(days=1))
    Contact.objects.filter(pk=theirs.contact_id).update(custom={"tariff": "Gold"}, external_id="A7")
    return ours, theirs


def merged(pair: tuple[CampaignLead, CampaignLead], **values: int) -> Merge:
    order = Order(survivor=pair[0].contact_id, merged=[pair[1].contact_id], values=values)
    return Merge.objects.get(pk=merging.merge(order, by="mia", now=NOW))


def everything() -> dict[str, Any]:
    """Return every row that a merge could touch."""
    models = (Contact, ContactPhone, Lead, CampaignLead, ContactTag, ImportRow, NotDuplicate, PersonAlias, Call, DialAttempt)  # fmt: skip
    return {
        model.__name__: sorted(model.objects.values(), key=lambda row: str(row.get("id"))) for model in models
    }


def call_of(lead: CampaignLead, number: str, now: Any = NOW) -> Call:
    attempt = add_attempt(lead, number, state="done", now=now)
    return Call.objects.create(
        attempt=attempt, campaign=lead.campaign, contact=lead.contact, number=number, caller_id=CALLER_ID,
        state="ended", outcome="no_answer", created_at=now, ended_at=now,
    )  # fmt: skip


def asked(contact_id: int, number: str) -> ContactRequest:
    return ContactRequest(
        number=PhoneNumber(number), channel=Channel.LIVE_PREVIEW, purpose=Purpose.TELEMARKETING, seller=SELLER,
        campaign_ref="campaign:1", person_ref=f"contact:{contact_id}", attempt_ref="x", caller_id=PhoneNumber(CALLER_ID), ring_seconds=25,
    )  # fmt: skip


def test_one_person_has_everything_and_undo_puts_everything_back(
    world: World, pair: tuple[CampaignLead, CampaignLead]
) -> None:
    ours, theirs = pair
    tag = Tag.objects.create(name="vip", created_at=NOW)
    for lead in pair:
        ContactTag.objects.create(contact=lead.contact, tag=tag, added_at=NOW)
    autumn = LeadList.objects.create(name="Autumn", created_at=NOW)
    Lead.objects.create(lead_list=autumn, contact=theirs.contact, added_at=NOW)
    call = call_of(theirs, B, NOW - timedelta(days=3))
    before = everything()

    merge = merged(pair, first_name=theirs.contact_id)

    person = Contact.objects.get()
    assert (person.pk, person.first_name, person.custom) == (ours.contact_id, "Mary", {"tariff": "Gold"})
    assert [phone.number for phone in person.phones.order_by("position")] == [A, B]
    assert set(person.leads.values_list("lead_list__name", flat=True)) == {"Spring", "Autumn"}
    place = CampaignLead.objects.get()
    assert (place.attempts, place.next_try_at, place.last_result) == (3, NOW + timedelta(days=1), "No answer")
    call.refresh_from_db()
    assert (call.contact_id, call.attempt.campaign_lead_id) == (person.pk, place.pk)
    assert merge.told == {"numbers": 1, "lists": 1, "calls": 1}
    assert person.external_id == "A7"
    subject = timeline.subject_of(person.pk)
    assert (subject.other_ids, subject.other_refs) == ((theirs.contact_id,), ("salesforce:1:00Q0124",))
    assert AuditEvent.objects.filter(verb="campaigns.contact.merged", target=f"contact:{person.pk}").exists()

    merging.undo(merge_id=merge.pk, by="mia", now=LATER)

    after = everything()
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
    assert not MergedPerson.objects.filter(in_force=True).exists()
    with pytest.raises(Stale, match="already"):
        merging.undo(merge_id=merge.pk, by="mia", now=LATER)


def test_undo_leaves_what_somebody_changed_since(
    world: World, pair: tuple[CampaignLead, CampaignLead]
) -> None:
    merge = merged(pair, title=pair[1].contact_id)
    Contact.objects.update(title="Director", city="Tampa")

    merging.undo(merge_id=merge.pk, by="mia", now=LATER)

    assert list(Contact.objects.order_by("pk").values_list("title", "city")) == [
        ("Director", "Tampa"),
        ("Owner", "Orlando"),
    ]


def test_two_managers_merge_the_same_pair_and_the_second_is_told(
    world: World, pair: tuple[CampaignLead, CampaignLead]
) -> None:
    merged(pair)

    with pytest.raises(Stale, match="mia has merged Mary Alvarez into Maria Alvarez"):
        merged((pair[1], pair[0]))


def test_records_changed_since_they_were_shown_are_not_merged(
    world: World, pair: tuple[CampaignLead, CampaignLead]
) -> None:
    order = comparing.usual_order([lead.contact_id for lead in pair], ground="email")
    Contact.objects.filter(pk=pair[0].contact_id).update(changed_at=LATER)

    with pytest.raises(Stale, match="Look at them again"):
        merging.merge(order, by="mia", now=NOW)


def test_nobody_is_merged_who_is_with_an_agent(world: World, pair: tuple[CampaignLead, CampaignLead]) -> None:
    CampaignLead.objects.filter(pk=pair[1].pk).update(state="held", held_by=world.ana, held_at=NOW)

    with pytest.raises(MergeRefused, match="Mary Alvarez is on a call or open"):
        merged(pair)

    assert Contact.objects.count() == 2


@pytest.mark.parametrize(
    ("survivor", "others", "values", "words"),
    [
        (0, [], {}, "at least two"),
        (0, [0], {}, "at least two"),
        (0, [99], {}, "removed meanwhile"),
        (0, [1], {"city": 99}, "none of these"),
        (0, list(range(1, 30)), {}, "At most 20"),
    ],
)
def test_a_strange_order_is_refused_in_words(
    world: World, pair: Any, survivor: int, others: list[int], values: dict[str, int], words: str
) -> None:
    ids = {0: pair[0].contact_id, 1: pair[1].contact_id}
    order = Order(
        survivor=ids[survivor],
        merged=[ids.get(each, 10**12 + each) for each in others],
        values={name: ids.get(each, 10**12) for name, each in values.items()},
    )

    with pytest.raises((MergeRefused, NotFound), match=words):
        merging.merge(order, by="mia", now=NOW)


def test_two_debts_of_one_list_stay_two(world: World, pair: tuple[CampaignLead, CampaignLead]) -> None:
    for lead, debt in zip(pair, ("D1", "D2"), strict=True):
        Lead.objects.filter(contact=lead.contact).update(debt_ref=debt)

    with pytest.raises(MergeRefused, match="“Spring” with two debts, “D1” and “D2”"):
        merged(pair)


def test_once_contacted_they_stay_one(world: World, pair: tuple[CampaignLead, CampaignLead]) -> None:
    merge = merged(pair)
    with transaction.atomic():
        gate.clear_to_contact([asked(pair[0].contact_id, B)], now=LATER)

    with pytest.raises(MergeRefused, match="contacted once since the merge"):
        merging.undo(merge_id=merge.pk, by="mia", now=LATER + timedelta(hours=1))


def test_the_attempts_of_both_count_and_a_wrong_number_stays_one(
    world: World, pair: tuple[CampaignLead, CampaignLead]
) -> None:
    ours, theirs = pair
    then = NOW - timedelta(days=3)
    with transaction.atomic():
        [answer] = gate.clear_to_contact([asked(theirs.contact_id, B)], now=then)
        gate.consume_clearance(decision_id=answer.decision_id, bound=bound_of(answer.decision_id), now=then)
    with transaction.atomic():
        gate.suppress(
            number=PhoneNumber(B), seller=SELLER, reason="wrong number", raw_words="No Mary here", heard_on="phone", actor="ana",
            now=NOW - timedelta(days=2), kind=SuppressionKind.WRONG_NUMBER, person_ref=f"contact:{theirs.contact_id}",
        )  # fmt: skip
    [alone] = load_facts([asked(ours.contact_id, A)], NOW)

    merged(pair)

    [here, there] = load_facts([asked(ours.contact_id, A), asked(ours.contact_id, B)], NOW)
    assert (len(alone.attempts), len(here.attempts), len(there.attempts)) == (0, 1, 1)
    assert [one.person_ref for one in there.suppressions] == [f"contact:{ours.contact_id}"]


def test_a_chain_of_merges_is_taken_back_from_its_end(world: World, pair: Any) -> None:
    third = add_lead(world, "+14075550125", first_name="M.")
    first = merged(pair)
    second = merged((third, pair[0]))
    assert read.current_id(pair[1].contact_id) == third.contact_id
    assert set(PersonAlias.objects.values_list("survivor_ref", flat=True)) == {f"contact:{third.contact_id}"}

    with pytest.raises(MergeRefused, match="merged again since"):
        merging.undo(merge_id=first.pk, by="mia", now=LATER)
    merging.undo(merge_id=second.pk, by="mia", now=LATER)
    assert read.current_id(pair[1].contact_id) == pair[0].contact_id
    merging.undo(merge_id=first.pk, by="mia", now=LATER)

    assert (Contact.objects.count(), PersonAlias.objects.count()) == (3, 0)


def staged(rows: list[RawPerson]) -> None:
    import_id = imports.start_import(
        list_name="Summer", source="salesforce", source_label="x", source_ref="", by_id=None, by_name="sol", now=NOW,
        plan=Plan(match_by=("phone", "external_id")),
    )  # fmt: skip
    imports.stage_rows(import_id=import_id, rows=rows, now=NOW)
    imports.begin_apply(import_id=import_id, now=NOW)
    assert imports.apply_import(import_id=import_id, now=NOW)


def test_what_names_the_merged_record_finds_the_survivor(world: World, pair: Any) -> None:
    old_ref = pair[1].contact.external_ref
    merged(pair)

    staged([
        RawPerson(row_number=2, phones=(("main", "(202) 555-0188"),), external_ref=old_ref, first_name="Mary"),
        RawPerson(row_number=3, phones=(("main", "(202) 555-0189"),), external_id="A7"),
    ])  # fmt: skip

    assert Contact.objects.count() == 1
    assert ContactPhone.objects.count() == 3  # row 3 is the same person as row 2
    known = people_read.people_with_numbers([A])
    assert [person.external_ref for person in known] == ["salesforce:1:00Q0123", old_ref]
    with db.use_case():
        membership.leave_list(lead_list_id=world.lead_list.pk, refs=[old_ref], left_lately=[], told_by="SF")
    assert not Lead.objects.filter(lead_list=world.lead_list).exists()
    assert CampaignLead.objects.get().state == "finished"


def test_a_merge_between_two_batches_of_an_import_loses_nothing(world: World, pair: Any) -> None:
    import_id = imports.start_import(
        list_name="Summer", source="csv", source_label="x", source_ref="", by_id=None, by_name="sol", now=NOW
    )
    rows = [
        RawPerson(row_number=2 + index, phones=(("main", number),)) for index, number in enumerate((A, B))
    ]
    imports.stage_rows(import_id=import_id, rows=rows, now=NOW)
    imports.begin_apply(import_id=import_id, now=NOW)
    merged(pair)

    assert imports.apply_import(import_id=import_id, now=NOW)

    told = list(ImportRow.objects.order_by("number").values_list("contact_id", "reason_code"))
    assert told == [(pair[0].contact_id, "added_to_list"), (pair[0].contact_id, "duplicate_in_file")]


# The search


def test_the_search_finds_who_is_alike_the_strongest_ground_first(world: World) -> None:
    told = {"first_name": "Ida", "last_name": "Wells", "company": "", "external_ref": None}
    one = add_lead(world, A, **told, email="ida@example.com", postal_code="1")
    two = add_lead(world, B, **{**told, "first_name": "IDA"}, email="IDA@example.com", postal_code="1")
    three = add_lead(world, "+14075550125", **{**told, "first_name": "Bo"}, postal_code="2")
    ContactPhone.objects.create(contact=three.contact, number=A, raw=A, kind="work")
    four = add_lead(world, "+14075550126", **told, postal_code="1")

    outcome = duplicates.run_search({}, lambda *_: None)

    groups = [(row.ground, row.members, row.is_sure) for row in DuplicateGroup.objects.order_by("pk")]
    ids = [lead.contact_id for lead in (one, two, three, four)]
    assert groups == [
        ("email_name", [ids[0], ids[1]], True),
        ("phone", [ids[0], ids[2]], False),
        ("name_postal", [ids[0], ids[1], ids[3]], False),
    ]
    assert outcome.said == "3 groups of people look alike."

    duplicates.say_different(ids=[ids[0], ids[2]], by="mia", now=NOW)
    duplicates.run_search({}, lambda *_: None)

    assert not DuplicateGroup.objects.filter(ground="phone").exists()
    assert read.like(ids[0]) == [ids[1]]


@pytest.mark.parametrize(
    ("changes", "is_sure"),
    [
        ({}, True),
        ({"last_name": ""}, True),
        ({"last_name": "Smith"}, False),  # two vendors that both count from one
        ({"first_name": "Bo"}, False),
        ({"external_ref": "hubspot:2:9"}, False),  # two records of a CRM
    ],
)
def test_who_is_merged_with_many_at_once_has_nothing_that_speaks_against_it(
    world: World, changes: dict[str, Any], is_sure: bool
) -> None:
    told = {"external_id": "7", "first_name": "Ida", "last_name": "Wells", "external_ref": "hubspot:1:1"}
    add_lead(world, A, **told)
    add_lead(world, B, **{**told, "external_ref": None, **changes})

    duplicates.run_search({}, lambda *_: None)

    assert DuplicateGroup.objects.order_by("pk")[0].is_sure is is_sure


def test_sure_ones_are_merged_one_by_one_and_who_cannot_be_is_left(world: World) -> None:
    for index in range(6):
        lead = add_lead(world, f"+1407555013{index}", external_id=f"ID{index // 2}", external_ref=None)
    CampaignLead.objects.filter(pk=lead.pk).update(state="held", held_at=NOW)
    duplicates.run_search({}, lambda *_: None)
    last = DuplicateGroup.objects.latest("pk").pk

    outcome = duplicates.run_sure({"seen": last, "by": "mia"}, lambda *_: None)

    assert Contact.objects.count() == 4
    assert outcome.said.startswith("2 groups were merged, each can be undone by itself. 1 were left")


# The pages


@pytest.fixture
def manager(world: World) -> Client:
    client = Client()
    client.force_login(world.mia)
    return client


COMPARE = "/lists/duplicates/compare/"


def test_the_pages_take_a_manager_from_the_list_to_one_person_and_back(
    world: World, pair: Any, manager: Client
) -> None:
    Contact.objects.update(email="maria@example.com", first_name="Maria")
    duplicates.run_search({}, lambda *_: None)
    group = DuplicateGroup.objects.order_by("pk")[0]
    listed = manager.get("/lists/duplicates/").content.decode()
    assert "maria@example.com" in listed
    shown = manager.get(COMPARE, {"group": group.pk}).content.decode()
    assert "This record stays" in shown
    assert "numbers: 1" in shown
    seen = comparing.compare(group.members).seen
    form = {
        "act": "merge",
        "group": group.pk,
        "id": group.members,
        "seen": seen,
        "survivor": pair[0].contact_id,
    }

    answer = manager.post(COMPARE, form | {"take:title": pair[1].contact_id}, follow=True)

    assert "2 records are one person now: Maria Alvarez" in answer.content.decode()
    assert Contact.objects.get().title == "Owner"
    moved = manager.get(f"/contacts/{pair[1].contact_id}/")
    assert moved.headers["Location"] == f"/contacts/{pair[0].contact_id}/"
    again = manager.post(COMPARE, form)
    assert again.status_code == 302  # the group is gone; the message says by whom
    merge = Merge.objects.get()
    page = manager.get(f"/contacts/{pair[0].contact_id}/").content.decode()
    assert f"/lists/duplicates/merges/{merge.pk}/undo/" in page
    manager.post(f"/lists/duplicates/merges/{merge.pk}/undo/")
    assert Contact.objects.count() == 2


@pytest.mark.parametrize(
    "told",
    [
        {}, {"group": "9"}, {"group": "x"}, {"group": "9" * 30}, {"id": ["1", "²"]}, {"id": ["-1", "0"]}, {"like": "9"},
        {"id": [str(number) for number in range(400)]}, {"act": "merge"}, {"act": "differ", "id": ["1"]}, {"id": ["1\x00", "2"]},
    ],
)  # fmt: skip
def test_whatever_is_asked_for_is_answered_in_words(
    world: World, manager: Client, told: dict[str, Any]
) -> None:
    for answer in (manager.get(COMPARE, told, follow=True), manager.post(COMPARE, told, follow=True)):
        assert answer.status_code in (200, 422)


def test_a_form_without_a_survivor_is_refused(world: World, pair: Any, manager: Client) -> None:
    answer = manager.post(COMPARE, {"act": "merge", "id": [lead.contact_id for lead in pair]})

    assert answer.status_code == 422
    assert "Choose which record stays" in answer.content.decode()
    assert Contact.objects.count() == 2


@pytest.mark.parametrize(
    "path", ["/lists/duplicates/", COMPARE, "/lists/duplicates/sure/", "/lists/duplicates/merges/1/undo/"]
)
def test_agents_do_not_merge(world: World, path: str) -> None:
    agent = Client()
    agent.force_login(world.ana)

    assert agent.post(path).status_code == 403


def test_the_pages_take_as_many_queries_however_many_look_alike(
    world: World, manager: Client, django_assert_max_num_queries: Any
) -> None:
    for index in range(8):
        add_lead(world, f"+1407555013{index}", email="same@example.com")
    duplicates.run_search({}, lambda *_: None)
    group = DuplicateGroup.objects.order_by("pk")[0]

    with django_assert_max_num_queries(12):
        manager.get("/lists/duplicates/")
    with django_assert_max_num_queries(34):
        manager.get(COMPARE, {"group": group.pk})


# The person's own page


def test_a_note_and_tags_on_the_persons_page(world: World, pair: Any, manager: Client) -> None:
    page = f"/contacts/{pair[0].contact_id}/"

    for verb, told in (
        ("note", {"text": " Likes mornings\r\n<b> "}),
        ("tag", {"name": " vip "}),
        ("tag", {"name": "vip"}),
    ):
        assert manager.post(f"{page}{verb}/do/", told).status_code == 302

    timeline_page = manager.get(f"{page}timeline", {"kind": "note"}).content.decode()
    assert "Likes mornings\n&lt;b&gt;" in timeline_page
    assert ContactTag.objects.get().tag.name == "vip"
    assert ">vip<" in manager.get(page).content.decode()
    manager.post(f"{page}untag/do/", {"tag": ContactTag.objects.get().tag_id})
    assert not ContactTag.objects.exists()
    verbs = AuditEvent.objects.filter(target=f"contact:{pair[0].contact_id}").order_by("id")
    assert list(verbs.values_list("verb", flat=True)) == [
        "campaigns.contact.tagged",
        "campaigns.contact.untagged",
    ]


def test_a_request_not_to_be_called_goes_through_the_gate_with_its_source_and_proof(
    world: World, pair: Any, manager: Client
) -> None:
    page = f"/contacts/{pair[0].contact_id}/"
    told = {"number": A, "heard_on": "letter", "words": "Stop calling me", "proof": "letter 2026-11/7"}

    answer = manager.post(f"{page}refuse/do/", told, follow=True)

    assert "Refused at once on 1 numbers." in answer.content.decode()
    assert "asked not to be called" in answer.content.decode()
    row = Suppression.objects.get()
    assert (row.number, row.heard_on, row.raw_words) == (
        A,
        "letter",
        "Stop calling me (proof: letter 2026-11/7)",
    )
    assert AuditEvent.objects.filter(verb="campaigns.contact.refused").exists()


@pytest.mark.parametrize(
    ("verb", "told", "words"),
    [
        ("note", {}, "Write a note"),
        ("note", {"text": "x" * 2001}, "Write a note"),
        ("note", {"text": "a\x00b"}, "Write a note"),
        ("tag", {"name": " "}, "Give the tag"),
        ("tag", {"name": "x" * 61}, "Give the tag"),
        ("untag", {"tag": "²"}, "taken off"),
        ("refuse", {"number": A, "heard_on": "phone"}, "what the person said"),
        ("refuse", {"number": A, "heard_on": "rumour", "words": "no"}, "Choose how they asked"),
        ("refuse", {"number": "+19995550100", "heard_on": "phone", "words": "no"}, "of those they have now"),
        (
            "refuse",
            {"number": [A, "+19995550100"], "heard_on": "phone", "words": "no"},
            "of those they have now",
        ),
        ("refuse", {"number": A, "heard_on": "phone", "words": "no", "proof": "x" * 121}, "Name the proof"),
    ],
)
def test_what_cannot_be_done_with_a_person_is_said(
    world: World, pair: Any, manager: Client, verb: str, told: dict[str, Any], words: str
) -> None:
    answer = manager.post(f"/contacts/{pair[0].contact_id}/{verb}/do/", told, follow=True)

    assert words in answer.content.decode()
    assert not Suppression.objects.exists()


def test_only_who_manages_lists_acts_on_people_and_searches_them(
    world: World, pair: Any, manager: Client
) -> None:
    agent = Client()
    agent.force_login(world.ana)

    assert agent.post(f"/contacts/{pair[0].contact_id}/note/do/", {"text": "x"}).status_code == 403
    assert manager.post("/contacts/999999/note/do/", {"text": "x"}).status_code == 404
    assert manager.post(f"/contacts/{pair[0].contact_id}/shout/do/").status_code == 404
    assert 'role="search" action="/lists/people/"' in manager.get("/campaigns/").content.decode()
    assert 'role="search"' not in agent.get("/callbacks/mine/").content.decode()
