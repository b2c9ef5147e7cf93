"""A carrier stand-in and a product that records what it is told, both on free ports."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests
from aiohttp import web
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from sandbox.carrier.settings import Settings

SPEED = 40.0  # simulated seconds per real second
OWN = "+12125550100"
LEAD = "+13105550142"


class RewritingClient(TwilioHttpClient):
    """Sends https://SUB.twilio.com/path to BASE/SUB/path, as the product does."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=30)
        self.base = base

    def request(self, method, url, *args, **kwargs):
        host, _, path = url.removeprefix("https://").partition("/")
        return super().request(method, f"{self.base}/{host.split('.')[0]}/{path}", *args, **kwargs)


@dataclass
class Received:
    """One request of the carrier to the product."""

    path: str
    url: str
    method: str
    params: dict[str, str]
    headers: dict[str, str]
    at: float


@dataclass
class Product:
    """Answers TwiML by path and keeps every request; `breaks` counts connections to break off by path."""

    base: str = ""
    received: list[Received] = field(default_factory=list)
    twiml: dict[str, str] = field(default_factory=dict)
    answers: dict[str, list[int]] = field(default_factory=dict)
    delays: dict[str, float] = field(default_factory=dict)
    breaks: dict[str, int] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def app(self) -> web.Application:
        async def answer(request: web.Request) -> web.Response:
            form = await request.post()
            params = {name: str(value) for name, value in form.items()}
            with self.lock:
                self.received.append(
                    Received(
                        request.path,
                        str(request.url),
                        request.method,
                        params,
                        dict(request.headers),
                        time.monotonic(),
                    )
                )
                statuses = self.answers.get(request.path)
                status = statuses.pop(0) if statuses else 200
            if self.breaks.get(request.path):
                self.breaks[request.path] -= 1
                assert request.transport is not None
                request.transport.abort()
            await asyncio.sleep(self.delays.get(request.path, 0))
            if request.path in self.files:
                return web.Response(status=status, body=self.files[request.path], content_type="audio/wav")
            text = self.twiml.get(request.path)
            if text is None:
                return web.Response(status=status)
            return web.Response(status=status, text=text, content_type="text/xml")

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        return app

    def at(self, path: str) -> list[Received]:
        with self.lock:
            return [each for each in self.received if each.path == path]

    def events(self, path: str, name: str = "CallStatus") -> list[str]:
        return [each.params.get(name, "") for each in self.at(path)]


@dataclass
class StoppedClock:
    """Moves only when told to; who waits is let go at once."""

    seconds: float = 1000.0
    speed: float = 1.0

    def now(self) -> datetime:
        return datetime(2026, 11, 18, tzinfo=UTC)

    def elapsed(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@dataclass
class Carrier:
    """The stand-in under test, seen through the vendor's own library and its /_sandbox pages."""

    base: str
    settings: Settings
    client: Client

    def post(self, path: str, body: Any = None) -> Any:
        answer = requests.post(f"{self.base}/_sandbox/{path}", json=body or {}, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        return requests.get(f"{self.base}/_sandbox/{path}", timeout=30).json()

    def truth(self, sid: str) -> dict[str, Any]:
        return next(each for each in self.get("calls")["calls"] if each["sid"] == sid)

    def fix(self, number: str = LEAD, **wishes: Any) -> None:
        self.post(f"numbers/{number}", wishes)

    def call(self, **wishes: Any):
        twiml = {} if "url" in wishes else {"twiml": "<Response><Pause length='9000'/></Response>"}
        return self.client.calls.create(**{"to": LEAD, "from_": OWN, **twiml, **wishes})

    def status(self, sid: str) -> str:
        return self.client.calls(sid).fetch().status


def wait_for(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Return the first true value of `condition`; fail after so many real seconds."""
    limit = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < limit:
        value = condition()
        if value:
            return value
        pause.wait(0.01)
    raise AssertionError("it did not happen in time")
