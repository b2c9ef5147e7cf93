"""What an agent wishes of a call under way: taken, and passed on to the carrier by a task."""

from datetime import datetime

import structlog

from carriers import registry
from carriers.protocol import CarrierError
from core import db, jobs, kept
from dialer import jobs as names
from dialer.callflow import CallState
from dialer.locks import lock_live_session, lock_session
from dialer.models import Call
from dialer.services import handoffs, states
from dialer.urls_out import hold_music_url

_with_session = kept.Query(lambda call: Call.objects.select_related("session").filter(pk=call))
log = structlog.get_logger(__name__)


def ask(*, user_id: int, action: str, now: datetime) -> None:
    """Take the agent's wish (hold, resume, mute, unmute, hang_up) and pass it to the carrier by a task."""
    with db.use_case():
        session = lock_live_session(user_id)
        call = kept.related(session, "call")
        if call is None or call.state == CallState.ENDED:
            raise states.NotAllowed("There is no call. The page shows your state now.")
        if call.state == CallState.TRANSFERRED:
            raise states.NotAllowed("The person is with somebody outside. Save the result of the call.")
        wanted = {"hold": CallState.CONNECTED, "resume": CallState.ON_HOLD}.get(action)
        if wanted is not None and call.state != wanted:
            raise states.NotAllowed(f"That is not possible while the call is {call.state.replace('_', ' ')}.")
        if action in ("hold", "resume", "hang_up") and handoffs.holds_the_call(call.pk):
            raise states.NotAllowed(handoffs.MEANWHILE)
        if action == "hang_up":
            kept.update(Call, {"hang_up_asked_at": now}, pk=call.pk, hang_up_asked_at=None)
            states.touch(session)
        jobs.enqueue_on_commit(names.CONTROL_CALL, call_id=call.pk, action=action)


def control(*, call_id: int, action: str) -> None:
    """Do what the agent asked, at the carrier. A task; hanging up is repeated by the sweeper until the call has ended."""
    [call] = _with_session.rows(call_id)
    session = call.session
    if call.state == CallState.ENDED or call.carrier_ref is None:
        return  # nothing is there to act on; a hang-up before the carrier knows the call is honoured when it is placed
    carrier = registry.carrier()
    try:
        match action:
            case "hang_up":
                carrier.hang_up(call.carrier_ref)  # also of a call that no agent has
            case "hold" | "resume" if session is not None:
                held = action == "hold"
                music = hold_music_url() if held else ""
                carrier.set_hold(session.conference_name, call.carrier_ref, held, music_url=music)
            case "mute" | "unmute" if session is not None:
                carrier.set_mute(session.conference_name, session.leg_ref, action == "mute")
            case _:
                raise ValueError(f"nobody can {action} call {call_id}")
    except CarrierError as error:
        log.warning(
            "dialer.call.control_failed", call=call_id, action=action, kind=error.kind, reason=str(error)
        )
        if session is None:
            return
        _tell_agent(
            session.pk,
            f"{action.replace('_', ' ').capitalize()} did not reach the carrier: {error} Try again.",
        )


def _tell_agent(session_id: int, text: str) -> None:
    with db.use_case():
        session = lock_session(session_id)
        session.reason = text[:200]
        states.touch(session, "reason")
