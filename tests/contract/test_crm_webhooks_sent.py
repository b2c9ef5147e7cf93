"""What the HubSpot stand-in tells by itself: signed as HubSpot signs, repeated until it is answered."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests

from crm_sync import hubspot_signature
from sandbox.hubspot import app as hubspot_app
from sandbox.testing import run_in_thread


class Listener(HTTPServer):
    """Takes webhooks, and refuses the first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.heard: list[tuple[bytes, dict[str, str]]] = []

    @property
    def url(self) -> str:
        """Return the address webhooks go to."""
        return f"http://127.0.0.1:{self.server_port}/crm/hooks/hubspot/k0/"

    def wait_for(self, count: int) -> None:
        """Wait until so many requests came."""
        deadline = time.monotonic() + 20
        while len(self.heard) < count:
            assert time.monotonic() < deadline, self.heard
            time.sleep(0.05)


class _Handler(BaseHTTPRequestHandler):
    server: Any

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((body, dict(self.headers)))
        self.send_response(500 if len(self.server.heard) == 1 else 204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    """What webhooks go to."""
    made = Listener()
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def test_a_change_of_a_contact_is_told_signed_and_told_again(listener: Listener) -> None:
    with run_in_thread(hubspot_app.make_app(hubspot_app.Settings())) as url:
        requests.post(f"{url}/webhooks", data={"url": listener.url}, timeout=5)
        search = requests.post(
            f"{url}/crm/v3/objects/contacts/search", json={"limit": 1},
            headers={"Authorization": "Bearer pat-na1-sandbox"}, timeout=5,
        )  # fmt: skip
        contact = search.json()["results"][0]["id"]
        record = f"{url}/contacts/24681012/record/0-1/{contact}"

        requests.post(record, data={"property": "hs_lead_status", "value": "CONNECTED"}, timeout=5)
        listener.wait_for(2)
        requests.post(record, data={"act": "delete"}, timeout=5)
        listener.wait_for(3)

    told = [json.loads(body)[0] for body, _ in listener.heard]
    assert [event["subscriptionType"] for event in told] == [
        "contact.propertyChange",
        "contact.propertyChange",
        "contact.deletion",
    ]
    assert (told[0]["eventId"], told[0]["attemptNumber"], told[1]["attemptNumber"]) == (
        told[1]["eventId"],
        0,
        1,
    )
    assert {event["objectId"] for event in told} == {int(contact)}
    for body, headers in listener.heard:
        why = hubspot_signature.why_refused(
            secret="sandbox-secret",
            method="POST",
            uri=listener.url,
            body=body,
            headers=headers,
            now=datetime.now(UTC),
        )
        assert why == ""
