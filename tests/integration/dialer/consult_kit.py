"""What tests of transfers need: wishes, the task, and the carrier's news as it posts them."""

from datetime import datetime, timedelta

from dialer.models import AgentSession, Call, Transfer
from dialer.services import calls, consult_acts, consulting
from dialer.urls_out import (
    conference_events_url,
    third_party_callbacks,
    transfer_events_url,
    transfer_left_url,
)
from tests.factories.world import World
from tests.integration.dialer.test_calls import post

OUTSIDE = "+14075550177"
LEG = "CA00000000000000000000000000000077"


def start(
    world: World, now: datetime, *, to: str = "number", blind: bool = False, number: str = OUTSIDE
) -> str | None:
    """Ask for a transfer as Ana."""
    return consulting.start(user_id=world.ana.pk, to=to, number=number, blind=blind, now=now)


def wish(world: World, action: str, now: datetime) -> None:
    consulting.wish(user_id=world.ana.pk, action=f"transfer-{action}", now=now)


def follow(now: datetime) -> Transfer:
    """Run the task of the newest transfer and return it."""
    transfer = Transfer.objects.latest("pk")
    consult_acts.follow(transfer_id=transfer.pk, now=now)
    transfer.refresh_from_db()
    return transfer


def apply(now: datetime) -> None:
    calls.sweep_webhooks(now=now + timedelta(days=1))


def event(session_id: int, leg: str, word: str, now: datetime, *, place: int = 0, room: str = "CF1") -> None:
    """Let the carrier tell of an agent's conference; `place` 0: without its order."""
    params = {"CallSid": leg, "StatusCallbackEvent": f"participant-{word}", "ConferenceSid": room}
    post(conference_events_url(session_id), {**params, **({"SequenceNumber": str(place)} if place else {})})
    apply(now)


def status(transfer: Transfer, word: str, now: datetime, *, place: int = 1) -> None:
    """Let the carrier tell of the leg outside."""
    transfer.refresh_from_db()
    params = {"CallSid": transfer.target_ref or LEG, "CallStatus": word, "SequenceNumber": str(place)}
    post(third_party_callbacks(transfer.pk).status_url, params)
    apply(now)
    transfer.refresh_from_db()


def pick_up(transfer: Transfer) -> str:
    """Let somebody answer outside; return what the carrier is told."""
    transfer.refresh_from_db()
    params = {"CallSid": transfer.target_ref or LEG, "CallStatus": "in-progress"}
    return str(post(third_party_callbacks(transfer.pk).answer_url, params).content.decode())


def moved(transfer: Transfer, leg: str, now: datetime) -> None:
    """Let a leg enter the conference in which person and target are left."""
    params = {"CallSid": leg, "StatusCallbackEvent": "participant-join", "ConferenceSid": "CF8"}
    post(transfer_events_url(transfer.pk), params)
    apply(now)
    transfer.refresh_from_db()


def left_alone(transfer: Transfer, call: Call) -> str:
    """Let the carrier ask what the person hears whose conference with somebody outside is over."""
    params = {"CallSid": str(call.carrier_ref), "CallStatus": "in-progress", "DialCallStatus": "answered"}
    answer = post(transfer_left_url(transfer.pk), params)
    transfer.refresh_from_db()
    call.refresh_from_db()
    return str(answer.content.decode())


def hold_person(call: Call, now: datetime, word: str = "hold", *, place: int = 0) -> None:
    event(int(call.session_id or 0), str(call.carrier_ref), word, now, place=place)
    call.refresh_from_db()


def consult_outside(world: World, call: Call, now: datetime) -> Transfer:
    """Bring Ana and somebody outside into a conversation, the person on hold."""
    assert start(world, now) is None
    transfer = follow(now)
    hold_person(call, now)
    status(transfer, "ringing", now)
    pick_up(transfer)
    event(transfer.session_id, transfer.target_ref, "join", now)
    transfer.refresh_from_db()
    assert transfer.state == "consulting"
    return transfer


def consult_agent(world: World, call: Call, ben: AgentSession, now: datetime) -> Transfer:
    """Bring Ana and Ben into a conversation, the person on hold."""
    assert start(world, now, to=f"agent:{ben.pk}") is None
    transfer = follow(now)
    hold_person(call, now)
    event(transfer.session_id, ben.leg_ref, "join", now)
    transfer.refresh_from_db()
    assert transfer.state == "consulting"
    return transfer
