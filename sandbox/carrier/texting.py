"""/_sandbox/texts: texts people send to the account's numbers, and what became of texts sent. Not part of the vendor's API.

The account sends no texts of its own yet, so that a status names no message that was created here.
Source: Twilio "Messaging webhooks", "Track outbound message status".
"""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from sandbox.carrier.controls import read_body, refuse
from sandbox.carrier.exchange import Exchange
from sandbox.carrier.model import API_VERSION, Hook, OwnNumber, new_sid

OPT_OUT_TYPES: Final = ("STOP", "START", "HELP")
STATUSES: Final = ("queued", "sent", "delivered", "undelivered", "failed")
SEGMENT: Final = 160


class Texting:
    """Handlers for tests and people."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.world = exchange.world

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.post("/_sandbox/texts", self.text_in),
            web.post("/_sandbox/texts/status", self.status),
        ]

    async def text_in(self, request: web.Request) -> web.Response:
        """POST: somebody sends a text: from, to, body, opt_out_type; 201 with its sid, the product's status and its replies."""
        body = await read_body(request)
        unknown = set(body) - {"from", "to", "body", "opt_out_type", "sid"}
        if unknown:
            return refuse(f"unknown member {sorted(unknown)[0]!r}: use from, to, body, opt_out_type, sid")
        number = self.world.numbers.get(str(body.get("to")))
        if number is None:
            return refuse(f"to must be a number of the account: {', '.join(self.world.numbers)}")
        if body.get("opt_out_type") not in (None, *OPT_OUT_TYPES):
            return refuse(f"opt_out_type must be one of {', '.join(OPT_OUT_TYPES)}")
        hook = number.hook("sms")
        if hook is None:
            return refuse("the number has no SmsUrl: set it by REST first")
        params = self._params(body, str(body.get("sid") or new_sid("SM")))
        answer = await self.exchange.webhooks.ask(hook, params, kind="text", key=params["MessageSid"])
        fallback = number.hook("sms_fallback")
        if not answer.is_ok and fallback is not None:
            answer = await self.exchange.webhooks.ask(
                fallback, params, kind="text_fallback", key=params["MessageSid"]
            )
        found = {"sid": params["MessageSid"], "status": answer.status, "replies": _replies(answer.body)}
        return web.json_response(found, status=201)

    async def status(self, request: web.Request) -> web.Response:
        """POST: a text the product sent has come to something: from, to, status, error_code, url of its callback; 201 with its sid."""
        body = await read_body(request)
        number, url = self.world.numbers.get(str(body.get("from"))), body.get("url")
        if number is None:
            return refuse(f"from must be a number of the account: {', '.join(self.world.numbers)}")
        if body.get("status") not in STATUSES:
            return refuse(f"status must be one of {', '.join(STATUSES)}")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            return refuse("url must be the address of the status callback")
        params = self._status_params(body, number)
        self.exchange.webhooks.post(
            Hook(url), params, kind="text_status", event=params["MessageStatus"], key=params["MessageSid"]
        )
        return web.json_response({"sid": params["MessageSid"]}, status=201)

    def _params(self, body: Mapping[str, object], sid: str) -> dict[str, str]:
        words = str(body.get("body", ""))
        kind = {"OptOutType": str(body["opt_out_type"])} if body.get("opt_out_type") else {}
        return {
            "ToCountry": "US",
            "SmsMessageSid": sid,
            "NumMedia": "0",
            "SmsSid": sid,
            "SmsStatus": "received",
            "Body": words,
            "To": str(body.get("to")),
            "NumSegments": str(max(1, -(-len(words) // SEGMENT))),
            "MessageSid": sid,
            "AccountSid": self.world.settings.account_sid,
            "From": str(body.get("from", "")),
            "ApiVersion": API_VERSION,
            **kind,
        }

    def _status_params(self, body: Mapping[str, object], number: OwnNumber) -> dict[str, str]:
        sid, status, code = new_sid("SM"), str(body["status"]), body.get("error_code")
        return {
            "SmsSid": sid,
            "SmsStatus": status,
            "MessageStatus": status,
            "To": str(body.get("to", "")),
            "MessageSid": sid,
            "AccountSid": self.world.settings.account_sid,
            "From": number.number,
            "ApiVersion": API_VERSION,
            **({"ErrorCode": str(code)} if code else {}),
        }


def _replies(document: str) -> list[str]:
    """The texts a document sends back; one that is no TwiML sends none."""
    try:
        root = ET.fromstring(document)  # noqa: S314 - the product under test wrote it
    except ET.ParseError:
        return []
    if root.tag != "Response":
        return []
    return ["".join(message.itertext()) for message in root.findall("Message")]
