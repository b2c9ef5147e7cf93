"""Which queries can be lists of people."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync import hubspot_filters, soql

GOOD = [
    ("SELECT Id FROM Contact", "Contact", "Contact"),
    ("select id, name from lead where State = 'FL' limit 10", "Lead", "Lead where State = 'FL' limit 10"),
    (
        "SELECT Id FROM Contact c WHERE c.Account.Name LIKE 'A%'",
        "Contact",
        "Contact c WHERE c.Account.Name LIKE 'A%'",
    ),
    (
        "SELECT Id FROM Lead WHERE Id IN (SELECT LeadId FROM CampaignMember GROUP BY LeadId)",
        "Lead",
        "Lead WHERE Id IN (SELECT LeadId FROM CampaignMember GROUP BY LeadId)",
    ),
    ("SELECT Id\nFROM  Lead\nUSING SCOPE mine", "Lead", "Lead\nUSING SCOPE mine"),
    ("SELECT Id FROM Lead WHERE Name = 'x; FROM Account GROUP BY \\' HAVING'", "Lead", None),
]
BAD = [
    ("", "Enter a query"),
    ("   ", "Enter a query"),
    ("DELETE FROM Lead", "begins with SELECT, not with “DELETE”"),
    ("UPDATE Lead SET Phone = null", "Parley only reads"),
    ("FIND {Ann} IN ALL FIELDS", "begins with SELECT"),
    ("SELECT Id FROM Lead; DELETE FROM Lead", "without a semicolon"),
    ("SELECT Id", "no FROM"),
    ("SELECT FROM Lead", "names no field"),
    ("SELECT Id FROM", "FROM names nothing"),
    ("SELECT Id FROM Account", "“Account” has no people"),
    ("SELECT Id FROM CampaignMember", "FROM Lead or FROM Contact"),
    ("SELECT COUNT() FROM Lead", "fields only"),
    ("SELECT Id, (SELECT Id FROM Tasks) FROM Lead", "fields only"),
    ("SELECT TYPEOF Owner WHEN User THEN Id END FROM Lead", "TYPEOF"),
    ("SELECT State FROM Lead GROUP BY State", "GROUP BY"),
    ("SELECT Id FROM Lead HAVING Id != null", "HAVING"),
    ("SELECT Id FROM Lead LIMIT 5 OFFSET 5", "OFFSET"),
    ("SELECT Id FROM Lead ALL ROWS", "ALL ROWS"),
    ("SELECT Id FROM Lead FOR UPDATE", "FOR UPDATE"),
    ("SELECT Id FROM Lead FOR VIEW", "marks records"),
    ("SELECT Id FROM Lead LIMIT", "LIMIT needs"),
    ("SELECT Id FROM Lead LIMIT 0", "LIMIT needs"),
    ("SELECT Id FROM Lead LIMIT -1", "LIMIT needs"),
    ("SELECT Id FROM Lead WHERE Name = 'x", "quotation mark"),
    ("SELECT Id FROM Lead WHERE (Name = 'x'", "brackets"),
    ("SELECT Id FROM Lead WHERE Name = 'x')", "brackets"),
    ("SELECT Id FROM Lead WHERE Name = '" + "x" * 20_000 + "'", "20,000"),
]


@pytest.mark.parametrize(("text", "object_name", "rest"), GOOD)
def test_queries_of_people_are_kept_from_their_from_on(text: str, object_name: str, rest: str | None) -> None:
    found = soql.check(text)

    assert found.object_name == object_name
    assert rest is None or found.rest == rest


@pytest.mark.parametrize(("text", "words"), BAD)
def test_other_queries_are_refused_with_what_to_do(text: str, words: str) -> None:
    with pytest.raises(soql.BadQuery) as refused:
        soql.check(text)

    assert words in str(refused.value)


@given(st.text(alphabet=st.sampled_from(list("SELECTFROMLeadId '()\\;,=<>0x\x00é\n")), max_size=60))
def test_whatever_is_entered_is_taken_or_refused_in_words(tail: str) -> None:
    for text in (tail, "SELECT Id FROM Lead " + tail):
        with contextlib.suppress(soql.BadQuery):  # any other error fails the test
            found = soql.check(text)
            assert found.rest.startswith(found.object_name)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("City", "EQ", "x"), "internal name"),
        (("city", "LIKE", "x"), "how the property compares"),
        (("city", "EQ", " "), "compared with"),
        (("city", "HAS_PROPERTY", "x"), "takes no value"),
    ],
)
def test_conditions_hubspot_could_not_be_asked_are_refused(row: tuple[str, str, str], words: str) -> None:
    with pytest.raises(hubspot_filters.BadFilter, match=words):
        hubspot_filters.as_text([hubspot_filters.Filter(*row)])


def test_a_search_is_asked_by_rising_id_and_said_in_words() -> None:
    filters = [
        hubspot_filters.Filter("state", "IN", "FL; GA"),
        hubspot_filters.Filter("phone", "HAS_PROPERTY"),
    ]

    text = hubspot_filters.as_text(filters)

    assert hubspot_filters.read(text) == filters
    assert hubspot_filters.in_words(text) == "state is one of FL; GA and phone is known"
    body = hubspot_filters.body(text, after_id="77")
    assert body["filterGroups"][0]["filters"] == [
        {"propertyName": "state", "operator": "IN", "values": ["FL", "GA"]},
        {"propertyName": "phone", "operator": "HAS_PROPERTY"},
        {"propertyName": "hs_object_id", "operator": "GT", "value": "77"},
    ]
    for count in (0, 6):
        with pytest.raises(hubspot_filters.BadFilter, match="one to 5"):
            hubspot_filters.as_text([filters[1]] * count)
