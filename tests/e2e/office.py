"""What a manager and an administrator set up through the pages before robots work."""

import asyncio
import html
import re
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any

import aiohttp

PASSWORD = "robots-have-long-passwords"
DEMO_PASSWORD = "parley-demo-2026"


class ServerFault(Exception):
    """The product answered 500 or more: never right, but no reason for a person to go home."""


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
            text = await answer.text()
            if answer.status >= 500:
                raise ServerFault(f"GET {path} → {answer.status}")
            assert answer.status < 400, (path, answer.status, text)
            return text

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
                "last_name": name.removeprefix("robot"),
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


async def import_file(url: str, name: str, table: str) -> None:
    """Import a list from a file of comma-separated values."""
    form = aiohttp.FormData({"list_name": name})
    form.add_field("file", table.encode(), filename="people.csv", content_type="text/csv")
    async with Browser(url) as browser:
        await browser.sign_in("mona", DEMO_PASSWORD)
        await _send_import(browser, name, "/lists/import/", form)


async def start_campaign(
    url: str, lists: Sequence[str], agents: Sequence[str], mode: str, *, name: str, detection: str = "off"
) -> int:
    """Make and start a campaign of imported lists with all robots on it; returns its id."""
    async with Browser(url) as browser:
        await browser.sign_in("mona", DEMO_PASSWORD)
        return await _start_campaign(browser, lists, agents, mode, name, detection)


async def _import_list(browser: Browser, page: str, name: str) -> None:
    row = next(row for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if name in row)
    link = re.search(r'href="(/crm/\d+/lists/import/[^"]+)"', row)
    assert link is not None, f"{name} cannot be imported"
    address_of_form = html.unescape(link.group(1))
    hidden = re.findall(
        r'<input type="hidden" name="(\w+)" value="([^"]*)"', await browser.get(address_of_form)
    )
    form = {**{key: html.unescape(value) for key, value in hidden}, "list_name": name}
    await _send_import(browser, name, address_of_form, form)


async def _send_import(browser: Browser, name: str, path: str, form: Any) -> None:
    async with browser.http.post(browser.url + path, data=form, headers=browser._headers()) as answer:
        address = str(answer.url).replace("/crm/reading/", "/lists/imports/")
        assert "/lists/imports/" in address, (name, answer.status, (await answer.text())[-3000:])
    deadline = time.monotonic() + 90
    while "Done" not in (text := await browser.get(address.removeprefix(browser.url))):
        assert "Failed" not in text, f"the import of {name} failed: {text}"
        assert time.monotonic() < deadline, f"the import of {name} does not end"
        await asyncio.sleep(0.5)


async def _start_campaign(
    browser: Browser, lists: Sequence[str], agents: Sequence[str], mode: str, name: str, detection: str
) -> int:
    page = await browser.get("/campaigns/new/")
    choices = dict(re.findall(r'name="lists"[^>]*value="(\d+)"[^>]*>\s*(?:<span>)?([^<]+)', page))
    chosen = [number for number, label in choices.items() if label.strip() in lists]
    assert len(chosen) == len(set(lists)), (lists, choices)
    script = re.search(r'<option value="(\d+)"[^>]*>[^<]*version', page)
    setup = [
        ("name", name),
        ("purpose", "telemarketing"),
        ("mode", mode),
        ("machine_detection", detection),
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
