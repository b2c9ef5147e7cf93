"""One log line a request, with its own id bound to every line logged on the way."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponseBase

from core import clock

log = structlog.get_logger(__name__)


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """django-csp's, with the policy written once: ours has no nonce, and is the same for every answer but the few that say otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        super().__init__(get_response)
        self._policy = build_policy()

    def process_request(self, request: HttpRequest) -> None:
        """No nonce is offered: no page of ours has an inline script."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the policy; an answer that a decorator of django-csp has marked gets its own."""
        if any(name.startswith("_csp_") for name in vars(response)):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._policy)
        return response


class RequestLogMiddleware:
    """Works sync and async, so that event streams do not cost a thread."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Serve the request and log it."""
        if iscoroutinefunction(self.get_response):
            return self._async(request)
        started = self._begin()
        response: HttpResponseBase = self.get_response(request)
        self._end(request, response, started)
        return response

    async def _async(self, request: HttpRequest) -> HttpResponseBase:
        started = self._begin()
        response: HttpResponseBase = await self.get_response(request)
        self._end(request, response, started)
        return response

    def _begin(self) -> float:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=uuid.uuid4().hex[:12])
        return clock.monotonic()

    def _end(self, request: HttpRequest, response: HttpResponseBase, started: float) -> None:
        if request.path.startswith("/static/"):
            return
        ms = round((clock.monotonic() - started) * 1000, 1)
        log.info("core.request", method=request.method, path=request.path, status=response.status_code, ms=ms)
