"""Giving the sound out: to those who may hear it, with a row in the audit trail of each listening and each download."""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings

from core import audit, db
from core.errors import AppError, NotFound
from core.models import AuditEvent
from dialer import recorded

LISTENED, DOWNLOADED = "dialer.recording.listened", "dialer.recording.downloaded"
ONE_LISTENING = timedelta(minutes=10)  # a player asks for a sound in parts: those are one listening


class SoundChanged(AppError):
    """The stored file is not what was stored; it is given to nobody."""


def listen(*, recording_id: UUID, user_id: int, role: str, username: str, now: datetime) -> Path:
    """Return the file to play, and write down that it was listened to. Raises NotFound."""
    name, _ = recorded.file_of(recording_id, user_id=user_id, role=role, now=now)
    target = f"recording:{recording_id}"
    with db.use_case():
        lately = AuditEvent.objects.filter(target=target, verb=LISTENED, actor=username)
        if not lately.filter(at__gt=now - ONE_LISTENING).exists():
            audit.record(actor=username, verb=LISTENED, target=target, now=now)
    return _there(name)


def download(*, recording_id: UUID, user_id: int, role: str, username: str, now: datetime) -> Path:
    """Return the file to take away, checked against its hash, and write down who took it. Raises NotFound, SoundChanged."""
    name, sha256 = recorded.file_of(recording_id, user_id=user_id, role=role, now=now)
    path = _there(name)
    with path.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != sha256:
            raise SoundChanged(
                "The stored file is not the one that came from the carrier, so it is not given out. Tell an administrator."
            )
    with db.use_case():
        audit.record(
            actor=username,
            verb=DOWNLOADED,
            target=f"recording:{recording_id}",
            now=now,
            after={"sha256": sha256},
        )
    return path


def _there(name: str) -> Path:
    path = Path(settings.RECORDINGS_DIR) / name
    if not path.is_file():
        raise NotFound(
            "The file is not in the store of this machine. Is PARLEY_RECORDINGS_DIR shared by all of them?"
        )
    return path
