"""Everything but calls, against the stand-ins: each thing stands in the CRM once, with the fields the mapping says."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import requests
from django.db import transaction

from campaigns.models import Contact, ContactPhone, CustomField, Disposition, DispositionSet
from compliance.models import Revocation, Suppression
from core.types import parse_phone
from crm_sync import registry, selectors
from crm_sync.capabilities import FieldWrite, HasFields
from crm_sync.handlers import on_call_logged, on_numbers_revoked, on_text_logged
from crm_sync.models import (
    CrmConnection,
    FieldDecision,
    MappingVersion,
    MatchRules,
    PersonMatch,
    SyncQueueItem,
)
from crm_sync.selectors import facts
from crm_sync.services import connections, held, matches, pushing
from crm_sync.services.mapped_in import Incoming
from tests.contract.conftest import SECRETS
from tests.integration.crm_sync.conftest import NOW, Clock, call_logged

pytestmark = pytest.mark.django_db(transaction=True)
Account = tuple[CrmConnection, str, list[str]]


def hear(connection: CrmConnection, ref: str, call_id: int = 1, version: int = 1, **values: Any) -> None:
    """Store a call as the relay would."""
    with transaction.atomic():
        on_call_logged(call_logged(connection, call_id, version, contact_ref=ref, **values), NOW)


def text(number: str = "+14075550123", text_id: int = 1, **values: object) -> Mapping[str, object]:
    """Return the payload of a TextLogged event."""
    return {
        "text_id": text_id, "number": number, "our_number": "+14075550100", "words": "Call me <b>later</b>", "answer": "",
        "meaning": "other", "received_at": NOW.isoformat(), "local_date": "2026-03-04", **values,
    }  # fmt: skip


def maps(connection: CrmConnection, object_name: str, *rows: Mapping[str, Any]) -> None:
    """Store a mapping as its page would."""
    usual = {"way": "out", "mode": "overwrite", "values": {}, "default": ""}
    MappingVersion.objects.create(
        connection=connection, object_name=object_name, rows=[{**usual, **row} for row in rows], created_at=NOW,
        number=MappingVersion.objects.filter(connection=connection, object_name=object_name).count() + 1, created_by="mia",
    )  # fmt: skip


def connector(connection: CrmConnection) -> Any:
    """Return the real connector."""
    return registry.connect(
        connection.kind,
        secrets=SECRETS[connection.kind],
        settings=connection.settings,
        ref_prefix=f"{connection.kind}:{connection.pk}:",
    )


def act(url: str, do: str, **body: object) -> None:
    """Do something as a user of the CRM."""
    requests.post(f"{url}/_sandbox/acts", json={"do": do, **body}, timeout=5).raise_for_status()


def person_id(ref: str) -> str:
    """Return the CRM's id."""
    return ref.split(":")[2]


def records(connection: CrmConnection, kind: str, **match: str) -> Sequence[Mapping[str, Any]]:
    """Return Tasks, or communications or tasks, of our own, through the CRM's API."""
    one = connector(connection)
    if connection.kind == "salesforce":
        where = " AND ".join(f"{name} = '{value}'" for name, value in match.items())
        soql = f"SELECT Id, Subject, Status, WhoId, Description, Parley_Call_Id__c FROM Task WHERE {where}"
        return [row for page in one._query(soql) for row in page]
    found = getattr(one._crm.objects, kind).basic_api.get_page(
        limit=100, properties=["dialer_call_id", "hs_task_status", "hs_communication_body", "hs_task_subject"]
    )
    return [row.properties for row in found.results]


def told(account: Account, kind: str, ref: str) -> Sequence[Mapping[str, Any]]:
    """Return what stands under our name."""
    if account[0].kind == "salesforce":
        return records(account[0], kind, Parley_Call_Id__c=ref)
    return [row for row in records(account[0], kind) if row["dialer_call_id"] == ref]


def know(account: Account, number: str = "+14075550123") -> Contact:
    """Return our person of the CRM's first one, with a number."""
    contact = Contact.objects.create(
        external_ref=account[2][0], first_name="Lee", last_name="Lead", created_at=NOW, changed_at=NOW
    )
    ContactPhone.objects.create(contact=contact, number=number, raw=number, kind="main")
    return contact


def test_a_text_and_its_answer_stand_once_each_however_often_they_are_sent(
    account: Account, clock: Clock
) -> None:
    connection, url, _ = account
    know(account)
    with transaction.atomic():
        on_text_logged(text(answer="You are off the list."), NOW)
    requests.post(f"{url}/_sandbox/faults", json={"kind": "http_500_after_effect", "count": 1}, timeout=5)

    for _ in range(4):
        pushing.push_due(clock=clock)
        clock.tick(310)

    items = list(SyncQueueItem.objects.filter(kind="text").order_by("id"))
    assert [item.state for item in items] == ["done", "done"], [item.reason for item in items]
    for item in items:
        [row] = told(account, "communications", item.external_call_id)
        body = row["Description"] if connection.kind == "salesforce" else row["hs_communication_body"]
        assert ("later" in body) is (item == items[0])
    if connection.kind == "hubspot":
        assert (
            "&lt;b&gt;"
            in told(account, "communications", items[0].external_call_id)[0]["hs_communication_body"]
        )


def test_a_callback_is_a_task_that_the_next_result_completes(account: Account, clock: Clock) -> None:
    connection, _, people = account
    promise: dict[str, Any] = {
        "disposition_code": "callback", "disposition_label": "Call back", "disposition_category": "callback", "lead_id": 7,
        "callback_at": "2026-03-06T15:00:00+00:00", "callback_date": "2026-03-06", "callback_agent_name": "Ana",
        "callback_agent_email": "nobody@example.com",
    }  # fmt: skip
    hear(connection, people[0], call_id=1, **promise)
    pushing.push_due(clock=clock)
    item = SyncQueueItem.objects.get(kind="callback")
    status = "Status" if connection.kind == "salesforce" else "hs_task_status"
    [before] = told(account, "tasks", item.external_call_id)

    kept: dict[str, Any] = {
        "disposition_code": "sale",
        "disposition_label": "Sale",
        "disposition_category": "conversion",
        "lead_id": 7,
    }
    hear(connection, people[0], call_id=2, **kept)
    pushing.push_due(clock=clock)

    [after] = told(account, "tasks", item.external_call_id)
    assert (before[status], after[status]) in [("Not Started", "Completed"), ("NOT_STARTED", "COMPLETED")]


FIELD = {"salesforce": ("Lead", "Description", "Title"), "hubspot": ("contacts", "jobtitle", "company")}


def test_fields_of_the_person_follow_their_mode_and_leave_a_decision(account: Account, clock: Clock) -> None:
    connection, _, people = account
    name, appended, filled = FIELD[connection.kind]
    crm = connector(connection)
    assert isinstance(crm, HasFields)
    lead = next(ref for ref in people if crm.object_of(person_id(ref)) == name)
    maps(
        connection, name,
        {"ours": "answer.roof", "theirs": appended, "mode": "overwrite" if connection.kind == "hubspot" else "append"},
        {"ours": "call.campaign", "theirs": filled, "mode": "if_empty"},
    )  # fmt: skip
    made = DispositionSet.objects.create(name="S")
    roof = {"code": "roof", "label": "Roof", "kind": "text", "options": [], "required": False}
    Disposition.objects.create(
        disposition_set=made, code="sale", label="Sale", category="conversion", questions=[roof]
    )
    assert "answer.roof" in facts.sources("person")
    before = crm.read_records(name, [person_id(lead)], [appended, filled])[person_id(lead)].values

    result: dict[str, Any] = {
        "disposition_code": "sale",
        "disposition_label": "Sale",
        "disposition_category": "conversion",
    }
    for _ in range(2):
        hear(connection, lead, answers={"roof": "Tile"}, **result)
        pushing.push_due(clock=clock)
        SyncQueueItem.objects.filter(kind="fields").update(state="waiting", due_at=NOW)
    pushing.push_due(clock=clock)

    item = SyncQueueItem.objects.get(kind="fields")
    assert item.state == "done", item.reason
    after = crm.read_records(name, [person_id(lead)], [appended, filled])[person_id(lead)].values
    assert str(after[appended]).count("Tile") == 1
    assert after[filled] == (before[filled] or "Spring")
    assert FieldDecision.objects.filter(field_name=appended, wrote=True).count() == 1


def test_a_field_that_is_gone_holds_its_rows_alone_and_they_go_when_it_is_back(
    account: Account, clock: Clock
) -> None:
    connection, url, people = account
    name = FIELD[connection.kind][0]
    crm = connector(connection)
    lead = next(ref for ref in people if crm.object_of(person_id(ref)) == name)
    theirs = {"salesforce": "City", "hubspot": "city"}[connection.kind]
    maps(connection, name, {"ours": "call.campaign", "theirs": theirs})
    hide: dict[str, object] = {"do": "change_field", "object": name, "field": theirs, "hidden": True}
    if connection.kind == "hubspot":
        hide = {"do": "change_property", "object": "contacts", "property": theirs, "archived": True}
    act(url, **hide)  # type: ignore[arg-type]

    result: dict[str, Any] = {
        "disposition_code": "sale",
        "disposition_label": "Sale",
        "disposition_category": "conversion",
    }
    hear(connection, lead, **result)
    pushing.push_due(clock=clock)

    states = dict(SyncQueueItem.objects.values_list("kind", "state"))
    assert states == {"call": "done", "fields": "held"}
    held = SyncQueueItem.objects.get(kind="fields")
    assert held.held_for_setup
    assert theirs in held.reason
    assert "nothing is lost" in held.reason
    connection.refresh_from_db()
    assert connection.state == "connected"

    if connection.kind == "hubspot":
        act(url, "change_property", object="contacts", property=theirs, archived=False)
    else:
        act(url, "restore_fields")
    connections.check_again(connection_id=connection.pk, clock=clock)
    pushing.push_due(clock=clock)
    assert SyncQueueItem.objects.get(kind="fields").state == "done"
    assert crm.read_records(name, [person_id(lead)], [theirs])[person_id(lead)].values[theirs] == "Spring"


def test_a_call_outcome_goes_by_the_mapping_of_the_call(account: Account, clock: Clock) -> None:
    connection, url, people = account
    made = DispositionSet.objects.create(name="S")
    Disposition.objects.create(disposition_set=made, code="sale", label="Sale", category="conversion")
    guid = "5c8e1f0a-2f6e-4d56-9a55-0a4c6f6f1b21"
    row = {
        "salesforce": (
            "Task",
            {"ours": "call.result", "theirs": "CallDisposition", "values": {"sale": "Sold!"}},
        ),
        "hubspot": (
            "calls",
            {"ours": "call.result", "theirs": "hs_call_disposition", "values": {"sale": guid}},
        ),
    }[connection.kind]
    maps(connection, row[0], row[1])

    hear(
        connection,
        people[0],
        disposition_code="sale",
        disposition_label="Sale",
        disposition_category="conversion",
    )
    pushing.push_due(clock=clock)

    [found] = requests.get(f"{url}/_sandbox/activities", timeout=5).json()["activities"]
    assert found["disposition"] in ("Sold!", guid)


@pytest.mark.parametrize("account", ["salesforce"], indirect=True)  # HubSpot has no campaign members
def test_campaign_members_get_their_status(account: Account, clock: Clock) -> None:
    connection, _, _people = account
    crm = connector(connection)
    soql = "SELECT CampaignId, LeadId, Status FROM CampaignMember WHERE LeadId != null AND Status = 'Sent'"
    member = next(row for page in crm._query(soql) for row in page)
    facts_of_call = {"call.result": "sale", "call.outcome": "answered"}
    payload = {
        "subject": "s",
        "started_at": NOW.isoformat(),
        "campaign_id": member["CampaignId"],
        "facts": facts_of_call,
    }
    item = SyncQueueItem.objects.create(
        connection=connection, kind="member", external_call_id="parleymember-x-1", person_id=member["LeadId"],
        payload_version=1, payload=payload, due_at=NOW, created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    maps(
        connection,
        "CampaignMember",
        {"ours": "call.outcome", "theirs": "Status", "values": {"answered": "Responded"}},
    )

    pushing.push_due(clock=clock)

    item.refresh_from_db()
    assert item.state == "done", item.reason
    soql = f"SELECT Status FROM CampaignMember WHERE Id = '{item.crm_id}'"
    assert [row["Status"] for page in crm._query(soql) for row in page] == ["Responded"]


def rules(connection: CrmConnection, **values: str) -> None:
    """Have everybody looked for."""
    given = {"seek": "everybody", "changed_at": NOW, "changed_by": "mia", **values}
    MatchRules.objects.create(connection=connection, **given)


def test_a_caller_in_another_format_is_linked_not_doubled(account: Account, clock: Clock) -> None:
    connection, _, people = account
    rules(connection)
    crm = connector(connection)
    wanted = next(iter(crm.people_of([person_id(people[0])])))[0]
    number = parse_phone(wanted.phones[0][1])
    with transaction.atomic():
        on_text_logged(text(number), NOW)
    assert SyncQueueItem.objects.get().state == "unmatched"

    matches.match_due(clock=clock)
    pushing.push_due(clock=clock)

    match = PersonMatch.objects.get()
    assert (match.state, match.person_id) == ("linked", person_id(people[0])), (match.rule, match.last_error)
    assert SyncQueueItem.objects.get().state == "done"


def test_who_has_the_same_customer_number_is_linked_whatever_their_phone_number(
    account: Account, clock: Clock
) -> None:
    connection, _, people = account
    name = FIELD[connection.kind][0]
    field = {"salesforce": "Legacy_Id__c", "hubspot": "jobtitle"}[connection.kind]  # any text of the account
    crm = connector(connection)
    lead = next(ref for ref in people if crm.object_of(person_id(ref)) == name)
    crm.write_fields([FieldWrite(person_id(lead), name, {field: "C-17"})])
    CustomField.objects.create(key="customer_no", label="Customer number", kind="text", created_at=NOW)
    rules(connection, id_ours="custom.customer_no", id_theirs=field)
    ours = Contact.objects.create(
        external_ref=None, last_name="Lee", custom={"customer_no": "C-17"}, created_at=NOW, changed_at=NOW
    )
    ContactPhone.objects.create(contact=ours, number="+12125559876", raw="x", kind="main")
    with transaction.atomic():
        on_text_logged(text("+12125559876"), NOW)

    matches.match_due(clock=clock)

    match = PersonMatch.objects.get()
    assert (match.state, match.person_id) == ("linked", person_id(lead)), (match.rule, match.last_error)
    assert "customer number" in match.rule


def test_a_customer_number_s_field_that_is_gone_leaves_the_other_ways(account: Account, clock: Clock) -> None:
    connection, _, people = account
    rules(connection, id_ours="custom.customer_no", id_theirs="no_such_field")
    crm = connector(connection)
    wanted = next(iter(crm.people_of([person_id(people[0])])))[0]
    number = parse_phone(wanted.phones[0][1])
    found = crm.find_people(number=number, email="", key_field="no_such_field", key="C-17' OR Name != '")

    assert person_id(people[0]) in [each.person_id for each in found]


@pytest.mark.parametrize(
    "account", ["hubspot"], indirect=True
)  # Salesforce gives the account's name with the contact
def test_a_contact_without_a_company_has_the_one_it_is_associated_with(account: Account) -> None:
    connection, _, people = account
    crm = connector(connection)
    before = next(iter(crm.people_of([person_id(people[0])])))[0].company
    crm.write_fields([FieldWrite(person_id(people[0]), "contacts", {"company": ""})])
    used = crm.usage().requests

    for _ in range(2):
        read = next(iter(crm.people_of([person_id(ref) for ref in people[:50]])))

    assert read[0].company == before
    assert crm.usage().requests - used == 2 * 4 + 1  # field, owners, contacts, associations; the company once


def test_nobody_is_created_once_though_the_answer_was_lost(account: Account, clock: Clock) -> None:
    connection, url, _ = account
    rules(connection, nobody="create")
    with transaction.atomic():
        on_text_logged(text("+12125559876"), NOW)
    fault = {
        "kind": "http_500_after_effect",
        "count": 1,
        "match": "sobjects/Lead" if connection.kind == "salesforce" else "upsert",
    }
    requests.post(f"{url}/_sandbox/faults", json=fault, timeout=5)

    for _ in range(4):
        matches.match_due(clock=clock)
        clock.tick(1000)
    pushing.push_due(clock=clock)

    match = PersonMatch.objects.get()
    assert match.state in ("created", "linked"), (match.rule, match.last_error)
    found = connector(connection).find_people(number="+12125559876", email="")
    assert [each.person_id for each in found] == [match.person_id]
    assert SyncQueueItem.objects.get().state == "done"


def hold_reason(kind: str) -> str:
    """Return why the one item of a kind is held."""
    item = SyncQueueItem.objects.get(kind=kind)
    assert item.state == "held", (item.state, item.reason)
    return item.reason


def test_each_refusal_of_a_text_is_held_alone_and_goes_once_edited(account: Account, clock: Clock) -> None:
    """A validation rule, and partial success: the other text of the same batch is there."""
    connection, url, _ = account
    know(account)
    field = {"salesforce": ("Task", "Description"), "hubspot": ("communications", "hs_communication_body")}
    name, body = field[connection.kind]
    act(url, "add_rule", object=name, field=body, text="later", message="No promises in texts.")
    with transaction.atomic():
        on_text_logged(text(text_id=1), NOW)
        on_text_logged(text(text_id=2, words="Yes"), NOW)
    for _ in range(2):
        pushing.push_due(clock=clock)
        clock.tick(5)

    states = {item.payload["words"]: item.state for item in SyncQueueItem.objects.all()}
    assert states["Call me <b>later</b>"] == "held"
    item = SyncQueueItem.objects.get(state="held")
    assert "No promises in texts." in item.reason
    shown = selectors.get_held_call(item.pk)
    assert set(shown.now) == {"subject", "words", "person_id"}
    held.edit_item(item_id=item.pk, changes={**shown.now, "words": "Call me"}, by_name="mia", now=NOW)
    for _ in range(3):
        pushing.push_due(clock=clock)
        clock.tick(5)

    assert set(SyncQueueItem.objects.values_list("state", flat=True)) == {"done"}
    for each in SyncQueueItem.objects.all():
        assert len(told(account, "communications", each.external_call_id)) == 1


def test_a_text_too_long_for_its_field_is_held_and_can_be_shortened(account: Account, clock: Clock) -> None:
    connection, _, people = account
    name = FIELD[connection.kind][0]
    crm = connector(connection)
    lead = next(ref for ref in people if crm.object_of(person_id(ref)) == name)
    theirs = {"salesforce": "Title", "hubspot": "jobtitle"}[connection.kind]
    maps(connection, name, {"ours": "call.note", "theirs": theirs})
    note = "x" * (129 if connection.kind == "salesforce" else 65_537)
    # Salesforce has long text of ours into a short field; a mapping's page allows that, the value decides.
    hear(
        connection,
        lead,
        note=note,
        disposition_code="sale",
        disposition_label="Sale",
        disposition_category="conversion",
    )
    for _ in range(2):
        pushing.push_due(clock=clock)
        clock.tick(5)

    assert "shorten it here and retry" in hold_reason("fields")
    item = SyncQueueItem.objects.get(kind="fields")
    shown = selectors.get_held_call(item.pk)
    held.edit_item(item_id=item.pk, changes={**shown.now, "fact:call.note": "short"}, by_name="mia", now=NOW)
    pushing.push_due(clock=clock)

    item.refresh_from_db()
    assert item.state == "done", item.reason
    assert crm.read_records(name, [person_id(lead)], [theirs])[person_id(lead)].values[theirs] == "short"
    assert item.payload["facts"]["call.note"] == note


def test_an_unknown_pick_list_value_waits_for_the_mapping(account: Account, clock: Clock) -> None:
    connection, url, people = account
    name = FIELD[connection.kind][0]
    crm = connector(connection)
    lead = next(ref for ref in people if crm.object_of(person_id(ref)) == name)
    theirs = {"salesforce": "LeadSource", "hubspot": "hs_lead_status"}[connection.kind]
    if connection.kind == "salesforce":
        act(url, "change_field", object="Lead", field=theirs, picklist=["Web", "Other"])
    maps(connection, name, {"ours": "call.outcome", "theirs": theirs, "values": {"answered": "Gone"}})

    hear(
        connection, lead, disposition_code="sale", disposition_label="Sale", disposition_category="conversion"
    )
    pushing.push_due(clock=clock)
    assert "has no value “Gone” any more" in hold_reason("fields")

    good = {"salesforce": "Other", "hubspot": "OPEN"}[connection.kind]
    maps(connection, name, {"ours": "call.outcome", "theirs": theirs, "values": {"answered": good}})
    connections.check_again(connection_id=connection.pk, clock=clock)
    pushing.push_due(clock=clock)
    assert SyncQueueItem.objects.get(kind="fields").state == "done"
    assert crm.read_records(name, [person_id(lead)], [theirs])[person_id(lead)].values[theirs] == good


@pytest.mark.parametrize("account", ["hubspot"], indirect=True)  # Salesforce tasks are the integration user's
def test_a_callback_of_an_agent_who_left_is_written_without_an_owner(account: Account, clock: Clock) -> None:
    connection, url, people = account
    owner = next(iter(connector(connection)._owners()))
    act(url, "deactivate_owner", email=owner.email)
    hear(
        connection, people[0], disposition_code="callback", disposition_label="Back", disposition_category="callback", lead_id=7,
        callback_at="2026-03-06T15:00:00+00:00", callback_date="2026-03-06", callback_agent_name="Ana",
        callback_agent_email=owner.email,
    )  # fmt: skip
    pushing.push_due(clock=clock)

    assert SyncQueueItem.objects.get(kind="callback").state == "done"


FLAG = {
    "salesforce": "HasOptedOutOfEmail",
    "hubspot": "hs_email_optout",
}  # any checkbox of the account will do


def test_a_no_to_texts_goes_both_ways_and_is_never_taken_back(account: Account, clock: Clock) -> None:
    connection, _, people = account
    name = FIELD[connection.kind][0]
    crm = connector(connection)
    theirs, ours = [person_id(ref) for ref in people if crm.object_of(person_id(ref)) == name][:2]
    row = {"ours": facts.TEXT_OPT_OUT, "theirs": FLAG[connection.kind], "way": "both", "mode": "stricter"}
    maps(connection, name, row)
    crm.write_fields([FieldWrite(theirs, name, {FLAG[connection.kind]: True})])
    page = next(iter(crm.people_of([theirs, ours])))

    for _ in range(2):
        Incoming(connection, crm, now=NOW).fill(page)
    refused = Suppression.objects.filter(number=parse_phone(page[0].phones[0][1]))
    assert [set(each.channels) for each in refused] == [{"sms", "mms"}]
    assert Revocation.objects.filter(number=parse_phone(page[0].phones[0][1])).count() == 1

    know((connection, "", [f"{connection.kind}:{connection.pk}:{ours}"]))
    with transaction.atomic():
        on_numbers_revoked(
            {
                "numbers": ["+14075550123"],
                "campaign_ref": "",
                "channels": ["sms"],
                "seller": "",
                "reason": "",
                "by": "",
            },
            NOW,
        )
    pushing.push_due(clock=clock)

    item = SyncQueueItem.objects.get()
    assert (item.kind, item.state) == ("opt_out", "done"), item.reason
    value = crm.read_records(name, [ours], [FLAG[connection.kind]])[ours].values[FLAG[connection.kind]]
    assert str(value).lower() == "true"


def test_mapped_fields_come_in_with_an_import_by_their_rule(account: Account) -> None:
    connection, _, people = account
    name = FIELD[connection.kind][0]
    crm = connector(connection)
    lead = next(ref for ref in people if crm.object_of(person_id(ref)) == name)
    CustomField.objects.create(key="tier", label="Tier", kind="text", created_at=NOW)
    field = {"salesforce": "Title", "hubspot": "jobtitle"}[connection.kind]
    city = {"salesforce": "City", "hubspot": "city"}[connection.kind]
    maps(
        connection,
        name,
        {"ours": "custom.tier", "theirs": field, "way": "in"},
        {"ours": "person.company", "theirs": city, "way": "in", "mode": "if_empty"},
    )
    crm.write_fields([FieldWrite(person_id(lead), name, {field: "Gold", city: "Orlando"})])
    Contact.objects.create(
        external_ref=lead, company="Kept", custom={"tier": "Old"}, created_at=NOW, changed_at=NOW
    )

    [filled] = Incoming(connection, crm, now=NOW).fill(next(iter(crm.people_of([person_id(lead)]))))

    assert (filled.custom["tier"], filled.company) == ("Gold", "Kept")
    said = {row.field_label: row.rule for row in FieldDecision.objects.filter(is_conflict=True, way="in")}
    assert set(said) == {"Tier", "Company"}
