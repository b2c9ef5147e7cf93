"""Transfers that come to nothing, and news of them that is lost, late or strange: the person is never alone."""

from datetime import datetime, timedelta

import pytest

from carriers.events import CarrierNews
from carriers.models import CarrierInbox
from carriers.protocol import CarrierError, ErrorKind, PlaceCall
from carriers.twiml import JoinConference
from dialer.models import Call, DialAttempt, Transfer
from dialer.services import answering, consult_acts
from dialer.urls_out import third_party_callbacks, transfer_events_url, transfer_left_url
from tests.factories.world import World
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.consult_kit import (
    LEG,
    OUTSIDE,
    apply,
    consult_outside,
    follow,
    hold_person,
    left_alone,
    moved,
    pick_up,
    start,
    status,
    talking,
    wish,
)
from tests.integration.dialer.recording_kit import store
from tests.integration.dialer.test_calls import call, ended, post, session_of
from tests.integration.dialer.test_lost_line import drop, join_person, left, second_agent

__all__ = ["call", "store", "talking"]  # fixtures


@pytest.mark.parametrize("word", ["busy", "no-answer", "failed", "canceled"])
def test_a_target_that_is_not_reached_brings_the_person_back(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime, word: str
) -> None:
    start(world, now)
    transfer = follow(now)
    hold_person(talking, now)

    status(transfer, word, now)
    follow(now)
    hold_person(talking, now, "unhold", place=5)

    transfer.refresh_from_db()
    ana = session_of(talking)
    assert (transfer.state, talking.state, ana.state) == ("returned", "connected", "on_call")
    assert "The person is still with you" in ana.reason
    assert carrier.held[-1][2] is False


def test_a_target_nobody_tells_of_is_given_up_in_time(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    start(world, now)
    transfer = follow(now)
    hold_person(talking, now)

    consult_acts.sweep(now=now + timedelta(seconds=44))
    waits = Transfer.objects.get().state
    consult_acts.sweep(now=now + timedelta(seconds=50))
    consult_acts.sweep(now=now + timedelta(seconds=56))

    assert (waits, Transfer.objects.get().state) == ("asked", "returning")
    assert carrier.hung_up == [transfer.target_ref]
    assert carrier.held[-1][2] is False


def refuse_call(carrier: FakeCarrier, monkeypatch: pytest.MonkeyPatch, kind: ErrorKind) -> None:
    """Let the carrier take everything but the call outside."""

    def refuse(request: PlaceCall, /) -> str:
        raise CarrierError("no such number", kind=kind)

    monkeypatch.setattr(carrier, "place_call", refuse)


def test_a_carrier_that_refuses_the_number_brings_the_person_back_with_its_words(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(world, now)
    refuse_call(carrier, monkeypatch, "permanent")

    transfer = follow(now)
    waits = transfer.state
    hold_person(talking, now)
    hold_person(talking, now, "unhold", place=5)
    transfer = follow(now)

    assert (waits, transfer.state, talking.state) == ("returning", "returned", "connected")
    assert transfer.target_gone_at is not None
    assert "no such number" in session_of(talking).reason
    assert DialAttempt.objects.get(transfer=transfer).state == "released"


def test_a_call_nobody_knows_the_fate_of_is_found_in_the_carriers_list_and_ended(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(world, now)
    refuse_call(carrier, monkeypatch, "unknown")
    follow(now)
    carrier.list_call(ref=LEG, to=OUTSIDE, caller_id="+14075550100", news=CarrierNews.RINGING, created_at=now)

    consult_acts.sweep(now=now + timedelta(seconds=6))
    consult_acts.sweep(now=now + timedelta(seconds=12))

    assert LEG in carrier.hung_up
    assert Transfer.objects.get().state in ("returning", "returned")


def test_somebody_who_answers_too_late_hears_who_it_was(talking: Call, world: World, now: datetime) -> None:
    start(world, now)
    transfer = follow(now)
    wish(world, "cancel", now)

    said = pick_up(transfer)

    assert "<Say>This is Northwind Home Energy." in said
    assert "<Hangup/>" in said


def test_taken_back_before_it_is_placed_nothing_is_called(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    start(world, now)
    wish(world, "cancel", now)

    transfer = follow(now)

    assert len(carrier.placed) == 1
    assert DialAttempt.objects.get(transfer=transfer).state == "released"
    assert (transfer.state, transfer.target_gone_at is not None) == ("returned", True)


def test_the_person_hangs_up_during_the_consultation_and_the_target_is_let_go(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    transfer = consult_outside(world, talking, now)

    ended(talking, now)
    follow(now)

    transfer.refresh_from_db()
    assert (transfer.state, session_of(talking).state) == ("ended", "wrap_up")
    assert carrier.hung_up == [transfer.target_ref]
    assert talking.lost_in_mid_call is False


def test_the_target_hangs_up_during_the_consultation_and_the_person_comes_back(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    transfer = consult_outside(world, talking, now)

    status(transfer, "completed", now)
    status(transfer, "completed", now)
    follow(now)
    hold_person(talking, now, "unhold", place=9)

    transfer.refresh_from_db()
    assert (transfer.state, talking.state) == ("returned", "connected")
    assert session_of(talking).reason == "(407) 555-0177: they hung up. The person is still with you."


@pytest.mark.parametrize("first", ["the person's leg", "the agent's leg"])
def test_the_agents_line_breaks_off_during_the_consultation_and_the_person_is_kept(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime, first: str
) -> None:
    transfer = consult_outside(world, talking, now)
    ana = session_of(talking)
    leg = ana.leg_ref

    if first == "the person's leg":
        said = left(talking)
        drop(ana, now, leg=leg)
    else:
        drop(ana, now, leg=leg)
        said = left(talking)
    follow(now)

    transfer.refresh_from_db()
    talking.refresh_from_db()
    assert "hold.wav</Play>" in said
    assert (talking.state, transfer.state) == ("interrupted", "returning")
    assert carrier.hung_up[-1] == transfer.target_ref
    join_person(talking, now)
    transfer.refresh_from_db()
    assert (transfer.state, talking.state) == ("returned", "connected")


def test_without_the_agent_the_person_goes_to_another_one(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    consult_outside(world, talking, now)
    ben = second_agent(world, now)
    drop(session_of(talking), now)

    answering.route(call_id=talking.pk, now=now + timedelta(seconds=30))
    answering.sweep_interrupted(now=now + timedelta(seconds=31))

    talking.refresh_from_db()
    assert talking.session_id == ben.pk


def test_the_target_leaves_while_the_two_are_brought_together_and_the_person_comes_back(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    transfer = consult_outside(world, talking, now)
    wish(world, "complete", now)
    follow(now)
    moved(transfer, str(talking.carrier_ref), now)

    said = left_alone(transfer, talking)
    status(transfer, "completed", now)

    ana = session_of(talking)
    assert f">{ana.conference_name}</Conference>" in said
    assert (transfer.state, talking.state, ana.state) == ("returning", "interrupted", "on_call")
    join_person(talking, now)
    transfer.refresh_from_db()
    assert (transfer.state, talking.state) == ("returned", "connected")


def test_two_who_do_not_come_together_in_time_go_back(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    transfer = consult_outside(world, talking, now)
    wish(world, "complete", now)
    follow(now)

    consult_acts.sweep(now=now + timedelta(seconds=9))
    answering.route(call_id=talking.pk, now=now + timedelta(seconds=9))

    transfer.refresh_from_db()
    ref, plan = carrier.redirected[-1]
    assert transfer.state == "returning"
    assert isinstance(plan, JoinConference)
    assert (ref, plan.name) == (talking.carrier_ref, session_of(talking).conference_name)


def test_the_agents_line_may_end_while_the_two_are_brought_together(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    transfer = consult_outside(world, talking, now)
    wish(world, "complete", now)
    follow(now)
    drop(session_of(talking), now)
    said = left(talking)
    carrier.redirected.clear()
    answering.sweep_interrupted(now=now + timedelta(seconds=4))
    moved(transfer, transfer.target_ref, now)
    moved(transfer, str(talking.carrier_ref), now)

    talking.refresh_from_db()
    assert f">{transfer.conference_name}</Conference>" in said
    assert carrier.redirected == []
    assert (transfer.state, talking.state, talking.lost_since) == ("completed", "transferred", None)
    assert session_of(talking).state == "wrap_up"


def test_news_that_got_lost_is_read_from_the_carrier(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    start(world, now)
    transfer = follow(now)
    room = transfer.session.conference_name
    carrier.list_call(
        ref=transfer.target_ref,
        to=OUTSIDE,
        caller_id="+14075550100",
        news=CarrierNews.ANSWERED,
        created_at=now,
    )
    carrier.join(room, str(talking.carrier_ref), at=now, held=True)
    carrier.join(room, transfer.target_ref, at=now)
    consult_acts.sweep(now=now + timedelta(seconds=6))
    joined = Transfer.objects.get().state
    talking.refresh_from_db()
    held = talking.state
    wish(world, "complete", now + timedelta(seconds=7))
    follow(now + timedelta(seconds=7))
    carrier.joined.clear()
    carrier.join(transfer.conference_name, str(talking.carrier_ref), at=now)
    carrier.join(transfer.conference_name, transfer.target_ref, at=now)

    consult_acts.sweep(now=now + timedelta(seconds=13))

    assert (joined, held, Transfer.objects.get().state) == ("consulting", "on_hold", "completed")
    assert session_of(talking).state == "wrap_up"


def test_words_on_hold_that_cross_are_told_apart_by_the_conferences_own_order(
    talking: Call, world: World, now: datetime
) -> None:
    hold_person(talking, now, "hold", place=4)
    hold_person(talking, now, "unhold", place=6)
    hold_person(talking, now, "hold", place=5)

    assert talking.state == "connected"
    hold_person(talking, now, "hold", place=7)
    assert talking.state == "on_hold"


def test_a_webhook_of_a_transfer_nobody_knows_is_stored_and_answered(
    talking: Call, world: World, now: datetime
) -> None:
    callbacks, params = third_party_callbacks(999_999), {"CallSid": LEG, "CallStatus": "in-progress"}

    answers = [
        post(callbacks.answer_url, params),
        post(transfer_left_url(999_999), params),
        post(callbacks.status_url, params),
        post(transfer_events_url(999_999), {"CallSid": LEG, "StatusCallbackEvent": "participant-join"}),
        post(callbacks.status_url, params, token="another token"),
    ]
    apply(now)

    effects = CarrierInbox.objects.filter(kind__startswith="transfer").values_list("effect", flat=True)
    assert [answer.status_code for answer in answers] == [200, 200, 204, 204, 403]
    assert "<Hangup/>" in answers[0].content.decode()
    assert set(effects) == {"unknown: no such transfer"}


def test_a_strange_leg_does_nothing_to_a_transfer(talking: Call, world: World, now: datetime) -> None:
    transfer = consult_outside(world, talking, now)
    ref = transfer.target_ref
    Transfer.objects.filter(pk=transfer.pk).update(target_ref="CAother")

    post(third_party_callbacks(transfer.pk).status_url, {"CallSid": ref, "CallStatus": "completed"})
    apply(now)
    moved(transfer, ref, now)

    transfer.refresh_from_db()
    assert (transfer.state, transfer.target_gone_at) == ("consulting", None)
