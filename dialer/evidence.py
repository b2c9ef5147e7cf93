"""What the dialer knows about a number, for an evidence pack: attempts, calls, their events. Reads only."""

from collections.abc import Iterator

from django.db.models import Prefetch

from core.evidence import Asked, Row, Section, as_json, columns, in_chunks
from dialer.models import Call, CallEvent

READ_AT_ONCE = 200
ATTEMPT = ("id", "decision_id", "caller_id", "state", "state_at", "reason", "reserved_at", "placed_at")
CALL = (
    "id", "contact_id", "campaign_id", "carrier_ref", "number", "caller_id", "state", "outcome", "abandoned", "created_at",
    "ringing_at", "answered_at", "bridged_at", "hang_up_asked_at", "ended_at", "duration_seconds", "disposed_at", "note",
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
    for ids in in_chunks(call_ids(asked), READ_AT_ONCE):
        rows = Call.objects.filter(id__in=ids).select_related("attempt", "campaign", "agent", "disposition")
        for call in rows.prefetch_related(events).order_by("id"):
            yield columns(call.attempt, *ATTEMPT) | {"call": _call(call)}


def _call(call: Call) -> Row:
    return columns(call, *CALL) | {
        "campaign": call.campaign.name,
        "seller": call.campaign.seller,
        "agent": {"username": call.agent.username, "name": call.agent.display_name} if call.agent else None,
        "disposition": columns(call.disposition, "code", "label", "category") if call.disposition else None,
        "events": [as_json(columns(event, *EVENT)) for event in call.events.all()],
    }
