"""Robot people: a manager and administrator who set things up through the pages, and agents who work at the desk."""

import asyncio
import contextlib
import html
import json
import random
import re
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import aiohttp

PASSWORD = "robots-have-long-passwords"
DEMO_PASSWORD = "parley-demo-2026"


class Browser:
    """A signed-in session that posts forms as a page does."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(total=60)
        )

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.close()

    async def sign_in(self, username: str, password: str) -> None:
        await self.get("/sign-in/")
        page = await self.post("/sign-in/", {"username": username, "password": password})
        assert "Sign in to Parley" not in page, f"{username} could not sign in"

    async def get(self, path: str) -> str:
        async with self.http.get(self.url + path) as answer:
            assert answer.status < 400, (path, answer.status, await answer.text())
            return await answer.text()

    async def post(self, path: str, data: Any, *, ok: tuple[int, ...] = (200, 204)) -> str:
        """Post a form and follow the redirect; raises with the page's errors if it was refused."""
        async with self.http.post(self.url + path, data=data, headers=self._headers()) as answer:
            text = await answer.text()
            if answer.status not in ok:
                errors = re.findall(r'class="(?:errors?|notice-text)[^>]*>\s*([^<]{3,200})', text)
                raise AssertionError(f"POST {path} → {answer.status}: {errors or text[:300]}")
            return text

    def _headers(self) -> dict[str, str]:
        token = next((cookie.value for cookie in self.http.cookie_jar if cookie.key == "csrftoken"), "")
        return {"X-CSRFToken": token, "Referer": self.url + "/"}


async def add_agents(url: str, count: int) -> list[str]:
    """Add robot agents through the administrator's page; returns their user names."""
    names = [f"robot{index:02d}" for index in range(1, count + 1)]
    async with Browser(url) as browser:
        await browser.sign_in("ada", DEMO_PASSWORD)
        for name in names:
            person = {
                "username": name,
                "first_name": "Robot",
                "last_name": name[-2:],
                "email": f"{name}@northwind.example",
                "password": PASSWORD,
                "role": "agent",
                "team": "",
                "is_active": "on",
            }
            await browser.post("/people/new/", person)
    return names


async def import_lists(url: str, wanted: dict[str, list[str]]) -> None:
    """Connect both CRMs and import the wanted lists of each."""
    async with Browser(url) as browser:
        await browser.sign_in("mona", DEMO_PASSWORD)
        salesforce = {
            "name": "Salesforce",
            "domain": "sandbox.my",
            "sign_in": "secret",
            "client_id": "parley-sandbox",
            "client_secret": "sandbox-secret",
        }
        await browser.post("/crm/connect/salesforce/", salesforce)
        await browser.post(
            "/crm/connect/hubspot/",
            {"name": "HubSpot", "token": "pat-na1-sandbox", "do_not_call_property": "do_not_call"},
        )
        connections = dict.fromkeys(re.findall(r"/crm/(\d+)/lists/", await browser.get("/crm/")))
        for connection, kind in zip(sorted(connections, key=int), ("salesforce", "hubspot"), strict=True):
            page = await browser.get(f"/crm/{connection}/lists/")
            for name in wanted[kind]:
                await _import_list(browser, page, name)


async def start_campaign(url: str, wanted: dict[str, list[str]], agents: list[str], mode: str) -> int:
    """Make and start the campaign of the imported lists; returns its id."""
    async with Browser(url) as browser:
        await browser.sign_in("mona", DEMO_PASSWORD)
        lists = [name for names in wanted.values() for name in names]
        return await _start_campaign(browser, lists, agents, mode)


async def _import_list(browser: Browser, page: str, name: str) -> None:
    row = next(row for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if name in row)
    link = re.search(r'href="(/crm/\d+/lists/import/[^"]+)"', row)
    assert link is not None, f"{name} cannot be imported"
    address_of_form = html.unescape(link.group(1))
    hidden = re.findall(
        r'<input type="hidden" name="(\w+)" value="([^"]*)"', await browser.get(address_of_form)
    )
    form = {**{key: html.unescape(value) for key, value in hidden}, "list_name": name}
    async with browser.http.post(
        browser.url + address_of_form, data=form, headers=browser._headers()
    ) as answer:
        address = str(answer.url)
        assert "/lists/imports/" in address, (name, answer.status, (await answer.text())[-3000:])
    deadline = time.monotonic() + 90
    while "Done" not in (text := await browser.get(address.removeprefix(browser.url))):
        assert "Failed" not in text, f"the import of {name} failed: {text}"
        assert time.monotonic() < deadline, f"the import of {name} does not end"
        await asyncio.sleep(0.5)


async def _start_campaign(browser: Browser, lists: list[str], agents: list[str], mode: str) -> int:
    page = await browser.get("/campaigns/new/")
    choices = dict(re.findall(r'name="lists"[^>]*value="(\d+)"[^>]*>\s*(?:<span>)?([^<]+)', page))
    chosen = [number for number, name in choices.items() if name.strip() in lists]
    assert len(chosen) == len(set(lists)), (lists, choices)
    script = re.search(r'<option value="(\d+)"[^>]*>[^<]*version', page)
    setup = [
        ("name", "Robots at work"),
        ("purpose", "telemarketing"),
        ("mode", mode),
        ("machine_detection", "off" if mode == "preview" else "hang_up"),
        ("machine_sample_percent", "5"),
        ("greeting_seconds", "30"),
        ("audience", "people"),
        ("made_by", "company"),
        *(("lists", number) for number in chosen),
        ("caller_id", "+14075550100"),
        ("window_opens", "08:00"),
        ("window_closes", "21:00"),
        *(("window_days", str(day)) for day in range(7)),
        ("max_attempts", "3"),
        ("ring_seconds", "25"),
        ("wrap_up_seconds", "60"),
        ("script_version", script.group(1) if script else ""),
    ]
    async with browser.http.post(
        browser.url + "/campaigns/new/", data=setup, headers=browser._headers()
    ) as answer:
        found = re.search(r"/campaigns/(\d+)/", str(answer.url))
        assert found is not None, await answer.text()
        page = await answer.text()
    campaign_id = int(found.group(1))
    able = dict(re.findall(r'name="(?:agents|user_ids)"[^>]*value="(\d+)"[^>]*>\s*(?:<span>)?([^<]+)', page))
    field_name = "agents" if 'name="agents"' in page else "user_ids"
    people = [(field_name, number) for number, name in able.items() if name.strip().startswith("Robot")]
    assert len(people) == len(agents), (len(people), able)
    await browser.post(f"/campaigns/{campaign_id}/agents/", people)
    await browser.post(f"/campaigns/{campaign_id}/start/", {})
    return campaign_id


@dataclass
class Agent:
    """A robot at the desk: follows the event stream, looks at the state, does what an agent would."""

    url: str
    username: str
    campaign_id: int
    rng: random.Random
    speed: float
    click_to_ringing: list[float] = field(default_factory=list)
    results: int = 0
    idle_since: float = 0.0
    refusals: list[str] = field(default_factory=list)
    _dialed_at: float | None = None
    _hang_up_at: float | None = None
    _held: set[int] = field(default_factory=set)

    async def work(self, stop: asyncio.Event) -> None:
        """Work until told to stop; a server that is away is tried again."""
        async with Browser(self.url) as browser:
            await browser.sign_in(self.username, PASSWORD)
            await browser.post("/desk/sign-on", {"campaign": str(self.campaign_id)})
            news = asyncio.Event()
            listener = asyncio.create_task(self._listen(browser, news, stop))
            try:
                while not stop.is_set():
                    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                        await self._look_and_act(browser)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(news.wait(), timeout=1.0)
                    news.clear()
            finally:
                listener.cancel()

    async def _listen(self, browser: Browser, news: asyncio.Event, stop: asyncio.Event) -> None:
        after = "0-0"
        while not stop.is_set():
            try:
                timeout = aiohttp.ClientTimeout(total=None, sock_read=30)
                async with browser.http.get(
                    f"{self.url}/desk/events?after={after}", timeout=timeout
                ) as stream:
                    async for line in stream.content:
                        if line.startswith(b"id: "):
                            after = line[4:].decode().strip()
                        if line == b"\n":
                            news.set()
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(0.3)

    async def _look_and_act(self, browser: Browser) -> None:
        desk = json.loads(await browser.get("/desk/state"))
        session, call = desk["session"], desk["call"]
        if session is None:
            await browser.post("/desk/sign-on", {"campaign": str(self.campaign_id)})
            return
        waiting = session["state"] == "ready" and session["leg_state"] == "up"
        self.idle_since = (self.idle_since or time.monotonic()) if waiting else 0.0
        if self._dialed_at and call and (call["ringing_at"] or call["answered_at"]):
            self.click_to_ringing.append(time.monotonic() - self._dialed_at)
            self._dialed_at = None
        if session["leg_state"] in ("lost", "down"):
            await self._press(browser, "reconnect", {})
        match session["state"]:
            case "not_ready":
                await self._press(browser, "ready", {})
            case "preview" if session["leg_state"] == "up":
                await self._preview(browser, desk)
            case "on_call" if call:
                await self._on_call(browser, call)
            case "wrap_up" if call:
                await self._dispose(browser, desk)

    async def _preview(self, browser: Browser, desk: dict[str, Any]) -> None:
        version = str(desk["session"]["version"])
        self._hang_up_at = None
        if self.rng.random() < 0.03:
            await self._press(browser, "skip", {"version": version, "reason": "bad_time"})
            return
        self._dialed_at = time.monotonic()
        await self._press(
            browser, "dial", {"version": version, "phone": str(desk["card"]["lead"]["phones"][0]["id"])}
        )

    async def _on_call(self, browser: Browser, call: dict[str, Any]) -> None:
        if call["state"] == "connected" and self._hang_up_at is None:
            self._hang_up_at = time.monotonic() + self.rng.uniform(10, 90) / self.speed
        if call["state"] == "on_hold":
            await self._press(browser, "resume", {})
        elif call["state"] == "connected" and call["id"] not in self._held and self.rng.random() < 0.2:
            self._held.add(call["id"])
            await self._press(browser, "hold", {})
        elif self._hang_up_at and time.monotonic() > self._hang_up_at and not call["hang_up_asked"]:
            await self._press(browser, "hang-up", {})

    async def _dispose(self, browser: Browser, desk: dict[str, Any]) -> None:
        call = desk["call"]
        self._hang_up_at = None
        code = (
            desk["suggested"]
            or self.rng.choices(
                ["interested", "not_interested", "callback", "left_message", "wrong_number", "do_not_call"],
                [25, 35, 15, 15, 5, 5],
            )[0]
        )
        form = {
            "call": str(call["id"]),
            "result": code,
            "note": f"Robot note on call {call['id']}",
            "then": "ready",
        }
        if code == "callback":
            tomorrow = desk["now"][:8] + f"{int(desk['now'][8:10]) + 1:02d}"
            form |= {
                "callback_date": tomorrow,
                "callback_time": "11:30",
                "callback_zone": desk["card"]["zone"],
                "callback_mine": "on",
            }
        if await self._press(browser, "result", form):
            self.results += 1

    async def _press(self, browser: Browser, action: str, data: dict[str, str]) -> bool:
        async with browser.http.post(
            f"{self.url}/desk/act/{action}", data=data, headers=browser._headers()
        ) as answer:
            if answer.status == 204:
                return True
            text = (await answer.text())[:200]
            assert answer.status in (409, 422), (action, answer.status, text)
            self.refusals.append(f"{action}: {text}")
            return False
