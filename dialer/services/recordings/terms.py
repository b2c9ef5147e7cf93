"""How long one recording is kept, in words."""

from datetime import datetime
from uuid import UUID

from dialer.models import CallRecording
from dialer.services.recordings.keeping import KEPT, term_of
from dialer.services.recordings.rules import rule_in_force


def term_words(recording_id: UUID, *, now: datetime) -> str:
    """Return until when the sound is kept and by what rule; empty where there is none."""
    recording = CallRecording.objects.select_related("call__campaign").get(pk=recording_id)
    if recording.sound not in KEPT:
        return ""
    term = term_of(recording, rule_in_force(recording.call.campaign_id, at=now), on=now.date())
    until = f"Until {term.until:%d %b %Y}. " if term.until else ""
    return f"{until}{term.reason}"
