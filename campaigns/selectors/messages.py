"""Which message is played when, for the call flow and the gate; and its sound, for the carrier."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from campaigns.models import Campaign, MessageVersion, RecordedMessage
from campaigns.recordings import standard
from campaigns.recordings.declared import Declared, offers_tollfree, read_seconds
from compliance.rules.content import packaged
from compliance.rules.content.sounds import MessageKind
from compliance.rules.facts import MessageFacts, Purpose
from core import kept
from core.errors import NotFound

STATE = MessageVersion.State
LEFT_ON_VOICEMAIL = (MessageKind.VOICEMAIL, MessageKind.LIMITED_CONTENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayableMessage:
    """An approved message: a recording at `url`, or, where that is empty, `text` for the carrier's voice."""

    version_id: UUID  # what a call keeps as evidence of what was played
    kind: MessageKind
    seconds: float  # of a text: about
    url: str  # absolute
    text: str  # the words; of a recording what is heard in it
    opt_out_key: str  # one key, works during the whole message; empty = none

    @property
    def ref(self) -> str:
        """Return what the gate and the verdicts call it."""
        return _ref(self.version_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An approved shared version a campaign may choose."""

    version_id: UUID
    kind: MessageKind
    label: str
    is_text: bool = False  # read by the carrier's voice: there is no sound to hear


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A recording as the carrier fetches it."""

    wav: bytes
    etag: str


def message_facts(version_id: UUID | None) -> MessageFacts:
    """Return what the gate may know of a version; none, or one that is not there, has no `ref`. One query."""
    return _facts(_version.first(version_id) if version_id else None)


def _facts(row: MessageVersion | None) -> MessageFacts:
    if row is None:
        return MessageFacts()
    declared = msgspec.convert(row.declared, Declared)
    return MessageFacts(
        ref=_ref(row.id),
        problems=_unfit(row),
        marketing=declared.purpose is Purpose.TELEMARKETING,
        has_toll_free_opt_out=offers_tollfree(declared, packaged.in_force(row.judged_at.date())),
        limited_content=row.message.kind == MessageKind.LIMITED_CONTENT and row.state == STATE.APPROVED,
    )


def facts_of_campaign(campaign_id: int, kind: MessageKind, user_id: int | None = None) -> MessageFacts:
    """Return what the gate may know of the message that would be played, with what it lacks. At most three queries."""
    return _facts(_chosen(campaign_id, kind, user_id))


def playable(campaign_id: int, kind: MessageKind, user_id: int | None = None) -> PlayableMessage | None:
    """Return what is played in this campaign, None if nothing may be; at most three queries.

    ABANDONED: the campaign's message, else the standard text of its seller and caller ID. VOICEMAIL: the rep's own newest one
    (`user_id`), where the campaign allows it and it fits its purpose, else the campaign's. Raises NotFound without a campaign.
    """
    row = _chosen(campaign_id, kind, user_id)
    return as_playable(row) if row else None


def as_playable(row: MessageVersion) -> PlayableMessage | None:
    """Return a version as it is played, None if it may not be."""
    if row.state != STATE.APPROVED:
        return None
    declared = msgspec.convert(row.declared, Declared)
    return PlayableMessage(
        version_id=row.id,
        kind=MessageKind(row.message.kind),
        seconds=row.audio.seconds if row.audio else read_seconds(declared.transcript),
        url=media_url(row.id) if row.audio else "",
        text=declared.transcript,
        opt_out_key=declared.opt_out_key,
    )


def media_url(version_id: UUID) -> str:
    """Return where the carrier fetches the recording: absolute, on the public address."""
    return f"{settings.PUBLIC_URL}{reverse('hook-media', kwargs={'version_id': version_id})}"


def get_media(version_id: UUID, *, only_approved: bool) -> Media:
    """Return a version's recording. Raises NotFound for texts, unknown versions and, when asked so, what is not approved."""
    rows = MessageVersion.objects.filter(id=version_id, audio__isnull=False)
    if only_approved:
        rows = rows.filter(state=STATE.APPROVED)
    found = rows.values_list("audio__wav", "audio_id").first()
    if found is None:
        raise NotFound("There is no such recording.")
    return Media(wav=bytes(found[0]), etag=f'"{found[1]}"')


def list_choices() -> list[Choice]:
    """Return the approved shared versions by name, newest first; one query. Standard texts need no choosing."""
    rows = versions().filter(
        state=STATE.APPROVED, message__owner__isnull=True, message__standard_for__isnull=True
    )
    return [
        Choice(
            version_id=row.id,
            kind=MessageKind(row.message.kind),
            label=f"{row.message.name}, version {row.number}",
            is_text=row.source == MessageVersion.Source.TEXT,
        )
        for row in rows.order_by("message__name", "message_id", "-number")
    ]


def misfits(*, abandoned_id: UUID | None, voicemail_ids: Sequence[UUID | None], purpose: str) -> list[str]:
    """Return why a campaign of this purpose cannot have these messages, as sentences. One query."""
    wanted = [each for each in (abandoned_id, *voicemail_ids) if each]
    rows = {row.id: row for row in versions().filter(id__in=wanted)}
    wrong: list[str] = []
    for version_id, name, kinds in (
        (abandoned_id, "message for abandoned calls", (MessageKind.ABANDONED,)),
        *((each, "voicemail message", LEFT_ON_VOICEMAIL) for each in voicemail_ids),
    ):
        if version_id is None:
            continue
        row = rows.get(version_id)
        if row is None or row.message.owner_id is not None or row.message.kind not in kinds:
            wrong.append(f"The {name} is none of those offered: choose another.")
        elif row.state != STATE.APPROVED:
            wrong.append(
                f"The {name} “{row.message.name}” is not approved: have it approved, or choose another."
            )
        elif not fits(row, purpose):
            wrong.append(
                f"The {name} “{row.message.name}” was judged for another purpose than these calls have: choose another, or have a "
                "version made for this purpose."
            )
    return wrong


def versions() -> QuerySet[MessageVersion]:
    """Return all versions with their messages and sounds, without the bytes."""
    return MessageVersion.objects.select_related("message", "audio").defer("audio__wav", "audio__peaks")


_campaign = kept.Query(lambda campaign: Campaign.objects.filter(id=campaign))
_version = kept.Query(lambda version: versions().filter(id=version))
_newest_standard = kept.Query(
    lambda name: versions().filter(message__standard_for=name).order_by("-number")[:1]
)


def _chosen(campaign_id: int, kind: MessageKind, user_id: int | None) -> MessageVersion | None:
    campaign = _campaign.first(campaign_id)
    if campaign is None:
        raise NotFound("This campaign does not exist.")
    if kind is MessageKind.ABANDONED:
        if campaign.abandoned_message_id is None:
            return _standard(campaign)
        return _version.first(campaign.abandoned_message_id)
    if campaign.personal_voicemail and user_id is not None:
        own = versions().filter(
            message__owner_id=user_id, message__kind=MessageKind.VOICEMAIL, state=STATE.APPROVED
        )
        for row in own.order_by("-decided_at", "id"):
            if fits(row, campaign.purpose):
                return row
    if campaign.voicemail_message_id is None:
        return None
    return _version.first(campaign.voicemail_message_id)


def _standard(campaign: Campaign) -> MessageVersion | None:
    purpose = campaign.purpose_in_law
    if not standard.has_standard(purpose):
        return None
    name = standard.key(seller=campaign.seller, number=campaign.caller_id, purpose=purpose)
    return _newest_standard.first(name)


def fits(row: MessageVersion, purpose: str) -> bool:
    """Return whether the judge looked at it for calls of this purpose."""
    if row.message.kind == RecordedMessage.Kind.LIMITED_CONTENT:
        return purpose == Purpose.DEBT
    return bool(row.declared["purpose"] == purpose)


def _unfit(row: MessageVersion) -> tuple[str, ...]:
    """Return what its publication lacks; what an officer accepted lacks nothing."""
    if row.state == STATE.APPROVED:
        return ()
    if row.state == STATE.RETIRED:
        return (f"version {row.number} of “{row.message.name}” was retired; choose another in the campaign",)
    found = tuple(problem["message"] for problem in row.problems)
    return found or (f"version {row.number} of “{row.message.name}” is not approved yet; have it approved",)


def _ref(version_id: UUID) -> str:
    return f"message_version:{version_id}"
