"""The recording of a call: begun with its notice, paused until a person ends the pause, skipped without a trace of sound."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import TestCase

from carriers.protocol import CarrierError
from carriers.recorder import AtCarrier
from core.models import AuditEvent
from dialer import jobs as names
from dialer.models import Call, CallRecording, RecordingDeletion, RecordingEvent
from dialer.recordflow import Notice
from dialer.services import calls
from dialer.services.recordings import acting, starting, storing, wishes
from dialer.urls_out import conference_events_url, notice_url
from tests.factories.world import World
from tests.fakes.recorder import FakeRecorder
from tests.integration.dialer.recording_kit import (
    ask,
    call,
    heard,
    over,
    record_all,
    recorder,
    run,
    store,
    talking,
    told,
)
from tests.integration.dialer.test_calls import answered, ended, post, session_of

__all__ = ["call", "recorder", "store"]


# -- beginning --------------------------------------------------------------------------------------------------------


def test_a_call_is_recorded_from_its_notice_on(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)

    recording = talking(call, now)

    assert recorder.kinds() == ["start", "announce"]
    assert recorder.announced == [(session_of(call).conference_name, notice_url(call.attempt_id))]
    assert (recording.state, recording.notice) == ("recording", Notice.HEARD)
    assert recording.notice_text.startswith("This call is recorded")
    assert recording.strictest == "all_party"


@pytest.mark.parametrize(
    ("percent", "reason"), [(0, "This campaign does not record."), (1, "not among the 1 %")]
)
def test_a_call_that_is_not_chosen_is_not_recorded_and_says_why(
    call: Call,
    world: World,
    recorder: FakeRecorder,
    now: datetime,
    percent: int,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record_all(world, now, percent=percent)
    monkeypatch.setattr("dialer.recordplan.is_chosen", lambda attempt, percent: False)

    recording = talking(call, now, notice=False)

    assert recording.state == "not_recorded"
    assert reason in recording.reason
    assert recorder.asked == []


def test_without_a_rule_nothing_is_recorded(call: Call, recorder: FakeRecorder, now: datetime) -> None:
    recording = talking(call, now, notice=False)

    assert (recording.state, recorder.asked) == ("not_recorded", [])


@pytest.mark.parametrize("how", ["carrier says so", "refused at once", "never heard of"])
def test_rec_001_a_recording_whose_notice_was_not_heard_is_not_kept(
    call: Call, world: World, recorder: FakeRecorder, now: datetime, how: str
) -> None:
    record_all(world, now)
    answered(call, now)
    if how == "refused at once":
        start = recorder.start

        def then_fail(*args: Any, **kwargs: Any) -> Any:
            found = start(*args, **kwargs)
            recorder.fail_next = CarrierError("no conference", kind="permanent", code=20404)
            return found

        recorder.start = then_fail  # type: ignore[method-assign]
    run(now)
    if how == "carrier says so":
        heard(call, now, "announcement-fail")
    elif how == "never heard of":
        acting.sweep(now=now + timedelta(minutes=2))
    run(now)

    recording = CallRecording.objects.get(call=call)
    assert recording.state == "skipped"
    assert recorder.recordings == {}
    assert recording.gone_at_carrier_at is not None


def test_a_campaign_that_asks_first_records_only_after_a_yes(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now, asks_first=True)

    waiting = talking(call, now, notice=False).state
    before = list(recorder.asked)
    ask(world, "agreed", now)

    assert (waiting, before) == ("waiting", [])
    assert recorder.kinds() == ["start", "announce"]


def test_a_lost_answer_is_looked_up_and_never_begun_twice(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    recorder.lose_answer = True
    answered(call, now)
    run(now)

    acting.sweep(now=now + timedelta(seconds=40))
    recording = CallRecording.objects.get(call=call)

    assert recorder.kinds().count("start") == 1
    assert recording.carrier_ref in recorder.recordings
    assert recording.state == "recording"


def test_a_refused_start_says_so(call: Call, world: World, recorder: FakeRecorder, now: datetime) -> None:
    record_all(world, now)
    recorder.fail_next = CarrierError("not eligible for recording", kind="permanent", code=21220)

    recording = talking(call, now, notice=False)

    assert recording.state == "failed"
    assert "not eligible" in recording.reason


# -- pausing ----------------------------------------------------------------------------------------------------------


def test_a_pause_is_shown_only_once_the_carrier_confirmed_it(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    recording = talking(call, now)

    wishes.ask(user_id=world.ana.pk, action="pause", now=now)
    recording.refresh_from_db()
    asked = recording.state
    run(now)
    recording.refresh_from_db()

    assert (asked, recording.state) == ("pausing", "paused")
    assert recorder.recordings[str(recording.carrier_ref)].state is AtCarrier.PAUSED


def test_a_pause_the_carrier_does_not_confirm_stays_asked_and_is_asked_again(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    recording = talking(call, now)
    recorder.fail_next = CarrierError("no answer", kind="unknown")

    ask(world, "pause", now)
    recording.refresh_from_db()
    before = recording.state
    acting.sweep(now=now + timedelta(minutes=1))
    recording.refresh_from_db()

    assert (before, recording.state) == ("pausing", "paused")


def test_nothing_but_a_person_ends_a_pause(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    recording = talking(call, now)
    ask(world, "pause", now)

    told(call, recording, "in-progress", now, RecordingStartTime="late")
    for event in ("participant-hold", "participant-unhold", "participant-join"):
        form = {"CallSid": str(call.carrier_ref), "StatusCallbackEvent": event, "SequenceNumber": event}
        post(conference_events_url(session_of(call).pk), form)
    calls.sweep_webhooks(now=now + timedelta(minutes=1))
    starting.follow(call_id=call.pk, now=now)
    acting.sweep(now=now + timedelta(hours=1))
    run(now)
    recording.refresh_from_db()

    assert recording.state == "paused"
    assert "resume" not in recorder.kinds()


def test_a_recording_that_runs_though_paused_is_paused_again(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    recording = talking(call, now)
    ask(world, "pause", now)
    recorder.set_paused(str(call.carrier_ref), str(recording.carrier_ref), False)

    acting.sweep(now=now + timedelta(minutes=1))
    run(now + timedelta(minutes=1))
    recording.refresh_from_db()

    assert recording.state == "paused"
    assert recorder.recordings[str(recording.carrier_ref)].state is AtCarrier.PAUSED


def test_a_long_pause_warns_once_and_stays(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    recording = talking(call, now)
    ask(world, "pause", now)
    version = session_of(call).version

    acting.sweep(now=now + timedelta(minutes=6))
    acting.sweep(now=now + timedelta(minutes=7))
    recording.refresh_from_db()

    assert recording.state == "paused"
    assert RecordingEvent.objects.filter(recording=recording, event="pause is long").count() == 1
    assert session_of(call).version == version + 1


# -- card data --------------------------------------------------------------------------------------------------------


def test_pci_004_card_data_may_be_taken_once_the_carrier_confirmed_the_pause(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    talking(call, now)

    before = wishes.card_capture(call_id=call.pk)
    wishes.open_card_step(user_id=world.ana.pk, now=now)
    asked = wishes.card_capture(call_id=call.pk)
    run(now)
    confirmed = wishes.card_capture(call_id=call.pk)

    assert [before.allowed, asked.allowed, confirmed.allowed] == [False, False, True]
    assert asked.code == "PCI_BLOCK"


def test_pci_004_t4_a_pause_that_fails_blocks_the_capture(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    talking(call, now)
    recorder.fail_next = CarrierError("busy", kind="retryable")

    wishes.open_card_step(user_id=world.ana.pk, now=now)
    run(now)

    assert wishes.card_capture(call_id=call.pk).code == "PCI_BLOCK"


def test_closing_the_card_step_leaves_the_pause_and_an_open_one_cannot_be_resumed(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    recording = talking(call, now)
    wishes.open_card_step(user_id=world.ana.pk, now=now)
    run(now)

    with pytest.raises(wishes.NotPossible):
        wishes.ask(user_id=world.ana.pk, action="resume", now=now)
    wishes.close_card_step(user_id=world.ana.pk, now=now)
    run(now)
    recording.refresh_from_db()
    still = recording.state
    ask(world, "resume", now)
    recording.refresh_from_db()

    assert (still, recording.state) == ("paused", "recording")


def test_card_data_on_a_call_that_is_not_recorded_needs_the_step_alone(
    call: Call, world: World, now: datetime
) -> None:
    talking(call, now, notice=False)

    wishes.open_card_step(user_id=world.ana.pk, now=now)

    assert wishes.card_capture(call_id=call.pk).allowed


# -- skipping and objecting -------------------------------------------------------------------------------------------


def test_skip_leaves_no_sound_at_the_carrier_nor_here(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    recording = talking(call, now)

    ask(world, "skip", now)
    ended(call, now)
    told(call, recording, "completed", now, RecordingDuration="61")
    storing.sweep(now=now + timedelta(hours=1))

    assert recorder.recordings == {}
    assert (recording.state, recording.sound, recording.skipped_by) == ("skipped", "deleted", "ana")
    assert RecordingDeletion.objects.get(recording=recording).rule == "skip"
    assert AuditEvent.objects.filter(verb="dialer.recording.skipped", actor="ana").exists()


def test_skip_is_repeated_until_the_carrier_has_deleted_it(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    recording = talking(call, now)
    recorder.fail_next = CarrierError("busy", kind="retryable")

    ask(world, "skip", now)
    recording.refresh_from_db()
    kept = recording.gone_at_carrier_at
    acting.sweep(now=now + timedelta(minutes=1))
    recording.refresh_from_db()

    assert kept is None
    assert recording.gone_at_carrier_at is not None
    assert recorder.recordings == {}


def test_skip_in_wrap_up_removes_the_stored_file(
    call: Call,
    world: World,
    recorder: FakeRecorder,
    now: datetime,
    store: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    record_all(world, now)
    recording = talking(call, now)
    over(call, recording, recorder, now)
    storing.fetch(recording_id=recording.pk, now=now + timedelta(minutes=3))
    assert list(store.rglob("*.wav"))

    with django_capture_on_commit_callbacks(execute=True):
        ask(world, "skip", now + timedelta(minutes=4))

    assert list(store.rglob("*.wav")) == []


def test_rec_002_an_objection_stops_the_recording_and_is_written_down(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    recording = talking(call, now)

    ask(world, "object", now)
    recording.refresh_from_db()

    assert recording.state == "stopped"
    assert AuditEvent.objects.filter(verb="dialer.recording.objected", actor="ana").exists()
    with pytest.raises(wishes.NotPossible):
        wishes.ask(user_id=world.ana.pk, action="resume", now=now)


@pytest.mark.parametrize(("asks_first", "is_hinted"), [(False, False), (True, True)])
def test_the_end_of_a_call_starts_a_task_only_where_a_recording_has_not_begun(
    asks_first: bool,
    is_hinted: bool,
    call: Call,
    world: World,
    recorder: FakeRecorder,
    now: datetime,
    sent_jobs: list[tuple[str, dict[str, object]]],
) -> None:
    record_all(world, now, asks_first=asks_first)
    talking(call, now, notice=not asks_first)
    sent_jobs.clear()

    with TestCase.captureOnCommitCallbacks(execute=True):
        ended(call, now)

    assert (names.FOLLOW_RECORDING in [name for name, _ in sent_jobs]) == is_hinted


def test_a_call_that_connects_is_decided_on_at_once(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now, percent=0)

    answered(call, now)

    assert CallRecording.objects.get(call=call).state == "not_recorded"


def test_a_fault_in_the_recordings_rules_keeps_nobody_from_being_connected(
    call: Call,
    recorder: FakeRecorder,
    now: datetime,
    sent_jobs: list[tuple[str, dict[str, object]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("dialer.recordplan.plan", broken)

    with TestCase.captureOnCommitCallbacks(execute=True):
        answered(call, now)

    call.refresh_from_db()
    assert (call.state, call.bridged_at is not None) == ("connected", True)
    assert not CallRecording.objects.filter(call=call).exists()
    assert (names.FOLLOW_RECORDING, {"call_id": call.pk}) in sent_jobs
