"""Flow A: reserve, clear, claim, ask the carrier, record; and every way it can go wrong."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from campaigns.models import CampaignLead
from carriers.events import CarrierNews
from carriers.protocol import CarrierError
from compliance.models import ComplianceDecision, ContactLedger
from compliance.services import consume_clearance, suppress
from core import db
from core.models import OutboxMessage
from core.types import PhoneNumber
from dialer.models import AgentSession, Call, DialAttempt
from dialer.services import autodial, dialing, offers, states
from tests.factories.world import LISTED, World, add_attempt, add_lead, bound_of, clear_number
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.conftest import sign_on


def dial(world: World, now: datetime) -> Call:
    """Press Dial on the card and return the call."""
    session = AgentSession.objects.get(user=world.ana, ended_at=None)
    refusal = dialing.reserve(user_id=world.ana.pk, version=session.version, phone_id=None, now=now)
    assert refusal is None
    return Call.objects.get(session=session, state="placing")


def place(call: Call, now: datetime) -> None:
    dialing.place(attempt_id=call.attempt_id, now=now)


def test_a_dialed_lead_has_a_verdict_an_attempt_and_a_call_at_the_carrier(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = dial(world, now)
    place(call, now)

    call.refresh_from_db()
    attempt = DialAttempt.objects.get(pk=call.attempt_id)
    verdict = ComplianceDecision.objects.get(pk=attempt.decision_id)
    assert (call.state, attempt.state, verdict.outcome) == ("dialing", "placed", "allow")
    assert carrier.placed[0].to == "+14075550123"
    assert str(attempt.pk) in carrier.placed[0].callbacks.answer_url
    assert AgentSession.objects.get(pk=at_work.pk).state == "on_call"


def test_placing_twice_calls_once(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = dial(world, now)

    place(call, now)
    place(call, now)

    assert len(carrier.placed) == 1


def test_a_request_not_to_be_called_between_dial_and_placing_stops_the_call(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = dial(world, now)
    with db.use_case():
        suppress(
            number=PhoneNumber(call.number),
            seller=world.campaign.seller,
            reason="stop",
            raw_words="stop",
            heard_on="sms",
            actor="x",
            now=now,
        )

    place(call, now)

    call.refresh_from_db()
    session = AgentSession.objects.get(pk=at_work.pk)
    assert carrier.placed == []
    assert (call.state, call.outcome) == ("ended", "not_placed")
    assert session.state == "preview"
    assert "asked not to be called" in session.reason


def test_a_clearance_is_not_good_after_its_seconds(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = dial(world, now)

    place(call, now + timedelta(seconds=20))

    call.refresh_from_db()
    assert carrier.placed == []
    assert call.outcome == "not_placed"


def test_a_carrier_that_is_busy_gives_the_card_back_and_logs_nothing(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = dial(world, now)
    carrier.fail_next = CarrierError("Too many requests", kind="retryable", code=20429)

    place(call, now)

    session = AgentSession.objects.get(pk=at_work.pk)
    assert (session.state, session.call_id) == ("preview", None)
    assert "dial again" in session.reason
    assert not OutboxMessage.objects.exists()
    assert CampaignLead.objects.get().attempts == 0


def test_an_unknown_answer_is_never_dialed_again_blindly(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = dial(world, now)
    carrier.fail_next = CarrierError("no answer in time", kind="unknown")

    place(call, now)
    place(call, now)

    attempt = DialAttempt.objects.get(pk=call.attempt_id)
    assert attempt.state == "unknown"
    assert carrier.placed == []


def test_an_unknown_attempt_that_the_carrier_lists_is_adopted(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = dial(world, now)
    carrier.fail_next = CarrierError("no answer in time", kind="unknown")
    place(call, now)
    carrier.list_call(
        ref="CA9", to=call.number, caller_id=call.caller_id, news=CarrierNews.RINGING, created_at=now
    )

    dialing.settle_unknown(attempt_id=call.attempt_id, now=now)

    call.refresh_from_db()
    assert (call.carrier_ref, call.state) == ("CA9", "ringing")
    assert DialAttempt.objects.get(pk=call.attempt_id).state == "placed"


def test_an_unknown_attempt_the_carrier_never_had_is_released_after_a_minute(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = dial(world, now)
    carrier.fail_next = CarrierError("no answer in time", kind="unknown")
    place(call, now)

    dialing.settle_unknown(attempt_id=call.attempt_id, now=now + timedelta(seconds=30))
    waiting = DialAttempt.objects.get(pk=call.attempt_id).state
    dialing.settle_unknown(attempt_id=call.attempt_id, now=now + timedelta(seconds=70))

    assert waiting == "unknown"
    assert DialAttempt.objects.get(pk=call.attempt_id).state == "released"
    assert AgentSession.objects.get(pk=at_work.pk).state == "preview"


def test_a_worker_that_died_while_asking_leaves_an_unknown_attempt_for_the_sweeper(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = dial(world, now)
    with db.use_case():
        consume_clearance(
            decision_id=call.attempt.decision_id, bound=bound_of(call.attempt.decision_id), now=now
        )
    DialAttempt.objects.filter(pk=call.attempt_id).update(state="dialing", state_at=now)

    dialing.sweep(now=now + timedelta(seconds=40))

    assert DialAttempt.objects.get(pk=call.attempt_id).state == "unknown"


def test_a_lost_hint_is_found_by_the_sweeper(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    dial(world, now)

    dialing.sweep(now=now + timedelta(seconds=5))

    assert len(carrier.placed) == 1


def test_a_number_with_an_open_attempt_cannot_be_dialed_again(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    other = add_lead(world, "+14075550124")
    add_attempt(other, "+14075550123", state="unknown", now=now - timedelta(hours=1))
    rows_before = ContactLedger.objects.count()
    session = AgentSession.objects.get(pk=at_work.pk)

    with pytest.raises(dialing.NumberBusy, match="not settled"):
        dialing.reserve(user_id=world.ana.pk, version=session.version, phone_id=None, now=now)

    assert not Call.objects.exists()
    assert ContactLedger.objects.count() == rows_before


def test_a_stale_page_dials_nothing(at_work: AgentSession, world: World, now: datetime) -> None:
    with pytest.raises(states.NotAllowed, match="out of date"):
        dialing.reserve(user_id=world.ana.pk, version=at_work.version - 1, phone_id=None, now=now)

    assert not Call.objects.exists()


def test_a_lead_outside_its_hours_is_never_shown_and_waits_with_the_reason(
    world: World, carrier: FakeCarrier, now: datetime
) -> None:
    lead = add_lead(world)
    evening = datetime.fromisoformat("2026-11-24T01:14:00+00:00")  # 20:14 in Orlando

    session = sign_on(world, now=evening)

    lead.refresh_from_db()
    assert session.state == "ready"
    assert lead.reason == "Not called: 20:14 in Orlando, Florida allows until 20:00; next 09:00 tomorrow."
    assert lead.next_try_at == datetime.fromisoformat("2026-11-24T14:00:00+00:00")
    assert ComplianceDecision.objects.get().code == "HOURS_STATE"


def test_a_number_on_the_national_registry_finishes_the_lead_with_the_reason(
    world: World, carrier: FakeCarrier, now: datetime
) -> None:
    lead = add_lead(world, LISTED)

    sign_on(world, now=now)

    lead.refresh_from_db()
    assert lead.state == "finished"
    assert "national do-not-call list" in lead.reason


def test_an_outdated_registry_uses_up_no_lead(world: World, carrier: FakeCarrier, now: datetime) -> None:
    lead = add_lead(world)
    much_later = now + timedelta(days=56)  # a Monday too

    sign_on(world, now=much_later)

    lead.refresh_from_db()
    assert (lead.state, lead.next_try_at) == ("ready", much_later + timedelta(hours=1))
    assert "days old, the limit is 31" in lead.reason


def test_one_slow_moment_holds_up_no_lead(world: World, carrier: FakeCarrier, now: datetime) -> None:
    lead = add_lead(world)
    # Somebody who asked later waited less for their turn.
    clear_number("+14075550188", now=now + timedelta(seconds=10))

    session = sign_on(world, now=now)

    lead.refresh_from_db()
    assert (lead.state, lead.next_try_at, lead.reason) == ("ready", now, "")
    assert "10 seconds before the newest contact" in session.reason
    assert offers.offer_next(session_id=session.pk, now=now + timedelta(seconds=11))


def test_one_slow_moment_after_the_card_was_shown_holds_up_no_lead(
    at_work: AgentSession, lead: CampaignLead, world: World, now: datetime
) -> None:
    clear_number("+14075550188", now=now + timedelta(seconds=10))

    refusal = dialing.reserve(user_id=world.ana.pk, version=at_work.version, phone_id=None, now=now)

    lead.refresh_from_db()
    assert "before the newest contact" in str(refusal)
    assert (lead.state, lead.next_try_at) == ("ready", now)
    assert offers.offer_next(session_id=at_work.pk, now=now + timedelta(seconds=11))


def test_one_slow_moment_holds_up_no_lead_of_the_dialer(world: World, now: datetime) -> None:
    world.campaign.mode = "progressive"
    world.campaign.save(update_fields=["mode"])
    lead = add_lead(world)
    clear_number("+14075550188", now=now + timedelta(seconds=10))

    started = autodial.start_calls(campaign_id=world.campaign.pk, count=1, now=now)

    lead.refresh_from_db()
    assert (started, lead.state, lead.next_try_at) == (0, "ready", now)


def test_a_lead_that_became_uncallable_since_its_card_was_shown_is_refused_and_the_next_card_comes(
    world: World, carrier: FakeCarrier, now: datetime
) -> None:
    first, second = add_lead(world), add_lead(world, "+14075550124")
    session = sign_on(world, now=now)
    with db.use_case():
        suppress(
            number=PhoneNumber("+14075550123"),
            seller=world.campaign.seller,
            reason="stop",
            raw_words="stop",
            heard_on="sms",
            actor="x",
            now=now,
        )

    sentence = dialing.reserve(user_id=world.ana.pk, version=session.version, phone_id=None, now=now)

    first.refresh_from_db()
    session.refresh_from_db()
    assert sentence is not None
    assert sentence.startswith("Not called: ")
    assert first.state == "finished"
    assert (session.state, session.campaign_lead_id) == ("preview", second.pk)
    assert session.reason == sentence


def test_a_caller_id_that_is_not_ours_dials_nothing(
    at_work: AgentSession, world: World, now: datetime
) -> None:
    from carriers.models import CallerNumber

    CallerNumber.objects.all().delete()

    with pytest.raises(dialing.CannotDial, match="number inventory"):
        dialing.reserve(user_id=world.ana.pk, version=at_work.version, phone_id=None, now=now)


def test_an_attempt_without_a_verdict_is_refused_by_the_database(lead: CampaignLead, now: datetime) -> None:
    for state in ("reserved", "dialing", "placed", "unknown"):
        with pytest.raises(IntegrityError, match="no clearance"), transaction.atomic():
            _insert_attempt(lead, decision_id=900000000, state=state, now=now)

    _insert_attempt(lead, decision_id=900000000, state="released", now=now)  # calls nobody


def test_an_attempt_on_another_number_than_the_cleared_one_is_refused(
    lead: CampaignLead, now: datetime
) -> None:
    decision_id = clear_number("+14075550123", now=now)

    with pytest.raises(IntegrityError, match="no clearance of the gate for its number"), transaction.atomic():
        _insert_attempt(lead, decision_id=decision_id, number="+14075550124", now=now)


@pytest.mark.parametrize("state", ["dialing", "placed", "unknown"])
def test_an_attempt_is_not_dialed_before_its_clearance_is_used_up(
    lead: CampaignLead, now: datetime, state: str
) -> None:
    decision_id = clear_number("+14075550123", now=now)
    _insert_attempt(lead, decision_id=decision_id, now=now)

    with pytest.raises(IntegrityError, match="not used up"), transaction.atomic():
        DialAttempt.objects.update(state=state)
    with db.use_case():
        consume_clearance(decision_id=decision_id, bound=bound_of(decision_id), now=now)

    assert DialAttempt.objects.update(state=state) == 1


def test_one_verdict_is_good_for_one_attempt(lead: CampaignLead, now: datetime) -> None:
    decision_id = clear_number("+14075550123", now=now)
    _insert_attempt(lead, decision_id=decision_id, state="released", now=now)

    with pytest.raises(IntegrityError, match="decision_id"), transaction.atomic():
        _insert_attempt(lead, decision_id=decision_id, now=now)


def test_an_attempt_cannot_be_moved_to_another_number_or_verdict(lead: CampaignLead, now: datetime) -> None:
    _insert_attempt(lead, decision_id=clear_number("+14075550123", now=now), now=now)

    for change in ({"number": "+14075550124"}, {"decision_id": 900000000}):
        with pytest.raises(IntegrityError, match="no clearance"), transaction.atomic():
            DialAttempt.objects.update(**change)


def _insert_attempt(
    lead: CampaignLead,
    *,
    decision_id: int,
    now: datetime,
    number: str = "+14075550123",
    state: str = "reserved",
) -> None:
    """Insert as somebody with the database's password would."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO dialer_dialattempt (id, campaign_lead_id, number, caller_id, channel, decision_id, state, state_at, reason,"
            " reserved_at) VALUES (gen_random_uuid(), %s, %s, '+14075550100', 'live_preview', %s, %s, %s, '', %s)",
            [lead.pk, number, decision_id, state, now, now],
        )
