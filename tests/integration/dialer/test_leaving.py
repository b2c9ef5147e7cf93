"""A call is handed on: its first agent gets no other one before the carrier has said that the person is out of their line."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import TestCase

from campaigns.models import Campaign
from carriers.protocol import CarrierError
from carriers.twiml import JoinConference
from core.errors import Stale
from dialer import desk_reads
from dialer import jobs as names
from dialer.models import AgentSession, Call, LeavingLeg
from dialer.presence import may_take_a_call
from dialer.services import agents, answering, clearing, consulting, leaving, offers, transfers
from dialer.urls_out import call_callbacks
from tests.factories.world import World, add_lead, agree_to_be_called
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.consult_kit import consult_agent, event, talking, wish
from tests.integration.dialer.test_answering import started
from tests.integration.dialer.test_calls import call, ended, post, session_of
from tests.integration.dialer.test_calls import status as call_status
from tests.integration.dialer.test_lost_line import join_person, left, second_agent
from tests.integration.dialer.test_transfers import transfer

__all__ = ["call", "talking"]  # fixtures
Jobs = list[tuple[str, dict[str, Any]]]
LATE = timedelta(seconds=8)  # after the clock of the webhooks


@pytest.fixture
def sent(talking: Call, world: World, now: datetime) -> AgentSession:
    """Return Ana's session, who has sent her call to Ben while another lead waits."""
    ana, ben = session_of(talking), second_agent(world, now)
    add_lead(world, "+14075550166")
    transfer(world, ben, now)
    ana.refresh_from_db()
    return ana


def offered(session: AgentSession, now: datetime) -> str:
    """Run the task that gives an agent what comes next; return the agent's state."""
    clearing.set_free(session_id=session.pk, now=now)
    session.refresh_from_db()
    return str(session.state)


def test_the_first_agent_waits_while_the_person_is_in_their_line(
    sent: AgentSession, world: World, now: datetime
) -> None:
    waits = offered(sent, now)

    assert (waits, sent.reason, sent.campaign_lead_id) == ("ready", leaving.WAITS, None)
    assert not AgentSession.objects.filter(
        may_take_a_call(now), campaign=world.campaign, state="ready"
    ).exists()
    assert sent.pk not in [pk for pk, _ in desk_reads.may_take_over(0, world.campaign.pk, now=now)]


@pytest.mark.parametrize("first", ["leave", "join"])
def test_either_word_of_the_carrier_sets_them_free_and_the_other_changes_nothing(
    sent: AgentSession, talking: Call, now: datetime, sent_jobs: Jobs, first: str
) -> None:
    ben = Call.objects.get(pk=talking.pk).session_id or 0
    words = [(sent.pk, "leave", "CF1"), (ben, "join", "CF9")]
    sent_jobs.clear()

    with TestCase.captureOnCommitCallbacks(execute=True):
        session_id, word, room = words[0] if first == "leave" else words[1]
        event(session_id, str(talking.carrier_ref), word, now, room=room, place=5)
    freed = [ids for name, ids in sent_jobs if name == names.FREE_LINE]
    state = offered(sent, now)
    session_id, word, room = words[1] if first == "leave" else words[0]
    event(session_id, str(talking.carrier_ref), word, now, room=room, place=6)

    talking.refresh_from_db()
    assert freed == [{"session_id": sent.pk}]
    assert state == "preview"
    assert (talking.state, talking.session_id) == ("connected", ben)


def test_a_person_who_hangs_up_on_the_way_has_left(sent: AgentSession, talking: Call, now: datetime) -> None:
    ended(talking, now)

    assert not LeavingLeg.objects.exists()
    assert offered(sent, now) == "preview"


def test_a_word_from_before_the_person_came_again_is_no_news(
    sent: AgentSession, talking: Call, world: World, now: datetime
) -> None:
    event(
        int(Call.objects.get(pk=talking.pk).session_id or 0),
        str(talking.carrier_ref),
        "join",
        now,
        room="CF9",
    )
    ben = session_of(Call.objects.get(pk=talking.pk))
    transfers.to_agent(user_id=ben.user_id, session_id=sent.pk, now=now)
    event(sent.pk, str(talking.carrier_ref), "join", now, place=7)
    transfers.to_agent(user_id=world.ana.pk, session_id=ben.pk, now=now)

    event(sent.pk, str(talking.carrier_ref), "leave", now, place=5)
    stale = LeavingLeg.objects.filter(session=sent).exists()
    event(sent.pk, str(talking.carrier_ref), "leave", now, place=8)

    assert stale
    assert not LeavingLeg.objects.filter(session=sent).exists()


def test_lost_words_are_asked_for_and_who_is_still_there_is_sent_on_again(
    sent: AgentSession, talking: Call, carrier: FakeCarrier, now: datetime
) -> None:
    answering.route(call_id=talking.pk, now=now)
    carrier.join(sent.conference_name, str(talking.carrier_ref), at=now)
    clearing.sweep(now=now + timedelta(seconds=1))
    at_once = len(carrier.redirected)

    clearing.sweep(now=now + LATE)
    still = offered(sent, now)
    del carrier.joined[sent.conference_name, str(talking.carrier_ref)]
    clearing.sweep(now=now + LATE + timedelta(seconds=2))

    plan = carrier.redirected[-1][1]
    assert isinstance(plan, JoinConference)
    assert plan.name == f"agent-{Call.objects.get(pk=talking.pk).session_id}"
    assert (at_once, len(carrier.redirected)) == (1, 2)
    assert (still, offered(sent, now)) == ("ready", "preview")


def test_a_carrier_that_does_not_answer_is_asked_again_and_nobody_comes_in_meanwhile(
    sent: AgentSession, carrier: FakeCarrier, now: datetime
) -> None:
    carrier.fail_next = CarrierError("no route", kind="retryable")
    clearing.sweep(now=now + LATE)
    meanwhile = offered(sent, now)

    clearing.sweep(now=now + LATE + timedelta(seconds=2))

    assert (meanwhile, offered(sent, now)) == ("ready", "preview")


def test_an_agent_who_signs_off_takes_their_conference_along(
    sent: AgentSession, world: World, now: datetime
) -> None:
    agents.leave(user_id=world.ana.pk, now=now)

    clearing.sweep(now=now)

    assert not LeavingLeg.objects.exists()


def test_the_task_leaves_an_agent_alone_whose_desk_moves_at_the_same_instant(
    sent: AgentSession, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def moved(**_: object) -> bool:
        raise Stale("Your page was out of date.")

    monkeypatch.setattr(offers, "offer_next", moved)

    assert offered(sent, now) == "ready"


def test_a_pause_on_the_way_brings_no_card_too_early(
    sent: AgentSession, talking: Call, world: World, now: datetime
) -> None:
    agents.set_not_ready(user_id=world.ana.pk, reason="break", now=now)
    agents.set_ready(user_id=world.ana.pk, now=now)
    sent.refresh_from_db()
    early = sent.state

    join_person(talking, now)

    assert (early, offered(sent, now)) == ("ready", "preview")


def test_a_person_the_dialer_called_goes_to_nobody_whose_line_is_not_clear(
    sent: AgentSession, talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    Campaign.objects.update(mode="progressive", started_at=now - timedelta(days=3))
    agree_to_be_called("+14075550166", now=now)
    AgentSession.objects.filter(pk=sent.pk).update(state_since=now - timedelta(minutes=5))
    waiting = AgentSession.objects.get(pk=sent.pk)
    LeavingLeg.objects.all().delete()
    following = started(world, now)
    leaving_again = LeavingLeg.objects.create(session=waiting, call=talking, leg_ref="CAx", since=now)

    def picks_up() -> str:
        url = call_callbacks(following.attempt_id).answer_url
        return str(post(url, call_status(following, "in-progress", 3)).content.decode())

    early = picks_up()
    leaving_again.delete()
    later = answering.what_now(attempt_id=following.attempt_id, now=now + timedelta(seconds=6))

    assert "<Conference" not in early
    assert isinstance(later, JoinConference)
    assert later.name == sent.conference_name


def test_after_a_consultation_both_person_and_colleague_leave_the_line(
    talking: Call, world: World, now: datetime
) -> None:
    ana, ben = session_of(talking), second_agent(world, now)
    consult_agent(world, talking, ben, now)
    wish(world, "complete", now)

    join_person(talking, now)
    colleague = list(LeavingLeg.objects.values_list("leg_ref", flat=True))
    event(ben.pk, ben.leg_ref, "join", now, room="CF9")

    assert colleague == [ben.leg_ref]
    assert not LeavingLeg.objects.filter(session=ana).exists()


def test_a_colleague_who_was_asked_in_vain_leaves_before_the_next_call(
    talking: Call, world: World, now: datetime
) -> None:
    ben = second_agent(world, now)
    consult_agent(world, talking, ben, now)
    consulting.leave(user_id=ben.user_id, now=now)
    stays = LeavingLeg.objects.filter(leg_ref=ben.leg_ref).exists()

    event(session_of(talking).pk, ben.leg_ref, "leave", now)

    assert stays
    assert not LeavingLeg.objects.exists()


def test_a_lost_lines_person_who_went_to_a_colleague_is_waited_for_too(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    ana = session_of(talking)
    second_agent(world, now)
    left(talking)
    answering.route(call_id=talking.pk, now=now + timedelta(seconds=30))
    waits = leaving.waits(ana.pk)

    join_person(talking, now)

    assert waits
    assert not leaving.waits(ana.pk)
