"""What the dialer knows about a number, for an evidence pack: attempts, calls, their events. Reads only."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from django.db.models import Prefetch

from campaigns.selectors import voicemails
from campaigns.selectors.voicemails import Heard
from core.evidence import Asked, Row, Section, as_json, columns, in_chunks
from dialer.models import Call, CallEvent, VoicemailDrop

READ_AT_ONCE = 200
ATTEMPT = ("id", "decision_id", "caller_id", "state", "state_at", "reason", "reserved_at", "placed_at")
CALL = (
    "id", "contact_id", "campaign_id", "carrier_ref", "number", "caller_id", "state", "outcome", "abandoned", "created_at",
    "ringing_at", "answered_at", "bridged_at", "hang_up_asked_at", "ended_at", "duration_seconds", "disposed_at", "note",
)  # fmt: skip
MESSAGE = (
    "version_id", "decision_id", "state", "code", "reason", "seconds", "asked_at", "began_at", "ended_at",
)  # fmt: skip
EVENT = ("at", "event", "from_state", "to_state", "ignored", "source", "detail")


def sections(asked: Asked) -> list[Section]:
    """Return the dialer's section: an attempt with its call, oldest first, of the period asked for."""
    return [Section(name="attempts", rows=_attempts(asked))]


def call_ids(asked: Asked) -> list[int]:
    """Return the ids of the calls to the number in the period, oldest first. Hidden SQL: one query."""
    found = Call.objects.filter(number=asked.number, **asked.limits("created_at"))
    return list(found.order_by("id").values_list("id", flat=True))


def _attempts(asked: Asked) -> Iterator[Row]:
    """Every attempt has a call from the moment it is reserved, and calls are found by their number."""
    events = Prefetch("events", CallEvent.objects.order_by("id"))
    left = Prefetch("drops", VoicemailDrop.objects.select_related("asked_by").order_by("id"))
    for ids in in_chunks(call_ids(asked), READ_AT_ONCE):
        rows = Call.objects.filter(id__in=ids).select_related("attempt", "campaign", "agent", "disposition")
        found = list(rows.prefetch_related(events, left).order_by("id"))
        versions = {drop.version_id for call in found for drop in call.drops.all()}
        versions |= {call.message_played for call in found if call.message_played}
        heard = voicemails.heard(sorted(versions))
        for call in found:
            yield columns(call.attempt, *ATTEMPT) | {"call": _call(call, heard)}


def _call(call: Call, heard: Mapping[UUID, Heard]) -> Row:
    played = call.message_played
    return columns(call, *CALL) | {
        "message_played": _version(played, heard) if played else None,
        "messages": [
            columns(drop, *MESSAGE)
            | {
                "asked_by": drop.asked_by.username if drop.asked_by else None,
                "message": _version(drop.version_id, heard),
            }
            for drop in call.drops.all()
        ],
        "campaign": call.campaign.name,
        "seller": call.campaign.seller,
        "agent": {"username": call.agent.username, "name": call.agent.display_name} if call.agent else None,
        "disposition": columns(call.disposition, "code", "label", "category") if call.disposition else None,
        "events": [as_json(columns(event, *EVENT)) for event in call.events.all()],
    }


def _version(version_id: UUID, heard: Mapping[UUID, Heard]) -> Row | None:
    """The exact version: its words, and the fingerprint of its sound."""
    found = heard.get(version_id)
    if found is None:
        return None
    told = {"version_id": version_id, "name": found.label, "kind": found.kind.value}
    return {name: as_json(value) for name, value in told.items()} | {
        "sha256": found.sha256,
        "words": found.text,
    }
