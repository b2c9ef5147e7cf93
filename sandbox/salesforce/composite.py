"""Many records or calls in one request: `composite/sobjects` and `composite`."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.crm_store import Store
from sandbox.salesforce.api import Answer, Api, Request, as_object, lock_error, object_type, show
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.ids import OBJECT_BY_PREFIX

MAX_RECORDS, MAX_SUBREQUESTS = 200, 25
_REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")


class _TakenBackError(Exception):
    """Ends a transaction of which nothing shall stay."""


class Composite:
    """The composite operations, on top of the single ones."""

    def __init__(self, api: Api, store: Store) -> None:
        self._api, self._org, self._store = api, api.org, store
        api.add("POST", "composite/sobjects", self._create)
        api.add("PATCH", "composite/sobjects", self._update)
        api.add("DELETE", "composite/sobjects", self._delete)
        api.add("PATCH", r"composite/sobjects/(\w+)/(\w+)", self._upsert)
        api.add("POST", r"composite/sobjects/(\w+)", self._read)
        api.add("POST", "composite", self._composite)

    def _create(self, request: Request) -> Answer:
        def create(record: dict[str, Any]) -> dict[str, Any]:
            return {"id": self._org.create(_type_of(record), record), "success": True, "errors": []}

        return self._each(request, _records(request.body), create)

    def _update(self, request: Request) -> Answer:
        def update(record: dict[str, Any]) -> dict[str, Any]:
            values = {name: value for name, value in record.items() if name.lower() != "id"}
            record_id = next((value for name, value in record.items() if name.lower() == "id"), None)
            if not record_id:
                raise SalesforceError("MISSING_ARGUMENT", "Id not specified in an update call", fields=[])
            self._org.update(_type_of(record), record_id, values)
            return {"id": record_id, "success": True, "errors": []}

        return self._each(request, _records(request.body), update)

    def _delete(self, request: Request) -> Answer:
        ids = [part for part in request.query.get("ids", "").split(",") if part]
        _check_count(len(ids))

        def delete(record: dict[str, Any]) -> dict[str, Any]:
            self._org.delete(object_type(_object_of(record["id"])), record["id"])
            return {"id": record["id"], "success": True, "errors": []}

        body = {"allOrNone": request.query.get("allOrNone") == "true"}
        return self._each(request, [{"id": text} for text in ids], delete, options=body)

    def _upsert(self, request: Request, name: str, field_name: str) -> Answer:
        kind = object_type(name)
        self._org.find_by_external_id(kind, field_name, "")

        def upsert(record: dict[str, Any]) -> dict[str, Any]:
            if _type_of(record) is not kind:
                raise SalesforceError("INVALID_TYPE", f"record is not of type {kind.name}", fields=[])
            value = next((v for n, v in record.items() if n.lower() == field_name.lower()), None)
            if not value:
                raise SalesforceError("MISSING_ARGUMENT", f"{field_name} not specified", fields=[field_name])
            values = {n: v for n, v in record.items() if n.lower() != field_name.lower()}
            record_id, created = self._org.upsert(kind, field_name, str(value), values)
            return {"id": record_id, "success": True, "errors": [], "created": created}

        return self._each(request, _records(request.body), upsert)

    def _read(self, request: Request, name: str) -> Answer:
        kind, body = object_type(name), as_object(request.body)
        ids, names = body.get("ids"), body.get("fields")
        if not isinstance(ids, list) or not isinstance(names, list):
            raise SalesforceError("JSON_PARSER_ERROR", "ids and fields must be lists")
        _check_count(len(ids))
        fields = ",".join(str(name) for name in names)
        found = [self._org.find(kind.name, record_id) for record_id in ids]
        return Answer(200, [None if row is None else show(kind, row, fields) for row in found])

    def _each(
        self,
        request: Request,
        records: list[dict[str, Any]],
        write: Callable[[dict[str, Any]], dict[str, Any]],
        *,
        options: dict[str, Any] | None = None,
    ) -> Answer:
        """Write each record on its own; with allOrNone, one refusal takes all of them back."""
        all_or_none = bool((options or as_object(request.body)).get("allOrNone"))
        results: list[dict[str, Any]] = []
        try:
            with self._store.transaction():
                for index, record in enumerate(records):
                    results.append(_result(write, record, locked=request.locked and index == 0))
                if all_or_none and not all(result["success"] for result in results):
                    raise _TakenBackError
        except _TakenBackError:
            results = [_taken_back(result) if result["success"] else result for result in results]
        return Answer(200, results)

    def _composite(self, request: Request) -> Answer:
        body = as_object(request.body)
        calls = body.get("compositeRequest")
        if not isinstance(calls, list) or not 1 <= len(calls) <= MAX_SUBREQUESTS:
            message = f"compositeRequest must be a list of 1 to {MAX_SUBREQUESTS} subrequests"
            raise SalesforceError("LIMIT_EXCEEDED", message)
        answers: list[dict[str, Any]] = []
        try:
            with self._store.transaction():
                bodies: dict[str, Any] = {}
                for call in calls:
                    answers.append(self._subrequest(request, as_object(call), bodies))
                    if body.get("allOrNone") and answers[-1]["httpStatusCode"] >= 300:
                        raise _TakenBackError
        except _TakenBackError:
            answers = [
                _halted(call, answers[i] if i == len(answers) - 1 else None) for i, call in enumerate(calls)
            ]
        return Answer(200, {"compositeResponse": answers})

    def _subrequest(self, outer: Request, call: dict[str, Any], bodies: dict[str, Any]) -> dict[str, Any]:
        reference = str(call.get("referenceId", ""))
        try:
            address = urlsplit(_fill(str(call.get("url", "")), bodies))
            match = re.fullmatch(r"/services/data/v(\d+\.\d)/(.+?)/?", unquote(address.path))
            if match is None or match.group(2).startswith("composite"):
                raise SalesforceError("NOT_FOUND", "The requested resource does not exist", status=404)
            answer = self._api.call(
                Request(
                    method=str(call.get("method", "GET")).upper(),
                    path=match.group(2),
                    query=dict(parse_qsl(address.query)),
                    body=_fill(call.get("body"), bodies),
                    headers=outer.headers,
                    version=match.group(1),
                )
            )
        except SalesforceError as error:
            answer = Answer(error.status, error.as_rest())
        if answer.status < 300:
            bodies[reference] = answer.body
        return {
            "body": answer.body,
            "httpHeaders": {},
            "httpStatusCode": answer.status,
            "referenceId": reference,
        }


def _records(body: Any) -> list[dict[str, Any]]:
    records = as_object(body).get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise SalesforceError("JSON_PARSER_ERROR", "records must be a list of objects")
    _check_count(len(records))
    return records


def _check_count(count: int) -> None:
    if count > MAX_RECORDS:
        message = f"The request cannot contain more than {MAX_RECORDS} records: {count}"
        raise SalesforceError("EXCEEDED_ID_LIMIT", message)


def _type_of(record: dict[str, Any]) -> Any:
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not name:
        raise SalesforceError("INVALID_TYPE", "attributes.type is missing", fields=[])
    return object_type(str(name))


def _object_of(record_id: str) -> str:
    return OBJECT_BY_PREFIX.get(record_id[:3], "")


def _result(
    write: Callable[[dict[str, Any]], dict[str, Any]], record: dict[str, Any], *, locked: bool
) -> dict[str, Any]:
    try:
        if locked:
            raise lock_error()
        return write(record)
    except SalesforceError as error:
        return {"success": False, "errors": [error.as_result()]}


def _taken_back(result: dict[str, Any]) -> dict[str, Any]:
    error = SalesforceError(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid and the request was using AllOrNone header",
    )
    return {"id": result.get("id"), "success": False, "errors": [error.as_result()]}


def _halted(call: dict[str, Any], answer: dict[str, Any] | None) -> dict[str, Any]:
    if answer is not None:
        return answer
    error = SalesforceError(
        "PROCESSING_HALTED", "The transaction was rolled back since another operation in it failed."
    )
    reference = str(call.get("referenceId", ""))
    return {"body": error.as_rest(), "httpHeaders": {}, "httpStatusCode": 400, "referenceId": reference}


def _fill(value: Any, bodies: dict[str, Any]) -> Any:
    """Replace `@{reference.member[0]}` in texts by what an earlier subrequest answered."""
    if isinstance(value, dict):
        return {name: _fill(item, bodies) for name, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, bodies) for item in value]
    return (
        _REFERENCE.sub(lambda match: str(_look_up(match, bodies)), value) if isinstance(value, str) else value
    )


def _look_up(match: re.Match[str], bodies: dict[str, Any]) -> Any:
    try:
        found = bodies[match.group(1)]
        for step in re.findall(r"\w+", match.group(2)):
            found = found[int(step)] if isinstance(found, list) else found[step]
    except (KeyError, IndexError, ValueError, TypeError):
        message = f"Invalid reference specified. No value for {match.group(0)[2:-1]} found"
        raise SalesforceError("PROCESSING_HALTED", message) from None
    return found
