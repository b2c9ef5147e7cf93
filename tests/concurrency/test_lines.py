"""Workers that place calls at the same instant do not overbook the account's lines."""

from datetime import datetime
from typing import Any

import pytest

from accounts.roles import Role
from campaigns.models import CampaignAgent
from dialer.models import AgentSession, DialAttempt
from dialer.services import agents, dialing
from tests.concurrency.test_dialing import at_once, carrier, ready_session, world
from tests.factories.world import World, add_lead, person
from tests.fakes.carrier import FakeCarrier

__all__ = ["carrier", "world"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow_test]


def test_six_calls_at_once_take_the_three_lines_that_are_left(
    world: World, carrier: FakeCarrier, now: datetime, settings: Any
) -> None:
    people = [person(f"agent{index}", Role.AGENT) for index in range(6)]
    for index, someone in enumerate(people):
        CampaignAgent.objects.create(campaign=world.campaign, user=someone)
        add_lead(world, f"+1407555{200 + index:04d}")
    for someone in people:
        ready_session(world, someone.pk, now)
        agents.set_ready(user_id=someone.pk, now=now)
        session = AgentSession.objects.get(user=someone)
        dialing.reserve(user_id=someone.pk, version=session.version, phone_id=None, now=now)
    reserved = list(DialAttempt.objects.filter(state="reserved").values_list("pk", flat=True))
    settings.CARRIER_MAX_LINES = 6 + 3  # six agents' own legs, and three

    at_once(6, lambda index: dialing.place(attempt_id=reserved[index], now=now))

    assert len(carrier.placed) == 3
    assert DialAttempt.objects.filter(state="placed").count() == 3
    assert DialAttempt.objects.filter(state="reserved").exclude(reason="").count() == 3
