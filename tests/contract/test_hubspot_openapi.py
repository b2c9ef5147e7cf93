"""The HubSpot stand-in's answers against HubSpot's own OpenAPI documents, for what the product calls."""

import pytest
import requests

from sandbox.hubspot import app as hubspot_app
from sandbox.testing import run_in_thread
from tests.contract.openapi import load_or_skip

BUSY = "9d9162e7-6cf3-4944-bf63-4dff82258764"
CALL = {"hs_timestamp": "2026-11-20T15:00:00Z", "hs_call_title": "Call", "hs_call_disposition": BUSY}
UNIQUE = {
    "name": "dialer_call_id",
    "label": "Dialer call id",
    "type": "string",
    "fieldType": "text",
    "groupName": "callinformation",
    "hasUniqueValue": True,
}


@pytest.fixture(scope="module")
def answer():
    """Ask the stand-in, check the answer against a document, and return it."""
    settings = hubspot_app.Settings(ten_second_limit=10_000, search_limit=1_000)
    session = requests.Session()
    session.headers["Authorization"] = "Bearer pat-na1-sandbox"
    with run_in_thread(hubspot_app.make_app(settings)) as url:

        def ask(document, method, path, body=None, *, status=200):
            specification = load_or_skip(f"hubspot_{document}.json")
            reply = session.request(method, url + path, json=body, timeout=5)
            assert reply.status_code == status, reply.text
            found = reply.json() if reply.content else None
            # without the query, which is no part of a documented path
            specification.assert_conforms(method.lower(), path.partition("?")[0], reply.status_code, found)
            return found

        yield ask
    session.close()


@pytest.fixture(scope="module")
def contact_id(answer):
    return answer("contacts_v3", "GET", "/crm/v3/objects/contacts?limit=1")["results"][0]["id"]


@pytest.fixture(scope="module")
def unique_property(answer):
    return answer("properties_v3", "POST", "/crm/v3/properties/calls", UNIQUE, status=201)


@pytest.mark.parametrize("kind", ["contacts", "companies", "calls", "communications", "notes", "tasks"])
def test_every_kind_of_record_is_created_read_changed_and_archived(answer, kind):
    properties = {"hs_timestamp": "2026-11-20T15:00:00Z"}
    if kind in ("contacts", "companies"):
        properties = {"phone": "+14075550100"}
    document, base = f"{kind}_v3", f"/crm/v3/objects/{kind}"

    made = answer(document, "POST", base, {"properties": properties}, status=201)
    one = f"{base}/{made['id']}"
    answer(document, "GET", f"{one}?associations=contacts" if kind != "contacts" else one)
    answer(document, "PATCH", one, {"properties": properties})
    answer(document, "GET", f"{base}?limit=5")
    answer(document, "POST", f"{base}/search", {"limit": 2, "sorts": ["hs_object_id"]})
    read = {"inputs": [{"id": made["id"]}], "properties": [], "propertiesWithHistory": []}
    answer(document, "POST", f"{base}/batch/read", read)
    lost = {"inputs": [{"id": "999999"}], "properties": [], "propertiesWithHistory": []}
    answer(document, "POST", f"{base}/batch/read", lost, status=207)
    answer(document, "POST", f"{base}/batch/create", {"inputs": [{"properties": properties}]}, status=201)
    inputs = [{"id": made["id"], "properties": properties}]
    answer(document, "POST", f"{base}/batch/update", {"inputs": inputs})
    answer(document, "DELETE", one, status=204)
    answer(document, "GET", one, status=404)
    answer(document, "GET", f"{base}?archived=true&limit=1")
    answer(document, "GET", f"{base}?limit=0", status=400)


def test_contacts_with_their_companies(answer, contact_id):
    found = answer("contacts_v3", "GET", f"/crm/v3/objects/contacts/{contact_id}?associations=companies")

    assert found["associations"]["companies"]["results"]


@pytest.mark.usefixtures("unique_property")
def test_upsert_of_calls(answer):
    path = "/crm/v3/objects/calls/batch/upsert"
    inputs = [{"idProperty": "dialer_call_id", "id": "c1", "properties": CALL, "objectWriteTraceId": "1"}]
    bad = {**inputs[0], "id": "c2", "properties": {**CALL, "hs_call_disposition": "Busy"}}

    answer("calls_v3", "POST", path, {"inputs": inputs})
    answer("calls_v3", "POST", path, {"inputs": [*inputs, bad]}, status=207)
    bad.pop("objectWriteTraceId")
    answer("calls_v3", "POST", path, {"inputs": [bad]}, status=400)


@pytest.mark.usefixtures("unique_property")
def test_properties(answer):
    answer("properties_v3", "GET", "/crm/v3/properties/calls")
    answer("properties_v3", "GET", "/crm/v3/properties/contacts")
    answer("properties_v3", "GET", "/crm/v3/properties/calls/dialer_call_id")
    answer("properties_v3", "GET", "/crm/v3/properties/calls/nonsense", status=404)
    answer("properties_v3", "POST", "/crm/v3/properties/calls", UNIQUE, status=409)
    answer("properties_v3", "POST", "/crm/v3/properties/calls", {}, status=400)


def test_owners(answer):
    owners = answer("owners_v3", "GET", "/crm/v3/owners/?limit=3")
    assert owners["paging"]["next"]["after"]
    answer("owners_v3", "GET", f"/crm/v3/owners/{owners['results'][0]['id']}")
    answer("owners_v3", "GET", "/crm/v3/owners/1", status=404)


def test_lists(answer, contact_id):
    lists = answer("lists_v3", "POST", "/crm/v3/lists/search", {"query": ""})["lists"]
    answer("lists_v3", "GET", "/crm/v3/lists/?listIds=11&listIds=12")
    answer("lists_v3", "GET", "/crm/v3/lists/999", status=404)
    for item in lists:
        base = f"/crm/v3/lists/{item['listId']}"
        answer("lists_v3", "GET", base)
        answer("lists_v3", "GET", f"{base}/memberships?limit=10")
        answer("lists_v3", "GET", f"{base}/memberships/join-order?limit=10")
    empty = next(item for item in lists if item["name"] == "Spring launch")
    base = f"/crm/v3/lists/{empty['listId']}/memberships"
    answer("lists_v3", "PUT", f"{base}/add", [contact_id])
    answer("lists_v3", "PUT", f"{base}/remove", [contact_id])
    active = next(item for item in lists if item["processingType"] == "DYNAMIC")
    answer("lists_v3", "PUT", f"/crm/v3/lists/{active['listId']}/memberships/add", [contact_id], status=400)


def test_associations(answer, contact_id):
    call_id = answer("calls_v3", "POST", "/crm/v3/objects/calls", {"properties": CALL}, status=201)["id"]
    between = "/crm/v4/associations/calls/contacts"
    pair = {"from": {"id": call_id}, "to": {"id": contact_id}}
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}]

    answer("associations_schema_v4", "GET", f"{between}/labels")
    answer(
        "associations_v4",
        "POST",
        f"{between}/batch/create",
        {"inputs": [{**pair, "types": types}]},
        status=201,
    )
    lost = {**pair, "to": {"id": "999999"}, "types": types}
    answer("associations_v4", "POST", f"{between}/batch/create", {"inputs": [lost]}, status=207)
    answer("associations_v4", "POST", f"{between}/batch/associate/default", {"inputs": [pair]})
    answer("associations_v4", "POST", f"{between}/batch/read", {"inputs": [{"id": call_id}]})
    answer("associations_v4", "POST", f"{between}/batch/read", {"inputs": [{"id": "999999"}]}, status=207)
    one = f"/crm/v4/objects/calls/{call_id}/associations"
    answer("associations_v4", "GET", f"{one}/contacts")
    answer("associations_v4", "PUT", f"{one}/contacts/{contact_id}", types, status=201)
    answer("associations_v4", "PUT", f"{one}/default/contacts/{contact_id}")
    answer("associations_v4", "DELETE", f"{one}/contacts/{contact_id}", status=204)


def test_token(answer):
    answer("oauth_v1", "GET", "/oauth/v1/access-tokens/pat-na1-sandbox")
    answer("oauth_v1", "GET", "/oauth/v1/access-tokens/nonsense", status=404)
