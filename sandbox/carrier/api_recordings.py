"""REST: recordings, below the account, a call or a conference, and their files."""

from collections.abc import Callable

from aiohttp import web

from sandbox.carrier import forms, paging
from sandbox.carrier.api_calls import CallsApi
from sandbox.carrier.api_conferences import ConferencesApi
from sandbox.carrier.errors import ApiError, invalid, not_found
from sandbox.carrier.exchange import Exchange
from sandbox.carrier.model import Recording
from sandbox.carrier.recordings import RecordingStateError
from sandbox.carrier.render import Renderer

CURRENT = "Twilio.CURRENT"
CONTENT_TYPES = {"wav": "audio/x-wav", "mp3": "audio/mpeg"}

Render = Callable[[Recording, int], dict[str, object]]


class RecordingsApi:
    """Handlers of recordings."""

    def __init__(
        self, exchange: Exchange, renderer: Renderer, calls: CallsApi, conferences: ConferencesApi
    ) -> None:
        self.world = exchange.world
        self.recordings = exchange.recordings
        self.renderer = renderer
        self.calls = calls
        self.conferences = conferences

    def routes(self, root: str) -> list[web.RouteDef]:
        """Return the routes under the account's address; those of files last, as their pattern is the widest."""
        of_call = root + "/Calls/{call}/Recordings"
        of_conference = root + "/Conferences/{conference}/Recordings"
        return [
            web.get(f"{root}/Recordings.json", self.list_all),
            web.get(root + "/Recordings/{sid}.json", self.fetch),
            web.delete(root + "/Recordings/{sid}.json", self.delete),
            web.post(f"{of_call}.json", self.create),
            web.get(f"{of_call}.json", self.list_of_call),
            web.get(of_call + "/{sid}.json", self.fetch_of_call),
            web.post(of_call + "/{sid}.json", self.update_of_call),
            web.delete(of_call + "/{sid}.json", self.delete_of_call),
            web.get(f"{of_conference}.json", self.list_of_conference),
            web.get(of_conference + "/{sid}.json", self.fetch_of_conference),
            web.post(of_conference + "/{sid}.json", self.update_of_conference),
            web.delete(of_conference + "/{sid}.json", self.delete_of_conference),
            web.get(root + r"/Recordings/{sid:RE\w+}{form:(\.wav|\.mp3)?}", self.fetch_file),
        ]

    async def list_all(self, request: web.Request) -> web.Response:
        """GET Recordings.json, newest first."""
        query = request.query
        found = [
            each
            for each in reversed(self.world.recordings.values())
            if query.get("CallSid", each.call_sid) == each.call_sid
            and query.get("ConferenceSid", each.conference_sid) == each.conference_sid
            and paging.within(request, "DateCreated", (each.created_at,))
        ]
        return self._page(request, found, self.renderer.recording)

    async def fetch(self, request: web.Request) -> web.Response:
        """GET Recordings/{Sid}.json."""
        return self._answer(self._find(request), self.renderer.recording)

    async def fetch_file(self, request: web.Request) -> web.Response:
        """GET Recordings/{Sid}.wav, .mp3 or neither (wav): the sound; RequestedChannels=1 mixes a dual one."""
        recording = self._find(request)
        missing = self.world.faults.take(("recording_missing",), f"{request.method} {request.path}")
        if recording.status != "completed" or missing is not None:
            raise not_found(request.path)
        form = request.match_info["form"].removeprefix(".") or "wav"
        wanted = request.query.get("RequestedChannels", str(recording.channels))
        if wanted not in ("1", "2"):
            raise invalid("RequestedChannels", wanted)
        if int(wanted) > recording.channels:
            message = "Voice Recording: Cannot download a dual-channel presentation of a mono recording"
            raise ApiError(400, 16113, message)
        sound = self.recordings.file(recording, form, int(wanted))
        return web.Response(body=sound, content_type=CONTENT_TYPES[form])

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE Recordings/{Sid}.json."""
        return self._forget(self._find(request))

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
            events=forms.words(form, "RecordingStatusCallbackEvent"),
            channels=forms.channels(form),
            track=forms.choice(form, "RecordingTrack", ("inbound", "outbound", "both")) or "both",
        )
        return self._answer(recording, self.renderer.call_recording, status=201)

    async def list_of_call(self, request: web.Request) -> web.Response:
        """GET Calls/{Sid}/Recordings.json."""
        call = self.calls.find(request, "call")
        found = [each for each in reversed(self.world.recordings.values()) if each.call_sid == call.sid]
        return self._page(request, found, self.renderer.call_recording)

    async def fetch_of_call(self, request: web.Request) -> web.Response:
        """GET Calls/{Sid}/Recordings/{Sid}.json."""
        return self._answer(self._find_of_call(request), self.renderer.call_recording)

    async def update_of_call(self, request: web.Request) -> web.Response:
        """POST Calls/{Sid}/Recordings/{Sid or Twilio.CURRENT}.json: paused, in-progress, stopped."""
        recording = self._find_of_call(request)
        await self._change(request, recording)
        return self._answer(recording, self.renderer.call_recording)

    async def delete_of_call(self, request: web.Request) -> web.Response:
        """DELETE Calls/{Sid}/Recordings/{Sid}.json."""
        return self._forget(self._find_of_call(request))

    async def list_of_conference(self, request: web.Request) -> web.Response:
        """GET Conferences/{Sid}/Recordings.json."""
        conference = self.conferences.find(request)
        found = [
            each for each in reversed(self.world.recordings.values()) if each.conference_sid == conference.sid
        ]
        return self._page(request, found, self.renderer.conference_recording)

    async def fetch_of_conference(self, request: web.Request) -> web.Response:
        """GET Conferences/{Sid}/Recordings/{Sid}.json."""
        return self._answer(self._find_of_conference(request), self.renderer.conference_recording)

    async def update_of_conference(self, request: web.Request) -> web.Response:
        """POST Conferences/{Sid}/Recordings/{Sid or Twilio.CURRENT}.json: paused, in-progress, stopped."""
        recording = self._find_of_conference(request)
        await self._change(request, recording)
        return self._answer(recording, self.renderer.conference_recording)

    async def delete_of_conference(self, request: web.Request) -> web.Response:
        """DELETE Conferences/{Sid}/Recordings/{Sid}.json."""
        return self._forget(self._find_of_conference(request))

    async def _change(self, request: web.Request, recording: Recording) -> None:
        form = await forms.read_form(request)
        status = form.get("Status", "")
        if status not in ("paused", "in-progress", "stopped"):
            raise invalid("Status", status)
        behavior = forms.choice(form, "PauseBehavior", ("skip", "silence")) or "silence"
        try:
            self.recordings.change(recording, status, behavior)
        except RecordingStateError as error:
            raise ApiError(400, 21220, str(error)) from error

    def _find(self, request: web.Request) -> Recording:
        recording = self.world.recordings.get(request.match_info["sid"])
        if recording is None:
            raise not_found(request.path)
        return recording

    def _find_of_call(self, request: web.Request) -> Recording:
        call = self.calls.find(request, "call")
        return self._choose(request, lambda each: each.call_sid == call.sid, is_of_conference=False)

    def _find_of_conference(self, request: web.Request) -> Recording:
        conference = self.conferences.find(request)
        return self._choose(
            request, lambda each: each.conference_sid == conference.sid, is_of_conference=True
        )

    def _choose(
        self, request: web.Request, belongs: Callable[[Recording], bool], *, is_of_conference: bool
    ) -> Recording:
        wanted = request.match_info["sid"]
        if wanted != CURRENT:
            recording = self._find(request)
            if belongs(recording):
                return recording
            raise not_found(request.path)
        running = [
            each
            for each in self.world.open_recordings.values()
            if belongs(each) and (each.conference_sid is not None) is is_of_conference
        ]
        if not running:
            raise not_found(request.path)
        if len(running) > 1:
            raise ApiError(400, 16108, "Voice Recording: Request failed due to concurrent recordings")
        return running[0]

    def _forget(self, recording: Recording) -> web.Response:
        self.recordings.forget(recording)
        return web.Response(status=204)

    def _answer(self, recording: Recording, render: Render, *, status: int = 200) -> web.Response:
        return web.json_response(render(recording, self._seconds(recording)), status=status)

    def _seconds(self, recording: Recording) -> int:
        return self.recordings.length_seconds(recording)

    def _page(self, request: web.Request, found: list[Recording], render: Render) -> web.Response:
        return paging.page(
            request,
            "recordings",
            found,
            sid=lambda each: each.sid,
            render=lambda each: render(each, self._seconds(each)),
        )
