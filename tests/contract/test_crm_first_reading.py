"""Lists read from end to end in both stand-ins: by pages, by Bulk 2.0 jobs, and on from any page in another process."""

import json

import pytest
import requests

from campaigns.importing import RawPerson
from crm_sync.connectors import salesforce_bulk
from crm_sync.protocol import CrmConnector, CrmList, SyncError
from tests.contract.test_crm_connectors import (  # noqa: F401  # noqa: F401
    Crm,
    crm,
    hubspot_crm,
    hubspot_url,
    real,
    salesforce,
    salesforce_crm,
    salesforce_url,
)
from tests.fakes.crm import people_of_list


def chosen(connector: CrmConnector, name: str = "Autumn outreach") -> CrmList:
    """Return a list of the account."""
    return next(item for item in connector.lists() if item.name == name)


def read_broken(connector: CrmConnector, item: CrmList) -> list[RawPerson]:
    """Read a list as workers do that are killed after every page."""
    found: list[RawPerson] = []
    cursor = ""
    while True:
        page = next(connector.read_people(item, cursor), None)
        if page is None:
            return found
        found += page.people
        cursor = page.cursor


def test_a_reading_broken_off_after_each_page_finds_the_same(real: Crm) -> None:  # noqa: F811
    for item in real.connector.lists():
        assert read_broken(real.connector, item) == people_of_list(real.connector, item), item.name


def test_pages_say_how_many_there_are(real: Crm) -> None:  # noqa: F811
    item = chosen(real.connector)

    pages = list(real.connector.read_people(item, ""))

    assert {page.total for page in pages} == {item.size}
    assert sum(len(page.people) + page.left_out for page in pages) == item.size


def test_a_bulk_job_brings_the_same_people(salesforce_url: str) -> None:  # noqa: F811
    for name in ("Autumn outreach", "All Open Leads", "All Contacts", "Callable Leads"):
        few, bulk = salesforce(salesforce_url), salesforce(salesforce_url, bulk_over=20)
        item = chosen(few, name)
        waits = next(bulk.read_people(item, ""))
        assert (waits.people, waits.wait_seconds > 0) == ([], True)

        found = read_broken(bulk, item)

        assert sorted(found, key=_ref) == sorted(people_of_list(few, item), key=_ref), name


def test_a_bulk_job_that_was_aborted_or_forgotten_says_what_to_do(salesforce_url: str) -> None:  # noqa: F811
    connector = salesforce(salesforce_url, bulk_over=20)
    item = chosen(connector, "All Contacts")
    waits = next(connector.read_people(item, ""))
    job = json.loads(waits.cursor)["job"]
    address = f"{salesforce_url}/services/data/v66.0/jobs/query/{job}"
    headers = {"Authorization": f"Bearer {connector._signed_in().session_id}"}

    requests.patch(address, json={"state": "Aborted"}, headers=headers, timeout=5)
    with pytest.raises(SyncError, match="aborted the bulk query") as aborted:
        next(connector.read_people(item, waits.cursor))
    requests.delete(address, headers=headers, timeout=5)
    with pytest.raises(SyncError, match="Start the import again") as lost:
        next(connector.read_people(item, waits.cursor))

    assert {aborted.value.kind, lost.value.kind} == {"permanent"}


def test_a_bulk_result_is_read_as_a_query_would_give_it() -> None:
    text = '"Id","LastName","DoNotCall","Owner.Name","Phone"\n"003A","O""Brien,\nJr","true","Ann",""\n"003B","B","false","",""\n'

    rows = list(salesforce_bulk.read_csv(text))

    assert rows == [
        {
            "Id": "003A",
            "LastName": 'O"Brien,\nJr',
            "DoNotCall": True,
            "Owner": {"Name": "Ann"},
            "Phone": None,
        },
        {"Id": "003B", "LastName": "B", "DoNotCall": False, "Owner": {"Name": None}, "Phone": None},
    ]
    assert list(salesforce_bulk.read_csv("")) == []


def _ref(person: RawPerson) -> str:
    return person.external_ref
