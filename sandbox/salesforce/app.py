"""The HTTP server: sign-in, REST API, record pages and the stand-in's own switches."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox import crm_common
from sandbox.acts import add_acts_route
from sandbox.crm_common import Handler
from sandbox.crm_oauth import App, Consent
from sandbox.crm_store import Store
from sandbox.faults import Fault
from sandbox.salesforce import seed
from sandbox.salesforce.acts import Acts
from sandbox.salesforce.api import Answer, Api, Request, lock_error
from sandbox.salesforce.auth import SignIn
from sandbox.salesforce.bulk import Bulk
from sandbox.salesforce.composite import Composite
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.listviews import ListViews
from sandbox.salesforce.org import REVISIONS, Org
from sandbox.salesforce.pages import Pages
from sandbox.salesforce.reports import Reports
from sandbox.salesforce.schema import EXTERNAL_CALL_ID

PORT = 8102
NEWEST_VERSION, OLDEST_VERSION = 66, 31
_LOCKED = web.RequestKey("locked", bool)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the stand-in is started with."""

    common: crm_common.Settings = field(default_factory=crm_common.Settings)
    client_id: str = "parley-sandbox"
    client_secret: str = "sandbox-secret"  # noqa: S105  # the stand-in's own, documented
    public_key_file: Path | None = None
    daily_limit: int = 15_000


def read_settings(env: Mapping[str, str]) -> Settings:
    """Read the settings from the environment; raises SettingsError naming the variable that is wrong."""
    key_file = env.get("SANDBOX_SALESFORCE_PUBLIC_KEY")
    return Settings(
        common=crm_common.read_settings(
            env, port_name="SANDBOX_SALESFORCE_PORT", port=PORT, file_name="salesforce.sqlite3"
        ),
        client_id=env.get("SANDBOX_SALESFORCE_CLIENT_ID") or "parley-sandbox",
        client_secret=env.get("SANDBOX_SALESFORCE_CLIENT_SECRET") or "sandbox-secret",
        public_key_file=Path(key_file) if key_file else None,
        daily_limit=int(crm_common.read_number(env, "SANDBOX_SALESFORCE_DAILY_LIMIT", 15_000)),
    )


def make_app(settings: Settings) -> web.Application:
    """Make the server; an empty store is filled with the seed's people first."""
    common = settings.common
    store = Store(common.data_file)
    org = Org(store, common.clock)
    if store.is_empty():
        seed.fill(org, seed=common.seed)
    api = Api(org, daily_limit=settings.daily_limit)
    Composite(api, store)
    ListViews(api)
    Bulk(api)
    Reports(api)
    book = crm_common.make_fault_book(common.seed)
    faults = crm_common.fault_middleware(
        book, _FaultAnswers(), prefixes=("/services/",), latency_seconds=common.latency_seconds
    )
    app = web.Application(middlewares=[_errors, faults], client_max_size=16 * 2**20)
    app.on_response_prepare.append(_usage_header(api))
    app.on_response_prepare.append(crm_common.date_header(common.clock))
    _add_sign_in(app, settings, org)
    app.router.add_get("/services/data{slash:/?}", _list_versions)
    app.router.add_route("*", r"/services/data/v{version:\d+\.\d}/{tail:.*}", _Rest(api).answer)

    def reset() -> None:
        store.clear()
        org.changed_fields.clear()
        org.rules.clear()
        org.inactive_owners.clear()
        seed.fill(org, seed=common.seed)

    crm_common.add_sandbox_routes(app, book, activities=lambda: list_activities(org), reset=reset)
    add_acts_route(app, Acts(api).table())
    Pages(org).add_routes(app)

    async def close(_: web.Application) -> None:
        store.close()

    app.on_cleanup.append(close)
    return app


def _add_sign_in(app: web.Application, settings: Settings, org: Org) -> None:
    """Add the consent page, the token endpoint, and what an administrator does to sessions."""
    consent = Consent(
        "Sandbox Salesforce",
        App(client_id=settings.client_id, client_secret=settings.client_secret),
        org.store,
        org.clock,
        rotates=False,
    )
    sign_in = SignIn(
        org,
        consent,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        public_key_file=settings.public_key_file,
    )
    app.router.add_post("/services/oauth2/token", sign_in.token)
    app.router.add_get("/services/oauth2/authorize", consent.ask)
    app.router.add_post("/services/oauth2/authorize", consent.decide)

    async def expire_sessions(_: web.Request) -> web.Response:
        return web.json_response({"expired": org.expire_sessions()})

    async def revoke_consents(_: web.Request) -> web.Response:
        return web.json_response({"revoked": consent.revoke()})

    app.router.add_post("/_sandbox/revoke_consents", revoke_consents)
    app.router.add_post("/_sandbox/expire_sessions", expire_sessions)


def list_activities(org: Org) -> list[dict[str, object]]:
    """List every task that was not deleted, oldest first, as comparisons need them."""
    return [
        {
            "id": task["Id"],
            "external_id": task[EXTERNAL_CALL_ID],
            "who_id": task["WhoId"],
            "subject": task["Subject"],
            "subtype": task["TaskSubtype"],
            "disposition": task["CallDisposition"],
            "duration_seconds": task["CallDurationInSeconds"],
            "created_at": task["CreatedDate"],
            "revisions": task[REVISIONS],
        }
        for task in org.rows("Task")
    ]


class _Rest:
    """Turns HTTP into calls of the Api."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def answer(self, request: web.Request) -> web.Response:
        version, tail = request.match_info["version"], request.match_info["tail"].strip("/")
        if not OLDEST_VERSION <= float(version) <= NEWEST_VERSION or not version.endswith(".0"):
            raise not_found()
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind not in ("Bearer", "OAuth") or not self._api.org.has_session(token):
            raise _session_error()
        self._api.count_request()
        if not tail:
            base = f"/services/data/v{version}"
            names = ("sobjects", "query", "queryAll", "limits", "composite", "jobs")
            return _json(Answer(200, {name: f"{base}/{name}" for name in names}))
        call = Request(
            method=request.method,
            path=tail,
            query=dict(request.query),
            body=await _read_body(request),
            headers=request.headers,
            version=version,
            locked=request.get(_LOCKED, False),
        )
        return _json(self._api.call(call))


class _FaultAnswers:
    """Failures in Salesforce's words."""

    def answer(self, fault: Fault, request: web.Request) -> web.Response | None:
        """Return the answer; a locked row is left to the operation, which knows which record it is."""
        if fault.kind == "lock_row":
            if "composite/sobjects" in request.path:
                request[_LOCKED] = True
                return None
            return None if request.method == "GET" else _error(lock_error())
        if fault.kind in ("http_429", "http_429_daily"):
            # Salesforce has no 429: too many requests are a 403 with a code
            return _error(
                SalesforceError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
            )
        if fault.kind == "unauthorized":
            return _error(_session_error())
        return _error(SalesforceError("UNKNOWN_EXCEPTION", "An unexpected error occurred.", status=500))


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except SalesforceError as error:
        return _error(error)


def _usage_header(api: Api) -> Callable[[web.Request, web.StreamResponse], Any]:
    async def add(request: web.Request, response: web.StreamResponse) -> None:
        if request.path.startswith("/services/data"):
            response.headers["Sforce-Limit-Info"] = f"api-usage={api.used}/{api.daily_limit}"

    return add


async def _list_versions(_: web.Request) -> web.Response:
    versions = [
        {"label": f"v{number}.0", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        for number in range(OLDEST_VERSION, NEWEST_VERSION + 1)
    ]
    return web.json_response(versions)


async def _read_body(request: web.Request) -> Any:
    text = await request.text()
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise SalesforceError("JSON_PARSER_ERROR", re.sub(r"\s+", " ", str(error))) from None


def _json(answer: Answer) -> web.Response:
    if answer.text is not None:
        return web.Response(
            status=answer.status, text=answer.text, content_type="text/csv", headers=answer.headers
        )
    if answer.body is None:
        return web.Response(status=answer.status)
    return web.json_response(answer.body, status=answer.status)


def _error(error: SalesforceError) -> web.Response:
    return web.json_response(error.as_rest(), status=error.status)


def _session_error() -> SalesforceError:
    return SalesforceError("INVALID_SESSION_ID", "Session expired or invalid", status=401)
