"""Warm transfers to somebody outside: a word with them first, and the person never alone."""

from datetime import datetime

import pytest

from campaigns.models import Campaign, CampaignLead
from compliance.models import ComplianceDecision, ContactOutcome
from core import db
from core.models import OutboxMessage
from dialer.models import AgentSession, Call, CallRecording, DialAttempt, Transfer
from dialer.recordplan import NOTICE
from dialer.services import cancelling, results, states
from dialer.services.recordings import wishes
from tests.factories.world import LISTED, World
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.consult_kit import (
    OUTSIDE,
    consult_outside,
    event,
    follow,
    hold_person,
    left_alone,
    moved,
    pick_up,
    start,
    status,
    steps,
    talking,
    wish,
)
from tests.integration.dialer.recording_kit import heard, record_all, run, store
from tests.integration.dialer.test_calls import call, ended, form, session_of

__all__ = ["call", "store", "talking"]  # fixtures


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


@pytest.fixture
def recorded(request: pytest.FixtureRequest, world: World, now: datetime) -> bool:
    """Record all calls, where the test wants it (and by itself), before anybody connects."""
    wanted = bool(getattr(request, "param", True))
    if wanted:
        record_all(world, now)
    return wanted


@pytest.mark.parametrize("recorded", [True, False], indirect=True)
def test_who_answers_outside_goes_to_the_agent_and_is_told_of_a_recording(
    recorded: bool, talking: Call, world: World, now: datetime
) -> None:
    if recorded:
        run(now)
        heard(talking, now)
    start(world, now)
    transfer = follow(now)

    said = pick_up(transfer)

    assert (f"<Say>{NOTICE}</Say><Dial>" in said) is recorded
    assert f">agent-{transfer.session_id}</Conference>" in said
    assert 'endConferenceOnExit="false"' in said


@pytest.mark.parametrize("paused", [True, False])
def test_the_recording_goes_on_as_it_stands(
    recorded: bool, talking: Call, world: World, now: datetime, paused: bool
) -> None:
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
