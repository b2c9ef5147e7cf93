"""Real threads: many people answer at once, and each agent gets one of them."""

from datetime import datetime, timedelta

import pytest

from accounts.roles import Role
from campaigns.models import Campaign, CampaignAgent
from carriers.twiml import JoinConference, Plan, Wait
from core import db
from dialer.callflow import CallNews
from dialer.locks import lock_call
from dialer.models import AgentSession, Call
from dialer.services import agents, answering, autodial, dialing, states
from tests.concurrency.test_dialing import at_once, carrier, ready_session, world
from tests.factories.world import World, add_lead, agree_to_be_called, person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow_test]
__all__ = ["carrier", "world"]  # fixtures
AGENTS, PEOPLE = 5, 16


def test_sixteen_people_answer_and_five_agents_get_one_each(world: World, now: datetime) -> None:
    Campaign.objects.update(mode="progressive", started_at=now)
    people = [person(f"agent{index}", Role.AGENT) for index in range(AGENTS)]
    for someone in people:
        CampaignAgent.objects.create(campaign=world.campaign, user=someone)
        ready_session(world, someone.pk, now)
        agents.set_ready(user_id=someone.pk, now=now)
    for index in range(PEOPLE):
        number = f"+1407555{101 + index:04d}"
        add_lead(world, number)
        agree_to_be_called(number, now=now)
    autodial.start_calls(campaign_id=world.campaign.pk, count=PEOPLE, now=now)
    calls = list(Call.objects.order_by("pk"))
    for call in calls:
        dialing.place(attempt_id=call.attempt_id, now=now)
        with db.use_case():
            states.advance_call(lock_call(call.pk), CallNews.ANSWERED, now=now, source="test")

    def answer(index: int) -> Plan:
        return answering.what_now(attempt_id=calls[index].attempt_id, now=now + timedelta(seconds=0.2))

    plans = at_once(PEOPLE, answer)

    rooms = [plan.name for plan in plans if isinstance(plan, JoinConference)]
    assert len(calls) == PEOPLE
    assert [plan for plan in plans if not isinstance(plan, JoinConference | Wait)] == []
    assert len(rooms) == len(set(rooms)) == AGENTS
    assert AgentSession.objects.filter(state="on_call").count() == AGENTS
    assert Call.objects.filter(session__isnull=False).count() == AGENTS
