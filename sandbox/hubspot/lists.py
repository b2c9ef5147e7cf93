"""Lists of records: /crm/v3/lists."""

import base64
import binascii
import bisect
from typing import Any

from sandbox.crm_store import Row
from sandbox.hubspot.api import Answer, Api, Request, check_number, next_page
from sandbox.hubspot.errors import HubSpotError, invalid
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.schema import find_object_type
from sandbox.hubspot.search import compile_groups

_LISTS = "/crm/v3/lists"
MAX_MEMBERS_A_PAGE, MAX_LISTS_A_PAGE = 250, 500
# Of the kept list; not part of what the API shows.
_OWN_MEMBERS = frozenset({"members", "filterGroups"})


class Lists:
    """The operations on lists. A DYNAMIC list finds its members by filters, a MANUAL one keeps them."""

    def __init__(self, api: Api) -> None:
        self._portal = api.portal
        api.add("POST", f"{_LISTS}/search", self._search)
        api.add("GET", _LISTS, self._get_many)
        api.add("GET", rf"{_LISTS}/object-type-id/([\d-]+)/name/(.+)", self._get_by_name)
        api.add("GET", rf"{_LISTS}/(\d+)", self._get)
        api.add("GET", rf"{_LISTS}/(\d+)/memberships", self._by_record)
        api.add("GET", rf"{_LISTS}/(\d+)/memberships/join-order", self._by_join_time)
        api.add("PUT", rf"{_LISTS}/(\d+)/memberships/add", self._add)
        api.add("PUT", rf"{_LISTS}/(\d+)/memberships/remove", self._remove)
        api.add("PUT", rf"{_LISTS}/(\d+)/memberships/add-and-remove", self._add_and_remove)

    def _search(self, request: Request) -> Answer:
        body = request.json_object()
        count = check_number(body.get("count") or 20, "count", at_most=MAX_LISTS_A_PAGE)
        offset = check_number(body.get("offset") or 0, "offset", at_most=10**9, at_least=0)
        query = str(body.get("query") or "").lower()
        kinds, ids = request.listed("processingTypes"), request.listed("listIds")
        found = [
            row
            for row in self._portal.store.rows("list")
            if query in row["name"].lower()
            and (not kinds or row["processingType"] in kinds)
            and (not ids or row["listId"] in ids)
        ]
        page = [
            _shown(row) | {"additionalProperties": {"hs_list_size": str(len(members(self._portal, row)))}}
            for row in found[offset : offset + count]
        ]
        end = offset + len(page)
        return Answer(200, {"total": len(found), "offset": end, "hasMore": end < len(found), "lists": page})

    def _get_many(self, request: Request) -> Answer:
        rows = [self._portal.store.get("list", list_id) for list_id in request.names("listIds")]
        return Answer(200, {"lists": [self._with_size(row) for row in rows if row is not None]})

    def _get(self, _: Request, list_id: str) -> Answer:
        return Answer(200, {"list": self._with_size(self._find(list_id))})

    def _get_by_name(self, _: Request, type_id: str, name: str) -> Answer:
        for row in self._portal.store.rows("list"):
            if row["objectTypeId"] == type_id and row["name"].lower() == name.lower():
                return Answer(200, {"list": self._with_size(row)})
        raise _no_list(name)

    def _by_record(self, request: Request, list_id: str) -> Answer:
        found = members(self._portal, self._find(list_id))
        return _page(request, {f"{int(record_id):020d}": (record_id, joined) for record_id, joined in found})

    def _by_join_time(self, request: Request, list_id: str) -> Answer:
        found = members(self._portal, self._find(list_id))
        return _page(request, {f"{joined} {int(each):020d}": (each, joined) for each, joined in found})

    def _add(self, request: Request, list_id: str) -> Answer:
        return self._change(list_id, add=_ids(request.body), remove=[])

    def _remove(self, request: Request, list_id: str) -> Answer:
        return self._change(list_id, add=[], remove=_ids(request.body))

    def _add_and_remove(self, request: Request, list_id: str) -> Answer:
        body = request.json_object()
        return self._change(
            list_id,
            add=_ids(body.get("recordIdsToAdd") or []),
            remove=_ids(body.get("recordIdsToRemove") or []),
        )

    def _change(self, list_id: str, *, add: list[str], remove: list[str]) -> Answer:
        row = self._find(list_id)
        if row["processingType"] == "DYNAMIC":
            raise invalid(f"Members of list {list_id} cannot be changed: it is DYNAMIC")
        kind = find_object_type(row["objectTypeId"])
        kept: dict[str, str] = dict(row["members"])
        missing = [each for each in add if self._portal.find(kind, each) is None]
        added = [each for each in add if each not in kept and each not in missing]
        removed = [each for each in remove if each in kept]
        now = self._portal.now()
        kept |= dict.fromkeys(added, now)
        left = [[record_id, joined] for record_id, joined in kept.items() if record_id not in removed]
        self._portal.store.put("list", list_id, {**row, "members": left, "updatedAt": now})
        return Answer(
            200, {"recordsIdsAdded": added, "recordIdsRemoved": removed, "recordIdsMissing": missing}
        )

    def _find(self, list_id: str) -> Row:
        row = self._portal.store.get("list", list_id)
        if row is None:
            raise _no_list(list_id)
        return row

    def _with_size(self, row: Row) -> Row:
        return _shown(row) | {"size": len(members(self._portal, row))}


def members(portal: Portal, row: Row) -> list[tuple[str, str]]:
    """List (record id, time of joining) of a list; archived records are left out."""
    kind = find_object_type(row["objectTypeId"])
    if row["processingType"] == "DYNAMIC":
        test = compile_groups(portal, kind, row["filterGroups"])
        return [(record["id"], record["createdAt"]) for record in portal.records(kind) if test(record)]
    return [
        (record_id, joined)
        for record_id, joined in row["members"]
        if portal.find(kind, record_id) is not None
    ]


def _shown(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in _OWN_MEMBERS}


def _page(request: Request, found: dict[str, tuple[str, str]]) -> Answer:
    """Return one page of members by sort key; the cursor is the last one's key, so changes skip nobody."""
    limit = request.number("limit", 100, at_most=MAX_MEMBERS_A_PAGE)
    keys = sorted(found)
    start = bisect.bisect_right(keys, _read_cursor(request.text("after")))
    page = [found[key] for key in keys[start : start + limit]]
    body: dict[str, Any] = {
        "total": len(found),
        "results": [{"recordId": record_id, "membershipTimestamp": joined} for record_id, joined in page],
    }
    if start + limit < len(keys):
        after = base64.urlsafe_b64encode(keys[start + limit - 1].encode()).decode().rstrip("=")
        body["paging"] = next_page(request, after)
    return Answer(200, body)


def _read_cursor(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise invalid(f"Invalid cursor after: {cursor}") from None


def _ids(body: Any) -> list[str]:
    if not isinstance(body, list):
        raise invalid("Invalid input JSON: a list of record ids is expected")
    return [str(each) for each in body]


def _no_list(name: str) -> HubSpotError:
    return HubSpotError(404, "OBJECT_NOT_FOUND", f"List does not exist with ID {name}.")
