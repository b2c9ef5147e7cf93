"""REST: calls."""

import re
from collections.abc import Mapping

from aiohttp import web

from sandbox.carrier import paging
from sandbox.carrier.errors import ApiError, invalid, not_found
from sandbox.carrier.exchange import CallStateError, Exchange
from sandbox.carrier.interpreter import is_address
from sandbox.carrier.model import Call, CallOptions, Hook, Source
from sandbox.carrier.render import Renderer

E164 = re.compile(r"\+[1-9]\d{7,14}")
EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
TWIML_LIMIT = 4000


class CallsApi:
    """Handlers of /Calls."""

    def __init__(self, exchange: Exchange, renderer: Renderer) -> None:
        self.exchange = exchange
        self.world = exchange.world
        self.renderer = renderer

    def routes(self, root: str) -> list[web.RouteDef]:
        """Return the routes under the account's address."""
        return [
            web.post(f"{root}/Calls.json", self.create),
            web.get(f"{root}/Calls.json", self.list_calls),
            web.get(root + "/Calls/{sid}.json", self.fetch),
            web.post(root + "/Calls/{sid}.json", self.update),
            web.delete(root + "/Calls/{sid}.json", self.delete),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """POST Calls.json: 201, queued."""
        form = await read_form(request)
        call = self.exchange.place(self._options(form))
        return web.json_response(self.renderer.call(call), status=201)

    async def list_calls(self, request: web.Request) -> web.Response:
        """GET Calls.json, newest first, with the vendor's filters."""
        query = request.query
        found = [
            call
            for call in reversed(self.world.calls.values())
            if query.get("Status", call.status) == call.status
            and query.get("To", call.options.to) == call.options.to
            and query.get("From", call.options.sender) == call.options.sender
            and query.get("ParentCallSid", call.parent_sid) == call.parent_sid
            and paging.within(request, "StartTime", (call.started_at, call.created_at))
            and paging.within(request, "EndTime", (call.ended_at,))
        ]
        return paging.page(request, "calls", found, sid=lambda call: call.sid, render=self.renderer.call)

    async def fetch(self, request: web.Request) -> web.Response:
        """GET Calls/{Sid}.json."""
        return web.json_response(self.renderer.call(self.find(request, "sid")))

    async def update(self, request: web.Request) -> web.Response:
        """POST Calls/{Sid}.json: end, withdraw or redirect."""
        call = self.find(request, "sid")
        form = await read_form(request)
        status = form.get("Status")
        if status not in (None, "completed", "canceled"):
            raise ApiError(400, 21218, f"Status is not valid: {status}")
        source = _source(form) if "Url" in form or "Twiml" in form else None
        if status is None and source is None:
            raise ApiError(400, 20001, "Nothing to update: give Url, Twiml or Status")
        hook = address(form, "StatusCallback")
        if hook is not None:
            call.status_hook = hook
        try:
            if source is not None:
                self.exchange.redirect(call, source, address(form, "FallbackUrl", "FallbackMethod"))
            if status is not None:
                self.exchange.hang_up_by_api(call, status)
        except CallStateError as error:
            raise ApiError(400, 21220, str(error)) from error
        return web.json_response(self.renderer.call(call))

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE Calls/{Sid}.json: forget a call that is over."""
        call = self.find(request, "sid")
        if call.is_live:
            raise ApiError(409, 20409, "Call is in progress and cannot be deleted")
        del self.world.calls[call.sid]
        return web.Response(status=204)

    def find(self, request: web.Request, name: str) -> Call:
        """Return the call the path names. Raises: ApiError 20404."""
        call = self.world.calls.get(request.match_info[name])
        if call is None:
            raise not_found(request.path)
        return call

    def _options(self, form: Mapping[str, str]) -> CallOptions:
        to, sender = form.get("To", ""), form.get("From", "")
        self._check_parties(to, sender)
        events = form.get("StatusCallbackEvent", "completed").split()
        for event in events:
            if event not in EVENTS:
                raise ApiError(400, 21626, f"StatusCallbackEvent is not valid: {event}")
        return CallOptions(
            to=to,
            sender=sender,
            source=_source(form),
            fallback=address(form, "FallbackUrl", "FallbackMethod"),
            status=address(form, "StatusCallback"),
            status_events=frozenset(events),
            timeout_seconds=_number(form, "Timeout", 60, 600),
            time_limit_seconds=_number(form, "TimeLimit", 14_400, 86_400),
            machine_detection=_choice(form, "MachineDetection", ("Enable", "DetectMessageEnd")),
            machine_detection_timeout_seconds=_number(form, "MachineDetectionTimeout", 30, 59),
            async_amd=form.get("AsyncAmd", "false").lower() == "true",
            amd=address(form, "AsyncAmdStatusCallback"),
            record=form.get("Record", "false").lower() == "true",
            recording=address(form, "RecordingStatusCallback"),
            recording_events=frozenset(form.get("RecordingStatusCallbackEvent", "completed").split()),
            recording_channels=2 if form.get("RecordingChannels") == "dual" else 1,
        )

    def _check_parties(self, to: str, sender: str) -> None:
        if not to:
            raise ApiError(400, 21201, "No 'To' number is specified")
        if not sender:
            raise ApiError(400, 21213, "No 'From' number is specified")
        if not E164.fullmatch(to) and not re.fullmatch(r"client:\S+", to):
            message = f"The phone number you are attempting to call, {to}, is not valid."
            raise ApiError(400, 21211, message)
        is_client = sender.startswith("client:") and to.startswith("client:")
        if is_client or sender in self.world.numbers:
            return
        if not E164.fullmatch(sender):
            raise ApiError(400, 21212, f"The source phone number provided, {sender}, is not valid.")
        raise ApiError(
            400,
            21210,
            f"The source phone number provided, {sender}, is not yet verified for your account. You may only "
            "make calls from phone numbers that you've verified or purchased from Twilio.",
        )


async def read_form(request: web.Request) -> dict[str, str]:
    """Return the posted parameters; a repeated one as its values in one text, separated by spaces."""
    form = await request.post()
    return {name: " ".join(str(value) for value in form.getall(name)) for name in form}


def address(form: Mapping[str, str], name: str, method_name: str = "") -> Hook | None:
    """Return an address parameter with its method, None when it is not given.

    Raises: ApiError 21205 for the TwiML addresses, 21609 for callbacks, when it is no http(s) URL.
    """
    url = form.get(name, "")
    if not url:
        return None
    if not is_address(url):
        code = 21205 if name in ("Url", "FallbackUrl") else 21609
        raise ApiError(400, code, f"{name} is not a valid URL: {url}")
    method = form.get(method_name or name + "Method", "POST").upper()
    if method not in ("GET", "POST"):
        raise invalid(method_name or name + "Method", method)
    return Hook(url, method)


def _source(form: Mapping[str, str]) -> Source:
    # Url wins when both are given
    hook = address(form, "Url", "Method")
    if hook is not None:
        return Source(hook=hook)
    text = form.get("Twiml", "")
    if not text:
        raise ApiError(400, 21205, "Url parameter is required.")
    if len(text) > TWIML_LIMIT:
        raise invalid("Twiml", f"longer than {TWIML_LIMIT} characters")
    return Source(text=text)


def _number(form: Mapping[str, str], name: str, default: int, largest: int) -> int:
    text = form.get(name, str(default))
    if not text.isdigit() or not 1 <= int(text) <= largest:
        raise invalid(name, text)
    return int(text)


def _choice(form: Mapping[str, str], name: str, words: tuple[str, ...]) -> str | None:
    text = form.get(name)
    if text is not None and text not in words:
        raise invalid(name, text)
    return text
