"""The carrier refuses our credentials: one alarm, campaigns paused, reserved calls given back, and nothing asked in vain.

Nothing resumes by itself: somebody mends the credentials, checks, and starts the campaigns again.
"""

from datetime import datetime
from uuid import UUID

import structlog
from django.db.models import QuerySet

from campaigns.services import moves
from carriers import health, registry
from carriers.protocol import CarrierError
from core import db, sweeps
from core.errors import AppError
from dialer.callflow import AttemptState, CallNews
from dialer.locks import lock_call, lock_session
from dialer.models import AgentSession, Call, DialAttempt
from dialer.services import states

log = structlog.get_logger(__name__)

SENTENCE = (
    "The carrier refuses our credentials. An administrator must mend them; nothing is dialed until then."
)


class StillRefused(AppError):
    """The check did not go well; the text says what the carrier answered."""


def notice(error: CarrierError, *, now: datetime) -> None:
    """Raise the alarm if the error says that our credentials are not taken; a second one finds it raised and does nothing."""
    if not error.refuses_us:
        return
    with db.use_case():
        if not health.begin(reason=str(error), now=now):
            return
        paused = moves.pause_running(
            reason=f"The carrier refuses our credentials: {error}", by_name="carrier", now=now
        )
    log.error("dialer.carrier.refuses_us", code=error.code, reason=str(error), paused=paused)
    sweeps.for_each(
        list(_reserved().order_by("pk").values_list("pk", flat=True)),
        lambda attempt_id: _release(attempt_id, now),
        what="reserved attempt",
    )
    sessions = AgentSession.objects.filter(ended_at__isnull=True, campaign_id__in=paused).order_by("pk")
    sweeps.for_each(
        list(sessions.values_list("pk", flat=True)), _tell_agent, what="agent of a paused campaign"
    )


def holds_back(*, attempt_id: UUID, now: datetime) -> bool:
    """Return whether the alarm stands; a reserved attempt is then released instead of being asked for."""
    if health.trouble() is None:
        return False
    _release(attempt_id, now)
    return True


def check(*, actor: str, now: datetime) -> str:
    """Ask the carrier who we are and end the alarm if it says so; return its words.

    Raises StillRefused, with the alarm raised if it is about our credentials.
    """
    try:
        found = registry.carrier().account()
    except CarrierError as error:
        notice(error, now=now)
        hint = (
            "Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, restart all processes, and check again."
            if error.refuses_us
            else "Check the network to it and try again."
        )
        raise StillRefused(f"The carrier did not accept us: {error} {hint}") from error
    with db.use_case():
        health.end(actor=actor, now=now)
    return found


def _release(attempt_id: UUID, now: datetime) -> None:
    with db.use_case():
        call_id = Call.objects.filter(attempt_id=attempt_id).values_list("pk", flat=True).first()
        if call_id is None:
            return
        call = lock_call(call_id)
        if not _reserved().filter(pk=attempt_id).exists():
            return
        DialAttempt.objects.filter(pk=attempt_id).update(reason=SENTENCE)
        states.advance_call(
            call, CallNews.NOT_PLACED, now=now, source="carrier", detail=f"Not placed: {SENTENCE}"
        )


def _tell_agent(session_id: int) -> None:
    with db.use_case():
        session = lock_session(session_id)
        session.reason = SENTENCE
        states.touch(session, "reason")


def _reserved() -> QuerySet[DialAttempt]:
    return DialAttempt.objects.filter(state=AttemptState.RESERVED)
