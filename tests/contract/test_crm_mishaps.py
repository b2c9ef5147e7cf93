"""What goes wrong inside a CRM: each mishap has an outcome people see, and no call is lost or doubled by it."""

from collections.abc import Mapping
from typing import Any

import pytest
import requests

from crm_sync import selectors
from crm_sync.models import CrmConnection, SyncQueueItem
from crm_sync.services import held, pushing
from tests.contract.test_crm_queue import hear, standing
from tests.integration.crm_sync.conftest import Clock

pytestmark = pytest.mark.django_db(transaction=True)

Account = tuple[CrmConnection, str, list[str]]
only_salesforce = pytest.mark.parametrize("account", ["salesforce"], indirect=True)
only_hubspot = pytest.mark.parametrize("account", ["hubspot"], indirect=True)


def act(url: str, do: str, **values: object) -> Mapping[str, Any]:
    """Have somebody inside the CRM do something."""
    answer = requests.post(f"{url}/_sandbox/acts", json={"do": do, **values}, timeout=5)
    assert answer.status_code == 200, answer.text
    found: Mapping[str, Any] = answer.json()
    return found


def person(ref: str) -> str:
    """Return the CRM's id of a person."""
    return ref.rsplit(":", 1)[1]


def object_of(connection: CrmConnection, ref: str) -> str:
    """Return what the CRM calls the person's kind."""
    if connection.kind == "hubspot":
        return "contacts"
    return "Contact" if person(ref).startswith("003") else "Lead"


def same_kind(connection: CrmConnection, people: list[str]) -> tuple[str, str]:
    """Return two people of one kind."""
    first = people[0]
    return first, next(
        each for each in people[1:] if object_of(connection, each) == object_of(connection, first)
    )


def only_item() -> SyncQueueItem:
    """Return the one item there is."""
    return SyncQueueItem.objects.get()


def test_a_deleted_person_holds_the_call_until_a_person_names_another(account: Account, clock: Clock) -> None:
    connection, url, people = account
    first, second = same_kind(connection, people)
    act(url, "delete", object=object_of(connection, first), id=person(first))
    hear(connection, first)
    hear(connection, second, call_id=2)

    assert pushing.push_due(clock=clock) == 1

    item = SyncQueueItem.objects.get(state="held")
    assert "deleted, merged or converted" in item.reason
    changes = {
        "subject": "Call: moved",
        "note": "by hand",
        "disposition_label": "",
        "person_id": person(second),
    }
    held.edit_item(item_id=item.id, changes=changes, by_name="mia", now=clock())
    assert pushing.push_due(clock=clock) == 1
    assert len(standing(url)) == 2


def test_a_merged_person_is_followed_to_who_is_left(account: Account, clock: Clock) -> None:
    connection, url, people = account
    first, second = same_kind(connection, people)
    act(url, "merge", object=object_of(connection, first), id=person(first), into=person(second))
    hear(connection, first)

    assert pushing.push_due(clock=clock) == 1

    item = only_item()
    assert (item.state, item.person_id) == ("done", person(second))
    logged = standing(url)[item.external_call_id]
    assert person(second) in (logged.get("who_id"), *logged.get("contact_ids", ()))
    hear(connection, first, version=2, note="a note saved later")
    assert pushing.push_due(clock=clock) == 1
    assert only_item().person_id == person(second)


@only_salesforce
def test_a_converted_lead_is_followed_to_its_contact(account: Account, clock: Clock) -> None:
    connection, url, people = account
    lead = next(each for each in people if object_of(connection, each) == "Lead")
    contact_id = act(url, "convert", id=person(lead))["contact_id"]
    hear(connection, lead)

    assert pushing.push_due(clock=clock) == 1
    assert standing(url)[only_item().external_call_id]["who_id"] == contact_id


def test_a_validation_rule_holds_its_calls_alone_and_all_of_them_go_again_at_once(
    account: Account, clock: Clock
) -> None:
    connection, url, people = account
    where = ("Task", "Description") if connection.kind == "salesforce" else ("calls", "hs_call_body")
    act(url, "add_rule", object=where[0], field=where[1], text="forbidden", message="No such word here.")
    for call_id, note in enumerate(["forbidden", "fine", "also forbidden"]):
        hear(connection, people[call_id], call_id=call_id, note=note)

    assert pushing.push_due(clock=clock) == 1

    reasons = selectors.list_held(connection_id=connection.id)
    assert [row.count for row in reasons] == [2]
    assert "No such word here." in reasons[0].reason
    act(url, "clear_rules")
    again = held.retry_all(
        connection_id=connection.id, reason=reasons[0].reason, by_name="mia", now=clock.tick(5)
    )
    assert again == 2
    assert pushing.push_due(clock=clock) == 2
    assert len(standing(url)) == 3


@only_salesforce
def test_an_unknown_picklist_value_is_held_until_it_is_edited(account: Account, clock: Clock) -> None:
    connection, url, people = account
    act(url, "change_field", object="Task", field="CallDisposition", picklist=["Sale", "No answer"])
    hear(connection, people[0], disposition_label="Maybe")
    hear(connection, people[1], call_id=2, disposition_label="Sale")

    assert pushing.push_due(clock=clock) == 1

    item = SyncQueueItem.objects.get(state="held")
    assert "picklist" in item.reason
    connection.refresh_from_db()
    assert connection.state == "connected"
    changes = {
        "subject": "Call: Sale",
        "note": "",
        "disposition_label": "Sale",
        "person_id": person(people[0]),
    }
    held.edit_item(item_id=item.id, changes=changes, by_name="mia", now=clock())
    pushing.push_due(clock=clock)
    assert standing(url)[item.external_call_id]["disposition"] == "Sale"


@only_salesforce
def test_a_text_too_long_is_held_and_can_be_shortened(account: Account, clock: Clock) -> None:
    connection, url, people = account
    act(url, "change_field", object="Task", field="Subject", length=12)
    hear(connection, people[0], disposition_label="Interested in solar")

    assert pushing.push_due(clock=clock) == 0
    assert "shorten it here" in only_item().reason
    changes = {
        "subject": "Call: solar",
        "note": "",
        "disposition_label": "Interested in solar",
        "person_id": person(people[0]),
    }
    held.edit_item(item_id=only_item().id, changes=changes, by_name="mia", now=clock())
    assert pushing.push_due(clock=clock) == 1
    assert standing(url)[only_item().external_call_id]["subject"] == "Call: solar"


def test_a_field_removed_stops_the_connection_and_loses_nothing(account: Account, clock: Clock) -> None:
    connection, url, people = account
    hear(connection, people[0])
    pushing.push_due(clock=clock)
    for number in range(3):
        hear(connection, people[number], call_id=10 + number)
    if connection.kind == "salesforce":
        act(url, "change_field", object="Task", field="Description", hidden=True)
    else:
        act(url, "change_property", object="calls", property="hs_call_body", archived=True)

    assert pushing.push_due(clock=clock) == 0

    connection.refresh_from_db()
    assert connection.state == "failing"
    assert "missing" in connection.last_error
    assert SyncQueueItem.objects.filter(state="waiting").count() == 3
    if connection.kind == "salesforce":
        act(url, "restore_fields")
    else:
        act(url, "change_property", object="calls", property="hs_call_body", archived=False)
    clock.tick(301)
    while pushing.push_due(clock=clock):
        clock.tick(5)
    assert len(standing(url)) == 4
    connection.refresh_from_db()
    assert connection.state == "connected"


@only_hubspot
def test_a_call_of_somebody_who_left_is_written_without_an_owner(account: Account, clock: Clock) -> None:
    connection, url, people = account
    owner = requests.get(
        f"{url}/crm/v3/owners", headers={"Authorization": "Bearer pat-na1-sandbox"}, timeout=5
    ).json()["results"][0]
    hear(connection, people[0], agent_email=owner["email"])
    pushing.push_due(clock=clock)
    act(url, "deactivate_owner", email=owner["email"])
    hear(connection, people[0], call_id=2, agent_email=owner["email"])
    hear(connection, people[1], call_id=3)

    assert pushing.push_due(clock=clock) == 2
    assert len(standing(url)) == 3


@only_hubspot
def test_a_token_revoked_in_the_middle_of_a_push_doubles_nothing(account: Account, clock: Clock) -> None:
    connection, url, people = account
    for number in range(30):
        hear(connection, people[number % len(people)], call_id=number)
    requests.post(
        f"{url}/_sandbox/faults",
        json={"kind": "unauthorized", "count": 1, "match": "associations/calls/contacts/batch"},
        timeout=5,
    )

    assert pushing.push_due(clock=clock) == 0

    connection.refresh_from_db()
    assert connection.state == "failing"
    clock.tick(301)
    while pushing.push_due(clock=clock):
        clock.tick(1)
    assert len(standing(url)) == 30
    assert SyncQueueItem.objects.filter(state="done").count() == 30


def test_the_last_tenth_of_the_days_requests_is_left_to_others(account: Account, clock: Clock) -> None:
    connection, url, people = account
    limit = 15_000 if connection.kind == "salesforce" else 650_000
    act(url, "use_requests", used=limit * 95 // 100)
    hear(connection, people[0])
    pushing.push_due(clock=clock)
    hear(connection, people[0], call_id=2)

    assert pushing.push_due(clock=clock) == 0

    connection.refresh_from_db()
    assert "is left to your other apps" in connection.last_error
    assert connection.state == "connected"
    assert SyncQueueItem.objects.filter(state="waiting").count() == 1
    act(url, "use_requests", used=10)
    clock.tick(901)
    assert pushing.push_due(clock=clock) == 1
    connection.refresh_from_db()
    assert (connection.last_error, connection.paused_until) == ("", None)


@only_hubspot
def test_a_day_used_up_is_left_alone_for_long(account: Account, clock: Clock) -> None:
    connection, url, people = account
    hear(connection, people[0])
    requests.post(f"{url}/_sandbox/faults", json={"kind": "http_429_daily", "count": 1}, timeout=5)

    assert pushing.push_due(clock=clock) == 0

    connection.refresh_from_db()
    assert connection.paused_until is not None
    assert (connection.paused_until - clock()).total_seconds() == 900
    clock.tick(901)
    assert pushing.push_due(clock=clock) == 1


def test_one_locked_record_of_a_batch_is_sent_again_alone(account: Account, clock: Clock) -> None:
    connection, url, people = account
    for number in range(5):
        hear(connection, people[number], call_id=number)
    match = "/composite/" if connection.kind == "salesforce" else "/calls/batch/upsert"
    requests.post(f"{url}/_sandbox/faults", json={"kind": "lock_row", "count": 1, "match": match}, timeout=5)

    assert pushing.push_due(clock=clock) == 4
    clock.tick(3)
    assert pushing.push_due(clock=clock) == 1
    assert len(standing(url)) == 5
    assert all(row["revisions"] == 1 for row in standing(url).values())
