"""Warm transfers: a word with the target first, and the person never alone, in whatever order the carrier tells of it."""

from datetime import datetime, timedelta

import pytest

from campaigns.models import Campaign, CampaignLead
from carriers.events import CarrierNews
from carriers.models import CarrierInbox
from carriers.protocol import CarrierError, ErrorKind, PlaceCall, Seat
from carriers.twiml import JoinConference
from compliance.models import ComplianceDecision, ContactOutcome
from core import db
from core.models import OutboxMessage
from dialer.models import AgentSession, Call, CallEvent, CallRecording, DialAttempt, Transfer
from dialer.recordplan import NOTICE
from dialer.services import answering, cancelling, consult_acts, results, states
from dialer.services.recordings import wishes
from dialer.urls_out import third_party_callbacks, transfer_events_url, transfer_left_url
from tests.factories.world import LISTED, World
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.consult_kit import (
    LEG,
    OUTSIDE,
    apply,
    consult_outside,
    event,
    follow,
    hold_person,
    left_alone,
    moved,
    pick_up,
    start,
    status,
    wish,
)
from tests.integration.dialer.recording_kit import heard, record_all, run, store
from tests.integration.dialer.test_calls import answered, call, ended, form, post, session_of
from tests.integration.dialer.test_lost_line import drop, join_person, left, second_agent

__all__ = ["call", "store"]  # fixtures


@pytest.fixture
def talking(call: Call, now: datetime) -> Call:
    """Return a call in which Ana and the person hear each other."""
    answered(call, now)
    return call


def steps(call: Call) -> list[str]:
    rows = CallEvent.objects.filter(call=call, ignored=False, event__startswith="transfer_").order_by("pk")
    return [event.removeprefix("transfer_") for event in rows.values_list("event", flat=True)]


# -- somebody outside -------------------------------------------------------------------------------------------------


def test_a_number_outside_is_called_with_a_verdict_and_an_attempt_of_its_own_while_the_person_hears_music(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    said = start(world, now)
    transfer = follow(now)

    attempt = DialAttempt.objects.get(transfer=transfer)
    verdict = ComplianceDecision.objects.get(pk=transfer.decision_id or 0)
    placed = carrier.placed[-1]
    ana = session_of(talking)
    assert said is None
    assert (verdict.outcome, attempt.decision_id, attempt.state) == ("allow", verdict.pk, "placed")
    assert (attempt.channel, attempt.reserved_by_id) == ("live_manual", world.ana.pk)
    assert (placed.to, placed.clearance.number, placed.caller_id) == (OUTSIDE, OUTSIDE, "+14075550100")
    assert carrier.held == [(ana.conference_name, talking.carrier_ref, True)]
    assert carrier.music[-1].endswith("audio/hold.wav")
    assert (transfer.state, transfer.label) == ("asked", "(407) 555-0177")


@pytest.mark.parametrize("recorded", [True, False])
def test_who_answers_outside_goes_to_the_agent_and_is_told_of_a_recording(
    talking: Call, world: World, now: datetime, recorded: bool
) -> None:
    if recorded:
        record_all(world, now)
        run(now)
        heard(talking, now)
    start(world, now)
    transfer = follow(now)

    said = pick_up(transfer)

    assert (f"<Say>{NOTICE}</Say><Dial>" in said) is recorded
    assert f">agent-{transfer.session_id}</Conference>" in said
    assert 'endConferenceOnExit="false"' in said


@pytest.mark.parametrize("paused", [True, False])
def test_the_recording_goes_on_as_it_stands(talking: Call, world: World, now: datetime, paused: bool) -> None:
    record_all(world, now)
    run(now)
    heard(talking, now)
    if paused:
        wishes.ask(user_id=world.ana.pk, action="pause", now=now)
        run(now)
    before = CallRecording.objects.get(call=talking)

    _completed(talking, world, now)

    after = CallRecording.objects.get(call=talking)
    assert (after.state, after.carrier_ref) == (before.state, before.carrier_ref)
    assert (after.state == "paused") is paused


def test_a_whole_warm_transfer_leaves_person_and_target_together_and_the_agent_with_the_result(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    transfer = consult_outside(world, talking, now)
    wish(world, "complete", now)
    follow(now)
    before = session_of(talking).state
    plans = dict(carrier.redirected)
    moved(transfer, transfer.target_ref, now)
    half = transfer.state
    moved(transfer, str(talking.carrier_ref), now)
    talking.refresh_from_db()
    ana = session_of(talking)

    assert {ref: getattr(plan, "name", "") for ref, plan in plans.items()} == {
        transfer.target_ref: transfer.conference_name,
        str(talking.carrier_ref): transfer.conference_name,
    }
    assert (before, half) == ("on_call", "completing")
    assert (transfer.state, transfer.result_by_id) == ("completed", world.ana.pk)
    assert (talking.state, ana.state, ana.call_id) == ("transferred", "wrap_up", talking.pk)
    assert steps(talking) == ["asked", "ringing", "consulting", "completing", "completed"]


def test_the_result_is_saved_while_the_two_talk_on_and_the_end_is_told_once_with_it(
    talking: Call, world: World, now: datetime
) -> None:
    transfer = _completed(talking, world, now)
    results.save_result(user_id=world.ana.pk, call_id=talking.pk, form=form("interested"), now=now)
    told_before = OutboxMessage.objects.filter(topic="dialer.call.logged").count()
    free = AgentSession.objects.get(user=world.ana, ended_at=None)

    said = left_alone(transfer, talking)
    ended(talking, now)

    free.refresh_from_db()
    lead = CampaignLead.objects.get(pk=talking.attempt.campaign_lead_id)
    [told] = OutboxMessage.objects.filter(topic="dialer.call.logged")
    assert told_before == 0
    assert "<Hangup/>" in said
    assert free.state in ("ready", "preview")
    assert (talking.state, talking.outcome, talking.lost_in_mid_call) == ("ended", "answered", False)
    assert (told.payload["disposition_code"], lead.attempts, lead.state) == ("interested", 1, "finished")


def _completed(talking: Call, world: World, now: datetime) -> Transfer:
    transfer = consult_outside(world, talking, now)
    wish(world, "complete", now)
    follow(now)
    moved(transfer, transfer.target_ref, now)
    moved(transfer, str(talking.carrier_ref), now)
    talking.refresh_from_db()
    assert talking.state == "transferred"
    return transfer


def test_the_end_before_the_result_leaves_the_agent_in_wrap_up(
    talking: Call, world: World, now: datetime
) -> None:
    _completed(talking, world, now)

    ended(talking, now)
    results.save_result(user_id=world.ana.pk, call_id=talking.pk, form=form("interested"), now=now)

    talking.refresh_from_db()
    assert talking.disposition is not None
    assert CampaignLead.objects.get(pk=talking.attempt.campaign_lead_id).attempts == 1


def test_changing_over_and_talking_all_together_hold_whom_they_should(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    transfer = consult_outside(world, talking, now)
    room, ref, other = transfer.session.conference_name, str(talking.carrier_ref), transfer.target_ref
    carrier.held.clear()

    wish(world, "swap", now)
    follow(now)
    swapped = list(carrier.held)
    hold_person(talking, now, "unhold", place=8)
    event(transfer.session_id, other, "hold", now, place=9)
    carrier.held.clear()
    wish(world, "all", now)
    follow(now)

    transfer.refresh_from_db()
    assert swapped == [(room, ref, False), (room, other, True)]
    assert carrier.held == [(room, other, False)]
    assert (transfer.state, transfer.target_held, talking.state) == ("together", True, "connected")


def test_taking_the_person_back_lets_the_target_go(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    transfer = consult_outside(world, talking, now)

    wish(world, "cancel", now)
    follow(now)
    waits = Transfer.objects.get(pk=transfer.pk).state
    hold_person(talking, now, "unhold", place=8)
    status(transfer, "completed", now)

    assert carrier.hung_up == [transfer.target_ref]
    assert carrier.held[-1] == (transfer.session.conference_name, talking.carrier_ref, False)
    assert (waits, transfer.state) == ("returning", "returned")
    assert transfer.target_gone_at is not None
    assert (talking.state, session_of(talking).state) == ("connected", "on_call")
    assert DialAttempt.objects.get(transfer=transfer).state == "ended"


def test_the_gate_is_told_what_became_of_the_call_outside(talking: Call, world: World, now: datetime) -> None:
    transfer = consult_outside(world, talking, now)

    status(transfer, "completed", now)

    told = ContactOutcome.objects.get(decision_id=transfer.decision_id or 0)
    assert (told.connected, told.conversation, told.abandoned) == (True, True, False)


@pytest.mark.parametrize("number", ["", "hello", "123", "+1 407"])
def test_what_is_no_number_is_refused_in_words(
    talking: Call, world: World, now: datetime, number: str
) -> None:
    with pytest.raises(states.NotAllowed, match="The person is still with you"):
        start(world, now, number=number)

    assert not Transfer.objects.exists()


def test_a_number_the_gate_refuses_is_kept_with_its_sentence_and_nothing_is_called(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    said = start(world, now, number=LISTED)

    transfer = Transfer.objects.get()
    verdict = ComplianceDecision.objects.get(pk=transfer.decision_id or 0)
    talking.refresh_from_db()
    assert said is not None
    assert said.startswith("Not called: ")
    assert said.endswith("The person is still with you.")
    assert (transfer.state, verdict.outcome) == ("refused", "deny")
    assert transfer.reason in said
    assert (talking.state, len(carrier.placed), carrier.held) == ("connected", 1, [])
    assert DialAttempt.objects.count() == 1
    assert steps(talking) == ["refused"]


@pytest.mark.parametrize("purpose", ["debt", "healthcare_hipaa", "emergency"])
def test_what_concerns_the_person_alone_has_no_purpose_outside_and_is_denied(
    talking: Call, world: World, now: datetime, purpose: str
) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(purpose=purpose)

    said = start(world, now)

    verdict = ComplianceDecision.objects.get(pk=Transfer.objects.get().decision_id or 0)
    assert said is not None
    assert said.startswith("Not called: ")
    assert verdict.outcome == "deny"


def test_the_persons_own_number_is_not_called_twice(talking: Call, world: World, now: datetime) -> None:
    with pytest.raises(states.NotAllowed, match="in a call already"):
        start(world, now, number=talking.number)


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


def test_a_blind_transfer_to_a_number_is_completed_when_somebody_answers(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    start(world, now, blind=True)
    transfer = follow(now)
    hold_person(talking, now)
    stays = session_of(talking).state
    pick_up(transfer)
    event(transfer.session_id, transfer.target_ref, "join", now)
    follow(now)
    moved(transfer, str(talking.carrier_ref), now)
    moved(transfer, transfer.target_ref, now)

    assert stays == "on_call"
    assert (transfer.state, session_of(talking).state) == ("completed", "wrap_up")


def test_a_request_not_to_be_called_takes_back_a_call_outside_that_rings(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    start(world, now)
    transfer = follow(now)

    with db.use_case():
        cancelling.cancel_unanswered(
            numbers=[OUTSIDE],
            seller=world.campaign.seller,
            campaign_id=None,
            reason="asked not to be called",
            actor="gate",
            now=now,
        )
    follow(now)

    talking.refresh_from_db()
    assert carrier.hung_up == [transfer.target_ref]
    assert talking.hang_up_asked_at is None
    assert "asked not to be called" in session_of(talking).reason


@pytest.mark.parametrize("order", [("target", "person"), ("person", "target")])
def test_together_is_told_in_any_order_and_twice(
    talking: Call, world: World, now: datetime, order: tuple[str, str]
) -> None:
    transfer = consult_outside(world, talking, now)
    wish(world, "complete", now)
    follow(now)
    legs = {"target": transfer.target_ref, "person": str(talking.carrier_ref)}

    for who in (order[0], order[0], order[1], order[1], order[0]):
        moved(transfer, legs[who], now)

    changes = AgentSession.objects.get(user=world.ana).changes.filter(event="handed_out").count()
    assert (transfer.state, changes) == ("completed", 1)


# -- what goes wrong on the way -----------------------------------------------------------------------------------------


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
    carrier.seats[room, str(talking.carrier_ref)] = Seat(held=True)
    carrier.seats[room, transfer.target_ref] = Seat(held=False)
    consult_acts.sweep(now=now + timedelta(seconds=6))
    joined = Transfer.objects.get().state
    talking.refresh_from_db()
    held = talking.state
    wish(world, "complete", now + timedelta(seconds=7))
    follow(now + timedelta(seconds=7))
    carrier.seats = {
        (transfer.conference_name, str(talking.carrier_ref)): Seat(held=False),
        (transfer.conference_name, transfer.target_ref): Seat(held=False),
    }

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
