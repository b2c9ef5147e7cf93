"""Twilio's words → ours, as tables. Pure. Unknown words map to UNKNOWN and stay raw in the inbox."""

from collections.abc import Mapping
from typing import Final

from carriers.events import CarrierNews, Detected, GreetingEnd
from carriers.recorder import AtCarrier

# CallStatus of a status callback, or `status` of a Call resource (Twilio: Call Resource, status values).
CALL_STATUS: Final[Mapping[str, CarrierNews]] = {
    "queued": CarrierNews.INITIATED,
    "initiated": CarrierNews.INITIATED,
    "ringing": CarrierNews.RINGING,
    "in-progress": CarrierNews.ANSWERED,
    "answered": CarrierNews.ANSWERED,
    "completed": CarrierNews.COMPLETED,
    "busy": CarrierNews.BUSY,
    "no-answer": CarrierNews.NO_ANSWER,
    "failed": CarrierNews.FAILED,
    "canceled": CarrierNews.CANCELED,
}

# What a Call resource in this status has been through, in order: a list entry stands for all callbacks we may have missed.
IMPLIED: Final[Mapping[str, tuple[CarrierNews, ...]]] = {
    "queued": (CarrierNews.INITIATED,),
    "ringing": (CarrierNews.INITIATED, CarrierNews.RINGING),
    "in-progress": (CarrierNews.INITIATED, CarrierNews.ANSWERED),
    "completed": (CarrierNews.COMPLETED,),
    "busy": (CarrierNews.BUSY,),
    "no-answer": (CarrierNews.NO_ANSWER,),
    "failed": (CarrierNews.FAILED,),
    "canceled": (CarrierNews.CANCELED,),
}

# AnsweredBy of a detection callback (Twilio: Answering Machine Detection).
ANSWERED_BY: Final[Mapping[str, Detected]] = {
    "human": Detected.PERSON,
    "machine_start": Detected.MACHINE,
    "machine_end_beep": Detected.MACHINE,
    "machine_end_silence": Detected.MACHINE,
    "machine_end_other": Detected.MACHINE,
    "fax": Detected.FAX,
    "unknown": Detected.UNKNOWN,
}

# What AnsweredBy says beside who it is, asked for by DetectMessageEnd.
GREETING_END: Final[Mapping[str, GreetingEnd]] = {
    "machine_end_beep": GreetingEnd.BEEP,
    "machine_end_silence": GreetingEnd.SILENCE,
    "machine_end_other": GreetingEnd.OTHER,
}

# StatusCallbackEvent of a conference callback; hold and mute say by a flag which way.
CONFERENCE_EVENT: Final[Mapping[str, CarrierNews]] = {
    "participant-join": CarrierNews.JOINED,
    "participant-leave": CarrierNews.LEFT,
    "participant-hold": CarrierNews.HELD,
    "participant-unhold": CarrierNews.RESUMED,
    "participant-mute": CarrierNews.MUTED,
    "participant-unmute": CarrierNews.UNMUTED,
    "announcement-end": CarrierNews.ANNOUNCED,
    "announcement-fail": CarrierNews.NOT_ANNOUNCED,
}

# RecordingStatus of a recording's callback (Twilio: Recordings, status callback events).
RECORDING_EVENT: Final[Mapping[str, CarrierNews]] = {
    "in-progress": CarrierNews.RECORDS,
    "completed": CarrierNews.RECORDED,
    "absent": CarrierNews.RECORDED_NOTHING,
}

# `status` of a Recording resource; a word that is not here is taken for a recording that runs, the stricter reading.
RECORDING_STATUS: Final[Mapping[str, AtCarrier]] = {
    "in-progress": AtCarrier.RUNNING,
    "paused": AtCarrier.PAUSED,
    "stopped": AtCarrier.DONE,
    "processing": AtCarrier.DONE,
    "completed": AtCarrier.DONE,
    "absent": AtCarrier.ABSENT,
    "failed": AtCarrier.ABSENT,
}
