"""Records: /crm/v3/objects/{type}, single and in batches."""

from collections.abc import Callable
from typing import Any

from sandbox.crm_store import Row
from sandbox.hubspot.api import Answer, Api, Request, batch, next_page
from sandbox.hubspot.errors import HubSpotError, invalid, not_found
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.schema import ObjectType, find_object_type

_TYPE = r"/crm/v3/objects/([\w-]+)"


class Objects:
    """The operations on records."""

    def __init__(self, api: Api) -> None:
        self._portal = api.portal
        api.add("POST", f"{_TYPE}/batch/read", self._batch_read)
        api.add("POST", f"{_TYPE}/batch/create", self._batch_create)
        api.add("POST", f"{_TYPE}/batch/update", self._batch_update)
        api.add("POST", f"{_TYPE}/batch/upsert", self._batch_upsert)
        api.add("POST", f"{_TYPE}/batch/archive", self._batch_archive)
        api.add("GET", _TYPE, self._list)
        api.add("POST", _TYPE, self._create)
        api.add("GET", rf"{_TYPE}/([^/]+)", self._get)
        api.add("PATCH", rf"{_TYPE}/([^/]+)", self._update)
        api.add("DELETE", rf"{_TYPE}/([^/]+)", self._archive)

    def _list(self, request: Request, type_name: str) -> Answer:
        kind = find_object_type(type_name)
        limit = request.number("limit", 10, at_most=100)
        after = request.text("after", "0")
        if not after.isdigit():
            raise invalid(f"Invalid cursor after: {after}")
        rows = [
            row
            for row in self._portal.records(kind, archived=request.flag("archived"))
            if int(row["id"]) > int(after)
        ]
        page = rows[:limit]
        body: dict[str, Any] = {"results": [self._show_all(kind, row, request) for row in page]}
        if len(rows) > limit:
            body["paging"] = next_page(request, page[-1]["id"])
        return Answer(200, body)

    def _get(self, request: Request, type_name: str, record_id: str) -> Answer:
        kind = find_object_type(type_name)
        if request.flag("archived"):
            row = self._portal.store.get(kind.name, record_id)
            if row is None or not row["archived"]:
                raise not_found("Object not found.  objectId are usually numeric.")
        else:
            asked = self._portal.merged.get((kind.name, record_id), record_id)
            row = self._portal.get(kind, asked, id_property=request.text("idProperty"))
        return Answer(200, self._show_all(kind, row, request))

    def _create(self, request: Request, type_name: str) -> Answer:
        kind = find_object_type(type_name)
        body = request.json_object()
        row = self._portal.create(kind, read_properties(body), body.get("associations") or ())
        return Answer(201, show(kind, row, list(read_properties(body))))

    def _update(self, request: Request, type_name: str, record_id: str) -> Answer:
        kind = find_object_type(type_name)
        row = self._portal.get(kind, record_id, id_property=request.text("idProperty"))
        properties = read_properties(request.json_object())
        return Answer(200, show(kind, self._portal.update(kind, row, properties), list(properties)))

    def _archive(self, _: Request, type_name: str, record_id: str) -> Answer:
        self._portal.archive(find_object_type(type_name), record_id)
        return Answer(204)

    def _batch_read(self, request: Request, type_name: str) -> Answer:
        kind = find_object_type(type_name)
        # What the account does not have, or has no more, is left out of the answer.
        there, id_property = self._portal.properties(kind), request.json_object().get("idProperty")
        names = [name for name in request.listed("properties") if name in there]
        results, missing = [], []
        for item in request.inputs():
            if request.flag("archived"):
                row = self._portal.store.get(kind.name, str(item.get("id", "")))
                row = row if row is not None and row["archived"] else None
            else:
                row = self._portal.find(kind, str(item.get("id", "")), id_property=id_property)
            if row is None:
                missing.append(str(item.get("id")))
            else:
                results.append(show(kind, row, names))
        message = (
            f"Could not get some {kind.singular.upper()} objects, they may be deleted or not exist."
            " Check that ids are valid."
        )
        error = HubSpotError(404, "OBJECT_NOT_FOUND", message, context={"ids": missing})
        return batch(self._portal, results, [error] if missing else [])

    def _batch_create(self, request: Request, type_name: str) -> Answer:
        kind = find_object_type(type_name)

        def create(item: dict[str, Any]) -> Row:
            properties = read_properties(item)
            row = self._portal.create(kind, properties, item.get("associations") or ())
            return show(kind, row, list(properties))

        return self._write_each(request, create, status=201)

    def _batch_update(self, request: Request, type_name: str) -> Answer:
        kind = find_object_type(type_name)

        def update(item: dict[str, Any]) -> Row:
            properties = read_properties(item)
            row = self._portal.get(kind, str(item.get("id", "")), id_property=item.get("idProperty"))
            return show(kind, self._portal.update(kind, row, properties), list(properties))

        return self._write_each(request, update)

    def _batch_upsert(self, request: Request, type_name: str) -> Answer:
        kind = find_object_type(type_name)

        def upsert(item: dict[str, Any]) -> Row:
            id_property, value = item.get("idProperty"), str(item.get("id") or "")
            if not value:
                raise invalid("Each input of an upsert needs an id")
            properties = read_properties(item)
            row = self._portal.find(kind, value, id_property=id_property)
            if row is not None:
                changed = self._portal.update(kind, row, properties)
                return show(kind, changed, list(properties)) | {"new": False}
            if not id_property or id_property == "hs_object_id":
                raise not_found(f"No {kind.singular} has the id {value}")
            made = self._portal.create(kind, {**properties, id_property: value})
            return show(kind, made, list(properties)) | {"new": True}

        return self._write_each(request, upsert)

    def _batch_archive(self, request: Request, type_name: str) -> Answer:
        kind = find_object_type(type_name)
        for item in request.inputs():
            self._portal.archive(kind, str(item.get("id", "")))
        return Answer(204)

    def _write_each(
        self, request: Request, write: Callable[[dict[str, Any]], Row], *, status: int = 200
    ) -> Answer:
        """Write all inputs or none; inputs with an objectWriteTraceId fail one by one with status 207."""
        inputs = request.inputs()
        traced = all(item.get("objectWriteTraceId") for item in inputs)
        results: list[Row] = []
        errors: list[HubSpotError] = []
        with self._portal.store.transaction():
            for index, item in enumerate(inputs):
                trace = {"objectWriteTraceId": item["objectWriteTraceId"]} if traced else {}
                try:
                    if request.locked and index == 0:
                        raise HubSpotError(423, "LOCKED", "The record is locked; try again later.")
                    results.append(write(item) | trace)
                except HubSpotError as error:
                    if not traced:
                        raise
                    context = {
                        **error.more.get("context", {}),
                        "objectWriteTraceId": [trace["objectWriteTraceId"]],
                    }
                    error.more["context"] = context
                    errors.append(error)
        return batch(self._portal, results, errors, status=status)

    def _show_all(self, kind: ObjectType, row: Row, request: Request) -> Row:
        shown = show(kind, row, request.names("properties"))
        named = request.names("associations")
        if named:
            shown["associations"] = show_associations(self._portal, kind, row, named)
        return shown


def read_properties(item: dict[str, Any]) -> dict[str, Any]:
    """Return the properties member; raises HubSpotError."""
    properties = item.get("properties")
    if not isinstance(properties, dict):
        raise invalid("Invalid input JSON: properties must be an object")
    return properties


def show(kind: ObjectType, row: Row, names: list[str]) -> Row:
    """Return a record as the API shows it: those asked for (null when empty) and a few always."""
    own = row["properties"]
    created = "createdate" if kind.name in ("contacts", "companies") else "hs_createdate"
    always = (created, kind.modified_property, "hs_object_id")
    wanted = dict.fromkeys((*always, *names)) if names else dict.fromkeys(kind.default_properties)
    shown = {
        name: row[name] for name in ("id", "createdAt", "updatedAt", "archived", "archivedAt") if name in row
    }
    return shown | {"properties": {name: own.get(name) for name in wanted}}


def show_associations(portal: Portal, kind: ObjectType, row: Row, names: list[str]) -> dict[str, Any]:
    """Return the ids of associated records by kind, as a single record's answer holds them."""
    shown = {}
    for name in names:
        target = find_object_type(name)
        label = f"{kind.singular}_to_{target.singular}"
        links = portal.associated(kind, row["id"], target)
        if links:
            shown[target.name] = {"results": [{"id": link["to_id"], "type": label} for link in links]}
    return shown
