"""Reading through the real hubspot library."""

import pytest
import requests
from hubspot import HubSpot
from hubspot.crm.contacts import PublicObjectSearchRequest
from hubspot.crm.contacts.exceptions import ApiException, NotFoundException
from hubspot.crm.lists.exceptions import ApiException as ListsApiException

PROPERTIES = ["firstname", "lastname", "phone", "mobilephone", "state", "zip", "do_not_call", "email"]


@pytest.fixture
def everybody(hs):
    return hs.crm.contacts.get_all(properties=PROPERTIES)


def search(hs, *filters, **more):
    groups = [{"filters": list(filters)}] if filters else []
    request = PublicObjectSearchRequest(filter_groups=groups, properties=PROPERTIES, **{"limit": 200, **more})
    return hs.crm.contacts.search_api.do_search(request)


def where(name, operator, **more):
    return {"propertyName": name, "operator": operator, **more}


def test_all_600_contacts_are_listed_in_pages(everybody):
    assert len(everybody) == len({contact.id for contact in everybody}) == 600
    assert {len(contact.properties) for contact in everybody} == {11}
    assert sum(contact.properties["do_not_call"] == "true" for contact in everybody) > 10
    assert all(isinstance(v, str) for c in everybody for v in c.properties.values() if v is not None)


def test_one_contact_by_id_and_by_email_with_its_company(hs, everybody):
    contact = everybody[0]

    by_id = hs.crm.contacts.basic_api.get_by_id(contact.id, associations=["companies"], properties=["city"])
    by_email = hs.crm.contacts.basic_api.get_by_id(contact.properties["email"], id_property="email")

    assert by_email.id == by_id.id
    assert by_id.properties["city"]
    (company,) = by_id.associations["companies"].results
    assert company.type == "contact_to_company"
    assert hs.crm.companies.basic_api.get_by_id(company.id).properties["name"]
    with pytest.raises(NotFoundException):
        hs.crm.contacts.basic_api.get_by_id("999999999")


def test_lists_and_their_members(hs):
    found = hs.crm.lists.lists_api.do_search({"query": "", "count": 50, "offset": 0})
    sizes = {item.name: int(item.additional_properties["hs_list_size"]) for item in found.lists}
    assert sizes["Autumn outreach"] == 180
    assert sizes["Renewals due"] == 40
    assert sizes["Spring launch"] == 0
    assert sizes["All contacts"] == 600
    assert {item.processing_type for item in found.lists} == {"MANUAL", "DYNAMIC"}
    assert {item.object_type_id for item in found.lists} == {"0-1", "0-2"}

    everyone = next(item for item in found.lists if item.name == "All contacts")
    ids, after = [], None
    while True:
        cursor = {"after": after} if after else {}
        page = hs.crm.lists.memberships_api.get_page(everyone.list_id, limit=250, **cursor)
        ids += [member.record_id for member in page.results]
        if not page.paging:
            break
        after = page.paging.next.after
    assert len(ids) == len(set(ids)) == 600
    assert hs.crm.lists.lists_api.get_by_id(everyone.list_id).list.size == 600
    ordered = hs.crm.lists.memberships_api.get_page_ordered_by_added_to_list_date(everyone.list_id, limit=10)
    assert len(ordered.results) == 10
    with pytest.raises(ListsApiException) as refused:
        hs.crm.lists.memberships_api.get_page(everyone.list_id, limit=251)
    assert refused.value.status == 400


def test_members_are_added_and_removed(hs, everybody):
    found = hs.crm.lists.lists_api.do_search({"query": "Spring launch"})
    list_id = found.lists[0].list_id

    added = hs.crm.lists.memberships_api.add(list_id, [everybody[0].id, everybody[1].id, "999999999"])
    removed = hs.crm.lists.memberships_api.remove(list_id, [everybody[0].id])

    assert added.records_ids_added == [everybody[0].id, everybody[1].id]
    assert added.record_ids_missing == ["999999999"]
    assert removed.record_ids_removed == [everybody[0].id]
    left = hs.crm.lists.memberships_api.get_page(list_id)
    assert [member.record_id for member in left.results] == [everybody[1].id]


def test_batch_read_names_what_is_missing(hs, everybody):
    inputs = [{"id": everybody[0].id}, {"id": "999999999"}]

    answer = hs.crm.contacts.batch_api.read(
        {"inputs": inputs, "properties": ["phone"], "propertiesWithHistory": []}
    )

    assert [item.id for item in answer.results] == [everybody[0].id]
    assert answer.num_errors == 1
    assert answer.errors[0].context["ids"] == ["999999999"]


@pytest.mark.parametrize(
    ("item", "matches"),
    [
        (where("state", "EQ", value="fl"), lambda p: p["state"] == "FL"),
        (where("state", "NEQ", value="FL"), lambda p: p["state"] != "FL"),
        (where("state", "IN", values=["FL", "GA"]), lambda p: p["state"] in ("FL", "GA")),
        (where("state", "NOT_IN", values=["FL", "GA"]), lambda p: p["state"] not in ("FL", "GA")),
        (where("zip", "HAS_PROPERTY"), lambda p: p["zip"]),
        (where("zip", "NOT_HAS_PROPERTY"), lambda p: not p["zip"]),
        (where("do_not_call", "EQ", value="true"), lambda p: p["do_not_call"] == "true"),
        (where("state", "BETWEEN", value="FL", highValue="GA"), lambda p: "FL" <= p["state"] <= "GA"),
        (where("email", "CONTAINS_TOKEN", value="*@*.example.com"), lambda p: p["email"]),
        (where("firstname", "NOT_CONTAINS_TOKEN", value="a*"), lambda p: not p["firstname"].startswith("A")),
        (where("hs_object_id", "GT", value="1000000"), lambda p: False),
        (where("lastmodifieddate", "GTE", value="1000000000000"), lambda p: True),
        (where("lastmodifieddate", "LT", value="2001-01-01T00:00:00Z"), lambda p: False),
    ],
)
def test_filters_mean_what_they_say(hs, everybody, item, matches):
    found = search(hs, item)

    assert found.total == sum(bool(matches(contact.properties)) for contact in everybody)


def test_search_pages_sorts_and_looks_for_text(hs, everybody):
    first = search(hs, sorts=[{"propertyName": "hs_object_id", "direction": "DESCENDING"}])
    second = search(hs, sorts=["-hs_object_id"], after=first.paging.next.after)
    ids = sorted((int(contact.id) for contact in everybody), reverse=True)
    assert [int(c.id) for c in [*first.results, *second.results]] == ids[:400]

    email = everybody[5].properties["email"]
    assert [c.id for c in search(hs, query=email).results] == [everybody[5].id]


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"after": "9900", "limit": 200},
        {"filterGroups": [{"filters": [where("state", "EQ", value="FL")]}] * 6},
        {"filterGroups": [{"filters": [where("state", "EQ", value="FL")] * 7}]},
        {"filterGroups": [{"filters": [where("nonsense", "EQ", value="FL")]}]},
        {"filterGroups": [{"filters": [where("state", "LIKE", value="FL")]}]},
        {"filterGroups": [{"filters": [where("state", "EQ")]}]},
        {"filterGroups": [{"filters": [where("lastmodifieddate", "GT", value="yesterday")]}]},
        {"filterGroups": [{"filters": [where(["state"], "EQ", value="FL")]}]},
        {"properties": 7},
        {"sorts": ["nonsense"]},
    ],
)
def test_bad_searches_are_refused(hubspot_url, body):
    answer = requests.post(
        f"{hubspot_url}/crm/v3/objects/contacts/search",
        json=body,
        headers={"Authorization": "Bearer pat-na1-sandbox"},
        timeout=5,
    )

    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR"


def test_owners_dispositions_details_and_token(hs, hubspot_url):
    owners = hs.crm.owners.owners_api.get_page().results
    headers = {"Authorization": "Bearer pat-na1-sandbox"}

    def get(path):
        return requests.get(f"{hubspot_url}{path}", headers=headers, timeout=5).json()

    assert len(owners) == 8
    assert hs.crm.owners.owners_api.get_by_id(owners[0].id).email == owners[0].email
    labels = {item["id"]: item["label"] for item in get("/calling/v1/dispositions")}
    assert labels["73a0d17f-1163-4015-bdd5-ec830791da20"] == "No answer"
    assert len(labels) == 7
    assert get("/account-info/v3/details")["timeZone"] == "America/New_York"
    portal_id = get("/account-info/v3/details")["portalId"]
    assert hs.oauth.access_tokens_api.get("pat-na1-sandbox").hub_id == portal_id


def test_a_missing_or_wrong_token_is_refused(hubspot_url):
    answer = requests.get(f"{hubspot_url}/crm/v3/objects/contacts", timeout=5)

    assert answer.status_code == 401
    assert answer.json()["category"] == "INVALID_AUTHENTICATION"
    with pytest.raises(ApiException) as refused:
        HubSpot(access_token="wrong", host=hubspot_url).crm.contacts.basic_api.get_page()
    assert refused.value.status == 401


def test_dated_paths_mean_the_same(hubspot_url):
    headers = {"Authorization": "Bearer pat-na1-sandbox"}

    def get(path):
        answer = requests.get(f"{hubspot_url}{path}", headers=headers, timeout=5)
        assert answer.ok, answer.text
        return answer.json()

    contacts = get("/crm/objects/2026-09/contacts")["results"]
    assert contacts == get("/crm/v3/objects/contacts")["results"]
    members = get("/crm/lists/2026-09/11/memberships")["results"]
    assert members == get("/crm/v3/lists/11/memberships")["results"]
    path = f"contacts/{contacts[0]['id']}/associations/companies"
    assert get(f"/crm/objects/2026-09/{path}") == get(f"/crm/v4/objects/{path}")
    assert get("/crm/properties/2026-09/calls") == get("/crm/v3/properties/calls")
