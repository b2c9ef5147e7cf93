"""Calls the dialer starts: whoever is free gets the person, and a person nobody is free for is treated as the law asks."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import TestCase

from accounts.roles import Role
from campaigns.models import Campaign, CampaignAgent, CampaignLead, Disposition
from carriers.protocol import CarrierError, Detection
from carriers.twiml import HangUp, JoinConference
from compliance.models import ContactOutcome, Revocation, Suppression
from core import clock
from core.errors import Stale
from dialer import jobs as names
from dialer import selectors
from dialer.callflow import Party
from dialer.models import AgentSession, AnsweredDay, Call, DialAttempt, PacerState
from dialer.services import agents, answering, autodial, calls, dialing, results
from dialer.urls_out import call_callbacks, conference_events_url, keys_url, waited_url
from tests.factories.world import World, add_lead, agree_to_be_called, person
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.conftest import sign_on, tick
from tests.integration.dialer.test_calls import post, status

Jobs = list[tuple[str, dict[str, Any]]]
Clock = Callable[[float], datetime]
SECOND_NUMBER = "+14075550124"


@pytest.fixture
def at(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Set the clock to so many seconds after the start, and return that instant."""

    def move(seconds: float) -> datetime:
        moment = now + timedelta(seconds=seconds)
        monkeypatch.setattr(clock, "now", lambda: moment)
        return moment

    move(0)
    return move


@pytest.fixture
def progressive(world: World, now: datetime) -> World:
    """Return the world with its campaign dialing by itself and two people who agreed to that."""
    Campaign.objects.update(mode="progressive", started_at=now - timedelta(days=3))
    world.campaign.refresh_from_db()
    for number in ("+14075550123", SECOND_NUMBER):
        add_lead(world, number)
        agree_to_be_called(number, now=now)
    return world


def started(world: World, now: datetime) -> Call:
    """Let the pacer start one call for Ana and the carrier take it."""
    tick(now=now)
    call = Call.objects.order_by("-pk").first()
    assert call is not None
    dialing.place(attempt_id=call.attempt_id, now=now)
    call.refresh_from_db()
    return call


def answer(call: Call) -> str:
    """Let the person pick up; return what the carrier is told."""
    answer_url = call_callbacks(call.attempt_id).answer_url
    return str(post(answer_url, status(call, "in-progress", 3)).content.decode())


def join(call: Call) -> None:
    call.refresh_from_db()
    params = {
        "CallSid": str(call.carrier_ref),
        "StatusCallbackEvent": "participant-join",
        "ConferenceSid": "CF1",
    }
    post(conference_events_url(int(call.session_id or 0)), params)
    calls.sweep_webhooks(now=clock.now() + timedelta(seconds=5))
    call.refresh_from_db()


def hang_up(call: Call, word: str = "completed") -> None:
    post(call_callbacks(call.attempt_id).status_url, status(call, word, 9, CallDuration="8"))
    calls.sweep_webhooks(now=clock.now() + timedelta(seconds=5))
    call.refresh_from_db()


def detect(call: Call, word: str, *, ms: int = 2400) -> None:
    post(
        call_callbacks(call.attempt_id).detected_url,
        {"CallSid": str(call.carrier_ref), "AnsweredBy": word, "MachineDetectionDuration": str(ms)},
    )
    call.refresh_from_db()


def test_one_call_is_started_for_each_free_agent_with_a_verdict(
    progressive: World, carrier: FakeCarrier, now: datetime
) -> None:
    sign_on(progressive, now=now)

    first = tick(now=now)
    second = tick(now=now)

    attempt = DialAttempt.objects.get()
    lead = CampaignLead.objects.get(pk=attempt.campaign_lead_id)
    assert (first, second) == (1, 0)
    assert (attempt.channel, attempt.reserved_by_id) == ("live_predictive", None)
    assert (lead.state, lead.held_by_id) == ("held", None)


def test_nobody_free_starts_nothing(progressive: World, now: datetime) -> None:
    assert tick(now=now) == 0


def test_an_agent_whose_phone_is_down_gets_no_call(progressive: World, now: datetime) -> None:
    session = sign_on(progressive, now=now)
    AgentSession.objects.filter(pk=session.pk).update(leg_state="lost")

    assert tick(now=now) == 0


def test_without_written_consent_florida_is_not_dialed_by_machine(world: World, now: datetime) -> None:
    Campaign.objects.update(mode="progressive", started_at=now)
    lead = add_lead(world)
    sign_on(world, now=now)

    assert tick(now=now) == 0
    lead.refresh_from_db()
    assert lead.reason.startswith("Not called: ")


def test_a_lead_promised_to_one_agent_is_not_dialed_for_another(progressive: World, now: datetime) -> None:
    CampaignLead.objects.update(is_callback=True, callback_for=progressive.ana)
    sign_on(progressive, now=now)

    assert autodial.start_calls(campaign_id=progressive.campaign.pk, count=2, now=now) == 0


def test_who_promised_a_call_gets_its_card_when_it_is_due(progressive: World, now: datetime) -> None:
    lead = CampaignLead.objects.earliest("pk")
    CampaignLead.objects.exclude(pk=lead.pk).delete()
    CampaignLead.objects.filter(pk=lead.pk).update(
        is_callback=True, callback_for=progressive.ana, next_try_at=now + timedelta(minutes=5)
    )
    session = sign_on(progressive, now=now)

    assert tick(now=now) == 0
    assert tick(now=now + timedelta(minutes=5)) == 0  # away

    AgentSession.objects.update(seen_at=now + timedelta(minutes=5))
    assert tick(now=now + timedelta(minutes=5)) == 1
    session.refresh_from_db()
    assert (session.state, session.campaign_lead_id) == ("preview", lead.pk)
    assert not Call.objects.exists()
    dialing.reserve(
        user_id=progressive.ana.pk, version=session.version, phone_id=None, now=now + timedelta(minutes=5)
    )
    assert Call.objects.get().attempt.channel == "live_preview"


def test_no_card_takes_an_agent_a_call_on_its_way_counts_on(progressive: World, now: datetime) -> None:
    session = sign_on(progressive, now=now)
    started(progressive, now)
    lead = CampaignLead.objects.filter(state="ready").first() or add_lead(progressive)
    CampaignLead.objects.filter(pk=lead.pk).update(is_callback=True, callback_for=progressive.ana)

    assert tick(now=now) == 0

    session.refresh_from_db()
    assert session.state == "ready"


def test_whoever_answers_goes_to_the_agent_who_is_free(progressive: World, now: datetime, at: Clock) -> None:
    session = sign_on(progressive, now=now)
    call = started(progressive, now)

    at(8)
    said = answer(call)
    at(8.4)
    join(call)

    session.refresh_from_db()
    lead = CampaignLead.objects.get(pk=call.attempt.campaign_lead_id)
    assert session.conference_name in said
    assert (session.state, session.call_id, session.campaign_lead_id) == ("on_call", call.pk, lead.pk)
    assert (call.agent_id, call.state, call.abandoned) == (progressive.ana.pk, "connected", False)
    assert lead.held_by_id == progressive.ana.pk


def test_the_same_answer_told_twice_takes_one_agent(progressive: World, now: datetime, at: Clock) -> None:
    sign_on(progressive, now=now)
    call = started(progressive, now)

    first, second = answer(call), answer(call)

    assert first == second
    assert AgentSession.objects.filter(state="on_call").count() == 1


def test_nobody_free_waits_then_says_who_called_and_counts_as_abandoned(
    progressive: World, now: datetime, at: Clock
) -> None:
    session = sign_on(progressive, now=now)
    call = started(progressive, now)
    agents.set_not_ready(user_id=progressive.ana.pk, reason="break", now=now)

    at(8)
    first = answer(call)
    at(9)
    second = post(waited_url(call.attempt_id), status(call, "in-progress", 3)).content.decode()
    at(10.05)
    last = post(waited_url(call.attempt_id), status(call, "in-progress", 3)).content.decode()

    call.refresh_from_db()
    assert '<Pause length="2"/>' in first
    assert '<Pause length="1"/>' in second
    assert "for telemarketing purposes" in last
    assert "press 9" in last
    assert call.abandoned
    assert call.session_id is None
    session.refresh_from_db()
    assert session.state == "not_ready"


def test_a_key_takes_the_person_off_the_list_before_the_call_ends(
    progressive: World, now: datetime, at: Clock
) -> None:
    sign_on(progressive, now=now)
    call = started(progressive, now)
    agents.set_not_ready(user_id=progressive.ana.pk, reason="break", now=now)
    at(8)
    answer(call)
    at(11)
    post(waited_url(call.attempt_id), status(call, "in-progress", 3))

    said = post(keys_url(call.attempt_id), {"CallSid": str(call.carrier_ref), "Digits": "9"}).content.decode()

    assert "taken off our list" in said
    assert said.endswith("<Hangup/></Response>")
    assert Suppression.objects.filter(number=call.number).exists()
    assert Revocation.objects.get().raw_words == "Pressed 9 during the message of an abandoned call"


def test_another_key_changes_nothing(progressive: World, now: datetime, at: Clock) -> None:
    sign_on(progressive, now=now)
    call = started(progressive, now)

    said = post(keys_url(call.attempt_id), {"CallSid": str(call.carrier_ref), "Digits": "5"}).content.decode()

    assert "<Hangup/>" in said
    assert not Suppression.objects.filter(number=call.number).exists()


def test_an_abandoned_call_is_counted_and_its_lead_let_go(
    progressive: World, now: datetime, at: Clock
) -> None:
    sign_on(progressive, now=now)
    call = started(progressive, now)
    agents.set_not_ready(user_id=progressive.ana.pk, reason="break", now=now)
    at(8)
    answer(call)
    at(11)
    post(waited_url(call.attempt_id), status(call, "in-progress", 3))
    hang_up(call)

    lead = CampaignLead.objects.get(pk=call.attempt.campaign_lead_id)
    counts = selectors.abandonment(progressive.campaign.pk, now - timedelta(days=3), now=now)
    outcome = ContactOutcome.objects.get()
    assert (counts.period_live, counts.period_abandoned, counts.trailing_abandoned) == (1, 1, 1)
    assert (outcome.abandoned, outcome.machine) == (True, False)
    assert (lead.state, lead.last_result, lead.attempts) == ("ready", "Abandoned", 1)
    assert call.disposition is not None
    assert call.disposition.code == "abandoned"


def test_over_the_cap_the_gate_starts_no_more_calls(progressive: World, now: datetime) -> None:
    sign_on(progressive, now=now)
    AnsweredDay.objects.create(campaign=progressive.campaign, day=now.date(), live=100, abandoned=4)

    assert autodial.start_calls(campaign_id=progressive.campaign.pk, count=1, now=now) == 0
    assert "were abandoned" in CampaignLead.objects.order_by("pk")[0].reason


def test_over_the_cap_agents_get_cards_and_dial_by_themselves(progressive: World, now: datetime) -> None:
    session = sign_on(progressive, now=now)
    AnsweredDay.objects.create(campaign=progressive.campaign, day=now.date(), live=100, abandoned=4)

    assert tick(now=now) == 1
    session.refresh_from_db()
    state = PacerState.objects.get()
    assert (session.state, DialAttempt.objects.count()) == ("preview", 0)
    assert (state.mode, state.standing) == ("preview", "cap_reached")
    assert "4 of 100 calls answered live" in state.words


def test_an_agent_who_comes_free_gets_the_call_that_waits(
    progressive: World, carrier: FakeCarrier, now: datetime, at: Clock, sent_jobs: Jobs
) -> None:
    session = sign_on(progressive, now=now)
    call = started(progressive, now)
    agents.set_not_ready(user_id=progressive.ana.pk, reason="break", now=now)
    at(8)
    answer(call)
    sent_jobs.clear()

    with TestCase.captureOnCommitCallbacks(execute=True):
        agents.set_ready(user_id=progressive.ana.pk, now=at(9))
    hinted = [name for name, _ in sent_jobs if name == names.SERVE_WAITING]
    answering.serve_waiting(campaign_id=progressive.campaign.pk, now=at(9))

    session.refresh_from_db()
    assert hinted == [names.SERVE_WAITING]
    [(ref, plan)] = carrier.redirected
    assert ref == call.carrier_ref
    assert isinstance(plan, JoinConference)
    assert plan.name == session.conference_name
    assert session.call_id == call.pk


def test_a_redirect_that_fails_leaves_the_call_to_ask_by_itself(
    progressive: World, carrier: FakeCarrier, now: datetime, at: Clock
) -> None:
    sign_on(progressive, now=now)
    call = started(progressive, now)
    agents.set_not_ready(user_id=progressive.ana.pk, reason="break", now=now)
    at(8)
    answer(call)
    agents.set_ready(user_id=progressive.ana.pk, now=at(9))
    carrier.fail_next = CarrierError("busy", kind="retryable")
    answering.serve_waiting(campaign_id=progressive.campaign.pk, now=at(9))

    said = post(waited_url(call.attempt_id), status(call, "in-progress", 3)).content.decode()

    assert "<Conference" in said


def test_joined_after_two_seconds_counts_as_abandoned_though_they_talk(
    progressive: World, now: datetime, at: Clock
) -> None:
    sign_on(progressive, now=now)
    call = started(progressive, now)
    at(8)
    answer(call)
    at(10.4)
    join(call)
    at(60)
    hang_up(call)

    assert (call.state, call.abandoned) == ("ended", True)
    assert AnsweredDay.objects.get().abandoned == 1


def test_who_hangs_up_before_the_agent_hears_them_gives_the_agent_back(
    progressive: World, now: datetime, at: Clock
) -> None:
    session = sign_on(progressive, now=now)
    call = started(progressive, now)
    at(8)
    answer(call)
    at(8.5)
    hang_up(call)

    session.refresh_from_db()
    lead = CampaignLead.objects.get(pk=call.attempt.campaign_lead_id)
    assert (session.state, session.call_id, session.campaign_lead_id) == ("ready", None, None)
    assert (call.abandoned, call.agent_id) == (False, None)
    assert call.disposition is not None
    assert call.disposition.code == "hung_up"
    assert (lead.state, lead.held_by_id) == ("ready", None)


@pytest.mark.parametrize(
    ("word", "code"), [("busy", "busy"), ("no-answer", "no_answer"), ("failed", "failed")]
)
def test_a_call_nobody_answers_is_disposed_of_by_the_dialer(
    progressive: World, now: datetime, at: Clock, word: str, code: str
) -> None:
    session = sign_on(progressive, now=now)
    call = started(progressive, now)
    at(20)
    hang_up(call, word)

    session.refresh_from_db()
    assert call.disposition is not None
    assert call.disposition.code == code
    assert session.state == "ready"
    assert not AnsweredDay.objects.exists()


@pytest.fixture
def detecting(progressive: World) -> World:
    Campaign.objects.update(machine_detection="hang_up", machine_sample_percent=0)
    progressive.campaign.refresh_from_db()
    return progressive


def test_with_detection_the_person_is_listened_to_and_then_joined(
    detecting: World, carrier: FakeCarrier, now: datetime, at: Clock
) -> None:
    session = sign_on(detecting, now=now)
    call = started(detecting, now)
    at(8)
    first = answer(call)
    at(10.4)
    detect(call, "human", ms=2400)
    answering.route(call_id=call.pk, now=at(10.45))
    at(10.9)
    join(call)

    session.refresh_from_db()
    assert carrier.placed[0].detection is Detection.PARTY
    assert '<Pause length="4"/>' in first
    assert isinstance(carrier.redirected[0][1], JoinConference)
    assert (call.answered_by, call.greeting_ended_at) == ("person", now + timedelta(seconds=9.2))
    assert not call.abandoned  # 1.7 s after the greeting


def test_a_machine_is_hung_up_on_and_not_counted_as_answered_by_a_person(
    detecting: World, carrier: FakeCarrier, now: datetime, at: Clock
) -> None:
    session = sign_on(detecting, now=now)
    call = started(detecting, now)
    at(8)
    answer(call)
    at(10)
    detect(call, "machine_start")
    answering.route(call_id=call.pk, now=at(10))
    at(11)
    hang_up(call)

    session.refresh_from_db()
    assert isinstance(carrier.redirected[0][1], HangUp)
    assert session.state == "ready"
    assert call.disposition is not None
    assert call.disposition.code == "machine"
    assert ContactOutcome.objects.get().machine
    counted = AnsweredDay.objects.get()
    assert (counted.live, counted.machines) == (0, 1)


def test_a_verdict_that_never_comes_is_a_person(detecting: World, now: datetime, at: Clock) -> None:
    sign_on(detecting, now=now)
    call = started(detecting, now)
    at(8)
    answer(call)
    at(12)

    said = post(waited_url(call.attempt_id), status(call, "in-progress", 3)).content.decode()

    assert "<Conference" in said


def test_a_verdict_told_twice_or_changed_later_changes_nothing(
    detecting: World, now: datetime, at: Clock
) -> None:
    sign_on(detecting, now=now)
    call = started(detecting, now)
    at(8)
    answer(call)
    detect(call, "human")
    detect(call, "human")
    detect(call, "machine_start")

    assert (call.answered_by, call.machine_verdict) == ("person", "human")


def test_a_verdict_that_overtakes_the_answer_is_kept(detecting: World, now: datetime, at: Clock) -> None:
    sign_on(detecting, now=now)
    call = started(detecting, now)
    at(8)

    detect(call, "human")
    said = answer(call)

    assert (call.answered_by, call.state) == ("person", "answered")
    assert "<Conference" in said


def test_two_people_answer_and_one_agent_is_free(progressive: World, now: datetime, at: Clock) -> None:
    bob = person("bob", Role.AGENT)
    CampaignAgent.objects.create(campaign=progressive.campaign, user=bob)
    sign_on(progressive, now=now)
    autodial.start_calls(campaign_id=progressive.campaign.pk, count=2, now=now)
    first, second = Call.objects.order_by("pk")
    for call in (first, second):
        dialing.place(attempt_id=call.attempt_id, now=now)
        call.refresh_from_db()
    at(8)

    said = [answer(first), answer(second)]

    assert "<Conference" in said[0]
    assert "<Pause" in said[1]


def test_some_calls_taken_for_machines_go_to_an_agent_who_says_what_it_was(
    detecting: World, carrier: FakeCarrier, now: datetime, at: Clock
) -> None:
    Campaign.objects.update(machine_sample_percent=100)
    session = sign_on(detecting, now=now)
    call = started(detecting, now)
    at(8)
    answer(call)
    at(10)
    detect(call, "machine_start")
    answering.route(call_id=call.pk, now=at(10))
    join(call)
    results.correct_party(user_id=detecting.ana.pk, party=Party.PERSON, now=at(12))
    at(30)
    hang_up(call)

    session.refresh_from_db()
    assert isinstance(carrier.redirected[0][1], JoinConference)
    assert (call.answered_by, call.agent_heard) == ("machine", "person")
    assert (session.state, AnsweredDay.objects.get().live) == ("wrap_up", 1)


@pytest.fixture
def wrapped_up(progressive: World, now: datetime, at: Clock) -> Call:
    """Return a call that Ana took and that has ended, its result not saved yet."""
    sign_on(progressive, now=now)
    call = started(progressive, now)
    at(8)
    answer(call)
    at(8.5)
    join(call)
    at(40)
    hang_up(call)
    return call


def test_an_agent_who_heard_a_machine_takes_the_call_out_of_the_live_ones(
    wrapped_up: Call, progressive: World, at: Clock
) -> None:
    before = AnsweredDay.objects.get().live

    results.correct_party(user_id=progressive.ana.pk, party=Party.MACHINE, now=at(41))
    results.correct_party(user_id=progressive.ana.pk, party=Party.MACHINE, now=at(42))
    after = AnsweredDay.objects.get().live
    results.correct_party(user_id=progressive.ana.pk, party=Party.PERSON, now=at(43))

    assert (before, after, AnsweredDay.objects.get().live) == (1, 0, 1)


def test_nobody_is_heard_before_somebody_picks_up(progressive: World, now: datetime, at: Clock) -> None:
    sign_on(progressive, now=now)
    started(progressive, now)

    with pytest.raises(Stale, match="Nobody has picked up"):
        results.correct_party(user_id=progressive.ana.pk, party=Party.MACHINE, now=now)


def test_machines_hung_up_on_are_estimated_to_hide_people(progressive: World, now: datetime) -> None:
    AnsweredDay.objects.create(
        campaign=progressive.campaign, day=now.date(), live=100, abandoned=1, machines=200
    )

    counts = selectors.abandonment(progressive.campaign.pk, now - timedelta(days=3), now=now)

    assert (counts.period_live, counts.period_abandoned) == (
        103,
        4,
    )  # 1.5 % of 200, until agents have checked some


def test_what_agents_heard_is_reported_beside_what_detection_said(
    wrapped_up: Call, progressive: World, now: datetime, at: Clock
) -> None:
    contact = Disposition.objects.get(code="not_interested")
    Call.objects.update(answered_by="machine", disposition=contact, disposed_at=now)

    [found] = selectors.detection(progressive.campaign.pk, now=at(60))

    assert (found.people_as_machines.part, found.people_as_machines.whole) == (1, 1)
    assert found.machines_as_people.whole == 0
