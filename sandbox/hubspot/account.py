"""What belongs to the account: properties, owners, dispositions, details, tokens."""

import re
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.crm_store import Row
from sandbox.hubspot.api import Answer, Api, Request, next_page
from sandbox.hubspot.errors import HubSpotError, invalid, not_found
from sandbox.hubspot.schema import DISPOSITIONS, PORTAL_ID, find_object_type, make_property

TIME_ZONE = "America/New_York"
_PROPERTIES = r"/crm/v3/properties/([\w-]+)"
_FIELD_TYPES = frozenset(
    {
        *("textarea", "text", "date", "file", "number", "select", "radio", "checkbox", "booleancheckbox"),
        *("calculation_equation", "phonenumber", "html"),
    }
)
_TYPES = frozenset({"string", "number", "date", "datetime", "enumeration", "bool"})


class Account:
    """The operations on the account."""

    def __init__(self, api: Api, *, token: str) -> None:
        self._portal, self._token = api.portal, token
        api.add("GET", _PROPERTIES, self._list_properties)
        api.add("POST", _PROPERTIES, self._create_property)
        api.add("GET", rf"{_PROPERTIES}/(\w+)", self._get_property)
        api.add("DELETE", rf"{_PROPERTIES}/(\w+)", self._archive_property)
        api.add("GET", "/crm/v3/owners", self._list_owners)
        api.add("GET", r"/crm/v3/owners/(\d+)", self._get_owner)
        api.add("GET", "/calling/v1/dispositions", self._list_dispositions)
        api.add("GET", "/account-info/v3/details", self._details)
        api.add("GET", r"/oauth/v1/access-tokens/(.+)", self._token_info)

    def _list_properties(self, request: Request, type_name: str) -> Answer:
        kind = find_object_type(type_name)
        if request.flag("archived"):
            rows = [row for row in self._portal.store.rows(f"property/{kind.name}") if row["archived"]]
        else:
            rows = list(self._portal.properties(kind).values())
        return Answer(200, {"results": rows})

    def _get_property(self, _: Request, type_name: str, name: str) -> Answer:
        kind = find_object_type(type_name)
        row = self._portal.properties(kind).get(name)
        if row is None:
            raise not_found(f"Property {name} does not exist on {kind.singular}")
        return Answer(200, row)

    def _create_property(self, request: Request, type_name: str) -> Answer:
        kind = find_object_type(type_name)
        body = request.json_object()
        name = _check_property(body)
        if name in self._portal.properties(kind):
            message = f"A property named '{name}' already exists."
            raise HubSpotError(409, "OBJECT_ALREADY_EXISTS", message)
        now = self._portal.now()
        taken = ("label", "type", "fieldType", "description", "displayOrder", "formField", "hidden")
        given = {member: body[member] for member in taken if body.get(member) is not None}
        unique = bool(body.get("hasUniqueValue"))
        made = make_property(name, "string", unique=unique, defined_by_hubspot=False, group=body["groupName"])
        row = made | given | {"createdAt": now, "updatedAt": now, "options": _options(body)}
        self._portal.store.put(f"property/{kind.name}", name, row)
        return Answer(201, row)

    def _archive_property(self, _: Request, type_name: str, name: str) -> Answer:
        kind = find_object_type(type_name)
        row = self._portal.properties(kind).get(name)
        if row is not None and row["hubspotDefined"]:
            raise invalid(f"{name} is defined by HubSpot and cannot be archived")
        if row is not None:
            archived = {**row, "archived": True, "archivedAt": self._portal.now()}
            self._portal.store.put(f"property/{kind.name}", name, archived)
        return Answer(204)

    def _list_owners(self, request: Request) -> Answer:
        limit, after = request.number("limit", 100, at_most=500), request.text("after", "0")
        email = request.text("email").lower()
        if not after.isdigit():
            raise invalid(f"Invalid cursor after: {after}")
        archived = request.flag("archived")
        rows = [
            row
            for row in self._portal.store.rows("owner")
            if int(row["id"]) > int(after)
            and row["archived"] == archived
            and (not email or row["email"].lower() == email)
        ]
        body: dict[str, Any] = {"results": rows[:limit]}
        if len(rows) > limit:
            body["paging"] = next_page(request, rows[limit - 1]["id"])
        return Answer(200, body)

    def _get_owner(self, request: Request, owner_id: str) -> Answer:
        by_user = request.text("idProperty") == "userId"
        for row in self._portal.store.rows("owner"):
            if str(row["userId"] if by_user else row["id"]) == owner_id:
                return Answer(200, row)
        raise not_found(f"No owner has the id {owner_id}")

    def _list_dispositions(self, _: Request) -> Answer:
        rows = [{"id": guid, "label": label, "deleted": False} for guid, label in DISPOSITIONS.items()]
        return Answer(200, rows)

    def _details(self, _: Request) -> Answer:
        offset = self._portal.clock.now().astimezone(ZoneInfo(TIME_ZONE)).utcoffset()
        seconds = int(offset.total_seconds()) if offset else 0
        sign, minutes = "-" if seconds < 0 else "+", abs(seconds) // 60
        return Answer(
            200,
            {
                "portalId": PORTAL_ID,
                "accountType": "DEVELOPER_TEST",
                "timeZone": TIME_ZONE,
                "companyCurrency": "USD",
                "additionalCurrencies": [],
                "utcOffset": f"{sign}{minutes // 60:02d}:{minutes % 60:02d}",
                "utcOffsetMilliseconds": seconds * 1000,
                "uiDomain": "app.hubspot.com",
                "dataHostingLocation": "na1",
            },
        )

    def _token_info(self, _: Request, token: str) -> Answer:
        if token != self._token:
            raise HubSpotError(404, "OBJECT_NOT_FOUND", "access token not found")
        return Answer(
            200,
            {
                "token": token,
                "user": "integration@parley.example.com",
                "hub_domain": "parley-sandbox.example.com",
                "scopes": [
                    "crm.objects.contacts.read",
                    "crm.objects.contacts.write",
                    "crm.lists.read",
                    "oauth",
                ],
                "hub_id": PORTAL_ID,
                "app_id": 123456,
                "user_id": 9001,
                "expires_in": 1800,
                "token_type": "access",
            },
        )


def make_owner(number: int, first_name: str, last_name: str, email: str, created_at: str) -> Row:
    """Return an owner as the API shows one; `number` counts from 0."""
    return {
        "id": str(41_000_000 + number),
        "email": email,
        "type": "PERSON",
        "firstName": first_name,
        "lastName": last_name,
        "userId": 9100 + number,
        "userIdIncludingInactive": 9100 + number,
        "createdAt": created_at,
        "updatedAt": created_at,
        "archived": False,
    }


def _check_property(body: dict[str, Any]) -> str:
    missing = [m for m in ("name", "label", "type", "fieldType", "groupName") if not body.get(m)]
    if missing:
        raise invalid(f"Some required fields were not set: [{', '.join(missing)}]")
    name = str(body["name"])
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,99}", name):
        raise invalid(f"Property name {name} must begin with a letter and hold only a-z, 0-9 and _")
    if body["type"] not in _TYPES or body["fieldType"] not in _FIELD_TYPES:
        raise invalid(f"Unknown type {body['type']} or fieldType {body['fieldType']}")
    if body.get("hasUniqueValue") and body["type"] not in ("string", "number"):
        raise invalid("Only string and number properties can have unique values")
    return name


def _options(body: dict[str, Any]) -> list[Row]:
    options = body.get("options") or []
    try:
        return [
            {
                "label": str(option["label"]),
                "value": str(option["value"]),
                "hidden": bool(option.get("hidden")),
                "displayOrder": int(option.get("displayOrder", -1)),
            }
            for option in options
        ]
    except (KeyError, TypeError, ValueError):
        raise invalid("each option needs label and value") from None
