"""A world with a carrier that is only in memory."""

from collections.abc import Callable
from datetime import datetime

import pytest

from campaigns.models import CampaignLead
from carriers import registry
from core import db
from dialer.agentflow import LegState
from dialer.locks import lock_session
from dialer.models import AgentSession
from dialer.services import agents, legs
from dialer.services.pacing import Pacing
from tests.factories.world import World, add_lead, make_world
from tests.fakes.carrier import FakeCarrier


@pytest.fixture
def carrier(monkeypatch: pytest.MonkeyPatch) -> FakeCarrier:
    """Return the carrier that all services get."""
    fake = FakeCarrier()
    monkeypatch.setattr(registry, "carrier", lambda: fake)
    return fake


@pytest.fixture
def world(db: None, now: datetime, carrier: FakeCarrier) -> World:
    """Return people and a running campaign without leads."""
    return make_world(now)


@pytest.fixture
def lead(world: World) -> CampaignLead:
    """Return one person in Orlando who may be called now."""
    return add_lead(world)


@pytest.fixture
def at_work(world: World, lead: CampaignLead, now: datetime) -> AgentSession:
    """Return Ana's session: signed on, phone up, the lead's card in front of her."""
    return sign_on(world, now=now)


def sign_on(world: World, *, now: datetime) -> AgentSession:
    """Sign Ana on, bring her leg up, make her ready."""
    session_id = agents.sign_on(user_id=world.ana.pk, campaign_id=world.campaign.pk, now=now)
    legs.connect_leg(session_id=session_id, now=now)
    with db.use_case():
        session = lock_session(session_id)
        legs.leg_is_up(session, leg_ref=session.leg_ref, now=now)
    agents.set_ready(user_id=world.ana.pk, now=now)
    session = AgentSession.objects.get(pk=session_id)
    assert session.leg_state == LegState.UP
    return session


def tick(*, now: datetime) -> int:
    """Let a process that has just begun pace all campaigns once; return how many cards and calls came of it."""
    pacing = Pacing()
    started = pacing.round(now=now)
    for campaign_id in pacing.mine:
        db.release_session_lock(db.lock_key("pacer", campaign_id))
    return started


Refresh = Callable[[], AgentSession]
