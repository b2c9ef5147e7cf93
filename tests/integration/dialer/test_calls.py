"""Flow B: the carrier's news in any order, the agent's wishes, the result."""

import itertools
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client, TestCase
from twilio.request_validator import RequestValidator

from campaigns.models import CampaignLead
from carriers.events import CarrierNews
from carriers.models import CarrierInbox
from carriers.protocol import PlaceCall
from compliance import services as gate
from compliance.models import ContactOutcome, Revocation, Suppression
from compliance.rules.facts import SuppressionKind, SuppressionScope
from config.wiring import HANDLERS
from core import clock, db, outbox
from core.models import AuditEvent, OutboxMessage
from core.types import as_phone
from dialer import jobs as names
from dialer.models import AgentSession, Call, CallEvent
from dialer.services import agents, calls, controls, legs, reconciling, results, states
from dialer.services.results import ResultForm
from dialer.urls_out import agent_callbacks, call_callbacks, conference_events_url
from tests.factories.world import World, add_lead
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.test_dialing import dial, place

TOKEN = "sandboxsandboxsandboxsandbox0000"


@pytest.fixture
def call(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> Call:
    """Return a call the carrier has, and stop the clock of the webhooks."""
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=5))
    call = dial(world, now)
    place(call, now)
    call.refresh_from_db()
    return call


def post(url: str, params: Mapping[str, str], *, token: str = TOKEN) -> Any:
    """Post a webhook as Twilio signs it."""
    signature = RequestValidator(token).compute_signature(url, dict(params))
    return post_form(url, params, headers={"X-Twilio-Signature": signature})


def post_form(url: str, params: Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> Any:
    """Post a form as Twilio encodes it."""
    return Client().post(
        url.removeprefix("http://127.0.0.1:8000"),
        urlencode(params),
        content_type="application/x-www-form-urlencoded",
        headers=headers,
    )


def apply_all(sent_jobs: list[tuple[str, dict[str, Any]]], now: datetime) -> None:
    """Run the tasks that the webhooks started."""
    for name, ids in list(sent_jobs):
        if name == names.APPLY_WEBHOOK:
            calls.apply_webhook(inbox_id=ids["inbox_id"], now=now)
    sent_jobs.clear()


def session_of(call: Call) -> AgentSession:
    assert call.session_id is not None
    return AgentSession.objects.get(pk=call.session_id)


def status(call: Call, word: str, sequence: int, **more: str) -> dict[str, str]:
    return {
        "CallSid": str(call.carrier_ref),
        "CallStatus": word,
        "SequenceNumber": str(sequence),
        "AccountSid": "AC5a4d",
        **more,
    }


def answered(call: Call, now: datetime) -> None:
    """Let the person pick up and join."""
    for index, news in enumerate(["ringing", "in-progress"]):
        post(call_callbacks(call.attempt_id).status_url, status(call, news, index))
    calls.sweep_webhooks(now=now + timedelta(minutes=1))
    session = session_of(call)
    post(
        conference_events_url(session.pk),
        {
            "CallSid": str(call.carrier_ref),
            "StatusCallbackEvent": "participant-join",
            "ConferenceSid": "CF1",
            "SequenceNumber": "2",
        },
    )
    calls.sweep_webhooks(now=now + timedelta(minutes=1))
    call.refresh_from_db()


def ended(call: Call, now: datetime, *, word: str = "completed", seconds: str = "61") -> None:
    post(call_callbacks(call.attempt_id).status_url, status(call, word, 9, CallDuration=seconds))
    calls.sweep_webhooks(now=now + timedelta(minutes=2))
    call.refresh_from_db()


def form(code: str, **changes: Any) -> ResultForm:
    values: dict[str, Any] = {
        "disposition_code": code,
        "note": "Wants a quote",
        "callback_at": None,
        "callback_mine": True,
        "then_ready": True,
    }
    return ResultForm(**{**values, **changes})


def test_the_person_who_answers_goes_to_the_agents_conference(
    call: Call, sent_jobs: list[tuple[str, dict[str, Any]]]
) -> None:
    answer = post(call_callbacks(call.attempt_id).answer_url, status(call, "in-progress", 3))

    call.refresh_from_db()
    assert answer.status_code == 200
    assert f">agent-{call.session_id}</Conference>" in answer.content.decode()
    assert 'endConferenceOnExit="false"' in answer.content.decode()
    assert call.state == "answered"


def test_a_repeated_answer_gets_the_same_document_and_changes_nothing(call: Call) -> None:
    url = call_callbacks(call.attempt_id).answer_url
    first = post(url, status(call, "in-progress", 3))
    events = CallEvent.objects.count()

    again = post(url, status(call, "in-progress", 3))

    assert again.content == first.content
    assert CallEvent.objects.count() == events


@pytest.mark.parametrize("order", list(itertools.permutations(["ringing", "in-progress", "completed"])))
def test_status_in_any_order_ends_answered_with_the_carriers_duration(
    call: Call, order: tuple[str, ...], now: datetime
) -> None:
    sequence = {"ringing": 1, "in-progress": 2, "completed": 3}
    for word in order:
        post(
            call_callbacks(call.attempt_id).status_url,
            status(call, word, sequence[word], **({"CallDuration": "61"} if word == "completed" else {})),
        )
        calls.sweep_webhooks(now=now + timedelta(minutes=5))

    call.refresh_from_db()
    assert (call.state, call.outcome, call.duration_seconds) == ("ended", "answered", 61)
    assert OutboxMessage.objects.count() == 1


def test_a_webhook_with_a_wrong_signature_has_no_effect(call: Call) -> None:
    answer = post(
        call_callbacks(call.attempt_id).status_url, status(call, "completed", 1), token="another token"
    )

    call.refresh_from_db()
    assert answer.status_code == 403
    assert not CarrierInbox.objects.exists()
    assert call.state == "dialing"


def test_a_webhook_without_a_signature_has_no_effect(call: Call) -> None:
    url = call_callbacks(call.attempt_id).status_url

    assert post_form(url, status(call, "completed", 1)).status_code == 403


def test_a_word_nobody_knows_is_stored_answered_and_changes_nothing(call: Call, now: datetime) -> None:
    answer = post(call_callbacks(call.attempt_id).status_url, status(call, "levitating", 1))
    calls.sweep_webhooks(now=now + timedelta(minutes=1))

    row = CarrierInbox.objects.get()
    call.refresh_from_db()
    assert answer.status_code == 204
    assert row.applied_at is not None
    assert "levitating" in row.effect
    assert call.state == "dialing"


def test_a_webhook_for_a_call_we_do_not_know_is_stored_and_answered(call: Call, now: datetime) -> None:
    from uuid import uuid4

    answer = post(call_callbacks(uuid4()).status_url, status(call, "completed", 1))
    calls.sweep_webhooks(now=now + timedelta(minutes=1))

    assert answer.status_code == 204
    assert CarrierInbox.objects.get().effect == "unknown: no call with this id"


def test_a_late_webhook_after_the_end_is_kept_as_ignored(call: Call, now: datetime) -> None:
    ended(call, now, word="no-answer")
    post(call_callbacks(call.attempt_id).status_url, status(call, "ringing", 1))

    calls.sweep_webhooks(now=now + timedelta(minutes=4))

    call.refresh_from_db()
    assert call.outcome == "no_answer"
    assert CallEvent.objects.filter(call=call, ignored=True, event="ringing").exists()


def test_nobody_there_plays_the_message_and_counts_as_abandoned(call: Call, now: datetime) -> None:
    AgentSession.objects.filter(pk=session_of(call).pk).update(leg_state="lost")

    answer = post(call_callbacks(call.attempt_id).answer_url, status(call, "in-progress", 3))

    call.refresh_from_db()
    assert "This is Northwind Home Energy. We called for telemarketing purposes" in answer.content.decode()
    assert (
        "Our number is (407) 555-0100. To be placed on our do not call list, press 9."
        in answer.content.decode()
    )
    assert call.abandoned


def test_joining_connects_and_holding_is_shown_as_the_carrier_says(
    call: Call, carrier: FakeCarrier, world: World, now: datetime
) -> None:
    answered(call, now)
    was = call.state
    controls.ask(user_id=world.ana.pk, action="hold", now=now)
    controls.control(call_id=call.pk, action="hold")
    asked = call.state
    post(
        conference_events_url(int(call.session_id or 0)),
        {
            "CallSid": str(call.carrier_ref),
            "StatusCallbackEvent": "participant-hold",
            "ConferenceSid": "CF1",
            "SequenceNumber": "3",
        },
    )
    calls.sweep_webhooks(now=now + timedelta(minutes=2))

    call.refresh_from_db()
    assert (was, asked, call.state) == ("connected", "connected", "on_hold")
    assert carrier.held == [(f"agent-{call.session_id}", str(call.carrier_ref), True)]


def test_hanging_up_asks_the_carrier_until_the_call_has_ended(
    call: Call, carrier: FakeCarrier, world: World, now: datetime
) -> None:
    answered(call, now)
    controls.ask(user_id=world.ana.pk, action="hang_up", now=now)
    controls.control(call_id=call.pk, action="hang_up")
    reconciling.reconcile(now=now + timedelta(seconds=10))

    assert carrier.hung_up == [call.carrier_ref, call.carrier_ref]


def test_hanging_up_before_the_call_is_placed_withdraws_it(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = dial(world, now)
    controls.ask(user_id=world.ana.pk, action="hang_up", now=now)

    place(call, now)

    assert carrier.placed == []
    assert AgentSession.objects.get(pk=at_work.pk).state == "preview"


def test_hanging_up_while_the_carrier_is_asked_ends_the_call_as_soon_as_it_has_it(
    at_work: AgentSession,
    world: World,
    carrier: FakeCarrier,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    sent_jobs: list[tuple[str, dict[str, Any]]],
) -> None:
    call = dial(world, now)
    took = carrier.place_call

    def slow(request: PlaceCall) -> str:
        controls.ask(user_id=world.ana.pk, action="hang_up", now=now)
        controls.control(call_id=call.pk, action="hang_up")
        sent_jobs.clear()
        return took(request)

    monkeypatch.setattr(carrier, "place_call", slow)
    with TestCase.captureOnCommitCallbacks(execute=True):
        place(call, now)

    assert (names.CONTROL_CALL, {"call_id": call.pk, "action": "hang_up"}) in sent_jobs


def test_a_call_that_went_quiet_is_settled_from_the_carriers_own_record(
    call: Call, carrier: FakeCarrier, now: datetime
) -> None:
    answered(call, now)
    carrier.list_call(
        ref=str(call.carrier_ref),
        to=call.number,
        caller_id=call.caller_id,
        news=CarrierNews.COMPLETED,
        created_at=now,
        duration_seconds=44,
    )

    reconciling.reconcile(now=now + timedelta(minutes=10))

    call.refresh_from_db()
    assert (call.outcome, call.duration_seconds) == ("answered", 44)


def test_the_end_of_a_call_is_published_and_the_agent_wraps_up(call: Call, now: datetime) -> None:
    answered(call, now)
    ended(call, now)

    message = OutboxMessage.objects.get()
    assert message.topic == "dialer.call.logged"
    assert message.payload["network_outcome"] == "answered"
    assert message.payload["duration_seconds"] == 61
    assert message.payload["contact_ref"] == "salesforce:1:00Q0123"
    assert message.payload["local_date"] == "2026-11-23"
    assert session_of(call).state == "wrap_up"


def test_saving_a_result_finishes_the_lead_publishes_again_and_brings_the_next_card(
    call: Call, world: World, now: datetime
) -> None:
    following = add_lead(world, "+14075550124")
    answered(call, now)
    ended(call, now)

    results.save_result(user_id=world.ana.pk, call_id=call.pk, form=form("interested"), now=now)

    session = session_of(call)
    lead = CampaignLead.objects.get(contact_id=call.contact_id)
    assert [m.payload["disposition_code"] for m in OutboxMessage.objects.order_by("id")] == ["", "interested"]
    assert [m.payload["version"] for m in OutboxMessage.objects.order_by("id")] == [1, 2]
    assert (lead.state, lead.attempts, lead.reason) == ("finished", 1, "Interested")
    assert (session.state, session.campaign_lead_id) == ("preview", following.pk)


def test_a_callback_comes_back_to_the_same_agent_at_its_time(call: Call, world: World, now: datetime) -> None:
    answered(call, now)
    ended(call, now)
    at = now + timedelta(hours=2)

    results.save_result(user_id=world.ana.pk, call_id=call.pk, form=form("callback", callback_at=at), now=now)
    before = session_of(call).campaign_lead_id
    from dialer.services import offers

    agents.beat(user_id=world.ana.pk, tab="", now=at)
    offers.offer_next(session_id=int(call.session_id or 0), now=at)

    lead = CampaignLead.objects.get(contact_id=call.contact_id)
    session = session_of(call)
    assert before is None
    assert (lead.is_callback, lead.callback_for_id, session.campaign_lead_id) == (True, world.ana.pk, lead.pk)


def test_do_not_call_suppresses_the_number_at_once(call: Call, world: World, now: datetime) -> None:
    answered(call, now)
    ended(call, now)

    results.save_result(
        user_id=world.ana.pk, call_id=call.pk, form=form("do_not_call", note="take me off your list"), now=now
    )

    row = Suppression.objects.get()
    assert (row.number, row.raw_words, row.heard_on) == (call.number, "take me off your list", "call")
    assert (row.recorded_by, Revocation.objects.get().recorded_by) == ("ana", "ana")
    assert (row.kind, Revocation.objects.get().source_ref) == ("do_not_call", f"call:{call.pk}")


def test_pci_001_t1_a_card_number_is_taken_out_of_the_note_and_recorded_once(
    call: Call, world: World, now: datetime
) -> None:
    answered(call, now)
    ended(call, now)
    note = "4111 1111 1111 1111 cvv 123"

    said = [
        results.keep_note(user_id=world.ana.pk, call_id=call.pk, note=note, now=now),
        results.keep_note(user_id=world.ana.pk, call_id=call.pk, note=f"{note} asked", now=now),
        results.save_result(
            user_id=world.ana.pk, call_id=call.pk, form=form("interested", note=f"{note} asked"), now=now
        ),
    ]

    call.refresh_from_db()
    found = AuditEvent.objects.get(verb="card_data.redacted")
    assert said == [results.CARD_REMOVED, None, None]
    assert call.note == "************1111 cvv [removed] asked"
    assert (found.actor, found.target) == ("ana", f"call:{call.pk}")
    assert found.after == {"cards": 1, "codes": 1}
    assert not OutboxMessage.objects.filter(payload__note__contains="4111").exists()


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"disposition_code": "nothing"}, "Choose a result"),
        ({"disposition_code": "callback"}, "when to call back"),
        (
            {
                "disposition_code": "callback",
                "callback_at": datetime.fromisoformat("2026-11-22T10:00:00+00:00"),
            },
            "in the future",
        ),
        ({"disposition_code": "interested", "note": "x" * 4001}, "longer than 4000"),
    ],
)
def test_a_bad_result_is_refused_in_words_and_loses_nothing(
    call: Call, world: World, now: datetime, entry: dict[str, Any], words: str
) -> None:
    answered(call, now)
    ended(call, now)

    with pytest.raises(results.BadResult, match=words):
        results.save_result(
            user_id=world.ana.pk, call_id=call.pk, form=form(entry.pop("disposition_code"), **entry), now=now
        )

    call.refresh_from_db()
    assert call.disposition_id is None
    assert session_of(call).state == "wrap_up"


def test_a_result_saved_twice_is_saved_once(call: Call, world: World, now: datetime) -> None:
    answered(call, now)
    ended(call, now)
    results.save_result(user_id=world.ana.pk, call_id=call.pk, form=form("interested"), now=now)

    with pytest.raises(states.NotAllowed, match="saved already"):
        results.save_result(user_id=world.ana.pk, call_id=call.pk, form=form("not_interested"), now=now)

    call.refresh_from_db()
    assert call.disposition is not None
    assert call.disposition.code == "interested"


def test_an_agent_who_goes_away_gives_the_card_back_but_keeps_a_call(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    later = now + timedelta(minutes=5)
    dial(world, now)
    kept = agents.sweep_away(now=later)
    AgentSession.objects.filter(pk=at_work.pk).update(state="preview", call=None)

    gone = agents.sweep_away(now=later)

    lead = CampaignLead.objects.get()
    assert (kept, gone) == (0, 1)
    assert (lead.state, lead.held_by_id) == ("ready", None)
    assert AgentSession.objects.get(pk=at_work.pk).state == "offline"


def test_the_agents_own_leg_goes_into_their_standing_conference(at_work: AgentSession) -> None:
    answer = post(
        agent_callbacks(at_work.pk).answer_url, {"CallSid": at_work.leg_ref, "CallStatus": "in-progress"}
    )

    assert f">agent-{at_work.pk}</Conference>" in answer.content.decode()
    assert 'endConferenceOnExit="true"' in answer.content.decode()


def test_a_lost_agent_leg_is_said_and_can_be_brought_back(
    at_work: AgentSession, carrier: FakeCarrier, world: World, now: datetime
) -> None:
    post(
        agent_callbacks(at_work.pk).status_url,
        {"CallSid": at_work.leg_ref, "CallStatus": "completed", "SequenceNumber": "4"},
    )
    calls.sweep_webhooks(now=now + timedelta(days=1))
    lost = AgentSession.objects.get(pk=at_work.pk)

    legs.reconnect_leg(user_id=world.ana.pk, now=now)
    legs.connect_leg(session_id=at_work.pk, now=now)

    assert (lost.leg_state, lost.reason) == ("lost", "Your phone line dropped. Press Reconnect.")
    assert len(carrier.connected) == 2


def test_an_agent_who_is_not_assigned_cannot_sign_on(world: World, now: datetime) -> None:
    with pytest.raises(agents.NotAssigned, match="not assigned"):
        agents.sign_on(user_id=world.sol.pk, campaign_id=world.campaign.pk, now=now)


def test_skipping_puts_the_lead_away_and_brings_the_next(
    world: World, carrier: FakeCarrier, now: datetime
) -> None:
    from tests.integration.dialer.conftest import sign_on

    first, second = add_lead(world), add_lead(world, "+14075550124")
    session = sign_on(world, now=now)

    agents.skip(user_id=world.ana.pk, version=session.version, reason="bad_time", now=now)

    first.refresh_from_db()
    session.refresh_from_db()
    assert (first.state, first.reason) == ("ready", "Skipped: Not a good time to call")
    assert first.next_try_at == now + agents.SKIPPED_FOR
    assert session.campaign_lead_id == second.pk


def relay(now: datetime) -> None:
    """Handle what was published."""
    outbox.relay(HANDLERS, now=now)


def revoke(call: Call, now: datetime, **changes: Any) -> None:
    """Have the person refuse by a text message."""
    values: dict[str, Any] = {
        "seller": call.campaign.seller,
        "raw_words": "Stop.",
        "heard_on": "text message",
    }
    with db.use_case():
        gate.revoke(number=as_phone(call.number), actor="sms", now=now, **{**values, **changes})


def test_eng_001_t4_a_call_that_rings_is_ended_when_the_person_refuses(
    call: Call, carrier: FakeCarrier, now: datetime, sent_jobs: list[tuple[str, dict[str, Any]]]
) -> None:
    post(call_callbacks(call.attempt_id).status_url, status(call, "ringing", 0))
    calls.sweep_webhooks(now=now + timedelta(minutes=1))
    sent_jobs.clear()

    with TestCase.captureOnCommitCallbacks(execute=True):
        revoke(call, now)
        relay(now)

    call.refresh_from_db()
    assert (call.state, call.hang_up_asked_at) == ("ringing", now)
    assert (names.CONTROL_CALL, {"call_id": call.pk, "action": "hang_up"}) in [
        (name, {key: ids[key] for key in ("call_id", "action")})
        for name, ids in sent_jobs
        if name == names.CONTROL_CALL
    ]
    controls.control(call_id=call.pk, action="hang_up")
    assert carrier.hung_up == [call.carrier_ref]
    trail = AuditEvent.objects.get(verb="dialer.call.cancelled")
    assert (trail.actor, trail.after) == ("sms", {"reason": "took consent back", "state": "ringing"})
    assert "being ended" in session_of(call).reason


@pytest.mark.parametrize(
    "changes",
    [
        {"seller": "Another Seller"},
        {"scope": SuppressionScope.CAMPAIGN, "campaign_ref": "campaign:0"},
        {"kind": SuppressionKind.WRONG_NUMBER, "person_ref": "contact:0"},
    ],
)
def test_what_does_not_reach_the_call_leaves_it_ringing(
    call: Call, now: datetime, changes: dict[str, Any]
) -> None:
    revoke(call, now, **changes)
    relay(now)

    call.refresh_from_db()
    assert call.hang_up_asked_at is None


def test_a_conversation_is_not_cut_off_by_a_request_in_it(call: Call, now: datetime) -> None:
    answered(call, now)

    revoke(call, now)
    relay(now)

    call.refresh_from_db()
    assert (call.state, call.hang_up_asked_at) == ("connected", None)


@pytest.mark.parametrize(
    ("word", "is_connected"), [("busy", False), ("failed", False), ("no-answer", True), ("canceled", True)]
)
def test_the_gate_hears_what_became_of_a_call_nobody_answered(
    call: Call, now: datetime, word: str, is_connected: bool
) -> None:
    ended(call, now, word=word, seconds="0")

    row = ContactOutcome.objects.get(decision_id=call.attempt.decision_id)
    assert (row.connected, row.conversation, row.abandoned, row.machine) == (
        is_connected,
        False,
        False,
        False,
    )


def test_the_gate_hears_that_they_spoke(call: Call, now: datetime) -> None:
    answered(call, now)
    ended(call, now)

    row = ContactOutcome.objects.get(decision_id=call.attempt.decision_id)
    assert (row.connected, row.conversation) == (True, True)


def test_fed_030_t4_a_wrong_number_is_so_for_this_person_alone(
    call: Call, world: World, now: datetime
) -> None:
    answered(call, now)
    ended(call, now)

    results.save_result(user_id=world.ana.pk, call_id=call.pk, form=form("wrong_number"), now=now)

    row = Suppression.objects.get()
    assert (row.kind, row.person_ref, row.number) == (
        "wrong_number",
        f"contact:{call.contact_id}",
        call.number,
    )


def test_an_answer_nobody_told_of_is_dated_by_the_length_of_the_call(call: Call, now: datetime) -> None:
    told = status(call, "completed", 3, CallDuration="3")

    post(call_callbacks(call.attempt_id).status_url, told)

    call.refresh_from_db()
    assert call.ended_at is not None
    assert call.answered_at == call.ended_at - timedelta(seconds=3)


def test_an_answer_nobody_told_of_is_not_before_the_call_itself(call: Call, now: datetime) -> None:
    post(call_callbacks(call.attempt_id).status_url, status(call, "completed", 3, CallDuration="900"))

    call.refresh_from_db()
    assert call.answered_at == call.created_at
