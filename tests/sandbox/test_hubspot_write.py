"""Writing through the real hubspot library."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
import requests
from hubspot import HubSpot
from hubspot.crm.objects.calls.exceptions import ApiException
from hubspot.crm.properties.exceptions import ApiException as PropertiesApiException

from sandbox import crm_common
from sandbox.clock import Clock
from sandbox.hubspot import app as hubspot_app
from sandbox.testing import run_in_thread

NO_ANSWER = "73a0d17f-1163-4015-bdd5-ec830791da20"
CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"


@pytest.fixture
def contact_id(hs):
    return hs.crm.contacts.basic_api.get_page(limit=1).results[0].id


@pytest.fixture
def unique_property(hs):
    return make_unique_property(hs)


def make_unique_property(hs):
    return hs.crm.properties.core_api.create(
        "calls",
        {
            "name": "dialer_call_id",
            "label": "Dialer call id",
            "type": "string",
            "fieldType": "text",
            "groupName": "callinformation",
            "hasUniqueValue": True,
        },
    )


def call(**changes):
    return {
        "hs_timestamp": "2026-11-20T15:00:00Z",
        "hs_call_title": "Autumn outreach",
        "hs_call_direction": "OUTBOUND",
        "hs_call_duration": "42000",
        "hs_call_status": "COMPLETED",
        "hs_call_disposition": NO_ANSWER,
        "hs_call_to_number": "+14075550123",
        **changes,
    }


def upsert(hs, call_id, **changes):
    inputs = [{"idProperty": "dialer_call_id", "id": call_id, "properties": call(**changes)}]
    return hs.crm.objects.calls.batch_api.upsert({"inputs": inputs})


def refusal(error):
    return json.loads(error.value.body)


def to_contact(contact_id):
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}]
    return {"to": {"id": contact_id}, "types": types}


def test_a_call_is_created_with_its_contact(hs, contact_id):
    made = hs.crm.objects.calls.basic_api.create(
        {"properties": call(), "associations": [to_contact(contact_id)]}
    )

    assert made.properties["hs_call_disposition"] == NO_ANSWER
    assert made.properties["hs_timestamp"] == "2026-11-20T15:00:00Z"
    links = hs.crm.associations.v4.basic_api.get_page("contacts", contact_id, "calls").results
    assert [(link.to_object_id, link.association_types[0].type_id) for link in links] == [(made.id, 193)]
    labels = hs.crm.associations.v4.schema.definitions_api.get_all("calls", "contacts").results
    assert [label.type_id for label in labels] == [194]


def test_upsert_needs_a_unique_property_which_is_not_there_at_first(hs):
    with pytest.raises(PropertiesApiException) as missing:
        hs.crm.properties.core_api.get_by_name("calls", "dialer_call_id")
    assert missing.value.status == 404
    with pytest.raises(ApiException) as refused:
        upsert(hs, "c1")
    assert refused.value.status == 400

    made = make_unique_property(hs)

    assert made.has_unique_value
    assert upsert(hs, "c1").results[0].new
    with pytest.raises(PropertiesApiException) as again:
        make_unique_property(hs)
    assert again.value.status == 409


@pytest.mark.usefixtures("unique_property")
def test_upsert_never_makes_a_second_call(hs, hubspot_url, contact_id):
    first = upsert(hs, "c1").results[0]
    hs.crm.associations.v4.batch_api.create_default(
        "calls", "contacts", {"inputs": [{"from": {"id": first.id}, "to": {"id": contact_id}}]}
    )

    second = upsert(hs, "c1", hs_call_disposition=CONNECTED, hs_call_body="Wants a quote").results[0]

    assert second.id == first.id
    assert second.new is False
    read = hs.crm.objects.calls.basic_api.get_by_id(
        "c1", id_property="dialer_call_id", properties=["hs_call_disposition", "dialer_call_id"]
    )
    assert read.properties["hs_call_disposition"] == CONNECTED
    activities = requests.get(f"{hubspot_url}/_sandbox/activities", timeout=5).json()["activities"]
    assert [(a["external_id"], a["contact_ids"], a["revisions"]) for a in activities] == [
        ("c1", [contact_id], 2)
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"hs_call_disposition": "No answer"}, "INVALID_OPTION"),
        ({"hs_call_status": "DONE"}, "INVALID_OPTION"),
        ({"hs_call_direction": "SIDEWAYS"}, "INVALID_OPTION"),
        ({"nonsense": "x"}, "PROPERTY_DOESNT_EXIST"),
        ({"hs_call_duration": "long"}, "INVALID_NUMBER"),
        ({"hs_timestamp": "yesterday"}, "INVALID_DATE"),
        ({"hs_object_id": "1"}, "READ_ONLY_VALUE"),
        ({"hubspot_owner_id": "1"}, "INVALID_OWNER_ID"),
        ({"hs_call_recording_url": "http://x.example.com"}, "INVALID_URL"),
        ({"hs_call_body": "x" * 70_000}, "PROPERTY_VALUE_TOO_LONG"),
    ],
)
def test_bad_values_are_refused_with_their_code(hs, changes, code):
    with pytest.raises(ApiException) as refused:
        hs.crm.objects.calls.basic_api.create({"properties": call(**changes)})

    assert refused.value.status == 400
    assert refusal(refused)["category"] == "VALIDATION_ERROR"
    assert refusal(refused)["errors"][0]["code"] == code
    assert hs.crm.objects.calls.basic_api.get_page().results == []


def test_a_call_needs_its_time_and_known_contacts(hs):
    with pytest.raises(ApiException) as refused:
        hs.crm.objects.calls.basic_api.create({"properties": call(hs_timestamp="")})
    assert refusal(refused)["context"] == {"properties": ["hs_timestamp"]}
    with pytest.raises(ApiException) as refused:
        hs.crm.objects.calls.basic_api.create(
            {"properties": call(), "associations": [to_contact("999999999")]}
        )
    assert refusal(refused)["context"] == {"INVALID_OBJECT_IDS": ["CONTACT=999999999"]}
    assert hs.crm.objects.calls.basic_api.get_page().results == []


@pytest.mark.usefixtures("unique_property")
def test_a_batch_is_all_or_nothing_unless_its_inputs_are_traced(hs):
    inputs = [
        {"idProperty": "dialer_call_id", "id": "c1", "properties": call()},
        {"idProperty": "dialer_call_id", "id": "c2", "properties": call(hs_call_status="DONE")},
    ]
    with pytest.raises(ApiException):
        hs.crm.objects.calls.batch_api.upsert({"inputs": inputs})
    assert hs.crm.objects.calls.basic_api.get_page().results == []

    for number, item in enumerate(inputs):
        item["objectWriteTraceId"] = f"trace-{number}"
    answer = hs.crm.objects.calls.batch_api.upsert({"inputs": inputs})

    assert [item.object_write_trace_id for item in answer.results] == ["trace-0"]
    assert answer.errors[0].context["objectWriteTraceId"] == ["trace-1"]
    with pytest.raises(ApiException):
        hs.crm.objects.calls.batch_api.upsert({"inputs": inputs * 51})


def test_a_contact_is_changed_archived_and_its_email_is_unique(hs, contact_id):
    hs.crm.contacts.basic_api.update(contact_id, {"properties": {"do_not_call": "true"}})

    read = hs.crm.contacts.basic_api.get_by_id(contact_id, properties=["do_not_call", "email"])
    assert read.properties["do_not_call"] == "true"
    assert read.updated_at > read.created_at
    with pytest.raises(Exception, match="Contact already exists") as refused:
        hs.crm.contacts.basic_api.create({"properties": {"email": read.properties["email"]}})
    assert refused.value.status == 409
    hs.crm.contacts.basic_api.archive(contact_id)
    with pytest.raises(Exception, match="Object not found"):
        hs.crm.contacts.basic_api.get_by_id(contact_id)
    assert hs.crm.contacts.basic_api.get_page(archived=True).results[0].id == contact_id


def test_tasks_notes_and_messages_are_kept(hs, contact_id):
    note = hs.crm.objects.notes.basic_api.create(
        {"properties": {"hs_timestamp": "1763740800000", "hs_note_body": "Likes mornings"}}
    )
    task = hs.crm.objects.tasks.basic_api.create(
        {
            "properties": {
                "hs_timestamp": "2026-11-23T15:00:00Z",
                "hs_task_subject": "Call back",
                "hs_task_type": "CALL",
                "hs_task_status": "NOT_STARTED",
            }
        }
    )
    message = hs.crm.objects.communications.basic_api.create(
        {
            "properties": {
                "hs_timestamp": "2026-11-23T15:00:00Z",
                "hs_communication_channel_type": "SMS",
                "hs_communication_logged_from": "CRM",
                "hs_communication_body": "See you",
            }
        }
    )

    for name, made in (("notes", note), ("tasks", task), ("communications", message)):
        hs.crm.associations.v4.basic_api.create_default(name, made.id, "contacts", contact_id)
        assert hs.crm.associations.v4.basic_api.get_page("contacts", contact_id, name).results
    assert note.properties["hs_timestamp"] == "2025-11-21T16:00:00Z"


def test_limits_are_told_and_enforced():
    with run_in_thread(hubspot_app.make_app(hubspot_app.Settings(ten_second_limit=8))) as url:
        headers = {"Authorization": "Bearer pat-na1-sandbox"}

        def get():
            return requests.get(f"{url}/crm/v3/owners", headers=headers, timeout=5)

        answers = [get() for _ in range(9)]
        searches = [
            requests.post(f"{url}/crm/v3/objects/contacts/search", json={}, headers=headers, timeout=5)
            for _ in range(6)
        ]

    assert [answer.status_code for answer in answers] == [200] * 8 + [429]
    assert answers[0].headers["X-HubSpot-RateLimit-Max"] == "8"
    assert answers[0].headers["X-HubSpot-RateLimit-Remaining"] == "7"
    assert answers[-1].json()["policyName"] == "TEN_SECONDLY_ROLLING"
    assert answers[-1].json()["errorType"] == "RATE_LIMIT"
    assert [answer.status_code for answer in searches] == [200] * 5 + [429]
    assert searches[-1].json()["policyName"] == "SECONDLY"
    assert "X-HubSpot-RateLimit-Max" not in searches[0].headers


@pytest.mark.usefixtures("unique_property")
@pytest.mark.parametrize(
    ("kind", "status", "written"),
    [
        ("http_429", 429, 0),
        ("http_500", 500, 0),
        ("http_500_after_effect", 500, 1),
        ("unauthorized", 401, 0),
        ("lock_row", 423, 0),
    ],
)
def test_faults_happen_as_often_as_asked(hs, hubspot_url, kind, status, written):
    fault = {"kind": kind, "count": 1, "match": "objects/calls"}
    assert requests.post(f"{hubspot_url}/_sandbox/faults", json=fault, timeout=5).status_code == 201

    with pytest.raises(ApiException) as refused:
        upsert(hs, "c1")

    assert refused.value.status == status
    assert requests.get(f"{hubspot_url}/_sandbox/faults", timeout=5).json()["faults"][0]["hits"] == 1
    assert len(hs.crm.objects.calls.basic_api.get_page().results) == written
    upsert(hs, "c1")
    assert len(hs.crm.objects.calls.basic_api.get_page().results) == 1
    assert requests.delete(f"{hubspot_url}/_sandbox/faults", timeout=5).status_code == 204


def test_an_unusable_fault_is_refused_with_what_to_do(hubspot_url):
    answer = requests.post(f"{hubspot_url}/_sandbox/faults", json={"kind": "earthquake"}, timeout=5)

    assert answer.status_code == 400
    assert "kind must be one of" in answer.json()["error"]


def test_answers_are_not_held_back_by_the_network(hubspot_url):
    session = requests.Session()
    session.headers["Authorization"] = "Bearer pat-na1-sandbox"
    session.get(f"{hubspot_url}/crm/v3/owners", timeout=5)

    seconds = []
    for _ in range(20):
        started = time.perf_counter()
        session.get(f"{hubspot_url}/crm/v3/owners", timeout=5)
        seconds.append(time.perf_counter() - started)

    # Nagle's algorithm with delayed acknowledgements would cost 40 ms every time; a busy machine costs it at times
    assert min(seconds) < 0.03
    session.close()


def test_records_survive_a_restart_and_reset_starts_over(tmp_path):
    common = crm_common.Settings(data_file=tmp_path / "hubspot.sqlite3", clock=Clock(offset_seconds=86400))
    settings = hubspot_app.Settings(common=common)
    with run_in_thread(hubspot_app.make_app(settings)) as url:
        hs = HubSpot(access_token="pat-na1-sandbox", host=url)
        make_unique_property(hs)
        made = upsert(hs, "c1").results[0]

    with run_in_thread(hubspot_app.make_app(settings)) as url:
        hs = HubSpot(access_token="pat-na1-sandbox", host=url)
        assert upsert(hs, "c1").results[0].id == made.id
        assert made.created_at > datetime.now(UTC) + timedelta(hours=23)
        requests.post(f"{url}/_sandbox/reset", timeout=5)
        assert requests.get(f"{url}/_sandbox/activities", timeout=5).json()["count"] == 0
        with pytest.raises(ApiException):
            upsert(hs, "c1")


@pytest.mark.usefixtures("unique_property")
def test_pages_show_the_contact_and_its_calls(hs, hubspot_url, contact_id):
    made = upsert(hs, "call-9", hs_call_body="<b>bold</b>").results[0]
    hs.crm.associations.v4.basic_api.create_default("calls", made.id, "contacts", contact_id)
    contact = hs.crm.contacts.basic_api.get_by_id(contact_id)

    home = requests.get(f"{hubspot_url}/", timeout=5).text
    page = requests.get(f"{hubspot_url}/contacts/24681012/record/0-1/{contact_id}", timeout=5).text

    assert "Sandbox HubSpot" in home
    assert "Autumn outreach" in home
    for text in (contact.properties["email"], "No answer", "42000", "OUTBOUND", "call-9", "&lt;b&gt;bold"):
        assert text in page
    assert requests.get(f"{hubspot_url}/contacts/24681012/lists/11", timeout=5).ok
    found = requests.get(f"{hubspot_url}/", params={"q": contact.properties["email"]}, timeout=5).text
    assert f"/record/0-1/{contact_id}" in found
    assert requests.get(f"{hubspot_url}/contacts/24681012/record/0-1/1", timeout=5).status_code == 404
