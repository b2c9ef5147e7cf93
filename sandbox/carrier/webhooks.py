"""Requests to the product: signed as the vendor signs them, retried as the vendor retries, logged."""

import asyncio
import contextlib
import functools
import logging
import time
import uuid
from collections import deque
from collections.abc import Coroutine, Mapping
from dataclasses import asdict, dataclass, field
from urllib.parse import parse_qs, quote_plus, urlsplit, urlunsplit

import aiohttp
import yarl

from sandbox.carrier.model import WEBHOOK_FAULTS, Hook, World
from sandbox.carrier.signing import Signer

LOG = logging.getLogger("sandbox.carrier.webhooks")
LATE_SECONDS = 20.0
# a callback held back waits for the next of its call to overtake it, but no longer than this
REORDER_SECONDS = 10.0
LOG_SIZE = 20_000
# Source: Twilio "Webhooks: connection overrides"; milliseconds there, seconds here
CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS, RETRIES = 5.0, 15.0, 15.0, 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What the product answered. `status` 0 means that no answer came; `problem` says why."""

    status: int
    body: str = ""
    content_type: str = ""
    problem: str = ""

    @property
    def is_ok(self) -> bool:
        """Tell whether the answer may be used."""
        return 200 <= self.status < 300


@dataclass(slots=True)
class Delivery:
    """One line of the delivery log."""

    id: int
    created_at: str
    kind: str
    event: str
    key: str
    url: str
    method: str
    params: dict[str, str]
    token: str
    outcome: str = "waiting"
    status: int = 0
    attempts: int = 0
    fault: str | None = None
    problem: str = ""
    finished_at: str | None = None
    took_ms: int = 0

    def as_dict(self) -> dict[str, object]:
        """Return the line as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Plan:
    url: str
    limits: aiohttp.ClientTimeout
    total_seconds: float
    retries: int
    retry_on: frozenset[str]


@dataclass(slots=True)
class Webhooks:
    """Sends webhooks; those with the same key one after the other, in the order they were posted."""

    world: World
    log: deque[Delivery] = field(default_factory=lambda: deque(maxlen=LOG_SIZE))
    _tails: dict[str, asyncio.Task[Answer]] = field(default_factory=dict)
    _held: dict[str, asyncio.Event] = field(default_factory=dict)
    _tasks: set[asyncio.Task[Answer]] = field(default_factory=set)
    _session: aiohttp.ClientSession | None = None
    _count: int = 0
    _signer: Signer = field(init=False)

    def __post_init__(self) -> None:
        settings = self.world.settings
        is_sha256 = settings.signature == "sha256"
        secret = settings.shared_key if is_sha256 and settings.shared_key else settings.auth_token
        self._signer = Signer(secret, is_sha256)

    async def open(self) -> None:
        """Start the HTTP client; needs a running event loop."""
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), connector=aiohttp.TCPConnector(limit=200)
        )

    async def close(self) -> None:
        """Drop what is under way and stop the HTTP client."""
        self.forget()
        if self._session is not None:
            await self._session.close()

    def forget(self) -> None:
        """Drop everything under way, and the log."""
        for task in list(self._tasks):
            task.cancel()
        self._tasks.clear()
        self._tails.clear()
        self._held.clear()
        self.log.clear()

    def post(self, hook: Hook, params: Mapping[str, str], *, kind: str, event: str, key: str) -> None:
        """Send a callback nobody waits for, after those posted before it with the same key."""
        delivery = self._new_delivery(hook, params, kind, event, key)
        fault = self._take_fault(delivery)
        if fault == "webhook_lost":
            self._finish(delivery, "lost", 0.0)
            return
        if fault == "webhook_late":
            self._start(self._send_late(delivery))
        elif fault == "webhook_reorder":
            self._start(self._hold_back(delivery))
        else:
            self._enqueue(delivery)
            overtaken = self._held.pop(key, None)
            if overtaken is not None:
                overtaken.set()

    async def ask(self, hook: Hook, params: Mapping[str, str], *, kind: str, key: str) -> Answer:
        """Send a request whose answer is wanted (TwiML), at once. No answer comes back as status 0."""
        delivery = self._new_delivery(hook, params, kind, kind, key)
        # there is nothing a question could be reordered with: the call waits for its answer
        fault = self._take_fault(delivery, WEBHOOK_FAULTS - {"webhook_reorder"})
        if fault == "webhook_lost":
            self._finish(delivery, "lost", 0.0)
            return Answer(0, problem="lost by a fault")
        if fault == "webhook_late":
            await self.world.clock.sleep(LATE_SECONDS)
        # a caller who hangs up meanwhile does not break the request off: the vendor lets it end, too
        return await asyncio.shield(self._start(self._send(delivery)))

    async def download(self, url: str) -> tuple[int, bytes]:
        """Fetch a sound by GET, signed like a question; return status and content, 0 when no answer came."""
        assert self._session is not None
        headers = {**self._signer.headers(url, {}), "User-Agent": "TwilioProxy/1.1"}
        try:
            async with self._session.get(
                yarl.URL(url, encoded=True),
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS),
            ) as response:
                return response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return 0, b""

    def _new_delivery(
        self, hook: Hook, params: Mapping[str, str], kind: str, event: str, key: str
    ) -> Delivery:
        self._count += 1
        delivery = Delivery(
            id=self._count,
            created_at=self.world.clock.now().isoformat(),
            kind=kind,
            event=event,
            key=key,
            url=hook.url,
            method=hook.method,
            params=dict(params),
            token=str(uuid.uuid4()),
        )
        self.log.append(delivery)
        return delivery

    def _take_fault(self, delivery: Delivery, kinds: frozenset[str] = WEBHOOK_FAULTS) -> str | None:
        fault = self.world.faults.take(kinds, f"{delivery.kind} {delivery.event} {delivery.url}")
        delivery.fault = fault.kind if fault else None
        return delivery.fault

    def _start(self, work: Coroutine[None, None, Answer]) -> asyncio.Task[Answer]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _drop_tail(self, key: str, done: asyncio.Task[Answer]) -> None:
        if self._tails.get(key) is done:
            del self._tails[key]

    def _enqueue(self, delivery: Delivery) -> None:
        key = delivery.key
        task = self._start(self._send_after(self._tails.get(key), delivery))
        self._tails[key] = task
        task.add_done_callback(lambda done: self._drop_tail(key, done))

    async def _send_late(self, delivery: Delivery) -> Answer:
        await self.world.clock.sleep(LATE_SECONDS)
        return await self._send(delivery)

    async def _hold_back(self, delivery: Delivery) -> Answer:
        overtaken = asyncio.Event()
        self._held[delivery.key] = overtaken
        patience = REORDER_SECONDS / self.world.settings.speed
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(overtaken.wait(), patience)
        if self._held.get(delivery.key) is overtaken:
            del self._held[delivery.key]
        return await self._send_after(self._tails.get(delivery.key), delivery)

    async def _send_after(self, before: asyncio.Task[Answer] | None, delivery: Delivery) -> Answer:
        if before is not None:
            await asyncio.wait([before])
        return await self._send(delivery)

    async def _send(self, delivery: Delivery) -> Answer:
        plan = _read_plan(delivery.url)
        start = time.monotonic()
        answer = await self._try(plan, delivery)
        while delivery.attempts <= plan.retries and _failure(answer) in plan.retry_on:
            if time.monotonic() - start >= plan.total_seconds:
                break
            answer = await self._try(plan, delivery)
        if delivery.fault == "webhook_duplicate":
            await self._try(plan, delivery)
        delivery.status, delivery.problem = answer.status, answer.problem
        self._finish(delivery, "delivered" if answer.is_ok else "failed", time.monotonic() - start)
        return answer

    def _finish(self, delivery: Delivery, outcome: str, seconds: float) -> None:
        delivery.outcome = outcome
        delivery.finished_at = self.world.clock.now().isoformat()
        delivery.took_ms = round(seconds * 1000)

    async def _try(self, plan: _Plan, delivery: Delivery) -> Answer:
        assert self._session is not None
        delivery.attempts += 1
        is_post = delivery.method == "POST"
        url = plan.url if is_post else _with_query(plan.url, delivery.params)
        is_spoilt = delivery.fault == "webhook_bad_signature"
        headers = {
            **self._signer.headers(url, delivery.params if is_post else {}, is_spoilt=is_spoilt),
            "I-Twilio-Idempotency-Token": delivery.token,
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
        }
        try:
            async with self._session.request(
                delivery.method,
                yarl.URL(url, encoded=True),
                data=_encode(delivery.params).encode() if is_post else None,
                headers=headers,
                timeout=plan.limits,
                allow_redirects=True,
            ) as response:
                body = await response.text(errors="replace")
                return Answer(response.status, body, response.content_type)
        except aiohttp.ConnectionTimeoutError:
            return Answer(0, problem="ct: no connection in time")
        except TimeoutError:
            return Answer(0, problem="rt: no answer in time")
        except (aiohttp.ClientError, OSError) as error:
            return Answer(0, problem=f"ct: {error}")


def _failure(answer: Answer) -> str:
    if answer.status == 0:
        return answer.problem[:2]
    return {4: "4xx", 5: "5xx"}.get(answer.status // 100, "")


@functools.lru_cache(maxsize=4096)
def _read_plan(url: str) -> _Plan:
    parts = urlsplit(url)
    bare = urlunsplit(parts._replace(fragment=""))
    wishes = {name: values[-1] for name, values in parse_qs(parts.fragment).items()}
    policy = frozenset(wishes["rp"].split(",")) if "rp" in wishes else frozenset({"ct"})
    if "all" in policy:
        policy = frozenset({"ct", "rt", "4xx", "5xx"})
    total = _milliseconds(wishes.get("tt"), TOTAL_SECONDS)
    return _Plan(
        url=bare,
        limits=aiohttp.ClientTimeout(
            total=total,
            sock_connect=_milliseconds(wishes.get("ct"), CONNECT_SECONDS),
            sock_read=_milliseconds(wishes.get("rt"), READ_SECONDS),
        ),
        total_seconds=total,
        retries=min(5, int(wishes["rc"])) if wishes.get("rc", "").isdigit() else RETRIES,
        retry_on=policy,
    )


def _milliseconds(text: str | None, default: float) -> float:
    return int(text) / 1000 if text and text.isdigit() else default


# The same names, numbers and addresses come again and again: encoding them anew took a third of a webhook's time.
_quote = functools.lru_cache(maxsize=65_536)(quote_plus)


def _encode(params: Mapping[str, str]) -> str:
    return "&".join(f"{_quote(name)}={_quote(value)}" for name, value in params.items())


def _with_query(url: str, params: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(each for each in (parts.query, _encode(params)) if each)
    return urlunsplit(parts._replace(query=query))
