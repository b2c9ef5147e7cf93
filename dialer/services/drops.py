"""The rows of messages left on machines: stored, moved along the table, closed with their call. No network, no agent.

The services that end calls use these; dialer.services.voicemail decides and plays.
"""

from datetime import datetime

import structlog

from compliance import services as gate
from core import db, kept
from dialer import dropflow
from dialer.dropflow import DropNews, DropState
from dialer.models import Call, VoicemailDrop
from dialer.models.drops import OPEN

_of_call = kept.Query(lambda call: VoicemailDrop.objects.filter(call_id=call).order_by("id"))
log = structlog.get_logger(__name__)


def open_on(call: Call) -> VoicemailDrop | None:
    """Return the message that is to be played, or plays, on a call."""
    return next((drop for drop in _of_call.rows(call.pk) if drop.state in OPEN), None)


def last_on(call: Call) -> VoicemailDrop | None:
    """Return the newest message the gate allowed on a call, whatever became of it."""
    return next(reversed(_allowed(call)), None)


def _allowed(call: Call) -> list[VoicemailDrop]:
    return [drop for drop in _of_call.rows(call.pk) if drop.state != DropState.REFUSED]


def move(drop: VoicemailDrop, news: DropNews, *, now: datetime, reason: str = "") -> bool:
    """Take a message along the table; return whether it moved. The caller holds its call's lock."""
    db.require_atomic()
    following = dropflow.step(DropState(drop.state), news)
    if following is None:
        return False
    drop.state = following
    if following is DropState.PLAYING:
        drop.began_at = now
    else:
        drop.ended_at = drop.ended_at or now
    if reason:
        drop.reason = reason[:300]
    drop.save(update_fields=["state", "began_at", "ended_at", "reason"])
    log.info("dialer.message.moved", call=drop.call_id, drop=drop.pk, news=news, state=following)
    return True


def close(call: Call, *, now: datetime) -> VoicemailDrop | None:
    """Close what a locked call that has just ended was played, and return the last of it.

    The gate hears of each it allowed: until then a message counts as under way.
    """
    allowed = _allowed(call)
    for drop in allowed:
        move(drop, dropflow.end_of(drop.began_at, drop.seconds, now=now), now=now)
        is_heard = drop.state != DropState.NOT_PLAYED
        gate.record_outcome(
            decision_id=drop.decision_id, connected=is_heard, conversation=False, machine=is_heard, now=now
        )
    return allowed[-1] if allowed else None
