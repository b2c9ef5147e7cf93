"""The HTTP server: CRM API, record pages and the stand-in's own switches."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox import crm_common
from sandbox.acts import add_acts_route
from sandbox.crm_common import Handler
from sandbox.crm_oauth import App, Consent
from sandbox.crm_store import Store
from sandbox.faults import Fault
from sandbox.hubspot import seed
from sandbox.hubspot.account import Account
from sandbox.hubspot.acts import Acts
from sandbox.hubspot.api import Answer, Api, Request, undated
from sandbox.hubspot.associations import Associations
from sandbox.hubspot.errors import HubSpotError, invalid
from sandbox.hubspot.limits import Limits, exceeded
from sandbox.hubspot.lists import Lists
from sandbox.hubspot.objects import Objects
from sandbox.hubspot.pages import Pages
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.schema import OBJECT_TYPES
from sandbox.hubspot.search import Search
from sandbox.hubspot.sign_in import SignIn
from sandbox.hubspot.webhooks import Webhooks

PORT = 8103
API_PREFIXES = ("/crm/", "/calling/", "/account-info/", "/oauth/")
_LOCKED = web.RequestKey("locked", bool)
UNIQUE_CALL_PROPERTY = "dialer_call_id"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the stand-in is started with. Limits are requests in 10 seconds and searches in one."""

    common: crm_common.Settings = field(default_factory=crm_common.Settings)
    token: str = "pat-na1-sandbox"  # noqa: S105  # the stand-in's own, documented
    client_id: str = "parley-sandbox"
    client_secret: str = "sandbox-secret"  # noqa: S105  # the stand-in's own, documented
    ten_second_limit: int = 190
    search_limit: int = 5
    only_dated: bool = False  # as it will be once HubSpot has ended its numbered addresses


def read_settings(env: Mapping[str, str]) -> Settings:
    """Read the settings from the environment; raises SettingsError naming the variable that is wrong."""
    return Settings(
        common=crm_common.read_settings(
            env, port_name="SANDBOX_HUBSPOT_PORT", port=PORT, file_name="hubspot.sqlite3"
        ),
        token=env.get("SANDBOX_HUBSPOT_TOKEN") or "pat-na1-sandbox",
        client_id=env.get("SANDBOX_HUBSPOT_CLIENT_ID") or "parley-sandbox",
        client_secret=env.get("SANDBOX_HUBSPOT_CLIENT_SECRET") or "sandbox-secret",
        ten_second_limit=int(crm_common.read_number(env, "SANDBOX_HUBSPOT_TEN_SECOND_LIMIT", 190)),
        search_limit=int(crm_common.read_number(env, "SANDBOX_HUBSPOT_SEARCH_LIMIT", 5)),
    )


def make_app(settings: Settings) -> web.Application:
    """Make the server; an empty store is filled with the seed's people first."""
    common = settings.common
    store = Store(common.data_file)
    portal = Portal(store, common.clock)
    if store.is_empty():
        seed.fill(portal, seed=common.seed)
    api = Api(portal)
    Search(api)
    Objects(api)
    Lists(api)
    Associations(api)
    Account(api, token=settings.token)
    limits = Limits(ten_secondly=settings.ten_second_limit, search_secondly=settings.search_limit)
    book = crm_common.make_fault_book(common.seed)
    faults = crm_common.fault_middleware(
        book, _FaultAnswers(), prefixes=API_PREFIXES, latency_seconds=common.latency_seconds
    )
    app = web.Application(middlewares=[_errors, faults], client_max_size=16 * 2**20)
    app.on_response_prepare.append(_limit_headers(limits))
    app.on_response_prepare.append(crm_common.date_header(common.clock))
    sign_in = _add_sign_in(app, settings, portal)
    rest = _Rest(api, limits, sign_in, only_dated=settings.only_dated)
    for prefix in API_PREFIXES:
        app.router.add_route("*", prefix + "{tail:.*}", rest.answer)

    def reset() -> None:
        store.clear()
        portal.rules.clear()
        portal.inactive_owners.clear()
        portal.merged.clear()
        seed.fill(portal, seed=common.seed)

    Webhooks(portal, store, client_secret=settings.client_secret).add_routes(app)
    crm_common.add_sandbox_routes(app, book, activities=lambda: list_activities(portal), reset=reset)
    add_acts_route(app, Acts(portal, limits).table())
    Pages(portal).add_routes(app)

    async def close(_: web.Application) -> None:
        store.close()

    app.on_cleanup.append(close)
    return app


def _add_sign_in(app: web.Application, settings: Settings, portal: Portal) -> SignIn:
    """Add the consent page, the token endpoint, and what an administrator does to the tokens."""
    consent = Consent(
        "Sandbox HubSpot",
        App(client_id=settings.client_id, client_secret=settings.client_secret),
        portal.store,
        portal.clock,
        rotates=True,
    )
    sign_in = SignIn(portal, consent, token=settings.token)
    app.router.add_get("/oauth/authorize", consent.ask)
    app.router.add_post("/oauth/authorize", consent.decide)
    app.router.add_post(r"/oauth/{version:v1|v3|\d{4}-\d{2}}/token", sign_in.answer)

    async def end_tokens(_: web.Request) -> web.Response:
        return web.json_response({"expired": sign_in.expire()})

    async def revoke_consents(_: web.Request) -> web.Response:
        return web.json_response({"revoked": consent.revoke(), "expired": sign_in.expire()})

    app.router.add_post("/_sandbox/expire_sessions", end_tokens)
    app.router.add_post("/_sandbox/revoke_consents", revoke_consents)
    return sign_in


def list_activities(portal: Portal) -> list[dict[str, object]]:
    """List every call that is not archived, oldest first, as comparisons need them."""
    calls, contacts = OBJECT_TYPES["calls"], OBJECT_TYPES["contacts"]
    found: list[dict[str, object]] = []
    for row in portal.records(calls):
        own = row["properties"]
        found.append(
            {
                "id": row["id"],
                "external_id": own.get(UNIQUE_CALL_PROPERTY),
                "contact_ids": [link["to_id"] for link in portal.associated(calls, row["id"], contacts)],
                "title": own.get("hs_call_title"),
                "disposition": own.get("hs_call_disposition"),
                "duration_ms": own.get("hs_call_duration"),
                "created_at": row["createdAt"],
                "revisions": row["revisions"],
            }
        )
    return found


class _Rest:
    """Turns HTTP into calls of the Api."""

    def __init__(self, api: Api, limits: Limits, sign_in: SignIn, *, only_dated: bool) -> None:
        self._api, self._limits, self._sign_in, self._only_dated = api, limits, sign_in, only_dated

    async def answer(self, request: web.Request) -> web.Response:
        if not request.path.startswith("/oauth/"):
            self._check_token(request)
        if self._only_dated and re.match(r"/(crm|account-info|oauth)/v\d/", request.path):
            raise HubSpotError(404, "OBJECT_NOT_FOUND", f"No operation at {request.path}")
        self._limits.take(search=is_search(request))
        call = Request(
            method=request.method,
            path=request.path,
            base=f"{request.scheme}://{request.host}",
            query={name: request.query.getall(name) for name in request.query},
            body=await _read_body(request),
            locked=request.get(_LOCKED, False),
        )
        return _json(self._api.call(call))

    def _check_token(self, request: web.Request) -> None:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            raise HubSpotError(
                401,
                "INVALID_AUTHENTICATION",
                "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can"
                " find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
            )
        state = self._sign_in.state_of(token)
        if state == "expired":
            raise HubSpotError(
                401, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired."
            )
        if state != "good":
            raise _token_error()


class _FaultAnswers:
    """Failures in HubSpot's words."""

    def answer(self, fault: Fault, request: web.Request) -> web.Response | None:
        """Return the answer; a locked record is only met by writes."""
        if fault.kind == "http_429":
            return _error(exceeded(search=is_search(request)))
        if fault.kind == "http_429_daily":
            return _error(exceeded(search=False, policy="DAILY"))
        if fault.kind == "unauthorized":
            return _error(_token_error())
        if fault.kind == "lock_row":
            reads = request.method == "GET" or request.path.endswith(("/search", "/batch/read"))
            if request.path.endswith("/batch/upsert"):
                request[_LOCKED] = True
                return None
            locked = HubSpotError(423, "LOCKED", "The record is locked by another request; try again later.")
            return None if reads else _error(locked)
        return _error(HubSpotError(500, "INTERNAL_ERROR", "internal error"))


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except HubSpotError as error:
        return _error(error)


def is_search(request: web.Request) -> bool:
    """Return whether the request counts against the limit of searches and gets no rate headers."""
    path = undated(request.path)
    return path.startswith("/crm/v3/objects/") and path.endswith("/search")


def _limit_headers(limits: Limits) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    async def add(request: web.Request, response: web.StreamResponse) -> None:
        if request.path.startswith(API_PREFIXES) and not is_search(request):
            response.headers.update(limits.headers())

    return add


async def _read_body(request: web.Request) -> Any:
    text = await request.text()
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise invalid(f"Invalid input JSON: {error}") from None


def _json(answer: Answer) -> web.Response:
    if answer.body is None:
        return web.Response(status=answer.status)
    return web.json_response(answer.body, status=answer.status)


def _error(error: HubSpotError) -> web.Response:
    return web.json_response(error.as_body(), status=error.status)


def _token_error() -> HubSpotError:
    message = "Authentication credentials not valid. The access token is unknown or has expired."
    return HubSpotError(401, "INVALID_AUTHENTICATION", message)
