"""List views: saved searches of people, with the SOQL they stand for."""

from typing import Any

from sandbox.crm_store import Row
from sandbox.salesforce import soql, soql_run
from sandbox.salesforce.api import Answer, Api, Request, object_type
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.ids import MalformedIdError, parse_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import OBJECTS

COLUMNS = {
    "Lead": ("Name", "Company", "State", "Email", "Phone", "MobilePhone", "Status", "Owner.Name"),
    "Contact": ("Name", "Account.Name", "Title", "Phone", "MobilePhone", "Email", "Owner.Name"),
}
# Read beside the columns, as Salesforce does.
_HIDDEN_COLUMNS = ("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp")


def make_query(view: Row) -> str:
    """Return the SOQL of a list view."""
    paths = ", ".join((*COLUMNS[view["SobjectType"]], *_HIDDEN_COLUMNS))
    where = f" WHERE {view['_where']}" if view["_where"] else ""
    return f"SELECT {paths} FROM {view['SobjectType']}{where} ORDER BY Name ASC NULLS FIRST, Id ASC"  # noqa: S608  # SOQL of our own views


class ListViews:
    """The list view operations."""

    def __init__(self, api: Api) -> None:
        self._org = api.org
        api.add("GET", r"sobjects/(\w+)/listviews", self._list)
        api.add("GET", r"sobjects/(\w+)/listviews/(\w+)/describe", self._describe)
        api.add("GET", r"sobjects/(\w+)/listviews/(\w+)/results", self._results)

    def _list(self, request: Request, name: str) -> Answer:
        kind = object_type(name)
        views = [row for row in self._org.rows("ListView") if row["SobjectType"] == kind.name]
        base = f"/services/data/v{request.version}/sobjects/{kind.name}/listviews"
        shown = [
            {
                "id": view["Id"],
                "label": view["Name"],
                "developerName": view["DeveloperName"],
                "describeUrl": f"{base}/{view['Id']}/describe",
                "resultsUrl": f"{base}/{view['Id']}/results",
                "soqlCompatible": True,
                "url": f"{base}/{view['Id']}",
            }
            for view in views
        ]
        body = {
            "done": True,
            "listviews": shown,
            "nextRecordsUrl": None,
            "size": len(shown),
            "sobjectType": kind.name,
        }
        return Answer(200, body)

    def _describe(self, _: Request, name: str, view_id: str) -> Answer:
        view = find_view(self._org, name, view_id)
        return Answer(
            200,
            {
                "id": view["Id"],
                "columns": _columns(view),
                "orderBy": [
                    {"fieldNameOrPath": "Name", "nullsPosition": "first", "sortDirection": "ascending"}
                ],
                "query": make_query(view),
                "relatedEntityId": None,
                "scope": "everything",
                "scopeEntityId": None,
                "sobjectType": view["SobjectType"].lower(),
            },
        )

    def _results(self, request: Request, name: str, view_id: str) -> Answer:
        view = find_view(self._org, name, view_id)
        limit, offset = _number(request, "limit", 25), _number(request, "offset", 0)
        records = soql_run.run(self._org, soql.parse(make_query(view)))["records"][offset : offset + limit]
        columns = _columns(view)
        shown = [
            {
                "columns": [
                    {"fieldNameOrPath": c["fieldNameOrPath"], "value": _read(record, c["fieldNameOrPath"])}
                    for c in columns
                ]
            }
            for record in records
        ]
        return Answer(
            200,
            {
                "columns": columns,
                "developerName": view["DeveloperName"],
                "done": True,
                "id": view["Id"],
                "label": view["Name"],
                "records": shown,
                "size": len(shown),
            },
        )


def find_view(org: Org, object_name: str, view_id: str) -> Row:
    """Return the list view of an object by id; raises NOT_FOUND."""
    try:
        view = org.find("ListView", parse_id(view_id))
    except MalformedIdError:
        view = None
    if view is None or view["SobjectType"].lower() != object_name.lower():
        raise not_found()
    return view


def _number(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isdigit():
        raise SalesforceError("NUMBER_OUTSIDE_VALID_RANGE", f"{name} must be a whole number, not {text}")
    return int(text)


def _columns(view: Row) -> list[dict[str, Any]]:
    kind = OBJECTS[view["SobjectType"]]
    return [
        {
            "fieldNameOrPath": path,
            "label": path.replace(".", " "),
            "type": kind.fields[path].type if path in kind.fields else "string",
            "hidden": path in _HIDDEN_COLUMNS,
            "searchable": path in kind.fields,
            "selectListItem": path,
            "sortable": True,
            "sortDirection": "ascending" if path == "Name" else None,
            "sortIndex": 0 if path == "Name" else None,
            "ascendingLabel": None,
            "descendingLabel": None,
        }
        for path in (*COLUMNS[kind.name], *_HIDDEN_COLUMNS)
    ]


def _read(record: dict[str, Any], path: str) -> str | None:
    value: Any = record
    for part in path.split("."):
        value = None if value is None else value.get(part)
    return None if value is None else str(value)
