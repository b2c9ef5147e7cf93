"""Which of several voicemail messages is left: the one the rep chose, their own, or the campaign's in turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from campaigns.models import Campaign, MessageVersion
from campaigns.selectors import messages
from campaigns.selectors.messages import STATE, PlayableMessage
from compliance.rules.content.sounds import MessageKind
from compliance.rules.facts import MessageFacts
from core import kept, prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Voicemail:
    """An approved message a rep may leave in a campaign."""

    version_id: UUID
    label: str
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """What is to be left, as the gate is told of it; `message` is None where it may not be played."""

    facts: MessageFacts
    message: PlayableMessage | None
    version_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A version somebody was played, whatever became of it since."""

    version_id: UUID
    message_id: int
    label: str
    kind: MessageKind
    sha256: str  # of the recording; empty: the carrier's voice read `text`
    text: str


_campaign = kept.Query(lambda campaign: Campaign.objects.filter(pk=campaign))
_variants = kept.Values(
    lambda campaign: Campaign.voicemail_variants.through.objects.filter(campaign_id=campaign).values_list(
        "messageversion_id"
    )
)


def list_voicemails(campaign_id: int, user_id: int) -> list[Voicemail]:
    """Return what a rep may choose: their own first, newest first, then the campaign's by name. At most three queries."""
    campaign = _campaign.first(campaign_id)
    if campaign is None:
        return []
    own = _own(campaign, user_id)
    shared = [row for row in _shared(campaign) if row.state == STATE.APPROVED]
    return [
        *(Voicemail(version_id=row.id, label=_label(row), is_own=True) for row in own),
        *(Voicemail(version_id=row.id, label=_label(row), is_own=False) for row in shared),
    ]


def asked_of_voicemails(campaign_id: int) -> list[prepared.Asked]:
    """Return what list_voicemails mostly asks, for prepared.ahead."""
    return [_campaign.asks(campaign_id), _variants.asks(campaign_id)]


def pick(
    campaign: Campaign, *, call: UUID, user_id: int | None = None, chosen: UUID | None = None
) -> Picked | None:
    """Return what is left on this call, the same whenever it is asked; None where the campaign and the rep have nothing.

    The rep's choice, as long as it may still be played; else their newest own; else the campaign's messages in turn, by the
    id of the call's attempt, so that each gets the same share. One that was retired is passed over, unless all are: the gate
    then says so.
    """
    own = _own(campaign, user_id) if user_id is not None else []
    shared = _shared(campaign)
    approved = [row for row in shared if row.state == STATE.APPROVED]
    wanted = next((row for row in (*own, *approved) if row.id == chosen), None)
    turns = approved or shared
    row = wanted or next(iter(own), None) or (turns[call.int % len(turns)] if turns else None)
    if row is None:
        return None
    return Picked(facts=messages.message_facts(row.id), message=messages.as_playable(row), version_id=row.id)


def playable_version(version_id: UUID) -> PlayableMessage | None:
    """Return a version as it is played; None if it was retired, or is not there. One query."""
    row = messages.versions().filter(id=version_id).first()
    return messages.as_playable(row) if row else None


def heard(version_ids: Sequence[UUID]) -> Mapping[UUID, Heard]:
    """Return versions as people look them up who want to know what was played, whatever became of them. One query."""
    return {
        row.id: Heard(
            version_id=row.id,
            message_id=row.message_id,
            label=_label(row),
            kind=MessageKind(row.message.kind),
            sha256=row.audio_id or "",
            text=str(row.declared.get("transcript", "")),
        )
        for row in messages.versions().filter(id__in=version_ids)
    }


def _own(campaign: Campaign, user_id: int) -> list[MessageVersion]:
    if not campaign.personal_voicemail:
        return []
    rows = messages.versions().filter(
        message__owner_id=user_id, message__kind=MessageKind.VOICEMAIL, state=STATE.APPROVED
    )
    return [row for row in rows.order_by("-decided_at", "id") if messages.fits(row, campaign.purpose)]


def _shared(campaign: Campaign) -> list[MessageVersion]:
    """The campaign's messages in an order that does not change with their states."""
    chosen = [campaign.voicemail_message_id, *(each for (each,) in _variants.rows(campaign.pk))]
    wanted = [each for each in chosen if each]
    return list(messages.versions().filter(id__in=wanted).order_by("id")) if wanted else []


def _label(row: MessageVersion) -> str:
    return f"{row.message.name}, version {row.number}"
