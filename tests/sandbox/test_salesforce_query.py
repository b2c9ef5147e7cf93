"""Queries through the real simple_salesforce library."""

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest


def names(found):
    return [record["Name"] for record in found["records"]]


def test_all_600_people_are_leads_or_contacts(sf):
    leads = sf.query_all("SELECT Id, Phone, MobilePhone, DoNotCall, State, PostalCode, Owner.Name FROM Lead")
    contacts = sf.query_all("SELECT Id, Account.Name, MailingState, Phone FROM Contact")

    assert leads["totalSize"] + contacts["totalSize"] == 600
    assert all(record["Owner"]["Name"] for record in leads["records"])
    assert contacts["records"][0]["Account"]["attributes"]["type"] == "Account"
    assert sf.query("SELECT COUNT() FROM Lead")["totalSize"] == leads["totalSize"]


def test_pages_are_followed_to_the_end(sf):
    headers = {"Sforce-Query-Options": "batchSize=200"}

    first = sf.query("SELECT Id FROM Lead ORDER BY Id", headers=headers)
    everything = sf.query_all("SELECT Id FROM Lead ORDER BY Id", headers=headers)

    assert len(first["records"]) == 200
    assert first["done"] is False
    ids = [record["Id"] for record in everything["records"]]
    assert len(ids) == first["totalSize"] == len(set(ids))


def test_members_of_a_campaign_with_their_people(sf):
    (campaign,) = sf.query(
        "SELECT Id, NumberOfLeads, NumberOfContacts FROM Campaign WHERE Name = 'Autumn outreach'"
    )["records"]

    members = sf.query_all(
        "SELECT LeadId, ContactId, Lead.Phone, Contact.Phone, Contact.Account.Name, HasResponded, Status"
        f" FROM CampaignMember WHERE CampaignId = '{campaign['Id']}' ORDER BY Id"
    )["records"]

    assert len(members) == 180 == campaign["NumberOfLeads"] + campaign["NumberOfContacts"]
    assert {bool(m["LeadId"]) for m in members} == {True, False}
    contact = next(m for m in members if m["ContactId"])
    assert contact["Lead"] is None
    assert contact["Contact"]["Account"]["Name"]
    members_of = f"SELECT LeadId FROM CampaignMember WHERE CampaignId = '{campaign['Id']}'"
    joined = sf.query(f"SELECT COUNT() FROM Lead WHERE Id IN ({members_of})")
    assert joined["totalSize"] == campaign["NumberOfLeads"]


@pytest.mark.parametrize(
    ("where", "matches"),
    [
        ("State = 'fl'", lambda lead: lead["State"] == "FL"),
        ("State != 'FL'", lambda lead: lead["State"] != "FL"),
        ("State IN ('FL', 'GA')", lambda lead: lead["State"] in ("FL", "GA")),
        ("State NOT IN ('FL', 'GA')", lambda lead: lead["State"] not in ("FL", "GA")),
        ("PostalCode = null", lambda lead: lead["PostalCode"] is None),
        ("PostalCode != NULL AND DoNotCall = true", lambda lead: lead["PostalCode"] and lead["DoNotCall"]),
        ("Name LIKE 'a%'", lambda lead: lead["Name"].lower().startswith("a")),
        ("Company LIKE '%\\% %'", lambda lead: "% " in lead["Company"]),
        ("LastName = 'O\\'Brien'", lambda lead: lead["Name"].endswith("O'Brien")),
        ("NOT (State = 'FL' OR State = 'GA')", lambda lead: lead["State"] not in ("FL", "GA")),
        (
            "(State = 'FL' OR State = 'GA') AND NOT DoNotCall = true",
            lambda lead: lead["State"] in ("FL", "GA") and not lead["DoNotCall"],
        ),
        ("State > 'TX'", lambda lead: lead["State"] > "TX"),
        ("CreatedDate < TODAY", lambda lead: True),
        ("CreatedDate = LAST_N_DAYS:1", lambda lead: False),
        ("SystemModstamp >= 2000-01-01T00:00:00Z", lambda lead: True),
        ("SystemModstamp < 2000-01-01T00:00:00.000+00:00", lambda lead: False),
        ("Owner.Name != null", lambda lead: True),
    ],
)
def test_conditions_mean_what_soql_says(sf, where, matches):
    fields = "SELECT Id, Name, Company, State, PostalCode, DoNotCall FROM Lead"
    everybody = sf.query_all(fields)["records"]

    found = sf.query_all(f"{fields} WHERE {where}")["records"]

    assert {r["Id"] for r in found} == {r["Id"] for r in everybody if matches(r)}


def test_order_limit_and_offset(sf):
    ordered = names(sf.query("SELECT Name FROM Lead ORDER BY LastName DESC NULLS LAST, Id ASC LIMIT 10"))

    assert names(sf.query("SELECT Name FROM Lead ORDER BY LastName DESC, Id LIMIT 5 OFFSET 5")) == ordered[5:]
    phones = sf.query("SELECT Phone FROM Lead ORDER BY Phone NULLS LAST")["records"]
    assert phones[0]["Phone"] is not None
    assert phones[-1]["Phone"] is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT FROM Lead", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE State = FL", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE State = 'FL' AND Name = 'x' OR Name = 'y'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead LIMIT many", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead; DELETE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE CreatedDate = LAST_N_DAYS:99999999999", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE CreatedDate < 2020-13-41T99:00:00Z", "MALFORMED_QUERY"),
        ("SELECT Id, Nonsense FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Nonsense = 1", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE DoNotCall = 'true'", "INVALID_FIELD"),
        ("SELECT Id, Boss.Name FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Nonsense", "INVALID_TYPE"),
        ("SELECT Id FROM Lead WHERE Id = '00Q'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Lead WHERE Description = 'x'", "INVALID_FIELD"),
    ],
)
def test_bad_queries_are_refused_with_the_vendors_code(sf, text, code):
    with pytest.raises(SalesforceMalformedRequest) as refused:
        sf.query(text)

    assert refused.value.content[0]["errorCode"] == code


def test_deleted_records_are_found_by_query_all_only(sf):
    record_id = sf.query("SELECT Id FROM Lead LIMIT 1")["records"][0]["Id"]
    sf.Lead.delete(record_id)

    assert sf.query(f"SELECT COUNT() FROM Lead WHERE Id = '{record_id}'")["totalSize"] == 0
    found = sf.query(f"SELECT Id, IsDeleted FROM Lead WHERE Id = '{record_id}'", include_deleted=True)[
        "records"
    ]
    assert [r["IsDeleted"] for r in found] == [True]


def test_list_views_say_their_query_and_results(sf):
    views = sf.restful("sobjects/Lead/listviews")["listviews"]
    assert len(views) == 4
    assert sf.restful("sobjects/Contact/listviews")["size"] == 2

    for view in views:
        described = sf.restful(f"sobjects/Lead/listviews/{view['id']}/describe")
        found = sf.query_all(described["query"])
        shown = sf.restful(f"sobjects/Lead/listviews/{view['id']}/results", params={"limit": 2000})
        assert 0 < found["totalSize"] == shown["size"]
