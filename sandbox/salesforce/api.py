"""The REST API below /services/data/vNN.0/: one table of operations, for HTTP and `composite`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.salesforce import soql, soql_run
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.ids import parse_id
from sandbox.salesforce.org import Org, record_address
from sandbox.salesforce.schema import OBJECTS, ObjectType, find_object

MAX_PAGE, MIN_PAGE = 2000, 200


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call: `path` begins after the version, without a slash at either end."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    version: str = "66.0"
    locked: bool = False


@dataclass(frozen=True)
class Answer:
    """Status and JSON body; a body of None is an empty one. `text` is CSV in its place."""

    status: int
    body: Any = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Operation = Callable[..., Answer]


class Api:
    """The operations. Each takes the request and the pieces of its path; raises SalesforceError."""

    def __init__(self, org: Org, *, daily_limit: int) -> None:
        self.org, self.daily_limit = org, daily_limit
        self._used_on: tuple[str, int] = ("", 0)
        self._cursors: dict[str, list[dict[str, Any]]] = {}
        self._operations: list[tuple[str, re.Pattern[str], Operation]] = []
        self.add("GET", "limits", self._limits)
        self.add("GET", "query", self._query)
        self.add("GET", "queryAll", self._query)
        self.add("GET", r"(?:query|queryAll)/([\w-]+)", self._query_more)
        self.add("GET", "sobjects", self._describe_all)
        self.add("GET", r"sobjects/(\w+)/describe", self._describe)
        self.add("GET", r"sobjects/(\w+)/(deleted|updated)", self._changed)
        self.add("POST", r"sobjects/(\w+)", self._create)
        self.add("GET", r"sobjects/(\w+)/(?!listviews)(\w+)", self._read)
        self.add("PATCH", r"sobjects/(\w+)/(\w+)", self._update)
        self.add("DELETE", r"sobjects/(\w+)/(\w+)", self._delete)
        self.add("GET", r"sobjects/(\w+)/(?!listviews)(\w+)/([^/]+)", self._read_external)
        self.add("PATCH", r"sobjects/(\w+)/(\w+)/([^/]+)", self._upsert)

    def add(self, method: str, pattern: str, operation: Operation) -> None:
        """Add an operation; earlier ones win. Groups of the pattern become its arguments."""
        self._operations.append((method, re.compile(pattern), operation))

    def call(self, request: Request) -> Answer:
        """Find and run the operation; raises NOT_FOUND or METHOD_NOT_ALLOWED when there is none."""
        allowed = []
        for method, pattern, operation in self._operations:
            match = pattern.fullmatch(request.path)
            if match is None:
                continue
            if method == request.method:
                return operation(request, *match.groups())
            allowed.append(method)
        if allowed:
            message = (
                f"HTTP Method '{request.method}' not allowed. Allowed are {','.join(sorted(set(allowed)))}"
            )
            raise SalesforceError("METHOD_NOT_ALLOWED", message, status=405)
        raise not_found()

    def count_request(self) -> None:
        """Count one request of today; raises REQUEST_LIMIT_EXCEEDED when none is left."""
        if self.used >= self.daily_limit:
            raise SalesforceError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
        self._used_on = (self._today, self.used + 1)

    def set_used(self, used: int) -> None:
        """Say how many requests of today are used."""
        self._used_on = (self._today, used)

    @property
    def used(self) -> int:
        """Requests of today (UTC)."""
        return self._used_on[1] if self._used_on[0] == self._today else 0

    @property
    def _today(self) -> str:
        return self.org.clock.now().date().isoformat()

    def _limits(self, _: Request) -> Answer:
        remaining = self.daily_limit - self.used
        return Answer(
            200,
            {
                "DailyApiRequests": {"Max": self.daily_limit, "Remaining": remaining},
                "DataStorageMB": {"Max": 1024, "Remaining": 1000},
            },
        )

    def _query(self, request: Request) -> Answer:
        text = request.query.get("q")
        if not text:
            raise SalesforceError("MALFORMED_QUERY", "A query string has to be specified")
        deleted = request.path.lower() == "queryall"
        found = soql_run.run(self.org, soql.parse(text), deleted=deleted)
        records = found.pop("records")
        size = _page_size(request.headers.get("Sforce-Query-Options", ""))
        answer = {**found, "done": True, "records": records[:size]}
        if len(records) > size:
            cursor = f"01gHs{len(self._cursors):013d}"
            self._cursors[cursor] = records
            answer |= {"done": False, "nextRecordsUrl": _next_address(request.version, cursor, size)}
        return Answer(200, answer)

    def _query_more(self, request: Request, locator: str) -> Answer:
        cursor, _, start_text = locator.partition("-")
        if cursor not in self._cursors or not start_text.isdigit():
            raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
        records, start = self._cursors[cursor], int(start_text)
        size = _page_size(request.headers.get("Sforce-Query-Options", ""))
        end = start + size
        answer = {"totalSize": len(records), "done": end >= len(records), "records": records[start:end]}
        if end < len(records):
            answer["nextRecordsUrl"] = _next_address(request.version, cursor, end)
        return Answer(200, answer)

    def _describe_all(self, _: Request) -> Answer:
        objects = [kind.describe_briefly() for kind in OBJECTS.values()]
        return Answer(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})

    def _describe(self, _: Request, name: str) -> Answer:
        kind = object_type(name)
        fields = [item.describe() for item in self.org.fields(kind)]
        return Answer(200, {**kind.describe_briefly(), "fields": fields, "recordTypeInfos": []})

    def _create(self, request: Request, name: str) -> Answer:
        _refuse_lock(request)
        record_id = self.org.create(object_type(name), as_object(request.body))
        return Answer(201, {"id": record_id, "success": True, "errors": []})

    def _read(self, request: Request, name: str, record_id: str) -> Answer:
        kind = object_type(name)
        return Answer(200, show(kind, self.org.get(kind, record_id), request.query.get("fields")))

    def _update(self, request: Request, name: str, record_id: str) -> Answer:
        _refuse_lock(request)
        self.org.update(object_type(name), record_id, as_object(request.body))
        return Answer(204)

    def _delete(self, request: Request, name: str, record_id: str) -> Answer:
        _refuse_lock(request)
        self.org.delete(object_type(name), record_id)
        return Answer(204)

    def _read_external(self, request: Request, name: str, field_name: str, value: str) -> Answer:
        kind = object_type(name)
        found = self.org.find_by_external_id(kind, field_name, value)
        if not found:
            raise not_found()
        if len(found) > 1:
            return Answer(300, [record_address(kind.name, row["Id"]) for row in found])
        return Answer(200, show(kind, found[0], request.query.get("fields")))

    def _upsert(self, request: Request, name: str, field_name: str, value: str) -> Answer:
        _refuse_lock(request)
        kind = object_type(name)
        if field_name.lower() == "id":
            self.org.update(kind, value, as_object(request.body))
            return Answer(200, {"id": parse_id(value), "success": True, "errors": [], "created": False})
        found = self.org.find_by_external_id(kind, field_name, value)
        if len(found) > 1:
            return Answer(300, [record_address(kind.name, row["Id"]) for row in found])
        record_id, created = self.org.upsert(kind, field_name, value, as_object(request.body))
        body = {"id": record_id, "success": True, "errors": [], "created": created}
        return Answer(201 if created else 200, body)

    def _changed(self, request: Request, name: str, what: str) -> Answer:
        kind = object_type(name)
        start, end = _read_time(request.query, "start"), _read_time(request.query, "end")
        if end <= start:
            raise SalesforceError("INVALID_REPLICATION_DATE", "startDate before endDate is required")
        rows = [
            row
            for row in self.org.rows(kind.name, deleted=True)
            if start <= datetime.fromisoformat(row["SystemModstamp"]) < end
        ]
        latest = request.query["end"]
        if what == "updated":
            ids = [row["Id"] for row in rows if not row["IsDeleted"]]
            return Answer(200, {"ids": ids, "latestDateCovered": latest})
        gone = [{"id": r["Id"], "deletedDate": r["SystemModstamp"]} for r in rows if r["IsDeleted"]]
        return Answer(
            200,
            {
                "deletedRecords": gone,
                "earliestDateAvailable": self.org.earliest_date(),
                "latestDateCovered": latest,
            },
        )


def object_type(name: str) -> ObjectType:
    """Return the object of this name; raises NOT_FOUND."""
    kind = find_object(name)
    if kind is None:
        raise not_found()
    return kind


def as_object(body: Any) -> dict[str, Any]:
    """Return a JSON object; raises JSON_PARSER_ERROR for anything else."""
    if not isinstance(body, dict):
        raise SalesforceError("JSON_PARSER_ERROR", "The request body must be a JSON object")
    return body


def show(kind: ObjectType, row: Mapping[str, Any], fields: str | None = None) -> dict[str, Any]:
    """Return a record as GET shows it: all fields, or those named and separated by commas."""
    names = list(kind.fields)
    if fields:
        named = [kind.find(name.strip()) for name in fields.split(",")]
        names = [item.name for item in named if item is not None]
        if len(names) < len(named):
            raise SalesforceError("INVALID_FIELD", f"No such column on sobject of type {kind.name}: {fields}")
    attributes = {"type": kind.name, "url": record_address(kind.name, row["Id"])}
    return {"attributes": attributes, **{name: row.get(name) for name in names}}


def lock_error() -> SalesforceError:
    """Return the error of a record another process holds."""
    return SalesforceError(
        "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records", fields=[]
    )


def _refuse_lock(request: Request) -> None:
    if request.locked:
        raise lock_error()


def _page_size(options: str) -> int:
    match = re.search(r"batchSize\s*=\s*(\d+)", options, re.IGNORECASE)
    return min(MAX_PAGE, max(MIN_PAGE, int(match.group(1)))) if match else MAX_PAGE


def _next_address(version: str, cursor: str, start: int) -> str:
    return f"/services/data/v{version}/query/{cursor}-{start}"


def _read_time(query: Mapping[str, str], name: str) -> datetime:
    try:
        # an unescaped plus sign of the zone arrives as a space
        moment = datetime.fromisoformat(query[name].replace(" ", "+"))
    except (KeyError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise SalesforceError("INVALID_REPLICATION_DATE", f"{name} must be a time with its zone")
    return moment
