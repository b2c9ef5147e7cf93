"""The HTTP server: the CRM's API, its pages and the stand-in's own switches."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox import crm_common
from sandbox.acts import add_acts_route
from sandbox.crm_common import Handler
from sandbox.crm_store import Store
from sandbox.faults import Fault
from sandbox.plaincrm import jsonapi
from sandbox.plaincrm.book import Book, BookError
from sandbox.plaincrm.pages import Pages

PORT = 8104
TOKEN = "plain-sandbox"  # noqa: S105  # the stand-in's own, documented
USER, PASSWORD = "parley", "plain-password"
ISSUED = "issued-token"
MOST_A_PAGE = 50  # more is asked for in vain, as of many CRMs


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the stand-in is started with."""

    common: crm_common.Settings = field(default_factory=crm_common.Settings)


def read_settings(env: Mapping[str, str]) -> Settings:
    """Read the settings from the environment; raises SettingsError naming the variable that is wrong."""
    return Settings(
        common=crm_common.read_settings(
            env, port_name="SANDBOX_PLAINCRM_PORT", port=PORT, file_name="plaincrm.sqlite3"
        ),
    )


def make_app(settings: Settings) -> web.Application:
    """Make the server; an empty store is filled with the seed's people first."""
    common = settings.common
    store = Store(common.data_file)
    book = Book(store)
    if store.is_empty():
        book.fill(seed=common.seed)
    faults = crm_common.make_fault_book(common.seed)
    middleware = crm_common.fault_middleware(
        faults, _FaultAnswers(), prefixes=("/api/", "/jsonapi/"), latency_seconds=common.latency_seconds
    )
    app = web.Application(middlewares=[_errors, middleware], client_max_size=2**20)
    _Api(book).add_routes(app)
    jsonapi.JsonApi(book).add_routes(app)

    def reset() -> None:
        store.clear()
        book.renamed.clear()
        book.fill(seed=common.seed)

    crm_common.add_sandbox_routes(app, faults, activities=lambda: list_activities(book), reset=reset)
    add_acts_route(app, _acts(book))
    Pages(book).add_routes(app)

    async def close(_: web.Application) -> None:
        store.close()

    app.on_cleanup.append(close)
    return app


def list_activities(book: Book) -> list[dict[str, object]]:
    """List every activity that is not deleted; `external_id` is read from the end of its text, as no field holds one."""
    found: list[dict[str, object]] = []
    for row in book.activities():
        marker = str(row.get("text", "")).rstrip().rpartition("[")[2].rstrip("]")
        found.append({**row, "external_id": marker})
    return found


def _acts(book: Book) -> Mapping[str, Callable[[Mapping[str, Any]], None]]:
    """Return what people in the CRM do to it."""

    def rename_field(body: Mapping[str, Any]) -> None:
        book.renamed[str(body["field"])] = str(body["to"])

    def delete(body: Mapping[str, Any]) -> None:
        row = book.store.get("activity", str(body["id"]))
        if row is None:
            book.store.remove("contact", str(body["id"]))
        else:
            book.store.put("activity", row["id"], {**row, "deleted": True})

    def purge(body: Mapping[str, Any]) -> None:
        book.store.remove("activity", str(body["id"]))

    def merge(body: Mapping[str, Any]) -> None:
        row = book.store.get("contact", str(body["id"]))
        if row is None:
            raise KeyError(body["id"])
        book.store.put("contact", row["id"], {**row, "merged_into": str(body["into"])})

    def set_members(body: Mapping[str, Any]) -> None:
        row = book.segment(str(body["id"]))
        book.store.put("segment", row["id"], {**row, "contacts": list(body["contacts"])})

    return {
        "rename_field": rename_field,
        "delete": delete,
        "purge": purge,
        "merge": merge,
        "set_members": set_members,
    }


class _Api:
    """The API. Long answers come in pages, by number, offset or cursor, whichever is asked for, with a Link header too."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def add_routes(self, app: web.Application) -> None:
        router = app.router
        router.add_post("/api/token", self.token)
        router.add_get("/api/segments", self.segments)
        router.add_get("/api/segments/{id}/contacts", self.members)
        router.add_get("/api/contacts", self.contacts)
        router.add_post("/api/contacts", self.add_contact)
        router.add_patch("/api/segments/{id}/contacts/{contact}", self.set_status)
        router.add_get("/api/contacts/{id}", self.contact)
        router.add_patch("/api/contacts/{id}", self.change)
        router.add_get("/api/contacts/{id}/activities", self.of_contact)
        router.add_get("/api/activities", self.activities)
        router.add_post("/api/activities", self.add)
        router.add_get("/api/activities/{id}", self.activity)
        router.add_patch("/api/activities/{id}", self.update)
        router.add_get("/api/page", self.web_page)
        router.add_get("/api/moved", self.moved)
        router.add_get("/api/huge", self.huge)

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if (form.get("grant_type"), form.get("client_id"), form.get("client_secret")) != (
            "client_credentials",
            USER,
            PASSWORD,
        ):
            return web.json_response({"error": "invalid_client"}, status=401)
        return web.json_response({"access_token": ISSUED, "token_type": "bearer", "expires_in": 3600})

    async def segments(self, request: web.Request) -> web.Response:
        rows = [
            {"id": row["id"], "title": row["title"], "members": len(self._book.members(row["id"]))}
            for row in self._book.store.rows("segment")
        ]
        return self._many(request, rows)

    async def members(self, request: web.Request) -> web.Response:
        rows = self._book.members(request.match_info["id"])
        return self._many(request, [self._book.shown(row) for row in rows])

    async def contacts(self, request: web.Request) -> web.Response:
        query = request.query
        if "phone" in query or "email" in query:
            found = self._book.find_contacts(phone=query.get("phone", ""), email=query.get("email", ""))
            return self._many(request, [self._book.shown(row) for row in found])
        rows = [self._book.shown(row) for row in self._book.store.rows("contact") if not row["merged_into"]]
        return self._many(request, rows)

    async def add_contact(self, request: web.Request) -> web.Response:
        row = self._book.add_contact(await self._body(request))
        return web.json_response(self._book.shown(row), status=201)

    async def set_status(self, request: web.Request) -> web.Response:
        given = await self._body(request)
        found = self._book.set_status(
            request.match_info["id"], request.match_info["contact"], str(given.get("status"))
        )
        return web.json_response(found)

    async def contact(self, request: web.Request) -> web.Response:
        self._check(request)
        return web.json_response(self._book.shown(self._book.contact(request.match_info["id"])))

    async def change(self, request: web.Request) -> web.Response:
        row = self._book.change(request.match_info["id"], await self._body(request))
        return web.json_response(self._book.shown(row))

    async def of_contact(self, request: web.Request) -> web.Response:
        contact = self._book.contact(request.match_info["id"])
        return self._many(request, self._book.activities(contact=contact["id"]))

    async def activities(self, request: web.Request) -> web.Response:
        return self._many(request, self._book.activities(day=request.query.get("on", "")))

    async def add(self, request: web.Request) -> web.Response:
        return web.json_response(self._book.add_activity(await self._body(request)), status=201)

    async def activity(self, request: web.Request) -> web.Response:
        self._check(request)
        return web.json_response(self._book.activity(request.match_info["id"]))

    async def update(self, request: web.Request) -> web.Response:
        return web.json_response(
            self._book.change_activity(request.match_info["id"], await self._body(request))
        )

    async def web_page(self, _: web.Request) -> web.Response:
        return web.Response(text="<html><body>Sign in</body></html>", content_type="text/html")

    async def moved(self, _: web.Request) -> web.Response:
        raise web.HTTPFound("http://169.254.169.254/latest")

    async def huge(self, _: web.Request) -> web.Response:
        return web.Response(body=b'{"items": [' + b"1," * 5_000_000 + b"1]}", content_type="application/json")

    async def _body(self, request: web.Request) -> Mapping[str, Any]:
        self._check(request)
        try:
            found = json.loads(await request.text())
        except ValueError:
            raise BookError(400, "the body is no JSON") from None
        if not isinstance(found, dict):
            raise BookError(400, "the body must be an object")
        return found

    def _check(self, request: web.Request) -> None:
        pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        given = request.headers.get("Authorization", "")
        if given in (f"Bearer {TOKEN}", f"Bearer {ISSUED}", f"Basic {pair}"):
            return
        if request.headers.get("X-Api-Key") != TOKEN:
            raise BookError(401, "sign in first")

    def _many(self, request: web.Request, rows: list[dict[str, Any]]) -> web.Response:
        self._check(request)
        query = request.query
        size = max(1, min(_number(query.get("per_page") or query.get("limit"), 20), MOST_A_PAGE))
        begin = _number(query.get("offset"), 0) or _number(query.get("after"), 0)
        if "page" in query:
            begin = (max(_number(query["page"], 1), 1) - 1) * size
        part = rows[begin : begin + size]
        answer: dict[str, Any] = {"items": part, "total": len(rows)}
        headers = {}
        if begin + size < len(rows):
            answer["next"] = str(begin + size)
            address = request.url.update_query(offset=str(begin + size), limit=str(size))
            headers["Link"] = f'<{address}>; rel="next", <{request.url}>; rel="self"'
        return web.json_response(answer, headers=headers)


class _FaultAnswers:
    """Failures in this CRM's words."""

    def answer(self, fault: Fault, request: web.Request) -> web.Response | None:
        """Return the answer; a locked record is only met by writes."""
        if fault.kind in ("http_429", "http_429_daily"):
            return web.json_response({"error": "slow down"}, status=429, headers={"Retry-After": "2"})
        if fault.kind == "unauthorized":
            return web.json_response({"error": "sign in first"}, status=401)
        if fault.kind == "lock_row":
            locked = web.json_response({"error": "in use"}, status=423)
            return None if request.method == "GET" else locked
        return web.json_response({"error": "internal error"}, status=500)


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except BookError as error:
        if request.path.startswith("/jsonapi/"):
            return jsonapi.refuse(error)
        return web.json_response({"error": str(error)}, status=error.status)


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else default
