"""A campaign that drains finishes what is begun, takes up nothing else, and pauses by itself."""

from datetime import datetime, timedelta

import pytest

from campaigns.models import Campaign, CampaignLead
from campaigns.services import moves
from core.errors import Stale
from core.models import AuditEvent
from dialer import standing_reads
from dialer.agentflow import AgentState
from dialer.models import AgentSession, Call
from dialer.services import agents, dialing, draining, results
from dialer.standing import Standing
from tests.factories.world import World, add_lead
from tests.integration.dialer.conftest import sign_on, tick
from tests.integration.dialer.test_answering import answer, hang_up, join
from tests.integration.dialer.test_dialing import dial, place

pytestmark = pytest.mark.django_db


def drain(world: World, now: datetime) -> None:
    moves.drain(campaign_id=world.campaign.pk, by_name="mona", now=now)


def state_of(world: World) -> str:
    return Campaign.objects.get(pk=world.campaign.pk).state


def test_a_card_shown_may_still_be_dialed_and_no_other_comes(
    at_work: AgentSession, world: World, now: datetime
) -> None:
    add_lead(world, "+14075550124")
    drain(world, now)

    call = dial(world, now)
    place(call, now)

    assert draining.sweep(now=now) == 0
    assert state_of(world) == "draining"
    assert draining.unfinished([world.campaign.pk])[world.campaign.pk].words == (
        "1 call under way, 1 person with an agent."
    )


def test_a_skipped_card_is_the_last_one(at_work: AgentSession, world: World, now: datetime) -> None:
    add_lead(world, "+14075550124")
    drain(world, now)

    session = AgentSession.objects.get(pk=at_work.pk)
    agents.skip(user_id=world.ana.pk, version=session.version, reason="bad_time", now=now)

    session.refresh_from_db()
    assert (session.state, session.campaign_lead_id) == (AgentState.READY, None)
    assert "draining" in session.reason
    assert draining.sweep(now=now) == 1
    assert state_of(world) == "paused"


def test_it_waits_for_the_result_and_says_who_paused_it(
    at_work: AgentSession, world: World, now: datetime
) -> None:
    call = dial(world, now)
    place(call, now)
    answer(call)
    join(call)
    drain(world, now)
    hang_up(call)
    assert draining.sweep(now=now) == 0

    results.save_result(
        user_id=world.ana.pk,
        call_id=call.pk,
        form=results.ResultForm(
            disposition_code="interested", note="", callback_at=None, callback_mine=False, then_ready=True
        ),
        now=now + timedelta(seconds=30),
    )

    assert draining.sweep(now=now + timedelta(seconds=31)) == 1
    assert state_of(world) == "paused"
    entry = AuditEvent.objects.get(verb="campaigns.campaign.drained")
    assert entry.actor == "dialer"


def test_the_dialer_starts_no_call_and_the_floor_says_why(world: World, now: datetime) -> None:
    Campaign.objects.update(mode="progressive", started_at=now)
    sign_on(world, now=now)
    add_lead(world)
    drain(world, now)

    assert tick(now=now) == 0

    assert not Call.objects.exists()
    [one] = standing_reads.standings(now=now)
    assert (one.standing, one.stops, one.since) == (Standing.DRAINING, False, now)
    assert "0 calls under way, 0 people with an agent" in one.words


def test_it_can_be_resumed_paused_and_stopped_meanwhile(
    world: World, lead: CampaignLead, now: datetime
) -> None:
    for move, state in ((moves.resume, "running"), (moves.pause, "paused"), (moves.stop, "stopped")):
        Campaign.objects.update(state="draining")

        move(campaign_id=world.campaign.pk, by_name="mona", now=now)

        assert state_of(world) == state
        assert not moves.end_drain(campaign_id=world.campaign.pk, now=now)
        assert state_of(world) == state


@pytest.mark.parametrize("state", ["draft", "paused", "stopped", "draining"])
def test_only_a_running_campaign_drains(world: World, state: str, now: datetime) -> None:
    Campaign.objects.update(state=state)

    with pytest.raises(Stale, match="Only a running campaign can be drained"):
        drain(world, now)


def test_nothing_is_dialed_by_hand_once_it_is_paused(
    at_work: AgentSession, world: World, now: datetime
) -> None:
    moves.pause(campaign_id=world.campaign.pk, by_name="mona", now=now)

    with pytest.raises(dialing.CannotDial, match="The campaign is paused"):
        dial(world, now)
