"""REST: conferences and their participants."""

import re

from aiohttp import web

from sandbox.carrier import forms, paging
from sandbox.carrier.api_calls import CallsApi
from sandbox.carrier.conferences import ConferenceFullError
from sandbox.carrier.errors import ApiError, invalid, not_found
from sandbox.carrier.exchange import Exchange
from sandbox.carrier.model import CallOptions, Conference, Entrance, Participant
from sandbox.carrier.render import Renderer

SID = re.compile("CF[0-9a-f]{32}")
RECORD_WORDS = ("true", "false", "record-from-start", "do-not-record")


class ConferencesApi:
    """Handlers of /Conferences."""

    def __init__(self, exchange: Exchange, renderer: Renderer, calls: CallsApi) -> None:
        self.exchange = exchange
        self.calls = calls
        self.announcements = exchange.announcements
        self.world = exchange.world
        self.rooms = exchange.conferences
        self.renderer = renderer

    def routes(self, root: str) -> list[web.RouteDef]:
        """Return the routes under the account's address."""
        one = root + "/Conferences/{conference}"
        return [
            web.get(f"{root}/Conferences.json", self.list_conferences),
            web.get(f"{one}.json", self.fetch),
            web.post(f"{one}.json", self.update),
            web.get(f"{one}/Participants.json", self.list_participants),
            web.post(f"{one}/Participants.json", self.create_participant),
            web.get(one + "/Participants/{participant}.json", self.fetch_participant),
            web.post(one + "/Participants/{participant}.json", self.update_participant),
            web.delete(one + "/Participants/{participant}.json", self.kick),
        ]

    async def list_conferences(self, request: web.Request) -> web.Response:
        """GET Conferences.json, newest first."""
        query = request.query
        found = [
            each
            for each in reversed(self.world.conferences.values())
            if query.get("Status", each.status) == each.status
            and query.get("FriendlyName", each.name) == each.name
            and paging.within(request, "DateCreated", (each.created_at,))
            and paging.within(request, "DateUpdated", (each.updated_at,))
        ]
        return paging.page(
            request, "conferences", found, sid=lambda each: each.sid, render=self.renderer.conference
        )

    async def fetch(self, request: web.Request) -> web.Response:
        """GET Conferences/{Sid}.json."""
        return web.json_response(self.renderer.conference(self.find(request)))

    async def update(self, request: web.Request) -> web.Response:
        """POST Conferences/{Sid}.json: end it, or announce something to everybody."""
        conference = self.find(request)
        form = await forms.read_form(request)
        announcement = forms.address(form, "AnnounceUrl", "AnnounceMethod")
        status = form.get("Status")
        if status not in (None, "completed"):
            raise invalid("Status", status or "")
        if status is None and announcement is None:
            raise ApiError(400, 20001, "Nothing to update: give Status or AnnounceUrl")
        if announcement is not None:
            self.announcements.play(conference, None, announcement)
        if status == "completed":
            self.rooms.end(conference)
        return web.json_response(self.renderer.conference(conference))

    async def list_participants(self, request: web.Request) -> web.Response:
        """GET Participants.json: who is in or being dialed now, newest first."""
        conference = self.find(request)
        query = request.query
        found = [
            each
            for each in [*reversed(conference.expected.values()), *reversed(conference.participants.values())]
            if query.get("Muted", _word(each.muted)).lower() == _word(each.muted)
            and query.get("Hold", _word(each.hold)).lower() == _word(each.hold)
            and query.get("Coaching", _word(each.coaching)).lower() == _word(each.coaching)
        ]
        return paging.page(
            request,
            "participants",
            found,
            sid=lambda each: each.call.sid,
            render=self.renderer.participant,
        )

    async def fetch_participant(self, request: web.Request) -> web.Response:
        """GET Participants/{CallSid or label}.json."""
        return web.json_response(self.renderer.participant(self.find_participant(request)))

    async def create_participant(self, request: web.Request) -> web.Response:
        """POST Participants.json: dial somebody into a conference, by its sid or name, opened when there is none."""
        name = request.match_info["conference"]
        found = self.world.active_conference(name)
        is_over = found is not None and found.status == "completed"
        if is_over or (found is None and SID.fullmatch(name)):
            raise not_found(request.path)
        form = await forms.read_form(request)
        entrance = self._entrance(form, found.name if found is not None else name)
        try:
            call = self.exchange.place(self._options(form, entrance))
        except ConferenceFullError as error:
            raise ApiError(400, 16025, f"Conference {error} is full") from error
        assert call.expected is not None
        return web.json_response(self.renderer.participant(call.expected), status=201)

    async def update_participant(self, request: web.Request) -> web.Response:
        """POST Participants/{CallSid or label}.json: mute, hold, announce, coach, change what leaving does."""
        participant = self.find_participant(request)
        form = await forms.read_form(request)
        muted, hold = forms.flag(form, "Muted"), forms.flag(form, "Hold")
        end_on_exit, coaching = forms.flag(form, "EndConferenceOnExit"), forms.flag(form, "Coaching")
        music = forms.address(form, "HoldUrl", "HoldMethod", default_method="GET")
        announcement = forms.address(form, "AnnounceUrl", "AnnounceMethod")
        coach = self._coach(form, participant.conference, coaching, participant.call_sid_to_coach)
        if muted is not None:
            self.rooms.set_muted(participant, muted)
        if hold is not None:
            self.rooms.set_hold(participant, hold)
        if hold and music is not None:
            self.announcements.music(participant, music, "hold")
        if announcement is not None:
            self.announcements.play(participant.conference, participant, announcement)
        if end_on_exit is not None or coaching is not None or "CallSidToCoach" in form:
            self.rooms.modify(
                participant,
                end_on_exit=end_on_exit,
                coaching=coaching if coaching is not None or not coach else True,
                call_sid_to_coach=coach,
            )
        return web.json_response(self.renderer.participant(participant))

    async def kick(self, request: web.Request) -> web.Response:
        """DELETE Participants/{CallSid or label}.json: out of the conference; its TwiML goes on, if it has any."""
        participant = self.find_participant(request)
        if participant.call.expected is participant:
            self.exchange.finish(participant.call, "canceled", by="api")
        else:
            self.rooms.leave(participant, "participant_updated_via_api", is_kick=True)
        return web.Response(status=204)

    def find(self, request: web.Request) -> Conference:
        """Return the conference the path names, by sid or name. Raises: ApiError 20404."""
        conference = self.world.active_conference(request.match_info["conference"])
        if conference is None:
            raise not_found(request.path)
        return conference

    def find_participant(self, request: web.Request) -> Participant:
        """Return the participant the path names, by call sid or label. Raises: ApiError 20404."""
        wanted = request.match_info["participant"]
        conference = self.find(request)
        for each in [*conference.participants.values(), *conference.expected.values()]:
            if wanted in (each.call.sid, each.label):
                return each
        raise not_found(request.path)

    def _options(self, form: forms.Form, entrance: Entrance) -> CallOptions:
        to, sender = form.get("To", ""), form.get("CallerId") or form.get("From", "")
        self.calls.check_parties(to, sender)
        forms.choice(form, "Beep", ("true", "false", "onEnter", "onExit"))
        forms.choice(form, "JitterBufferSize", ("off", "small", "medium", "large"))
        if not 2 <= len(form.get("CallerDisplayName", "Parley")) <= 255:
            raise invalid("CallerDisplayName", form["CallerDisplayName"])
        return CallOptions(
            to=to,
            sender=sender,
            entrance=entrance,
            status=forms.address(form, "StatusCallback"),
            status_events=forms.call_events(form),
            timeout_seconds=forms.whole(form, "Timeout", 60, 600, smallest=5),
            time_limit_seconds=forms.whole(form, "TimeLimit", 14_400, 86_400),
            detection=forms.detection(form, "AmdStatusCallback", is_async=True),
            record=bool(forms.flag(form, "Record")),
            recording=forms.address(form, "RecordingStatusCallback"),
            recording_events=forms.words(form, "RecordingStatusCallbackEvent"),
            recording_channels=forms.channels(form),
        )

    def _entrance(self, form: forms.Form, name: str) -> Entrance:
        starts, coaching = forms.flag(form, "StartConferenceOnEnter"), forms.flag(form, "Coaching")
        coach = self._coach(form, self.world.active_conference(name), coaching, None)
        record = forms.choice(form, "ConferenceRecord", RECORD_WORDS)
        return Entrance(
            name=name,
            label=form.get("Label") or None,
            muted=bool(forms.flag(form, "Muted")),
            start_on_enter=starts is not False,
            end_on_exit=bool(forms.flag(form, "EndConferenceOnExit")),
            coaching=bool(coach) if coaching is None else coaching,
            call_sid_to_coach=coach,
            max_participants=forms.whole(form, "MaxParticipants", 250, 250, smallest=2),
            is_early=forms.flag(form, "EarlyMedia") is not False,
            record=record in ("true", "record-from-start"),
            wait=forms.address(form, "WaitUrl", "WaitMethod"),
            status=forms.address(form, "ConferenceStatusCallback"),
            status_events=forms.words(form, "ConferenceStatusCallbackEvent", "start end"),
            recording=forms.address(form, "ConferenceRecordingStatusCallback"),
            recording_events=forms.words(form, "ConferenceRecordingStatusCallbackEvent"),
        )

    def _coach(
        self,
        form: forms.Form,
        conference: Conference | None,
        coaching: bool | None,
        before: str | None,
    ) -> str | None:
        """Return who is to be coached: somebody in the conference, there must be one to coach."""
        coach = form.get("CallSidToCoach") or before
        if form.get("CallSidToCoach") and (conference is None or coach not in conference.participants):
            raise invalid("CallSidToCoach", coach or "")
        if coaching and not coach:
            raise invalid("Coaching", "true without CallSidToCoach")
        return coach


def _word(value: bool) -> str:
    return str(value).lower()
