"""Removing sound: here, at the carrier, with a row that says what it was and which rule took it. Holds win.

The file goes after the row is written: a row that says deleted while the file is still there is mended by the sweeper, which
finds files that no row has; a file that is gone without a row could not be told of.
"""

from datetime import datetime
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction

from core import db
from dialer.models import CallRecording, RecordingDeletion
from dialer.services.recordings import moving

log = structlog.get_logger(__name__)


def gone(recording: CallRecording, *, rule: str, reason: str, by: str, now: datetime) -> None:
    """Record on a locked recording that its sound is deleted everywhere, and remove our file once that has committed."""
    db.require_atomic()
    RecordingDeletion.objects.create(
        recording=recording,
        at=now,
        rule=rule,
        reason=reason[:300],
        deleted_by=by,
        sha256=recording.sha256,
        size_bytes=recording.size_bytes,
        carrier_ref=recording.carrier_ref or "",
    )
    name = recording.file_name
    recording.sound, recording.file_name = CallRecording.Sound.DELETED, ""
    recording.peaks, recording.gone_at_carrier_at, recording.fetch_due_at = None, now, None
    recording.save(update_fields=["sound", "file_name", "peaks", "gone_at_carrier_at", "fetch_due_at"])
    moving.note(recording, "deleted", now=now, source=by, detail=reason)
    moving.show(recording.call)
    if name:
        transaction.on_commit(lambda: remove_file(name), robust=True)


def remove_file(name: str) -> None:
    """Remove one file of the store; one that is not there is no error."""
    (folder() / name).unlink(missing_ok=True)


def folder() -> Path:
    """Return the store, made for its owner alone."""
    path = Path(settings.RECORDINGS_DIR)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
