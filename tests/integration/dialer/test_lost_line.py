"""An agent's line breaks off in mid-call: the person is kept, joined again, handed over, or told, and counted truthfully."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import TestCase

from accounts.roles import Role
from campaigns.models import CampaignAgent, CampaignLead
from carriers.models import CarrierInbox
from carriers.protocol import CarrierError
from carriers.twiml import Hold, JoinConference
from core import clock
from dialer import jobs as names
from dialer import selectors
from dialer.lostline import GOODBYE, STAY
from dialer.models import AgentSession, AnsweredDay, Call, CallEvent
from dialer.services import agents, answering, calls, controls, legs, results
from dialer.urls_out import agent_callbacks, call_callbacks, conference_events_url, left_url, waited_url
from tests.factories.world import World, add_lead, person
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.test_calls import answered, call, ended, form, post, session_of

__all__ = ["call"]  # a fixture
Jobs = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def talking(call: Call, now: datetime) -> Call:
    """Return a call in which person and agent hear each other."""
    answered(call, now)
    assert call.state == "connected"
    return call


def left(call: Call, *, interruptions: int = 0, word: str = "in-progress", leg: str = "") -> str:
    """Let the carrier ask what a person hears whose conference is over; return the answer."""
    params = {"CallSid": leg or str(call.carrier_ref), "CallStatus": word, "DialCallStatus": "answered"}
    answer = post(left_url(call.attempt_id, interruptions=interruptions), params)
    call.refresh_from_db()
    return str(answer.content.decode())


def drop(session: AgentSession, now: datetime, *, leg: str = "") -> None:
    """Let the agent's leg end."""
    params = {"CallSid": leg or session.leg_ref, "CallStatus": "completed", "SequenceNumber": "4"}
    post(agent_callbacks(session.pk).status_url, params)
    calls.sweep_webhooks(now=now + timedelta(days=1))
    session.refresh_from_db()


def join_agent(session: AgentSession, leg: str, now: datetime) -> None:
    """Let a leg of the agent's enter their conference."""
    params = {"CallSid": leg, "StatusCallbackEvent": "participant-join", "ConferenceSid": f"CF{leg[-2:]}"}
    post(conference_events_url(session.pk), params)
    calls.sweep_webhooks(now=now + timedelta(days=1))
    session.refresh_from_db()


def join_person(call: Call, now: datetime, *, room: str = "CF9") -> None:
    call.refresh_from_db()
    params = {
        "CallSid": str(call.carrier_ref),
        "StatusCallbackEvent": "participant-join",
        "ConferenceSid": room,
    }
    post(conference_events_url(int(call.session_id or 0)), params)
    calls.sweep_webhooks(now=now + timedelta(days=1))
    call.refresh_from_db()


def come_back(session: AgentSession, now: datetime) -> None:
    """Ring the agent's window, and let it answer."""
    legs.connect_leg(session_id=session.pk, now=now)
    session.refresh_from_db()
    join_agent(session, session.leg_ref, now)


def second_agent(world: World, now: datetime, *, state: str = "ready") -> AgentSession:
    """Return Ben, who waits or looks at a card, with his phone up."""
    ben = person("ben", Role.AGENT)
    CampaignAgent.objects.create(campaign=world.campaign, user=ben)
    if state == "preview":
        add_lead(world, "+14075550177")
    session_id = agents.sign_on(user_id=ben.pk, campaign_id=world.campaign.pk, now=now)
    legs.connect_leg(session_id=session_id, now=now)
    join_agent(AgentSession.objects.get(pk=session_id), AgentSession.objects.get(pk=session_id).leg_ref, now)
    agents.set_ready(user_id=ben.pk, now=now)
    session = AgentSession.objects.get(pk=session_id)
    assert session.state == state
    return session


def happened(call: Call) -> list[str]:
    rows = CallEvent.objects.filter(call=call, ignored=False).order_by("pk").values_list("event", flat=True)
    return [event for event in rows if event in ("agent_lost", "joined", "handed_over", "given_up")]


def test_a_person_is_told_to_stay_and_hears_music_when_the_agents_line_breaks_off(
    talking: Call, now: datetime
) -> None:
    said = left(talking)

    session = session_of(talking)
    assert f"<Say>{STAY}</Say><Play>" in said
    assert waited_url(talking.attempt_id) in said
    assert (talking.state, talking.interruptions, talking.ended_at) == ("interrupted", 1, None)
    assert (session.state, session.leg_state) == ("on_call", "connecting")


def test_the_persons_leg_carries_an_address_for_when_the_agents_line_breaks_off(call: Call) -> None:
    document = post(
        call_callbacks(call.attempt_id).answer_url,
        {"CallSid": str(call.carrier_ref), "CallStatus": "in-progress"},
    ).content.decode()

    asked = left_url(call.attempt_id, interruptions=0)
    assert f'<Dial method="POST" action="{asked}"><Conference' in document


def test_the_words_are_said_once_then_music(talking: Call) -> None:
    left(talking)

    again = post(waited_url(talking.attempt_id), {"CallSid": str(talking.carrier_ref)}).content.decode()

    assert STAY not in again
    assert "hold.wav</Play>" in again


@pytest.mark.parametrize("first", ["the person's leg", "the agent's leg"])
def test_both_legs_tell_of_it_in_any_order_and_it_counts_once(
    talking: Call, now: datetime, sent_jobs: Jobs, first: str
) -> None:
    session = session_of(talking)
    sent_jobs.clear()
    tell = [lambda: left(talking), lambda: drop(session, now, leg=str(session.leg_ref))]

    with TestCase.captureOnCommitCallbacks(execute=True):
        for news in tell if first == "the person's leg" else reversed(tell):
            news()

    talking.refresh_from_db()
    rings = [name for name, _ in sent_jobs if name == names.CONNECT_AGENT_LEG]
    assert (talking.state, talking.interruptions) == ("interrupted", 1)
    assert len(rings) == 1
    assert happened(talking) == ["joined", "agent_lost"]


def test_a_repeat_gets_the_same_answer_and_changes_nothing(talking: Call, now: datetime) -> None:
    left(talking)
    events = CallEvent.objects.count()

    again = left(talking)

    assert "hold.wav" in again
    assert CallEvent.objects.count() == events
    assert talking.interruptions == 1


def test_the_agent_comes_back_and_is_joined_again(
    talking: Call, carrier: FakeCarrier, now: datetime, sent_jobs: Jobs
) -> None:
    session = session_of(talking)
    left(talking)
    with TestCase.captureOnCommitCallbacks(execute=True):
        come_back(session, now)
    assert (names.ROUTE_CALL, {"call_id": talking.pk}) in sent_jobs

    answering.route(call_id=talking.pk, now=now)
    answering.route(call_id=talking.pk, now=now)
    join_person(talking, now)

    ref, plan = carrier.redirected[-1]
    assert len(carrier.redirected) == 1
    assert ref == talking.carrier_ref
    assert isinstance(plan, JoinConference)
    assert plan.name == session.conference_name
    assert plan.then_url == left_url(talking.attempt_id, interruptions=1)
    assert (talking.state, talking.lost_since) == ("connected", None)
    assert happened(talking) == ["joined", "agent_lost", "joined"]


def test_it_may_break_off_again_and_an_old_message_about_the_first_time_is_no_news(
    talking: Call, carrier: FakeCarrier, now: datetime
) -> None:
    session = session_of(talking)
    left(talking)
    come_back(session, now)
    join_person(talking, now)
    left(talking, interruptions=0)
    stands = talking.state

    left(talking, interruptions=1)

    assert stands == "connected"
    assert (talking.state, talking.interruptions) == ("interrupted", 2)


def test_a_late_message_about_the_dead_leg_does_not_bring_it_up(
    talking: Call, carrier: FakeCarrier, now: datetime
) -> None:
    session = session_of(talking)
    dead = session.leg_ref
    drop(session, now)

    join_agent(session, dead, now)

    assert session.leg_state == "connecting"
    assert CarrierInbox.objects.filter(kind="conference", outcome="ignored").exists()


def test_a_window_that_does_not_answer_is_rung_again_while_the_person_waits(
    talking: Call, carrier: FakeCarrier, now: datetime
) -> None:
    session = session_of(talking)
    left(talking)
    legs.connect_leg(session_id=session.pk, now=now)
    session.refresh_from_db()
    drop(session, now)
    lost = session.leg_state
    AgentSession.objects.update(leg_state="lost", leg_since=now)

    legs.sweep(now=now + timedelta(seconds=5))

    session.refresh_from_db()
    assert lost == "connecting"
    assert session.leg_state == "connecting"


@pytest.mark.parametrize("state", ["ready", "preview"])
def test_after_the_wait_another_agent_gets_the_call_with_the_card(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime, state: str
) -> None:
    ben = second_agent(world, now, state=state)
    ana = session_of(talking)
    left(talking)
    answering.route(call_id=talking.pk, now=clock.now() + timedelta(seconds=10))
    before = Call.objects.get(pk=talking.pk).session_id

    answering.route(call_id=talking.pk, now=clock.now() + timedelta(seconds=20))

    talking.refresh_from_db()
    ben.refresh_from_db()
    ana.refresh_from_db()
    lead = CampaignLead.objects.get(pk=int(ben.campaign_lead_id or 0))
    plan = carrier.redirected[-1][1]
    assert before == ana.pk
    assert isinstance(plan, JoinConference)
    assert plan.name == ben.conference_name
    assert (talking.session_id, talking.agent_id) == (ben.pk, ben.user_id)
    assert (ben.state, ben.call_id, lead.held_by_id) == ("on_call", talking.pk, ben.user_id)
    assert "Handed over from Ana" in ben.reason
    assert (ana.state, ana.call_id, ana.campaign_lead_id) == ("not_ready", None, None)
    assert "Ben has your call with Maria Alvarez" in ana.reason
    assert happened(talking) == ["joined", "agent_lost", "handed_over"]
    assert CampaignLead.objects.filter(state="held").count() == 1


def test_the_one_who_took_over_saves_the_result(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    ben = second_agent(world, now)
    left(talking)
    answering.route(call_id=talking.pk, now=clock.now() + timedelta(seconds=20))
    talking.refresh_from_db()
    join_person(talking, now)
    ended(talking, now)

    results.save_result(user_id=ben.user_id, call_id=talking.pk, form=form("interested"), now=now)

    talking.refresh_from_db()
    assert talking.disposition is not None
    assert talking.lost_in_mid_call is False
    assert talking.agent_id == ben.user_id


def test_an_old_join_from_the_former_agents_conference_is_ignored(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    ana = session_of(talking)
    second_agent(world, now)
    left(talking)
    answering.route(call_id=talking.pk, now=clock.now() + timedelta(seconds=20))

    params = {
        "CallSid": str(talking.carrier_ref),
        "StatusCallbackEvent": "participant-join",
        "ConferenceSid": "CFlate",
    }
    post(conference_events_url(ana.pk), params)
    calls.sweep_webhooks(now=now + timedelta(days=1))

    talking.refresh_from_db()
    assert talking.state == "interrupted"


def test_an_agent_who_is_away_is_not_handed_a_call(
    talking: Call, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    ben = second_agent(world, now)
    AgentSession.objects.filter(pk=ben.pk).update(seen_at=now - timedelta(seconds=31))
    left(talking)

    answering.route(call_id=talking.pk, now=clock.now() + timedelta(seconds=20))

    talking.refresh_from_db()
    assert talking.session_id != ben.pk
    assert not any(isinstance(plan, JoinConference) for _, plan in carrier.redirected)


def test_nobody_free_ends_in_words_and_is_counted_as_lost_but_not_as_abandoned(
    talking: Call, carrier: FakeCarrier, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    left(talking)
    at = now + timedelta(seconds=126)
    monkeypatch.setattr(clock, "now", lambda: at)

    said = post(waited_url(talking.attempt_id), {"CallSid": str(talking.carrier_ref)}).content.decode()
    again = post(waited_url(talking.attempt_id), {"CallSid": str(talking.carrier_ref)}).content.decode()
    ended(talking, at)

    session = session_of(talking)
    day = AnsweredDay.objects.get()
    assert said == again
    assert f"<Say>{GOODBYE}</Say><Hangup/>" in said
    assert happened(talking) == ["joined", "agent_lost", "given_up"]
    assert (talking.state, talking.lost_in_mid_call, talking.abandoned) == ("ended", True, False)
    assert (day.live, day.abandoned) == (1, 0)
    assert session.state == "wrap_up"
    assert selectors.lost_in_mid_call(now=clock.now()) == 1


def test_a_person_who_hangs_up_meanwhile_is_lost_too_and_the_agent_saves_the_result(
    talking: Call, now: datetime
) -> None:
    left(talking)

    ended(talking, now)

    assert talking.lost_in_mid_call is True
    assert session_of(talking).state == "wrap_up"


def test_a_person_who_hung_up_themselves_is_not_an_interruption(talking: Call) -> None:
    said = left(talking, word="completed")

    assert "<Hangup/>" in said
    assert talking.state == "connected"
    assert talking.interruptions == 0


def test_an_agent_who_had_hung_up_leaves_nobody_waiting(talking: Call, world: World, now: datetime) -> None:
    controls.ask(user_id=world.ana.pk, action="hang_up", now=now)

    said = left(talking)

    assert said.endswith("<Response><Hangup/></Response>")


@pytest.mark.parametrize(
    ("change", "effect"),
    [({"leg": "CAother"}, "ignored"), ({"interruptions": 7}, "ignored")],
)
def test_messages_that_fit_nothing_change_nothing(talking: Call, change: dict[str, Any], effect: str) -> None:
    left(talking, **change)

    assert talking.state == "connected"
    assert CarrierInbox.objects.get(kind="call_left").outcome == effect


def test_a_message_with_a_wrong_signature_is_refused(talking: Call) -> None:
    url = left_url(talking.attempt_id, interruptions=0)

    answer = post(url, {"CallSid": str(talking.carrier_ref), "CallStatus": "in-progress"}, token="wrong")

    talking.refresh_from_db()
    assert answer.status_code == 403
    assert talking.state == "connected"


def test_a_call_nobody_knows_is_ended(db: None) -> None:
    answer = post(left_url(uuid.uuid4(), interruptions=0), {"CallSid": "CA1", "CallStatus": "in-progress"})

    assert "<Hangup/>" in answer.content.decode()
    assert CarrierInbox.objects.get().outcome == "unknown"


def test_a_person_who_sits_alone_in_silence_is_found_and_told(
    talking: Call, carrier: FakeCarrier, now: datetime
) -> None:
    drop(session_of(talking), now)
    answering.sweep_interrupted(now=clock.now() + timedelta(seconds=1))
    at_once = list(carrier.redirected)

    answering.sweep_interrupted(now=clock.now() + timedelta(seconds=4))

    assert at_once == []
    assert [type(plan) for _, plan in carrier.redirected] == [Hold]


def test_a_carrier_that_cannot_be_reached_is_asked_again(
    talking: Call, carrier: FakeCarrier, now: datetime
) -> None:
    session = session_of(talking)
    left(talking)
    come_back(session, now)
    carrier.fail_next = CarrierError("no route", kind="retryable")
    answering.route(call_id=talking.pk, now=clock.now())

    said = post(waited_url(talking.attempt_id), {"CallSid": str(talking.carrier_ref)}).content.decode()

    assert f">{session.conference_name}</Conference>" in said


def test_a_call_on_hold_is_kept_too(talking: Call, now: datetime) -> None:
    params = {
        "CallSid": str(talking.carrier_ref),
        "StatusCallbackEvent": "participant-hold",
        "ConferenceSid": "CF1",
    }
    post(conference_events_url(session_of(talking).pk), params)
    calls.sweep_webhooks(now=now + timedelta(minutes=1))

    left(talking)

    assert (talking.state, talking.held_since) == ("interrupted", None)


def test_an_agent_who_loses_the_line_while_it_rings_is_rung_at_once(
    call: Call, now: datetime, sent_jobs: Jobs
) -> None:
    session = session_of(call)
    sent_jobs.clear()

    with TestCase.captureOnCommitCallbacks(execute=True):
        drop(session, now)

    assert (session.state, session.leg_state) == ("on_call", "connecting")
    assert (names.CONNECT_AGENT_LEG, {"session_id": session.pk}) in sent_jobs
