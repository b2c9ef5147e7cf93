"""The stand-in's webhooks: what happens to contacts is told to the addresses a person entered, signed (version 3), and repeated."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import itertools
import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from sandbox import crm_html
from sandbox.crm_store import Row, Store
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.schema import PORTAL_ID

AT_ONCE, TRIES = 100, 10  # HubSpot: up to 100 events a request, ten repeats over a day
ANSWER_SECONDS = 5.0
# HubSpot spreads its repeats over 24 hours; here they come soon enough to watch.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 2.0, 60.0
GATHERED_SECONDS = 0.3
_TOLD = (
    "firstname",
    "lastname",
    "phone",
    "mobilephone",
    "email",
    "state",
    "hs_lead_status",
    "do_not_call",
    "lifecyclestage",
)


class Webhooks:
    """Watches contacts in the store and sends. Deliveries go on while the server runs; nothing is sent without an address."""

    def __init__(self, portal: Portal, store: Store, *, client_secret: str) -> None:
        self._portal, self._store, self._secret = portal, store, client_secret
        self._events: list[dict[str, Any]] = []
        self._ids = itertools.count(1)
        self._sending: set[asyncio.Task[None]] = set()
        store.watch("contacts", self._hear)

    def add_routes(self, app: web.Application) -> None:
        """Add the page where the address is entered, and send while the server runs."""
        app.router.add_get("/webhooks", self.page)
        app.router.add_post("/webhooks", self.enter)
        app.cleanup_ctx.append(self._run)

    @property
    def target(self) -> str:
        """Return the address that is told, or ""."""
        kept = self._store.get("webhooks", "target")
        return str(kept["url"]) if kept else ""

    async def page(self, _: web.Request) -> web.Response:
        """Show the address and the last deliveries."""
        rows = [
            (crm_html.cell(row["at"]), crm_html.cell(row["events"]), crm_html.cell(row["result"]))
            for row in list(self._store.rows("delivery"))[-20:]
        ]
        body = (
            f'<form method="post"><p><label>Address told of changes to contacts<br>'
            f'<input name="url" value="{escape(self.target)}"></label> <button>Save</button></p></form>'
            "<p>It is on the page “Health” of the CRM's connection.</p><h2>Deliveries</h2>"
        )
        body += crm_html.table(("At", "Events", "Answer"), rows, empty="None yet.")
        return crm_html.respond("Sandbox HubSpot", "Webhooks", body)

    async def enter(self, request: web.Request) -> web.Response:
        """Keep the address; none switches webhooks off."""
        form = await request.post()
        self._store.put("webhooks", "target", {"url": str(form.get("url", "")).strip()})
        raise web.HTTPFound("/webhooks")

    def _hear(self, before: Row | None, after: Row) -> None:
        if self.target:
            self._events += [self._event(kind, after, **more) for kind, more in changes(before, after)]

    def _event(self, kind: str, row: Row, **more: Any) -> dict[str, Any]:
        return {
            "eventId": next(self._ids),
            "subscriptionId": 100 + len(kind),
            "portalId": PORTAL_ID,
            "appId": 123456,
            "occurredAt": int(self._portal.clock.now().timestamp() * 1000),
            "subscriptionType": kind,
            "attemptNumber": 0,
            "objectId": int(row["id"]),
            "changeSource": "CRM_UI",
            **more,
        }

    async def _run(self, _: web.Application) -> Any:
        sender = asyncio.create_task(self._send_all())
        yield
        for task in (sender, *self._sending):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _send_all(self) -> None:
        async with ClientSession(timeout=ClientTimeout(total=ANSWER_SECONDS)) as session:
            while True:
                await asyncio.sleep(GATHERED_SECONDS)
                while self._events:
                    chosen, self._events = self._events[:AT_ONCE], self._events[AT_ONCE:]
                    task = asyncio.create_task(self._deliver(session, chosen))
                    self._sending.add(task)
                    task.add_done_callback(self._sending.discard)

    async def _deliver(self, session: ClientSession, events: Sequence[Mapping[str, Any]]) -> None:
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(TRIES + 1):
            body = json.dumps([{**event, "attemptNumber": attempt} for event in events]).encode()
            result = await self._post(session, self.target, body)
            now = self._portal.now()
            self._store.put(
                "delivery",
                f"{now} {events[0]['eventId']}",
                {"at": now, "events": len(events), "result": result},
            )
            if result.startswith("2"):
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _post(self, session: ClientSession, url: str, body: bytes) -> str:
        stamp = str(int(self._portal.clock.now().timestamp() * 1000))
        signed = b"POST" + url.encode() + body + stamp.encode()
        signature = base64.b64encode(
            hmac.new(self._secret.encode(), signed, hashlib.sha256).digest()
        ).decode()
        headers = {
            "Content-Type": "application/json",
            "X-HubSpot-Signature-v3": signature,
            "X-HubSpot-Request-Timestamp": stamp,
        }
        try:
            async with session.post(url, data=body, headers=headers) as answer:
                return str(answer.status)
        except (ClientError, TimeoutError, ValueError) as error:
            return type(error).__name__


def changes(before: Row | None, after: Row) -> list[tuple[str, dict[str, Any]]]:
    """Return the subscription types of what became of a contact, with what HubSpot adds."""
    if before is None:
        return [("contact.creation", {"changeFlag": "CREATED"})]
    if after["archived"] != before["archived"]:
        return [("contact.deletion" if after["archived"] else "contact.restore", {})]
    own, was = after["properties"], before["properties"]
    return [
        ("contact.propertyChange", {"propertyName": name, "propertyValue": own.get(name, "")})
        for name in _TOLD
        if own.get(name) != was.get(name)
    ]
