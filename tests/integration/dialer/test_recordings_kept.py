"""What the carrier tells of a recording, and its sound: stored with a hash, kept as long as a rule says, held, deleted everywhere."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from carriers.protocol import CarrierError
from core import clock
from dialer.models import Call, CallRecording, RecordingDeletion, RecordingEvent
from dialer.services import calls
from dialer.services.recordings import acting, keeping, rules, starting, storing, wishes
from dialer.urls_out import notice_url, recording_status_url
from tests.factories.world import World
from tests.fakes.recorder import FakeRecorder
from tests.integration.dialer.recording_kit import (
    ask,
    call,
    over,
    record_all,
    recorder,
    run,
    sound,
    store,
    stored,
    talking,
)
from tests.integration.dialer.test_calls import answered, ended, post

__all__ = ["call", "recorder", "store"]


# -- the carrier's webhook --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("repeats", [1, 2])
def test_the_end_is_applied_once_however_often_it_comes(
    call: Call, world: World, recorder: FakeRecorder, now: datetime, repeats: int
) -> None:
    record_all(world, now)
    recording = talking(call, now)

    for _ in range(repeats):
        over(call, recording, recorder, now)

    assert (recording.state, recording.sound, recording.duration_seconds) == ("stopped", "waiting", 61)
    assert RecordingEvent.objects.filter(recording=recording, event="ended", ignored=False).count() == 1


def test_a_webhook_about_another_recording_changes_nothing(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    recording = talking(call, now)

    post(recording_status_url(call.attempt_id), {"RecordingSid": "REother", "RecordingStatus": "completed"})
    calls.sweep_webhooks(now=now + timedelta(minutes=1))
    recording.refresh_from_db()

    assert recording.state == "recording"


def test_a_recording_that_was_given_up_and_began_all_the_same_is_deleted(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    recorder.lose_answer = True
    talking(call, now, notice=False)
    late = next(iter(recorder.recordings.values()))
    recorder.recordings.clear()
    acting.sweep(now=now + timedelta(minutes=2))
    recording = CallRecording.objects.get(call=call)
    given_up = recording.state
    recorder.recordings[late.ref] = late

    post(recording_status_url(call.attempt_id), {"RecordingSid": late.ref, "RecordingStatus": "in-progress"})
    calls.sweep_webhooks(now=now + timedelta(minutes=3))
    run(now + timedelta(minutes=3))
    recording.refresh_from_db()

    assert (given_up, recording.state) == ("failed", "skipped")
    assert recorder.recordings == {}
    assert recording.reason == "The carrier has no recording of this call."


def test_an_unsigned_webhook_has_no_effect(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    recording = talking(call, now)
    form = {"RecordingSid": str(recording.carrier_ref), "RecordingStatus": "completed"}

    answer = post(recording_status_url(call.attempt_id), form, token="wrong")
    calls.sweep_webhooks(now=now + timedelta(minutes=1))
    recording.refresh_from_db()

    assert (answer.status_code, recording.state) == (403, "recording")


def test_the_notice_is_the_same_document_whatever_the_state_and_is_signed_for(call: Call) -> None:
    first, second = (post(notice_url(call.attempt_id), {"ConferenceSid": "CF1"}) for _ in range(2))

    assert first.content == second.content
    assert b"<Say>This call is recorded" in first.content
    assert post(notice_url(call.attempt_id), {"ConferenceSid": "CF1"}, token="wrong").status_code == 403


def test_an_end_whose_webhook_is_lost_is_found_by_asking(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    recording = talking(call, now)
    ended(call, now)
    recorder.end(str(recording.carrier_ref))

    acting.sweep(now=now + timedelta(minutes=5))
    recording.refresh_from_db()

    assert recording.state == "stopped"


# -- storing and keeping ----------------------------------------------------------------------------------------------


def test_the_sound_is_stored_privately_with_its_hash_and_a_picture_of_each_channel(
    call: Call, world: World, recorder: FakeRecorder, now: datetime, store: Path
) -> None:
    record_all(world, now)

    recording = stored(call, world, recorder, now)

    path = store / recording.file_name
    assert path.read_bytes() == recorder.sound
    assert path.stat().st_mode & 0o077 == 0
    assert len(recording.sha256) == 64
    assert [max(channel) for channel in recording.peaks or ()] == [50, 12]


def test_sound_the_carrier_does_not_have_is_asked_for_again_and_then_marked_missing(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    recording = talking(call, now)
    over(call, recording, recorder, now)
    recorder.sound = b""

    later = now + timedelta(minutes=3)
    for _ in range(storing.MOST_TRIES):
        storing.sweep(now=later)
        later += timedelta(hours=7)
    recording.refresh_from_db()
    missing = recording.sound
    recorder.sound = sound(1)
    storing.fetch_again(recording_id=recording.pk, by="nil", now=later)
    storing.sweep(now=later)
    recording.refresh_from_db()

    assert (missing, recording.sound) == ("missing", "here")


@pytest.mark.parametrize(
    ("keep_days", "days", "gone"), [(None, 80, False), (None, 95, True), (30, 29, False), (30, 31, True)]
)
def test_priv_005_sound_is_deleted_here_and_at_the_carrier_when_its_time_is_over(
    call: Call,
    world: World,
    recorder: FakeRecorder,
    now: datetime,
    keep_days: int | None,
    days: int,
    gone: bool,
) -> None:
    record_all(world, now, keep_days=keep_days)
    recording = stored(call, world, recorder, now)

    keeping.sweep(now=now + timedelta(days=days))
    recording.refresh_from_db()

    assert (recording.sound == "deleted") is gone
    assert (recorder.recordings == {}) is gone
    if gone:
        row = RecordingDeletion.objects.get(recording=recording)
        assert (row.rule, row.sha256) == ("HOUSE" if keep_days else "PRIV-005", recording.sha256)


def test_priv_002_t3_a_legal_hold_wins_over_every_rule_and_request(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now, keep_days=1)
    recording = stored(call, world, recorder, now)
    keeping.hold(recording_id=recording.pk, reason="Complaint 42", by="nil", now=now)

    keeping.sweep(now=now + timedelta(days=4000))
    with pytest.raises(keeping.KeepingRefused):
        keeping.delete_now(recording_id=recording.pk, reason="They asked us to", by="nil", now=now)
    with pytest.raises(wishes.NotPossible):
        ask(world, "skip", now)
    recording.refresh_from_db()
    held = recording.sound
    keeping.lift(recording_id=recording.pk, reason="Settled by letter", by="nil", now=now)
    keeping.sweep(now=now + timedelta(days=4000))
    recording.refresh_from_db()

    assert (held, recording.sound) == ("here", "deleted")


def test_regf_005_a_debt_call_is_kept_three_years_whatever_the_campaign_says(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now, keep_days=10)
    recording = stored(call, world, recorder, now)
    world.campaign.purpose = "debt"
    world.campaign.save(update_fields=["purpose"])

    keeping.sweep(now=now + timedelta(days=1000))
    with pytest.raises(keeping.KeepingRefused):
        keeping.delete_now(recording_id=recording.pk, reason="They asked us to", by="nil", now=now)
    recording.refresh_from_db()
    before = recording.sound
    keeping.sweep(now=now + timedelta(days=1200))
    recording.refresh_from_db()

    assert (before, recording.sound) == ("here", "deleted")


def test_a_carrier_that_refuses_to_delete_keeps_the_row_until_it_does(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now, keep_days=1)
    recording = stored(call, world, recorder, now)
    recorder.fail_next = CarrierError("busy", kind="retryable")

    keeping.sweep(now=now + timedelta(days=10))
    recording.refresh_from_db()
    before = recording.sound
    keeping.sweep(now=now + timedelta(days=11))
    recording.refresh_from_db()

    assert (before, recording.sound) == ("here", "deleted")


def test_a_rule_is_never_changed_afterwards(world: World, now: datetime) -> None:
    record_all(world, now, percent=10)
    record_all(world, now + timedelta(days=1), percent=20)

    found = [
        rules.rule_in_force(world.campaign.pk, at=now + timedelta(days=days)).percent for days in (-1, 0, 2)
    ]

    assert found == [0, 10, 20]


def test_the_house_rule_counts_where_a_campaign_has_none(world: World, now: datetime) -> None:
    record_all(world, now, campaign_id=None, percent=40)

    house = rules.rule_in_force(world.campaign.pk, at=now).percent
    record_all(world, now, percent=0)

    assert (house, rules.rule_in_force(world.campaign.pk, at=now).percent) == (40, 0)


def test_a_fault_in_deciding_connects_the_call_and_is_made_good_by_the_sweeper(
    call: Call, world: World, recorder: FakeRecorder, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(call: Call, now: datetime) -> None:
        raise RuntimeError("no rule can be read")

    record_all(world, now)
    with monkeypatch.context() as patched:
        patched.setattr(starting, "_decide", broken)
        answered(call, now)
    call.refresh_from_db()
    assert call.bridged_at is not None

    followed = starting.sweep(now=clock.now() + timedelta(minutes=2))

    assert followed == 1
    assert CallRecording.objects.get(call=call).state == "asked"


def test_pci_001_a_reason_keeps_no_card_number(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    recording = stored(call, world, recorder, now)

    keeping.hold(recording_id=recording.pk, reason="Paid with 4111 1111 1111 1111", by="nil", now=now)

    [hold] = recording.holds.all()
    assert "4111 1111" not in hold.reason
    assert hold.reason.endswith("1111")
