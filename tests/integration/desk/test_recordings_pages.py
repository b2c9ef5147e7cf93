"""Recordings through the pages: the desk's keys, who may listen, what the audit trail says, holds, rules."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from accounts.roles import Role
from core import clock
from core.evidence import Asked
from core.models import AuditEvent
from core.types import PhoneNumber
from dialer.evidence import sections
from dialer.models import Call, CallRecording
from dialer.services.recordings import keeping, listening
from tests.factories.world import World, person
from tests.fakes.recorder import FakeRecorder
from tests.integration.desk.test_desk_pages import post, signed_in
from tests.integration.dialer.recording_kit import call, record_all, recorder, run, store, stored, talking

__all__ = ["call", "recorder", "store"]


@pytest.fixture
def kept(call: Call, world: World, recorder: FakeRecorder, now: datetime) -> CallRecording:
    """Return a recording whose sound is stored."""
    record_all(world, now)
    return stored(call, world, recorder, now)


def test_the_desk_shows_what_the_carrier_confirmed_and_offers_the_keys(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    talking(call, now)
    ana = signed_in(world.ana)

    before = ana.get("/desk/").content.decode()
    answer = post(ana, "recording-pause")
    asked = ana.get("/desk/").content.decode()
    run(now)
    paused = ana.get("/desk/").content.decode()

    assert answer.status_code == 204
    assert 'data-state="recording"' in before
    assert 'data-key="e"' in before
    assert "Pause asked: take no card data yet" in asked
    assert "Recording goes on only when you press the key" in paused
    assert "recording-resume" in paused


def test_pci_004_the_card_step_opens_only_with_the_carriers_word_and_survives_a_reload(
    call: Call, world: World, recorder: FakeRecorder, now: datetime
) -> None:
    record_all(world, now)
    talking(call, now)
    ana = signed_in(world.ana)

    post(ana, "card-step")
    asked = ana.get("/desk/").content.decode()
    run(now)
    ready, again = (ana.get("/desk/").content.decode() for _ in range(2))

    assert "Take no card data yet" in asked
    assert "Card data may be taken now" in ready
    assert "Card data may be taken now" in again
    assert post(ana, "recording-resume").status_code == 409


def test_a_wish_without_a_call_is_refused_in_words(at_work: Any, world: World) -> None:
    answer = post(signed_in(world.ana), "recording-pause")

    assert (answer.status_code, answer.content.decode()) == (
        409,
        "There is no call. The page shows your state now.",
    )


def test_the_floor_tells_of_a_pause_that_has_lasted_long(
    call: Call, world: World, recorder: FakeRecorder, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_all(world, now)
    talking(call, now)
    post(signed_in(world.ana), "recording-pause")
    run(now)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=7))

    page = signed_in(world.sol).get("/floor/").content.decode()
    desk = signed_in(world.ana).get("/desk/").content.decode()

    assert "has been paused for" in page
    assert 'id="recording-long"' in desk


def heard_by(user: User, recording: CallRecording) -> int:
    """Return the answer to whoever asks for the beginning of the sound."""
    first = {"Range": "bytes=0-99"}
    return signed_in(user).get(f"/recordings/{recording.pk}/sound", headers=first).status_code


# -- who may listen ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listeners", "ana", "other", "sol", "mia", "nil"),
    [
        ("compliance", 404, 404, 404, 404, 200),
        ("supervisors", 404, 404, 200, 200, 200),
        ("agents", 200, 404, 200, 200, 200),
    ],
)
def test_the_campaigns_rule_says_who_may_listen(
    kept: CallRecording,
    world: World,
    now: datetime,
    listeners: str,
    ana: int,
    other: int,
    sol: int,
    mia: int,
    nil: int,
) -> None:
    record_all(world, now, listeners=listeners)
    people = [world.ana, person("otto", Role.AGENT), world.sol, world.mia, world.nil]

    pages = [signed_in(each).get(f"/recordings/{kept.pk}/").status_code for each in people]
    sounds = [heard_by(each, kept) for each in people]
    listed = [str(kept.pk) in signed_in(each).get("/recordings/").content.decode() for each in people]

    assert pages == [ana, other, sol, mia, nil]
    assert [each == 206 for each in sounds] == [each == 200 for each in pages]
    assert listed == [each == 200 for each in pages]


def test_people_without_the_permission_get_neither_page_nor_sound(kept: CallRecording) -> None:
    admin = signed_in(person("adam", Role.ADMIN))

    assert [
        admin.get(f"/recordings/{path}").status_code for path in ("", f"{kept.pk}/", f"{kept.pk}/sound")
    ] == [403] * 3


def test_each_listening_and_each_download_is_in_the_audit_trail(
    kept: CallRecording, world: World, recorder: FakeRecorder, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    mia = signed_in(world.mia)
    for part in ("bytes=0-", "bytes=1000-2000"):  # one listening, in two parts
        mia.get(f"/recordings/{kept.pk}/sound", headers={"Range": part})
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=1))
    mia.get(f"/recordings/{kept.pk}/sound", headers={"Range": "bytes=5000-"})

    answer: Any = mia.post(f"/recordings/{kept.pk}/download")

    rows = AuditEvent.objects.filter(target=f"recording:{kept.pk}", actor="mia").order_by("id")
    assert [row.verb for row in rows] == [listening.LISTENED, listening.LISTENED, listening.DOWNLOADED]
    assert b"".join(answer.streaming_content) == recorder.sound


def test_a_supervisor_may_listen_but_not_download(kept: CallRecording, world: World) -> None:
    sol = signed_in(world.sol)

    assert heard_by(world.sol, kept) == 206
    assert sol.post(f"/recordings/{kept.pk}/download").status_code == 403


def test_a_file_that_was_changed_is_given_to_nobody(kept: CallRecording, world: World, store: Path) -> None:
    (store / kept.file_name).write_bytes(b"RIFF another")

    answer = signed_in(world.mia).post(f"/recordings/{kept.pk}/download", follow=True)

    assert "is not the one that came from the carrier" in answer.content.decode()
    assert not AuditEvent.objects.filter(verb=listening.DOWNLOADED).exists()


def test_the_sound_comes_in_parts_and_is_never_kept_by_a_cache(
    kept: CallRecording, world: World, recorder: FakeRecorder
) -> None:
    sol = signed_in(world.sol)

    part = sol.get(f"/recordings/{kept.pk}/sound", headers={"Range": "bytes=10-19"})
    beyond = sol.get(f"/recordings/{kept.pk}/sound", headers={"Range": "bytes=99999999-"})

    assert (part.status_code, part.content) == (206, recorder.sound[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(recorder.sound)}"
    assert part.headers["Cache-Control"] == "private, no-store"
    assert beyond.status_code == 416


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, True),
        ({"number": "(407) 555-0123"}, True),
        ({"number": "407 555 0199"}, False),
        ({"number": "nonsense"}, False),
        ({"least": "3"}, True),
        ({"least": "4"}, False),
        ({"since": "2026-11-23", "until": "2026-11-23"}, True),
        ({"since": "2026-11-24"}, False),
        ({"shown": "held"}, False),
        ({"shown": "deleted"}, False),
        ({"before": "x", "agent": "x", "campaign": "99999"}, True),
    ],
)
def test_the_list_is_narrowed(kept: CallRecording, world: World, query: dict[str, str], found: bool) -> None:
    page = signed_in(world.sol).get("/recordings/", query).content.decode()

    assert (str(kept.pk) in page) is found


# -- holds, deletion, rules -------------------------------------------------------------------------------------------


def test_an_officer_holds_lifts_and_deletes_with_a_reason(
    kept: CallRecording, world: World, recorder: FakeRecorder
) -> None:
    nil = signed_in(world.nil)
    address = f"/recordings/{kept.pk}"

    short = nil.post(f"{address}/hold", {"reason": "no"}, follow=True).content.decode()
    held = nil.post(f"{address}/hold", {"reason": "Complaint 42"}, follow=True).content.decode()
    refused = nil.post(f"{address}/delete", {"reason": "They asked us"}, follow=True).content.decode()
    nil.post(f"{address}/lift", {"reason": "Settled by letter"})
    gone = nil.post(f"{address}/delete", {"reason": "They asked us"}, follow=True).content.decode()

    assert "Say why, in 5 to 300 characters" in short
    assert "Held by nil: Complaint 42" in held
    assert "A legal hold is on the recording" in refused
    assert "The sound is deleted, here and at the carrier." in gone
    assert recorder.recordings == {}
    verbs = (
        AuditEvent.objects.filter(target=f"recording:{kept.pk}").order_by("id").values_list("verb", flat=True)
    )
    assert list(verbs) == [f"dialer.recording.{what}" for what in ("held", "hold_lifted", "deleted")]


@pytest.mark.parametrize("action", ["hold", "lift", "delete", "fetch"])
def test_nobody_else_holds_or_deletes(kept: CallRecording, world: World, action: str) -> None:
    answer = signed_in(world.mia).post(f"/recordings/{kept.pk}/{action}", {"reason": "Because I can"})

    assert answer.status_code == 403


def test_unknown_recordings_are_not_found(world: World) -> None:
    address = "/recordings/00000000-0000-0000-0000-000000000000/"
    nil = signed_in(world.nil)

    assert nil.get(address).status_code == 404
    assert nil.get(f"{address}sound").status_code == 404
    assert nil.post(f"{address}hold", {"reason": "Complaint 42"}).status_code == 302


def test_a_manager_puts_a_rule_in_force_and_sees_those_before(world: World, now: datetime) -> None:
    mia = signed_in(world.mia)
    address = f"/recordings/rules/{world.campaign.pk}/"
    form = {"percent": "25", "listeners": "agents", "keep_days": "30", "reason": "Coaching of new agents"}

    bad = mia.post(address, {**form, "percent": "101"}).content.decode()
    page = mia.post(address, form, follow=True).content.decode()

    assert "less than or equal to 100" in bad
    assert "25 %" in page
    assert "Coaching of new agents" in page
    assert signed_in(world.sol).get(address).status_code == 403
    assert mia.get("/recordings/rules/999999/").status_code == 404


def test_an_evidence_pack_tells_of_recordings_without_their_sound(
    kept: CallRecording, world: World, now: datetime
) -> None:
    keeping.hold(recording_id=kept.pk, reason="Complaint 42", by="nil", now=now)

    [section] = [
        each for each in sections(Asked(number=PhoneNumber(kept.call.number))) if each.name == "recordings"
    ]
    [row] = list(section.rows)

    assert (row["sha256"], row["notice"], row["sound"]) == (kept.sha256, "heard", "here")
    assert row["holds"][0]["reason"] == "Complaint 42"
    assert [event["event"] for event in row["events"]][:2] == ["decided", "runs"]
    assert "file_name" not in row
