"""Bulk API 2.0 query jobs: made, gathered, read as CSV page by page, aborted, deleted."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce import soql, soql_run
from sandbox.salesforce.api import Answer, Api, Request, as_object
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.ids import make_id
from sandbox.salesforce.org import INTEGRATION_USER_ID, write_datetime

MOST_RECORDS = 50_000  # of one page of results
ASKED_BEFORE_DONE = 1  # how often a job is in progress when asked


@dataclass
class Job:
    """One query job; its records are found when it is asked for the first time after it was made."""

    id: str
    operation: str
    query: str
    created_at: str
    state: str = "UploadComplete"
    asked: int = 0
    error: str = ""
    header: Sequence[str] = ()
    rows: list[list[str]] = field(default_factory=list)


class Bulk:
    """The operations on query jobs. Jobs live in memory: a stand-in that is started anew has forgotten them."""

    def __init__(self, api: Api) -> None:
        self._org = api.org
        self._jobs: dict[str, Job] = {}
        api.add("POST", "jobs/query", self._create)
        api.add("GET", r"jobs/query/(\w+)", self._info)
        api.add("PATCH", r"jobs/query/(\w+)", self._abort)
        api.add("DELETE", r"jobs/query/(\w+)", self._delete)
        api.add("GET", r"jobs/query/(\w+)/results", self._results)

    def _create(self, request: Request) -> Answer:
        body = as_object(request.body)
        if body.get("operation") not in ("query", "queryAll") or not isinstance(body.get("query"), str):
            raise SalesforceError("INVALIDJOB", "operation must be query or queryAll, with a query")
        parsed = soql.parse(body["query"])
        if parsed.count is not None or parsed.offset:
            raise SalesforceError("API_ERROR", "Bulk API 2.0 does not support COUNT() or OFFSET")
        soql_run.check(self._org, parsed)
        job = Job(
            id=make_id("AsyncApiJob", len(self._jobs) + 1),
            operation=body["operation"],
            query=body["query"],
            created_at=write_datetime(self._org.clock.now()),
        )
        self._jobs[job.id] = job
        return Answer(200, _shown(job))

    def _info(self, _: Request, job_id: str) -> Answer:
        job = self._find(job_id)
        if job.state in ("UploadComplete", "InProgress"):
            job.asked += 1
            job.state = "InProgress" if job.asked <= ASKED_BEFORE_DONE else self._gather(job)
        return Answer(200, {**_shown(job), "numberRecordsProcessed": len(job.rows), "retries": 0})

    def _abort(self, request: Request, job_id: str) -> Answer:
        job = self._find(job_id)
        if as_object(request.body).get("state") != "Aborted":
            raise SalesforceError("INVALIDJOBSTATE", "A query job can only be set to Aborted")
        job.state, job.rows = "Aborted", []
        return Answer(200, _shown(job))

    def _delete(self, _: Request, job_id: str) -> Answer:
        self._jobs.pop(self._find(job_id).id)
        return Answer(204)

    def _results(self, request: Request, job_id: str) -> Answer:
        job = self._find(job_id)
        if job.state != "JobComplete":
            raise SalesforceError("INVALIDJOBSTATE", f"Job is not complete: {job.state}")
        locator, size = request.query.get("locator", ""), request.query.get("maxRecords", str(MOST_RECORDS))
        if (locator and not locator.isdigit()) or not size.isdigit() or int(size) < 1:
            raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid locator or maxRecords")
        start = int(locator or 0)
        end = start + min(int(size), MOST_RECORDS)
        page = job.rows[start:end]
        headers = {
            "Sforce-NumberOfRecords": str(len(page)),
            "Sforce-Locator": str(end) if end < len(job.rows) else "null",
        }
        return Answer(200, text=_csv(job.header, page), headers=headers)

    def _find(self, job_id: str) -> Job:
        job = self._jobs.get(job_id)
        if job is None:
            raise not_found()
        return job

    def _gather(self, job: Job) -> str:
        """Find the job's records and return the state it comes to."""
        parsed = soql.parse(job.query)
        try:
            found = soql_run.run(self._org, parsed, deleted=job.operation == "queryAll")
        except SalesforceError as error:
            job.error = f"{error.code}: {error.message}"
            return "Failed"
        job.header = parsed.paths
        job.rows = [[_cell(record, path) for path in parsed.paths] for record in found["records"]]
        return "JobComplete"


def _shown(job: Job) -> dict[str, Any]:
    shown = {
        "id": job.id,
        "operation": job.operation,
        "object": soql.parse(job.query).source,
        "createdById": INTEGRATION_USER_ID,
        "createdDate": job.created_at,
        "systemModstamp": job.created_at,
        "state": job.state,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": 66.0,
        "jobType": "V2Query",
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }
    return shown | ({"errorMessage": job.error} if job.error else {})


def _cell(record: Mapping[str, Any], path: str) -> str:
    value: Any = record
    for part in path.split("."):
        value = None if value is None else value.get(part)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
