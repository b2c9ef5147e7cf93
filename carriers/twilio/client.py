"""Twilio as our carrier. With webhooks.py beside it, the only module that imports the twilio library."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import requests
from django.conf import settings
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant
from twilio.rest import Client

from carriers.events import CarrierEvent, CarrierNews
from carriers.lookups import LookedUp, LookUp
from carriers.protocol import (
    CarrierCall,
    CarrierError,
    ConnectAgent,
    Detection,
    NumberSetup,
    OwnNumber,
    Participation,
    PlaceCall,
)
from carriers.twilio import errors, lookups, statuses
from carriers.twilio.recorder import TwilioRecorder
from carriers.twiml import Plan, render
from core.http import OutgoingSession
from core.types import PhoneNumber

T = TypeVar("T")

# That a call was created its own answer says. That somebody picked up is told twice, here and by the request for what they are to hear:
# the law's two seconds run from then (FED-016), and a request that is late must not hide it. Of an agent's own leg nothing but its end
# matters, since entering the conference is told there.
CALL_EVENTS = ["ringing", "answered", "completed"]
AGENT_LEG_EVENTS = ["completed"]
# Retry a webhook that gets no connection, no answer within 5 s, or a 5xx three times (Twilio: webhook connection overrides). A repeat
# gets the present answer; without one the person would hear that a technical fault ends the call.
RETRY_FRAGMENT = "#rc=3&rp=ct,rt,5xx&ct=2000&rt=5000"
TOKEN_SECONDS = 4 * 3600
SPEECH_END_MS = 1200  # silence after speech that ends a greeting: Twilio's default, said to be sure of it
MODES = {Detection.PARTY: "Enable", Detection.MESSAGE_END: "DetectMessageEnd"}
PART_BYTES = 256 * 1024
NOT_FOUND = 20404
RUNNING = "in-progress"
ALIVE = (RUNNING, "init")  # a conference of one has not begun
OVER = frozenset({21220, NOT_FOUND})  # the call is not in progress (any more), or long gone


class TwilioCarrier:
    """The Carrier protocol over Twilio's REST API of 2010-04-01."""

    def __init__(self) -> None:
        session = OutgoingSession(role="carrier", timeout_seconds=settings.CARRIER_TIMEOUT_SECONDS)
        http = _SessionHttpClient(session, base_url=settings.TWILIO_BASE_URL)
        self._client = Client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, http_client=http)
        self.recorder = TwilioRecorder(self._client, _ask, http.stream, self._conference_sid)

    def place_call(self, request: PlaceCall, /) -> str:
        """Create the call; its clearance must have been consumed by the caller."""
        if request.clearance.number != request.to:
            raise CarrierError("The clearance is for another number.", kind="permanent")
        call = _ask(
            lambda: self._client.calls.create(
                to=request.to,
                from_=request.caller_id,
                url=request.callbacks.answer_url + RETRY_FRAGMENT,
                fallback_url=request.callbacks.fallback_url,
                status_callback=request.callbacks.status_url + RETRY_FRAGMENT,
                status_callback_event=CALL_EVENTS,
                timeout=request.ring_seconds,
                **_detection(request),
            )
        )
        return str(call.sid)

    def connect_agent(self, request: ConnectAgent, /) -> str:
        """Ring the agent's browser; the standing conference is in the TwiML of the answer URL."""
        call = _ask(
            lambda: self._client.calls.create(
                to=f"client:{request.identity}",
                from_=request.caller_id,
                url=request.callbacks.answer_url + RETRY_FRAGMENT,
                fallback_url=request.callbacks.fallback_url,
                status_callback=request.callbacks.status_url + RETRY_FRAGMENT,
                status_callback_event=AGENT_LEG_EVENTS,
                timeout=30,
            )
        )
        return str(call.sid)

    def hang_up(self, call_ref: str, /) -> None:
        """End or withdraw the call; one that has ended already is no error."""
        try:
            _ask(lambda: self._client.calls(call_ref).update(status="completed"))
        except CarrierError as error:
            if error.code not in OVER:
                raise

    def redirect(self, call_ref: str, plan: Plan, /) -> None:
        """Give the call a new document, unless it has ended."""
        try:
            _ask(lambda: self._client.calls(call_ref).update(twiml=render(plan)))
        except CarrierError as error:
            if error.code not in OVER:
                raise

    def withdraw(self, call_ref: str, /) -> CarrierCall:
        """Cancel the call; Twilio leaves one alone that is in progress, and refuses one that has ended."""
        try:
            return _as_carrier_call(_ask(lambda: self._client.calls(call_ref).update(status="canceled")))
        except CarrierError as error:
            if error.code != 21220:
                raise
            return self.fetch_call(call_ref)

    def set_hold(self, conference_name: str, call_ref: str, held: bool, /, *, music_url: str = "") -> None:
        """Hold or resume one participant; the music is a sound file, fetched by GET."""
        sid = self._conference_sid(conference_name)
        music = {"hold_url": music_url, "hold_method": "GET"} if held and music_url else {}
        _ask(lambda: self._client.conferences(sid).participants(call_ref).update(hold=held, **music))

    def set_mute(self, conference_name: str, call_ref: str, muted: bool, /) -> None:
        """Mute or unmute one participant."""
        sid = self._conference_sid(conference_name)
        _ask(lambda: self._client.conferences(sid).participants(call_ref).update(muted=muted))

    def let_leave(self, conference_name: str, call_ref: str, /) -> None:
        """Take back the participant's endConferenceOnExit."""
        try:
            sid = self._conference_sid(conference_name)
            participant = self._client.conferences(sid).participants(call_ref)
            _ask(lambda: participant.update(end_conference_on_exit=False))
        except CarrierError as error:
            if error.code not in OVER:
                raise

    def participation(self, conference_name: str, call_ref: str, /) -> Participation | None:
        """Fetch the participant; one that is still being dialed in has no place."""
        try:
            room = self._conference(conference_name, ALIVE)
            found = _ask(lambda: self._client.conferences(room.sid).participants(call_ref).fetch())
        except CarrierError as error:
            if error.code not in OVER:
                raise
            return None
        if found.status != "connected":
            return None
        return Participation(
            joined_at=found.date_created, held=bool(found.hold), has_begun=room.status == RUNNING
        )

    def fetch_call(self, call_ref: str, /) -> CarrierCall:
        """Return the call by its sid."""
        return _as_carrier_call(_ask(lambda: self._client.calls(call_ref).fetch()))

    def find_calls(self, *, to: PhoneNumber, since: datetime) -> Sequence[CarrierCall]:
        """Return calls to `to` that the carrier created at or after `since`."""
        found = _ask(lambda: self._client.calls.list(to=to, start_time_after=since.date(), limit=50))
        calls = [_as_carrier_call(call) for call in found]
        return sorted(
            (call for call in calls if call.created_at >= since.replace(microsecond=0)),
            key=lambda call: (call.created_at, call.ref),
        )

    def account(self) -> str:
        """Return the account's friendly name and status."""
        found = _ask(lambda: self._client.api.v2010.accounts(settings.TWILIO_ACCOUNT_SID).fetch())
        return f"{found.friendly_name} ({found.status})"

    def own_numbers(self) -> Sequence[OwnNumber]:
        """Return the account's IncomingPhoneNumbers; the library turns the pages."""
        found = _ask(lambda: self._client.incoming_phone_numbers.list(page_size=200))
        return sorted((_as_own_number(each) for each in found), key=lambda each: (each.number, each.ref))

    def set_up_number(self, ref: str, setup: NumberSetup, /) -> OwnNumber:
        """Set voice URL, fallback, status callback and the text URL, all by POST; a text that finds no answer comes a second time."""
        found = _ask(
            lambda: self._client.incoming_phone_numbers(ref).update(
                voice_url=setup.voice_url,
                voice_method="POST",
                voice_fallback_url=setup.fallback_url,
                voice_fallback_method="POST",
                status_callback=setup.status_url,
                status_callback_method="POST",
                sms_url=setup.text_url,
                sms_method="POST",
                sms_fallback_url=setup.text_url,
                sms_fallback_method="POST",
            )
        )
        return _as_own_number(found)

    def look_up(self, asked: LookUp, /) -> LookedUp:
        """Ask Lookup v2; one request, whatever is asked of the number."""
        numbers = self._client.lookups.v2.phone_numbers(asked.number)
        found = _ask(lambda: numbers.fetch(**lookups.question(asked)))
        return lookups.answer(asked, found.line_type_intelligence, found.reassigned_number)

    def browser_token(self, identity: str, /) -> str | None:
        """Return an access token for the voice SDK; None without an API key, or against the sandbox, which has no audio."""
        if settings.TWILIO_BASE_URL or not settings.TWILIO_API_KEY:
            return None
        token = AccessToken(
            settings.TWILIO_ACCOUNT_SID,
            settings.TWILIO_API_KEY,
            settings.TWILIO_API_SECRET,
            identity=identity,
            ttl=TOKEN_SECONDS,
        )
        token.add_grant(VoiceGrant(incoming_allow=True))
        return str(token.to_jwt())

    def _conference_sid(self, name: str) -> str:
        return str(self._conference(name, (RUNNING,)).sid)

    def _conference(self, name: str, statuses: Sequence[str]) -> Any:
        for status in statuses:
            found = _ask(partial(self._client.conferences.list, friendly_name=name, status=status, limit=1))
            if found:
                return found[0]
        raise CarrierError(f"The conference {name} is not running.", kind="permanent", code=NOT_FOUND)


def _detection(request: PlaceCall) -> dict[str, Any]:
    """Ask for detection beside the call: with the synchronous kind the person would hear seconds of silence first.

    Source: Twilio, Answering Machine Detection (AsyncAmd). The threshold is what greeting_end in dialer.answering counts on.
    """
    if request.detection is Detection.OFF:
        return {}
    return {
        "machine_detection": MODES[request.detection],
        "machine_detection_timeout": request.detect_seconds,
        "async_amd": "true",
        "async_amd_status_callback": request.callbacks.detected_url + RETRY_FRAGMENT,
        "machine_detection_speech_end_threshold": SPEECH_END_MS,
    }


class _SessionHttpClient(HttpClient):  # type: ignore[misc]  # the library has no types
    """Sends the library's requests through our session, to https://SUB.twilio.com or to BASE/SUB (the sandbox)."""

    def __init__(self, session: OutgoingSession, *, base_url: str) -> None:
        self._session = session
        self._base_url = base_url.rstrip("/")

    def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Send one request; network errors come out as requests raises them."""
        answer = self._session.request(
            method.upper(),
            self._address(url),
            params=params,
            data=data,
            headers=headers,
            auth=auth,
            timeout=timeout,
            allow_redirects=allow_redirects,
        )
        return Response(answer.status_code, answer.text, answer.headers)

    def stream(self, url: str) -> Iterator[bytes]:
        """Yield what is at an address of the account's, in parts. Raises requests' own errors and TwilioRestException."""
        secret = (settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN)
        with self._session.request("GET", self._address(url), auth=secret, stream=True) as answer:
            if answer.status_code != 200:
                code = 20404 if answer.status_code == 404 else None
                raise TwilioRestException(answer.status_code, url, "The sound was not given out.", code)
            yield from answer.iter_content(PART_BYTES)

    def _address(self, url: str) -> str:
        if not self._base_url:
            return url
        host, _, path = url.removeprefix("https://").partition("/")
        return f"{self._base_url}/{host.split('.', 1)[0]}/{path}"


def _ask(request: Callable[[], T]) -> T:
    """Run one library call and turn whatever it raises into CarrierError."""
    try:
        return request()
    except TwilioRestException as error:
        raise CarrierError(
            str(error.msg),
            kind=errors.kind_of(error.status, error.code),
            code=error.code,
            refuses_us=errors.refuses_us(error.status, error.code),
        ) from error
    except requests.ConnectTimeout as error:
        raise CarrierError("The carrier could not be reached in time.", kind="retryable") from error
    except requests.ReadTimeout as error:
        raise CarrierError("The carrier did not answer in time.", kind="unknown") from error
    except requests.ConnectionError as error:
        kind: errors.ErrorKind = (
            "retryable" if "NewConnectionError" in str(error) or "refused" in str(error) else "unknown"
        )
        raise CarrierError("The connection to the carrier failed.", kind=kind) from error
    except requests.RequestException as error:
        raise CarrierError("The carrier's answer broke off.", kind="unknown") from error
    except TwilioException as error:
        raise CarrierError(f"The carrier's answer could not be read: {error}", kind="unknown") from error


def _as_carrier_call(call: Any) -> CarrierCall:
    status = str(call.status)
    duration = int(call.duration) if call.duration not in (None, "") else None
    news = statuses.IMPLIED.get(status, (CarrierNews.UNKNOWN,))
    return CarrierCall(
        ref=str(call.sid),
        to=str(call.to),
        caller_id=str(call._from),  # the library puts the reserved word so
        news=[
            CarrierEvent(news=one, leg_ref=str(call.sid), raw=status, duration_seconds=duration)
            for one in news
        ],
        created_at=call.date_created,
    )


def _as_own_number(found: Any) -> OwnNumber:
    def by_post(url: str | None, method: str | None) -> str:
        # Asked by GET our address does not answer: it counts as another one.
        return f"{url or ''}{'' if not url or method == 'POST' else f' ({method})'}"

    return OwnNumber(
        ref=str(found.sid),
        number=str(found.phone_number),
        label=str(found.friendly_name or "")[:80],
        has_voice=bool((found.capabilities or {}).get("voice")),
        setup=NumberSetup(
            voice_url=by_post(found.voice_url, found.voice_method),
            fallback_url=by_post(found.voice_fallback_url, found.voice_fallback_method),
            status_url=by_post(found.status_callback, found.status_callback_method),
            text_url=by_post(found.sms_url, found.sms_method),
        ),
        handled_by=str(found.voice_application_sid or found.trunk_sid or ""),
        has_texts=bool((found.capabilities or {}).get("sms")),
        texts_handled_by=str(found.sms_application_sid or ""),
    )
