"""What the dialer knows about a number, for an evidence pack: attempts, calls, their events. Reads only."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from django.db.models import Prefetch

from campaigns.selectors import voicemails
from campaigns.selectors.voicemails import Heard
from core.evidence import Asked, Row, Section, as_json, columns, in_chunks
from dialer.models import (
    Call,
    CallEvent,
    CallRecording,
    RecordingDeletion,
    RecordingEvent,
    RecordingHold,
    ScriptRun,
    ScriptStep,
    Transfer,
    VoicemailDrop,
)

READ_AT_ONCE = 200
ATTEMPT = (
    "id", "decision_id", "caller_id", "caller_why", "state", "state_at", "reason", "reserved_at", "placed_at",
)  # fmt: skip
SCRIPT_STEP = ("number", "node", "entered_at", "left_at", "answer", "went_back")
CALL = (
    "id", "contact_id", "campaign_id", "carrier_ref", "number", "caller_id", "state", "outcome", "abandoned", "created_at",
    "ringing_at", "answered_at", "bridged_at", "hang_up_asked_at", "ended_at", "duration_seconds", "disposed_at", "note",
)  # fmt: skip
TRANSFER = (
    "call_id", "decision_id", "state", "reason", "blind", "asked_at", "target_ref", "target_since", "target_gone_at",
)  # fmt: skip
MESSAGE = (
    "version_id", "decision_id", "state", "code", "reason", "seconds", "asked_at", "began_at", "ended_at",
)  # fmt: skip
RECORDING = (
    "id", "call_id", "state", "state_at", "reason", "strictest", "places", "notice", "notice_at", "notice_text", "carrier_ref",
    "began_at", "ended_at", "duration_seconds", "skipped_by", "sound", "sha256", "size_bytes", "fetched_at", "gone_at_carrier_at",
)  # fmt: skip
RECORDING_EVENT = ("at", "event", "from_state", "to_state", "ignored", "source", "detail")
HOLD = ("reason", "placed_by", "placed_at", "lifted_by", "lifted_at", "lift_reason")
DELETION = ("at", "rule", "reason", "deleted_by", "sha256", "size_bytes", "carrier_ref")
EVENT = ("at", "event", "from_state", "to_state", "ignored", "source", "detail")


def sections(asked: Asked) -> list[Section]:
    """Return the dialer's sections, oldest first, of the period asked for: attempts with their calls, their recordings, transfers."""
    return [
        Section(name="attempts", rows=_attempts(asked)),
        Section(
            name="transfers_to_it",
            rows=_transfers(asked),
            note="Calls to the number as somebody outside, to whom a person was to be handed on; refused ones too.",
        ),
        Section(
            name="recordings",
            rows=_recordings(asked),
            note="Facts and hashes; the sound itself is not in the pack.",
        ),
    ]


def call_ids(asked: Asked) -> list[int]:
    """Return the ids of the calls to the number in the period, oldest first. Hidden SQL: one query."""
    found = Call.objects.filter(number=asked.number, **asked.limits("created_at"))
    return list(found.order_by("id").values_list("id", flat=True))


def recording_ids(asked: Asked) -> list[UUID]:
    """Return the ids of the recordings of those calls. Hidden SQL: one query."""
    found = CallRecording.objects.filter(call__number=asked.number, **asked.limits("call__created_at"))
    return list(found.order_by("call_id").values_list("id", flat=True))


def _attempts(asked: Asked) -> Iterator[Row]:
    """Every attempt has a call from the moment it is reserved, and calls are found by their number."""
    events = Prefetch("events", CallEvent.objects.order_by("id"))
    left = Prefetch("drops", VoicemailDrop.objects.select_related("asked_by").order_by("id"))
    for ids in in_chunks(call_ids(asked), READ_AT_ONCE):
        rows = Call.objects.filter(id__in=ids).select_related(
            "attempt", "campaign", "agent", "disposition", "script_run__version__script"
        )
        walked = Prefetch("script_run__steps", ScriptStep.objects.order_by("number"))
        found = list(rows.prefetch_related(events, left, walked).order_by("id"))
        versions = {drop.version_id for call in found for drop in call.drops.all()}
        versions |= {call.message_played for call in found if call.message_played}
        heard = voicemails.heard(sorted(versions))
        for call in found:
            yield columns(call.attempt, *ATTEMPT) | {"call": _call(call, heard)}


def _transfers(asked: Asked) -> Iterator[Row]:
    found = Transfer.objects.filter(number=asked.number, **asked.limits("asked_at"))
    for each in found.select_related("attempt", "agent").order_by("id"):
        yield columns(each, *TRANSFER) | {
            "agent": each.agent.username,
            "attempt": as_json(columns(each.attempt, *ATTEMPT)) if each.attempt else None,
        }


def _recordings(asked: Asked) -> Iterator[Row]:
    events = Prefetch("events", RecordingEvent.objects.order_by("id"))
    holds = Prefetch("holds", RecordingHold.objects.order_by("id"))
    deletions = Prefetch("deletions", RecordingDeletion.objects.order_by("id"))
    for ids in in_chunks(call_ids(asked), READ_AT_ONCE):
        rows = CallRecording.objects.filter(call_id__in=ids).prefetch_related(events, holds, deletions)
        for each in rows.order_by("call_id"):
            yield columns(each, *RECORDING) | {
                "events": [as_json(columns(event, *RECORDING_EVENT)) for event in each.events.all()],
                "holds": [as_json(columns(hold, *HOLD)) for hold in each.holds.all()],
                "deletions": [as_json(columns(one, *DELETION)) for one in each.deletions.all()],
            }


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
        "script": _script(getattr(call, "script_run", None)),
    }


def _script(run: ScriptRun | None) -> Row | None:
    """Which version of which script the agent had, and the steps shown, in order."""
    if run is None:
        return None
    return columns(run, "started_at", "ended_at", "reached_end") | {
        "name": run.version.script.name,
        "version": run.version.number,
        "steps": [as_json(columns(step, *SCRIPT_STEP)) for step in run.steps.all()],
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
