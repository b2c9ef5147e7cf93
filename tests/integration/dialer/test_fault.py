"""A call whose answer URL fails still hears who called, with nothing behind the web process but itself."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from dialer.urls_out import agent_callbacks, call_callbacks

ROOT = Path(__file__).resolve().parents[3]
WORDS = "<Say>This is Northwind Home Energy. We are sorry, a technical fault ends this call. Goodbye.</Say><Hangup/>"
ALONE = """
import asyncio
from config.asgi import application

async def ask():
    sent, got = [], [{"type": "http.request", "body": b"CallSid=CA1"}]
    async def receive():
        return got.pop() if got else await asyncio.Event().wait()
    async def send(message):
        sent.append(message)
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
             "path": "/hooks/voice/fault", "raw_path": b"/hooks/voice/fault", "query_string": b"", "root_path": "",
             "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/x-www-form-urlencoded")],
             "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80)}
    await application(scope, receive, send)
    print(sent[0]["status"], dict(sent[0]["headers"])[b"content-type"].decode(), sent[1]["body"].decode())

asyncio.run(ask())
"""


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_fallback_speaks_without_asking_the_database(method: str) -> None:
    # No database mark: a query would raise.
    answer = getattr(Client(), method)("/hooks/voice/fault")

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert WORDS in answer.content.decode()
    assert not answer.cookies


def test_without_a_name_it_speaks_all_the_same(settings: Any) -> None:
    settings.SELLER_NAME = ""

    assert "<Say>We are sorry, a technical fault" in Client().post("/hooks/voice/fault").content.decode()


@pytest.mark.slow_lane
def test_the_fallback_speaks_while_database_and_redis_are_away() -> None:
    away = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
    }

    done = subprocess.run(
        [sys.executable, "-c", ALONE],
        env={**os.environ, **away},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert "200 text/xml; charset=utf-8 <?xml" in done.stdout
    assert WORDS in done.stdout


def test_every_call_has_the_fallback() -> None:
    for callbacks in (call_callbacks(uuid4()), agent_callbacks(1)):
        assert callbacks.fallback_url == "http://127.0.0.1:8000/hooks/voice/fault"
