"""The mapping's pages against the stand-ins: fields as the CRM describes them, a test that writes nothing, versions, decisions."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from campaigns.models import Contact, CustomField, Disposition, DispositionSet
from core.models import AuditEvent
from core.types import parse_phone
from crm_sync.capabilities import FieldWrite
from crm_sync.handlers import on_text_logged
from crm_sync.models import CrmConnection, MappingVersion, MatchRules, PersonMatch, SyncQueueItem
from crm_sync.services import matches
from tests.contract.test_crm_out import act, connector, hear, person_id, rules, text
from tests.integration.crm_sync.conftest import NOW, Clock

pytestmark = pytest.mark.django_db(transaction=True)
Account = tuple[CrmConnection, str, list[str]]
OBJECT = {"salesforce": "Lead", "hubspot": "contacts"}
FIELD = {"salesforce": "Title", "hubspot": "jobtitle"}
PICK = {"salesforce": "LeadSource", "hubspot": "hs_lead_status"}


def client(role: str = "manager") -> Client:
    """Return somebody's browser."""
    made = Client()
    made.force_login(User.objects.create_user(role, password="correct horse", role=role))
    return made


def posted(act: str, *rows: dict[str, str], **more: str) -> dict[str, str]:
    """Return the form as the page sends it."""
    data = {"act": act, "rows": str(len(rows)), "based_on": "0", **more}
    for number, row in enumerate(rows):
        usual = {"way": "out", "mode": "overwrite", "default": ""}
        data |= {f"row-{number}-{name}": value for name, value in {**usual, **row}.items()}
    return data


def test_a_mapping_is_tried_saved_changed_and_rolled_back(account: Account) -> None:
    connection, _, people = account
    kind = connection.kind
    crm = connector(connection)
    lead = person_id(next(ref for ref in people if crm.object_of(person_id(ref)) == OBJECT[kind]))
    hear(
        connection,
        f"{kind}:{connection.pk}:{lead}",
        note="A <script> note",
        disposition_code="sale",
        disposition_label="Sale",
    )
    address = reverse("crm-mapping", args=[connection.pk, OBJECT[kind]])
    mia = client()
    row = {"ours": "call.campaign", "theirs": FIELD[kind]}
    before = crm.read_records(OBJECT[kind], [lead], [FIELD[kind]])[lead].values

    tried = mia.post(address, posted("test", row, record_id=lead))
    assert tried.status_code == 200, tried.content.decode()[:500]
    assert "<strong>Spring</strong>" in tried.content.decode()
    assert crm.read_records(OBJECT[kind], [lead], [FIELD[kind]])[lead].values == before
    assert not MappingVersion.objects.exists()

    assert mia.post(address, posted("save", row, note="First")).status_code == 302
    assert mia.post(address, posted("save", {**row, "mode": "if_empty"}, based_on="1")).status_code == 302
    late = mia.post(address, posted("save", row, based_on="1"))
    assert late.status_code == 422
    assert "saved version 2 meanwhile" in late.content.decode()

    versions = reverse("crm-mapping-versions", args=[connection.pk, OBJECT[kind]])
    assert "overwrite → to the crm, only if empty" in mia.get(versions).content.decode()
    mia.post(reverse("crm-mapping-roll-back", args=[connection.pk, OBJECT[kind], 1]))
    latest = MappingVersion.objects.order_by("-number")[0]
    assert (latest.number, latest.rows[0]["mode"], latest.note) == (3, "overwrite", "Back to version 1")
    assert AuditEvent.objects.filter(verb="crm_sync.mapping.saved").count() == 3


def test_wrong_rows_are_refused_with_what_to_do_and_kept_on_the_page(account: Account) -> None:
    connection = account[0]
    kind = connection.kind
    address = reverse("crm-mapping", args=[connection.pk, OBJECT[kind]])
    mia = client()

    wrong = mia.post(
        address, posted("save", {"ours": "call.day", "theirs": PICK[kind]}, note="kept \x00 note")
    )

    assert wrong.status_code == 422
    page = wrong.content.decode()
    assert "is a date" in page
    assert "kept" in page
    assert 'value="call.day" selected' in page
    for data in (
        {"act": "save", "rows": "99999", "based_on": "x"}, {"act": "test", "rows": "-1"}, {"act": "nonsense"},
        posted("save", {"ours": "\x00", "theirs": "<b>"}), posted("test", record_id="' OR 1=1"),
    ):  # fmt: skip
        assert mia.post(address, data).status_code in (200, 302, 422)
    assert mia.get(reverse("crm-mapping", args=[connection.pk, "Nonsense"])).status_code == 404
    assert not MappingVersion.objects.exclude(rows=[]).exists()


def test_pick_lists_of_the_crm_are_offered_and_equal_names_suggested(account: Account) -> None:
    connection = account[0]
    kind = connection.kind
    sets = DispositionSet.objects.create(name="S")
    named = {"salesforce": "Web", "hubspot": "Connected"}[kind]
    Disposition.objects.create(disposition_set=sets, code="a", label=named, category="conversion")
    Disposition.objects.create(disposition_set=sets, code="b", label="Something else", category="contact")
    address = reverse("crm-mapping", args=[connection.pk, OBJECT[kind]])

    page = (
        client().post(address, posted("add", {"ours": "call.result", "theirs": PICK[kind]})).content.decode()
    )

    value = {"salesforce": "Web", "hubspot": "CONNECTED"}[kind]
    assert f'<option value="{value}" selected>' in page
    assert "Row 2" in page


def test_a_field_that_is_gone_is_shown(account: Account) -> None:
    connection, url, _ = account
    kind = connection.kind
    address = reverse("crm-mapping", args=[connection.pk, OBJECT[kind]])
    mia = client()
    mia.post(address, posted("save", {"ours": "call.campaign", "theirs": FIELD[kind]}))
    if kind == "hubspot":
        act(url, "change_property", object="contacts", property=FIELD[kind], archived=True)
    else:
        act(url, "change_field", object="Lead", field=FIELD[kind], hidden=True)

    page = mia.post(
        address, posted("read", {"ours": "call.campaign", "theirs": FIELD[kind]})
    ).content.decode()

    assert f"no field {FIELD[kind]} any more" in page
    assert "not there any more" in page


def test_agents_may_not_map_or_decide(account: Account) -> None:
    connection = account[0]
    ana = client("agent")
    names = [
        reverse("crm-mapping", args=[connection.pk, OBJECT[connection.kind]]),
        reverse("crm-match-rules", args=[connection.pk]),
        reverse("crm-people"),
    ]

    assert {ana.get(name).status_code for name in names} == {403}
    assert ana.post(reverse("crm-decide", args=[1]), {"choice": "leave"}).status_code == 403


def undecided(account: Account, clock: Clock, number: str, **given: str) -> PersonMatch:
    """Return somebody who wrote to us and is left to a person."""
    connection = account[0]
    rules(connection, **given)
    with transaction.atomic():
        on_text_logged(text(number), NOW)
    matches.match_due(clock=clock)
    match = PersonMatch.objects.get()
    assert match.state == "undecided", (match.state, match.last_error)
    return match


def test_several_are_left_to_a_person_who_decides_with_one_key(account: Account, clock: Clock) -> None:
    connection, _, people = account
    crm = connector(connection)
    name = OBJECT[connection.kind]
    phone = {"salesforce": "MobilePhone", "hubspot": "mobilephone"}[connection.kind]
    two = [person_id(ref) for ref in people if crm.object_of(person_id(ref)) == name][:2]
    crm.write_fields(
        [
            FieldWrite(two[0], name, {phone: "(212) 555-9876"}),
            FieldWrite(two[1], name, {phone: "+1 212.555.9876"}),
        ]
    )
    match = undecided(account, clock, "+12125559876")
    mia = client()

    page = mia.get(reverse("crm-people")).content.decode()
    assert 'data-key="1"' in page
    assert 'data-key="2"' in page
    assert "212.555.9876" in page
    wrong = mia.post(reverse("crm-decide", args=[match.pk]), {"choice": "003000000000000"}, follow=True)
    assert "none of the people found" in wrong.content.decode()
    mia.post(reverse("crm-decide", args=[match.pk]), {"choice": two[1]})

    match.refresh_from_db()
    item = SyncQueueItem.objects.get()
    assert (match.state, match.person_id, match.decided_by) == ("linked", two[1], "manager")
    assert (item.state, item.person_id, item.payload["person_id"]) == ("waiting", two[1], two[1])
    again = mia.post(reverse("crm-decide", args=[match.pk]), {"choice": two[0]}, follow=True)
    assert "decided this already" in again.content.decode()


def test_leaving_somebody_sets_their_activities_aside_until_they_are_sought_again(
    account: Account, clock: Clock
) -> None:
    match = undecided(account, clock, "+12125559876")
    mia = client()

    mia.post(reverse("crm-decide", args=[match.pk]), {"choice": "leave"})
    item = SyncQueueItem.objects.get()
    assert (item.state, item.person_id) == ("set_aside", "")
    retried = mia.post(reverse("crm-retry", args=[item.pk]), follow=True)
    assert "look again for them" in retried.content.decode()

    MatchRules.objects.update(nobody="create")
    mia.post(reverse("crm-seek", args=[match.pk]))
    PersonMatch.objects.update(due_at=NOW)
    matches.match_due(clock=clock)
    item.refresh_from_db()
    assert (PersonMatch.objects.get().state, item.state) == ("created", "waiting")


def test_the_rules_are_set_on_their_page(account: Account) -> None:
    connection = account[0]
    mia = client()
    address = reverse("crm-match-rules", args=[connection.pk])
    given = {
        "seek": "inbound",
        "one": "ask",
        "many": "newest",
        "nobody": "create",
        "create_as": OBJECT[connection.kind],
    }

    assert mia.get(address).status_code == 200
    assert mia.post(address, {**given, "seek": "all of them"}).status_code == 422
    assert mia.post(address, given).status_code == 302
    made = MatchRules.objects.values("seek", "one", "many", "nobody", "create_as").get()
    assert made == given
    assert "wait for a person" in mia.get(reverse("crm-mappings", args=[connection.pk])).content.decode()


def test_a_person_of_a_file_is_linked_and_not_taken_twice(account: Account, clock: Clock) -> None:
    connection, _, people = account
    rules(connection)
    crm = connector(connection)
    raw = next(iter(crm.people_of([person_id(people[0])])))[0]
    number = parse_phone(raw.phones[0][1])
    mine = Contact.objects.create(first_name="Lee", created_at=NOW, changed_at=NOW)
    hear(connection, "", contact_id=mine.pk, number=number)
    matches.match_due(clock=clock)

    mine.refresh_from_db()
    assert mine.external_ref == people[0]
    assert SyncQueueItem.objects.get().person_id == person_id(people[0])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id_ours": "custom.customer_no"}, "Choose the field of both sides"),
        ({"id_theirs": "FIELD"}, "Choose the field of both sides"),
        ({"id_ours": "custom.nothing", "id_theirs": "FIELD"}, "Select a valid choice"),
        ({"id_ours": "custom.customer_no", "id_theirs": "Id'; DROP"}, "Select a valid choice"),
    ],
)
def test_half_a_customer_number_and_unknown_fields_are_refused(
    account: Account, changes: dict[str, str], words: str
) -> None:
    connection, _, _ = account
    CustomField.objects.create(key="customer_no", label="Customer number", kind="text", created_at=NOW)
    field = {"salesforce": "Legacy_Id__c", "hubspot": "jobtitle"}[connection.kind]
    mia = client()
    given = {"seek": "everybody", "one": "link", "many": "ask", "nobody": "ask", "create_as": "Lead"}
    if connection.kind == "hubspot":
        given["create_as"] = "contacts"
    address = reverse("crm-match-rules", args=[connection.pk])

    answer = mia.post(
        address, given | {name: value.replace("FIELD", field) for name, value in changes.items()}
    )

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not MatchRules.objects.exists()
    assert mia.post(address, given | {"id_ours": "custom.customer_no", "id_theirs": field}).status_code == 302
    assert MatchRules.objects.get().id_theirs == field
