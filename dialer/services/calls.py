"""A call under way: the carrier's news, stored and applied."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import structlog

from carriers import registry
from carriers import services as inbox
from carriers.events import CarrierEvent, CarrierNews
from carriers.models import CarrierInbox
from carriers.twiml import HangUp, JoinConference, Plan
from core import db, jobs, kept, sweeps
from core.errors import NotFound, Stale
from dialer import jobs as names
from dialer.agentflow import LegState
from dialer.callflow import CallNews, CallState
from dialer.locks import lock_call, lock_call_of, lock_session, lock_session_alone
from dialer.models import AgentSession, Call
from dialer.services import (
    answering,
    consult_news,
    handoffs,
    leaving,
    legs,
    lostline,
    optout,
    states,
    texts,
    voicemail,
)
from dialer.services.recordings import news as recorded
from dialer.services.recordings import starting
from dialer.urls_out import conference_events_url

log = structlog.get_logger(__name__)

TRIES = 3
LEFT = "left"  # in a call's history: the person is out of the conference
UNKNOWN_CALL = "unknown: no call with this id"

KINDS = CarrierInbox.Kind
OF_CALLS = (
    KINDS.CALL_STATUS,
    KINDS.CALL_ANSWER,
    KINDS.CALL_DETECTED,
    KINDS.CALL_KEYS,
    KINDS.CALL_MESSAGE,
)
OF_TRANSFERS = {
    KINDS.TRANSFER_ANSWER: consult_news.target_status,
    KINDS.TRANSFER_STATUS: consult_news.target_status,
    KINDS.TRANSFER_EVENT: consult_news.in_outside_conference,
    KINDS.TRANSFER_LEFT: consult_news.person_left_alone,
}
CALL_NEWS = {
    CarrierNews.INITIATED: CallNews.PLACED,
    CarrierNews.RINGING: CallNews.RINGING,
    CarrierNews.ANSWERED: CallNews.ANSWERED,
    CarrierNews.JOINED: CallNews.JOINED,
    CarrierNews.HELD: CallNews.HELD,
    CarrierNews.RESUMED: CallNews.RESUMED,
    CarrierNews.COMPLETED: CallNews.COMPLETED,
    CarrierNews.BUSY: CallNews.BUSY,
    CarrierNews.NO_ANSWER: CallNews.NO_ANSWER,
    CarrierNews.FAILED: CallNews.FAILED,
    CarrierNews.CANCELED: CallNews.CANCELED,
}

_of_leg = kept.Values(lambda leg: Call.objects.filter(carrier_ref=leg).values_list("pk"))


# -- the carrier's news -----------------------------------------------------------------------------------------------


def apply_webhook(*, inbox_id: int, now: datetime) -> None:
    """Apply one stored webhook; a repeat finds it applied. One use case, begun again where what it locks changed under it."""
    _again_while_stale(lambda: _apply_stored(inbox_id, now))


def _again_while_stale(apply: Callable[[], None]) -> None:
    for tries_left in reversed(range(TRIES)):
        try:
            apply()
        except Stale:
            if not tries_left:
                raise
        else:
            return


def _apply_stored(inbox_id: int, now: datetime) -> None:
    with db.use_case():
        row = inbox.claim(inbox_id=inbox_id)
        if row is None:
            return
        # What it tells happened when it came, however late it is applied.
        effect = _apply(row, row.received_at)
        inbox.mark_applied(inbox_id=row.pk, effect=effect, now=now)


def apply_at_once(incoming: inbox.Incoming, *, now: datetime) -> None:
    """Store a webhook and apply it in one transaction: somebody waits. One that cannot be applied is stored all the same."""
    with _kept_if_it_fails(incoming):
        _again_while_stale(lambda: _take_and_apply(incoming, now))


def take_in(incoming: inbox.Incoming, *, now: datetime) -> None:
    """Store a webhook nobody waits for and apply it in one transaction, half of what it costs in two and a task between them.

    One that cannot be applied now is stored for a worker; raises only where that fails too.
    """
    try:
        _again_while_stale(lambda: _take_and_apply(incoming, now))
    except Exception as error:
        inbox_id = _keep(incoming, error)
        log.warning("dialer.webhook.put_off", kind=incoming.kind, subject=incoming.subject_ref, exc_info=True)
        if inbox_id is not None:
            jobs.enqueue_on_commit(names.APPLY_WEBHOOK, inbox_id=inbox_id)


def answer_call(incoming: inbox.Incoming, *, attempt_id: UUID, now: datetime) -> Plan:
    """Apply "somebody picked up" and say where their leg goes, in one transaction; a repeat gets the present answer."""
    with _kept_if_it_fails(incoming), db.use_case():
        row = inbox.take(incoming)
        call = lock_call_of(attempt_id)
        if row is not None:
            [event] = registry.webhooks().events(kind=row.kind, params=row.payload)
            effect = _apply_to_locked(call, event, row.received_at) if call else UNKNOWN_CALL
            inbox.mark_applied(inbox_id=row.pk, effect=effect, now=now)
        return answering.plan(call, now=now) if call else HangUp()


@contextmanager
def _kept_if_it_fails(incoming: inbox.Incoming) -> Iterator[None]:
    """Store the webhook for the sweeper, and for a repeat, when the transaction that was to apply it broke."""
    try:
        yield
    except Exception as error:
        _keep(incoming, error)
        raise


def _take_and_apply(incoming: inbox.Incoming, now: datetime) -> None:
    with db.use_case():
        row = inbox.take(incoming)
        if row is not None:
            inbox.mark_applied(inbox_id=row.pk, effect=_apply(row, row.received_at), now=now)


def _keep(incoming: inbox.Incoming, error: Exception) -> int | None:
    """Store a webhook whose transaction broke, with the reason; returns its id, None if it was stored before."""
    inbox_id = inbox.receive(incoming)
    if inbox_id is not None:
        inbox.note_failure(inbox_id=inbox_id, reason=f"{type(error).__name__}: {error}")
    return inbox_id


def sweep_webhooks(*, now: datetime) -> int:
    """Apply webhooks whose hint was lost; a failing one is put off and does not stop the others."""
    waiting = inbox.take_waiting(now=now, limit=200)
    return sweeps.for_each(waiting, lambda inbox_id: _apply_or_note(inbox_id, now), what="webhook")


def apply_again(*, inbox_id: int, actor: str, now: datetime) -> bool:
    """Apply a webhook once more that failed or changed nothing; return whether it could be. Raises NotFound."""
    with db.use_case():
        inbox.reopen(inbox_id=inbox_id, actor=actor, now=now)
    return sweeps.for_each([inbox_id], lambda each: _apply_or_note(each, now), what="webhook") == 1


def _apply_or_note(inbox_id: int, now: datetime) -> None:
    try:
        apply_webhook(inbox_id=inbox_id, now=now)
    except Exception as error:
        inbox.note_failure(inbox_id=inbox_id, reason=f"{type(error).__name__}: {error}")
        raise


def answer_agent_leg(*, session_id: int, inbox_id: int | None, now: datetime) -> Plan:
    """An agent's browser picked up: their leg goes into their standing conference."""
    if inbox_id is not None:
        apply_webhook(inbox_id=inbox_id, now=now)
    session = AgentSession.objects.filter(pk=session_id, ended_at__isnull=True).first()
    if session is None:
        return HangUp()
    return JoinConference(
        name=session.conference_name, is_agent=True, events_url=conference_events_url(session.pk)
    )


def is_person_there(params: Mapping[str, str]) -> bool:
    """Return whether somebody is left on a leg whose conference is over: the carrier asks too when they hung up."""
    [event] = registry.webhooks().events(kind=CarrierInbox.Kind.CALL_LEFT, params=params)
    return event.news is CarrierNews.LEFT


def know_carrier_ref(call: Call, ref: str) -> None:
    """Remember the carrier's id of a locked call, from whichever message brings it first."""
    if ref and call.carrier_ref is None:
        call.carrier_ref = ref
        kept.save(call, "carrier_ref")


def apply_event(call: Call, event: CarrierEvent, *, now: datetime, source: str) -> str:
    """Apply one carrier event to a locked call and return what it did."""
    news = CALL_NEWS.get(event.news)
    if event.news is CarrierNews.UNKNOWN:
        return f"unknown: a word this version does not know, “{event.raw}”"
    if news is None:
        return f"“{event.raw}” says nothing about the call"
    if news in (CallNews.HELD, CallNews.RESUMED, CallNews.JOINED) and event.conference_ref:
        is_old = _is_old(call, event)
        if is_old and news is not CallNews.JOINED:
            return f"ignored: {news}, an older word"
        if not is_old:
            call.hold_mark = handoffs.mark_of(event.conference_ref, event.sequence)
            kept.save(call, "hold_mark")
    step = states.advance_call(
        call, news, now=now, source=source, detail=event.raw, duration_seconds=event.duration_seconds
    )
    if news is CallNews.JOINED and not step.ignored:
        starting.begin(call, now=now)
    return f"ignored: {news} while {step.state}" if step.ignored else f"call is {step.state}"


def _is_old(call: Call, event: CarrierEvent) -> bool:
    """Return whether a conference's word about the person is older than its last one about where, and how, they are."""
    return handoffs.is_older(call.hold_mark, event.conference_ref, event.sequence)


def _apply(row: CarrierInbox, now: datetime) -> str:
    if row.kind in optout.KINDS:
        return optout.apply(row.kind, row.payload, now=now)
    if row.kind in texts.KINDS:
        return texts.apply(row.kind, row.payload, now=now)
    events = registry.webhooks().events(kind=row.kind, params=row.payload)
    if row.kind in OF_CALLS:
        return _apply_to_call(UUID(row.subject_ref), events[0], now)
    if row.kind in OF_TRANSFERS:
        return OF_TRANSFERS[KINDS(row.kind)](int(row.subject_ref), events[0], now=now)
    if row.kind == CarrierInbox.Kind.RECORDING:
        return recorded.apply_status(UUID(row.subject_ref), events[0], now=now)
    if row.kind == CarrierInbox.Kind.CONFERENCE:
        return _apply_conference(int(row.subject_ref), events[0], now)
    if row.kind == CarrierInbox.Kind.CALL_LEFT:
        attempt_id, _, interruptions = row.subject_ref.partition(":")
        return _apply_left(UUID(attempt_id), int(interruptions), events[0], now)
    return _apply_to_agent_leg(int(row.subject_ref), events[0], now)


def _apply_to_call(attempt_id: UUID, event: CarrierEvent, now: datetime) -> str:
    call = lock_call_of(attempt_id)
    return UNKNOWN_CALL if call is None else _apply_to_locked(call, event, now)


def _apply_to_locked(call: Call, event: CarrierEvent, now: datetime) -> str:
    if call.carrier_ref not in (None, event.leg_ref):
        return "ignored: another leg than this call's"
    know_carrier_ref(call, event.leg_ref)
    if event.news is CarrierNews.DETECTED:
        return answering.detected(call, event, now=now)
    if event.news is CarrierNews.KEYS:
        return answering.key_pressed(call, event.raw, now=now)
    if event.news is CarrierNews.PLAYED:
        return voicemail.heard_out(call, now=now)
    return apply_event(call, event, now=now, source="carrier")


def _apply_left(attempt_id: UUID, interruptions: int, event: CarrierEvent, now: datetime) -> str:
    """The person's conference is over while they are still there: their agent's line has ended, whether or not we were told."""
    found = Call.objects.filter(attempt_id=attempt_id).values_list("pk", flat=True).first()
    if found is None:
        return "unknown: no call with this id"
    call = lock_call(found)
    if event.news is not CarrierNews.LEFT:
        return "the call's status tells its end"
    if call.carrier_ref != event.leg_ref:
        return "ignored: another leg than this call's"
    if call.session_id is None or call.interruptions != interruptions:
        return "ignored: told already"
    if call.state not in (CallState.ANSWERED, CallState.CONNECTED, CallState.ON_HOLD):
        return f"ignored: left while {call.state}"
    session = lock_session_alone(call.session_id)
    if session.call_id != call.pk:
        return "ignored: the agent has gone on"
    if session.leg_state == LegState.UP:
        return legs.leg_is_down(session, leg_ref=session.leg_ref, now=now)
    lostline.agent_lost(call, session, now=now)
    return f"call is {call.state}"


def _apply_conference(session_id: int, event: CarrierEvent, now: datetime) -> str:
    if event.news in (CarrierNews.ANNOUNCED, CarrierNews.NOT_ANNOUNCED):
        return recorded.apply_notice(event, now=now)
    found = _of_leg.rows(event.leg_ref)
    if found:
        call = lock_call(found[0][0])
        if event.news is CarrierNews.JOINED and call.session_id not in (None, session_id):
            return "ignored: a conference the call was handed over from"
        if event.news is CarrierNews.LEFT and not _is_old(call, event):
            leaving.has_left(event.leg_ref, session_id=session_id)
        if event.news is CarrierNews.LEFT and (call.state, call.session_id) == (
            CallState.ANSWERED,
            session_id,
        ):
            # They had been there: the word of it got lost. This is the latest instant it can have been, so nobody is counted too early.
            apply_event(call, replace(event, news=CarrierNews.JOINED), now=now, source="carrier")
        if event.news is CarrierNews.LEFT and call.state in (CallState.CONNECTED, CallState.ON_HOLD):
            # Their call's end is told by itself; where it is not, the carrier is asked soon (dialer.services.reconciling).
            states.note_event(call, LEFT, now=now, source="carrier", detail=event.raw)
        return apply_event(call, event, now=now, source="carrier")
    if event.news is CarrierNews.LEFT and (leaves := leaving.call_of(event.leg_ref, session_id)) is not None:
        lock_call(leaves)  # before the row of the leg, as everybody does
        leaving.has_left(event.leg_ref, session_id=session_id)
        return "left the line"
    about_target = consult_news.in_agents_conference(session_id, event, now=now)
    if about_target is not None:
        return about_target
    try:
        session = lock_session(session_id)
    except NotFound:
        return "unknown: no such session"
    if event.news is CarrierNews.JOINED:
        return legs.leg_is_up(session, leg_ref=event.leg_ref, now=now)
    if session.leg_ref not in ("", event.leg_ref):
        return "unknown: a leg we do not know"
    if event.news in (CarrierNews.MUTED, CarrierNews.UNMUTED):
        session.muted = event.news is CarrierNews.MUTED
        states.touch(session, "muted")
        return f"agent is {event.news}"
    return f"“{event.raw}” changes nothing"


def _apply_to_agent_leg(session_id: int, event: CarrierEvent, now: datetime) -> str:
    if event.news not in (
        CarrierNews.COMPLETED,
        CarrierNews.FAILED,
        CarrierNews.BUSY,
        CarrierNews.NO_ANSWER,
        CarrierNews.CANCELED,
    ):
        return f"“{event.raw}” changes nothing"
    consult_news.agents_leg_ended(event.leg_ref, now=now)
    try:
        session = lock_session(session_id)
    except NotFound:
        return "unknown: no such session"
    return legs.leg_is_down(session, leg_ref=event.leg_ref, now=now)
