"""The word that a message was played to its end comes after the call was logged: the CRM's one record of the call is corrected."""

from datetime import datetime
from typing import Any

import pytest

from core.models import OutboxMessage
from crm_sync.handlers import on_call_logged
from crm_sync.models import SyncQueueItem
from crm_sync.services import pushing
from dialer.models import Call
from tests.factories.world import World
from tests.fakes.carrier import FakeCarrier
from tests.fakes.crm import FakeAccount
from tests.integration.crm_sync.conftest import make_connection
from tests.integration.dialer.test_answering import Clock, at, hang_up, progressive
from tests.integration.dialer.test_voicemail import Jobs, _hints, heard_out, leaving, to_the_beep, work

__all__ = ["_hints", "at", "leaving", "progressive"]  # fixtures


@pytest.fixture
def cut_off(leaving: World, carrier: FakeCarrier, now: datetime, at: Clock, sent_jobs: Jobs) -> Call:
    """Return an ended call that was logged as a machine's, its message thought cut off."""
    call = to_the_beep(leaving, at, now)
    work(sent_jobs, at(20.2))
    at(23)
    hang_up(call)
    return call


def logged() -> list[dict[str, Any]]:
    rows = OutboxMessage.objects.filter(topic="dialer.call.logged").order_by("id")
    return [message.payload for message in rows]


def test_the_corrected_result_is_told_once(cut_off: Call) -> None:
    heard_out(cut_off)
    heard_out(cut_off)

    told = [(each["version"], each["disposition_code"]) for each in logged()]
    assert told == [(1, "machine"), (2, "left_message")]


def test_the_crm_updates_its_record_of_the_call(cut_off: Call, at: Clock) -> None:
    connection, crm = make_connection(), FakeAccount()
    ref = f"{connection.kind}:{connection.pk}:00Q1"

    def relay(payload: dict[str, Any], seconds: float) -> None:
        on_call_logged({**payload, "contact_ref": ref}, at(seconds))
        pushing.push_due(clock=lambda: at(seconds), connect=crm.connect)

    relay(logged()[0], 24)
    before = SyncQueueItem.objects.get().sent_version
    heard_out(cut_off)
    relay(logged()[1], 30)

    item = SyncQueueItem.objects.get()
    [(_, activity)] = crm.calls.values()
    assert (before, item.sent_version, item.state) == (1, 2, "done")
    assert len(crm.writes) == 2
    assert "Left a message" in str(activity)


def test_a_word_that_changes_nothing_is_not_told(
    leaving: World, carrier: FakeCarrier, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    call = to_the_beep(leaving, at, now)
    work(sent_jobs, at(20.2))
    at(29.4)
    hang_up(call)

    heard_out(call)

    assert [each["disposition_code"] for each in logged()] == ["left_message"]
