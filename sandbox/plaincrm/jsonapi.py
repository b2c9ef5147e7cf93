"""The same records by an API in the manner of JSON:API, as the oddest CRMs have it.

Records are {type, id, attributes}; pages are asked for by page[number]; the total changes from page to page, as people come and go; a
segment's members come as ids alone, all at once; writes go to one path and name type and id in the body; a token is had for a user's
password, ends soon, and is renewed by a refresh token that works once; some refusals come with status 200.
"""

import itertools
import json
import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.crm_store import Row
from sandbox.plaincrm.book import Book, BookError

TYPE = "application/vnd.api+json"
CLIENT_ID, CLIENT_SECRET = "parley-client", "client-sandbox"
USER, PASSWORD = "parley", "plain-password"
LASTS = 600  # seconds
_KINDS = {"Contacts": "contact", "Activities": "activity", "Segments": "segment"}


class JsonApi:
    """The API."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._tokens: set[str] = set()
        self._refresh: set[str] = set()
        self._asked = itertools.count()

    def add_routes(self, app: web.Application) -> None:
        """Add the addresses."""
        app.router.add_post("/jsonapi/access_token", self.token)
        app.router.add_get("/jsonapi/module/{kind}", self.listing)
        app.router.add_get("/jsonapi/module/{kind}/{id}", self.one)
        app.router.add_get("/jsonapi/module/Segments/{id}/relationships/contacts", self.members)
        app.router.add_post("/jsonapi/module", self.create)
        app.router.add_patch("/jsonapi/module", self.change)
        app.router.add_post("/jsonapi/_end_tokens", self.end_tokens)

    async def token(self, request: web.Request) -> web.Response:
        """Give a token for a password or a refresh token; asked for in JSON."""
        given = await _json(request)
        client = (given.get("client_id"), given.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        grant, refresh = given.get("grant_type"), str(given.get("refresh_token"))
        knows = grant == "password" and (given.get("username"), given.get("password")) == (USER, PASSWORD)
        if not client or not (knows or (grant == "refresh_token" and refresh in self._refresh)):
            return web.json_response({"error": "invalid_client"}, status=401)
        self._refresh.discard(refresh)
        token, renewal = secrets.token_hex(8), secrets.token_hex(8)
        self._tokens.add(token)
        self._refresh.add(renewal)
        return web.json_response(
            {"access_token": token, "refresh_token": renewal, "token_type": "Bearer", "expires_in": LASTS}
        )

    async def end_tokens(self, _: web.Request) -> web.Response:
        """End every token before its time; refresh tokens go on."""
        self._tokens.clear()
        return web.json_response({"ended": True})

    async def listing(self, request: web.Request) -> web.Response:
        """A page of records."""
        self._check(request)
        kind, query = _kind(request.match_info["kind"]), request.query
        rows = [
            row
            for row in self._book.store.rows(kind)
            if not row.get("merged_into") and not row.get("deleted")
        ]
        if kind == "contact" and "filter[phone][like]" in query:
            rows = self._book.find_contacts(phone=query["filter[phone][like]"])
        if kind == "activity" and "filter[parent_id][eq]" in query:
            rows = [row for row in rows if row["contact"] == query["filter[parent_id][eq]"]]
        size = max(1, min(int(query.get("page[size]", 20)), 20))
        begin = (max(int(query.get("page[number]", 1)), 1) - 1) * size
        part = [_resource(request.match_info["kind"], row) for row in rows[begin : begin + size]]
        # Some are being added, some taken away, while we count.
        total = max(len(rows) + (-7, 5, 0)[next(self._asked) % 3], 0)
        return _answer({"data": part, "meta": {"total-pages": -(-len(rows) // size), "total": total}})

    async def one(self, request: web.Request) -> web.Response:
        """One record."""
        self._check(request)
        row = self._book.store.get(_kind(request.match_info["kind"]), request.match_info["id"])
        if row is None:
            raise BookError(404, "no such record")
        return _answer({"data": _resource(request.match_info["kind"], row)})

    async def members(self, request: web.Request) -> web.Response:
        """A segment's members, as ids."""
        self._check(request)
        rows = self._book.members(request.match_info["id"])
        return _answer({"data": [{"type": "Contacts", "id": row["id"]} for row in rows]})

    async def create(self, request: web.Request) -> web.Response:
        """A new record."""
        self._check(request)
        kind, _, values = _told(await _json(request))
        row = (
            self._book.add_contact(values) if kind == "Contacts" else self._book.add_activity(_plain(values))
        )
        return _answer({"data": _resource(kind, row)}, status=201)

    async def change(self, request: web.Request) -> web.Response:
        """Change a record."""
        self._check(request)
        kind, record_id, values = _told(await _json(request))
        if kind == "Contacts":
            row = self._book.change(record_id, values)
        else:
            row = self._book.change_activity(record_id, _plain(values))
        return _answer({"data": _resource(kind, row)})

    def _check(self, request: web.Request) -> None:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self._tokens:
            raise BookError(401, "sign in first")


def refuse(error: BookError) -> web.Response:
    """Answer with an error; what is wrong in a body comes with status 200."""
    status = 200 if error.status == 422 else error.status
    told = {"errors": [{"status": str(error.status), "title": "Refused", "detail": str(error)}]}
    return _answer(told, status=status)


def _answer(body: Mapping[str, Any], *, status: int = 200) -> web.Response:
    return web.json_response(body, status=status, content_type=TYPE)


def _kind(name: str) -> str:
    if name not in _KINDS:
        raise BookError(404, "no such module")
    return _KINDS[name]


def _resource(kind: str, row: Row) -> dict[str, Any]:
    values = {name: value for name, value in row.items() if name != "id"}
    if kind == "Activities":
        values = {"parent_id": values.pop("contact", ""), "description": values.pop("text", ""), **values}
    return {"type": kind, "id": row["id"], "attributes": values}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    names = {"parent_id": "contact", "description": "text"}
    return {names.get(name, name): value for name, value in values.items()}


def _told(body: Mapping[str, Any]) -> tuple[str, str, Mapping[str, Any]]:
    data = body.get("data")
    if (
        not isinstance(data, dict)
        or data.get("type") not in _KINDS
        or not isinstance(data.get("attributes"), dict)
    ):
        raise BookError(400, "data must have type and attributes")
    return str(data["type"]), str(data.get("id", "")), data["attributes"]


async def _json(request: web.Request) -> Mapping[str, Any]:
    try:
        found = json.loads(await request.text())
    except ValueError:
        raise BookError(400, "the body is no JSON") from None
    if not isinstance(found, dict):
        raise BookError(400, "the body must be an object")
    return found
