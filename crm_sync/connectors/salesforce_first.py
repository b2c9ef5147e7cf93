"""A Salesforce list read from end to end, however long it is, so that another process can go on after any page.

Lists of up to BULK_OVER records are read by pages of 2,000; longer ones are gathered by Bulk API 2.0 jobs, which cost a request for
each 10,000 records and whose results stay as they are for seven days.
"""

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from simple_salesforce.api import Salesforce

from campaigns.importing import RawPerson
from crm_sync.connectors import salesforce_bulk as bulk
from crm_sync.protocol import PeoplePage, SyncError

BULK_OVER: Final = 10_000
ASK_AGAIN_SECONDS: Final = 4.0
_SMALLEST_PAGE: Final = {"Sforce-Query-Options": "batchSize=200"}  # where only the sum is wanted

Part = tuple[str, str]  # object, query
ToPerson = Callable[[str, Mapping[str, Any], int], RawPerson]


@dataclasses.dataclass(frozen=True, slots=True)
class _At:
    """Where a reading stands."""

    sizes: Sequence[int]  # records of each part
    part: int = 0
    after: str = ""  # address of the next page, or locator in the job's results
    job: str = ""
    ready: bool = False  # the job has gathered its records

    def text(self) -> str:
        return json.dumps(dataclasses.asdict(self))


def read(
    call: bulk.Call, parts: Sequence[Part], person: ToPerson, cursor: str, *, bulk_over: int
) -> Iterator[PeoplePage]:
    """Yield the people of the parts (object and query) from the cursor on. Converted leads are left out."""
    at = _At(**json.loads(cursor)) if cursor else _At(sizes=[size(call, query) for _, query in parts])
    if len(at.sizes) != len(parts):
        raise SyncError(
            "The list was changed in Salesforce while it was read. Start the import again.", kind="permanent"
        )
    total = sum(at.sizes)
    while at.part < len(parts):
        name, query = parts[at.part]
        if at.sizes[at.part] > bulk_over and not at.job:
            at = dataclasses.replace(at, job=bulk.start(call, _gatherable(query)))
        if at.job and not at.ready:
            if not bulk.is_ready(call, at.job):
                yield PeoplePage([], at.text(), total, wait_seconds=ASK_AGAIN_SECONDS)
                return
            at = dataclasses.replace(at, ready=True)
        rows, after = _bulk_page(call, at) if at.job else _page(call, query, at.after)
        at = dataclasses.replace(at, after=after) if after else _At(sizes=at.sizes, part=at.part + 1)
        people = [person(name, row, 0) for row in rows if not row.get("IsConverted")]
        yield PeoplePage(people, at.text(), total, left_out=len(rows) - len(people))


def size(call: bulk.Call, query: str) -> int:
    """Return how many records a query finds."""
    soql = "SELECT Id FROM " + query.partition(" FROM ")[2]  # noqa: S608 - a query of ours, or one Salesforce gave us
    answer = call("counting records", lambda sf: sf.query(soql, headers=_SMALLEST_PAGE))
    return int(answer["totalSize"])


def _gatherable(query: str) -> str:
    """Return the query without the order its records come in: gathered without one, long lists take less time."""
    head, order, rest = query.rpartition(" ORDER BY ")
    return head if order and " LIMIT " not in rest.upper() and ")" not in rest else query


def _bulk_page(call: bulk.Call, at: _At) -> tuple[Sequence[Mapping[str, Any]], str]:
    page = bulk.results(call, at.job, at.after)
    return page.rows, page.locator


def _page(call: bulk.Call, query: str, after: str) -> tuple[Sequence[Mapping[str, Any]], str]:
    if after:
        following = partial(Salesforce.query_more, next_records_identifier=after, identifier_is_url=True)
        answer = _go_on(call, following)
    else:
        answer = call("reading records", lambda sf: sf.query(query))
    return answer["records"], "" if answer["done"] else str(answer["nextRecordsUrl"])


def _go_on(call: bulk.Call, following: Callable[[Salesforce], Any]) -> Any:
    try:
        return call("reading more records", following)
    except SyncError as error:
        if error.code == "INVALID_QUERY_LOCATOR":  # Salesforce keeps a query's pages for two days
            raise SyncError(
                "Salesforce does not know any more where reading stopped. Start the import again.",
                kind="permanent",
            ) from error
        raise
