"""Messages left on machines: at the beep, or by a rep's key; each with a verdict of its own and a true record."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from campaigns.models import Campaign, CampaignLead, MessageVersion
from campaigns.selectors import voicemails
from carriers import pools
from carriers.models import CallerNumber, CarrierInbox
from carriers.pools import PoolSpec
from carriers.protocol import CarrierError, Detection
from carriers.twiml import LeaveMessage
from compliance import services as gate
from compliance.models import (
    ComplianceDecision,
    ContactLedger,
    ContactOutcome,
    OpenClearance,
    Suppression,
)
from compliance.rules.facts import Channel
from core import clock, db, jobs
from dialer import jobs as names
from dialer import selectors
from dialer.models import AgentSession, AnsweredDay, Call, CallEvent, VoicemailDrop
from dialer.services import answering, calls, cancelling, controls, states, voicemail
from dialer.urls_out import call_callbacks, keys_url, message_url, waited_url
from tests.factories.messages import sales_voicemail
from tests.factories.world import World, add_lead, agree_to_be_called, bound_of, clear_number, give_papers
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.conftest import sign_on
from tests.integration.dialer.test_answering import (
    Clock,
    answer,
    at,
    detect,
    hang_up,
    progressive,
    started,
)
from tests.integration.dialer.test_calls import answered, call, post, status

__all__ = ["at", "call", "progressive"]  # fixtures

Jobs = list[tuple[str, dict[str, Any]]]


@pytest.fixture(autouse=True)
def _hints(sent_jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Collect hints as they are given: no transaction of a test commits."""
    monkeypatch.setattr(jobs, "enqueue_on_commit", lambda name, **ids: sent_jobs.append((name, ids)))


@pytest.fixture
def leaving(progressive: World, now: datetime) -> World:
    """Return the world with a campaign that dials by itself and leaves a message on machines that beep."""
    version = sales_voicemail(now)
    Campaign.objects.update(machine_detection="message", machine_sample_percent=0, voicemail_message=version)
    progressive.campaign.refresh_from_db()
    return progressive


@pytest.fixture
def with_message(world: World, now: datetime) -> MessageVersion:
    """Give the preview campaign a message its reps may leave."""
    version = sales_voicemail(now)
    Campaign.objects.update(voicemail_message=version)
    return version


@pytest.fixture
def agreed(now: datetime) -> None:
    """Give the person's written consent to recordings."""
    agree_to_be_called("+14075550123", now=now)


def work(sent_jobs: Jobs, now: datetime) -> None:
    """Run the tasks that wait, but those that place calls."""
    todo = list(sent_jobs)
    sent_jobs.clear()
    for name, ids in todo:
        if name == names.PLAY_MESSAGE:
            voicemail.play(drop_id=ids["drop_id"], now=now)
        elif name == names.ROUTE_CALL:
            answering.route(call_id=ids["call_id"], now=now)
        elif name == names.CONTROL_CALL:
            controls.control(**ids)


def heard_out(call: Call) -> str:
    """Let the carrier ask what comes behind the message; return what it is told."""
    return str(post(message_url(call.attempt_id), status(call, "in-progress", 5)).content.decode())


def to_the_beep(world: World, at: Clock, now: datetime, word: str = "machine_end_beep") -> Call:
    """Let a machine answer and its greeting end after 12 seconds."""
    sign_on(world, now=now)
    call = started(world, now)
    at(8)
    answer(call)
    at(20)
    detect(call, word, ms=12_000)
    return call


def test_at_the_beep_the_message_is_cleared_by_itself_and_played(
    leaving: World, carrier: FakeCarrier, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    call = to_the_beep(leaving, at, now)
    work(sent_jobs, at(20.2))

    drop = VoicemailDrop.objects.get()
    call.refresh_from_db()
    verdict = ComplianceDecision.objects.get(id=drop.decision_id)
    [(ref, plan)] = carrier.redirected
    assert carrier.placed[0].detection is Detection.MESSAGE_END
    assert ref == call.carrier_ref
    assert isinstance(plan, LeaveMessage)
    assert plan.audio_url.endswith(f"{drop.version_id}.wav")
    assert (drop.state, drop.began_at, drop.asked_by_id) == ("playing", now + timedelta(seconds=20.2), None)
    assert (call.state, call.message_played, call.session_id) == ("leaving_message", drop.version_id, None)
    assert (verdict.channel, verdict.outcome, verdict.attempt_ref) == (
        "prerec",
        "allow",
        str(call.attempt_id),
    )
    assert OpenClearance.objects.get(decision_id=drop.decision_id).consumed_at is not None


def test_with_a_pool_the_message_is_cleared_for_the_number_the_call_showed(
    leaving: World, carrier: FakeCarrier, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    CallerNumber.objects.create(number="+13055550100", label="Miami")
    give_papers(now, caller_id="+13055550100")
    made = pools.create_pool(spec=PoolSpec(name="Florida"), by_name="mia", now=now)
    pools.add_number(pool_id=made, number="+13055550100", by_name="mia", now=now)
    Campaign.objects.update(caller_pool_id=made)

    call = to_the_beep(leaving, at, now)
    work(sent_jobs, at(20.2))

    drop = VoicemailDrop.objects.get()
    assert call.caller_id == "+13055550100"
    assert (drop.state, drop.reason) == ("playing", "")
    assert OpenClearance.objects.get(decision_id=drop.decision_id).caller_id == "+13055550100"


def test_a_message_heard_to_its_end_disposes_of_the_call(
    leaving: World, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    call = to_the_beep(leaving, at, now)
    work(sent_jobs, at(20.2))

    at(29.2)
    said = heard_out(call)
    at(29.4)
    hang_up(call)

    drop = VoicemailDrop.objects.get()
    lead = CampaignLead.objects.get(pk=call.attempt.campaign_lead_id)
    outcome = ContactOutcome.objects.get(decision_id=drop.decision_id)
    assert "<Hangup/>" in said
    assert (drop.state, drop.ended_at) == ("played", now + timedelta(seconds=29.2))
    assert (call.disposition.code, call.answered_by, call.abandoned) == ("left_message", "machine", False)  # type: ignore[union-attr]
    assert (lead.state, lead.last_result, lead.attempts) == ("ready", "Left a message", 1)
    assert (outcome.connected, outcome.machine) == (True, True)
    assert AnsweredDay.objects.get().machines == 1


def test_a_call_that_ends_in_the_middle_leaves_no_message(
    leaving: World, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    call = to_the_beep(leaving, at, now)
    work(sent_jobs, at(20.2))

    at(23)
    hang_up(call)

    assert VoicemailDrop.objects.get().state == "cut_off"
    assert call.disposition.code == "machine"  # type: ignore[union-attr]


def test_a_lost_callback_is_told_by_the_length_of_the_call_and_mended_when_it_comes(
    leaving: World, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    call = to_the_beep(leaving, at, now)
    work(sent_jobs, at(20.2))

    at(29.4)
    hang_up(call)
    before = VoicemailDrop.objects.get().state
    heard_out(call)

    assert (before, VoicemailDrop.objects.get().state) == ("untold", "played")
    assert call.disposition.code == "left_message"  # type: ignore[union-attr]


def test_a_late_word_about_a_message_thought_cut_off_corrects_the_result(
    leaving: World, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    call = to_the_beep(leaving, at, now)
    work(sent_jobs, at(20.2))
    at(23)
    hang_up(call)

    heard_out(call)

    call.refresh_from_db()
    assert VoicemailDrop.objects.get().state == "played"
    assert call.disposition.code == "left_message"  # type: ignore[union-attr]


def test_repeats_change_nothing(
    leaving: World, carrier: FakeCarrier, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    call = to_the_beep(leaving, at, now)
    play = next(ids for name, ids in sent_jobs if name == names.PLAY_MESSAGE)
    work(sent_jobs, at(20.2))

    voicemail.play(**play, now=at(20.4))
    detect(call, "machine_end_beep", ms=12_000)
    heard_out(call)
    again = heard_out(call)

    assert len(carrier.redirected) == 1
    assert VoicemailDrop.objects.get().state == "played"
    assert "<Hangup/>" in again
    assert CallEvent.objects.filter(event="message_began").count() == 1


def test_the_same_answer_asked_twice_is_the_same_message(
    leaving: World, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    call = to_the_beep(leaving, at, now)
    sent_jobs.clear()  # the task was lost: the call asks by itself when its wait is over

    first = post(waited_url(call.attempt_id), status(call, "in-progress", 4)).content.decode()
    second = post(waited_url(call.attempt_id), status(call, "in-progress", 4)).content.decode()

    assert first == second
    assert "<Play>" in first
    assert VoicemailDrop.objects.get().state == "playing"


def test_a_message_retired_after_it_was_cleared_is_not_played(
    leaving: World, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    call = to_the_beep(leaving, at, now)
    MessageVersion.objects.filter(message__kind="voicemail").update(
        state="retired", decided_at=now, decided_by="nil"
    )

    said = post(waited_url(call.attempt_id), status(call, "in-progress", 4)).content.decode()
    hang_up(call)

    assert "<Hangup/>" in said
    assert VoicemailDrop.objects.get().state == "not_played"
    assert call.message_played is None


@pytest.mark.parametrize("word", ["machine_end_silence", "machine_end_other"])
def test_without_a_beep_nothing_is_left(
    word: str, leaving: World, carrier: FakeCarrier, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    call = to_the_beep(leaving, at, now, word)
    work(sent_jobs, at(20.2))

    assert not VoicemailDrop.objects.exists()
    assert "HangUp" in repr(carrier.redirected[0][1])
    assert call.answered_by == "machine"


def test_a_machine_met_by_a_sampling_agent_is_left_to_the_agent(
    leaving: World, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    Campaign.objects.update(machine_sample_percent=100)

    call = to_the_beep(leaving, at, now)
    work(sent_jobs, at(20.2))

    call.refresh_from_db()
    assert not VoicemailDrop.objects.exists()
    assert call.agent_id == leaving.ana.pk


def test_a_greeting_that_never_ends_is_hung_up_on(leaving: World, now: datetime, at: Clock) -> None:
    sign_on(leaving, now=now)
    call = started(leaving, now)

    at(8)
    first = answer(call)
    at(38.1)
    last = post(waited_url(call.attempt_id), status(call, "in-progress", 4)).content.decode()
    hang_up(call)

    assert '<Pause length="30"/>' in first
    assert "<Hangup/>" in last
    assert not VoicemailDrop.objects.exists()
    assert (call.answered_by, call.machine_verdict) == ("machine", "greeting never ended")
    assert (call.abandoned, call.disposition.code) == (False, "machine")  # type: ignore[union-attr]


@pytest.mark.parametrize(("ms", "party"), [(29_500, "machine"), (5_000, "unknown")])
def test_what_speaks_until_detection_gives_up_is_a_machine_and_what_is_silent_may_be_a_person(
    ms: int, party: str, leaving: World, now: datetime, at: Clock
) -> None:
    sign_on(leaving, now=now)
    call = started(leaving, now)
    at(8)
    answer(call)

    detect(call, "unknown", ms=ms)

    assert call.answered_by == party


def test_a_person_is_connected_as_fast_as_ever(
    leaving: World, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    session = sign_on(leaving, now=now)
    call = started(leaving, now)
    at(8)
    answer(call)

    at(9.5)
    detect(call, "human", ms=1500)
    work(sent_jobs, at(9.6))

    call.refresh_from_db()
    assert (call.session_id, call.answered_by) == (session.pk, "person")
    assert not VoicemailDrop.objects.exists()


def test_without_consent_to_recordings_the_gate_refuses_and_the_call_ends_politely(
    leaving: World, carrier: FakeCarrier, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    CampaignLead.objects.all().delete()
    add_lead(leaving, "+14075550125")
    agree_to_be_called("+14075550125", now=now, channels=frozenset({Channel.LIVE_PREDICTIVE}))
    sign_on(leaving, now=now)
    call = started(leaving, now)
    at(8)
    answer(call)

    at(20)
    detect(call, "machine_end_beep", ms=12_000)
    work(sent_jobs, at(20.2))

    drop = VoicemailDrop.objects.get()
    assert (drop.state, drop.code) == ("refused", "CONSENT_PEWC")
    assert ComplianceDecision.objects.get(id=drop.decision_id).code == "CONSENT_PEWC"
    assert "HangUp" in repr(carrier.redirected[0][1])


def test_a_message_retired_meanwhile_is_refused_by_the_gate(
    leaving: World, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    sign_on(leaving, now=now)
    call = started(leaving, now)
    MessageVersion.objects.filter(message__kind="voicemail").update(
        state="retired", decided_at=now, decided_by="nil"
    )
    at(8)
    answer(call)

    detect(call, "machine_end_beep", ms=12_000)

    assert VoicemailDrop.objects.get().code == "MSG_MISSING"


def test_a_message_left_is_no_second_attempt_but_counts_as_a_recording(
    leaving: World, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    call = to_the_beep(leaving, at, now)

    rows = list(ContactLedger.objects.filter(attempt_ref=str(call.attempt_id)).order_by("id"))

    assert [(row.channel, row.caller_id) for row in rows] == [
        ("live_predictive", call.caller_id),
        ("prerec", ""),
    ]


def test_the_last_call_a_cap_allows_may_leave_a_message_and_the_next_call_is_refused(
    leaving: World, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    """ST-003 allows three attempts in 24 hours: the third call and its message are one."""
    for hours in (3, 2):
        before = now - timedelta(hours=hours)
        cleared = clear_number("+14075550123", now=before)
        with db.use_case():
            gate.consume_clearance(decision_id=cleared, bound=bound_of(cleared), now=before)

    call = to_the_beep(leaving, at, now)
    with pytest.raises(AssertionError, match="tried 3 times in the last 24 hours"):
        clear_number(call.number, now=at(60))

    assert VoicemailDrop.objects.get().state == "asked"


def test_a_key_pressed_in_the_message_means_a_person_and_takes_them_off_the_list(
    leaving: World, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    call = to_the_beep(leaving, at, now)
    work(sent_jobs, at(20.2))

    at(23)
    said = post(keys_url(call.attempt_id), {**status(call, "in-progress", 5), "Digits": "9"}).content.decode()
    hang_up(call)

    drop = VoicemailDrop.objects.get()
    assert "taken off our list" in said
    assert (drop.state, drop.reason) == ("cut_off", "Key 9 was pressed: a person is there.")
    assert Suppression.objects.filter(number=call.number).exists()
    assert (call.agent_heard, call.abandoned) == ("person", True)
    assert AnsweredDay.objects.get().abandoned == 1


def test_a_request_not_to_be_called_ends_a_message_in_mid_sentence(
    leaving: World, carrier: FakeCarrier, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    call = to_the_beep(leaving, at, now)
    work(sent_jobs, at(20.2))

    with db.use_case():
        cancelling.cancel_unanswered(
            numbers=[call.number], seller="", campaign_id=None, reason="asked", actor="gate", now=at(21)
        )
    work(sent_jobs, at(21))

    assert carrier.hung_up == [call.carrier_ref]


def test_a_lost_task_is_found_by_the_sweeper_and_given_up_in_time(
    leaving: World, carrier: FakeCarrier, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    to_the_beep(leaving, at, now)
    sent_jobs.clear()
    carrier.fail_next = CarrierError("timeout", kind="unknown")

    voicemail.sweep(now=at(26))
    first = VoicemailDrop.objects.get().state
    voicemail.sweep(now=at(36))
    work(sent_jobs, at(36))

    assert (first, VoicemailDrop.objects.get().state) == ("asked", "not_played")
    assert "HangUp" in repr(carrier.redirected[-1][1])


def test_a_message_that_never_ends_is_ended(
    leaving: World, carrier: FakeCarrier, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    call = to_the_beep(leaving, at, now)
    work(sent_jobs, at(20.2))

    early = voicemail.sweep(now=at(40))
    late = voicemail.sweep(now=at(44))

    assert (early, late) == (0, 1)
    assert carrier.hung_up == [call.carrier_ref]


def test_a_call_that_leaves_a_message_does_not_hold_back_the_next(
    leaving: World, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    to_the_beep(leaving, at, now)
    before = selectors.unclaimed_calls(leaving.campaign.pk)

    work(sent_jobs, at(20.2))

    assert (before, selectors.unclaimed_calls(leaving.campaign.pk)) == (1, 0)


@pytest.mark.parametrize("state", ["asked", "playing"])
def test_the_database_lets_no_message_stand_without_a_clearance_for_a_recording(
    state: str, leaving: World, now: datetime
) -> None:
    sign_on(leaving, now=now)
    call = started(leaving, now)

    with pytest.raises(IntegrityError), transaction.atomic():
        VoicemailDrop.objects.create(
            call=call,
            campaign_id=call.campaign_id,
            version_id=call.attempt_id,
            seconds=8,
            decision_id=call.attempt.decision_id,
            state=state,
            asked_at=now,
        )


def test_the_rep_leaves_a_message_and_has_the_next_card_once_the_carrier_plays_it(
    call: Call,
    with_message: MessageVersion,
    agreed: None,
    world: World,
    carrier: FakeCarrier,
    now: datetime,
    sent_jobs: Jobs,
) -> None:
    answered(call, now)
    add_lead(world, "+14075550124")
    sent_jobs.clear()

    said = voicemail.leave(user_id=world.ana.pk, call_id=call.pk, now=now)
    session = AgentSession.objects.get()
    before = (session.state, session.call_id, session.reason)
    work(sent_jobs, now)

    session.refresh_from_db()
    call.refresh_from_db()
    drop = VoicemailDrop.objects.get()
    lead = CampaignLead.objects.get(pk=call.attempt.campaign_lead_id)
    assert said is None
    assert before == ("on_call", call.pk, "Leaving the message …")
    assert (drop.state, drop.asked_by_id, drop.version_id) == ("playing", world.ana.pk, with_message.pk)
    assert (call.state, call.agent_heard, call.agent_id) == ("leaving_message", "machine", world.ana.pk)
    assert (session.state, session.call_id) == ("preview", None)
    assert session.campaign_lead_id not in (None, lead.pk)
    assert (lead.state, lead.held_by_id) == ("held", None)


def test_the_result_of_a_reps_message_is_saved_by_itself(
    call: Call, with_message: MessageVersion, agreed: None, world: World, now: datetime, sent_jobs: Jobs
) -> None:
    answered(call, now)
    voicemail.leave(user_id=world.ana.pk, call_id=call.pk, now=now)
    work(sent_jobs, now)

    heard_out(call)
    post(call_callbacks(call.attempt_id).status_url, status(call, "completed", 9, CallDuration="21"))
    calls.sweep_webhooks(now=clock.now() + timedelta(minutes=1))

    call.refresh_from_db()
    lead = CampaignLead.objects.get(pk=call.attempt.campaign_lead_id)
    session = AgentSession.objects.get()
    assert call.disposition.code == "left_message"  # type: ignore[union-attr]
    assert (lead.state, lead.last_result, lead.attempts) == ("ready", "Left a message", 1)
    assert session.state == "ready"


def test_a_late_join_after_the_message_began_brings_nobody_back(
    call: Call, with_message: MessageVersion, agreed: None, world: World, now: datetime, sent_jobs: Jobs
) -> None:
    answered(call, now)
    voicemail.leave(user_id=world.ana.pk, call_id=call.pk, now=now)
    work(sent_jobs, now)

    answered(call, now)

    call.refresh_from_db()
    assert call.state == "leaving_message"


def test_the_gates_sentence_is_told_to_the_rep_who_keeps_the_call(
    call: Call, with_message: MessageVersion, world: World, now: datetime, sent_jobs: Jobs
) -> None:
    answered(call, now)

    said = voicemail.leave(user_id=world.ana.pk, call_id=call.pk, now=now)

    session = AgentSession.objects.get()
    call.refresh_from_db()
    assert said is not None
    assert said.startswith("No message left: ")
    assert (session.state, session.call_id) == ("on_call", call.pk)
    assert (call.state, VoicemailDrop.objects.get().state) == ("connected", "refused")


def test_the_rep_keeps_the_call_when_the_carrier_refuses(
    call: Call,
    with_message: MessageVersion,
    agreed: None,
    world: World,
    carrier: FakeCarrier,
    now: datetime,
    sent_jobs: Jobs,
) -> None:
    answered(call, now)
    voicemail.leave(user_id=world.ana.pk, call_id=call.pk, now=now)
    carrier.fail_next = CarrierError("too many requests", kind="retryable")

    work(sent_jobs, now)
    failed = AgentSession.objects.get().reason
    voicemail.leave(user_id=world.ana.pk, call_id=call.pk, now=now)

    assert failed.startswith("The message was not left.")
    assert sorted(VoicemailDrop.objects.values_list("state", flat=True)) == ["asked", "not_played"]


def test_a_second_press_does_nothing(
    call: Call, with_message: MessageVersion, agreed: None, world: World, now: datetime, sent_jobs: Jobs
) -> None:
    answered(call, now)
    voicemail.leave(user_id=world.ana.pk, call_id=call.pk, now=now)

    with pytest.raises(states.NotAllowed):
        voicemail.leave(user_id=world.ana.pk, call_id=call.pk, now=now)
    work(sent_jobs, now)
    with pytest.raises(states.NotAllowed):
        voicemail.leave(user_id=world.ana.pk, call_id=call.pk, now=now)

    assert VoicemailDrop.objects.count() == 1


def test_a_press_meant_for_an_earlier_call_leaves_nothing_on_the_next(
    call: Call, with_message: MessageVersion, agreed: None, world: World, now: datetime
) -> None:
    answered(call, now)

    with pytest.raises(states.NotAllowed):
        voicemail.leave(user_id=world.ana.pk, call_id=call.pk - 1, now=now)

    assert not VoicemailDrop.objects.exists()


def test_a_call_that_ended_before_the_message_began_is_the_reps_to_dispose_of(
    call: Call, with_message: MessageVersion, agreed: None, world: World, now: datetime, sent_jobs: Jobs
) -> None:
    answered(call, now)
    voicemail.leave(user_id=world.ana.pk, call_id=call.pk, now=now)
    waiting = list(sent_jobs)

    post(call_callbacks(call.attempt_id).status_url, status(call, "completed", 9, CallDuration="21"))
    calls.sweep_webhooks(now=clock.now() + timedelta(minutes=1))
    sent_jobs[:] = waiting
    work(sent_jobs, now)

    session = AgentSession.objects.get()
    assert VoicemailDrop.objects.get().state == "not_played"
    assert (session.state, session.call_id) == ("wrap_up", call.pk)


def test_nothing_is_left_without_a_message(call: Call, world: World, now: datetime) -> None:
    answered(call, now)

    with pytest.raises(states.NotAllowed, match="no voicemail message"):
        voicemail.leave(user_id=world.ana.pk, call_id=call.pk, now=now)


def test_the_rep_chooses_which_message_the_key_leaves(
    call: Call, with_message: MessageVersion, agreed: None, world: World, now: datetime, sent_jobs: Jobs
) -> None:
    Campaign.objects.update(personal_voicemail=True)
    older = sales_voicemail(now, name="Ana, short", owner=world.ana)
    sales_voicemail(now + timedelta(seconds=1), name="Ana, long", owner=world.ana)
    answered(call, now)

    voicemail.choose(user_id=world.ana.pk, version_id=older.pk, now=now)
    voicemail.leave(user_id=world.ana.pk, call_id=call.pk, now=now)

    assert VoicemailDrop.objects.get().version_id == older.pk
    with pytest.raises(states.NotAllowed):
        voicemail.choose(user_id=world.ana.pk, version_id=call.attempt_id, now=now)


def test_variants_are_left_in_turn_the_same_for_the_same_call(leaving: World, now: datetime) -> None:
    second = sales_voicemail(now, name="Heat pumps, short")
    leaving.campaign.voicemail_variants.add(second)

    picked = [voicemails.pick(leaving.campaign, call=UUID(int=index)) for index in range(4)]

    found = [each.version_id for each in picked if each]
    assert found[:2] == found[2:]
    assert len(set(found)) == 2


@pytest.mark.parametrize("attempt", ["00000000-0000-4000-8000-000000000000"])
def test_word_of_a_message_on_a_call_nobody_knows_is_kept_and_changes_nothing(
    attempt: str, world: World, now: datetime
) -> None:
    said = post(message_url(UUID(attempt)), {"CallSid": "CA1", "CallStatus": "in-progress"})

    assert "<Hangup/>" in said.content.decode()
    assert CarrierInbox.objects.get().outcome == "unknown"


def test_word_of_a_message_with_a_wrong_signature_has_no_effect(
    leaving: World, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    call = to_the_beep(leaving, at, now)
    work(sent_jobs, at(20.2))

    refused = post(message_url(call.attempt_id), status(call, "in-progress", 5), token="wrong")

    assert refused.status_code == 403
    assert VoicemailDrop.objects.get().state == "playing"


def test_word_of_a_message_on_a_call_without_one_is_unknown(call: Call, now: datetime) -> None:
    answered(call, now)

    heard_out(call)

    assert CarrierInbox.objects.order_by("-id")[0].outcome == "unknown"
