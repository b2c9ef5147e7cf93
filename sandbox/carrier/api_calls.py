"""REST: calls."""

import re
from collections.abc import Mapping

from aiohttp import web

from sandbox.carrier import forms, paging
from sandbox.carrier.errors import ApiError, not_found
from sandbox.carrier.exchange import CallStateError, Exchange
from sandbox.carrier.model import Call, CallOptions
from sandbox.carrier.render import Renderer


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
        form = await forms.read_form(request)
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
        form = await forms.read_form(request)
        status = form.get("Status")
        if status not in (None, "completed", "canceled"):
            raise ApiError(400, 21218, f"Status is not valid: {status}")
        source = forms.source(form) if "Url" in form or "Twiml" in form else None
        if status is None and source is None:
            raise ApiError(400, 20001, "Nothing to update: give Url, Twiml or Status")
        hook = forms.address(form, "StatusCallback")
        if hook is not None:
            call.status_hook = hook
        try:
            if source is not None:
                fallback = forms.address(form, "FallbackUrl", "FallbackMethod")
                self.exchange.redirect(call, source, fallback)
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
        self.check_parties(to, sender)
        return CallOptions(
            to=to,
            sender=sender,
            source=forms.source(form),
            fallback=forms.address(form, "FallbackUrl", "FallbackMethod"),
            status=forms.address(form, "StatusCallback"),
            status_events=forms.call_events(form),
            timeout_seconds=forms.whole(form, "Timeout", 60, 600),
            time_limit_seconds=forms.whole(form, "TimeLimit", 14_400, 86_400),
            detection=forms.detection(
                form, "AsyncAmdStatusCallback", is_async=bool(forms.flag(form, "AsyncAmd"))
            ),
            record=bool(forms.flag(form, "Record")),
            recording=forms.address(form, "RecordingStatusCallback"),
            recording_events=forms.words(form, "RecordingStatusCallbackEvent"),
            recording_channels=forms.channels(form),
        )

    def check_parties(self, to: str, sender: str) -> None:
        """Refuse a call to or from what cannot be. Raises: ApiError."""
        if not to:
            raise ApiError(400, 21201, "No 'To' number is specified")
        if not sender:
            raise ApiError(400, 21213, "No 'From' number is specified")
        if not forms.E164.fullmatch(to) and not re.fullmatch(r"client:\S+", to):
            message = f"The phone number you are attempting to call, {to}, is not valid."
            raise ApiError(400, 21211, message)
        is_client = sender.startswith("client:") and to.startswith("client:")
        if is_client or sender in self.world.numbers:
            return
        if not forms.E164.fullmatch(sender):
            raise ApiError(400, 21212, f"The source phone number provided, {sender}, is not valid.")
        raise ApiError(
            400,
            21210,
            f"The source phone number provided, {sender}, is not yet verified for your account. You may only "
            "make calls from phone numbers that you've verified or purchased from Twilio.",
        )
