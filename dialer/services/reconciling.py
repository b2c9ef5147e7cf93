"""What a lost webhook left unsaid, from the carrier's own list: within seconds where an agent waits for it, else within a minute."""

from datetime import datetime, timedelta

import structlog
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from carriers import health, registry
from carriers.events import CarrierEvent, CarrierNews
from carriers.protocol import CarrierCall, CarrierError, Participation
from core import db, sweeps
from core.errors import Stale
from dialer.agentflow import LegState
from dialer.callflow import CallState
from dialer.locks import lock_call, lock_session
from dialer.lostline import Turn
from dialer.models import AgentSession, Call, CallEvent
from dialer.services import calls, controls, legs, trouble

log = structlog.get_logger(__name__)

SOURCE = "carrier's list"
QUIET_FOR = timedelta(seconds=30)  # a live call we have heard nothing of
# An agent waits for the carrier to say what comes: they claimed the call, or hung it up, or the person is gone. Webhooks take less by far.
SOON = timedelta(seconds=3)
RINGS_AT_LEAST = timedelta(seconds=6)  # an agent's browser picks up by itself
CLOCK_STEP = timedelta(seconds=1)  # the carrier's list counts whole seconds: joined in this one
WITH_AGENT = (CallState.ANSWERED, CallState.CONNECTED, CallState.ON_HOLD, CallState.INTERRUPTED)
AT_ONCE = 100


def reconcile(*, now: datetime) -> int:
    """Ask the carrier about live calls and agents' legs that webhooks should have told more of; returns how many were asked about."""
    if health.trouble() is not None:
        return 0  # asked again once the credentials are mended
    ids = list(_unsaid(now).order_by("created_at", "pk").values_list("pk", flat=True)[:AT_ONCE])
    asked = sweeps.for_each(ids, lambda call_id: _ask_about(call_id, now), what="quiet call")
    ringing = AgentSession.objects.filter(
        ended_at__isnull=True, leg_state=LegState.CONNECTING, leg_since__lt=now - RINGS_AT_LEAST
    ).exclude(leg_ref="")
    sessions = list(ringing.order_by("leg_since", "pk").values_list("pk", "leg_ref")[:AT_ONCE])
    return asked + sweeps.for_each(
        sessions, lambda pair: _ask_about_leg(pair[0], pair[1], now), what="agent's leg"
    )


def _unsaid(now: datetime) -> QuerySet[Call]:
    latest = CallEvent.objects.filter(call=OuterRef("pk")).order_by("-id")
    live = Call.objects.exclude(state=CallState.ENDED).filter(
        carrier_ref__isnull=False, created_at__lt=now - SOON
    )
    somebody_waits = (
        Q(hang_up_asked_at__lt=now - SOON)
        | Q(state=CallState.ANSWERED, session__isnull=False)
        | Q(latest_event=calls.LEFT)
    )
    silent = Greatest(Coalesce(Subquery(latest.values("at")[:1]), F("created_at")), F("carrier_asked_at"))
    return live.annotate(silent_since=silent, latest_event=Subquery(latest.values("event")[:1])).filter(
        Q(silent_since__lt=now - QUIET_FOR) | (somebody_waits & Q(silent_since__lt=now - SOON))
    )


def _ask_about(call_id: int, now: datetime) -> None:
    # Before it is asked, so that one the carrier does not answer about cannot hold up the others.
    Call.objects.filter(pk=call_id).update(carrier_asked_at=now)
    seen = Call.objects.select_related("session").get(pk=call_id)
    place = None
    try:
        found = registry.carrier().fetch_call(str(seen.carrier_ref))
        if seen.session is not None and seen.state in WITH_AGENT and _goes_on(found):
            place = _place(seen.session.conference_name, found.ref)
    except CarrierError as error:
        log.warning("dialer.call.not_reconciled", call=call_id, reason=str(error))
        trouble.notice(error, now=now)
    else:
        with db.use_case():
            call = lock_call(call_id)
            for event in found.news:
                calls.apply_event(call, event, now=now, source=SOURCE)
            if place is not None and call.session_id == seen.session_id:
                _apply_place(call, place, now)
    _ask_the_rest(call_id, now, is_alone=place is None)


def _place(conference_name: str, call_ref: str) -> Participation | None:
    """Return the person's place with their agent; somebody who is alone in the conference has not reached them."""
    place = registry.carrier().participation(conference_name, call_ref)
    return place if place is not None and place.has_begun else None


def _goes_on(found: CarrierCall) -> bool:
    return found.news[-1].news is CarrierNews.ANSWERED


def _apply_place(call: Call, place: Participation, now: datetime) -> None:
    """Apply to a locked call that the person is in their agent's conference, and whether on hold.

    They joined when the carrier's list says so, in the second it names; not before the answer, which our clock has stamped.
    """
    assert call.answered_at is not None
    if call.state == CallState.ANSWERED or (call.state == CallState.INTERRUPTED and call.told == Turn.JOIN):
        since = call.lost_since or call.answered_at
        joined_at = min(now, max(since, place.joined_at + CLOCK_STEP))
        _apply(call, CarrierNews.JOINED, joined_at)
    if call.state == CallState.CONNECTED and place.held:
        _apply(call, CarrierNews.HELD, now)
    elif call.state == CallState.ON_HOLD and not place.held:
        _apply(call, CarrierNews.RESUMED, now)


def _apply(call: Call, news: CarrierNews, at: datetime) -> None:
    event = CarrierEvent(news=news, leg_ref=str(call.carrier_ref), raw="participant")
    calls.apply_event(call, event, now=at, source=SOURCE)


def _ask_the_rest(call_id: int, now: datetime, *, is_alone: bool) -> None:
    """Hang up again what the agent hung up; and where the person has not reached their agent, see whether the agent's line is there."""
    call = Call.objects.select_related("session").get(pk=call_id)
    if call.state == CallState.ENDED:
        return
    if call.hang_up_asked_at is not None:
        controls.control(call_id=call_id, action="hang_up")
        return
    session = call.session
    if (
        is_alone
        and session is not None
        and call.state == CallState.ANSWERED
        and session.leg_state == LegState.UP
    ):
        _ask_about_leg(session.pk, session.leg_ref, now)


def _ask_about_leg(session_id: int, leg_ref: str, now: datetime) -> None:
    """Settle an agent's leg: one that was answered is in their conference, since its answer sent it there."""
    try:
        found = registry.carrier().fetch_call(leg_ref)
    except CarrierError as error:
        log.warning("dialer.agent_leg.not_reconciled", session=session_id, reason=str(error))
        trouble.notice(error, now=now)
        return
    latest = found.news[-1].news
    if latest in (CarrierNews.INITIATED, CarrierNews.RINGING, CarrierNews.UNKNOWN):
        return
    with db.use_case():
        session = lock_session(session_id)
        if session.leg_ref != leg_ref:
            raise Stale("The agent's phone was rung again meanwhile.")
        if latest is not CarrierNews.ANSWERED:
            legs.leg_is_down(session, leg_ref=leg_ref, now=now)
        elif session.leg_state == LegState.CONNECTING:
            legs.leg_is_up(session, leg_ref=leg_ref, now=now)
