"""What both CRM stand-ins need: settings from the environment, faults, latency, and a way to run."""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox.clock import Clock, rfc2822
from sandbox.faults import Fault, FaultBook, FaultError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

FAULT_KINDS = frozenset(
    {
        "http_429",
        "http_429_daily",
        "http_500",
        "timeout",
        "timeout_after_effect",
        "http_500_after_effect",
        "unauthorized",
        "lock_row",
    }
)
# Longer than any client here waits; the connection is then dropped without an answer.
HANG_SECONDS = 120.0


class SettingsError(ValueError):
    """An environment variable cannot be used; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a CRM stand-in is started with. `port` 0: any free one; `data_file` None: memory only."""

    host: str = "127.0.0.1"
    port: int = 0
    clock: Clock = field(default_factory=Clock)
    seed: int = 1
    data_file: Path | None = None
    latency_seconds: float = 0.0


def read_number(env: Mapping[str, str], name: str, default: float) -> float:
    """Read a number from the environment; raises SettingsError naming the variable."""
    try:
        return float(env.get(name) or default)
    except ValueError as error:
        raise SettingsError(f"{name} must be a number, not {env[name]!r}") from error


def read_settings(env: Mapping[str, str], *, port_name: str, port: int, file_name: str) -> Settings:
    """Read the settings both stand-ins share; raises SettingsError naming the variable that is wrong."""
    folder = env.get("SANDBOX_DATA_DIR")
    return Settings(
        host=env.get("SANDBOX_HOST") or "127.0.0.1",
        port=int(read_number(env, port_name, port)),
        clock=Clock(offset_seconds=read_number(env, "SANDBOX_CLOCK_OFFSET_SECONDS", 0)),
        seed=int(read_number(env, "SANDBOX_SEED", 1)),
        data_file=Path(folder) / file_name if folder else None,
        latency_seconds=read_number(env, "SANDBOX_LATENCY_MS", 0) / 1000,
    )


def date_header(clock: Clock) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Return what gives answers the stand-in's own time, as its records have it."""

    async def add(_: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = rfc2822(clock.now())

    return add


class FaultAnswers(Protocol):
    """How a vendor words a failure."""

    def answer(self, fault: Fault, request: web.Request) -> web.Response | None:
        """Return the vendor's answer for this kind of fault; None leaves it to the handler."""


def fault_middleware(
    book: FaultBook, answers: FaultAnswers, *, prefixes: tuple[str, ...], latency_seconds: float
) -> Middleware:
    """Make the middleware that delays, fails or hangs requests whose path begins with one of the prefixes."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(prefixes):
            return await handler(request)
        if latency_seconds:
            await asyncio.sleep(latency_seconds)
        fault = book.take(FAULT_KINDS, f"{request.method} {request.path_qs}")
        if fault is None:
            return await handler(request)
        if fault.kind in ("timeout_after_effect", "http_500_after_effect"):
            await handler(request)
        if fault.kind in ("timeout", "timeout_after_effect"):
            await asyncio.sleep(HANG_SECONDS)
            if request.transport is not None:
                request.transport.close()
        answer = answers.answer(fault, request)
        return await handler(request) if answer is None else answer

    return middleware


def add_sandbox_routes(
    app: web.Application,
    book: FaultBook,
    *,
    activities: Callable[[], list[dict[str, object]]],
    reset: Callable[[], None],
) -> None:
    """Add `/_sandbox/faults`, `/_sandbox/activities` and `/_sandbox/reset`, which no vendor has."""

    async def add_fault(request: web.Request) -> web.Response:
        try:
            description = await request.json()
            fault = book.add(description if isinstance(description, dict) else {})
        except (FaultError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(fault.as_dict(), status=201)

    async def list_faults(_: web.Request) -> web.Response:
        return web.json_response({"faults": [fault.as_dict() for fault in book.faults]})

    async def clear_faults(_: web.Request) -> web.Response:
        book.clear()
        return web.Response(status=204)

    async def list_activities(_: web.Request) -> web.Response:
        found = activities()
        return web.json_response({"count": len(found), "activities": found})

    async def start_over(_: web.Request) -> web.Response:
        book.clear()
        reset()
        return web.Response(status=204)

    app.router.add_post("/_sandbox/faults", add_fault)
    app.router.add_get("/_sandbox/faults", list_faults)
    app.router.add_delete("/_sandbox/faults", clear_faults)
    app.router.add_get("/_sandbox/activities", list_activities)
    app.router.add_post("/_sandbox/reset", start_over)


def make_fault_book(seed: int) -> FaultBook:
    """Make the book of faults that can be set, with its own random numbers."""
    return FaultBook(kinds=FAULT_KINDS, rng=random.Random(f"faults-{seed}"))


def run(make_app: Callable[[], tuple[web.Application, Settings]]) -> None:
    """Serve until told to stop; exits with one line when the settings are wrong or the port is taken."""
    try:
        app, settings = make_app()
        web.run_app(
            app,
            host=settings.host,
            port=settings.port,
            access_log=None,
            print=None,
            shutdown_timeout=0.5,
            handle_signals=True,
        )
    except (SettingsError, OSError) as error:
        raise SystemExit(f"sandbox: {error}") from error


def environment() -> Mapping[str, str]:
    """Return the process environment."""
    return os.environ
