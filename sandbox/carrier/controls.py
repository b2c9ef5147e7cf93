"""/_sandbox: faults, the population, truth for comparison. Needs no sign-in; not part of the vendor's API."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from aiohttp import web

from sandbox.carrier import forms, spreads
from sandbox.carrier.exchange import Exchange
from sandbox.carrier.model import Call
from sandbox.carrier.population import Behaviour
from sandbox.carrier.spreads import WishError
from sandbox.faults import FaultError

CALLER_STAYS_SECONDS = 120.0


class Controls:
    """Handlers for tests and people."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.world = exchange.world

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/_sandbox/calls", self.calls),
            web.post("/_sandbox/calls/{sid}/hangup", self.hang_up_call),
            web.post("/_sandbox/inbound", self.call_in),
            web.get("/_sandbox/webhooks", self.webhooks),
            web.get("/_sandbox/population", self.population),
            web.post("/_sandbox/population", self.change_population),
            web.post("/_sandbox/numbers/{number}", self.fix_number),
            web.post("/_sandbox/clients/{name}/hangup", self.hang_up_client),
            web.get("/_sandbox/faults", self.faults),
            web.post("/_sandbox/faults", self.add_fault),
            web.delete("/_sandbox/faults", self.clear_faults),
            web.post("/_sandbox/reset", self.reset),
        ]

    async def calls(self, request: web.Request) -> web.Response:
        """GET: every call, oldest first, with what really happened."""
        return web.json_response({"calls": [self._truth(call) for call in self.world.calls.values()]})

    async def hang_up_call(self, request: web.Request) -> web.Response:
        """POST: the other side hangs up now, whether it was called or calls. 404 when there is no such live call."""
        call = self.world.calls.get(request.match_info["sid"])
        return self._hang_up([call] if call is not None else [])

    async def call_in(self, request: web.Request) -> web.Response:
        """POST: somebody calls one of the account's numbers: from, to, talk_seconds (120), keys; 201 with its sid."""
        body = await read_body(request)
        number = self.world.numbers.get(str(body.get("to")))
        if number is None:
            return refuse(f"to must be a number of the account: {', '.join(self.world.numbers)}")
        sender = body.get("from")
        if not isinstance(sender, str) or not (forms.E164.fullmatch(sender) or sender == "anonymous"):
            return refuse("from must be a number such as +13105550142, or anonymous")
        unknown = set(body) - {"from", "to", "talk_seconds", "keys"}
        if unknown:
            return refuse(f"unknown member {sorted(unknown)[0]!r}: use from, to, talk_seconds, keys")
        try:
            seconds = spreads.number("talk_seconds", body.get("talk_seconds", CALLER_STAYS_SECONDS))
        except WishError as error:
            return refuse(str(error))
        keys = str(body.get("keys", ""))
        behaviour = Behaviour(kind="person", ring_seconds=0.0, talk_seconds=seconds, keys=keys)
        call = self.exchange.receive(sender, number, behaviour)
        return web.json_response({"sid": call.sid}, status=201)

    async def hang_up_client(self, request: web.Request) -> web.Response:
        """POST: the browser of that name hangs up all its calls. 404 when it has none."""
        name = "client:" + request.match_info["name"]
        return self._hang_up([call for call in self.world.calls.values() if call.options.to == name])

    async def webhooks(self, request: web.Request) -> web.Response:
        """GET: the delivery log, oldest first."""
        log = self.exchange.webhooks.log
        return web.json_response({"webhooks": [delivery.as_dict() for delivery in log]})

    async def population(self, request: web.Request) -> web.Response:
        """GET: the probabilities and lengths in force, and the fixed numbers."""
        population = self.world.population
        return web.json_response({**population.describe(), "numbers": population.fixed})

    async def change_population(self, request: web.Request) -> web.Response:
        """POST: change probabilities and lengths from now on."""
        try:
            self.world.population.change(await read_body(request))
        except WishError as error:
            return refuse(str(error))
        return await self.population(request)

    async def fix_number(self, request: web.Request) -> web.Response:
        """POST: fix what one number does from its next call on; an empty object sets it free."""
        number = request.match_info["number"]
        try:
            self.world.population.fix(number, await read_body(request))
        except WishError as error:
            return refuse(str(error))
        return web.json_response({number: self.world.population.fixed[number]})

    async def faults(self, request: web.Request) -> web.Response:
        """GET: the faults that are set."""
        return web.json_response({"faults": [fault.as_dict() for fault in self.world.faults.faults]})

    async def add_fault(self, request: web.Request) -> web.Response:
        """POST: set a fault."""
        try:
            fault = self.world.faults.add(await read_body(request))
        except FaultError as error:
            return refuse(str(error))
        return web.json_response(fault.as_dict(), status=201)

    async def clear_faults(self, request: web.Request) -> web.Response:
        """DELETE: forget every fault."""
        self.world.faults.clear()
        return web.json_response({"faults": []})

    async def reset(self, request: web.Request) -> web.Response:
        """POST: back to the state after start-up."""
        self.exchange.reset()
        return web.json_response({"calls": 0})

    def _hang_up(self, calls: list[Call]) -> web.Response:
        live = [call for call in calls if call.is_live]
        for call in live:
            unanswered = "canceled" if call.direction == "inbound" else "busy"
            side = "caller" if call.direction == "inbound" else "callee"
            self.exchange.finish(call, "completed" if call.answered_at else unanswered, by=side)
        if not live:
            return web.json_response({"error": "no live call to hang up"}, status=404)
        return web.json_response({"ended": [call.sid for call in live]})

    def _truth(self, call: Call) -> dict[str, object]:
        behaviour = call.behaviour
        offset = timedelta(seconds=self.world.settings.clock_offset_seconds)
        return {
            "sid": call.sid,
            "parent_sid": call.parent_sid,
            "to": call.options.to,
            "from": call.options.sender,
            "direction": call.direction,
            "status": call.status,
            "created_at": _iso(call.created_at),
            "local_created_at": _iso(call.created_at - offset),
            "started_at": _iso(call.started_at),
            "ringing_at": _iso(call.ringing_at),
            "answered_at": _iso(call.answered_at),
            "ended_at": _iso(call.ended_at),
            "ended_by": call.ended_by,
            "queue_ms": call.queue_ms,
            "duration_seconds": call.duration_seconds,
            "behaviour": behaviour.kind if behaviour else None,
            "answered_by": behaviour.truth if behaviour and call.answered_at else None,
            "message_end": behaviour.message_end if behaviour and behaviour.kind == "machine" else None,
            "answered_by_reported": call.answered_by,
            "sip_code": call.sip_code,
            "conferences": [
                {"sid": sid, "name": self.world.conferences[sid].name} for sid in call.conference_sids
            ],
            "is_in_conference": call.participant is not None,
            "notes": call.notes,
            "heard": [
                {
                    "verb": each.verb,
                    "what": each.what,
                    "seconds": round(each.seconds, 2),
                    "heard_seconds": round(each.heard_seconds, 2),
                }
                for each in call.heard
            ],
        }


async def read_body(request: web.Request) -> Mapping[str, object]:
    """Return the request's JSON object; raises web.HTTPBadRequest for anything else."""
    try:
        body = await request.json()
    except ValueError as error:
        raise _bad_body("the body must be JSON") from error
    if not isinstance(body, dict):
        raise _bad_body("the body must be a JSON object")
    return body


def _bad_body(message: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"error": message}), content_type="application/json")


def refuse(message: str) -> web.Response:
    """Return a refusal that says why."""
    return web.json_response({"error": message}, status=400)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
