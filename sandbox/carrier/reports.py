"""The parameters of each webhook, in the vendor's words."""

import math
from collections.abc import Mapping
from types import MappingProxyType

from sandbox.carrier.model import API_VERSION, Call, Conference, Hook, Participant, Recording, World
from sandbox.carrier.render import RECORDING_SILENT
from sandbox.carrier.webhooks import Webhooks
from sandbox.clock import rfc2822

_PLACES = ("City", "State", "Zip")


class Reporter:
    """Tells the product what happens, to the addresses it gave."""

    def __init__(self, world: World, webhooks: Webhooks) -> None:
        self.world = world
        self.webhooks = webhooks

    def voice_params(self, call: Call, status: str | None = None) -> dict[str, str]:
        """Return what every request about a call carries."""
        options = call.options
        params = {
            "CallSid": call.sid,
            "AccountSid": self.world.settings.account_sid,
            "From": options.sender,
            "To": options.to,
            "Caller": options.sender,
            "Called": options.to,
            "CallStatus": status or call.status,
            "ApiVersion": API_VERSION,
            "Direction": call.direction,
        }
        for side, number in (("From", options.sender), ("Caller", options.sender)):
            params |= _place(side, number)
        for side, number in (("To", options.to), ("Called", options.to)):
            params |= _place(side, number)
        if call.parent_sid:
            params["ParentCallSid"] = call.parent_sid
        return params

    def call_event(self, call: Call, event: str) -> None:
        """Post initiated, ringing, answered or completed, when the product asked for it."""
        if call.status_hook is None or event not in call.options.status_events:
            return
        word = {"initiated": "initiated", "ringing": "ringing", "answered": "in-progress"}.get(event)
        params = self.voice_params(call, word)
        params |= {
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(call.sequence),
            "Timestamp": rfc2822(self.world.clock.now()),
        }
        call.sequence += 1
        if event == "completed":
            params |= {
                "CallDuration": str(call.duration_seconds),
                "Duration": str(math.ceil(call.duration_seconds / 60)),
            }
            if call.sip_code is not None:
                params["SipResponseCode"] = str(call.sip_code)
            if call.answered_by is not None:
                params["AnsweredBy"] = call.answered_by
        self.webhooks.post(call.status_hook, params, kind="call", event=event, key=call.sid)

    def machine_verdict(self, call: Call, hook: Hook, took_ms: int) -> None:
        """Post the verdict of asynchronous answering machine detection."""
        params = {
            "CallSid": call.sid,
            "AccountSid": self.world.settings.account_sid,
            "AnsweredBy": call.answered_by or "unknown",
            "MachineDetectionDuration": str(took_ms),
        }
        self.webhooks.post(hook, params, kind="amd", event="amd", key=call.sid)

    def conference_event(
        self,
        conference: Conference,
        event: str,
        participant: Participant | None = None,
        extra: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Post a conference event to the address the first to join brought."""
        entrance = conference.entrance
        conference.updated_at = self.world.clock.now()
        if entrance.status is None or _group(event) not in entrance.status_events:
            return
        conference.sequence += 1
        params = {
            "ConferenceSid": conference.sid,
            "FriendlyName": conference.name,
            "AccountSid": self.world.settings.account_sid,
            "SequenceNumber": str(conference.sequence),
            "Timestamp": rfc2822(self.world.clock.now()),
            "StatusCallbackEvent": event,
            **extra,
        }
        if participant is not None:
            params |= _participant_params(participant)
        self.webhooks.post(entrance.status, params, kind="conference", event=event, key=conference.sid)

    def recording_url(self, recording: Recording) -> str:
        """Return the address the vendor serves the sound at; the product sends it to this stand-in like all others."""
        account = self.world.settings.account_sid
        return f"https://api.twilio.com/{API_VERSION}/Accounts/{account}/Recordings/{recording.sid}"

    def recording_event(self, recording: Recording, duration_seconds: int) -> None:
        """Post in-progress, completed or absent of a recording, when the product asked for it."""
        if recording.hook is None or recording.status not in recording.events:
            return
        params = {
            "AccountSid": self.world.settings.account_sid,
            "CallSid": recording.call_sid,
            "RecordingSid": recording.sid,
            "RecordingUrl": self.recording_url(recording),
            "RecordingStatus": recording.status,
            "RecordingDuration": str(duration_seconds),
            "RecordingChannels": str(recording.channels),
            "RecordingStartTime": rfc2822(recording.created_at),
            "RecordingSource": recording.source,
            "RecordingTrack": recording.track,
            "ErrorCode": str(RECORDING_SILENT if recording.status == "absent" else 0),
        }
        if recording.conference_sid:
            params["ConferenceSid"] = recording.conference_sid
        key = recording.conference_sid or recording.call_sid
        self.webhooks.post(recording.hook, params, kind="recording", event=recording.status, key=key)


def _group(event: str) -> str:
    """Return the word by which statusCallbackEvent asks for an event."""
    if event.startswith("announcement-"):
        return "announcement"
    return event.partition("-")[2].removeprefix("un")


def _place(side: str, number: str) -> dict[str, str]:
    if not number.startswith("+"):
        return {}
    # fictitious numbers belong to no town; the vendor sends empty values where it knows none
    country = "US" if number.startswith("+1") else ""
    return {**{side + part: "" for part in _PLACES}, side + "Country": country}


def _participant_params(participant: Participant) -> dict[str, str]:
    params = {
        "CallSid": participant.call.sid,
        "Muted": str(participant.muted).lower(),
        "Hold": str(participant.hold).lower(),
        "Coaching": str(participant.coaching).lower(),
        "EndConferenceOnExit": str(participant.end_on_exit).lower(),
        "StartConferenceOnEnter": str(participant.start_on_enter).lower(),
    }
    if participant.label:
        params["ParticipantLabel"] = participant.label
    if participant.call_sid_to_coach:
        params["CallSidToCoach"] = participant.call_sid_to_coach
    return params
