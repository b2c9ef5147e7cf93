"""Calls, attempts, agents' sessions, callbacks."""

from dialer.models.agents import AgentSession, AgentStateChange, LeavingLeg
from dialer.models.answers import AnsweredDay
from dialer.models.besttime import BestTimeFit
from dialer.models.calls import Call, CallEvent, DialAttempt
from dialer.models.drops import VoicemailDrop
from dialer.models.pacing import PacerState, PacingSample
from dialer.models.recordings import (
    CallRecording,
    RecordingDeletion,
    RecordingEvent,
    RecordingHold,
    RecordingRule,
)
from dialer.models.scripts import ScriptRun, ScriptStep
from dialer.models.transfers import Transfer

__all__ = [
    "AgentSession",
    "AgentStateChange",
    "AnsweredDay",
    "BestTimeFit",
    "Call",
    "CallEvent",
    "CallRecording",
    "DialAttempt",
    "LeavingLeg",
    "PacerState",
    "PacingSample",
    "RecordingDeletion",
    "RecordingEvent",
    "RecordingHold",
    "RecordingRule",
    "ScriptRun",
    "ScriptStep",
    "Transfer",
    "VoicemailDrop",
]
