"""Bringing the sound of a recording from the carrier into our own store: hashed, with its picture, never at a public address."""

import hashlib
import os
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog

from carriers import health, registry
from carriers.protocol import CarrierError
from core import db, sweeps
from dialer.models import CallRecording
from dialer.recordflow import Notice
from dialer.services import trouble
from dialer.services.recordings import acting, moving, removing
from dialer.soundfiles import Picture, SoundUnreadable, picture

log = structlog.get_logger(__name__)

SOUND = CallRecording.Sound
MOST_TRIES = 8  # over about a day: the carrier has it within minutes, or has lost it
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=6)
NOTICE_MAY_COME = timedelta(minutes=2)  # its message may be late; without it nothing is kept
GONE = 20404


def fetch(*, recording_id: UUID, now: datetime) -> None:
    """Fetch the sound of an ended recording, unless its notice was never heard. A task; a repeat finds it stored."""
    ref = _take(recording_id, now)
    if ref is None:
        return
    store = removing.folder()
    part = store / f"{recording_id}.part"
    try:
        with open(part, "wb", opener=_for_us_alone) as into:
            size = registry.carrier().recorder.download(ref, into)
        found = picture(part)
    except CarrierError as error:
        part.unlink(missing_ok=True)
        trouble.notice(error, now=now)
        _not_there(recording_id, str(error), now)
        return
    except SoundUnreadable as error:
        part.unlink(missing_ok=True)
        _not_there(recording_id, str(error), now)
        return
    digest = _sha256(part)
    name = f"{now:%Y-%m}/{recording_id}.wav"
    (store / name).parent.mkdir(mode=0o700, exist_ok=True)
    os.replace(part, store / name)
    if not _keep(recording_id, name, digest, size, found, now):
        removing.remove_file(name)


def fetch_again(*, recording_id: UUID, by: str, now: datetime) -> None:
    """Let the sound that is missing be asked for once more, as somebody wants."""
    with db.use_case():
        recording = acting.locked(recording_id)
        if recording.sound != SOUND.MISSING:
            return
        recording.sound, recording.fetch_due_at, recording.fetch_tries = SOUND.WAITING, now, 0
        recording.save(update_fields=["sound", "fetch_due_at", "fetch_tries"])
        moving.note(recording, "fetched again", now=now, source=by)


def sweep(*, now: datetime) -> int:
    """Fetch what is due; returns how many were tried."""
    if health.trouble() is not None:
        return 0
    due = CallRecording.objects.filter(sound=SOUND.WAITING, fetch_due_at__lte=now)
    ids = list(due.order_by("fetch_due_at", "pk").values_list("pk", flat=True)[:10])
    return sweeps.for_each(ids, lambda each: fetch(recording_id=each, now=now), what="sound")


def _take(recording_id: UUID, now: datetime) -> str | None:
    with db.use_case():
        recording = acting.locked(recording_id)
        due = recording.fetch_due_at
        if recording.sound != SOUND.WAITING or due is None or due > now or recording.carrier_ref is None:
            return None
        if recording.notice != Notice.HEARD:
            if recording.ended_at is not None and recording.ended_at > now - NOTICE_MAY_COME:
                recording.fetch_due_at = now + FIRST_WAIT
                recording.save(update_fields=["fetch_due_at"])
                return None
        else:
            wait = min(FIRST_WAIT * 4**recording.fetch_tries, LONGEST_WAIT)
            recording.fetch_due_at, recording.fetch_tries = now + wait, recording.fetch_tries + 1
            recording.save(update_fields=["fetch_due_at", "fetch_tries"])
            return recording.carrier_ref
    acting.not_heard(recording_id=recording_id, now=now)
    return None


def _not_there(recording_id: UUID, reason: str, now: datetime) -> None:
    with db.use_case():
        recording = acting.locked(recording_id)
        log.warning("dialer.recording.not_fetched", recording=str(recording_id), reason=reason)
        if recording.sound != SOUND.WAITING or recording.fetch_tries < MOST_TRIES:
            return
        recording.sound, recording.fetch_due_at = SOUND.MISSING, None
        recording.save(update_fields=["sound", "fetch_due_at"])
        moving.note(recording, "missing", now=now, source="carrier", detail=reason)


def _keep(recording_id: UUID, name: str, digest: str, size: int, found: Picture, now: datetime) -> bool:
    with db.use_case():
        recording = acting.locked(recording_id)
        if recording.sound != SOUND.WAITING:
            return recording.file_name == name  # skipped or deleted meanwhile
        recording.sound, recording.file_name, recording.sha256 = SOUND.HERE, name, digest
        recording.size_bytes, recording.peaks, recording.fetched_at = size, found.peaks, now
        recording.duration_seconds, recording.fetch_due_at = round(found.seconds), None
        recording.save(
            update_fields=[
                "sound",
                "file_name",
                "sha256",
                "size_bytes",
                "peaks",
                "fetched_at",
                "duration_seconds",
                "fetch_due_at",
            ]
        )
        moving.note(recording, "stored", now=now, source="carrier", detail=f"SHA-256 {digest[:16]}…")
        return True


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
