"""Both sides counted beyond calls, through the stand-ins' own searches and records."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
import requests
from django.db import transaction

from crm_sync.handlers import on_text_logged
from crm_sync.models import CrmConnection, Reconciliation, SyncQueueItem
from crm_sync.services import comparing_kinds, pushing, reconciling
from tests.contract.test_crm_live import api
from tests.contract.test_crm_mishaps import Account, act, object_of, person
from tests.contract.test_crm_out import connector, know, maps, person_id, text, told
from tests.contract.test_crm_queue import hear, standing
from tests.integration.crm_sync.conftest import NOW, Clock

pytestmark = pytest.mark.django_db(transaction=True)

DAY = date(2026, 3, 4)
PROMISE: dict[str, Any] = {
    "disposition_code": "callback", "disposition_label": "Call back", "disposition_category": "callback", "lead_id": 7,
    "callback_at": "2026-03-20T15:00:00+00:00", "callback_date": "2026-03-20", "callback_agent_name": "Ana",
    "callback_agent_email": "nobody@example.com",
}  # fmt: skip
# What each kind is called there.
RECORDS = {
    "text": {"salesforce": "Task", "hubspot": "communications"},
    "callback": {"salesforce": "Task", "hubspot": "tasks"},
    "call": {"salesforce": "Task", "hubspot": "calls"},
}


def send_all(clock: Clock) -> None:
    """Push until nothing waits."""
    for _ in range(8):
        pushing.push_due(clock=clock)
        clock.tick(3)
    assert set(SyncQueueItem.objects.values_list("state", flat=True)) == {"done"}


def compared(connection: CrmConnection, clock: Clock, kind: str) -> Reconciliation:
    """Compare, and return the row of the one day of a kind."""
    comparing_kinds.compare(connection_id=connection.pk, clock=clock)
    return Reconciliation.objects.get(kind=kind)


def told_of(account: Account, clock: Clock, kind: str) -> SyncQueueItem:
    """Have a text or a promise stand in the CRM, long enough ago for any search to know it."""
    connection, _, people = account
    if kind == "text":
        know(account)
        with transaction.atomic():
            on_text_logged(text(), NOW)
    else:
        hear(connection, people[0], **PROMISE)
    send_all(clock)
    clock.tick(600)
    return SyncQueueItem.objects.get(kind=kind)


@pytest.mark.parametrize("kind", ["text", "callback"])
def test_what_is_missing_is_sent_again_and_what_people_deleted_stays_deleted(
    account: Account, clock: Clock, kind: str
) -> None:
    connection, url, _ = account
    item = told_of(account, clock, kind)
    found = compared(connection, clock, kind)
    assert (found.ours, found.theirs, found.examples, found.error) == (1, 1, [], "")
    assert found.day == (DAY if kind == "text" else date(2026, 3, 20))

    act(url, "purge", object=RECORDS[kind][connection.kind], id=item.crm_id)
    assert comparing_kinds.compare(connection_id=connection.pk, clock=clock) == 1
    send_all(clock)
    clock.tick(600)
    found = compared(connection, clock, kind)
    assert (found.ours, found.theirs, found.sent_again) == (1, 1, 0)
    assert len(told(account, RECORDS[kind]["hubspot"], item.external_call_id)) == 1

    item.refresh_from_db()
    act(url, "delete", object=RECORDS[kind][connection.kind], id=item.crm_id)
    found = compared(connection, clock, kind)
    assert (found.deleted, found.sent_again) == (1, 0)
    assert "stays deleted" in found.examples[0]


def test_a_callback_that_people_moved_stays_where_they_moved_it(account: Account, clock: Clock) -> None:
    connection, url, _ = account
    item = told_of(account, clock, "callback")
    change(connection, url, "callback", item.crm_id, {"salesforce": {"ActivityDate": "2027-01-07"},
           "hubspot": {"hs_timestamp": "2027-01-07T15:00:00Z"}}[connection.kind])  # fmt: skip

    found = compared(connection, clock, "callback")

    assert (found.changed, found.sent_again) == (1, 0)
    assert "2027-01-07" in found.examples[0]


def test_extra_ones_are_explained(account: Account, clock: Clock) -> None:
    connection, _, _ = account
    told_of(account, clock, "text")
    with transaction.atomic():
        on_text_logged(text(text_id=2), NOW)
    send_all(clock)
    SyncQueueItem.objects.filter(external_call_id__contains="-2").delete()

    found = compared(connection, clock, "text")

    assert (found.ours, found.theirs, found.extra) == (1, 2, 1)
    assert "restored backup" in found.examples[0]


def change(connection: CrmConnection, url: str, kind: str, crm_id: str, values: Mapping[str, Any]) -> None:
    """Have a user of the CRM change a record."""
    name = RECORDS.get(kind, {}).get(connection.kind, kind)
    if connection.kind == "hubspot":
        address, body = f"{url}/crm/v3/objects/{name}/{crm_id}", {"properties": dict(values)}
    else:
        address, body = f"{url}/services/data/v66.0/sobjects/{name}/{crm_id}", dict(values)
    requests.patch(address, json=body, headers=api(connection, url), timeout=5).raise_for_status()


WORDS = {"salesforce": "Description", "hubspot": "hs_call_body"}


def test_a_note_that_was_lost_is_sent_again_and_one_that_people_changed_stays(
    account: Account, clock: Clock
) -> None:
    connection, url, people = account
    for number in range(3):
        hear(connection, people[number], call_id=number + 1, note="Wants <b>two</b> & more")
    send_all(clock)
    found = compared(connection, clock, "result")
    assert (found.ours, found.theirs, found.examples) == (3, 3, [])
    lost, changed, _ = SyncQueueItem.objects.order_by("id")
    name = RECORDS["call"][connection.kind]
    act(url, "rewind", object=name, id=lost.crm_id, values={WORDS[connection.kind]: "older"})
    clock.tick(-7200)  # now their records are of a time after what we were told
    change(connection, url, "call", changed.crm_id, {WORDS[connection.kind]: "theirs"})
    SyncQueueItem.objects.update(acknowledged_at=clock.now - (NOW - clock.now))

    found = compared(connection, clock, "result")

    assert (found.ours, found.theirs, found.sent_again, found.changed) == (3, 1, 1, 1)
    send_all(clock)
    found = compared(connection, clock, "result")
    assert (found.theirs, found.sent_again, found.changed) == (2, 0, 1)


def test_a_mapped_field_that_was_lost_is_written_again_and_one_that_people_changed_stays(
    account: Account, clock: Clock
) -> None:
    connection, url, people = account
    name, field = {"salesforce": ("Lead", "Title"), "hubspot": ("contacts", "jobtitle")}[connection.kind]
    two = [ref for ref in people if object_of(connection, ref) == name][:2]
    maps(connection, name, {"ours": "call.campaign", "theirs": field})
    result: dict[str, Any] = {
        "disposition_code": "s",
        "disposition_label": "S",
        "disposition_category": "contact",
    }
    for number, ref in enumerate(two):
        hear(connection, ref, call_id=number + 1, **result)
    send_all(clock)
    found = compared(connection, clock, "field")
    assert (found.ours, found.theirs, found.examples) == (2, 2, [])

    act(url, "rewind", object=name, id=person(two[0]), values={field: "Old"})
    clock.tick(7200)
    change(connection, url, name, person(two[1]), {field: "Theirs"})
    found = compared(connection, clock, "field")

    assert (found.ours, found.theirs, found.sent_again, found.changed) == (2, 0, 1, 1)
    send_all(clock)
    crm = connector(connection)
    now = crm.read_records(name, [person(ref) for ref in two], [field])
    assert [now[person(ref)].values[field] for ref in two] == ["Spring", "Theirs"]


@pytest.mark.parametrize("account", ["salesforce"], indirect=True)  # HubSpot has no campaign members
def test_a_member_s_status_is_compared_with_the_last_one_written(account: Account, clock: Clock) -> None:
    connection, url, _ = account
    crm = connector(connection)
    soql = (
        "SELECT Id, CampaignId, LeadId FROM CampaignMember WHERE LeadId != null AND Status = 'Sent' LIMIT 2"
    )
    members = [row for page in crm._query(soql) for row in page]
    maps(
        connection,
        "CampaignMember",
        {"ours": "call.outcome", "theirs": "Status", "values": {"answered": "Responded"}},
    )
    for number, member in enumerate(members):
        payload = {
            "subject": "s", "started_at": NOW.isoformat(), "campaign_id": member["CampaignId"],
            "facts": {"call.outcome": "answered"},
        }  # fmt: skip
        SyncQueueItem.objects.create(
            connection=connection, kind="member", external_call_id=f"parleymember-x-{number}",
            person_id=member["LeadId"], payload_version=1, payload=payload, due_at=NOW, created_at=NOW, changed_at=NOW,
        )  # fmt: skip
    send_all(clock)
    found = compared(connection, clock, "member")
    assert (found.ours, found.theirs) == (2, 2)

    act(url, "rewind", object="CampaignMember", id=members[0]["Id"], values={"Status": "Sent"})
    act(url, "delete", object="Lead", id=members[1]["LeadId"])
    found = compared(connection, clock, "member")

    assert (found.sent_again, found.deleted) == (1, 1)
    send_all(clock)
    status = f"SELECT Status FROM CampaignMember WHERE Id = '{members[0]['Id']}'"
    assert [row["Status"] for page in crm._query(status) for row in page] == ["Responded"]


def test_a_kind_that_cannot_be_asked_about_says_so_and_the_others_are_compared(
    account: Account, clock: Clock
) -> None:
    connection, url, people = account
    told_of(account, clock, "callback")
    know(account)
    fault = "query" if connection.kind == "salesforce" else "tasks/search"
    requests.post(f"{url}/_sandbox/faults", json={"kind": "http_500", "count": 1, "match": fault}, timeout=5)

    comparing_kinds.compare(connection_id=connection.pk, clock=clock)

    assert Reconciliation.objects.exclude(error="").get().kind == "callback"
    assert people


@pytest.mark.slow_lane
def test_a_day_s_outage_fills_itself_in_in_order_and_within_the_quota(account: Account, clock: Clock) -> None:
    """Calls, promises, texts and fields of a day while the CRM is down; then all of it, in order, for few requests."""
    connection, url, people = account
    name, field = {"salesforce": ("Lead", "Title"), "hubspot": ("contacts", "jobtitle")}[connection.kind]
    maps(connection, name, {"ours": "call.campaign", "theirs": field})
    know(account)
    requests.post(f"{url}/_sandbox/faults", json={"kind": "http_500"}, timeout=5)
    for number in range(60):
        kept = {**PROMISE, "lead_id": number % 20}
        hear(connection, people[number % 20], call_id=number + 1, **kept)
        if number % 6 == 0:
            with transaction.atomic():
                on_text_logged(text(text_id=number + 1), NOW)
        if number % 10 == 0:
            pushing.push_due(clock=clock)
        clock.tick(1440)
    assert SyncQueueItem.objects.filter(state="done").count() == 0
    requests.delete(f"{url}/_sandbox/faults", timeout=5)

    for _ in range(30):
        pushing.push_due(clock=clock)
        clock.tick(310)

    assert set(SyncQueueItem.objects.values_list("state", flat=True)) == {"done"}
    calls = SyncQueueItem.objects.filter(kind="call")
    for ref in people[:20]:
        own = list(calls.filter(person_id=person_id(ref)).order_by("id"))
        assert [each.acknowledged_at for each in own] == sorted(
            each.acknowledged_at for each in own if each.acknowledged_at
        )
        for each in own:
            promise = SyncQueueItem.objects.get(
                kind="callback", external_call_id=each.external_call_id.replace("parley-", "parleytask-")
            )
            assert promise.acknowledged_at >= each.acknowledged_at
    assert len([ref for ref in standing(url) if ref.startswith("parley-")]) == 60
    connection.refresh_from_db()
    assert connection.api_used is not None
    assert connection.api_used < 150
    assert reconciling.reconcile(connection_id=connection.pk, clock=clock) == 0
    assert comparing_kinds.compare(connection_id=connection.pk, clock=clock) == 0
