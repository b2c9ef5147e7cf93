"""Links between records: /crm/v4/associations and /crm/v4/objects/{type}/{id}/associations."""

from typing import Any

from sandbox.crm_store import Row
from sandbox.hubspot.api import Answer, Api, Request, batch
from sandbox.hubspot.errors import HubSpotError, invalid
from sandbox.hubspot.schema import ObjectType, association_type_ids, find_object_type

_BETWEEN = r"/crm/v4/associations/([\w-]+)/([\w-]+)"
_RECORD = r"/crm/v4/objects/([\w-]+)/([^/]+)/associations"
MAX_WRITES, MAX_READS = 2000, 1000


class Associations:
    """The operations on links. Every link has a mirror of its own type in the other direction."""

    def __init__(self, api: Api) -> None:
        self._portal = api.portal
        api.add("GET", f"{_BETWEEN}/labels", self._labels)
        api.add("POST", f"{_BETWEEN}/batch/create", self._batch_create)
        api.add("POST", f"{_BETWEEN}/batch/associate/default", self._batch_default)
        api.add("POST", f"{_BETWEEN}/batch/read", self._batch_read)
        api.add("GET", rf"{_RECORD}/([\w-]+)", self._list)
        api.add("PUT", rf"{_RECORD}/default/([\w-]+)/([^/]+)", self._put_default)
        api.add("PUT", rf"{_RECORD}/([\w-]+)/([^/]+)", self._put)
        api.add("DELETE", rf"{_RECORD}/([\w-]+)/([^/]+)", self._delete)

    def _labels(self, _: Request, source: str, target: str) -> Answer:
        known = association_type_ids(find_object_type(source), find_object_type(target))
        return Answer(200, {"results": [_spec(type_id, label) for type_id, label in known.items()]})

    def _list(self, _: Request, source_name: str, source_id: str, target_name: str) -> Answer:
        source, target = find_object_type(source_name), find_object_type(target_name)
        self._portal.get(source, source_id)
        links = self._portal.associated(source, source_id, target)
        return Answer(200, {"results": [_show_link(source, target, link) for link in links]})

    def _put(self, request: Request, source: str, source_id: str, target: str, target_id: str) -> Answer:
        if not isinstance(request.body, list):
            raise invalid("Invalid input JSON: a list of association types is expected")
        return Answer(201, self._write(source, source_id, target, target_id, request.body))

    def _put_default(self, _: Request, source: str, source_id: str, target: str, target_id: str) -> Answer:
        pairs = [(source_id, target_id)]
        return batch(self._portal, self._write_default(source, target, pairs))

    def _delete(self, _: Request, source: str, source_id: str, target: str, target_id: str) -> Answer:
        self._portal.dissociate(find_object_type(source), source_id, find_object_type(target), target_id)
        return Answer(204)

    def _batch_create(self, request: Request, source: str, target: str) -> Answer:
        written, errors = [], []
        for item in request.inputs(at_most=MAX_WRITES):
            try:
                written.append(
                    self._write(source, _id(item, "from"), target, _id(item, "to"), item.get("types"))
                )
            except HubSpotError as error:
                errors.append(error)
        return batch(self._portal, written, errors, status=201)

    def _batch_default(self, request: Request, source: str, target: str) -> Answer:
        pairs = [(_id(item, "from"), _id(item, "to")) for item in request.inputs(at_most=MAX_WRITES)]
        return batch(self._portal, self._write_default(source, target, pairs))

    def _batch_read(self, request: Request, source_name: str, target_name: str) -> Answer:
        source, target = find_object_type(source_name), find_object_type(target_name)
        results, missing = [], []
        for item in request.inputs(at_most=MAX_READS):
            source_id = str(item.get("id", ""))
            links = self._portal.associated(source, source_id, target)
            if links:
                shown = [_show_link(source, target, link) for link in links]
                results.append({"from": {"id": source_id}, "to": shown})
            else:
                missing.append(source_id)
        errors = [
            HubSpotError(
                404,
                "OBJECT_NOT_FOUND",
                f"No {target.singular} is associated with {source.singular} {source_id}.",
                context={"fromObjectId": [source_id], "fromObjectType": [source.singular]},
                subCategory="crm.associations.NO_ASSOCIATIONS_FOUND",
            )
            for source_id in missing
        ]
        return batch(self._portal, results, errors)

    def _write(self, source_name: str, source_id: str, target_name: str, target_id: str, types: Any) -> Row:
        source, target = find_object_type(source_name), find_object_type(target_name)
        known = association_type_ids(source, target)
        try:
            type_ids = [int(item["associationTypeId"]) for item in types or ()]
        except (KeyError, TypeError, ValueError):
            raise invalid("types need associationCategory and associationTypeId") from None
        unknown = [each for each in type_ids if each not in known]
        if unknown or not type_ids:
            message = f"invalid association types from {source.singular} to {target.singular}: {unknown}"
            raise invalid(message)
        self._portal.get(source, source_id)
        self._portal.get(target, target_id)
        self._portal.associate(source, source_id, target, target_id, type_ids)
        return {
            "fromObjectTypeId": source.type_id,
            "fromObjectId": source_id,
            "toObjectTypeId": target.type_id,
            "toObjectId": target_id,
            "labels": [label for type_id in type_ids if (label := known[type_id])],
        }

    def _write_default(self, source_name: str, target_name: str, pairs: list[tuple[str, str]]) -> list[Row]:
        source, target = find_object_type(source_name), find_object_type(target_name)
        written = []
        for source_id, target_id in pairs:
            type_id = next(iter(association_type_ids(source, target)))
            self._portal.get(source, source_id)
            self._portal.get(target, target_id)
            self._portal.associate(source, source_id, target, target_id, [type_id])
            mirror = next(iter(association_type_ids(target, source)))
            for one, two, each in ((source_id, target_id, type_id), (target_id, source_id, mirror)):
                spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": each}
                written.append({"from": {"id": one}, "to": {"id": two}, "associationSpec": spec})
        return written


def _id(item: dict[str, Any], member: str) -> str:
    try:
        return str(item[member]["id"])
    except (KeyError, TypeError):
        raise invalid(f"each input needs {member}.id") from None


def _spec(type_id: int, label: str | None) -> Row:
    # an unlabeled type has a null label on the wire; the library's document allows text only
    spec: Row = {"category": "HUBSPOT_DEFINED", "typeId": type_id}
    return spec if label is None else spec | {"label": label}


def _show_link(source: ObjectType, target: ObjectType, link: Row) -> Row:
    known = association_type_ids(source, target)
    return {
        "toObjectId": link["to_id"],
        "associationTypes": [_spec(type_id, known[type_id]) for type_id in link["types"]],
    }
