"""Salesforce's Bulk API 2.0, reading: jobs that gather a query's records, and their results as CSV, page by page.

The library's own reading of a job waits in a loop and in its thread; here a job is asked about once, and somebody comes back.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from simple_salesforce.api import Salesforce
from simple_salesforce.bulk2 import Operation, _Bulk2Client

from crm_sync.connectors import errors
from crm_sync.protocol import SyncError

Call = Callable[[str, Callable[[Salesforce], Any]], Any]
PAGE: Final = 10_000  # records of one answer: 2 to 3 MB
_BOOLEANS: Final = ("DoNotCall", "IsConverted")
_LOST: Final = (
    "Salesforce has no result of the reading any more (it keeps them for seven days). Start the import again."
)


@dataclass(frozen=True, slots=True)
class Results:
    """A page of a job's records; `locator` is empty on the last one."""

    rows: Sequence[Mapping[str, Any]]
    locator: str


def start(call: Call, soql: str) -> str:
    """Have Salesforce gather the records of a query; return the job's id."""
    made = call("starting a bulk query", lambda sf: _client(sf).create_job(Operation.query, query=soql))
    return str(made["id"])


def is_ready(call: Call, job_id: str) -> bool:
    """Return whether the records can be read; raises SyncError for a job that failed or was aborted."""
    try:
        job = call("asking for a bulk query", lambda sf: _client(sf).get_job(job_id, is_query=True))
    except SyncError as error:
        if error.code == "NOT_FOUND":
            raise SyncError(_LOST, kind="permanent", code="NOT_FOUND") from error
        raise
    state = str(job["state"])
    if state == "Aborted":
        raise SyncError(
            "Somebody aborted the bulk query in Salesforce (Setup, Bulk Data Load Jobs). Start the import again.",
            kind="permanent",
        )
    if state == "Failed":
        said = str(job.get("errorMessage") or "no reason")
        kind, advice = errors.salesforce(said.partition(":")[0].strip(), 0)
        raise SyncError(f"Salesforce could not gather the records: {said[:300]}. {advice}", kind=kind)
    return state == "JobComplete"


def results(call: Call, job_id: str, locator: str) -> Results:
    """Return the page of records a locator leads to; "" is the first one."""
    page = call(
        "reading the results of a bulk query",
        lambda sf: _client(sf).get_query_results(job_id, locator, PAGE),
    )
    return Results(rows=list(read_csv(page["records"])), locator=str(page["locator"]))


def read_csv(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield the records of a result as a query would give them: related fields nested, empty ones None."""
    lines = csv.reader(io.StringIO(text, newline=""))
    header = next(lines, [])
    paths = [name.split(".") for name in header]
    for values in lines:
        row: dict[str, Any] = {}
        for path, value in zip(paths, values, strict=True):
            _put(row, path, value == "true" if path[-1] in _BOOLEANS else value or None)
        yield row


def _put(row: dict[str, Any], path: Sequence[str], value: Any) -> None:
    *relations, name = path
    for relation in relations:
        row = row.setdefault(relation, {})
    row[name] = value


def _client(sf: Salesforce) -> Any:
    headers = {"Authorization": f"Bearer {sf.session_id}", "X-PrettyPrint": "1"}
    return _Bulk2Client("", sf.bulk2_url, headers, sf.session)
