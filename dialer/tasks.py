"""Celery's door: parse ids, read the clock, call one service."""

from uuid import UUID

from celery import shared_task

from core import clock
from dialer import jobs
from dialer.forecasts import running
from dialer.services import (
    agents,
    answering,
    besttime,
    caller_ids,
    calls,
    clearing,
    consult_acts,
    controls,
    dialing,
    draining,
    legs,
    lines,
    pacing_record,
    placing,
    reconciling,
    supervision,
    voicemail,
)
from dialer.services.recordings import acting, keeping, starting, storing
from dialer.why import counting


@shared_task(name=jobs.PLACE_CALL, ignore_result=True, soft_time_limit=40, time_limit=50)
def place_call(*, attempt_id: str, **_: object) -> None:
    """Place one reserved call."""
    dialing.place(attempt_id=UUID(attempt_id), now=clock.now())


@shared_task(name=jobs.CONTROL_CALL, ignore_result=True, soft_time_limit=20, time_limit=30)
def control_call(*, call_id: int, action: str, **_: object) -> None:
    """Hold, resume, mute, unmute or hang up."""
    controls.control(call_id=call_id, action=action)


@shared_task(name=jobs.ROUTE_CALL, ignore_result=True, soft_time_limit=20, time_limit=30)
def route_call(*, call_id: int, **_: object) -> None:
    """Send an answered call on."""
    answering.route(call_id=call_id, now=clock.now())


@shared_task(name=jobs.SERVE_WAITING, ignore_result=True, soft_time_limit=20, time_limit=30)
def serve_waiting(*, campaign_id: int, **_: object) -> None:
    """Give calls that wait to the agents who have become free."""
    answering.serve_waiting(campaign_id=campaign_id, now=clock.now())


@shared_task(name=jobs.PLAY_MESSAGE, ignore_result=True, soft_time_limit=20, time_limit=30)
def play_message(*, drop_id: int, **_: object) -> None:
    """Let the carrier play a message to a machine."""
    voicemail.play(drop_id=drop_id, now=clock.now())


@shared_task(name=jobs.SWEEP_MESSAGES, ignore_result=True)
def sweep_messages(**_: object) -> None:
    """Begin messages whose hint was lost, and end those that never end."""
    voicemail.sweep(now=clock.now())


@shared_task(name=jobs.FOLLOW_TRANSFER, ignore_result=True, soft_time_limit=40, time_limit=50)
def follow_transfer(*, transfer_id: int, **_: object) -> None:
    """Ask the carrier for what a transfer wants."""
    consult_acts.follow(transfer_id=transfer_id, now=clock.now())


@shared_task(name=jobs.SWEEP_TRANSFERS, ignore_result=True)
def sweep_transfers(**_: object) -> None:
    """See to transfers that wait, and give up those that take too long."""
    consult_acts.sweep(now=clock.now())


@shared_task(name=jobs.CONNECT_AGENT_LEG, ignore_result=True, soft_time_limit=20, time_limit=30)
def connect_agent_leg(*, session_id: int, **_: object) -> None:
    """Ring an agent's browser."""
    legs.connect_leg(session_id=session_id, now=clock.now())


@shared_task(name=jobs.CONNECT_NEXT_LEG, ignore_result=True, soft_time_limit=20, time_limit=30)
def connect_next_leg(*, session_id: int, **_: object) -> None:
    """Ring the window that has taken the desk over."""
    legs.connect_next_leg(session_id=session_id, now=clock.now())


@shared_task(name=jobs.DROP_AGENT_LEG, ignore_result=True, soft_time_limit=20, time_limit=30)
def drop_agent_leg(*, leg_ref: str, **_: object) -> None:
    """End the leg of an agent who signed off."""
    legs.drop_leg(leg_ref=leg_ref)


@shared_task(name=jobs.LET_GO_LEG, ignore_result=True, soft_time_limit=20, time_limit=30)
def let_go_leg(*, session_id: int, **_: object) -> None:
    """End the leg an agent's voice has moved from."""
    legs.let_go(session_id=session_id)


@shared_task(name=jobs.FREE_LINE, ignore_result=True, soft_time_limit=20, time_limit=30)
def free_line(*, session_id: int, **_: object) -> None:
    """Give an agent whose line is clear again what comes next."""
    clearing.set_free(session_id=session_id, now=clock.now())


@shared_task(name=jobs.APPLY_WEBHOOK, ignore_result=True, soft_time_limit=20, time_limit=30)
def apply_webhook(*, inbox_id: int, **_: object) -> None:
    """Apply one stored webhook."""
    calls.apply_webhook(inbox_id=inbox_id, now=clock.now())


@shared_task(name=jobs.SWEEP_WEBHOOKS, ignore_result=True)
def sweep_webhooks(**_: object) -> None:
    """Apply webhooks whose hint was lost."""
    calls.sweep_webhooks(now=clock.now())


@shared_task(name=jobs.SWEEP_ATTEMPTS, ignore_result=True)
def sweep_attempts(**_: object) -> None:
    """Settle attempts whose hint or worker was lost."""
    dialing.sweep(now=clock.now())


@shared_task(name=jobs.SWEEP_AGENTS, ignore_result=True)
def sweep_agents(**_: object) -> None:
    """Sign off agents whose page has gone, and those a supervisor asked to stop."""
    agents.sweep_away(now=clock.now())
    supervision.sweep(now=clock.now())


@shared_task(name=jobs.SWEEP_DRAINS, ignore_result=True)
def sweep_drains(**_: object) -> None:
    """Pause the draining campaigns that have finished what was begun."""
    draining.sweep(now=clock.now())


@shared_task(name=jobs.SWEEP_LEGS, ignore_result=True)
def sweep_legs(**_: object) -> None:
    """See to agents' lines that broke off, to the people who wait for them, and to those who should have left a line."""
    legs.sweep(now=clock.now())
    answering.sweep_interrupted(now=clock.now())
    clearing.sweep(now=clock.now())


@shared_task(name=jobs.RECONCILE_CALLS, ignore_result=True)
def reconcile_calls(**_: object) -> None:
    """Ask the carrier what webhooks should have told."""
    reconciling.reconcile(now=clock.now())


@shared_task(name=jobs.COUNT_WATERFALL, ignore_result=True)
def count_waterfall(*, campaign_id: int, **_: object) -> None:
    """Count a large campaign's waterfall."""
    counting.count(campaign_id, now=clock.now())


@shared_task(name=jobs.PLAY_WHAT_IF, ignore_result=True, soft_time_limit=300, time_limit=330)
def play_what_if(*, key: str, **_: object) -> None:
    """Make the forecast of a plan somebody asked about."""
    running.play_kept(key)


@shared_task(name=jobs.PLACE_WAITING, ignore_result=True)
def place_waiting(**_: object) -> None:
    """Start again the calls that wait for the carrier's limits."""
    lines.hint_waiting(now=clock.now())


@shared_task(name=jobs.WITHDRAW_UNRUNG, ignore_result=True)
def withdraw_unrung(**_: object) -> None:
    """Take back calls that the carrier has queued and not begun to ring."""
    lines.withdraw_unrung(now=clock.now())


@shared_task(name=jobs.FOLLOW_RECORDING, ignore_result=True, soft_time_limit=20, time_limit=30)
def follow_recording(*, call_id: int, **_: object) -> None:
    """Decide on the recording of a call that connected, or ended."""
    starting.follow(call_id=call_id, now=clock.now())


@shared_task(name=jobs.ACT_ON_RECORDING, ignore_result=True, soft_time_limit=40, time_limit=50)
def act_on_recording(*, recording_id: str, **_: object) -> None:
    """Ask the carrier for what a recording's state wants."""
    acting.act(recording_id=UUID(recording_id), now=clock.now())


@shared_task(name=jobs.FETCH_RECORDING, ignore_result=True, soft_time_limit=600, time_limit=660)
def fetch_recording(*, recording_id: str, **_: object) -> None:
    """Bring the sound of a recording into our own store."""
    storing.fetch(recording_id=UUID(recording_id), now=clock.now())


@shared_task(name=jobs.SWEEP_RECORDINGS, ignore_result=True)
def sweep_recordings(**_: object) -> None:
    """Do for recordings what lost hints left undone."""
    now = clock.now()
    starting.sweep(now=now)
    acting.sweep(now=now)
    storing.sweep(now=now)


@shared_task(name=jobs.KEEP_RECORDINGS, ignore_result=True, soft_time_limit=3000, time_limit=3300)
def keep_recordings(**_: object) -> None:
    """Delete the sound whose time is over."""
    keeping.sweep(now=clock.now())


@shared_task(name=jobs.PURGE_PACING, ignore_result=True, soft_time_limit=600, time_limit=660)
def purge_pacing(**_: object) -> None:
    """Delete the dialing loop's decisions of more than a day ago."""
    pacing_record.purge(now=clock.now())


@shared_task(name=jobs.PLACE_LEADS, ignore_result=True, soft_time_limit=900, time_limit=960)
def place_leads(**_: object) -> None:
    """Give the leads of campaigns with an order of their own their places."""
    placing.sweep(now=clock.now())


@shared_task(name=jobs.FIT_BEST_TIME, ignore_result=True, soft_time_limit=600, time_limit=660)
def fit_best_time(**_: object) -> None:
    """Fit the chance of an answer to the calls of the last months."""
    besttime.fit(now=clock.now())


@shared_task(name=jobs.REST_CALLERS, ignore_result=True, soft_time_limit=100, time_limit=120)
def rest_callers(**_: object) -> None:
    """Let caller numbers rest that are answered less than the others of their pool."""
    caller_ids.rest_fallen(now=clock.now())
