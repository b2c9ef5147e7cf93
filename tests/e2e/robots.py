"""Robot agents at the desk: each follows its event stream, looks at the state, and does what an agent would."""

import asyncio
import contextlib
import json
import random
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.e2e.office import PASSWORD, Browser, ServerFault

LOOKS_AGAIN_AFTER = 0.5  # a refusal, or a server that is away
GATHERS_NEWS_FOR = (
    0.05  # of changes within a blink a redraw shows the last: as the page does (static/js/desk.js)
)
NEXT_CAMPAIGN_AFTER = 20.0  # seconds without a call
AWAY = (aiohttp.ClientError, TimeoutError)
RESULTS = {
    "interested": 25,
    "not_interested": 35,
    "callback": 15,
    "left_message": 15,
    "wrong_number": 5,
    "do_not_call": 5,
}


@dataclass
class Orders:
    """What all robots are told."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)  # at once, in mid-call too
    last_call: asyncio.Event = field(default_factory=asyncio.Event)  # finish what is in hand, then pause


@dataclass
class Agent:
    """One robot. `speed` is how much faster than a person it talks; `thinks` the longest it looks at a card or a result, in
    simulated seconds. A robot that waits in vain goes on to its next campaign, where it has one.

    It asks for the desk when a page would: after a press, after missed events, and when told of a version it has not seen; it says
    which one it has, and acts on that. `looks_every` (seconds) is for what a dead server could not tell.
    """

    url: str
    username: str
    campaigns: list[int]
    rng: random.Random
    speed: float
    thinks: float = 0.0
    looks_every: float = 10.0
    talks: tuple[float, float] = (10.0, 90.0)  # simulated seconds until it hangs up
    holds: float = 0.2  # the share of people it puts on hold once
    click_to_ringing: list[float] = field(default_factory=list)
    idle_since: float = 0.0
    is_done: bool = False  # after the last call: paused, nothing in hand
    saved: dict[int, str] = field(default_factory=dict)  # results the server has taken, by call
    refusals: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)  # answers of 500 and more
    pages: int = 0  # requests made
    _dialed_at: float | None = None
    _hang_up_at: float | None = None
    _look_at: float = 0.0
    _after: str = "0-0"
    _desk: dict[str, Any] = field(default_factory=dict)  # what the page would show
    _told: tuple[int, int] | None = None  # session and version the stream told of last
    _must_look: bool = True
    _held: set[int] = field(default_factory=set)
    _resumed: str = ""  # since when the call was held that is asked to go on
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self, orders: Orders, *, signed_on: asyncio.Semaphore | None = None) -> None:
        """Work until told to stop; a server that is away is tried again. `signed_on` lets so many sign in at once."""
        async with Browser(self.url) as browser:
            async with signed_on or contextlib.nullcontext():
                await browser.sign_in(self.username, PASSWORD)
                await browser.post("/desk/sign-on", {"campaign": str(self.campaigns[0])})
            listener = asyncio.create_task(self._listen(browser, orders.stop))
            try:
                while not orders.stop.is_set():
                    self._news.clear()
                    self._look_at = time.monotonic() + self.looks_every
                    try:
                        await self._look_and_act(browser, orders.last_call)
                    except AWAY:
                        self._must_look = True
                        self._look_again(LOOKS_AGAIN_AFTER)
                    except ServerFault as fault:
                        self.faults.append(str(fault))
                        self._must_look = True
                        self._look_again(LOOKS_AGAIN_AFTER)
                    await self._wait()
            finally:
                listener.cancel()

    def look_now(self) -> None:
        """Look at the desk at once: the orders changed."""
        self._must_look = True
        self._news.set()

    async def _wait(self) -> None:
        """Wait for news, or until there is something to do at its time."""
        until = min(self._look_at, self._hang_up_at or self._look_at)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), timeout=max(0.01, until - time.monotonic()))
            await asyncio.sleep(GATHERS_NEWS_FOR)
        self._must_look = self._must_look or time.monotonic() >= self._look_at

    def _look_again(self, seconds: float) -> None:
        self._look_at = min(self._look_at, time.monotonic() + seconds)

    async def _listen(self, browser: Browser, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                timeout = aiohttp.ClientTimeout(total=None, sock_read=30)
                address = f"{self.url}/desk/events?after={self._after}"
                async with browser.http.get(address, timeout=timeout) as stream:
                    async for line in stream.content:
                        self._hear(line.decode().rstrip("\n"))
            except AWAY:
                await asyncio.sleep(0.3)

    def _hear(self, line: str) -> None:
        """Take one line of the stream: what is told of and not shown yet is news, and so is that events were missed."""
        name, _, value = line.partition(": ")
        if name == "id":
            self._after = value
        elif (name, value) == ("event", "resync"):
            self._desk.pop("version", None)
            self.look_now()
        elif name == "data" and "version" in (told := json.loads(value)):
            heard = (told["session"], told["version"])
            is_older = self._told is not None and self._told[0] == heard[0] and self._told > heard
            self._told = self._told if is_older else heard
            if not self._is_shown():
                self._news.set()

    def _is_shown(self) -> bool:
        """Return whether the page shows what the stream told of last."""
        session = self._desk.get("session")
        return self._told is None or (
            session is not None and session["id"] == self._told[0] and session["version"] >= self._told[1]
        )

    async def _look(self, browser: Browser) -> dict[str, Any]:
        """Return the desk; asks for it where a page would, which gets nothing where it shows the newest."""
        if not self._must_look and self._is_shown():
            return self._desk
        self.pages += 1
        self._must_look = False
        if found := await browser.get(f"/desk/state?{urlencode(self._shown())}"):
            self._take(found)
        return self._desk

    def _shown(self) -> dict[str, str]:
        """Return what the page would say that it shows."""
        shown = {f"shown_{part}": key for part, key in self._desk.get("keys", {}).items()}
        return {**shown, "shown_version": self._desk.get("version") or ""}

    def _take(self, found: str) -> None:
        """Show a state of the desk."""
        self._desk = json.loads(found)
        self._after = self._desk["after"]  # as the page does: what it contains need not be told again
        self._must_look = False

    async def _look_and_act(self, browser: Browser, last_call: asyncio.Event) -> None:
        desk = await self._look(browser)
        session, call = desk["session"], desk["call"]
        if session is None:
            self.is_done = last_call.is_set()
            if not self.is_done:
                await browser.post("/desk/sign-on", {"campaign": str(self.campaigns[0])})
                self.look_now()
            return
        waiting = session["state"] == "ready" and session["leg_state"] == "up"
        self.idle_since = (self.idle_since or time.monotonic()) if waiting else 0.0
        self.is_done = last_call.is_set() and session["state"] == "not_ready"
        if self._dialed_at and call and (call["ringing_at"] or call["answered_at"]):
            self.click_to_ringing.append(time.monotonic() - self._dialed_at)
            self._dialed_at = None
        if session["leg_state"] in ("lost", "down"):
            await self._press(browser, "reconnect", {})
        if session["state"] not in ("on_call", "wrap_up"):
            self._hang_up_at = None
        match session["state"]:
            case "not_ready" if not last_call.is_set():
                await self._press(browser, "ready", {})
            case "ready" | "preview" if last_call.is_set():
                await self._press(browser, "not-ready", {"reason": "break"})
            case "ready":
                await self._perhaps_move_on(browser)
            case "preview" if session["leg_state"] == "up":
                await self._preview(browser, desk)
            case "on_call" if call:
                await self._on_call(browser, call)
            case "wrap_up" if call:
                await self._dispose(browser, desk, then="pause" if last_call.is_set() else "ready")

    async def _perhaps_move_on(self, browser: Browser) -> None:
        if len(self.campaigns) < 2 or not self.idle_since:
            return
        self._look_again(NEXT_CAMPAIGN_AFTER)
        if time.monotonic() - self.idle_since > NEXT_CAMPAIGN_AFTER:
            if await self._press(browser, "sign-off", {}):
                self.campaigns.pop(0)
            self._look_again(0)

    async def _think(self) -> None:
        if self.thinks:
            await asyncio.sleep(self.rng.uniform(0.2, 1) * self.thinks / self.speed)

    async def _preview(self, browser: Browser, desk: dict[str, Any]) -> None:
        version = str(desk["session"]["version"])
        await self._think()
        if self.rng.random() < 0.03:
            await self._press(browser, "skip", {"version": version, "reason": "bad_time"})
            return
        self._dialed_at = time.monotonic()
        await self._press(
            browser, "dial", {"version": version, "phone": str(desk["card"]["lead"]["phones"][0]["id"])}
        )

    async def _on_call(self, browser: Browser, call: dict[str, Any]) -> None:
        if call["hang_up_asked"]:
            self._hang_up_at = None
            return
        if call["state"] == "connected" and self._hang_up_at is None:
            self._hang_up_at = time.monotonic() + self.rng.uniform(*self.talks) / self.speed
        if call["state"] == "on_hold":
            if call["held_since"] != self._resumed:  # once; then it is seen to
                self._resumed = call["held_since"]
                if not await self._press(browser, "resume", {}):
                    self._resumed = ""
        elif call["state"] == "connected" and call["id"] not in self._held and self.rng.random() < self.holds:
            self._held.add(call["id"])
            await self._press(browser, "hold", {})
        elif self._hang_up_at and time.monotonic() > self._hang_up_at:
            self._hang_up_at = None
            await self._press(browser, "hang-up", {})

    async def _dispose(self, browser: Browser, desk: dict[str, Any], *, then: str) -> None:
        call = desk["call"]
        self._hang_up_at = None
        await self._think()
        code = desk["suggested"] or self.rng.choices(list(RESULTS), list(RESULTS.values()))[0]
        form = {
            "call": str(call["id"]),
            "result": code,
            "note": f"Robot note on call {call['id']}",
            "then": then,
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
            self.saved[call["id"]] = code

    async def _press(self, browser: Browser, action: str, data: dict[str, str]) -> bool:
        self.pages += 1
        headers = {**browser._headers(), "Accept": "application/json"}
        self.look_now()  # unless the answer brings the new state, a page asks anew
        async with browser.http.post(
            f"{self.url}/desk/act/{action}", data={**self._shown(), **data}, headers=headers
        ) as answer:
            if answer.status == 200:
                self._take(await answer.text())
                return True
            text = (await answer.text())[:200]
            if answer.status >= 500:
                raise ServerFault(f"{action} → {answer.status}")
            assert answer.status in (409, 422), (action, answer.status, text)
            self.refusals.append(f"{action}: {text}")
            self._news.clear()  # a person reads why before they press again
            self._look_again(LOOKS_AGAIN_AFTER)
            return False
