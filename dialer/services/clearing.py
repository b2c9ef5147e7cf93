"""An agent's line after a call was handed on: the carrier is asked about a leg whose leaving it does not tell of.

A person who is still there is sent on again. The carrier's list is asked until nobody is; meanwhile the agent gets no call.
"""

from datetime import datetime, timedelta

import structlog

from carriers import health, registry
from carriers.protocol import CarrierError
from core import db, sweeps
from core.errors import Stale
from dialer.agentflow import AgentState
from dialer.callflow import CallState
from dialer.locks import lock_call
from dialer.models import AgentSession, LeavingLeg
from dialer.services import answering, leaving, offers, trouble

log = structlog.get_logger(__name__)

LEAVES_WITHIN = timedelta(seconds=2)  # the carrier takes some tenths to move a leg
# Where a person is sent on from; elsewhere their call's own steps do it, or there is nobody.
ON_THE_WAY = (CallState.ANSWERED, CallState.INTERRUPTED)
AT_ONCE = 100


def set_free(*, session_id: int, now: datetime) -> None:
    """Give an agent who waited for their line to be clear what comes next; one who does something else meanwhile needs nothing. A task."""
    if not AgentSession.objects.filter(pk=session_id, state=AgentState.READY).exists():
        return
    try:
        offers.offer_next(session_id=session_id, now=now)
    except Stale:
        # Something came between, a card or a pause. If the agent waits still, the pacer's next tick finds them.
        log.info("dialer.line.moved_meanwhile", session=session_id)


def sweep(*, now: datetime) -> int:
    """Ask the carrier about legs that should have left an agent's conference; returns how many were asked about."""
    LeavingLeg.objects.filter(
        session__ended_at__isnull=False
    ).delete()  # the conference ended with the agent's own leg
    if health.trouble() is not None:
        return 0  # asked again once the credentials are mended
    overdue = LeavingLeg.objects.filter(since__lt=now - LEAVES_WITHIN).order_by("since", "pk")
    ids = list(overdue.values_list("pk", flat=True)[:AT_ONCE])
    return sweeps.for_each(ids, lambda pk: _look(pk, now), what="leaving leg")


def _look(row_id: int, now: datetime) -> None:
    row = LeavingLeg.objects.select_related("session", "call").filter(pk=row_id).first()
    if row is None:
        return
    carrier, call = registry.carrier(), row.call
    try:
        place = carrier.participation(row.session.conference_name, row.leg_ref)
        if place is not None:
            log.warning("dialer.leg.still_there", session=row.session_id, call=call.pk)
            if row.leg_ref == call.carrier_ref and call.state in ON_THE_WAY:
                carrier.redirect(row.leg_ref, answering.what_now(attempt_id=call.attempt_id, now=now))
            return
    except CarrierError as error:
        log.warning("dialer.leg.not_looked_up", session=row.session_id, reason=str(error))
        trouble.notice(error, now=now)
        return
    with db.use_case():
        lock_call(call.pk)
        leaving.has_left(row.leg_ref, session_id=row.session_id)
