"""A message left on a machine, in a number's pack: which version, when, how far, under which verdict."""

from datetime import datetime, timedelta

import pytest

from campaigns.models import Campaign, CampaignLead
from core import clock
from dialer.models import VoicemailDrop
from dialer.services import calls, voicemail
from dialer.urls_out import call_callbacks, message_url
from tests.factories.messages import sales_voicemail
from tests.factories.world import World, agree_to_be_called
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.conftest import sign_on
from tests.integration.dialer.test_calls import answered, post, status
from tests.integration.dialer.test_dialing import dial, place
from tests.integration.evidence.conftest import NUMBER, data_of, make
from tests.integration.evidence.test_packs import text_of
from tests.unit.campaigns.test_message_judging import SALES_VOICEMAIL

pytestmark = pytest.mark.django_db


@pytest.fixture
def left(
    world: World, lead: CampaignLead, carrier: FakeCarrier, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> VoicemailDrop:
    """Ana leaves a message on the machine of the number, heard to its end."""
    moment = now + timedelta(seconds=5)
    monkeypatch.setattr(clock, "now", lambda: moment)
    Campaign.objects.update(voicemail_message=sales_voicemail(now))
    agree_to_be_called(NUMBER, now=now)
    sign_on(world, now=now)
    call = dial(world, now)
    place(call, now)
    call.refresh_from_db()
    answered(call, now)
    voicemail.leave(user_id=world.ana.pk, call_id=call.pk, now=moment)
    drop = VoicemailDrop.objects.get()
    voicemail.play(drop_id=drop.pk, now=moment)
    moment = now + timedelta(seconds=13)
    post(message_url(call.attempt_id), status(call, "in-progress", 5))
    post(call_callbacks(call.attempt_id).status_url, status(call, "completed", 9, CallDuration="14"))
    calls.sweep_webhooks(now=moment + timedelta(minutes=1))
    drop.refresh_from_db()
    return drop


def test_the_pack_says_which_version_when_and_under_which_verdict(left: VoicemailDrop, now: datetime) -> None:
    made = make(now + timedelta(hours=1))

    data = data_of(made.path)
    [attempt] = data["sections"]["attempts"]
    [message] = attempt["call"]["messages"]
    verdict = next(row for row in data["sections"]["verdicts"] if row["id"] == left.decision_id)
    assert (message["state"], message["began_at"]) == ("played", "2026-11-23T16:00:05.000Z")
    assert message["message"]["words"] == SALES_VOICEMAIL.transcript
    assert len(message["message"]["sha256"]) == 64
    assert (verdict["channel"], verdict["outcome"]) == ("prerec", "allow")
    assert verdict["attempt_ref"] == attempt["id"]


def test_the_document_counts_one_attempt_and_one_message(left: VoicemailDrop, now: datetime) -> None:
    made = make(now + timedelta(hours=1))

    text = text_of(made.path)
    assert "1 attempt, 0 refused, 1 call placed, 1 message left on machines" in text
    assert "“Heat pumps, version 1” was left, heard to its end, played from 16:00:05 to 16:00:13" in text
