"""REST: conferences and their participants."""

from aiohttp import web

from sandbox.carrier import forms, paging
from sandbox.carrier.errors import ApiError, invalid, not_found
from sandbox.carrier.exchange import Exchange
from sandbox.carrier.model import Conference, Hook, Participant
from sandbox.carrier.render import Renderer


class ConferencesApi:
    """Handlers of /Conferences."""

    def __init__(self, exchange: Exchange, renderer: Renderer) -> None:
        self.exchange = exchange
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
            for participant in conference.participants.values():
                self._fetch_sound(participant, announcement, "announce")
        if status == "completed":
            self.rooms.end(conference)
        return web.json_response(self.renderer.conference(conference))

    async def list_participants(self, request: web.Request) -> web.Response:
        """GET Participants.json: who is in now, newest first."""
        conference = self.find(request)
        query = request.query
        found = [
            each
            for each in reversed(conference.participants.values())
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

    async def update_participant(self, request: web.Request) -> web.Response:
        """POST Participants/{CallSid or label}.json: mute, hold, announce, change what leaving does."""
        participant = self.find_participant(request)
        form = await forms.read_form(request)
        muted, hold = forms.flag(form, "Muted"), forms.flag(form, "Hold")
        end_on_exit, coaching = forms.flag(form, "EndConferenceOnExit"), forms.flag(form, "Coaching")
        music = forms.address(form, "HoldUrl", "HoldMethod")
        announcement = forms.address(form, "AnnounceUrl", "AnnounceMethod")
        coach = form.get("CallSidToCoach")
        if coach and coach not in participant.conference.participants:
            raise invalid("CallSidToCoach", coach)
        if muted is not None:
            self.rooms.set_muted(participant, muted)
        if hold is not None:
            self.rooms.set_hold(participant, hold)
        if hold and music is not None:
            self._fetch_sound(participant, music, "hold")
        if announcement is not None:
            self._fetch_sound(participant, announcement, "announce")
        if end_on_exit is not None or coaching is not None or coach:
            self.rooms.modify(
                participant, end_on_exit=end_on_exit, coaching=coaching, call_sid_to_coach=coach
            )
        return web.json_response(self.renderer.participant(participant))

    async def kick(self, request: web.Request) -> web.Response:
        """DELETE Participants/{CallSid or label}.json: out of the conference; its TwiML goes on."""
        participant = self.find_participant(request)
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
        for each in self.find(request).participants.values():
            if wanted in (each.call.sid, each.label):
                return each
        raise not_found(request.path)

    def _fetch_sound(self, participant: Participant, hook: Hook, kind: str) -> None:
        # nobody hears it, but the product must see that its address is asked, signed
        params = self.exchange.reporter.voice_params(participant.call)
        key = f"{kind}-{participant.call.sid}"
        self.exchange.webhooks.post(hook, params, kind=kind, event=kind, key=key)


def _word(value: bool) -> str:
    return str(value).lower()
