"""A call is sent to another agent at once: the person is kept until they are there, and nothing is done twice."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from campaigns.models import CampaignLead
from carriers.protocol import CarrierError
from carriers.twiml import JoinConference
from core import clock
from dialer import desk_reads
from dialer.models import AgentSession, Call, CallEvent
from dialer.services import answering, controls, results, states, supervision, transfers
from tests.factories.world import World, add_lead
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.consult_kit import talking
from tests.integration.dialer.test_calls import call, ended, form, session_of
from tests.integration.dialer.test_dialing import dial
from tests.integration.dialer.test_lost_line import drop, join_person, left, second_agent

__all__ = ["call", "talking"]  # fixtures


def transfer(world: World, to: AgentSession, now: datetime) -> None:
    transfers.to_agent(user_id=world.ana.pk, session_id=to.pk, now=now)


@pytest.mark.parametrize("state", ["ready", "preview"])
def test_the_other_agent_has_the_call_with_its_card_and_the_first_is_free(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime, state: str
) -> None:
    ben, ana = second_agent(world, now, state=state), session_of(talking)

    transfer(world, ben, now)
    answering.route(call_id=talking.pk, now=now)
    between = Call.objects.get(pk=talking.pk).state
    join_person(talking, now)

    ben.refresh_from_db()
    ana.refresh_from_db()
    ref, plan = carrier.redirected[-1]
    lead = CampaignLead.objects.get(pk=talking.attempt.campaign_lead_id)
    assert isinstance(plan, JoinConference)
    assert (ref, plan.name) == (talking.carrier_ref, ben.conference_name)
    assert (between, talking.state) == ("interrupted", "connected")
    assert (ben.state, ben.call_id, lead.held_by_id) == ("on_call", talking.pk, ben.user_id)
    assert ben.reason == "Transferred to you by Ana."
    assert ana.call_id is None
    assert ana.state in ("ready", "preview")
    event = CallEvent.objects.get(call=talking, event="transferred")
    assert (event.source, event.detail) == ("agent", "From Ana to Ben")


def test_the_other_agent_saves_the_result(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    ben = second_agent(world, now)
    transfer(world, ben, now)
    join_person(talking, now)
    ended(talking, now)

    with pytest.raises(states.NotAllowed):
        results.save_result(user_id=world.ana.pk, call_id=talking.pk, form=form("interested"), now=now)
    results.save_result(user_id=ben.user_id, call_id=talking.pk, form=form("interested"), now=now)

    talking.refresh_from_db()
    assert (talking.agent_id, talking.lost_in_mid_call) == (ben.user_id, False)


def test_a_carrier_that_does_not_answer_is_asked_again(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    transfer(world, second_agent(world, now), now)
    carrier.fail_next = CarrierError("no route", kind="retryable")
    answering.route(call_id=talking.pk, now=now)

    answering.sweep_interrupted(now=clock.now() + timedelta(seconds=21))

    assert isinstance(carrier.redirected[-1][1], JoinConference)


def test_the_first_agents_line_may_end_meanwhile(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    ben, ana = second_agent(world, now), session_of(talking)
    transfer(world, ben, now)

    drop(ana, now)
    said = left(talking, interruptions=0)

    assert f">{ben.conference_name}</Conference>" in said
    assert talking.state == "interrupted"


def test_the_other_agents_line_that_breaks_off_keeps_the_person(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    ben = second_agent(world, now)
    transfer(world, ben, now)
    join_person(talking, now)

    left(talking, interruptions=1)

    ben.refresh_from_db()
    assert (talking.state, talking.interruptions) == ("interrupted", 2)
    assert (ben.state, ben.leg_state) == ("on_call", "connecting")


def test_a_person_who_hangs_up_on_the_way_is_counted_as_lost(
    talking: Call, world: World, now: datetime
) -> None:
    transfer(world, second_agent(world, now), now)

    ended(talking, now)

    assert talking.lost_in_mid_call is True


def test_a_supervisors_wish_is_followed_after_the_transfer(
    talking: Call, world: World, now: datetime
) -> None:
    ben, ana = second_agent(world, now), session_of(talking)
    supervision.ask(session_id=ana.pk, wish="offline", reason="Shift ends", actor="sol", now=now)

    transfer(world, ben, now)

    ana.refresh_from_db()
    assert ana.state == "offline"


@pytest.mark.parametrize("why", ["away", "in a call", "asked to stop", "no phone", "oneself", "unknown"])
def test_somebody_who_is_not_free_gets_nothing_and_the_person_stays(
    talking: Call, world: World, now: datetime, why: str
) -> None:
    ben, ana = second_agent(world, now), session_of(talking)
    changes: dict[str, object] = {
        "away": {"seen_at": now - timedelta(minutes=1)},
        "in a call": {"state": "on_call"},
        "asked to stop": {"after_result": "offline"},
        "no phone": {"leg_state": "lost"},
    }.get(why, {})  # type: ignore[assignment]
    AgentSession.objects.filter(pk=ben.pk).update(**changes)
    to = {"oneself": ana.pk, "unknown": 999_999_999}.get(why, ben.pk)

    with pytest.raises(states.NotAllowed, match="not free any more"):
        transfers.to_agent(user_id=world.ana.pk, session_id=to, now=now)

    talking.refresh_from_db()
    assert (talking.state, talking.session_id) == ("connected", ana.pk)


def test_there_is_no_transfer_without_a_call_or_after_hanging_up(
    talking: Call, world: World, now: datetime
) -> None:
    ben = second_agent(world, now)
    controls.ask(user_id=world.ana.pk, action="hang_up", now=now)
    with pytest.raises(states.NotAllowed, match="hung up"):
        transfer(world, ben, now)
    ended(talking, now)

    with pytest.raises(states.NotAllowed, match="no call"):
        transfer(world, ben, now)


def test_a_transfer_to_nobody_asks_whom(talking: Call, world: World, now: datetime) -> None:
    with pytest.raises(states.NotAllowed, match="Choose the agent"):
        transfers.to_agent(user_id=world.ana.pk, session_id=0, now=now)


def test_a_second_call_is_refused_in_words(talking: Call, world: World, now: datetime) -> None:
    add_lead(world, "+14075550188")

    with pytest.raises(states.NotAllowed, match="You are in a call"):
        dial(world, now)

    assert Call.objects.count() == 1


def test_the_desk_offers_those_who_are_free_and_keys_that_never_reach_the_server(
    talking: Call, world: World, now: datetime
) -> None:
    second_agent(world, now)
    client = Client()
    client.force_login(world.ana)

    page = client.get("/desk/").content.decode()

    names = [
        name
        for _, name in desk_reads.may_take_over(session_of(talking).pk, world.campaign.pk, now=clock.now())
    ]
    part = client.get("/desk/colleagues").content.decode()
    assert names == ["Ben"]
    assert ">Ben</option>" in part
    assert ">Ben</option>" in page
    assert page.count('data-phone-action="digits"') == 12
