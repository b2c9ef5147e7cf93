"""REST: the account, its numbers, and recordings."""

from collections.abc import Callable

from aiohttp import web

from sandbox.carrier import forms, paging
from sandbox.carrier.api_calls import CallsApi
from sandbox.carrier.api_conferences import ConferencesApi
from sandbox.carrier.errors import ApiError, invalid, not_found
from sandbox.carrier.exchange import Exchange
from sandbox.carrier.model import OwnNumber, Recording
from sandbox.carrier.recordings import RecordingStateError
from sandbox.carrier.render import Renderer

CURRENT = "Twilio.CURRENT"


class AccountApi:
    """Handlers of the account and its caller ids."""

    def __init__(self, exchange: Exchange, renderer: Renderer) -> None:
        self.world = exchange.world
        self.renderer = renderer
        self.created_at = exchange.world.clock.now()

    def routes(self, root: str) -> list[web.RouteDef]:
        """Return the routes under the account's address."""
        return [
            web.get(f"{root}.json", self.fetch),
            web.get(f"{root}/IncomingPhoneNumbers.json", self.list_numbers),
            web.get(root + "/IncomingPhoneNumbers/{sid}.json", self.fetch_number),
        ]

    async def fetch(self, request: web.Request) -> web.Response:
        """GET Accounts/{Sid}.json."""
        return web.json_response(self.renderer.account_resource(self.created_at))

    async def list_numbers(self, request: web.Request) -> web.Response:
        """GET IncomingPhoneNumbers.json; PhoneNumber matches any part of the number."""
        wanted = request.query.get("PhoneNumber", "")
        found = [each for each in self.world.numbers.values() if wanted.replace("*", "") in each.number]
        return paging.page(
            request,
            "incoming_phone_numbers",
            found,
            sid=lambda each: each.sid,
            render=self.renderer.number,
        )

    async def fetch_number(self, request: web.Request) -> web.Response:
        """GET IncomingPhoneNumbers/{Sid}.json."""
        for each in self.world.numbers.values():
            if each.sid == request.match_info["sid"]:
                return web.json_response(self._number(each))
        raise not_found(request.path)

    def _number(self, number: OwnNumber) -> dict[str, object]:
        return self.renderer.number(number)


class RecordingsApi:
    """Handlers of recordings, below the account, a call or a conference."""

    def __init__(
        self, exchange: Exchange, renderer: Renderer, calls: CallsApi, conferences: ConferencesApi
    ) -> None:
        self.world = exchange.world
        self.recordings = exchange.recordings
        self.renderer = renderer
        self.calls = calls
        self.conferences = conferences

    def routes(self, root: str) -> list[web.RouteDef]:
        """Return the routes under the account's address."""
        of_call = root + "/Calls/{call}/Recordings"
        return [
            web.get(f"{root}/Recordings.json", self.list_all),
            web.get(root + "/Recordings/{sid}.json", self.fetch),
            web.delete(root + "/Recordings/{sid}.json", self.delete),
            web.post(f"{of_call}.json", self.create),
            web.get(f"{of_call}.json", self.list_of_call),
            web.get(of_call + "/{sid}.json", self.fetch_of_call),
            web.post(of_call + "/{sid}.json", self.update_of_call),
            web.get(root + "/Conferences/{conference}/Recordings.json", self.list_of_conference),
        ]

    async def list_all(self, request: web.Request) -> web.Response:
        """GET Recordings.json, newest first."""
        query = request.query
        found = [
            each
            for each in reversed(self.world.recordings.values())
            if query.get("CallSid", each.call_sid) == each.call_sid
            and query.get("ConferenceSid", each.conference_sid) == each.conference_sid
        ]
        return self._page(request, found, self.renderer.recording)

    async def fetch(self, request: web.Request) -> web.Response:
        """GET Recordings/{Sid}.json."""
        recording = self._find(request)
        return web.json_response(self.renderer.recording(recording, self._seconds(recording)))

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE Recordings/{Sid}.json."""
        del self.world.recordings[self._find(request).sid]
        return web.Response(status=204)

    async def create(self, request: web.Request) -> web.Response:
        """POST Calls/{Sid}/Recordings.json: record a call in progress; 201."""
        call = self.calls.find(request, "call")
        form = await forms.read_form(request)
        if call.status != "in-progress":
            raise ApiError(400, 21220, "Requested resource is not eligible for recording")
        recording = self.recordings.start(
            call,
            "StartCallRecordingAPI",
            hook=forms.address(form, "RecordingStatusCallback"),
            events=frozenset(form.get("RecordingStatusCallbackEvent", "completed").split()),
            channels=2 if form.get("RecordingChannels") == "dual" else 1,
            track=form.get("RecordingTrack", "both"),
        )
        return web.json_response(self.renderer.call_recording(recording, 0), status=201)

    async def list_of_call(self, request: web.Request) -> web.Response:
        """GET Calls/{Sid}/Recordings.json."""
        call = self.calls.find(request, "call")
        found = [each for each in reversed(self.world.recordings.values()) if each.call_sid == call.sid]
        return self._page(request, found, self.renderer.call_recording)

    async def fetch_of_call(self, request: web.Request) -> web.Response:
        """GET Calls/{Sid}/Recordings/{Sid}.json."""
        recording = self._find_of_call(request)
        return web.json_response(self.renderer.call_recording(recording, self._seconds(recording)))

    async def update_of_call(self, request: web.Request) -> web.Response:
        """POST Calls/{Sid}/Recordings/{Sid or Twilio.CURRENT}.json: paused, in-progress, stopped."""
        recording = self._find_of_call(request)
        form = await forms.read_form(request)
        status = form.get("Status", "")
        if status not in ("paused", "in-progress", "stopped"):
            raise invalid("Status", status)
        behavior = form.get("PauseBehavior", "silence")
        if behavior not in ("skip", "silence"):
            raise invalid("PauseBehavior", behavior)
        try:
            self.recordings.change(recording, status, behavior)
        except RecordingStateError as error:
            raise ApiError(400, 21220, str(error)) from error
        return web.json_response(self.renderer.call_recording(recording, self._seconds(recording)))

    async def list_of_conference(self, request: web.Request) -> web.Response:
        """GET Conferences/{Sid}/Recordings.json."""
        conference = self.conferences.find(request)
        found = [
            each for each in reversed(self.world.recordings.values()) if each.conference_sid == conference.sid
        ]
        return self._page(request, found, self.renderer.conference_recording)

    def _find(self, request: web.Request) -> Recording:
        recording = self.world.recordings.get(request.match_info["sid"])
        if recording is None:
            raise not_found(request.path)
        return recording

    def _find_of_call(self, request: web.Request) -> Recording:
        call = self.calls.find(request, "call")
        wanted = request.match_info["sid"]
        for each in reversed(self.world.recordings.values()):
            is_current = wanted == CURRENT and each.status in ("in-progress", "paused")
            if each.call_sid == call.sid and (each.sid == wanted or is_current):
                return each
        raise not_found(request.path)

    def _seconds(self, recording: Recording) -> int:
        return self.recordings.length_seconds(recording)

    def _page(
        self,
        request: web.Request,
        found: list[Recording],
        render: Callable[[Recording, int], dict[str, object]],
    ) -> web.Response:
        return paging.page(
            request,
            "recordings",
            found,
            sid=lambda each: each.sid,
            render=lambda each: render(each, self._seconds(each)),
        )
