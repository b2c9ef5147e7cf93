"""Warm transfers to other agents and to queues, and what is refused in words."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from campaigns.models import Campaign, CampaignAgent
from campaigns.services import targets
from campaigns.services.targets import NewTarget
from carriers.twiml import JoinConference
from compliance.models import ComplianceDecision
from dialer.models import AgentSession, Call, Transfer
from dialer.services import answering, consult_acts, consulting, controls, states, voicemail
from tests.factories.world import LISTED, World, add_lead
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.consult_kit import (
    OUTSIDE,
    consult_agent,
    consult_outside,
    event,
    follow,
    hold_person,
    pick_up,
    start,
    talking,
    wish,
)
from tests.integration.dialer.recording_kit import store
from tests.integration.dialer.test_calls import call, ended, session_of
from tests.integration.dialer.test_dialing import dial
from tests.integration.dialer.test_lost_line import drop, join_person, second_agent

__all__ = ["call", "store", "talking"]  # fixtures


# -- another agent ------------------------------------------------------------------------------------------------------


def test_an_agent_is_asked_first_and_then_has_the_call(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    ben = second_agent(world, now)
    ana = session_of(talking)
    transfer = consult_agent(world, talking, ben, now)
    ben.refresh_from_db()
    asked = (ben.state, ben.reason)
    called = carrier.redirected[-1]

    wish(world, "complete", now)
    follow(now)
    answering.route(call_id=talking.pk, now=now)
    sent = dict(carrier.redirected[1:])
    event(ben.pk, ben.leg_ref, "join", now, room="CF7")
    join_person(talking, now)

    for row in (ben, ana, transfer):
        row.refresh_from_db()
    assert asked == ("consulting", "Ana asks you about a call with Maria Alvarez.")
    assert (called[0], getattr(called[1], "name", "")) == (ben.leg_ref, ana.conference_name)
    assert {ref: getattr(plan, "name", "") for ref, plan in sent.items()} == {
        ben.leg_ref: ben.conference_name,
        str(talking.carrier_ref): ben.conference_name,
    }
    assert (transfer.state, transfer.result_by_id, transfer.target_gone_at is not None) == (
        "completed",
        ben.user_id,
        True,
    )
    assert (talking.state, talking.session_id, ben.state, ben.call_id) == (
        "connected",
        ben.pk,
        "on_call",
        talking.pk,
    )
    assert ana.call_id is None
    assert ana.state in ("ready", "preview")


def test_an_agents_leg_is_given_an_address_that_leads_back(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    ben = second_agent(world, now)
    start(world, now, to=f"agent:{ben.pk}")
    follow(now)

    plan = carrier.redirected[-1][1]

    assert isinstance(plan, JoinConference)
    assert plan.then_url.endswith(f"/agents/{ben.pk}/answer")
    assert plan.is_agent is False


def test_taken_back_the_other_agent_is_free_once_their_line_is_back(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    ben = second_agent(world, now)
    transfer = consult_agent(world, talking, ben, now)
    wish(world, "cancel", now)
    follow(now)
    ben.refresh_from_db()
    still = ben.state
    hold_person(talking, now, "unhold", place=9)

    event(ben.pk, ben.leg_ref, "join", now, room="CF7")

    ben.refresh_from_db()
    transfer.refresh_from_db()
    assert (still, ben.state, ben.call_id) == ("consulting", "ready", None)
    assert (transfer.state, talking.state, session_of(talking).user_id) == (
        "returned",
        "connected",
        world.ana.pk,
    )
    assert (carrier.redirected[-1][0], getattr(carrier.redirected[-1][1], "name", "")) == (
        ben.leg_ref,
        ben.conference_name,
    )


def test_an_agent_who_does_not_come_within_seconds_is_given_up(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    ben = second_agent(world, now)
    start(world, now, to=f"agent:{ben.pk}")
    follow(now)
    hold_person(talking, now)

    consult_acts.sweep(now=now + timedelta(seconds=11))

    assert Transfer.objects.get().state == "returning"
    assert "nobody answered" in session_of(talking).reason


@pytest.mark.parametrize("how", ["line", "leaves"])
def test_the_other_agent_goes_and_the_person_comes_back(
    talking: Call, world: World, now: datetime, how: str
) -> None:
    ben = second_agent(world, now)
    transfer = consult_agent(world, talking, ben, now)

    if how == "line":
        drop(ben, now)
    else:
        consulting.leave(user_id=ben.user_id, now=now)
    follow(now)
    hold_person(talking, now, "unhold", place=9)

    transfer.refresh_from_db()
    ben.refresh_from_db()
    assert (transfer.state, talking.state) == ("returned", "connected")
    assert ben.state == ("ready" if how == "line" else "consulting")


def test_the_person_hangs_up_and_both_agents_go_on(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    ben = second_agent(world, now)
    transfer = consult_agent(world, talking, ben, now)
    ended(talking, now)
    follow(now)

    event(ben.pk, ben.leg_ref, "join", now, room="CF7")

    ben.refresh_from_db()
    transfer.refresh_from_db()
    assert (transfer.state, ben.state, session_of(talking).state) == ("ended", "ready", "wrap_up")


def test_an_agent_found_back_in_their_own_conference_is_not_torn_out_of_it(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    ben = second_agent(world, now)
    consult_agent(world, talking, ben, now)
    wish(world, "complete", now)
    carrier.redirected.clear()
    carrier.join(ben.conference_name, ben.leg_ref, at=now, has_begun=False)

    transfer = follow(now)

    assert ben.leg_ref not in [ref for ref, _ in carrier.redirected]
    assert transfer.target_gone_at is not None


def test_an_agent_cannot_be_consulted_twice_nor_a_busy_one(
    talking: Call, world: World, now: datetime
) -> None:
    ben = second_agent(world, now)
    AgentSession.objects.filter(pk=ben.pk).update(state="consulting")

    with pytest.raises(states.NotAllowed, match="not free any more"):
        start(world, now, to=f"agent:{ben.pk}")


# -- queues -------------------------------------------------------------------------------------------------------------


def other_campaign(world: World, now: datetime, *, seller: str = "Northwind Home Energy") -> Campaign:
    """Return a second running campaign."""
    row = Campaign.objects.get(pk=world.campaign.pk)
    row.pk, row.name, row.seller = None, "Battery storage", seller
    row._state.adding = True
    row.save()
    return row


@pytest.mark.parametrize("blind", [True, False])
def test_a_queue_gives_whoever_waits_there(talking: Call, world: World, now: datetime, blind: bool) -> None:
    queue = other_campaign(world, now)
    ben = second_agent(world, now)
    CampaignAgent.objects.filter(user=ben.user).update(campaign=queue)
    AgentSession.objects.filter(pk=ben.pk).update(campaign=queue)

    start(world, now, to=f"queue:{queue.pk}", blind=blind)

    ben.refresh_from_db()
    assert ben.state == ("on_call" if blind else "consulting")


@pytest.mark.parametrize("blind", [True, False])
def test_a_queue_without_anybody_says_so_at_once(
    talking: Call, world: World, now: datetime, blind: bool
) -> None:
    with pytest.raises(states.NotAllowed, match=r"Nobody is free in Spring solar\. The person is still"):
        start(world, now, to=f"queue:{world.campaign.pk}", blind=blind)

    talking.refresh_from_db()
    assert (talking.state, Transfer.objects.count()) == ("connected", 0)


def test_a_queue_of_another_seller_is_none(talking: Call, world: World, now: datetime) -> None:
    queue = other_campaign(world, now, seller="Somebody else")

    with pytest.raises(states.NotAllowed, match="cannot be sent there"):
        start(world, now, to=f"queue:{queue.pk}", blind=True)


# -- refusals -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["hold", "resume", "hang_up"])
def test_the_call_is_the_transfers_meanwhile(talking: Call, world: World, now: datetime, action: str) -> None:
    consult_outside(world, talking, now)
    Call.objects.filter(pk=talking.pk).update(state="connected" if action == "hold" else "on_hold")

    with pytest.raises(states.NotAllowed, match="A transfer is under way"):
        controls.ask(user_id=world.ana.pk, action=action, now=now)

    talking.refresh_from_db()
    assert talking.hang_up_asked_at is None


def test_one_transfer_at_a_time_and_no_message_meanwhile(talking: Call, world: World, now: datetime) -> None:
    consult_outside(world, talking, now)

    with pytest.raises(states.NotAllowed, match="A transfer is under way"):
        start(world, now)
    with pytest.raises(states.NotAllowed):
        voicemail.leave(user_id=world.ana.pk, call_id=talking.pk, now=now)

    assert Transfer.objects.count() == 1


@pytest.mark.parametrize(
    ("action", "words"),
    [("swap", "once the other side"), ("all", "once the other side"), ("complete", "not on the line")],
)
def test_what_cannot_be_yet_is_refused_in_words(
    talking: Call, world: World, now: datetime, action: str, words: str
) -> None:
    start(world, now)

    with pytest.raises(states.NotAllowed, match=words):
        wish(world, action, now)


@pytest.mark.parametrize("to", ["", "nobody", "agent:", "agent:x", "listed:7", "queue:0"])
def test_a_target_that_is_none_is_refused_in_words(
    talking: Call, world: World, now: datetime, to: str
) -> None:
    with pytest.raises(states.NotAllowed):
        start(world, now, to=to)


def test_wishes_without_a_transfer_are_refused(talking: Call, world: World, now: datetime) -> None:
    with pytest.raises(states.NotAllowed, match="no transfer under way"):
        wish(world, "complete", now)
    with pytest.raises(states.NotAllowed, match="Nobody consults you"):
        consulting.leave(user_id=world.ana.pk, now=now)


def test_a_second_call_during_a_transfer_is_refused(talking: Call, world: World, now: datetime) -> None:
    add_lead(world, "+14075550188")
    consult_outside(world, talking, now)

    with pytest.raises(states.NotAllowed, match="You are in a call"):
        dial(world, now)


# -- the desk -----------------------------------------------------------------------------------------------------------


def press(world: World, action: str, **fields: str) -> tuple[int, str]:
    client = Client()
    client.force_login(world.ana)
    answer = client.post(f"/desk/act/{action}", fields)
    return answer.status_code, answer.headers.get("HX-Trigger", "")


def test_the_desks_buttons_hand_a_call_on_and_the_page_shows_how_it_stands(
    talking: Call, world: World, now: datetime
) -> None:
    client = Client()
    client.force_login(world.ana)
    before = client.get("/desk/").content.decode()

    asked, _ = press(world, "transfer", number=OUTSIDE, how="consult")
    transfer = follow(now)
    pick_up(transfer)
    event(transfer.session_id, transfer.target_ref, "join", now)
    live = client.get("/desk/").content.decode()
    taken, _ = press(world, "transfer-cancel")

    assert 'data-key="f"' in before
    assert 'data-key="u"' in before
    assert (asked, taken) == (204, 204)
    assert 'data-state="consulting"' in live
    assert all(f'data-key="{key}"' in live for key in "gijq")
    assert 'id="transfer-form"' not in live


def test_the_desk_says_why_a_number_was_refused(talking: Call, world: World) -> None:
    status_code, trigger = press(world, "transfer", number=LISTED, how="consult")

    assert status_code == 204
    assert "Not called: " in trigger


def test_the_desk_refuses_a_transfer_to_nobody_in_words(talking: Call, world: World) -> None:
    status_code, trigger = press(world, "transfer", how="consult")

    assert status_code == 409
    assert "Choose whom" in trigger


def test_a_listed_number_is_called_by_its_name_and_judged_where_it_is(
    talking: Call, world: World, now: datetime
) -> None:
    target_id = targets.add_target(
        campaign_id=world.campaign.pk,
        new=NewTarget(label="Fitters", number=OUTSIDE, state="FL", postal_code="32801", is_business=True),
        by_id=world.mia.pk,
        by_name="mia",
        now=now,
    )

    start(world, now, to=f"listed:{target_id}")

    transfer = Transfer.objects.get()
    verdict = ComplianceDecision.objects.get(pk=transfer.decision_id or 0)
    assert (transfer.label, transfer.number, verdict.outcome) == ("Fitters", OUTSIDE, "allow")
