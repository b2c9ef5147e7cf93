"""Reports, SOQL queries and HubSpot searches as lists, from both stand-ins."""

import pytest

from core.errors import AppError
from core.models import AuditEvent
from crm_sync import hubspot_filters
from crm_sync.connectors import salesforce_reports
from crm_sync.models import CrmQuery, ListPull
from crm_sync.protocol import CrmList, SyncError
from crm_sync.services import live, pulling, querying
from sandbox.hubspot import search
from tests.contract.test_crm_connectors import hubspot, hubspot_url, salesforce, salesforce_url  # noqa: F401
from tests.contract.test_crm_first_reading import read_broken
from tests.contract.test_crm_mishaps import Account
from tests.fakes.crm import people_of_list
from tests.integration.crm_sync.conftest import Clock

GOOD = {
    "salesforce": "SELECT Id FROM Lead WHERE State = 'FL' ORDER BY LastName LIMIT 12",
    "hubspot": hubspot_filters.as_text([hubspot_filters.Filter("state", "EQ", "FL")]),
}
BAD = {
    "salesforce": ("SELECT Id FROM Lead WHERE Nonsense__c = 1", "No such column 'Nonsense__c'"),
    "hubspot": (hubspot_filters.as_text([hubspot_filters.Filter("nonsense", "EQ", "1")]), "nonsense"),
}


def test_a_report_is_read_by_the_people_its_rows_name(salesforce_url: str) -> None:  # noqa: F811
    connector = salesforce(salesforce_url)
    report = next(item for item in connector.lists() if item.name == "Leads in Florida with a phone")
    query = CrmList(
        "soql", "", "", None, query="SELECT Id FROM Lead WHERE State = 'FL' AND Phone != null ORDER BY Id"
    )

    people = people_of_list(connector, report)

    assert people == people_of_list(connector, query)
    assert people == read_broken(connector, report)
    on_it = {each for page in connector.member_ids(report) for each in page}
    assert {person.external_ref.rpartition(":")[2] for person in people} <= on_it


def test_a_query_with_a_limit_brings_that_many(salesforce_url: str) -> None:  # noqa: F811
    connector = salesforce(salesforce_url, bulk_over=5)
    query = CrmList("soql", "", "", None, query=GOOD["salesforce"])

    pages = [connector.count_people(query), sum(len(page) for page in connector.member_ids(query))]

    assert pages == [12, 12]
    people = read_broken(connector, query)
    assert {person.state for person in people} == {"FL"}


def test_a_search_finds_more_than_one_search_shows(
    hubspot_url: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "MAX_RESULTS", 200)  # the stand-in's own limit
    connector = hubspot(hubspot_url)
    text = hubspot_filters.as_text([hubspot_filters.Filter("firstname", "HAS_PROPERTY")])
    found = CrmList("search", "", "", None, query=text)

    people = read_broken(connector, found)

    assert len(people) == connector.count_people(found) > 200
    assert len({person.external_ref for person in people}) == len(people)
    assert sum(len(page) for page in connector.member_ids(found)) == len(people)


@pytest.mark.django_db(transaction=True)
def test_a_query_is_tried_kept_listed_followed_and_removed(account: Account, clock: Clock) -> None:
    connection, _, _ = account
    given = {"connection_id": connection.id, "by_id": None, "by_name": "mia", "clock": clock}
    bad, words = BAD[connection.kind]
    with pytest.raises(querying.QueryRefused, match=words):
        querying.save_query(name="Wrong", text=bad, **given)  # type: ignore[arg-type]  # by name
    assert not CrmQuery.objects.exists()

    kept = querying.save_query(name="Florida", text=GOOD[connection.kind], **given)  # type: ignore[arg-type]  # by name

    assert kept.count > 5
    listed = next(
        item for item in pulling.list_crm_lists(connection_id=connection.id, clock=clock) if item.query
    )
    assert (listed.kind, listed.external_id, listed.name) == (kept.kind, str(kept.id), "Florida")
    with pytest.raises(querying.QueryRefused, match="choose another name"):
        querying.save_query(name="Florida", text=GOOD[connection.kind], **given)  # type: ignore[arg-type]  # by name
    live_id = live.follow(
        connection_id=connection.id, list_kind=kept.kind, list_id=str(kept.id), list_name="Florida",
        lead_list_name="Florida", by_id=None, by_name="mia", now=clock(),
    )  # fmt: skip
    live.poll_due(clock=clock)
    pulling.import_list(import_id=ListPull.objects.get().import_id, clock=clock)
    assert (ListPull.objects.get().state, ListPull.objects.get().last_error) == ("done", "")
    removing = {"connection_id": connection.id, "query_id": kept.id, "by_name": "mia", "now": clock()}
    with pytest.raises(querying.QueryRefused, match="stop following"):
        querying.remove_query(**removing)  # type: ignore[arg-type]  # by name
    live.stop(live_list_id=live_id, by_name="mia", now=clock())
    querying.remove_query(**removing)  # type: ignore[arg-type]  # by name
    assert AuditEvent.objects.filter(verb__startswith="crm_sync.query.").count() == 2
    with pytest.raises(AppError, match="not kept here any more"):
        pulling.check_list(connection.id, kept.kind, str(kept.id))


def test_a_report_that_is_gone_says_so(salesforce_url: str) -> None:  # noqa: F811
    with pytest.raises(SyncError, match="NOT_FOUND"):
        people_of_list(salesforce(salesforce_url), CrmList("report", "00OHs0000000999", "", None))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"allData": False}, "more than 2,000 rows"),
        ({"hasDetailRows": False}, "sums only"),
        (
            {"factMap": {"T!T": {"rows": [{"dataCells": [{"label": "Acme", "value": "001Hs000000001"}]}]}}},
            "Lead ID",
        ),
    ],
)
def test_a_report_that_can_be_no_list_says_what_to_do(values: dict[str, object], words: str) -> None:
    answer = {"allData": True, "hasDetailRows": True, "factMap": {}, **values}

    with pytest.raises(SyncError, match=words) as refused:
        salesforce_reports.person_ids(lambda _, __: answer, "00O")

    assert refused.value.kind == "config"
