"""SOQL of lists, of their members, of what changed, and of who people became. `query` yields a query's pages."""

import heapq
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from crm_sync import links, mapping
from crm_sync.protocol import CrmList, SyncError

Rows = Sequence[Mapping[str, Any]]
Query = Callable[[str], Iterator[Rows]]
AT_ONCE: Final = 200  # ids in one query: its address stays below 16,000 characters


def lists(query: Query) -> list[CrmList]:
    """Return campaigns with their sizes, and list views of leads and contacts without."""
    campaigns = query(
        "SELECT Id, Name, Status, NumberOfLeads, NumberOfContacts FROM Campaign ORDER BY Name, Id"
    )
    found = [
        CrmList(
            kind="campaign",
            external_id=row["Id"],
            name=row["Name"],
            size=int(row["NumberOfLeads"] or 0) + int(row["NumberOfContacts"] or 0),
            detail=f"Campaign, {row['Status'] or 'no status'}",
        )
        for page in campaigns
        for row in page
    ]
    views = query(
        "SELECT Id, Name, SobjectType FROM ListView WHERE SobjectType IN ('Lead', 'Contact') ORDER BY Name, Id"
    )
    found += [
        CrmList(
            kind=f"{row['SobjectType'].lower()}_list_view",
            external_id=row["Id"],
            name=row["Name"],
            size=None,
            detail=f"List view of {row['SobjectType'].lower()}s",
        )
        for page in views
        for row in page
    ]
    return sorted(found, key=lambda item: (item.name.lower(), item.external_id))


def campaign_members(query: Query, campaign_id: str) -> Iterator[Sequence[str]]:
    """Yield the ids of a campaign's leads and contacts; raises SyncError for a campaign that is not there any more.

    One without members is asked for by itself, since a deleted one looks the same.
    """
    soql = f"SELECT LeadId, ContactId FROM CampaignMember WHERE CampaignId = '{campaign_id}' ORDER BY Id"  # noqa: S608 - [A-Za-z0-9]
    count = 0
    for page in query(soql):
        count += len(page)
        yield [str(row.get("ContactId") or row["LeadId"]) for row in page]
    if not count and not next(query(f"SELECT Id FROM Campaign WHERE Id = '{campaign_id}'")):  # noqa: S608
        raise SyncError("This campaign is not in Salesforce any more.", kind="gone")


def versions(call: Callable[[str, Callable[[Any], Any]], Any]) -> Sequence[str]:
    """Return the API versions the org offers. The library has no method for it."""
    answer = call(
        "reading API versions", lambda sf: sf.session.get(f"https://{sf.sf_instance}/services/data/").json()
    )
    return [str(row["version"]) for row in answer] if isinstance(answer, list) else []


def by_id(person_ids: Sequence[str], columns: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Yield object and query of leads and contacts by id, AT_ONCE a query."""
    for name in ("Lead", "Contact"):
        mine = [each for each in person_ids if links.salesforce_object(each) == name]
        for start in range(0, len(mine), AT_ONCE):
            wanted = ", ".join(f"'{each}'" for each in mine[start : start + AT_ONCE])
            yield name, f"SELECT {columns(name)} FROM {name} WHERE Id IN ({wanted}) ORDER BY Id"  # noqa: S608 - ids are [A-Za-z0-9]


def ids(query: Query, people: str) -> Iterator[Sequence[str]]:
    """Yield the ids of the records a query of people finds."""
    for page in query("SELECT Id FROM " + people.partition(" FROM ")[2]):  # noqa: S608 - a query of ours or the view's
        yield [str(row["Id"]) for row in page]


def changed(query: Query, since: datetime) -> Iterator[Sequence[tuple[str, str]]]:
    """Yield id and SystemModstamp of leads and contacts changed since, oldest change first."""
    moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def read(name: str) -> Iterator[tuple[str, str]]:
        where = f"SystemModstamp >= {moment} ORDER BY SystemModstamp, Id"
        for page in query(f"SELECT Id, SystemModstamp FROM {name} WHERE {where}"):  # noqa: S608
            yield from ((str(row["Id"]), str(row["SystemModstamp"])) for row in page)

    both = heapq.merge(read("Lead"), read("Contact"), key=lambda each: each[1])
    while page := list(itertools.islice(both, AT_ONCE)):
        yield page


def heirs(query_all: Callable[[str], Rows], person_ids: Sequence[str]) -> dict[str, str]:
    """Return who merged and converted people became. `query_all` finds the recycle bin's records too."""
    found: dict[str, str] = {}
    for name, columns in (
        ("Lead", ("ConvertedContactId", "MasterRecordId")),
        ("Contact", ("MasterRecordId",)),
    ):
        mine = [each for each in person_ids if links.salesforce_object(each) == name]
        for start in range(0, len(mine), AT_ONCE):
            wanted = ", ".join(f"'{each}'" for each in mine[start : start + AT_ONCE])
            for row in query_all(f"SELECT Id, {', '.join(columns)} FROM {name} WHERE Id IN ({wanted})"):  # noqa: S608
                heir = next((row[column] for column in columns if row.get(column)), None)
                if heir:
                    found[str(row["Id"])] = str(heir)
    return found


def logged_on(day: date) -> str:
    """Return the condition of Tasks with an id of ours of that day."""
    return f"ActivityDate = {day.isoformat()} AND {mapping.CALL_ID_FIELD} LIKE 'parley-%'"


def logged(query: Query, day: date) -> Iterator[Sequence[str]]:
    """Yield the external ids of the Tasks of that day."""
    column = mapping.CALL_ID_FIELD
    for page in query(f"SELECT {column} FROM Task WHERE {logged_on(day)} ORDER BY Id"):  # noqa: S608
        yield [str(row[column]).lower() for row in page]


def in_bin(query_all: Callable[[str], Rows], task_ids: Sequence[str]) -> set[str]:
    """Return which of the Tasks are in the recycle bin."""
    found: set[str] = set()
    for start in range(0, len(task_ids), AT_ONCE):
        wanted = ", ".join(f"'{each}'" for each in task_ids[start : start + AT_ONCE])
        rows = query_all(f"SELECT Id FROM Task WHERE IsDeleted = TRUE AND Id IN ({wanted})")  # noqa: S608
        found |= {str(row["Id"]) for row in rows}
    return found
