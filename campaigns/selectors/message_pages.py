"""Recorded messages as the pages show them. The bytes of a recording are never loaded here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from django.db.models import Q, QuerySet

from campaigns.models import Campaign, MessageVersion, RecordedMessage
from campaigns.recordings import waveform
from campaigns.recordings.declared import Declared, read_seconds
from campaigns.recordings.measuring import Measured
from compliance.rules.content.problems import Problem, blocking
from core.errors import NotFound

STATE = MessageVersion.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks: a rep sees the messages they own, others see all."""

    user_id: int
    username: str
    sees_all: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFacts:
    """One version of a message."""

    id: UUID
    number: int
    state: str
    state_label: str
    source: str
    source_label: str
    file_name: str
    declared: Declared
    measured: Measured | None  # None: a text
    seconds: float  # of a text: about
    outline: str  # the picture's path
    sha256: str
    created_at: datetime
    created_by: str
    decided_at: datetime | None
    decided_by: str
    decision_note: str
    problems: Sequence[Problem]
    judged_at: datetime
    judged_under: str
    campaigns: Sequence[str]  # that chose this very version

    @property
    def is_text(self) -> bool:
        """Return whether the carrier's voice reads it."""
        return self.measured is None

    @property
    def can_be_approved(self) -> bool:
        """Return whether nothing stands against it that nobody may accept."""
        return self.state == STATE.DRAFT and not blocking(tuple(self.problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """A message; versions newest first."""

    id: int
    name: str
    kind: str
    kind_label: str
    owner_id: int | None
    owner: str
    is_standard: bool
    versions: Sequence[VersionFacts]

    @property
    def latest(self) -> VersionFacts:
        """Return the newest version."""
        return self.versions[0]

    @property
    def played(self) -> VersionFacts | None:
        """Return the newest version that may be played."""
        return next((version for version in self.versions if version.state == STATE.APPROVED), None)

    @property
    def campaigns(self) -> Sequence[str]:
        """Return the campaigns that use any of its versions, each once."""
        return list(dict.fromkeys(name for version in self.versions for name in version.campaigns))


def list_messages(viewer: Viewer) -> list[MessageView]:
    """Return the messages the person may see, by name; those with nothing but retired versions last. Three queries."""
    found = _views(_seen_by(viewer).order_by("name", "id"))
    return sorted(found, key=lambda each: all(version.state == STATE.RETIRED for version in each.versions))


def get_message(message_id: int, viewer: Viewer) -> MessageView:
    """Return one message, in three queries. Raises NotFound, also for those the person may not see."""
    found = _views(_seen_by(viewer).filter(id=message_id))
    if not found:
        raise NotFound("This message does not exist.")
    return found[0]


def message_of(version_id: UUID, viewer: Viewer) -> MessageView:
    """Return the message a version belongs to, in four queries. Raises NotFound, also where the person may not see it."""
    message_id = MessageVersion.objects.filter(id=version_id).values_list("message_id", flat=True).first()
    return get_message(message_id or 0, viewer)


def _seen_by(viewer: Viewer) -> QuerySet[RecordedMessage]:
    rows = RecordedMessage.objects.select_related("owner")
    return rows if viewer.sees_all else rows.filter(owner_id=viewer.user_id)


def _views(rows: QuerySet[RecordedMessage]) -> list[MessageView]:
    messages = list(rows)
    versions: dict[int, list[MessageVersion]] = {}
    stored = MessageVersion.objects.filter(message__in=messages).select_related("audio").defer("audio__wav")
    for version in stored.order_by("message_id", "-number"):
        versions.setdefault(version.message_id, []).append(version)
    used = _used([version.id for each in versions.values() for version in each])
    return [
        MessageView(
            id=row.id,
            name=row.name,
            kind=row.kind,
            kind_label=RecordedMessage.Kind(row.kind).label,
            owner_id=row.owner_id,
            owner=row.owner.display_name if row.owner else "",
            is_standard=row.standard_for is not None,
            versions=[_facts(version, used) for version in versions[row.id]],
        )
        for row in messages
    ]


def _used(ids: Sequence[UUID]) -> Mapping[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    rows = Campaign.objects.filter(Q(abandoned_message__in=ids) | Q(voicemail_message__in=ids))
    for name, abandoned, voicemail in rows.order_by("name", "id").values_list(
        "name", "abandoned_message_id", "voicemail_message_id"
    ):
        for version_id in (abandoned, voicemail):
            if version_id is not None:
                found.setdefault(version_id, []).append(name)
    return found


def _facts(row: MessageVersion, used: Mapping[UUID, list[str]]) -> VersionFacts:
    declared, audio = msgspec.convert(row.declared, Declared), row.audio
    return VersionFacts(
        id=row.id,
        number=row.number,
        state=row.state,
        state_label=STATE(row.state).label,
        source=row.source,
        source_label=MessageVersion.Source(row.source).label,
        file_name=row.file_name,
        declared=declared,
        measured=_measured(row),
        seconds=audio.seconds if audio else read_seconds(declared.transcript),
        outline=waveform.path(audio.peaks) if audio else "",
        sha256=row.audio_id or "",
        created_at=row.created_at,
        created_by=row.created_by,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        decision_note=row.decision_note,
        problems=msgspec.convert(row.problems, list[Problem]),
        judged_at=row.judged_at,
        judged_under=row.judged_under,
        campaigns=used.get(row.id, []),
    )


def _measured(row: MessageVersion) -> Measured | None:
    if row.audio is None:
        return None
    return Measured(**{name: getattr(row.audio, name) for name in Measured.__dataclass_fields__})
