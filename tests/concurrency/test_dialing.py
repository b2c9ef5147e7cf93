"""Real threads, real commits: one lead to one agent, one call for one attempt, one effect for one webhook."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.db import connection, connections

from campaigns.models import CampaignAgent, CampaignLead
from carriers import registry
from carriers import services as inbox
from core import db
from dialer.locks import lock_session
from dialer.models import AgentSession, Call, CallEvent
from dialer.services import agents, calls, controls, dialing, legs, offers, results
from tests.factories.world import World, add_lead, make_world, person
from tests.fakes.carrier import FakeCarrier

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow_test]


@pytest.fixture
def carrier(monkeypatch: pytest.MonkeyPatch) -> FakeCarrier:
    fake = FakeCarrier()
    monkeypatch.setattr(registry, "carrier", lambda: fake)
    return fake


@pytest.fixture
def world(transactional_db: None, now: datetime, carrier: FakeCarrier) -> Iterator[World]:
    yield make_world(now)
    with (
        connection.cursor() as cursor
    ):  # the triggers on history refuse DELETE, which the test's own clean-up must not need
        cursor.execute("TRUNCATE dialer_callevent, dialer_agentstatechange, core_auditevent CASCADE")


def at_once(count: int, work: Callable[[int], object]) -> list[object]:
    """Run `work` in so many threads that begin together; return results or the exceptions raised."""
    barrier, results = threading.Barrier(count), [None] * count

    def run(index: int) -> None:
        try:
            barrier.wait()
            results[index] = work(index)  # type: ignore[call-overload]  # a list of anything
        except Exception as error:  # noqa: BLE001 - handed to the test
            results[index] = error  # type: ignore[call-overload]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results  # type: ignore[return-value]


def ready_session(world: World, user_id: int, now: datetime) -> int:
    session_id = agents.sign_on(user_id=user_id, campaign_id=world.campaign.pk, now=now)
    legs.connect_leg(session_id=session_id, now=now)
    with db.use_case():
        session = lock_session(session_id)
        legs.leg_is_up(session, leg_ref=session.leg_ref, now=now)
    return session_id


def test_eight_agents_get_eight_different_leads(world: World, now: datetime) -> None:
    from accounts.roles import Role

    people = [person(f"agent{index}", Role.AGENT) for index in range(8)]
    for someone in people:
        CampaignAgent.objects.create(campaign=world.campaign, user=someone)
    for index in range(30):
        add_lead(world, f"+1407555{101 + index:04d}")
    for someone in people:
        ready_session(world, someone.pk, now)

    results = at_once(8, lambda index: agents.set_ready(user_id=people[index].pk, now=now))

    held = list(CampaignLead.objects.filter(state="held").values_list("held_by_id", flat=True))
    assert [result for result in results if isinstance(result, Exception)] == []
    assert sorted(held) == sorted(someone.pk for someone in people)


def test_dial_pressed_in_two_windows_reserves_one_call(
    world: World, carrier: FakeCarrier, now: datetime
) -> None:
    add_lead(world)
    session_id = ready_session(world, world.ana.pk, now)
    agents.set_ready(user_id=world.ana.pk, now=now)
    version = AgentSession.objects.get(pk=session_id).version

    results = at_once(
        6, lambda _: dialing.reserve(user_id=world.ana.pk, version=version, phone_id=None, now=now)
    )

    assert Call.objects.count() == 1
    assert sum(isinstance(result, Exception) for result in results) == 5


def test_ten_workers_place_one_call(world: World, carrier: FakeCarrier, now: datetime) -> None:
    add_lead(world)
    ready_session(world, world.ana.pk, now)
    agents.set_ready(user_id=world.ana.pk, now=now)
    session = AgentSession.objects.get(user=world.ana)
    dialing.reserve(user_id=world.ana.pk, version=session.version, phone_id=None, now=now)
    attempt_id = Call.objects.get().attempt_id

    results = at_once(10, lambda _: dialing.place(attempt_id=attempt_id, now=now))

    assert [result for result in results if isinstance(result, Exception)] == []
    assert len(carrier.placed) == 1


def test_one_webhook_in_twenty_threads_has_one_effect(
    world: World, carrier: FakeCarrier, now: datetime
) -> None:
    add_lead(world)
    ready_session(world, world.ana.pk, now)
    agents.set_ready(user_id=world.ana.pk, now=now)
    session = AgentSession.objects.get(user=world.ana)
    dialing.reserve(user_id=world.ana.pk, version=session.version, phone_id=None, now=now)
    call = Call.objects.get()
    dialing.place(attempt_id=call.attempt_id, now=now)
    call.refresh_from_db()
    payload = {"CallSid": str(call.carrier_ref), "CallStatus": "ringing", "SequenceNumber": "1"}

    def receive(_: int) -> None:
        found = inbox.receive(
            inbox.Incoming(
                kind="call_status",
                key="same",
                subject_ref=str(call.attempt_id),
                payload=payload,
                received_at=now,
            )
        )
        if found is not None:
            calls.apply_webhook(inbox_id=found, now=now)

    results = at_once(20, receive)

    assert [result for result in results if isinstance(result, Exception)] == []
    assert CallEvent.objects.filter(call=call, event="ringing").count() == 1


def test_the_end_of_a_call_and_the_agents_wishes_do_not_lock_each_other_out(
    world: World, carrier: FakeCarrier, now: datetime
) -> None:
    add_lead(world)
    ready_session(world, world.ana.pk, now)
    agents.set_ready(user_id=world.ana.pk, now=now)
    session = AgentSession.objects.get(user=world.ana)
    dialing.reserve(user_id=world.ana.pk, version=session.version, phone_id=None, now=now)
    call = Call.objects.get()
    dialing.place(attempt_id=call.attempt_id, now=now)
    call.refresh_from_db()
    payload = {
        "CallSid": str(call.carrier_ref),
        "CallStatus": "completed",
        "SequenceNumber": "9",
        "CallDuration": "3",
    }
    row = inbox.receive(
        inbox.Incoming(
            kind="call_status",
            key="end",
            subject_ref=str(call.attempt_id),
            payload=payload,
            received_at=now,
        )
    )
    assert row is not None

    wishes: list[Callable[[], object]] = [
        lambda: calls.apply_webhook(inbox_id=row, now=now),
        lambda: controls.ask(user_id=world.ana.pk, action="hang_up", now=now),
        lambda: results.keep_note(user_id=world.ana.pk, call_id=call.pk, note="x", now=now),
        lambda: offers.offer_next(session_id=session.pk, now=now),
    ]
    outcomes = at_once(12, lambda index: wishes[index % 4]())

    from django.db import OperationalError

    call.refresh_from_db()
    assert [result for result in outcomes if isinstance(result, OperationalError)] == []
    assert call.state == "ended"
