"""Numbers through the vendor's library, against answers in the vendor's shape (Twilio: IncomingPhoneNumber resource)."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest

from carriers.protocol import NumberSetup
from carriers.twilio.client import TwilioCarrier

SETUP = NumberSetup(
    voice_url="https://parley.example/in",
    fallback_url="https://parley.example/fault",
    status_url="https://parley.example/status",
    text_url="https://parley.example/text",
)
ROW: dict[str, Any] = {
    "sid": "PN1", "phone_number": "+14075550100", "friendly_name": "Orlando",
    "capabilities": {"voice": True, "sms": False, "mms": False, "fax": False},
    "voice_url": "https://elsewhere.example/", "voice_method": "GET", "voice_fallback_url": None,
    "voice_fallback_method": "POST", "status_callback": "", "status_callback_method": "POST",
    "voice_application_sid": None, "trunk_sid": None, "sms_url": "", "sms_method": "POST", "sms_application_sid": None,
}  # fmt: skip


class Vendor(BaseHTTPRequestHandler):
    """Lists two numbers on two pages; takes what it is told."""

    told: dict[str, list[str]] = {}

    def do_GET(self) -> None:
        page = "Page=1" in self.path
        rows = [{**ROW, "sid": "PN2", "phone_number": "+12125550100", "trunk_sid": "TK1"}] if page else [ROW]
        following = None if page else "/2010-04-01/Accounts/AC1/IncomingPhoneNumbers.json?Page=1&PageToken=x"
        self._answer({"incoming_phone_numbers": rows, "next_page_uri": following, "page": int(page)})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        Vendor.told = parse_qs(body)
        changed = {"voice_url": Vendor.told["VoiceUrl"][0], "voice_method": Vendor.told["VoiceMethod"][0]}
        self._answer({**ROW, **changed})

    def _answer(self, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def twilio(settings: Any) -> Iterator[TwilioCarrier]:
    server = HTTPServer(("127.0.0.1", 0), Vendor)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.TWILIO_BASE_URL = f"http://127.0.0.1:{server.server_port}"
    yield TwilioCarrier()
    server.shutdown()
    server.server_close()
    thread.join()


def test_numbers_of_all_pages_come_in_order_with_what_is_set(twilio: TwilioCarrier) -> None:
    second, first = twilio.own_numbers()

    assert (first.number, first.label, first.has_voice, first.handled_by) == (
        "+14075550100",
        "Orlando",
        True,
        "",
    )
    assert first.setup == NumberSetup(
        voice_url="https://elsewhere.example/ (GET)", fallback_url="", status_url="", text_url=""
    )
    assert (second.number, second.handled_by) == ("+12125550100", "TK1")


def test_a_number_is_set_up_to_be_asked_by_post(twilio: TwilioCarrier) -> None:
    found = twilio.set_up_number("PN1", SETUP)

    assert found.setup.voice_url == SETUP.voice_url
    assert Vendor.told == {
        "VoiceUrl": [SETUP.voice_url], "VoiceMethod": ["POST"],
        "VoiceFallbackUrl": [SETUP.fallback_url], "VoiceFallbackMethod": ["POST"],
        "StatusCallback": [SETUP.status_url], "StatusCallbackMethod": ["POST"],
        "SmsUrl": [SETUP.text_url], "SmsMethod": ["POST"],
        "SmsFallbackUrl": [SETUP.text_url], "SmsFallbackMethod": ["POST"],
    }  # fmt: skip
