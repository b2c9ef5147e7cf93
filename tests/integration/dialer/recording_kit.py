"""Calls whose recording goes its way, for the tests of it."""

import io
import wave
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from dialer.models import Call, CallRecording
from dialer.services import calls
from dialer.services.recordings import acting, rules, starting, storing, wishes
from dialer.services.recordings.rules import NewRule
from dialer.urls_out import conference_events_url, notice_url, recording_status_url
from tests.factories.world import World
from tests.fakes.carrier import FakeCarrier
from tests.fakes.recorder import FakeRecorder
from tests.integration.dialer.test_calls import answered, call, ended, post, session_of

__all__ = ["call"]


@pytest.fixture(autouse=True)
def store(tmp_path: Path) -> Iterator[Path]:
    with override_settings(RECORDINGS_DIR=str(tmp_path / "sound")):
        yield tmp_path / "sound"


@pytest.fixture
def recorder(carrier: FakeCarrier) -> FakeRecorder:
    carrier.recorder.sound = sound(3)
    return carrier.recorder


def sound(seconds: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x00\x40\x00\x10" * 8000 * seconds)
    return out.getvalue()


def record_all(world: World, now: datetime, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "campaign_id": world.campaign.pk,
        "percent": 100,
        "asks_first": False,
        "listeners": "supervisors",
    }
    new = NewRule(**({**facts, "keep_days": None, "reason": "For the tests"} | changes))
    rules.set_rule(new, by="mia", now=now)


def run(now: datetime) -> None:
    """Do the tasks about recordings that are hinted at."""
    for call_id in Call.objects.filter(bridged_at__isnull=False).values_list("pk", flat=True):
        starting.follow(call_id=call_id, now=now)
    for recording_id in CallRecording.objects.values_list("pk", flat=True):
        acting.act(recording_id=recording_id, now=now)


def talking(call: Call, now: datetime, *, notice: bool = True) -> CallRecording:
    """Let person and agent talk, the recording run and its notice be heard."""
    answered(call, now)
    run(now)
    if notice:
        heard(call, now)
    return CallRecording.objects.get(call=call)


def heard(call: Call, now: datetime, event: str = "announcement-end") -> None:
    """Let the carrier say what became of the notice."""
    url = conference_events_url(session_of(call).pk)
    form = {"StatusCallbackEvent": event, "AnnounceUrl": notice_url(call.attempt_id), "ConferenceSid": "CF1"}
    post(url, form)
    calls.sweep_webhooks(now=now + timedelta(minutes=1))


def told(call: Call, recording: CallRecording, word: str, now: datetime, **more: str) -> None:
    """Let the carrier's recording webhook come."""
    form = {
        "RecordingSid": str(recording.carrier_ref),
        "RecordingStatus": word,
        "CallSid": str(call.carrier_ref),
    }
    post(recording_status_url(call.attempt_id), form | more)
    calls.sweep_webhooks(now=now + timedelta(minutes=1))
    recording.refresh_from_db()


def ask(world: World, action: str, now: datetime) -> None:
    wishes.ask(user_id=world.ana.pk, action=action, now=now)
    run(now)


def over(call: Call, recording: CallRecording, recorder: FakeRecorder, now: datetime) -> None:
    """End the call, and with it the recording."""
    ended(call, now)
    recorder.end(str(recording.carrier_ref))
    told(call, recording, "completed", now, RecordingDuration="61")


def stored(call: Call, world: World, recorder: FakeRecorder, now: datetime) -> CallRecording:
    recording = talking(call, now)
    over(call, recording, recorder, now)
    storing.fetch(recording_id=recording.pk, now=now + timedelta(minutes=3))
    recording.refresh_from_db()
    return recording
