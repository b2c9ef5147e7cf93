"""Writing and signing in through the real simple_salesforce library."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from sandbox import crm_common
from sandbox.clock import Clock
from sandbox.salesforce import app as salesforce_app
from sandbox.testing import run_in_thread
from tests.sandbox.salesforce_client import make_session, sign_in


@pytest.fixture
def lead_id(sf):
    return sf.query("SELECT Id FROM Lead ORDER BY Id LIMIT 1")["records"][0]["Id"]


def call(lead_id, **changes):
    return {
        "Subject": "Call: no answer",
        "TaskSubtype": "Call",
        "Status": "Completed",
        "ActivityDate": "2026-11-20",
        "WhoId": lead_id,
        "CallType": "Outbound",
        "CallDurationInSeconds": 42,
        "CallDisposition": "No answer",
        "CallObject": "call-1",
        **changes,
    }


def without_subtype(lead_id):
    return {name: value for name, value in call(lead_id).items() if name != "TaskSubtype"}


def test_client_credentials_give_a_session(salesforce_url):
    with pytest.raises(SalesforceAuthenticationFailed, match=r"invalid_client\)"):
        sign_in(salesforce_url, consumer_secret="wrong")
    with pytest.raises(SalesforceAuthenticationFailed, match=r"invalid_client_id\)"):
        sign_in(salesforce_url, consumer_key="nobody")

    answer = requests.post(
        f"{salesforce_url}/services/oauth2/token",
        data={
            "grant_type": "client_credentials",
            "client_id": "parley-sandbox",
            "client_secret": "sandbox-secret",
        },
        timeout=5,
    ).json()

    assert {"access_token", "instance_url", "id", "token_type", "issued_at"} <= set(answer)
    assert answer["instance_url"] == salesforce_url


def test_jwt_bearer_is_checked_against_the_public_key(tmp_path):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    keys = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]
    private = [
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        for key in keys
    ]
    public = tmp_path / "public.pem"
    public.write_bytes(
        keys[0]
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    who = {"username": "integration@parley.example.com.sandbox", "consumer_secret": None}
    with run_in_thread(salesforce_app.make_app(salesforce_app.Settings(public_key_file=public))) as url:
        assert (
            sign_in(url, privatekey=private[0], **who).query("SELECT Id FROM Lead LIMIT 1")["totalSize"] == 1
        )
        with pytest.raises(SalesforceAuthenticationFailed, match="invalid_grant"):
            sign_in(url, privatekey=private[1], **who)


def test_an_ended_session_is_refused_and_the_library_signs_in_again(sf, salesforce_url):
    ended = requests.post(f"{salesforce_url}/_sandbox/expire_sessions", timeout=5).json()
    refused = sf.session.get(f"{sf.base_url}limits", headers=sf.headers, timeout=5)

    assert ended == {"expired": 1}
    assert refused.status_code == 401
    assert refused.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    assert sf.Lead.describe()["name"] == "Lead"


def test_each_answer_says_how_much_of_the_day_is_used(sf):
    sf.query("SELECT Id FROM Lead LIMIT 1")

    assert sf.api_usage["api-usage"].total == 15000
    assert sf.api_usage["api-usage"].used == 1
    assert sf.limits()["DailyApiRequests"] == {"Max": 15000, "Remaining": 14998}


def test_describe_names_the_external_id(sf):
    fields = {field["name"]: field for field in sf.Task.describe()["fields"]}

    assert fields["Parley_Call_Id__c"]["externalId"]
    assert fields["Parley_Call_Id__c"]["unique"]
    assert fields["TaskSubtype"]["createable"]
    assert not fields["TaskSubtype"]["updateable"]
    assert fields["CallDisposition"]["length"] == 255
    assert {v["value"] for v in fields["CallType"]["picklistValues"]} == {"Inbound", "Outbound", "Internal"}
    assert "DoNotCall" in {field["name"] for field in sf.Lead.describe()["fields"]}


def test_a_task_is_created_and_read_back(sf, lead_id):
    made = sf.Task.create(call(lead_id, Description="Back on Monday"))

    assert made["success"]
    assert made["id"].startswith("00T")
    task = sf.Task.get(made["id"])
    assert task["WhoId"] == lead_id
    assert task["CallDurationInSeconds"] == 42
    assert task["SystemModstamp"].endswith(".000+0000")
    found = sf.query(f"SELECT Who.Name, Who.Type FROM Task WHERE WhoId = '{lead_id}'")["records"]
    assert found[0]["Who"]["Type"] == "Lead"
    assert sf.Lead.get(lead_id)["LastActivityDate"] == "2026-11-20"


def test_upsert_by_external_id_never_makes_a_second_task(sf, salesforce_url, lead_id):
    first = sf.Task.upsert("Parley_Call_Id__c/call-77", call(lead_id), raw_response=True)
    changed = {"CallDisposition": "Interested", "Description": "Wants a quote"}
    second = sf.Task.upsert("Parley_Call_Id__c/call-77", changed, raw_response=True)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert second.json()["created"] is False
    assert sf.Task.get_by_custom_id("Parley_Call_Id__c", "call-77")["CallDisposition"] == "Interested"
    listed = requests.get(f"{salesforce_url}/_sandbox/activities", timeout=5).json()["activities"]
    assert [(a["external_id"], a["who_id"], a["revisions"]) for a in listed] == [("call-77", lead_id, 2)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Nonsense": 1}, "INVALID_FIELD"),
        ({"CallDisposition": "x" * 256}, "STRING_TOO_LONG"),
        ({"WhoId": "00Qnonsense"}, "MALFORMED_ID"),
        ({"WhoId": "00QHs0000zzzzzzIAG"}, "MALFORMED_ID"),
        ({"WhoId": "00QHs0000000zzz"}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"OwnerId": "00QHs0000000001"}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"WhatId": "001Hs0000000001"}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"CallType": "Sideways"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"ActivityDate": "20.11.2026"}, "JSON_PARSER_ERROR"),
        ({"CallDurationInSeconds": "long"}, "JSON_PARSER_ERROR"),
        ({"CreatedDate": "2020-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ],
)
def test_bad_values_are_refused_with_the_vendors_code(sf, lead_id, changes, code):
    with pytest.raises(SalesforceMalformedRequest) as refused:
        sf.Task.create(call(lead_id, **changes))

    assert refused.value.content[0]["errorCode"] == code
    assert sf.query("SELECT COUNT() FROM Task")["totalSize"] == 0


def test_subtype_cannot_be_changed_and_names_are_required(sf, lead_id):
    task_id = sf.Task.create(call(lead_id))["id"]

    with pytest.raises(SalesforceMalformedRequest) as refused:
        sf.Task.update(task_id, {"TaskSubtype": "Call"})
    assert refused.value.content[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    with pytest.raises(SalesforceMalformedRequest) as refused:
        sf.Lead.create({"FirstName": "Ann"})
    assert refused.value.content[0] == {
        "message": "Required fields are missing: [LastName, Company]",
        "errorCode": "REQUIRED_FIELD_MISSING",
        "fields": ["LastName", "Company"],
    }


def test_a_second_record_with_the_same_external_id_is_refused(sf, lead_id):
    sf.Task.create(call(lead_id, Parley_Call_Id__c="call-1"))

    with pytest.raises(SalesforceMalformedRequest) as refused:
        sf.Task.create(call(lead_id, Parley_Call_Id__c="CALL-1"))

    assert refused.value.content[0]["errorCode"] == "DUPLICATE_VALUE"


def test_an_external_id_several_records_share_is_answered_300(sf):
    leads = sf.query_all("SELECT Id, Legacy_Id__c FROM Lead")["records"]
    values = [lead["Legacy_Id__c"] for lead in leads]
    shared = next(value for value in values if values.count(value) == 2)

    with pytest.raises(SalesforceMoreThanOneRecord):
        sf.Lead.upsert(f"Legacy_Id__c/{shared}", {"Title": "CEO"})


def test_deleted_and_unknown_records(sf, lead_id):
    assert sf.Lead.delete(lead_id) == 204

    with pytest.raises(SalesforceResourceNotFound) as refused:
        sf.Lead.update(lead_id, {"Title": "CEO"})
    assert refused.value.content[0]["errorCode"] == "ENTITY_IS_DELETED"
    with pytest.raises(SalesforceResourceNotFound):
        sf.Lead.get("00QHs0000000zzz")
    now = datetime.now(UTC)
    assert [
        r["id"]
        for r in sf.Lead.deleted(now - timedelta(minutes=5), now + timedelta(minutes=5))["deletedRecords"]
    ]
    assert sf.Lead.updated(now - timedelta(minutes=5), now + timedelta(minutes=5))["ids"] == []


def test_collections_answer_for_each_record(sf, lead_id):
    records = [
        {"attributes": {"type": "Task"}, "Parley_Call_Id__c": f"call-{n}", **call(lead_id)} for n in range(3)
    ]
    records[1]["CallType"] = "Sideways"
    path = "composite/sobjects/Task/Parley_Call_Id__c"

    mixed = sf.restful(path, method="PATCH", json={"allOrNone": False, "records": records})
    for record in records:
        record["Parley_Call_Id__c"] += "-again"
    undone = sf.restful(path, method="PATCH", json={"allOrNone": True, "records": records[:2]})

    assert [result["success"] for result in mixed] == [True, False, True]
    assert mixed[0]["created"] is True
    assert mixed[1]["errors"][0]["statusCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert [result["success"] for result in undone] == [False, False]
    assert undone[0]["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert sf.query("SELECT COUNT() FROM Task")["totalSize"] == 2
    with pytest.raises(SalesforceMalformedRequest):
        sf.restful(path, method="PATCH", json={"records": records[:1] * 201})


def test_composite_uses_earlier_answers(sf):
    base = "/services/data/v66.0/sobjects"
    lead = {"LastName": "Doe", "Company": "Acme"}
    answer = sf.restful(
        "composite",
        method="POST",
        json={
            "allOrNone": True,
            "compositeRequest": [
                {"method": "POST", "url": f"{base}/Lead", "referenceId": "lead", "body": lead},
                {
                    "method": "PATCH",
                    "url": f"{base}/Task/Parley_Call_Id__c/c1",
                    "referenceId": "task",
                    "body": call("@{lead.id}"),
                },
            ],
        },
    )["compositeResponse"]

    assert [part["httpStatusCode"] for part in answer] == [201, 201]
    assert sf.Task.get(answer[1]["body"]["id"])["WhoId"] == answer[0]["body"]["id"]


@pytest.mark.parametrize(
    ("kind", "error", "code", "written"),
    [
        ("http_429", SalesforceRefusedRequest, "REQUEST_LIMIT_EXCEEDED", 0),
        ("http_500", SalesforceGeneralError, "UNKNOWN_EXCEPTION", 0),
        ("http_500_after_effect", SalesforceGeneralError, "UNKNOWN_EXCEPTION", 1),
        ("lock_row", SalesforceMalformedRequest, "UNABLE_TO_LOCK_ROW", 0),
    ],
)
def test_faults_happen_as_often_as_asked(sf, salesforce_url, lead_id, kind, error, code, written):
    fault = {"kind": kind, "count": 1, "match": "sobjects/Task"}
    assert requests.post(f"{salesforce_url}/_sandbox/faults", json=fault, timeout=5).status_code == 201

    with pytest.raises(error) as refused:
        sf.Task.upsert("Parley_Call_Id__c/c1", call(lead_id))

    assert refused.value.content[0]["errorCode"] == code
    assert sf.query("SELECT COUNT() FROM Task")["totalSize"] == written
    sf.Task.upsert("Parley_Call_Id__c/c1", without_subtype(lead_id))
    assert sf.query("SELECT COUNT() FROM Task")["totalSize"] == 1


def test_a_request_without_answer_may_still_have_had_its_effect(sf, salesforce_url, lead_id):
    fault = {"kind": "timeout_after_effect", "count": 1, "match": "Parley_Call_Id__c"}
    requests.post(f"{salesforce_url}/_sandbox/faults", json=fault, timeout=5)

    with pytest.raises(requests.exceptions.Timeout):
        sf.session.patch(
            f"{sf.base_url}sobjects/Task/Parley_Call_Id__c/c1",
            json=call(lead_id),
            headers=sf.headers,
            timeout=0.3,
        )

    assert sf.query("SELECT COUNT() FROM Task")["totalSize"] == 1


def test_a_locked_row_in_a_collection_is_the_error_of_that_record(sf, salesforce_url, lead_id):
    fault = {"kind": "lock_row", "count": 1, "match": "composite/sobjects"}
    requests.post(f"{salesforce_url}/_sandbox/faults", json=fault, timeout=5)
    records = [
        {"attributes": {"type": "Task"}, **call(lead_id)},
        {"attributes": {"type": "Task"}, **call(lead_id)},
    ]

    results = sf.restful("composite/sobjects", method="POST", json={"records": records})

    assert [result["success"] for result in results] == [False, True]
    assert results[0]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"


def test_records_and_sessions_survive_a_restart(tmp_path):
    common = crm_common.Settings(data_file=tmp_path / "salesforce.sqlite3", clock=Clock(offset_seconds=86400))
    settings = salesforce_app.Settings(common=common)
    with run_in_thread(salesforce_app.make_app(settings)) as url:
        sf = sign_in(url)
        lead_id = sf.query("SELECT Id FROM Lead LIMIT 1")["records"][0]["Id"]
        sf.Task.upsert("Parley_Call_Id__c/c1", call(lead_id))
        sf.Task.upsert("Parley_Call_Id__c/c1", without_subtype(lead_id))

    with run_in_thread(salesforce_app.make_app(settings)) as url:
        sf.session.mount("https://", make_session(url).get_adapter("https://"))
        task = sf.Task.get_by_custom_id("Parley_Call_Id__c", "c1")
        assert requests.get(f"{url}/_sandbox/activities", timeout=5).json()["activities"][0]["revisions"] == 2
        assert datetime.fromisoformat(task["CreatedDate"]) > datetime.now(UTC) + timedelta(hours=23)
        requests.post(f"{url}/_sandbox/reset", timeout=5)
        assert requests.get(f"{url}/_sandbox/activities", timeout=5).json()["count"] == 0


def test_pages_show_the_record_and_its_activity(sf, salesforce_url, lead_id):
    sf.Task.create(call(lead_id, Description="<b>bold</b>", Parley_Call_Id__c="call-9"))
    lead = sf.Lead.get(lead_id)
    campaign_id = sf.query("SELECT Id FROM Campaign LIMIT 1")["records"][0]["Id"]

    home = requests.get(f"{salesforce_url}/", timeout=5)
    page = requests.get(f"{salesforce_url}/{lead_id}", timeout=5)

    assert "Sandbox Salesforce" in home.text
    assert "Autumn outreach" in home.text
    assert page.url == f"{salesforce_url}/lightning/r/Lead/{lead_id}/view"
    for text in (
        lead["Company"].replace("&", "&amp;"),
        "No answer",
        "42",
        "Outbound",
        "call-9",
        "2026-11-20",
    ):
        assert text in page.text
    assert "&lt;b&gt;bold" in page.text
    assert requests.get(f"{salesforce_url}/lightning/r/Campaign/{campaign_id}/view", timeout=5).ok
    found = requests.get(f"{salesforce_url}/", params={"q": lead["Email"]}, timeout=5)
    assert lead_id in found.text
    assert requests.get(f"{salesforce_url}/lightning/r/Lead/00Qnonsense/view", timeout=5).status_code == 404
