"""Who is still to leave an agent's conference: a person handed on, and whoever was consulted. Rows only.

An agent who has let a call go is given no other one before the carrier has said, of every leg of the former, that it is out: else
two strangers could meet. Its word is that the leg left, joined another conference, or ended; dialer.services.clearing asks for it
where it does not come.
"""

from datetime import datetime

import structlog

from core import db, jobs, kept
from dialer import jobs as names
from dialer.callflow import CallNews, CallState
from dialer.models import Call, LeavingLeg

log = structlog.get_logger(__name__)

_of_leg = kept.Query(lambda leg: LeavingLeg.objects.filter(leg_ref=leg).order_by("pk"))
_of_session = kept.Values(
    lambda session: LeavingLeg.objects.filter(session_id=session).order_by("pk").values_list("pk")[:1]
)
WAITS = "The person is leaving your line …"


def expect(session_id: int, call: Call, *legs: str | None, now: datetime) -> None:
    """Store that legs of a locked call are to leave an agent's conference; an empty one is nobody's."""
    db.require_atomic()
    rows = [LeavingLeg(session_id=session_id, call_id=call.pk, leg_ref=leg, since=now) for leg in legs if leg]
    LeavingLeg.objects.bulk_create(rows, ignore_conflicts=True)


def waits(session_id: int) -> bool:
    """Return whether somebody is still to leave the agent's conference."""
    return bool(_of_session.rows(session_id))


def call_of(leg_ref: str, session_id: int) -> int | None:
    """Return the call whose leg is still to leave the agent's conference; None where it is no such leg."""
    return next((row.call_id for row in _of_leg.rows(leg_ref) if row.session_id == session_id), None)


def has_left(leg_ref: str | None, *, session_id: int | None = None, is_now_with: int | None = None) -> None:
    """Take note that a leg of a locked call is out of the conference of one session, or of all but the one it is with now.

    The agent, if nobody else is to leave, gets what comes next.
    """
    db.require_atomic()
    if not leg_ref:
        return
    for row in _of_leg.rows(leg_ref):
        if row.session_id == is_now_with or session_id not in (None, row.session_id):
            continue
        row.delete()
        log.info("dialer.leg.left", session=row.session_id, call=row.call_id)
        jobs.enqueue_on_commit(names.FREE_LINE, session_id=row.session_id)


def follow_call(call: Call, news: CallNews) -> None:
    """Take from what has just become of a locked call where its person is not any more."""
    if call.state == CallState.ENDED or news is CallNews.HANDED_OUT:
        has_left(call.carrier_ref)
    elif news is CallNews.JOINED:
        has_left(call.carrier_ref, is_now_with=call.session_id)
