"""Recorded messages: stored by one person, judged, approved by another, retired; never changed and never deleted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction

from campaigns.models import MessageAudio, MessageVersion, RecordedMessage
from campaigns.recordings.declared import Declared
from campaigns.recordings.judging import Finding, judge
from campaigns.recordings.sound import Sound
from compliance.rules.content.problems import Problem, blocking
from compliance.rules.content.sounds import MessageKind
from core import audit, db
from core.errors import AppError, NotFound, Stale

STATE = MessageVersion.State
SOURCE = MessageVersion.Source
MAX_TRANSCRIPT = 2_000


class MessageRefused(AppError):
    """The message cannot be stored or approved as it is; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """What somebody wants to have played: words, facts, and a sound; without one the carrier's voice reads the words."""

    declared: Declared
    sound: Sound | None = None
    keeps_audio: bool = False  # the sound of the version before it; only words or facts are corrected
    source: str = SOURCE.TEXT
    file_name: str = ""


def create_message(
    *, name: str, kind: MessageKind, owner_id: int | None, version: NewVersion, by_name: str, now: datetime
) -> int:
    """Store a new message with its first version as a draft and return the message's id. Raises MessageRefused.

    A message with an owner is left by that rep alone, on voicemail.
    """
    name = name.strip()
    if not name or len(name) > 120:
        raise MessageRefused("Give the message a name of at most 120 characters.")
    _check(version)
    if version.keeps_audio:
        raise MessageRefused("There is no earlier recording to keep. Record or upload one.")
    with db.use_case():
        message = RecordedMessage(name=name, kind=kind, owner_id=owner_id, created_at=now, created_by=by_name)
        try:
            with transaction.atomic():
                message.save(force_insert=True)
        except IntegrityError:
            raise MessageRefused(
                f"There is a message “{name}” already. Open it to make its next version, or choose another name."
            ) from None
        append_version(message, 1, version, None, by_name=by_name, now=now)
    return message.id


def add_version(*, message_id: int, based_on: int, version: NewVersion, by_name: str, now: datetime) -> None:
    """Store the message's next version as a draft; versions in use stay in use.

    `based_on` is the number of the version the person saw. Raises Stale if there is a newer one, MessageRefused, NotFound.
    """
    _check(version)
    with db.use_case():
        message = RecordedMessage.objects.select_for_update().filter(id=message_id).first()
        if message is None:
            raise NotFound("This message does not exist.")
        if message.standard_for is not None:
            raise MessageRefused(
                "The standard text follows the campaign's facts. Make a message of your own."
            )
        latest = newest(message.id)
        if latest is None or latest.number != based_on:
            raise Stale("A newer version was saved meanwhile. Look at it, then save yours again.")
        append_version(message, latest.number + 1, version, latest, by_name=by_name, now=now)


def approve(*, version_id: UUID, by_name: str, may_accept: bool, note: str, now: datetime) -> None:
    """Let a draft be played. Judges it again by today's rules.

    Raises MessageRefused if the person made it, if the judge finds a problem nobody may accept, or one marked for review
    without somebody who may accept it (`may_accept`) and the reason (`note`); Stale unless it is a draft; NotFound.
    """
    note = note.strip()
    with db.use_case():
        version = _locked(version_id)
        if version.state != STATE.DRAFT:
            raise Stale(f"This version is {STATE(version.state).label.lower()} already. Nothing was changed.")
        if version.created_by == by_name:
            raise MessageRefused(
                "You made this version; somebody else has to listen to it and approve it. A campaign manager or the compliance "
                "officer may."
            )
        finding = _judged(version, now)
        if stopped := blocking(finding.problems):
            raise MessageRefused(f"It cannot be approved: {_told(stopped)}")
        if finding.problems and not may_accept:
            raise MessageRefused(
                f"Only the compliance officer may accept what is left: {_told(finding.problems)}"
            )
        if finding.problems and not note:
            raise MessageRefused(
                "Say why you accept what the judge found; the reason is kept with the approval."
            )
        _decide(version, STATE.APPROVED, finding, by_name=by_name, note=note, now=now)


def retire(*, version_id: UUID, by_name: str, note: str, now: datetime) -> None:
    """Never play a version again; it stays on record. Raises Stale if it is retired already, NotFound."""
    with db.use_case():
        version = _locked(version_id)
        if version.state == STATE.RETIRED:
            raise Stale("This version is retired already. Nothing was changed.")
        _decide(version, STATE.RETIRED, None, by_name=by_name, note=note.strip(), now=now)


def append_version(
    message: RecordedMessage,
    number: int,
    new: NewVersion,
    earlier: MessageVersion | None,
    *,
    by_name: str,
    now: datetime,
) -> MessageVersion:
    """Store a version as a draft with the judge's finding, and return it. The caller's transaction."""
    db.require_atomic()
    audio = _audio(new.sound, now) if new.sound else (earlier.audio if earlier and new.keeps_audio else None)
    if new.keeps_audio and audio is None:
        raise MessageRefused("The version before has no recording to keep. Record or upload one.")
    version = MessageVersion(
        message=message,
        number=number,
        source=earlier.source if earlier and new.keeps_audio else new.source,
        file_name=(earlier.file_name if earlier and new.keeps_audio else new.file_name)[:200],
        audio=audio,
        declared=msgspec.to_builtins(new.declared),
        created_at=now,
        created_by=by_name,
    )
    _keep(version, _judged(version, now), now)
    version.save(force_insert=True)
    told = {"version": number, "kind": message.kind, "problems": [each["code"] for each in version.problems]}
    _record("saved", version, by_name, now, after=told)
    return version


def approve_standard(version: MessageVersion, *, by_name: str, now: datetime) -> None:
    """Let the standard text be played: its words are the product's own and the judge found nothing. The caller's transaction."""
    finding = _judged(version, now)
    if not finding.problems:
        _decide(version, STATE.APPROVED, finding, by_name=by_name, note="Standard text", now=now)


def newest(message_id: int) -> MessageVersion | None:
    """Return the message's newest version, without the bytes of its recording."""
    versions = MessageVersion.objects.filter(message_id=message_id).select_related("audio")
    return versions.defer("audio__wav").order_by("-number").first()


def _check(version: NewVersion) -> None:
    words = version.declared.transcript
    if not words.strip():
        raise MessageRefused("Write down every word of the message: the rules are checked against its words.")
    if len(words) > MAX_TRANSCRIPT:
        raise MessageRefused(
            f"The words are longer than {MAX_TRANSCRIPT:,} characters, more than a minute of speech."
        )


def _audio(sound: Sound, now: datetime) -> MessageAudio:
    """Return the stored recording; the same samples are stored once."""
    measured = sound.measured
    found, _ = MessageAudio.objects.defer("wav").get_or_create(
        sha256=sound.sha256,
        defaults={
            "wav": sound.wav,
            "seconds": measured.seconds,
            "first_sound_at": measured.first_sound_at,
            "peak_db": measured.peak_db,
            "level_db": measured.level_db,
            "clipped_share": measured.clipped_share,
            "silence_share": measured.silence_share,
            "peaks": sound.peaks,
            "created_at": now,
        },
    )
    return found


def _judged(version: MessageVersion, now: datetime) -> Finding:
    return judge(
        MessageKind(version.message.kind),
        msgspec.convert(version.declared, Declared),
        first_sound_at=version.audio.first_sound_at if version.audio else None,
        on=now.date(),
    )


def _keep(version: MessageVersion, finding: Finding, now: datetime) -> None:
    version.problems = msgspec.to_builtins(finding.problems)
    version.judged_at, version.judged_under = now, finding.rules_version


def _decide(
    version: MessageVersion, state: str, finding: Finding | None, *, by_name: str, note: str, now: datetime
) -> None:
    before, version.state = version.state, state
    version.decided_at, version.decided_by, version.decision_note = now, by_name, note[:400]
    changed = ["state", "decided_at", "decided_by", "decision_note"]
    if finding is not None:
        _keep(version, finding, now)
        changed += ["problems", "judged_at", "judged_under"]
    version.save(update_fields=changed)
    told: dict[str, Any] = {"state": str(state), "note": version.decision_note, "rules": version.judged_under}
    told["accepted"] = [each["code"] for each in version.problems] if finding else []
    _record(str(state), version, by_name, now, before={"state": before}, after=told)


def _record(
    verb: str,
    version: MessageVersion,
    by_name: str,
    now: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any],
) -> None:
    audit.record(
        actor=by_name,
        verb=f"campaigns.message.{verb}",
        target=f"message_version:{version.id}",
        now=now,
        before=before,
        after={**after, "sha256": version.audio_id},
    )


def _locked(version_id: UUID) -> MessageVersion:
    rows = MessageVersion.objects.select_for_update(of=("self",)).select_related("message", "audio")
    found = rows.defer("audio__wav").filter(id=version_id).first()
    if found is None:
        raise NotFound("This message does not exist.")
    return found


def _told(problems: tuple[Problem, ...]) -> str:
    return " ".join(f"{problem.message} ({problem.rule_id})" for problem in problems)
