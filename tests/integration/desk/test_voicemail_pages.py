"""Leaving a message from the desk, the campaign's figures of it, and listening to what was played."""

from datetime import datetime, timedelta

import pytest

from campaigns.models import Campaign, MessageVersion
from core import clock
from dialer.models import Call, VoicemailDrop
from dialer.services import calls, voicemail
from dialer.urls_out import call_callbacks, message_url
from tests.factories.messages import sales_voicemail
from tests.factories.world import World, agree_to_be_called
from tests.integration.desk.test_desk_pages import signed_in
from tests.integration.dialer.test_calls import answered, call, post, status

__all__ = ["call"]


@pytest.fixture
def message(call: Call, now: datetime) -> MessageVersion:
    """Connect the call, and let its campaign have a message."""
    version = sales_voicemail(now)
    Campaign.objects.update(voicemail_message=version, started_at=now)
    answered(call, now)
    return version


def test_the_key_is_there_where_something_may_be_left(call: Call, world: World, now: datetime) -> None:
    answered(call, now)
    client = signed_in(world.ana)
    before = client.get("/desk/").content.decode()
    Campaign.objects.update(voicemail_message=sales_voicemail(now))

    after = client.get("/desk/").content.decode()

    assert 'data-key="v"' not in before
    assert 'data-key="v"' in after
    assert "voicemail-choice" not in after  # one message: nothing to choose


def test_a_press_that_the_gate_refuses_says_why(message: MessageVersion, call: Call, world: World) -> None:
    answer = signed_in(world.ana).post("/desk/act/voicemail", {"call": call.pk})

    assert answer.status_code == 204
    assert "No message left: " in answer.headers["HX-Trigger"]


@pytest.mark.parametrize(
    ("action", "posted", "expected"),
    [
        ("voicemail", {"call": "x"}, 409),
        ("voicemail", {}, 409),
        ("choose-voicemail", {"version": "no-uuid"}, 422),
        ("choose-voicemail", {"version": "00000000-0000-4000-8000-000000000000"}, 409),
        ("choose-voicemail", {"version": ""}, 204),
    ],
)
def test_hostile_input_is_answered_in_words(
    action: str, posted: dict[str, str], expected: int, message: MessageVersion, world: World
) -> None:
    answer = signed_in(world.ana).post(f"/desk/act/{action}", posted)

    assert answer.status_code == expected
    assert not VoicemailDrop.objects.exists()


def test_what_was_played_is_listened_to_from_the_calls_of_the_person(
    message: MessageVersion, call: Call, world: World, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree_to_be_called(call.number, now=now)
    voicemail.leave(user_id=world.ana.pk, call_id=call.pk, now=now)
    voicemail.play(drop_id=VoicemailDrop.objects.get().pk, now=now)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=9))
    post(message_url(call.attempt_id), status(call, "in-progress", 5))
    post(call_callbacks(call.attempt_id).status_url, status(call, "completed", 9, CallDuration="9"))
    calls.sweep_webhooks(now=now + timedelta(minutes=2))
    client = signed_in(world.mia)

    person = client.get(f"/contacts/{call.contact_id}/calls").content.decode()
    page = client.get(f"/calls/{call.pk}/message").content.decode()
    sound = client.get(f"/calls/{call.pk}/message.wav")
    figures = client.get(f"/campaigns/{call.campaign_id}/answers").content.decode()

    assert f"/calls/{call.pk}/message" in person
    assert "Heard to its end" in page
    assert "This is a sales call about heat pumps." in page
    assert message.audio is not None
    assert (sound.status_code, sound.content) == (200, bytes(message.audio.wav))
    assert "Heat pumps, version 1" in figures
    assert "100.0" in figures


@pytest.mark.parametrize("path", ["message", "message.wav"])
def test_a_call_on_which_nothing_was_played_has_no_such_page(path: str, call: Call, world: World) -> None:
    assert signed_in(world.mia).get(f"/calls/{call.pk}/{path}").status_code == 404
    assert signed_in(world.mia).get(f"/calls/999999/{path}").status_code == 404


def test_the_figures_tell_refusals_by_code(message: MessageVersion, call: Call, world: World) -> None:
    signed_in(world.ana).post("/desk/act/voicemail", {"call": call.pk})

    page = signed_in(world.mia).get(f"/campaigns/{call.campaign_id}/answers").content.decode()

    assert "CONSENT_PEWC" in page
