"""Resources as the vendor writes them. Shapes: components/schemas of its OpenAPI document."""

import math
from datetime import datetime

from sandbox.carrier.model import (
    API_VERSION,
    Call,
    Conference,
    OwnNumber,
    Participant,
    Recording,
    World,
)
from sandbox.clock import rfc2822

PRICE_A_MINUTE = 0.014
RECORDING_SILENT = 16102  # "Unavailable because recording is silent": why a recording is absent


class Renderer:
    """Turns what the stand-in remembers into the JSON of the REST API."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.account = f"/{API_VERSION}/Accounts/{world.settings.account_sid}"

    def account_resource(self, created_at: datetime) -> dict[str, object]:
        """Return the account."""
        names = ("Calls", "Conferences", "IncomingPhoneNumbers", "Recordings")
        keys = ("calls", "conferences", "incoming_phone_numbers", "recordings")
        settings = self.world.settings
        return {
            "sid": settings.account_sid,
            "owner_account_sid": settings.account_sid,
            "friendly_name": "Sandbox",
            "status": "active",
            "type": "Full",
            "auth_token": settings.auth_token,
            "date_created": rfc2822(created_at),
            "date_updated": rfc2822(created_at),
            "uri": f"{self.account}.json",
            "subresource_uris": {
                key: f"{self.account}/{name}.json" for key, name in zip(keys, names, strict=True)
            },
        }

    def call(self, call: Call) -> dict[str, object]:
        """Return a call."""
        options = call.options
        number = self.world.numbers.get(call.own_number)
        uri = f"{self.account}/Calls/{call.sid}"
        is_over = not call.is_live
        return {
            "sid": call.sid,
            "account_sid": self.world.settings.account_sid,
            "parent_call_sid": call.parent_sid,
            "phone_number_sid": number.sid if number else None,
            "date_created": rfc2822(call.created_at),
            "date_updated": rfc2822(call.updated_at),
            "start_time": _moment(call.started_at),
            "end_time": _moment(call.ended_at),
            "to": options.to,
            "to_formatted": _formatted(options.to),
            "from": options.sender,
            "from_formatted": _formatted(options.sender),
            "status": call.status,
            "duration": str(call.duration_seconds) if is_over else None,
            "price": _price(call) if is_over and call.answered_at else None,
            "price_unit": "USD",
            "direction": call.direction,
            "answered_by": call.answered_by,
            "api_version": API_VERSION,
            "forwarded_from": None,
            "group_sid": None,
            "caller_name": None,
            "queue_time": str(call.queue_ms),
            "trunk_sid": None,
            "uri": f"{uri}.json",
            "subresource_uris": {
                "events": f"{uri}/Events.json",
                "notifications": f"{uri}/Notifications.json",
                "payments": f"{uri}/Payments.json",
                "recordings": f"{uri}/Recordings.json",
                "siprec": f"{uri}/Siprec.json",
                "streams": f"{uri}/Streams.json",
                "transcriptions": f"{uri}/Transcriptions.json",
                "user_defined_message_subscriptions": f"{uri}/UserDefinedMessageSubscriptions.json",
                "user_defined_messages": f"{uri}/UserDefinedMessages.json",
            },
        }

    def conference(self, conference: Conference) -> dict[str, object]:
        """Return a conference."""
        uri = f"{self.account}/Conferences/{conference.sid}"
        return {
            "sid": conference.sid,
            "account_sid": self.world.settings.account_sid,
            "friendly_name": conference.name,
            "status": conference.status,
            "region": "us1",
            "api_version": API_VERSION,
            "date_created": rfc2822(conference.created_at),
            "date_updated": rfc2822(conference.updated_at),
            "reason_conference_ended": conference.reason_ended,
            "call_sid_ending_conference": conference.ended_by_call_sid,
            "uri": f"{uri}.json",
            "subresource_uris": {
                "participants": f"{uri}/Participants.json",
                "recordings": f"{uri}/Recordings.json",
            },
        }

    def participant(self, participant: Participant) -> dict[str, object]:
        """Return a participant."""
        conference = participant.conference
        call = participant.call
        return {
            "account_sid": self.world.settings.account_sid,
            "call_sid": call.sid,
            "label": participant.label,
            "conference_sid": conference.sid,
            "call_sid_to_coach": participant.call_sid_to_coach,
            "coaching": participant.coaching,
            "date_created": rfc2822(participant.created_at),
            "date_updated": rfc2822(participant.updated_at),
            "end_conference_on_exit": participant.end_on_exit,
            "muted": participant.muted,
            "hold": participant.hold,
            "start_conference_on_enter": participant.start_on_enter,
            "status": _participant_status(call),
            "queue_time": str(call.queue_ms),
            "uri": f"{self.account}/Conferences/{conference.sid}/Participants/{call.sid}.json",
        }

    def recording(self, recording: Recording, seconds: int) -> dict[str, object]:
        """Return a recording as the account's list shows it."""
        uri = f"{self.account}/Recordings/{recording.sid}"
        return {
            **self._recording(recording, seconds),
            "uri": f"{uri}.json",
            "media_url": f"https://api.twilio.com{uri}",
            "subresource_uris": {
                "add_on_results": f"{uri}/AddOnResults.json",
                "transcriptions": f"{uri}/Transcriptions.json",
            },
        }

    def call_recording(self, recording: Recording, seconds: int) -> dict[str, object]:
        """Return a recording as its call shows it."""
        uri = f"{self.account}/Calls/{recording.call_sid}/Recordings/{recording.sid}.json"
        return {**self._recording(recording, seconds), "track": recording.track, "uri": uri}

    def conference_recording(self, recording: Recording, seconds: int) -> dict[str, object]:
        """Return a recording as its conference shows it."""
        uri = f"{self.account}/Conferences/{recording.conference_sid}/Recordings/{recording.sid}.json"
        return {**self._recording(recording, seconds), "uri": uri}

    def _recording(self, recording: Recording, seconds: int) -> dict[str, object]:
        return {
            "sid": recording.sid,
            "account_sid": self.world.settings.account_sid,
            "api_version": API_VERSION,
            "call_sid": recording.call_sid,
            "conference_sid": recording.conference_sid,
            "date_created": rfc2822(recording.created_at),
            "date_updated": rfc2822(recording.updated_at),
            "start_time": rfc2822(recording.created_at),
            "duration": str(seconds) if recording.status == "completed" else None,
            "status": recording.status,
            "channels": recording.channels,
            "source": recording.source,
            "price": None,
            "price_unit": None,
            "error_code": RECORDING_SILENT if recording.status == "absent" else None,
            "encryption_details": None,
        }

    def payment(
        self, sid: str, call_sid: str, created_at: datetime, updated_at: datetime
    ) -> dict[str, object]:
        """Return a payment session; nothing of the card is in it."""
        return {
            "sid": sid,
            "account_sid": self.world.settings.account_sid,
            "call_sid": call_sid,
            "date_created": rfc2822(created_at),
            "date_updated": rfc2822(updated_at),
            "uri": f"{self.account}/Calls/{call_sid}/Payments/{sid}.json",
        }

    def number(self, number: OwnNumber) -> dict[str, object]:
        """Return a number of the account."""
        unset = (
            "address_sid bundle_sid emergency_address_sid identity_sid sms_application_sid sms_fallback_url"
            " sms_url status_callback trunk_sid voice_application_sid voice_fallback_url voice_url"
        )
        methods = ("sms_fallback_method", "sms_method", "status_callback_method", "voice_fallback_method")
        wishes: dict[str, object] = {name: value or None for name, value in number.wishes.items()}
        if "voice_caller_id_lookup" in wishes:
            wishes["voice_caller_id_lookup"] = wishes["voice_caller_id_lookup"] == "true"
        return {
            **dict.fromkeys(unset.split()),
            **dict.fromkeys((*methods, "voice_method"), "POST"),
            "sid": number.sid,
            "account_sid": self.world.settings.account_sid,
            "phone_number": number.number,
            "friendly_name": _formatted(number.number),
            "api_version": API_VERSION,
            "address_requirements": "none",
            "beta": False,
            "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
            "date_created": rfc2822(number.created_at),
            "date_updated": rfc2822(number.updated_at),
            "emergency_status": "Inactive",
            "emergency_address_status": "unregistered",
            "origin": "twilio",
            "status": "in-use",
            "type": "local",
            "voice_caller_id_lookup": False,
            "voice_receive_mode": "voice",
            "uri": f"{self.account}/IncomingPhoneNumbers/{number.sid}.json",
            **wishes,
        }


def _participant_status(call: Call) -> str:
    if call.is_live:
        queued = "queued" if call.started_at is None else "connecting"
        return {"queued": queued, "ringing": "ringing"}.get(call.status, "connected")
    return "complete" if call.answered_at is not None else "failed"


def _moment(moment: datetime | None) -> str | None:
    return rfc2822(moment) if moment else None


def _formatted(number: str) -> str:
    if len(number) == 12 and number.startswith("+1"):
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number


def _price(call: Call) -> str:
    return f"{-PRICE_A_MINUTE * max(1, math.ceil(call.duration_seconds / 60)):.5f}"
