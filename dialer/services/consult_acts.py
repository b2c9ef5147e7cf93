"""What a transfer wants of the carrier, asked of it with no transaction open. A task; repeating it asks again for what is not so yet.

Before it asks again it looks how things stand at the carrier, so that a lost webhook holds nothing up and nothing is torn apart
that stands already.
"""

from datetime import datetime, timedelta

import structlog
from django.db.models import Q

from carriers import registry
from carriers.events import CarrierEvent, CarrierNews
from carriers.protocol import CarrierError, Seat
from carriers.twiml import JoinConference
from core import db, sweeps
from dialer.callflow import CallNews, CallState
from dialer.locks import lock_call
from dialer.models import Call, Transfer
from dialer.models.transfers import OPEN
from dialer.services import consult_news, handoffs, outside, states, thirdparty
from dialer.transferflow import ACTS_AGAIN_AFTER, Target, TransferNews, TransferState, holds, late_at
from dialer.urls_out import agent_callbacks, conference_events_url, hold_music_url

log = structlog.get_logger(__name__)

QUIET_FOR = timedelta(seconds=30)


def follow(*, transfer_id: int, now: datetime) -> None:
    """Ask the carrier for what a transfer wants now."""
    transfer = _read(transfer_id)
    if transfer is None:
        return
    try:
        is_unknown = not transfer.target_ref and not TransferState(transfer.state).may_hear
        if transfer.acted_at is not None or is_unknown:
            _look(transfer, now=now)
            transfer = _read(transfer_id)
            if transfer is None:
                return
        Transfer.objects.filter(pk=transfer.pk).update(acted_at=now)
        _act(transfer, now=now)
    except CarrierError as error:
        log.warning("dialer.transfer.not_done", transfer=transfer_id, kind=error.kind, reason=str(error))


def sweep(*, now: datetime) -> int:
    """See to transfers that wait for something: asked for again, or given up where it takes too long; returns how many."""
    under_way = Transfer.objects.filter(Q(state__in=OPEN) | Q(target_gone_at__isnull=True))
    due = under_way.filter(Q(acted_at__isnull=True) | Q(acted_at__lt=now - ACTS_AGAIN_AFTER))
    talks = Q(state=TransferState.COMPLETED, target=Target.NUMBER)
    quiet = due.filter(~talks | Q(acted_at__lt=now - QUIET_FOR) | Q(acted_at__isnull=True))
    ids = list(quiet.order_by("pk").values_list("pk", flat=True)[:200])
    return sweeps.for_each(ids, lambda pk: _see_to(pk, now), what="transfer")


def _see_to(transfer_id: int, now: datetime) -> None:
    follow(transfer_id=transfer_id, now=now)
    with db.use_case():
        transfer = Transfer.objects.get(pk=transfer_id)
        call = lock_call(transfer.call_id)
        transfer.refresh_from_db()
        ring = timedelta(seconds=call.campaign.ring_seconds)
        late = late_at(TransferState(transfer.state), Target(transfer.target), transfer.state_at, ring=ring)
        if late is not None and now >= late:
            why = "it took too long" if transfer.state == TransferState.COMPLETING else "nobody answered"
            consult_news.came_to_nothing(transfer, call, why, now=now, source="sweeper")


def _read(transfer_id: int) -> Transfer | None:
    found = Transfer.objects.filter(pk=transfer_id).select_related(
        "call__session", "call__campaign", "session", "target_session", "attempt"
    )
    transfer = found.first()
    if transfer is None or (transfer.state not in OPEN and transfer.target_gone_at is not None):
        return None
    return transfer


def _act(transfer: Transfer, *, now: datetime) -> None:
    state = TransferState(transfer.state)
    if state.may_hear:
        _hold(transfer, now=now)
        if not transfer.target_since:
            _call_target(transfer, now=now)
        return
    if state is TransferState.COMPLETING and transfer.target == Target.NUMBER:
        _bring_together(transfer)
    else:
        _let_go(transfer, now=now)
    _hold(transfer, now=now)


def _call_target(transfer: Transfer, *, now: datetime) -> None:
    if transfer.target == Target.AGENT:
        asked = transfer.target_session
        assert asked is not None
        registry.carrier().redirect(
            transfer.target_ref,
            JoinConference(
                name=transfer.session.conference_name,
                is_agent=False,
                events_url=conference_events_url(transfer.session_id),
                then_url=agent_callbacks(asked.pk).answer_url,  # back to their own, whatever ends this one
            ),
        )
        return
    if transfer.state != TransferState.ASKED or transfer.target_ref:
        return
    failed = thirdparty.place(transfer, now=now)
    if failed is not None:
        with db.use_case():
            call = lock_call(transfer.call_id)
            transfer.refresh_from_db()
            outside.release(transfer, failed, now=now)
            consult_news.came_to_nothing(transfer, call, failed, now=now, source="carrier")


def _bring_together(transfer: Transfer) -> None:
    """The target first: the person then hears somebody at once."""
    carrier = registry.carrier()
    if not transfer.target_moved:
        carrier.redirect(transfer.target_ref, consult_news.outside_plan(transfer))
    if not transfer.person_moved:
        carrier.redirect(str(transfer.call.carrier_ref), consult_news.outside_plan(transfer, is_person=True))


def _let_go(transfer: Transfer, *, now: datetime) -> None:
    stays = transfer.state == TransferState.COMPLETED and transfer.target == Target.NUMBER
    if stays or transfer.target_gone_at is not None:
        return
    carrier = registry.carrier()
    asked = transfer.target_session
    if asked is None:
        if transfer.target_ref:
            carrier.hang_up(transfer.target_ref)
        elif outside.release(transfer, "The transfer was over before the number was called.", now=now):
            Transfer.objects.filter(pk=transfer.pk).update(target_gone_at=now)
        return
    if carrier.seat(asked.conference_name, transfer.target_ref) is None:
        carrier.redirect(
            transfer.target_ref,
            JoinConference(
                name=asked.conference_name, is_agent=True, events_url=conference_events_url(asked.pk)
            ),
        )
        return
    with db.use_case():
        consult_news.came_back(transfer, now=now)


def _hold(transfer: Transfer, *, now: datetime) -> None:
    """Let those hear music who are to, in the agent's conference; then the person of a transfer that is over is back."""
    wanted, call = holds(TransferState(transfer.state)), transfer.call
    is_there = call.state in (CallState.CONNECTED, CallState.ON_HOLD)
    carrier, room = registry.carrier(), transfer.session.conference_name
    if wanted.person is not None and is_there and (call.state == CallState.ON_HOLD) != wanted.person:
        carrier.set_hold(room, str(call.carrier_ref), wanted.person, music_url=_music(wanted.person))
    elif wanted.person is False and is_there and transfer.state == TransferState.RETURNING:
        # Asked for a moment ago, perhaps, and not told of yet.
        carrier.set_hold(room, str(call.carrier_ref), False)
    if wanted.target is not None and transfer.target_held != wanted.target:
        carrier.set_hold(room, transfer.target_ref, wanted.target, music_url=_music(wanted.target))
    if transfer.state == TransferState.RETURNING:
        with db.use_case():
            call = lock_call(transfer.call_id)
            transfer.refresh_from_db()
            if transfer.state == TransferState.RETURNING and call.state == CallState.CONNECTED:
                handoffs.move(transfer, call, TransferNews.BACK, now=now, source="dialer")


def _look(transfer: Transfer, *, now: datetime) -> None:
    """Take from the carrier what its webhooks would have told."""
    carrier, call = registry.carrier(), transfer.call
    here = transfer.session.conference_name
    person = carrier.seat(here, str(call.carrier_ref)) if call.carrier_ref else None
    target = carrier.seat(here, transfer.target_ref) if transfer.target_ref else None
    moved = _moved(transfer)
    status = outside.look_up(transfer, now=now) if transfer.target == Target.NUMBER else []
    with db.use_case():
        call = lock_call(transfer.call_id)
        transfer.refresh_from_db()
        _apply_seats(transfer, call, person, target, now=now)
        if transfer.state == TransferState.COMPLETING and moved != (False, False):
            transfer.person_moved, transfer.target_moved = moved
            transfer.save(update_fields=["person_moved", "target_moved"])
            consult_news.apply_together(transfer, call, now=now)
        for event in status:
            consult_news.apply_target(transfer, call, event, now=now, source="carrier's list")


def _moved(transfer: Transfer) -> tuple[bool, bool]:
    if transfer.state != TransferState.COMPLETING or transfer.target != Target.NUMBER:
        return False, False
    there = [
        registry.carrier().seat(transfer.conference_name, ref) is not None
        for ref in (str(transfer.call.carrier_ref), transfer.target_ref)
    ]
    return there[0], there[1]


def _apply_seats(
    transfer: Transfer, call: Call, person: Seat | None, target: Seat | None, *, now: datetime
) -> None:
    state = TransferState(transfer.state)
    is_there = call.state in (CallState.CONNECTED, CallState.ON_HOLD)
    if person is not None and is_there and person.held != (call.state == CallState.ON_HOLD):
        news = CallNews.HELD if person.held else CallNews.RESUMED
        states.advance_call(call, news, now=now, source="carrier's list")
    if target is None:
        return
    if state.may_hear and transfer.target_since is None:
        joined = CarrierEvent(news=CarrierNews.JOINED, leg_ref=transfer.target_ref, raw="connected")
        consult_news.in_agents_conference(transfer.session_id, joined, now=now)
    if transfer.target_held != target.held:
        transfer.target_held = target.held
        transfer.save(update_fields=["target_held"])


def _music(held: bool) -> str:
    return hold_music_url() if held else ""
