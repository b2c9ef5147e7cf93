"""Speed to lead with a real pacing process: from a program's request to the call, in seconds of the wall clock."""

import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from accounts.roles import Role
from api.services import keys
from campaigns import ordering
from campaigns.models import Campaign, CampaignAgent, CampaignLead
from campaigns.ordering import Order
from dialer.models import DialAttempt, PacerState
from dialer.services import agents
from tests.concurrency.test_dialing import carrier, ready_session, world
from tests.concurrency.test_pacing import BEGAN_AHEAD, pacer, there, wait_for
from tests.factories.world import World, add_lead, agree_to_be_called, person
from tests.integration.api.test_leads import post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow_test]
__all__ = ["carrier", "pacer", "world"]  # fixtures
ARRIVALS = 3
WITHIN = 5.0  # what is promised, with an agent who waits


def is_taken(number: str) -> bool:
    return CampaignLead.objects.filter(state="held", contact__phones__number=number).exists()


@pytest.mark.parametrize("mode", ["progressive", "predictive", "preview"])
def test_who_comes_by_the_api_is_dialed_within_five_seconds(
    world: World, pacer: Callable[[], subprocess.Popen[bytes]], mode: str, settings: Any
) -> None:
    settings.CLOCK_OFFSET_SECONDS = BEGAN_AHEAD
    now = there()
    order = ordering.store(Order(fresh_minutes=30))
    Campaign.objects.update(mode=mode, started_at=now, order_plan=order)
    for index in range(20):
        add_lead(world, f"+1407555{101 + index:04d}")
    CampaignLead.objects.update(next_try_at=now + timedelta(hours=1))
    key = keys.make_key(name="Website", role="manager", by_name="root", now=now)
    begun = pacer()
    wait_for(lambda: PacerState.objects.exists(), 30)
    for index in range(ARRIVALS):
        someone = person(f"agent{index}", Role.AGENT)
        CampaignAgent.objects.create(campaign=world.campaign, user=someone)
        ready_session(world, someone.pk, there())
        agents.set_ready(user_id=someone.pk, now=there())
    took = []

    for index in range(ARRIVALS):
        number = f"+1407555{901 + index:04d}"
        agree_to_be_called(number, now=there())
        row = {"first_name": "Bo", "phone": number, "postal_code": "32801", "state": "FL", "city": "Orlando"}
        began = time.monotonic()
        answer = post(key, world.lead_list.pk, {"rows": [row]}, idempotency_key=str(index))
        assert answer.status_code == 200, answer.content
        # The call is reserved, or its card is in front of the agent who waits.
        wait_for(partial(is_taken, number), WITHIN)
        took.append(time.monotonic() - began)

    print(f"speed to lead, {mode}: {', '.join(f'{each:.2f} s' for each in took)}")
    assert begun.poll() is None
    assert max(took) <= WITHIN
    if mode != "preview":
        assert DialAttempt.objects.count() == ARRIVALS
