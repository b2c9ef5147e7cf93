"""The server: routes, sign-in, faults of the REST API."""

import asyncio
import hmac
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.carrier import api_lookups, page
from sandbox.carrier.api_account import AccountApi
from sandbox.carrier.api_calls import CallsApi
from sandbox.carrier.api_conferences import ConferencesApi
from sandbox.carrier.api_payments import PaymentsApi
from sandbox.carrier.api_queues import QueuesApi
from sandbox.carrier.api_recordings import RecordingsApi
from sandbox.carrier.controls import Controls
from sandbox.carrier.errors import ApiError, not_found
from sandbox.carrier.exchange import Exchange
from sandbox.carrier.model import API_VERSION, World
from sandbox.carrier.render import Renderer
from sandbox.carrier.settings import Settings
from sandbox.carrier.texting import Texting

API = f"/api/{API_VERSION}"
BEFORE = ("http_429", "http_500", "timeout")
AFTER = ("http_500_after_effect", "timeout_after_effect")


def make_app(settings: Settings) -> web.Application:
    """Return the stand-in, ready to be served; its state lives as long as the application."""
    exchange = Exchange(World(settings))
    renderer = Renderer(exchange.world)
    calls = CallsApi(exchange, renderer)
    conferences = ConferencesApi(exchange, renderer, calls)
    root = f"{API}/Accounts/{settings.account_sid}"
    app = web.Application(middlewares=[_Gate(exchange.world).pass_or_refuse])
    app.add_routes(
        [
            *calls.routes(root),
            *conferences.routes(root),
            *PaymentsApi(exchange, renderer, calls).routes(root),
            *QueuesApi(exchange, renderer).routes(root),
            *AccountApi(exchange, renderer).routes(root),
            *RecordingsApi(exchange, renderer, calls, conferences).routes(root),
            *api_lookups.routes(),
            *Controls(exchange).routes(),
            *Texting(exchange).routes(),
        ]
    )

    async def show_page(request: web.Request) -> web.Response:
        return page.render(exchange)

    app.router.add_get("/", show_page)

    async def run_client(_: web.Application) -> AsyncIterator[None]:
        await exchange.webhooks.open()
        yield
        exchange.reset()
        await exchange.webhooks.close()

    app.cleanup_ctx.append(run_client)
    return app


class _Gate:
    """Sign-in, faults and refusals around every handler of the REST API."""

    def __init__(self, world: World) -> None:
        self.world = world
        settings = world.settings
        self.expected = aiohttp.encode_basic_auth(settings.account_sid, settings.auth_token)

    @web.middleware
    async def pass_or_refuse(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith((API, api_lookups.ROOT)):
            return await handler(request)
        try:
            self._check_sign_in(request)
            target = f"{request.method} {request.path}"
            await self._fail(request, target, BEFORE)
            answer = await handler(request)
            await self._fail(request, target, AFTER)
        except ApiError as error:
            return error.response()
        except web.HTTPNotFound:
            return not_found(request.path).response()
        except web.HTTPMethodNotAllowed:
            return ApiError(405, 20004, "Method not allowed").response()
        return answer

    def _check_sign_in(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), self.expected.encode()):
            raise ApiError(401, 20003, "Authenticate")

    async def _fail(self, request: web.Request, target: str, kinds: tuple[str, ...]) -> None:
        fault = self.world.faults.take(kinds, target)
        if fault is None:
            return
        if fault.kind == "http_429":
            raise ApiError(429, 20429, "Too Many Requests")
        if fault.kind.startswith("timeout"):
            await asyncio.sleep(self.world.settings.timeout_seconds)
            if request.transport is not None:
                request.transport.close()
        raise ApiError(500, 20500, "An internal server error has occurred")
