"""The robots ask for the desk when a page would (tests/browser/test_redraws.py holds the page to the same table)."""

import asyncio
import json
import random
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.e2e import robots
from tests.e2e.redraws import REDRAWS, Redraw

ROOT = Path(__file__).resolve().parents[2]
SHOWN: dict[str, Any] = {
    "after": "1-0",
    "version": "1.7",
    "keys": {"work": "lead-3"},
    "call": None,
    "session": {"id": 1, "version": 7, "state": "ready", "leg_state": "up"},
}


class Answer:
    """A button's, with the desk in it."""

    status = 200

    async def __aenter__(self) -> "Answer":
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def text(self) -> str:
        """Return the desk as it is then."""
        return json.dumps({**SHOWN, "version": "1.8", "session": {**SHOWN["session"], "version": 8}})


class Server:
    """Counts what is asked of it; a button is answered with the new state."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.pressed: list[dict[str, str]] = []
        self.http = self

    def post(self, _: str, *, data: dict[str, str], headers: dict[str, str]) -> Answer:
        """Take a button."""
        self.pressed.append(data)
        return Answer()

    def _headers(self) -> dict[str, str]:
        return {}

    async def get(self, path: str) -> str:
        """Return the desk as it was."""
        self.asked.append(path)
        return json.dumps(SHOWN) if len(self.asked) == 1 else ""


async def asked_after(redraw: Redraw) -> list[str]:
    server: Any = Server()
    agent = robots.Agent("http://nowhere", "robot", [1], random.Random(1), 1.0)
    await agent._look(server)
    agent._news.clear()
    server.asked.clear()
    for session, version in redraw.told:
        agent._hear("event: changed")
        agent._hear(f"data: {json.dumps({'session': session, 'version': version, 'leg_up': True})}")
        agent._hear("")
    if redraw.resync:
        agent._hear("event: resync")
        agent._hear("data: {}")
    if redraw.pressed:
        await agent._press(server, "hold", {})
        [said] = server.pressed
        assert said == {"shown_work": "lead-3", "shown_version": "1.7"}
    wakes = agent._news.is_set()
    await agent._look(server)
    assert wakes == bool(redraw.asks or redraw.pressed)
    found: list[str] = server.asked
    return found


@pytest.mark.parametrize("redraw", REDRAWS, ids=lambda redraw: redraw.name)
def test_a_robot_asks_when_a_page_would(redraw: Redraw) -> None:
    asked = asyncio.run(asked_after(redraw))

    assert len(asked) == redraw.asks
    for path in asked:
        named = parse_qs(urlsplit(path).query).get("shown_version")
        assert named == (["1.7"] if redraw.names_version else None)


def test_a_robot_gathers_news_as_long_as_the_page() -> None:
    source = (ROOT / "static/js/redraws.js").read_text(encoding="utf-8")

    found = re.search(r"const GATHER_MS = (\d+);", source)

    assert found is not None
    assert int(found.group(1)) == round(robots.GATHERS_NEWS_FOR * 1000)
