"""What the carrier tells about a recording by itself: that it began, that it ended, that the notice was heard."""

from datetime import datetime
from uuid import UUID

from carriers.events import CarrierEvent, CarrierNews
from dialer.models import CallRecording
from dialer.recordflow import Notice, RecordNews
from dialer.services.recordings import acting, moving
from dialer.urls_out import attempt_of_notice

NEWS = {
    CarrierNews.RECORDS: RecordNews.BEGAN,
    CarrierNews.RECORDED: RecordNews.ENDED,
    CarrierNews.RECORDED_NOTHING: RecordNews.ABSENT,
}


def apply_status(attempt_id: UUID, event: CarrierEvent, *, now: datetime) -> str:
    """Apply a recording's own webhook and return what it did. A pause is never lifted here: BEGAN does nothing to one."""
    recording = _of(attempt_id)
    if recording is None:
        return "unknown: no recording of this call is known"
    news = NEWS.get(event.news)
    if news is None:
        return f"unknown: a word this version does not know, “{event.raw}”"
    if recording.carrier_ref not in (None, event.recording_ref) or not event.recording_ref:
        return "ignored: another recording than this call's"
    acting.know_ref(recording, event.recording_ref)
    if event.duration_seconds is not None and news is RecordNews.ENDED and recording.duration_seconds is None:
        recording.duration_seconds = event.duration_seconds
        recording.save(update_fields=["duration_seconds"])
    step = moving.move(recording, news, now=now, source="carrier", detail=event.raw)
    if step.ignored:
        moving.hint(recording)  # its id may be news all the same: what was asked before can be done now
    return f"ignored: {news} while {step.state}" if step.ignored else f"recording is {step.state}"


def apply_notice(event: CarrierEvent, *, now: datetime) -> str:
    """Apply that an announcement was heard, or was not, and return what it did."""
    attempt_id = attempt_of_notice(event.announce_url)
    recording = _of(attempt_id) if attempt_id else None
    if recording is None:
        return "unknown: no notice of a recording"
    if recording.notice in (Notice.HEARD, Notice.FAILED):
        return f"ignored: the notice is {recording.notice}"
    if event.news is CarrierNews.NOT_ANNOUNCED:
        recording.notice = Notice.FAILED
        recording.save(update_fields=["notice"])
        moving.move(recording, RecordNews.SKIP_ASKED, now=now, source="rules", detail=acting.NOT_HEARD)
        return "the notice was not heard"
    recording.notice, recording.notice_at = Notice.HEARD, now
    recording.save(update_fields=["notice", "notice_at"])
    moving.note(recording, "notice heard", now=now, source="carrier")
    moving.show(recording.call)
    return "the notice was heard"


def _of(attempt_id: UUID) -> CallRecording | None:
    found = CallRecording.objects.filter(call__attempt_id=attempt_id).values_list("pk", flat=True).first()
    return None if found is None else acting.locked(found)
